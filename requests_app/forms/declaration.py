"""The fields by which a declaration is signed, for every form on which one stands."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.copyright import texts, wordings
from requests_app.copyright.declarations import Signed
from requests_app.forms.steps import FORMS, StepForm
from requests_app.models import CopyrightText, Declaration

FIELDS = ("purpose", "declared", "signature", "signed_text")


def _key(text: CopyrightText) -> str:
    """Which wording stood on the page: it may change before the form comes back."""
    return texts.fingerprint(text)


def add(form: forms.Form, text: CopyrightText, rules: str) -> None:
    form.declaration = text  # type: ignore[attr-defined]
    form.fields["purpose"] = forms.ChoiceField(
        label=_("What is the copy for?"), required=False, choices=list(wordings.purposes(rules).items()),
        widget=forms.RadioSelect,
    )
    form.fields["declared"] = forms.BooleanField(label=_("I declare this."), required=False)
    form.fields["signature"] = forms.CharField(
        label=_("Full name, as a signature"), required=False, max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    form.fields["signed_text"] = forms.CharField(
        required=False, max_length=20, initial=_key(text), widget=forms.HiddenInput
    )


def bound(form: forms.Form) -> list:
    return [form[name] for name in FIELDS]


def clean(form: forms.Form, *, required: bool = False) -> None:
    """All of it, or nothing: half a signature is none. `required`: nothing is not enough."""
    given = form.cleaned_data
    if form.errors.keys() & set(FIELDS) or not (required or _begun(given)):
        return
    if not given.get("purpose"):
        form.add_error("purpose", _("Choose what the copy is for."))
    if not given.get("declared"):
        form.add_error("declared", _("Tick that you declare it, or leave the whole declaration empty to sign later.")
                       if not required else _("Tick that it is declared."))
    if not given.get("signature", "").strip():
        form.add_error("signature", _("Type the full name as a signature."))
    if given.get("signed_text") != _key(form.declaration):  # type: ignore[attr-defined]
        form.add_error(None, _("The declaration was worded anew meanwhile. Read it again, then sign it."))
        data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        data["signed_text"] = _key(form.declaration)  # type: ignore[attr-defined]
        form.data = data


def _begun(given: dict) -> bool:
    return bool(given.get("declared") or given.get("signature", "").strip() or given.get("purpose"))


def signed(form: forms.Form, *, today: date, channel: str = Declaration.WEB) -> Signed | None:
    given = form.cleaned_data
    if not given.get("declared"):
        return None
    return Signed(form.declaration, given["purpose"], given["signature"],  # type: ignore[attr-defined]
                  given.get("signed_on") or today, channel)


class DeclarationForm(StepForm):
    """Signed on the request's page by the patron, or a paper that staff received."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        found = texts.on_form(self.today)
        text = found.declaration or texts.proposed(CopyrightText.DECLARATION, found.rules.code)
        assert text is not None
        add(self, text, found.rules.code)
        self.by_staff = self.step.by == "staff"
        if self.by_staff:
            self.fields["declared"].label = _("A paper with this text, signed by the patron, lies before me.")
            self.fields["signature"].label = _("Name of who signed it")
            self.fields["signed_on"] = forms.DateField(
                label=_("Signed on"), initial=self.today, widget=forms.DateInput(attrs={"type": "date"}),
                error_messages={"required": _("Enter the day of the signature."),
                                "invalid": _("Enter a date, for example 2026-12-04.")},
            )

    def declaration_fields(self):
        return [self[name] for name in self.fields]

    def clean_signed_on(self):
        day = self.cleaned_data["signed_on"]
        if day > self.today:
            raise forms.ValidationError(_("The day of the signature lies in the future."))
        return day

    def clean(self):
        super().clean()
        clean(self, required=True)
        return self.cleaned_data

    def answers(self) -> dict:
        channel = Declaration.PAPER if self.by_staff else Declaration.WEB
        return {"signed": signed(self, today=self.today, channel=channel)}


FORMS |= {"declaration": DeclarationForm}
