"""Forms of copies: the scan, the PDF, a bad one."""

from datetime import timedelta

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from requests_app import reasons
from requests_app.actions import copies
from requests_app.copyright import clearance, fair_price, texts, words
from requests_app.forms.steps import FORMS, StepForm
from requests_app.models import FairPriceSearch, LoanPolicy
from requests_app.scans import covers, stored
from requests_app.scans.stored import StoredFile


class FileForm(StepForm):
    """A PDF, looked at and stored before the step is taken; `forget()` when it was not taken after all."""

    needs_files = True
    file = forms.FileField(
        label=_("PDF"), widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={
            "required": _("No file was chosen. Choose one, then send the form again."),
            "empty": _("This file is empty. Nothing was kept. Choose another file."),
        },
    )

    def answers(self) -> dict:
        self.kept = self._store(self.cleaned_data["file"])
        return {name: value for name, value in self.cleaned_data.items() if name != "file"} | {"file": self.kept}

    def _store(self, uploaded: UploadedFile) -> StoredFile:
        return stored.store(uploaded, cover=covers.cover_of(self.ill, now=timezone.now()))

    def forget(self) -> None:
        if (kept := getattr(self, "kept", None)) is not None:
            kept.forget()


def _notice(included, none_found) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Notice of copyright"), choices=[(copies.INCLUDED, included), (copies.NONE_FOUND, none_found)],
        widget=forms.RadioSelect, error_messages={"required": _("Say whether the notice of copyright is part of it.")},
    )


class ScanForm(FileForm):
    """17 USC 108(a)(3): the copy carries the original's notice of copyright, or, if none is found, the legend."""

    notice = _notice(
        _("The page with the notice is part of the scan"), _("None could be found: put the legend on the first page")
    )
    note = forms.CharField(
        label=_("Note (optional)"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.ill.kind == "documents":
            del self.fields["note"]

    def _store(self, uploaded: UploadedFile) -> StoredFile:
        cover = covers.cover_of(self.ill, now=timezone.now()) if self.ill.kind == "documents" else b""
        legend = texts.legend(self.today) if self.cleaned_data["notice"] == copies.NONE_FOUND else ""
        return stored.store(uploaded, legend=legend, cover=cover)


class MailCopyForm(StepForm):
    """A copy on paper carries the same notice."""

    notice = _notice(
        _("The page with the notice is part of the copy"), _("None could be found: the legend is stamped on it")
    )
    note = forms.CharField(
        label=_("Note to the library (optional)"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )


class ExtendForm(StepForm):
    until = forms.DateField(
        label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": _("Enter the last day."), "invalid": _("Enter a date, for example 2026-12-04.")},
    )
    most = forms.IntegerField(label=_("Downloads from now on"), min_value=1, max_value=365)

    def first_values(self):
        policy = LoanPolicy.current()
        return {"until": self.today + timedelta(days=policy.download_days), "most": policy.download_views}


class BadCopyForm(StepForm):
    problem = forms.ChoiceField(
        label=_("What is wrong with it?"), choices=list(reasons.BAD_COPY.items()), widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is wrong with it.")},
    )
    pages = forms.RegexField(
        r"^[0-9ivxlcdmIVXLCDM ,;–-]*$", label=_("Which pages? (optional)"), required=False, max_length=60,
        error_messages={"invalid": _("Write page numbers only, for example 40–41.")},
    )


class ReportProblemForm(BadCopyForm):
    text = forms.CharField(
        label=_("Anything else? (optional)"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}), help_text=_("Only our department reads this."),
    )


class AskResendForm(BadCopyForm):
    note = forms.CharField(
        label=_("Note to the library (optional)"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )


class StatementForm(StepForm):
    """What the borrowing library states, as it was told by telephone or mail (CONTU 3)."""

    compliance = forms.ChoiceField(
        label=_("The library states"), widget=forms.RadioSelect, choices=[
            ("US-CCG", _("CCG: it conforms to the guidelines")),
            ("US-CCL", _("CCL: other provisions of copyright law")),
        ], error_messages={"required": _("Choose what the library states: CCG or CCL.")},
    )
    note = forms.CharField(
        label=_("Told by whom, how? (optional)"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )


class AcceptedCopyForm(StatementForm):
    """The answer to our condition; with its statement where that was what we asked for."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        asked = self.ill.conditions.order_by("-pk").first()
        if asked is not None and asked.reason != "compliance":
            field = self.fields["compliance"]
            field.required = False
            field.choices = [*field.choices, ("", _("It has said nothing of this yet"))]  # type: ignore[attr-defined]


class AllowCopyForm(StepForm):
    """Why our own copy may be made; of a whole work, what was looked for first (108(e))."""

    looked = forms.CharField(
        label=_("Where did you look for a copy at a fair price?"), max_length=200, required=False,
        widget=forms.TextInput(attrs={"dir": "auto"}), help_text=_("Publisher, dealers, second-hand catalogues…"),
    )
    looked_on = forms.DateField(
        label=_("Looked on"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("Enter a date, for example 2026-12-04.")},
    )
    in_print = forms.ChoiceField(
        label=_("Is it in print?"), required=False, widget=forms.RadioSelect,
        choices=[("yes", _("In print")), ("no", _("Out of print")), ("unknown", _("Not known"))],
    )
    result = forms.ChoiceField(
        label=_("Result"), required=False, widget=forms.RadioSelect, choices=FairPriceSearch.RESULTS)
    price = forms.DecimalField(
        label=_("Price found (optional)"), required=False, min_value=0, max_digits=9, decimal_places=2,
        widget=forms.NumberInput(attrs={"inputmode": "decimal"}),
    )
    currency = forms.CharField(
        label=_("Currency"), required=False, max_length=3, initial="USD",
        widget=forms.TextInput(attrs={"autocapitalize": "characters"}))
    ground = forms.ChoiceField(
        label=_("Ground"), choices=[("", _("Choose…")), *words.GROUNDS.items()],
        error_messages={"required": _("Choose the ground from the list.")},
    )
    text = forms.CharField(
        label=_("Ground in words"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        error_messages={"required": _("Write the ground: you answer for it.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["looked_on"].initial = self.today
        if not fair_price.is_needed(self.look.decision, ""):
            for name in ("looked", "looked_on", "in_print", "result", "price", "currency"):
                del self.fields[name]

    @cached_property
    def look(self) -> clearance.Look:
        return clearance.look(self.ill, now=timezone.now())


class LendInsteadForm(StepForm):
    text = forms.CharField(
        label=_("Words of your own, in the letter (optional)"), required=False, max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )


FORMS |= {
    "statement": StatementForm, "accepted_copy": AcceptedCopyForm,
    "allow_copy": AllowCopyForm, "lend_instead": LendInsteadForm,
    "receive_copy": FileForm, "scan": ScanForm, "extend": ExtendForm,
    "mail_copy": MailCopyForm, "report_problem": ReportProblemForm, "ask_resend": AskResendForm,
}
