"""The form of each step that asks something; the table names it. `answers()` is what perform() is given."""

from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from illdesk.models import Branch
from requests_app import lifecycle, reasons
from requests_app.models import ILLRequest, Library, LoanPolicy


class StepForm(forms.Form):
    """`wide`: lies beside a letter preview."""

    def __init__(self, data=None, *, ill: ILLRequest, step: lifecycle.Step, today: date, **kwargs):
        self.ill, self.step, self.today = ill, step, today
        super().__init__(data, initial=self.first_values(), **kwargs)

    def first_values(self) -> dict:
        return {}

    def answers(self) -> dict:
        return self.cleaned_data


class TextForm(StepForm):
    text = forms.CharField(label=_("Text"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        words = {
            "note": _("Note"), "refer": _("What should the supervisor decide?"), "settle_referral": _("Your answer"),
            "close_return": _("Why can it be closed?"), "ask_cancel": _("Why is it cancelled?"),
            "write_patron": _("Letter to the patron"), "patron_message": _("Message to us"),
        }
        field = self.fields["text"]
        field.label = words.get(self.step.action, field.label)
        field.error_messages["required"] = _("Write something first.")
        if self.step.action == "write_patron":
            field.help_text = _("A greeting and our address are put around it.")
            field.widget.attrs["rows"] = 6


class PatronCancelForm(StepForm):
    text = forms.CharField(
        label=_("Would you tell us why? (optional)"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )


class ChooseLenderForm(StepForm):
    library = forms.ModelChoiceField(
        label=_("Lender"), queryset=Library.objects.none(), empty_label=None, widget=forms.RadioSelect,
        error_messages={"required": _("Choose a library."), "invalid_choice": _("Choose a library of the list.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.offered = self.choices()
        self.fields["library"].queryset = self.offered  # type: ignore[attr-defined]
        self.asked = set(self.ill.dialogues.values_list("library_id", flat=True))

    def choices(self):
        """In use and not suspended today."""
        return Library.objects.filter(active=True).not_suspended_on(self.today)

    def rows(self) -> list[dict]:
        """For the page: each library with what speaks for or against it."""
        chosen = str(self["library"].value() or self.ill.partner_id or "")
        rows = []
        for library in self.offered:
            how = _("by ISO 18626") if library.endpoint else _("by e-mail") if library.email else _("by your own hand")
            rows.append({
                "library": library, "how": how, "asked": library.pk in self.asked,
                "checked": chosen == str(library.pk),
            })
        return rows


class _ItemForm(StepForm):
    barcode = forms.CharField(
        label=_("Barcode of the item"), max_length=60, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    due = forms.DateField(
        label=_("Due back at the lender"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("Enter a date, for example 2026-12-04.")},
    )
    pieces = forms.IntegerField(label=_("Pieces"), min_value=1, max_value=999, initial=1, required=False)
    pieces_text = forms.CharField(
        label=_("What they are (optional)"), max_length=200, required=False,
        help_text=_("For example: volume and map. Printed on band and slip."),
    )
    library_use_only = forms.BooleanField(label=_("Library use only"), required=False)

    def clean_due(self):
        """A year mistyped is the usual fault of a date."""
        due = self.cleaned_data["due"]
        if due and abs((due - self.today).days) > 3650:
            raise forms.ValidationError(_("This date is more than ten years away. Check the year."))
        return due


class ReceiveForm(_ItemForm):
    def first_values(self):
        ill = self.ill
        return {
            "barcode": ill.barcode, "due": ill.due_lender, "pieces": ill.pieces, "pieces_text": ill.pieces_text,
            "library_use_only": ill.library_use_only,
        }


class ShipForm(_ItemForm):
    note = forms.CharField(
        label=_("Note to the library (optional)"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )

    def first_values(self):
        return {
            "barcode": self.ill.barcode, "pieces": self.ill.pieces, "pieces_text": self.ill.pieces_text,
            "due": self.today + timedelta(days=LoanPolicy.current().lending_days),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("barcode", "due"):
            self.fields[name].required = True
        self.fields["barcode"].error_messages["required"] = _("Scan or type the barcode of the item.")
        self.fields["due"].error_messages["required"] = _("Enter the due date.")


class ShelveForm(StepForm):
    branch = forms.ModelChoiceField(
        label=_("Hold shelf at"), queryset=Branch.objects.filter(pickup=True, active=True), empty_label=None
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["branch"].required = Branch.objects.filter(pickup=True, active=True).exists()

    def first_values(self):
        return {"branch": self.ill.branch_id}


class ShipBackForm(StepForm):
    tracking = forms.CharField(label=_("Tracking number (optional)"), max_length=60, required=False)


class UnfilledForm(StepForm):
    reason = forms.ChoiceField(
        label=_("Reason"), choices=[("", _("Choose…")), *((code, row.label) for code, row in reasons.UNFILLED.items())],
        error_messages={"required": _("Choose the reason: the other library decides by it.")},
    )
    note = forms.CharField(
        label=_("Note (optional)"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )


class CancelForm(StepForm):
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[
            (code, reasons.CANCELLED[code])
            for code in ("not_found", "own_it", "free_online", "duplicate", "citation", "policy", "patron_wish")
        ],
    )
    text = forms.CharField(
        label=_("Words of your own, on top of the letter (optional)"), max_length=4000, required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )

    def answers(self) -> dict:
        return self.cleaned_data | {"letter": "without_letter" not in self.data}


FORMS: dict[str, type[StepForm]] = {
    "note": TextForm,
    "reason": TextForm,
    "write_patron": TextForm,
    "patron_cancel": PatronCancelForm,
    "choose_lender": ChooseLenderForm,
    "receive": ReceiveForm,
    "shelve": ShelveForm,
    "ship": ShipForm,
    "ship_back": ShipBackForm,
    "unfilled": UnfilledForm,
    "record_unfilled": UnfilledForm,
    "cancel": CancelForm,
}
