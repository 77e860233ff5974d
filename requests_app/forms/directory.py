"""Forms for what stands in the directory beside the library itself."""

from django import forms
from django.utils.translation import gettext_lazy as _

from illdesk.forms import Plain
from requests_app.directory import checks, symbols
from requests_app.models import (
    Contact,
    Library,
    LibraryAddress,
    LibraryGroup,
    LibraryPolicy,
    LibrarySymbol,
    Suspension,
)


class SymbolForm(Plain, forms.ModelForm):
    class Meta:
        model = LibrarySymbol
        fields = ["agency_type", "agency_value", "note"]

    def clean_agency_value(self):
        return checks.agency_value(self.cleaned_data["agency_value"])

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("agency_type") and cleaned.get("agency_value"):
            try:
                symbols.refuse_taken(cleaned["agency_type"], cleaned["agency_value"], symbol=self.instance.pk)
            except forms.ValidationError as refusal:
                self.add_error("agency_value", refusal)
        return cleaned


class AddressForm(Plain, forms.ModelForm):
    class Meta:
        model = LibraryAddress
        fields = ["kind", "name", "line1", "line2", "locality", "region", "postal_code", "country"]

    def clean_country(self):
        return checks.country(self.cleaned_data["country"])

    def clean_kind(self):
        kind, row = self.cleaned_data["kind"], self.instance
        if LibraryAddress.objects.filter(library=row.library, kind=kind).exclude(pk=row.pk).exists():
            raise forms.ValidationError(
                _("This library has an address for that purpose already. Edit that one.")
            )
        return kind


class ContactForm(Plain, forms.ModelForm):
    class Meta:
        model = Contact
        fields = ["kind", "name", "email", "phone", "note"]

    def clean(self):
        super().clean()
        if not self.errors and not (self.cleaned_data.get("email") or self.cleaned_data.get("phone")):
            self.add_error("email", _("Enter an e-mail address or a telephone number."))
        return self.cleaned_data


class SuspensionForm(Plain, forms.ModelForm):
    class Meta:
        model = Suspension
        fields = ["first", "last", "reason"]
        widgets = {
            "first": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "last": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def clean(self):
        super().clean()
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day lies before the first."))
        return self.cleaned_data


class LibraryPolicyForm(Plain, forms.ModelForm):
    class Meta:
        model = LibraryPolicy
        fields = [
            "takes_requests", "lends_books", "makes_copies", "loan_days", "renewals", "renewal_days", "due_means",
            "charge_loan", "charge_copy", "currency", "ships_by", "takes_vouchers", "takes_ifm",
            "royalty_included", "note",
        ]
        widgets = {"note": forms.Textarea(attrs={"rows": 3}), "due_means": forms.RadioSelect}

    def clean_currency(self):
        return checks.currency(self.cleaned_data["currency"])


class GroupForm(Plain, forms.ModelForm):
    libraries = forms.ModelMultipleChoiceField(
        label=_("libraries"), queryset=Library.objects.all(), required=False,
        widget=forms.SelectMultiple(attrs={"size": 12}),
    )

    class Meta:
        model = LibraryGroup
        fields = ["name", "kind", "note", "libraries"]
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}


class ImportForm(Plain, forms.Form):
    file = forms.FileField(
        label=_("CSV file"), allow_empty_file=True,
        help_text=_("Separated by commas, semicolons or tabs, as spreadsheets save it; 10 MB at most."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
        error_messages={"required": _("Choose a file.")},
    )
