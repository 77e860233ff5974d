"""Forms of fee management: a report read in, its columns named, a decision about a line, the network's invoice."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.efts.models import Deposit
from billing.fiscal import NearDay
from billing.ifm import EFTS, reader, words
from billing.ifm.models import NetworkPolicy, Report
from illdesk.forms import Plain, in_our_words


class ReportForm(Plain, forms.Form):
    file = forms.FileField(label=_("file"), help_text=_("CSV, TSV, XLSX, XLS or ODS, as it was downloaded."),
                           widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xls,.ods"}))
    month = forms.CharField(label=_("month"), widget=forms.DateInput(attrs={"type": "month"}),
                            help_text=_("Of which it tells, for example 2026-03."))
    side = forms.ChoiceField(label=_("which report"), choices=Report.SIDES, required=False)
    deposit = forms.ModelChoiceField(label=_("deposit account"), queryset=Deposit.objects.filter(active=True))

    def __init__(self, *args, system: str, **kwargs):
        super().__init__(*args, **kwargs)
        if system != EFTS:
            del self.fields["deposit"]

    def clean_month(self) -> date:
        text = self.cleaned_data["month"].strip()
        try:
            return reader.day_of(f"{text[:7]}-01")
        except ValueError:
            raise forms.ValidationError(_("Enter the month as year and month, for example 2026-03.")) from None


class ColumnsForm(Plain, forms.Form):
    """A choice of the file's columns for each field."""

    def __init__(self, *args, head: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        columns = [("", _("— not there —")), *((name, name) for name in dict.fromkeys(head) if name)]
        for name in reader.FIELDS:
            label = str(words.FIELDS[name])
            self.fields[name] = forms.ChoiceField(
                label=label[:1].upper() + label[1:], choices=columns, required=False)


class LineForm(Plain, forms.Form):
    """The one thing that a step wants to know."""

    def __init__(self, *args, asks: str, **kwargs):
        super().__init__(*args, **kwargs)
        self._ask(asks)
        for field in self.fields.values():
            in_our_words(field)

    def _ask(self, asks: str) -> None:
        if asks in ("request", "loan"):
            label = _("number of the request") if asks == "request" else _("number of the loan")
            self.fields["request"] = forms.CharField(label=label, max_length=60, help_text=_("Ours, or one under which "
                                                                                             "it is known elsewhere."))
        elif asks == "reason":
            self.fields["reason"] = forms.CharField(label=_("reason"), max_length=300)
        elif asks == "text":
            self.fields["text"] = forms.CharField(label=_("what you want to know"), max_length=2000,
                                                  widget=forms.Textarea(attrs={"rows": 5}))
        for field in self.fields.values():
            field.label = str(field.label)[:1].upper() + str(field.label)[1:]


class StatementForm(Plain, forms.Form):
    number = forms.CharField(label=_("number of the invoice or credit memo"), max_length=60)
    amount = forms.DecimalField(label=_("amount"), max_digits=11, decimal_places=2,
                                help_text=_("What is to be paid; of a credit memo with a minus in front."))
    day = NearDay(label=_("its day"))


class SettleForm(Plain, forms.Form):
    day = NearDay(label=_("day of the payment"))
    reference = forms.CharField(label=_("reference"), max_length=100, required=False)


class PolicyForm(Plain, forms.ModelForm):
    class Meta:
        model = NetworkPolicy
        fields = ["fee", "fee_currency", "ask_email"]

    def clean_fee_currency(self):
        value = self.cleaned_data["fee_currency"].strip().upper()
        if len(value) != 3 or not value.isalpha() or not value.isascii():
            raise forms.ValidationError(_("Enter the currency as three letters, for example USD."))
        return value
