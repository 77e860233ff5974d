"""Forms of royalties: prices and their service, payment lists, statements, notes to collection development."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from illdesk import money, outside
from illdesk.errors import AdapterError
from illdesk.forms import Plain
from requests_app.copyright import prices
from requests_app.models import FairPriceSearch, OverLimitSettings

_DATE: dict[str, Any] = {"widget": forms.DateInput(attrs={"type": "date"}),
         "error_messages": {"invalid": _("Enter a date, for example 2026-12-04.")}}


class PricesForm(Plain, forms.ModelForm):
    """A key is never shown again; empty keeps the one that is stored."""

    key = forms.CharField(
        label=_("key"), required=False, max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    class Meta:
        model = OverLimitSettings
        fields = ["service_on", "url", "key", "seconds", "collection_email"]
        help_texts = {
            "service_on": _("Where it is off, prices come from the list, or are entered by hand."),
            "url": _("Without the path: GET …/v1/quotes is asked. The help page has its answers."),
            "collection_email": _("Notes on titles beyond the limit go there when somebody sends them."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.key:
            self.fields["key"].help_text = _("One is stored. Leave it empty to keep it.")
        self.initial["key"] = ""

    def clean_url(self):
        url = self.cleaned_data["url"].strip()
        if url:
            try:
                outside.refuse_private_address(url, inside=True)  # is it a web address at all?
            except AdapterError as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return url

    def clean_key(self):
        return self.cleaned_data["key"].strip() or self.instance.key

    def clean_seconds(self):
        seconds = self.cleaned_data["seconds"]
        if not 1 <= seconds <= 30:
            raise forms.ValidationError(_("Enter a number of seconds from 1 to 30."))
        return seconds

    def clean(self):
        super().clean()
        given = self.cleaned_data
        if given.get("service_on") and not given.get("url") and "url" not in self.errors:
            self.add_error("url", _("Without an address it cannot be asked."))
        return given


class FileForm(Plain, forms.Form):
    file = forms.FileField(
        label=_("file"), allow_empty_file=True, help_text=_("CSV or XLSX; the first line names the columns."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}), error_messages={"required": _("Choose a file.")},
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > prices.MOST_BYTES:
            raise forms.ValidationError(_("The file has more than 10 MB. Nothing was kept."))
        return file


class ListForm(Plain, forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput)
    first = forms.DateField(label=_("used from"), **_DATE)
    last = forms.DateField(label=_("to"), **_DATE)

    def __init__(self, data=None, **kwargs):
        super().__init__(data, initial={"key": uuid.uuid4()} | kwargs.pop("initial", {}), **kwargs)


class PaidForm(Plain, forms.Form):
    """When, with which reference; an amount for each line, or all as they stand. `total`: must be their sum."""

    paid_on = forms.DateField(label=_("paid on"), **_DATE)
    reference = forms.CharField(label=_("reference"), required=False, max_length=100)
    total = forms.CharField(label=_("total paid"), required=False, max_length=20,
                            help_text=_("When given, it must be the sum of the lines."))

    def __init__(self, data=None, *, lines, **kwargs):
        self.lines = lines
        super().__init__(data, **kwargs)

    def clean(self):
        super().clean()
        given = self.cleaned_data
        amounts = {}
        for line in self.lines:
            typed = (self.data.get(f"amount_{line.pk}") or "").strip()
            try:
                amounts[line.pk] = money.amount_of(typed) if typed else line.price
            except ValueError:
                self.add_error(None, gettext("%(number)s: “%(typed)s” is not an amount of money.") % {
                    "number": line.number, "typed": typed[:40]})
        given["amounts"] = amounts
        if given.get("total"):
            self._compare(given, sum(amounts.values()))
        return given

    def _compare(self, given, together) -> None:
        try:
            said = money.amount_of(given["total"])
        except ValueError:
            self.add_error("total", _("This is not an amount of money."))
            return
        if said != together:
            self.add_error("total", gettext(
                "The lines come to %(sum)s, which is another amount. Nothing was marked; put the lines right, or leave "
                "the total empty.") % {"sum": f"{together:,.2f}"})


class SettleForm(Plain, forms.Form):
    paid_on = forms.DateField(label=_("paid on"), **_DATE)
    reference = forms.CharField(label=_("reference"), required=False, max_length=100)


class WaiveForm(Plain, forms.Form):
    reason = forms.CharField(
        label=_("why not"), max_length=300, error_messages={"required": _("Write the reason: you answer for it.")})


class NoteForm(Plain, forms.Form):
    text = forms.CharField(
        label=_("text"), max_length=4000, widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
        error_messages={"required": _("The note has no text. Write it, or dismiss the note.")})
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class DismissForm(Plain, forms.Form):
    reason = forms.CharField(
        label=_("why not"), max_length=300,
        error_messages={"required": _("Say why: the note is not proposed again this year.")})


class FairPriceForm(Plain, forms.ModelForm):
    class Meta:
        model = FairPriceSearch
        fields = ["where", "looked_on", "result", "price", "currency", "in_print"]
        widgets = {"looked_on": forms.DateInput(attrs={"type": "date"}), "result": forms.RadioSelect,
                   "in_print": forms.RadioSelect}
        help_texts = {"where": _("A bookseller, a publisher’s page, a dealer in used books.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        result: Any = self.fields["result"]
        result.choices = FairPriceSearch.RESULTS  # none of them chosen yet, and no line for none

    def clean_price(self):
        price = self.cleaned_data["price"]
        if price is not None and price < 0:
            raise forms.ValidationError(_("Enter an amount of money."))
        return price

    def clean_currency(self):
        value = self.cleaned_data["currency"].strip().upper()
        if value and not (len(value) == 3 and value.isascii() and value.isalpha()):
            raise forms.ValidationError(_("Enter the currency as three letters, for example USD."))
        return value

    def clean(self):
        super().clean()
        given = self.cleaned_data
        if given.get("price") is not None and not given.get("currency") and "currency" not in self.errors:
            self.add_error("currency", _("Enter the currency as three letters, for example USD."))
        return given
