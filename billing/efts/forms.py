import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.efts.models import Deposit
from billing.fiscal import NearDay
from illdesk.forms import Plain

_DAY = {"type": "date"}


class DepositForm(Plain, forms.ModelForm):
    class Meta:
        model = Deposit
        fields = ["name", "number", "low", "active"]


class _Keyed(Plain, forms.Form):
    """Sent twice, it is one."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data=None, **kwargs):
        super().__init__(data, initial={"key": uuid.uuid4()} | kwargs.pop("initial", {}), **kwargs)


class PayForm(_Keyed):
    amount = forms.DecimalField(label=_("amount"), max_digits=9, decimal_places=2,
                                help_text=_("With a minus in front: taken out."))
    day = NearDay(label=_("day"))


class BalanceForm(Plain, forms.Form):
    day = NearDay(label=_("day"))
    amount = forms.DecimalField(label=_("balance as the network states it"), max_digits=9, decimal_places=2)


class ListForm(_Keyed):
    first = forms.DateField(label=_("first day"), widget=forms.DateInput(attrs=_DAY))
    last = forms.DateField(label=_("last day"), widget=forms.DateInput(attrs=_DAY))
