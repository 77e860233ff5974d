"""Forms of copies: the scan, the PDF, a bad one."""

from datetime import timedelta

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from requests_app import reasons
from requests_app.forms.steps import FORMS, StepForm
from requests_app.models import LoanPolicy
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


class ScanForm(FileForm):
    """17 USC 108(a)(3): the copy carries the original's notice of copyright, or, if none is found, the legend."""

    notice = forms.ChoiceField(
        label=_("Notice of copyright"),
        choices=[
            ("included", _("The page with the notice is part of the scan")),
            ("none", _("None could be found: put the legend on the first page")),
        ],
        widget=forms.RadioSelect, error_messages={"required": _("Say whether the notice of copyright is part of it.")},
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
        return stored.store(uploaded, legend=self.cleaned_data["notice"] == "none", cover=cover)


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


FORMS |= {
    "receive_copy": FileForm, "scan": ScanForm, "extend": ExtendForm,
    "report_problem": ReportProblemForm, "ask_resend": AskResendForm,
}
