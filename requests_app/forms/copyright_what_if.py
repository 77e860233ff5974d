"""Other rules, other subscriptions, and a year to try them on."""

import re
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from illdesk.forms import Plain
from requests_app.copyright import readings, rule_sets, what_if, what_if_rows
from requests_app.copyright.rules import DEFAULT, Rules

MOST_BYTES = 2_000_000
_AS_IT_IS = [("", _("As in these rules")), ("yes", _("Yes")), ("no", _("No"))]
_LIMIT = next(one for one in readings.of(DEFAULT) if one.name == "limit")  # as the rules themselves allow
_SWITCHES = ("works_count", "older_counts", "doubtful_counts", "held_counts")


class WhatIfForm(Plain, forms.Form):
    """Nothing of it is stored."""

    year = forms.TypedChoiceField(label=_("year"), coerce=int)
    rules = forms.ChoiceField(label=_("rules"))
    limit = forms.IntegerField(label=_("places of a title in a year"), required=False, min_value=_LIMIT.least,
                               max_value=_LIMIT.most)
    window_years = forms.IntegerField(label=_("years that count as recent"), required=False, min_value=1,
                                      max_value=100)
    works_count = forms.ChoiceField(label=_("works that are no periodicals are counted"), required=False,
                                    choices=_AS_IT_IS)
    older_counts = forms.ChoiceField(label=_("older articles are counted"), required=False, choices=_AS_IT_IS)
    doubtful_counts = forms.ChoiceField(label=_("a doubtful date is taken for recent"), required=False,
                                        choices=_AS_IT_IS)
    held_counts = forms.ChoiceField(label=_("what we hold or subscribe to is counted"), required=False,
                                    choices=_AS_IT_IS)
    file = forms.FileField(
        label=_("list of subscriptions"), required=False,
        help_text=_("CSV or text: ISSN, since, until; the days may be empty, 2026-06-30, or a year."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
    )
    typed = forms.CharField(
        label=_("or as if we subscribed to these"), required=False, max_length=20_000,
        help_text=_("The same, line by line."), widget=forms.Textarea(attrs={"rows": 3}),
    )
    ours = forms.BooleanField(
        label=_("Also our subscriptions and orders as they stand, with their days and what they cover"), required=False,
    )
    holdings = forms.BooleanField(
        label=_("Also the licensed journals of our electronic holdings, as if we had had them all year"),
        required=False,
    )
    price = forms.DecimalField(label=_("royalty of one copy"), required=False, min_value=0, max_digits=9,
                               decimal_places=2, help_text=_(
                                   "Without one, the average really paid for copies of that year; where nothing is "
                                   "paid yet, the average agreed."))
    currency = forms.CharField(label=_("currency"), required=False, max_length=3, initial="USD")

    def __init__(self, *args, years: list[int], **kwargs):
        super().__init__(*args, **kwargs)
        self.versions = rule_sets.by_label()
        self._field("year").choices = [(year, str(year)) for year in years]
        self._field("rules").choices = [(label, f"{one.name} · {label}") for label, one in self.versions.items()]

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def clean_currency(self) -> str:
        currency = (self.cleaned_data["currency"] or "USD").strip().upper()
        if not re.fullmatch("[A-Z]{3}", currency):
            raise forms.ValidationError(gettext("Enter the currency as three letters, for example USD."))
        return currency

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if file.size > MOST_BYTES:
            raise forms.ValidationError(gettext("This list is larger than 2 MB. Nothing was tried."))
        content = file.read()
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            if b"\x00" in content:
                raise forms.ValidationError(gettext("This is no list in CSV or text. Choose another file.")) from None
            return content.decode("cp1252", "replace")

    def clean(self):
        data = super().clean() or {}
        self.subscribed: list[what_if.Subscribed] = []
        for name in ("file", "typed"):
            found, unread = what_if_rows.read_list(data.get(name) or "")
            self.subscribed += found
            if unread:
                self.add_error(name, ngettext(
                    "%(n)s line cannot be read as a subscription: “%(line)s”.",
                    "%(n)s lines cannot be read as subscriptions, the first: “%(line)s”.", len(unread),
                ) % {"n": len(unread), "line": unread[0]})
        return data

    def new_rules(self) -> Rules:
        """The chosen version with what was changed in it."""
        data = self.cleaned_data
        changed: dict[str, Any] = {
            name: data[name] for name in ("limit", "window_years") if data.get(name) is not None
        }
        changed |= {name: data[name] == "yes" for name in _SWITCHES if data.get(name)}
        return replace(self.versions[data["rules"]], **changed)

    def royalty(self):
        data = self.cleaned_data
        return (data["price"], data["currency"]) if data.get("price") is not None else None
