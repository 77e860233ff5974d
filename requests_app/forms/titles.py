"""Forms of copyright's titles: uses that belong elsewhere, two names of one journal, a ground beyond the limit."""

from datetime import date

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from illdesk import money
from illdesk.forms import Plain
from requests_app.copyright import royalties, titles, words
from requests_app.models import CopyrightTitle, Royalty, TitleLink


class _NumberField(forms.CharField):
    def __init__(self, **more):
        super().__init__(max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}), **more)


def _key(text: str, kind: str) -> str:
    key = titles.key_of(text, kind)
    if not key:
        raise forms.ValidationError(
            gettext("This is no ISSN, or its check digit is wrong.") if kind == CopyrightTitle.PERIODICAL
            else gettext("This is neither an ISBN nor an OCLC number, or its check digit is wrong."))
    return key


class MoveForm(Plain, forms.Form):
    """`title`: whose uses are chosen from; `rows`: those."""

    uses = forms.TypedMultipleChoiceField(
        coerce=int, error_messages={"required": _("Tick at least one request."),
                                    "invalid_choice": _("One of them is counted elsewhere by now. Choose again.")},
    )
    number = _NumberField(
        label=_("number of the title they belong to"),
        help_text=_("ISSN of a periodical, ISBN or OCLC number of another work. If nothing was counted for it yet, it "
                    "becomes a title of its own."),
    )
    name = forms.CharField(
        label=_("its name, where it is new"), max_length=500, required=False,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )

    def __init__(self, *args, title: CopyrightTitle, rows, **kwargs):
        self.title = title
        super().__init__(*args, **kwargs)
        self.fields["uses"].choices = [  # type: ignore[attr-defined]
            (row.pk, row.number) for row in rows
        ]

    def clean_number(self):
        return _key(self.cleaned_data["number"], self.title.kind)


class LinkForm(Plain, forms.Form):
    kind = forms.ChoiceField(
        label=_("this title"), choices=TitleLink.KINDS[:2], error_messages={"required": _("Choose one of the two.")},
    )
    number = _NumberField(label=_("the journal with the ISSN"))

    def __init__(self, *args, title: CopyrightTitle, **kwargs):
        self.title = title
        super().__init__(*args, **kwargs)

    def clean_number(self):
        return _key(self.cleaned_data["number"], self.title.kind)


class SettleForm(Plain, forms.Form):
    ground = forms.ChoiceField(
        label=_("ground"), choices=list(words.GROUNDS.items()), widget=forms.RadioSelect,
        error_messages={"required": _("Choose the ground.")},
    )
    reason = forms.CharField(
        label=_("reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("In your words. Your name stands with it."),
        error_messages={"required": _("Write the reason: you answer for it.")},
    )
    royalty = forms.DecimalField(
        label=_("royalty"), required=False, min_value=0, max_digits=9, decimal_places=2,
        help_text=_("Only where the ground is a royalty: what it costs."),
        error_messages={"invalid": _("Enter an amount, for example 38.00.")},
    )
    currency = forms.CharField(label=_("currency"), required=False, max_length=3, initial="USD")
    owed = forms.BooleanField(
        label=_("it is still owed: it goes on the payment list"), required=False,
        help_text=_("Leave it out where the royalty was paid with the lender's invoice."),
    )
    fund = forms.ChoiceField(label=_("fund"), required=False)
    fund_amount = forms.DecimalField(
        label=_("in the fund's currency, where it is another"), required=False, min_value=0, max_digits=9,
        decimal_places=2, error_messages={"invalid": _("Enter an amount, for example 38.00.")},
    )

    def __init__(self, *args, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        found = [(one.code, f"{one.code}, {one.name}: {money.shown(one.left, one.currency)}")
                 for one in royalties.funds_on(today)]
        self.fields["fund"].choices = [("", _("none")), *found]  # type: ignore[attr-defined]
        if not found:
            del self.fields["fund"], self.fields["fund_amount"]

    @property
    def offer(self) -> royalties.Offer | None:
        given = self.cleaned_data
        if given.get("royalty") is None:
            return None
        fund = given.get("fund", "") if given["owed"] else ""
        return royalties.Offer(given["royalty"], given["currency"], Royalty.ENTERED, self.today, fund=fund,
                               fund_amount=given.get("fund_amount"))

    def clean(self):
        values = super().clean() or self.cleaned_data
        if values.get("royalty") is not None:
            code = values.get("currency", "").strip().upper()
            if values.get("ground") and values["ground"] != "royalty":
                self.add_error("royalty", gettext("An amount belongs to a royalty alone. Choose that ground, or leave "
                                                  "it empty."))
            if not (len(code) == 3 and code.isascii() and code.isalpha()):
                self.add_error("currency", gettext("Enter the currency by its three letters, for example USD."))
            values["currency"] = code
        elif values.get("owed"):
            self.add_error("royalty", gettext("Enter what is owed."))
        if values.get("owed") and "fund" in self.fields and not values.get("fund"):
            self.add_error("fund", gettext("Choose the fund that pays it."))
        return values
