"""Forms of invoices to libraries. Each that adds something carries a key of its own: sent twice, it is one."""

import uuid
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.asking import Asked, Asks
from billing.fiscal import NearDay
from billing.invoices.dispute_models import InvoiceDispute
from billing.invoices.models import InvoiceLine, InvoicePolicy
from billing.invoices.payment_models import Payment
from billing.vouchers.models import VoucherHolder
from illdesk.forms import Plain, currency
from requests_app.models import ILLRequest, Library

AMOUNT: dict[str, Any] = {"max_digits": 9, "decimal_places": 2}


def date_field(label, **more) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **more)


def only_holder() -> int | None:
    """Where there is one drawer of vouchers, it is meant."""
    found = list(VoucherHolder.objects.filter(active=True).values_list("pk", flat=True)[:2])
    return found[0] if len(found) == 1 else None


class Keyed(Plain, forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data=None, **kwargs):
        initial = {"key": uuid.uuid4()} | kwargs.pop("initial", {})
        super().__init__(data, initial=initial, **kwargs)


class RunForm(Plain, forms.Form):
    begins = date_field(_("from"))
    ends = date_field(_("to"))

    def clean(self):
        super().clean()
        begins, ends = self.cleaned_data.get("begins"), self.cleaned_data.get("ends")
        if begins and ends and ends < begins:
            self.add_error("ends", _("The last day comes before the first."))
        elif begins and ends and (ends - begins).days > 400:
            self.add_error("ends", _("The last day comes after the first, within a year."))
        elif ends and ends > timezone.localdate():
            self.add_error("ends", _("This day has not come yet."))
        return self.cleaned_data


class LineForm(Plain, forms.Form):
    """The answer to a line: right as it stands, another amount, or left out."""

    amount = forms.DecimalField(label=_("amount"), min_value=0, required=False, **AMOUNT)
    why = forms.CharField(label=_("reason"), max_length=300, required=False)


def _library(symbol: str) -> Library:
    found = Library.objects.filter(symbol__iexact=symbol.strip()).first()
    if found is None:
        raise forms.ValidationError(_("No library has this symbol."))
    return found


class ExtraForm(Keyed):
    """Something billed by hand."""

    kind = forms.ChoiceField(label=_("for"), choices=[one for one in InvoiceLine.KINDS if one[0] != "charge"])
    library = forms.CharField(label=_("symbol of the library"), max_length=30, required=False,
                              help_text=_("Not needed where a request is named."))
    request = forms.CharField(label=_("number of the request"), max_length=20, required=False)
    amount = forms.DecimalField(label=_("amount"), **AMOUNT)
    why = forms.CharField(label=_("what it is for"), max_length=300, help_text=_("It stands on the invoice."))

    def clean_request(self):
        number = self.cleaned_data["request"].strip()
        if not number:
            return None
        found = ILLRequest.objects.filter(number__iexact=number, kind="lending").select_related(
            "partner", "citation").first()
        if found is None or found.partner is None:
            raise forms.ValidationError(_("No lending request has this number."))
        return found

    def clean_library(self):
        text = self.cleaned_data["library"]
        return _library(text) if text.strip() else None

    def clean(self):
        super().clean()
        given = self.cleaned_data
        if "library" in given and "request" in given and not given["library"] and not given["request"]:
            self.add_error("library", _("Name the library or the request."))
        return given


class PaymentForm(Asks, Keyed):
    kind = forms.ChoiceField(label=_("paid by"), choices=[one for one in Payment.KINDS if one[0] in Payment.BY_HAND])
    day = NearDay(label=_("received on"))
    amount = forms.DecimalField(label=_("amount"), required=False, help_text=_("Of vouchers: enter how many, below."),
                                **AMOUNT)
    currency = forms.CharField(label=_("currency"), max_length=3)
    reference = forms.CharField(label=_("reference"), max_length=100, required=False,
                                help_text=_("Number of the check, of the transfer or of the card’s receipt."))
    bank_charge = forms.DecimalField(label=_("what the bank kept"), min_value=0, required=False, **AMOUNT)
    wholes = forms.IntegerField(label=_("whole vouchers"), min_value=0, max_value=9999, required=False)
    halves = forms.IntegerField(label=_("half vouchers"), min_value=0, max_value=9999, required=False)
    holder = forms.ModelChoiceField(label=_("kept by"), queryset=VoucherHolder.objects.filter(active=True),
                                    required=False, initial=only_holder)
    note = forms.CharField(label=_("note"), max_length=300, required=False)
    another = Asked(label=_("It is another payment"))

    def clean_currency(self):
        return currency(self.cleaned_data["currency"])


class ReasonForm(Plain, forms.Form):
    why = forms.CharField(label=_("reason"), max_length=300)


class RefundForm(Keyed):
    amount = forms.DecimalField(label=_("amount"), min_value=0, **AMOUNT)
    why = forms.CharField(label=_("reason"), max_length=300, widget=forms.TextInput(attrs={"dir": "auto"}),
                          help_text=_("For example that they closed their account, or asked for it back."))


class TransferForm(Plain, forms.Form):
    day = NearDay(label=_("paid on"))
    reference = forms.CharField(label=_("reference"), max_length=100, widget=forms.TextInput(attrs={"dir": "auto"}),
                                help_text=_("Number of the transfer."))


class DisputeForm(Plain, forms.Form):
    reason = forms.ChoiceField(label=_("reason"), choices=InvoiceDispute.REASONS)
    asked_on = NearDay(label=_("asked on"))
    text = forms.CharField(label=_("what they say"), max_length=5000,
                           widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}))


class NoteForm(Plain, forms.Form):
    text = forms.CharField(label=_("note"), max_length=5000, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}))
    theirs = forms.BooleanField(label=_("They wrote this"), required=False)


class PolicyForm(Plain, forms.ModelForm):
    class Meta:
        model = InvoicePolicy
        fields = ["due_days", "first_reminder", "second_reminder", "third_reminder", "small_amount", "lost_after",
                  "lost_amount", "question_days", "settle_days", "how_to_pay", "account", "tax_number"]
        widgets = {"how_to_pay": forms.Textarea(attrs={"rows": 3, "dir": "auto"})}

    def clean(self):
        super().clean()
        given = self.cleaned_data
        days = [given.get(name) or 0 for name in ("first_reminder", "second_reminder", "third_reminder")]
        if all(days) and not days[0] < days[1] < days[2]:
            self.add_error("second_reminder", _("Each reminder comes after the one before."))
        return given
