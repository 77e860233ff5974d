import ipaddress
import re

from django import forms
from django.utils.translation import gettext_lazy as _

from illdesk import secrets
from illdesk.forms import Plain
from illdesk.models import Institution
from requests_app.models import Library


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

    class Meta:
        model = Library
        fields = [
            "name", "symbol", "agency_type", "agency_value", "email", "phone", "line1", "line2", "locality", "region",
            "postal_code", "country", "endpoint", "dialect", "secret_in_message", "allowed_addresses",
            "sends_patron_name", "suspended_from", "suspended_to", "note", "active",
        ]
        widgets = {
            "suspended_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "suspended_to": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "note": forms.Textarea(attrs={"rows": 3}),
            "allowed_addresses": forms.Textarea(attrs={"rows": 2}),
        }

    GROUPS = (
        (_("Who"), ("name", "symbol", "active", "note")),
        (_("Where"), ("line1", "line2", "locality", "region", "postal_code", "country", "email", "phone")),
        ("ISO 18626", ("endpoint", "agency_type", "agency_value", "dialect", "secret_from_them", "secret_to_them",
                       "secret_in_message", "allowed_addresses")),
        (_("Habits"), ("sends_patron_name", "suspended_from", "suspended_to")),
    )

    def groups(self):
        """Heading and fields, as the page shows them."""
        return [(heading, [self[name] for name in names]) for heading, names in self.GROUPS]

    def clean_symbol(self):
        symbol = self.cleaned_data["symbol"].strip().upper()
        if not re.fullmatch(r"[A-Z0-9][A-Z0-9 ._-]*", symbol):
            raise forms.ValidationError(_("A symbol is made of letters, digits, spaces, points and hyphens."))
        return symbol

    def clean_agency_value(self):
        value = self.cleaned_data["agency_value"].strip()
        ours = Institution.objects.filter(pk=1).values_list("agency_value", flat=True).first()
        if value and ours and value.casefold() == ours.casefold():
            raise forms.ValidationError(_("This is our own symbol: we do not borrow from ourselves."))
        return value

    def clean_allowed_addresses(self):
        lines = self.cleaned_data["allowed_addresses"].split()
        for line in lines:
            try:
                ipaddress.ip_network(line, strict=False)
            except ValueError:
                raise forms.ValidationError(
                    _("%(line)s is not a network address, such as 192.0.2.7 or 192.0.2.0/24."), params={"line": line}
                ) from None
        return "\n".join(lines)

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        start, end = cleaned.get("suspended_from"), cleaned.get("suspended_to")
        if end and not start:
            self.add_error("suspended_from", _("Enter the first day too."))
        if start and end and end < start:
            self.add_error("suspended_to", _("The last day lies before the first."))
        return cleaned

    def save(self, commit=True):
        library = super().save(commit=False)
        if self.cleaned_data["secret_from_them"]:
            library.secret_expected = secrets.hashed(self.cleaned_data["secret_from_them"])
        if self.cleaned_data["secret_to_them"]:
            library.secret_sent = self.cleaned_data["secret_to_them"]
        if commit:
            library.save()
        return library
