"""Forms of funds and budgets. Each that adds a row carries a key of its own: sent twice, it is one row."""

import re
import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.budget.models import Fund
from illdesk.forms import Plain, currency

_AMOUNT: dict[str, Any] = {"max_digits": 11, "decimal_places": 2}


class FundForm(Plain, forms.ModelForm):
    class Meta:
        model = Fund
        fields = ["code", "name", "currency", "active", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 2, "dir": "auto"})}
        help_texts = {"code": _("Short, as the university's accounts know it: letters, digits, hyphen, dot."),
                      "currency": _("Three letters of ISO 4217, such as USD, CAD or EUR.")}
        error_messages = {"code": {"unique": _("There is a fund of this code already.")}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["code"]  # it stands in the address and in what was agreed
            if self.instance.years.exists():
                del self.fields["currency"]

    def clean_code(self):
        code = self.cleaned_data["code"].strip().upper()
        if not re.fullmatch(r"[A-Z0-9][A-Z0-9.-]*", code):
            raise forms.ValidationError(_("Use letters, digits, hyphen and dot only."))
        if Fund.objects.filter(code=code).exists():
            raise forms.ValidationError(_("There is a fund of this code already."))
        return code

    def clean_currency(self):
        return currency(self.cleaned_data["currency"])


class _Keyed(Plain, forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data=None, **kwargs):
        initial = {"key": uuid.uuid4()} | kwargs.pop("initial", {})
        super().__init__(data, initial=initial, **kwargs)


class YearForm(_Keyed):
    label = forms.CharField(label=_("fiscal year"), max_length=20, help_text=_("As you call it, for example 2026–27."))
    begins = forms.DateField(label=_("first day"), widget=forms.DateInput(attrs={"type": "date"}))
    ends = forms.DateField(label=_("last day"), widget=forms.DateInput(attrs={"type": "date"}))
    amount = forms.DecimalField(label=_("budget"), min_value=0, **_AMOUNT)

    def clean(self):
        super().clean()
        given = self.cleaned_data
        begins, ends = given.get("begins"), given.get("ends")
        if begins and ends and not 0 < (ends - begins).days <= 731:
            self.add_error("ends", _("The last day comes after the first, within two years."))
        return given


class ChangeForm(_Keyed):
    amount = forms.DecimalField(
        label=_("how much more"), help_text=_("With a minus in front: how much less."), **_AMOUNT,
    )
    why = forms.CharField(label=_("reason"), max_length=300, help_text=_("It stays with the change."))

    def clean_amount(self):
        if self.cleaned_data["amount"] == Decimal(0):
            raise forms.ValidationError(_("Enter how much more or less it is."))
        return self.cleaned_data["amount"]
