"""Forms of charges. Each that adds a row carries a key of its own: sent twice, it is one row."""

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.charges import words
from billing.charges.models import Charge, ChargePayment, ChargePolicy, ChargeTerms
from billing.fiscal import NearDay
from illdesk.forms import Plain

_AMOUNT: dict[str, Any] = {"max_digits": 9, "decimal_places": 2}
_TEXT: dict[str, Any] = {"widget": forms.Textarea(attrs={"rows": 3, "dir": "auto"}), "max_length": 4000}


class Keyed(Plain, forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data=None, files=None, **kwargs):
        initial = {"key": uuid.uuid4()} | kwargs.pop("initial", {})
        super().__init__(data, files, initial=initial, **kwargs)

    @property
    def given_key(self) -> str:
        return str(self.cleaned_data["key"])


class ChargeForm(Keyed):
    """By hand. `number`: of the request, where it is about one."""

    number = forms.CharField(label=_("request number"), max_length=20, required=False,
                             help_text=_("Lost, damaged and overdue items always belong to a request."))
    kind = forms.ChoiceField(label=_("what is charged"), choices=Charge.KINDS)
    reason = forms.ChoiceField(label=_("why"), choices=[(code, label[0]) for code, label in words.REASONS.items()])
    amount = forms.DecimalField(label=_("amount"), min_value=0, required=False, **_AMOUNT, help_text=_(
        "Empty: by the rules of charges (overdue, lost, rush). Of a lost item its price; the processing fee is added."))
    note = forms.CharField(label=_("note"), required=False, help_text=_("Colleagues read it."), **_TEXT)

    def clean_number(self):
        return self.cleaned_data["number"].strip().upper()

    def clean(self):
        super().clean()
        given = self.cleaned_data
        kind = given.get("kind")
        if kind in ("overdue", "lost", "damaged") and not given.get("number"):
            self.add_error("number", _("Enter the number of the request."))
        fitting = words.FITTING.get(kind or "", ())
        if fitting and given.get("reason") and given["reason"] not in fitting:
            self.add_error("reason", _("“%(reason)s” does not fit what is charged. Fitting: %(fitting)s.") % {
                "reason": words.reason(given["reason"]),
                "fitting": ", ".join(str(words.reason(code)) for code in fitting)})
        if kind in ("damaged", "share", "other") and not given.get("amount"):
            self.add_error("amount", _("Enter the amount."))
        return given


class PayForm(Keyed):
    amount = forms.DecimalField(label=_("amount"), min_value=0, **_AMOUNT)
    way = forms.ChoiceField(label=_("paid by"), choices=[
        (code, label) for code, label in ChargePayment.WAYS if code not in ("local", "credit")])
    reference = forms.CharField(label=_("reference"), max_length=60, required=False,
                                help_text=_("Of the card's slip, or the check. Never a card number."))
    day = NearDay(label=_("day"))
    charges = forms.MultipleChoiceField(
        label=_("only these charges"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: the oldest first."))
    credit = forms.BooleanField(
        label=_("What is paid beyond what is open becomes credit"), required=False,
        help_text=_("Tick it where more was really paid than is owed."))

    def __init__(self, data=None, *, rows, **kwargs):
        super().__init__(data, initial={"day": timezone.localdate()} | kwargs.pop("initial", {}), **kwargs)
        choose: Any = self.fields["charges"]
        choose.choices = [(str(row.pk), f"{row.number} · {row.get_kind_display()} · {row.open}") for row in rows]
        self._open = {str(row.pk): row.open for row in rows}
        if len(rows) < 2:
            del self.fields["charges"]

    def clean(self):
        """More than is owed is a slip of the pen, unless somebody says that it is none."""
        super().clean()
        given = self.cleaned_data
        chosen = given.get("charges") or list(self._open)
        whole = sum((self._open[key] for key in chosen if key in self._open), Decimal("0.00"))
        amount = given.get("amount")
        if amount is not None and amount > whole and not given.get("credit"):
            self.add_error("amount", _("Only %(open)s is open: %(over)s would become credit. Correct the amount, or "
                                       "tick that it becomes credit.") % {"open": whole, "over": amount - whole})
        return given

    def clean_reference(self):
        """Sixteen digits in a row are a card: they must not lie here."""
        text = self.cleaned_data["reference"].strip()
        if sum(sign.isdigit() for sign in text) >= 13:
            raise forms.ValidationError(_("This looks like a card number. Enter the number of the slip."))
        return text


class BackForm(Keyed):
    amount = forms.DecimalField(label=_("amount"), min_value=0, **_AMOUNT)
    way = forms.ChoiceField(label=_("paid back by"), choices=[
        (code, label) for code, label in ChargePayment.WAYS if code not in ("local", "credit")])
    reference = forms.CharField(label=_("reference"), max_length=60, required=False)
    day = NearDay(label=_("day"))


class WaiveForm(Keyed):
    amount = forms.DecimalField(label=_("amount"), min_value=0, **_AMOUNT)
    reason = forms.ChoiceField(label=_("why"), choices=[(code, words.WAIVED[code]) for code in words.TO_WAIVE])
    note = forms.CharField(label=_("note"), required=False, **_TEXT)


class CancelForm(Keyed):
    reason = forms.ChoiceField(label=_("why"), choices=[(code, words.WAIVED[code]) for code in words.TO_CANCEL])
    note = forms.CharField(label=_("note"), required=False, **_TEXT)


class FinalForm(Keyed):
    amount = forms.DecimalField(label=_("what the lender charges"), min_value=0, **_AMOUNT, help_text=_(
        "The processing fee is added. An invoice that is matched to the request makes the charge final by itself."))
    note = forms.CharField(label=_("note"), required=False, **_TEXT)


class ScanForm(Keyed):
    barcode = forms.CharField(label=_("barcode or request number"), max_length=60, widget=forms.TextInput(
        attrs={"autocomplete": "off", "dir": "ltr"}))


class AnswerForm(Keyed):
    amount = forms.DecimalField(label=_("what the lender refunds"), min_value=0, **_AMOUNT,
                                help_text=_("0 when it refunds nothing."))
    note = forms.CharField(label=_("what it said"), required=False, **_TEXT)


class HoldForm(Keyed):
    note = forms.CharField(label=_("what the patron says"), required=False, **_TEXT)


class NothingForm(Keyed):
    """A step that asks nothing."""


class PolicyForm(Plain, forms.ModelForm):
    class Meta:
        model = ChargePolicy
        fields = ["block_above", "waive_above", "provisional_days", "refund", "refund_days", "becomes_owner",
                  "appeal_days", "decide_days", "remind_days", "calendar", "how_to_pay"]
        widgets = {"how_to_pay": forms.Textarea(attrs={"rows": 3, "dir": "auto"})}


class TermsForm(Plain, forms.ModelForm):
    class Meta:
        model = ChargeTerms
        fields = ["overdue_a_day", "overdue_most", "grace_days", "free_days", "lost", "lost_fee", "rush"]
