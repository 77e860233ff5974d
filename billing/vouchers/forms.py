"""Forms of vouchers: a movement, a count, terms, a holder."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.fiscal import NearDay
from billing.invoices.forms import AMOUNT, Keyed, only_holder
from billing.vouchers.models import VOUCHERS, VoucherHolder, VoucherTerms
from illdesk.forms import Plain
from illdesk.models import User
from requests_app.models import ILLRequest, Library


def _holder(**more) -> forms.ModelChoiceField:
    given: dict[str, Any] = {"label": _("holder"), "queryset": VoucherHolder.objects.filter(active=True),
                             "initial": only_holder}
    given |= more
    return forms.ModelChoiceField(**given)


def _many(label) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=9999, required=False)


class _Vouchers(Keyed):
    day = NearDay(label=_("day"))
    wholes = _many(_("whole vouchers"))
    halves = _many(_("half vouchers"))
    holder = _holder(required=False)

    def clean(self):
        super().clean()
        given = self.cleaned_data
        given["wholes"], given["halves"] = given.get("wholes") or 0, given.get("halves") or 0
        return given


class _OfRequest(forms.Form):
    request = forms.CharField(label=_("number of the request"), max_length=20, required=False)

    side = ""

    def clean_request(self):
        number = self.cleaned_data["request"].strip()
        if not number:
            return None
        found = ILLRequest.objects.filter(number__iexact=number, kind=self.side).select_related("partner").first()
        if found is None:
            raise forms.ValidationError(_("No request of this side has this number."))
        return found


class SpendForm(_Vouchers, _OfRequest):
    title = _("Pay a lender with vouchers")
    save_words = _("Enter that they were sent")
    sub = _("What the vouchers are worth beyond what was asked is noted: the lender owes it to us.")
    side = "borrowing"
    library = forms.CharField(label=_("symbol of the lender"), max_length=30)
    asked = forms.DecimalField(label=_("what it asked for, EUR"), min_value=0, **AMOUNT)
    note = forms.CharField(label=_("note"), max_length=300, required=False)

    def clean_library(self):
        found = Library.objects.filter(symbol__iexact=self.cleaned_data["library"].strip()).first()
        if found is None:
            raise forms.ValidationError(_("No library has this symbol."))
        return found


class ReceiveForm(_Vouchers, _OfRequest):
    title = _("Vouchers that came with a request")
    save_words = _("Enter that they came")
    sub = _("For a lending request without an invoice. Vouchers that pay an invoice are entered as its payment.")
    side = "lending"

    def clean_request(self):
        found = super().clean_request()
        if found is None:
            raise forms.ValidationError(_("Enter the number of the lending request."))
        return found


class BuyForm(_Vouchers):
    title = _("Buy vouchers")
    save_words = _("Enter that they were bought")
    sub = _("Their value and the fee leave the bank.")


class RedeemForm(_Vouchers):
    title = _("Redeem vouchers")
    save_words = _("Enter that they were redeemed")
    sub = _("Their value less the fee comes to the bank.")


class MoveForm(Keyed):
    title = _("Hand vouchers over")
    save_words = _("Enter that they were handed over")
    sub = _("The stock stays as it is; who holds them changes.")
    day = NearDay(label=_("day"))
    kind = forms.ChoiceField(label=_("kind"), choices=VOUCHERS)
    quantity = forms.IntegerField(label=_("how many"), min_value=1, max_value=9999)
    giver = _holder(label=_("from"))
    taker = _holder(label=_("to"), initial=None)
    note = forms.CharField(label=_("note"), max_length=300, required=False)


class LoseForm(Keyed):
    title = _("Vouchers that are lost")
    save_words = _("Enter the loss")
    sub = _("From a drawer or in the mail. They leave the stock at our cost.")
    day = NearDay(label=_("day"))
    kind = forms.ChoiceField(label=_("kind"), choices=VOUCHERS)
    quantity = forms.IntegerField(label=_("how many"), min_value=1, max_value=9999)
    holder = _holder()
    note = forms.CharField(label=_("what happened"), max_length=300)


class CountForm(Plain, forms.Form):
    title = _("Count vouchers")
    save_words = _("Store the count")
    sub = _("What differs from the stock is booked, with your explanation.")
    day = NearDay(label=_("day"))
    holder = _holder()
    kind = forms.ChoiceField(label=_("kind"), choices=VOUCHERS)
    counted = forms.IntegerField(label=_("how many are there"), min_value=0, max_value=99999)
    why = forms.CharField(label=_("why it differs"), max_length=300, required=False)


class UndoForm(Plain, forms.Form):
    title = _("Undo a movement")
    save_words = _("Undo the movement")
    sub = ""
    why = forms.CharField(label=_("reason"), max_length=300)


class TermsForm(Plain, forms.ModelForm):
    title = _("What vouchers are worth")
    save_words = _("Store it")
    sub = _("It counts from its day until the next one.")

    class Meta:
        model = VoucherTerms
        fields = ["begins", "whole", "half", "fee", "fee_percent"]
        widgets = {"begins": forms.DateInput(attrs={"type": "date"})}

    def clean(self):
        super().clean()
        given = self.cleaned_data
        for name in ("whole", "half"):
            if given.get(name) is not None and given[name] <= 0:
                self.add_error(name, _("Enter an amount above nothing, to the cent."))
        return given


class HolderForm(Plain, forms.ModelForm):
    title = _("Who holds vouchers")
    save_words = _("Store it")
    sub = ""

    class Meta:
        model = VoucherHolder
        fields = ["name", "person", "active"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        person = self.fields["person"]
        assert isinstance(person, forms.ModelChoiceField)
        person.queryset = User.objects.filter(is_active=True, groups__isnull=False).exclude(
            groups__name="patron").distinct()
        person.label_from_instance = lambda user: user.short_name  # type: ignore[method-assign, assignment]
