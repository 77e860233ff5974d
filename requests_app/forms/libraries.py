from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from illdesk import secrets
from illdesk.forms import Plain
from requests_app.directory import checks, symbols
from requests_app.models import Library, LibraryGroup

# What a dialect changes, for the person who chooses it.
DIALECTS = {
    "plain": _("Messages say what the standard says, in its own elements."),
    "alma": _("Conditions and costs are also written into the note as Alma does, and read from there."),
    "reshare": _(
        "ReShare's marks in notes are left out when shown, and conditions are answered by a note that begins"
        " with its word for yes or no."
    ),
}


_WRONG_DAYS = _("Enter a number of days from 1 to 366.")
_DAYS = [MinValueValidator(1, _WRONG_DAYS), MaxValueValidator(366, _WRONG_DAYS)]


class LibraryForm(Plain, forms.ModelForm):
    """A partner library. Secrets are typed into their own fields and never shown again."""

    secret_from_them = forms.CharField(
        label=_("Secret they send to us"), required=False, min_length=20, max_length=200,
        help_text=_("At least 20 characters; leave empty to keep the one stored. Only its fingerprint is kept."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    secret_to_them = forms.CharField(
        label=_("Secret we send to them"), required=False, max_length=200,
        help_text=_("Leave empty to keep the one stored. It is kept encrypted."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    endpoint = forms.URLField(
        label=_("ISO 18626 address"), required=False, max_length=300, assume_scheme="https",
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    dialect = forms.ChoiceField(
        label=_("dialect"), widget=forms.RadioSelect,
        choices=[(code, format_lazy("{}: {}", name, DIALECTS[code])) for code, name in Library.DIALECTS],
    )
    groups = forms.ModelMultipleChoiceField(
        label=_("groups"), queryset=LibraryGroup.objects.all(), required=False, widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Library
        fields = [
            "name", "symbol", "agency_type", "agency_value", "email", "phone", "line1", "line2", "locality", "region",
            "postal_code", "country", "endpoint", "dialect", "secret_in_message", "allowed_addresses",
            "sends_patron_name", "answer_days_loan", "answer_days_copy", "calendar", "retry_keeps_id", "file_hosts",
            "note", "active",
        ]
        widgets = {
            "note": forms.Textarea(attrs={"rows": 3}),
            "allowed_addresses": forms.Textarea(attrs={"rows": 2}),
            "file_hosts": forms.Textarea(attrs={"rows": 2}),
        }

    GROUPS = (
        (_("Who"), ("name", "symbol", "active", "note", "groups")),
        (_("Main address"), ("line1", "line2", "locality", "region", "postal_code", "country", "email", "phone")),
        ("ISO 18626", ("endpoint", "agency_type", "agency_value", "dialect", "secret_from_them", "secret_to_them",
                       "secret_in_message", "allowed_addresses")),
        (_("Habits"), ("answer_days_loan", "answer_days_copy", "calendar", "retry_keeps_id", "file_hosts",
                       "sends_patron_name")),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["groups"].initial = list(self.instance.groups.values_list("pk", flat=True))
        if not LibraryGroup.objects.exists():
            del self.fields["groups"]
        for name in ("answer_days_loan", "answer_days_copy"):
            self.fields[name].validators += _DAYS
        self.fields["calendar"].empty_label = _("Monday to Friday, our own zone")  # type: ignore[attr-defined]

    def groups_of_fields(self):
        """Heading and fields, as the page shows them."""
        return [
            (heading, [self[name] for name in names if name in self.fields]) for heading, names in self.GROUPS
        ]

    def clean_symbol(self):
        return checks.symbol(self.cleaned_data["symbol"])

    def clean_country(self):
        return checks.country(self.cleaned_data["country"])

    def clean_agency_value(self):
        return checks.agency_value(self.cleaned_data["agency_value"])

    def clean_allowed_addresses(self):
        return checks.networks(self.cleaned_data["allowed_addresses"])

    def clean_file_hosts(self):
        return checks.hosts(self.cleaned_data["file_hosts"])

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("agency_value") and cleaned.get("agency_type"):
            try:
                symbols.refuse_taken(cleaned["agency_type"], cleaned["agency_value"], but=self.instance.pk)
            except forms.ValidationError as refusal:
                self.add_error("agency_value", refusal)
        return cleaned

    def save(self, commit=True):
        library = super().save(commit=False)
        if self.cleaned_data["secret_from_them"]:
            library.secret_expected = secrets.hashed(self.cleaned_data["secret_from_them"])
        if self.cleaned_data["secret_to_them"]:
            library.secret_sent = self.cleaned_data["secret_to_them"]
        if commit:
            library.save()
            if "groups" in self.cleaned_data:
                library.groups.set(self.cleaned_data["groups"])
        return library
