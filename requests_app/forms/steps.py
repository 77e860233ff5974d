"""The form of each step that asks something; the table names it. `answers()` is what perform() is given.

Forms of files and copies stand in copies.py, those of lenders and their conditions in lenders.py.
"""

from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from illdesk.models import Branch
from requests_app import lifecycle, reasons
from requests_app.models import ILLRequest, LoanPolicy


class StepForm(forms.Form):
    """`wide`: lies beside a letter preview. `only_looks`: it was sent to look something up, with what was typed so
    far; the form comes back and no step is taken."""

    needs_files = False
    only_looks = False

    def __init__(self, data=None, files=None, *, ill: ILLRequest, step: lifecycle.Step, today: date, **kwargs):
        self.ill, self.step, self.today = ill, step, today
        super().__init__(data, files, initial=self.first_values(), **kwargs)

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
            "close_lost": _("Why can it be closed?"), "write_partner": _("Message to the library"),
            "never_came": _("How do you know?"), "other_version": _("What could do instead?"),
        }
        field = self.fields["text"]
        field.label = words.get(self.step.action, field.label)
        field.error_messages["required"] = _("Write something first.")
        if self.step.action == "write_patron":
            field.help_text = _("A greeting and our address are put around it.")
            field.widget.attrs["rows"] = 6
        if self.step.action == "write_partner":
            field.help_text = _("Nothing moves by it on either side. No patron's name, please.")
            field.widget.attrs["rows"] = 4


class PatronCancelForm(StepForm):
    text = forms.CharField(
        label=_("Would you tell us why? (optional)"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )


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
            for code in ("not_found", "own_it", "free_online", "duplicate", "citation", "policy", "copyright",
                         "whole_work", "bought", "patron_wish", "not_collected")
        ],
    )
    text = forms.CharField(
        label=_("Words of your own, on top of the letter (optional)"), max_length=4000, required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )

    def answers(self) -> dict:
        return self.cleaned_data | {"letter": "without_letter" not in self.data}


class _DateForm(StepForm):
    """A new due date and words to the other library."""

    due = forms.DateField(
        label=_("New due date"), widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": _("Enter the new due date."), "invalid": _("Enter a date, for example 2026-12-04."),
        },
    )
    note = forms.CharField(
        label=_("Note to the library (optional)"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )

    def clean_due(self):
        due = self.cleaned_data["due"]
        if due and abs((due - self.today).days) > 3650:
            raise forms.ValidationError(_("This date is more than ten years away. Check the year."))
        return due


class GrantRenewalForm(_DateForm):
    def first_values(self):
        start = max(self.ill.due_lender or self.today, self.today)
        return {"due": start + timedelta(days=LoanPolicy.current().renewal_days)}


class RefuseRenewalForm(StepForm):
    note = _DateForm.base_fields["note"]


class RecallForm(_DateForm):
    """Ours to a borrower, or a lender's to us as told by telephone."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.ill.kind == lifecycle.BORROWING:
            self.fields["due"].label = _("The lender needs it by")
            self.fields["note"].label = _("What the lender said (optional)")
        else:
            self.fields["due"].label = _("We need it by")

    def first_values(self):
        return {"due": self.today + timedelta(days=14)}


class RecordRenewalForm(_DateForm):
    granted = forms.ChoiceField(
        label=_("The lender’s answer"), choices=[("yes", _("Renewed")), ("no", _("Not renewed"))],
        widget=forms.RadioSelect, error_messages={"required": _("Choose the lender’s answer.")},
    )
    field_order = ["granted", "due", "note"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["due"].required = False
        self.fields["due"].label = _("New due date at the lender")
        self.fields["note"].label = _("What the lender said (optional)")

    def clean(self):
        super().clean()
        if self.cleaned_data.get("granted") == "yes" and not self.cleaned_data.get("due") and not self.errors:
            self.add_error("due", _("Enter the new due date."))
        return self.cleaned_data


class LostForm(StepForm):
    where = forms.ChoiceField(
        label=_("Where was it lost?"), choices=[("", _("Choose…")), *reasons.LOST.items()],
        error_messages={"required": _("Choose where it was lost.")},
    )
    note = _DateForm.base_fields["note"]


FORMS: dict[str, type[StepForm]] = {
    "note": TextForm,
    "reason": TextForm,
    "write_patron": TextForm,
    "patron_cancel": PatronCancelForm,
    "write_partner": TextForm,
    "grant_renewal": GrantRenewalForm,
    "refuse_renewal": RefuseRenewalForm,
    "record_renewal": RecordRenewalForm,
    "recall": RecallForm,
    "lost": LostForm,
    "receive": ReceiveForm,
    "shelve": ShelveForm,
    "ship": ShipForm,
    "ship_back": ShipBackForm,
    "unfilled": UnfilledForm,
    "record_unfilled": UnfilledForm,
    "cancel": CancelForm,
}
