"""Forms of subscriptions and orders: one by hand, or a file of many."""

import re

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from illdesk.forms import Plain
from requests_app.copyright.subscriptions import lines, stored
from requests_app.models import CopyrightTitle, Subscription
from requests_app.verification import coverage
from requests_app.verification.kbart_values import partial_date

MOST_BYTES = 10 * 1024 * 1024
_DATE = {"invalid": _("Enter a date, for example 2026-06-10.")}


def _day(label, **more) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=_DATE, **more,
    )


class SubscriptionForm(Plain, forms.ModelForm):
    numbers = forms.CharField(
        label=_("numbers"), required=False, max_length=500,
        help_text=_("All ISSNs of a periodical; ISBNs or OCLC numbers of another work. By them it is found."),
    )
    ordered = _day(_("order entered on"), help_text=_("From this day on copies of it need no place, until it begins."))
    begins = _day(_("in force since"), help_text=_("Of a book: the day it came. Empty while it has not."))
    ends = _day(_("ends on"), help_text=_("The last day. Empty while it goes on."))

    class Meta:
        model = Subscription
        fields = ["kind", "name", "form", "covers_from", "covers_to", "embargo", "supplier", "note"]

    field_order = ["kind", "name", "numbers", "form", "ordered", "begins", "ends"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["numbers"] = ", ".join(one.shown for one in self.instance.numbers.order_by("pk"))
            self.initial.update({name: getattr(self.instance, name) for name in ("ordered", "begins", "ends")})
        for name in ("name", "supplier", "note"):
            self.fields[name].widget.attrs["dir"] = "auto"

    def clean_numbers(self) -> list[str]:
        """As keys. A bare number of a work that is no ISBN is one of OCLC."""
        periodical = self.cleaned_data.get("kind") == CopyrightTitle.PERIODICAL
        keys = []
        for text in re.split(r"[,;\n]", self.cleaned_data["numbers"]):
            if not text.strip():
                continue
            key = lines.key_of(text)
            if not key and not periodical and text.strip().isascii() and text.strip().isdigit():
                key = f"oclc:{text.strip().lstrip('0')}"
            if not key or (periodical and not key.startswith("issn:")):
                raise forms.ValidationError(
                    gettext("“%(text)s” is no ISSN, or its check digit is wrong.") % {"text": text.strip()[:40]}
                    if periodical else gettext("“%(text)s” is neither an ISBN nor an OCLC number, or its check digit "
                                               "is wrong.") % {"text": text.strip()[:40]})
            keys.append(key)
        if keys and not periodical and all(key.startswith("issn:") for key in keys):
            raise forms.ValidationError(gettext(
                "An ISSN is of a periodical. Enter the ISBN or OCLC number of this work, or choose a periodical."))
        return list(dict.fromkeys(keys))

    def _covered(self, name: str) -> str:
        said = partial_date(self.cleaned_data[name])
        if said is None:
            raise forms.ValidationError(gettext("Enter a year, a month or a day: 1998, 1998-03 or 1998-03-15."))
        return said

    def clean_covers_from(self):
        return self._covered("covers_from")

    def clean_covers_to(self):
        return self._covered("covers_to")

    def clean_embargo(self):
        text = self.cleaned_data["embargo"].strip().upper()
        if coverage.embargoes(text) is None:
            raise forms.ValidationError(gettext("Write the embargo as KBART does: P1Y, P6M or R10Y."))
        return text

    def clean(self):
        values = super().clean() or self.cleaned_data
        begins, ends = values.get("begins"), values.get("ends")
        if begins and ends and ends < begins:
            self.add_error("ends", gettext("It ends before it begins."))
        if lines.backwards(values.get("covers_from", ""), values.get("covers_to", "")):
            self.add_error("covers_to", gettext("What it covers ends before it begins."))
        if not self.errors and not (begins or values.get("ordered")):
            self.add_error("begins", gettext("Enter since when it is in force, or when its order was entered."))
        if not self.errors and (twin := stored.twin(values, values["numbers"], but=self.instance.pk)) is not None:
            self.add_error(None, gettext(
                "This is there already: “%(name)s”, with the same numbers, days and coverage. Nothing was stored."
            ) % {"name": twin.name})
        return values

    def save(self, commit=False):
        row = super().save(commit=False)
        for name in ("ordered", "begins", "ends"):
            setattr(row, name, self.cleaned_data[name])
        return row


class FileForm(Plain, forms.Form):
    file = forms.FileField(
        label=_("file of subscriptions"), allow_empty_file=True,
        help_text=_("CSV, tabs or XLSX, with a line of column names; 10 MB at most."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        error_messages={"required": _("Choose a file.")},
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(gettext("The file has more than 10 MB. Nothing was kept."))
        return file
