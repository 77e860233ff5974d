"""Forms of invoices from libraries. Amounts and numbers are taken however they are typed."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.budget.models import Fund
from billing.costs.models import Booked, CostPolicy
from billing.fiscal import refuse_ahead
from billing.payables.actions import Head, Typed
from billing.payables.models import PayableInvoice, PayableLine, PayablePolicy
from billing.payables.readers import columns
from billing.payables.words import FIELDS
from billing.tables import amounts, dates
from illdesk import money
from illdesk.errors import BadAnswer
from illdesk.forms import Plain
from requests_app.models import Library, LoanPolicy


class AmountField(forms.CharField):
    """15.00, 1.234,56, (12.00), USD 12: to a Decimal."""

    def __init__(self, **kwargs):
        self.least = kwargs.pop("least", None)
        super().__init__(**kwargs)
        self.widget.attrs |= {"inputmode": "decimal", "class": "ill-r", "maxlength": "30"}

    def to_python(self, value):
        text = super().to_python(value)
        if not text:
            return None
        try:
            found = amounts.read(text[:60]).value
        except ValueError as failure:
            raise forms.ValidationError(_("Enter an amount, for example 15.00 or 1,234.56.")) from failure
        if self.least is not None and found < self.least:
            raise forms.ValidationError(_("Enter an amount that is not below nothing."))
        return found

    def prepare_value(self, value):
        return f"{value:.2f}" if isinstance(value, Decimal) else value


class DayField(forms.DateField):
    def __init__(self, **kwargs):
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


def _currency(value: str) -> str:
    code = value.strip().upper()
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise forms.ValidationError(_("Enter the currency as three letters, for example EUR."))
    if code not in money.CURRENCIES:
        raise forms.ValidationError(_("There is no currency %(code)s: enter its three letters, for example EUR.") % {
            "code": code})
    return code


def _no_later(value: date | None) -> date | None:
    if value is not None:
        try:
            refuse_ahead(value, now=timezone.now())
        except BadAnswer as refusal:
            raise forms.ValidationError(str(refusal)) from None
    return value


class HeadForm(Plain, forms.Form):
    """What stands above the lines."""

    library = forms.ModelChoiceField(Library.objects.filter(active=True), label=_("library"))
    number = forms.CharField(label=_("invoice number"), max_length=60)
    dated = DayField(label=_("date of the invoice"))
    due = DayField(label=_("due on"), required=False)
    currency = forms.CharField(label=_("currency"), max_length=3)
    total = AmountField(label=_("total"))
    note = forms.CharField(label=_("note for colleagues"), required=False, max_length=2000,
                           widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}))
    paper = forms.FileField(label=_("the invoice as it came"), required=False,
                            help_text=_("PDF or image; it stands beside the lines."))
    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, files=None, *, invoice: PayableInvoice | None = None, typed: Mapping | None = None):
        """`typed`: what stands in the fields and is not to be checked yet."""
        self.invoice = invoice
        initial = {"key": uuid.uuid4(), "currency": LoanPolicy.current().currency}
        if invoice is not None:
            initial |= {name: getattr(invoice, name) for name in ("number", "dated", "due", "note")}
            initial |= {"library": invoice.library_id, "seen": invoice.version, "total": invoice.total,
                        "currency": invoice.currency or initial["currency"]}
        initial |= {name: typed[name] for name in self.base_fields if typed and name in typed}
        super().__init__(data, files, initial=initial)

    def clean_currency(self):
        return _currency(self.cleaned_data["currency"])

    def clean_dated(self):
        return _no_later(self.cleaned_data["dated"])

    def head(self) -> Head:
        given = self.cleaned_data
        return Head(library=given["library"].pk, number=given["number"], dated=given["dated"], due=given["due"],
                    currency=given["currency"], total=given["total"], note=given["note"])


class LineForm(Plain, forms.Form):
    number = forms.CharField(label=_("our request"), required=False, max_length=60)
    external = forms.CharField(label=_("OCLC or their number"), required=False, max_length=60)
    title = forms.CharField(label=_("title as written"), required=False, max_length=300,
                            widget=forms.TextInput(attrs={"dir": "auto"}))
    what = forms.ChoiceField(label=_("what"), required=False, choices=list(Booked.WHATS.items()))
    amount = AmountField(label=_("amount"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if field.widget.is_hidden:
                continue
            field.widget.attrs |= {"aria-label": str(LineForm.base_fields[name].label)}
            css = "form-select" if name == "what" else "form-control"
            field.widget.attrs["class"] = f"{css} {field.widget.attrs.get('class', '')}".strip()
            if name in self.errors:
                field.widget.attrs["class"] += " is-invalid"
                field.widget.attrs |= {"aria-invalid": "true", "aria-describedby": f"{self[name].id_for_label}_error"}

    def clean(self):
        given = super().clean() or {}
        said = any(given.get(name) for name in ("number", "external", "title"))
        if said and not given.get("amount") and "amount" not in self.errors:
            self.add_error("amount", _("A line needs an amount."))
        return given

    def typed(self) -> Typed | None:
        given = self.cleaned_data
        if not given.get("amount"):
            return None
        return Typed(amount=given["amount"], number=given["number"], external=given["external"],
                     theirs=given["external"], title=given["title"], what=given["what"] or "charge")


MOST_LINES = 190  # of a form: five fields each, and Django takes a thousand
A_PAGE = 50  # of a longer invoice, which is keyed in anew page by page
MORE = 10  # empty ones behind the last
LineForms = forms.formset_factory(LineForm, extra=5, max_num=MOST_LINES, absolute_max=MOST_LINES)


class KnownLineForm(LineForm):
    """A line that is there already, by its key; without one it is new."""

    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)


PageForms = forms.formset_factory(KnownLineForm, extra=0, max_num=A_PAGE + MORE, absolute_max=A_PAGE + MORE)


class FileForm(Plain, forms.Form):
    """A table, with what it does not say itself."""

    library = forms.ModelChoiceField(Library.objects.filter(active=True), label=_("library"))
    file = forms.FileField(label=_("file"), help_text=_("CSV, TSV or XLSX, as the library sent it."))
    number = forms.CharField(label=_("invoice number"), max_length=60, required=False,
                             help_text=_("Where the file has no column for it."))
    dated = DayField(label=_("date of the invoice"))
    due = DayField(label=_("due on"), required=False)
    currency = forms.CharField(label=_("currency"), max_length=3, required=False,
                               help_text=_("Where the file does not say."))
    total = AmountField(label=_("total"), required=False, help_text=_("As the invoice says; else the file’s own."))

    def clean_currency(self):
        value = self.cleaned_data["currency"].strip()
        return _currency(value) if value else ""

    def clean_dated(self):
        return _no_later(self.cleaned_data["dated"])

    def given(self) -> dict[str, str]:
        given = self.cleaned_data
        return {"number": given["number"].strip(), "currency": given["currency"],
                "dated": given["dated"].isoformat() if given["dated"] else "",
                "due": given["due"].isoformat() if given["due"] else "",
                "total": f"{given['total']:.2f}" if given["total"] is not None else ""}


class ColumnsForm(FileForm):
    """How a file that was looked at is read: a choice for each field, and everything of FileForm but the file."""

    order = forms.ChoiceField(label=_("dates are written"), required=False, choices=[
        ("", _("as the column tells")), (dates.DAY_FIRST, _("day first")), (dates.MONTH_FIRST, _("month first"))])

    def __init__(self, data=None, *, head: list[str], sheets: list[str], **kwargs):
        super().__init__(data, **kwargs)
        del self.fields["file"]
        if len(sheets) > 1:
            self.fields["sheet"] = forms.ChoiceField(label=_("Sheet"), choices=[(one, one) for one in sheets])
        choices = [("", "—"), *[(str(at), name[:60] or f"({at + 1})") for at, name in enumerate(head)]]
        for name in columns.FIELDS:
            self.fields[f"col_{name}"] = forms.ChoiceField(label=FIELDS[name], required=False, choices=choices)

    def mapping(self) -> dict[str, int]:
        return {name: int(said) for name in columns.FIELDS if (said := self.cleaned_data.get(f"col_{name}"))}


class AnswerForm(Plain, forms.Form):
    why = forms.CharField(label=_("reason"), max_length=300, help_text=_("It stays with the line."),
                          widget=forms.TextInput(attrs={"dir": "auto"}))


class MatchForm(Plain, forms.Form):
    number = forms.CharField(label=_("number of the request"), max_length=60)


class FundForm(Plain, forms.Form):
    fund = forms.ModelChoiceField(Fund.objects.filter(active=True), label=_("fund"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        usual = CostPolicy.current().borrowing_fund
        said = _("%(fund)s, as the settings say") % {"fund": usual.code} if usual else _(
            "The settings name none yet: choose one")
        self.fields["fund"].empty_label = said  # type: ignore[attr-defined]  # a ModelChoiceField


class SettleForm(Plain, forms.Form):
    credited = AmountField(label=_("credited"), least=0, help_text=_("How much of what was disputed is not owed."))
    why = forms.CharField(label=_("what they answered"), max_length=300, widget=forms.TextInput(attrs={"dir": "auto"}))


class DisputeForm(Plain, forms.Form):
    """The letter, and what is paid meanwhile of each line that can be disputed (`paid-<key of the line>`): read and
    checked by `views.dispute`, since only what is ticked counts."""

    to = forms.EmailField(label=_("to"), required=False)
    subject = forms.CharField(label=_("subject"), max_length=150, required=False)
    body = forms.CharField(label=_("text"), max_length=20_000, required=False, strip=False,
                           widget=forms.Textarea(attrs={"rows": 14, "dir": "auto"}))
    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.IntegerField(widget=forms.HiddenInput)
    drafted = forms.CharField(required=False, max_length=10_000, widget=forms.HiddenInput)  # `views.dispute.mark`

    def __init__(self, *args, lines: Iterable[PayableLine] = (), **kwargs):
        super().__init__(*args, **kwargs)
        for line in lines:
            self.fields[f"paid-{line.pk}"] = forms.CharField(required=False)
        self.order_fields([name for name in self.fields if name.startswith("paid-")])  # they stand above the letter
        for name, label in (("to", _("To")), ("subject", _("Subject")), ("body", _("Text"))):
            self.fields[name].label = label  # only without a letter are they optional


class PolicyForm(Plain, forms.ModelForm):
    class Meta:
        model = PayablePolicy
        fields = ["tolerance"]
