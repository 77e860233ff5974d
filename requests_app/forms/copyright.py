"""The form of the decision on a copy: one list of ways to get it, each with what it costs and leads to."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from illdesk import money
from requests_app import reasons
from requests_app.copyright import asking, choices, prices, royalties, ways, words
from requests_app.forms.steps import FORMS, StepForm
from requests_app.models import Royalty

WITHIN, PAY, INCLUDED, GROUND, VERSION, WAIT, BUY, REFER, CANCEL = (
    "within", "pay", "included", "ground", "version", "wait", "buy", "refer", "cancel",
)
_STEPS = {
    WITHIN: "decide_copyright", PAY: "decide_copyright", INCLUDED: "decide_copyright", GROUND: "decide_copyright",
    VERSION: "other_version", WAIT: "wait_for_place", BUY: "buy_instead", REFER: "refer",
}
_LABELS = {
    WITHIN: _("Within the guidelines"), PAY: _("Pay the royalty"), INCLUDED: _("A lender whose price includes it"),
    GROUND: _("Other lawful ground"), VERSION: _("Another edition or version"), WAIT: _("Wait for a place"),
    BUY: _("Buy it instead"), REFER: _("Refer to the supervisor"), CANCEL: _("Cancel with a letter"),
}


class CopyrightForm(StepForm):
    """`seen`: the total that stood on the page ("38.00 USD"): nothing is paid that was not shown. `offered`: the price
    that was known then, with its source; one that changed since is told and nothing is charged."""

    how = forms.ChoiceField(
        choices=list(_LABELS.items()), error_messages={"required": _("Choose how the copy may be got."),
                                                       "invalid_choice": _("Choose how the copy may be got.")})
    price = forms.CharField(label=_("Price"), required=False, max_length=20,
                            widget=forms.TextInput(attrs={"inputmode": "decimal", "data-price": ""}))
    currency = forms.CharField(label=_("Currency"), required=False, max_length=3,
                               widget=forms.TextInput(attrs={"autocapitalize": "characters", "data-currency": ""}))
    fund = forms.ChoiceField(label=_("Fund"), required=False)
    fund_amount = forms.CharField(
        label=_("In the fund's currency, where it is another (optional)"), required=False, max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    over_reason = forms.CharField(label=_("Why beyond the budget (optional)"), required=False, max_length=300)
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput(attrs={"data-seen": ""}))
    offered = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    lender = forms.ChoiceField(label=_("Lender"), required=False)
    ground = forms.ChoiceField(
        label=_("Ground"), required=False,
        choices=[("", _("Choose…")), *((code, label) for code, label in words.GROUNDS.items() if code != "royalty")])
    # What is stated to suppliers, where the rules of the country know several codes.
    compliance = forms.ChoiceField(
        label=_("Stated to the library"), required=False,
        error_messages={"invalid_choice": _("Choose the ground that is stated.")})
    within_text = forms.CharField(
        label=_("Reason"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}))
    text = forms.CharField(
        label=_("Reason"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}))
    version_text = forms.CharField(
        label=_("What could do instead?"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}))
    refer_text = forms.CharField(
        label=_("What should the supervisor decide?"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}))
    then = forms.ChoiceField(
        label=_("And this request"), required=False, widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose what becomes of the request.")},
        choices=[("wait", _("Waits for a place")), ("stay", _("Stays here")),
                 ("cancel", _("Is cancelled with a letter"))])

    def __init__(self, data=None, files=None, **kwargs):
        super().__init__(data, files, **kwargs)
        rules = self.known.look.rules
        if data is not None and not data.get("how") and data.get("compliance"):
            # A program, or a page from before, says only what is stated.
            self._now_says("how", WITHIN if rules.takes_a_place(data["compliance"]) else GROUND)
        if data is not None and "within_text" not in data and data.get("text"):
            self._now_says("within_text", data["text"])
        if not self._may_wait:
            self.fields["then"].choices = self.fields["then"].choices[1:]  # type: ignore[attr-defined]
        codes = [(code, reasons.COMPLIANCE[code]) for code in rules.codes]
        self.fields["compliance"].choices = codes  # type: ignore[attr-defined]
        funds = [(one.code, ways.fund_words(one)) for one in self.known.funds]
        self.fields["fund"].choices = [("", _("Choose…")), *funds]  # type: ignore[attr-defined]
        self.fields["lender"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose…")), *((str(one.pk), f"{one.symbol} · {one.name}") for one in self.known.lenders)]

    @property
    def only_looks(self) -> bool:  # type: ignore[override]
        """The rights service is asked, before anything else and outside of every transaction."""
        if "look" not in self.data:
            return False
        self._ask()
        for name in ("price", "currency", "offered", "seen", "how"):
            self._now_says(name, str(self.first_values().get(name, "")) if name != "how" else PAY)
        return True

    def _ask(self) -> None:
        wanted = prices.wanted_of(self.known.look.wanted, self.ill.citation)
        asking.ask(wanted, number=self.ill.number, now=timezone.now())
        del self.known

    @cached_property
    def known(self) -> choices.Choices:
        return choices.gather(self.ill, now=timezone.now())

    @property
    def look(self):
        return self.known.look

    def first_values(self) -> dict:
        """What the rules lean to, for a person to confirm; of what is in doubt nothing is chosen."""
        found, price = self.known.look.decision, self.known.price
        how = ""
        if found.certain:
            how = WITHIN if self.known.look.rules.takes_a_place(found.code) else GROUND
        elif self.known.wait:
            how = WAIT
        ground, text = found.ground, ""
        if price is not None and price.licence:
            ground, text = "licence", gettext("The licence “%(name)s” covers it.") % {"name": price.licence}
        after = "wait" if self._may_wait else "stay"
        first = {"how": how, "ground": ground, "text": text, "then": after, "fund": self._usual_fund()}
        if price is not None and price.amount is not None:
            first |= {"price": str(price.amount), "currency": price.currency, "offered": self._offered(),
                      "seen": _total(price.amount, price.currency)}
        return {"currency": "USD", "compliance": self.known.look.rules.outside} | first

    @property
    def _may_wait(self) -> bool:
        return not self.known.look.has_room and self.known.look.title is not None

    def _usual_fund(self) -> str:
        funds = self.known.funds
        return funds[0].code if len(funds) == 1 else ""

    def _offered(self) -> str:
        price = self.known.price
        return "" if price is None or price.amount is None else f"{_total(price.amount, price.currency)} {price.source}"

    def _now_says(self, name: str, value: str) -> None:
        data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        data[name] = value
        self.data = data

    # --- checking ------------------------------------------------------------------------------------------------

    def clean(self):
        super().clean()
        given = self.cleaned_data
        check = getattr(self, f"_clean_{given.get('how', '')}", None)
        if check is not None:
            check(given)
        return given

    def add_error(self, field, error):
        """What is said of the reason stands where the reason of this choice was written."""
        within = field == "text" and self.cleaned_data.get("how") == WITHIN
        super().add_error("within_text" if within else field, error)

    def _clean_within(self, given: dict) -> None:
        if self.known.within and self.look.decision.doubts and not given.get("within_text", "").strip():
            self.add_error("within_text", words.REASON_NEEDED)

    def _clean_ground(self, given: dict) -> None:
        rules = self.known.look.rules
        stated = given.get("compliance", "")
        if "ground" in self.data and not given.get("ground") and "ground" not in self.errors:
            self.add_error("ground", _("Choose the ground."))
        given["compliance"] = rules.outside if not stated or rules.takes_a_place(stated) else stated
        if rules.needs_a_reason(given["compliance"]) and not given.get("text", "").strip():
            self.add_error("text", _("Write the ground: you answer for it."))
        elif self.look.decision.doubts and not given.get("text", "").strip():
            self.add_error("text", words.REASON_NEEDED)

    def _clean_version(self, given: dict) -> None:
        if not given.get("version_text", "").strip():
            self.add_error("version_text", _("Write what could do instead; a colleague looks for it."))

    def _clean_refer(self, given: dict) -> None:
        if not given.get("refer_text", "").strip():
            self.add_error("refer_text", _("Write what the supervisor should decide."))

    def _clean_included(self, given: dict) -> None:
        chosen = next((one for one in self.known.lenders if str(one.pk) == given.get("lender")), None)
        if chosen is None:
            self.add_error("lender", _("Choose the lender."))
        given["library"] = chosen

    def _clean_pay(self, given: dict) -> None:
        amounts: dict[str, Decimal | None] = {}
        for name in ("price", "fund_amount"):
            try:
                amounts[name] = money.amount_of(given[name]) if given.get(name) else None
            except ValueError:
                self.add_error(name, _("This is not an amount of money."))
        currency = given.get("currency", "").strip().upper()
        if not re.fullmatch("[A-Z]{3}", currency):
            self.add_error("currency", _("Enter the currency as three letters, for example USD."))
        if not self.errors and amounts["price"] is None:
            self.add_error("price", _("Enter the price."))
        if self.known.funds and not given.get("fund") and "fund" not in self.errors:
            self.add_error("fund", _("Choose the fund that pays it."))
        if self.errors:
            return
        price = amounts["price"]
        assert price is not None
        total = _total(price, currency)
        source, on = self._source(given, total)
        if self.errors:
            return
        if given.get("seen") != total:
            self._now_says("seen", total)
            self.add_error("price", gettext(
                "The total is %(total)s now. Nothing was charged: look at it, then record it again."
            ) % {"total": money.shown(price, currency)})
            return
        given["royalty"] = royalties.Offer(
            price, currency, source, on, fund=given.get("fund", ""), fund_amount=amounts["fund_amount"],
            over_reason=given.get("over_reason", ""))

    def _source(self, given: dict, total: str):
        """Where the price is from. One that was offered must still be what the list or the service says."""
        offered = given.get("offered", "")
        if not offered.startswith(f"{total} "):
            return Royalty.ENTERED, self.today
        if offered.endswith(Royalty.SERVICE):
            self._ask()
        now = self._offered()
        if now != offered:
            for name in ("price", "currency", "offered"):
                self._now_says(name, str(self.first_values().get(name, "")))
            price = self.known.price
            shown = money.shown(price.amount, price.currency) if price and price.amount is not None else ""
            self.add_error("price", gettext(
                "The price changed since it was shown: it is %(price)s now. Nothing was charged."
            ) % {"price": shown} if shown else gettext(
                "The price that was shown does not hold any more. Nothing was charged: look it up and enter it."))
            return "", self.today
        price = self.known.price
        assert price is not None  # it was just what was offered
        return price.source, price.on

    # --- what it comes to ----------------------------------------------------------------------------------------

    @property
    def takes(self) -> str:
        """The step that the choice takes; '' where it only opens another page."""
        return _STEPS.get(self.cleaned_data["how"], "")

    @property
    def leads_to(self) -> str:
        """The page that opens after it."""
        given = self.cleaned_data
        if given["how"] == CANCEL or (given["how"] == BUY and given.get("then") == "cancel"):
            return reverse("act", args=[self.ill.number, "cancel"])
        return ""

    def answers(self) -> dict[str, Any]:
        given, rules = self.cleaned_data, self.known.look.rules
        return {
            WITHIN: lambda: {"compliance": rules.inside, "text": given["within_text"]},
            PAY: lambda: {"royalty": given["royalty"], "text": ""},
            INCLUDED: lambda: {"lender": given["library"], "text": ""},
            GROUND: lambda: {"compliance": given["compliance"], "ground": given["ground"], "text": given["text"]},
            VERSION: lambda: {"text": given["version_text"]},
            REFER: lambda: {"text": given["refer_text"]},
            BUY: lambda: {"text": "", "wait": given.get("then") == "wait"},
        }.get(given["how"], dict)()

    # --- for the page --------------------------------------------------------------------------------------------

    @property
    def total_shown(self) -> str:
        """On the button."""
        try:
            return money.shown(money.amount_of(self["price"].value() or ""), str(self["currency"].value() or ""))
        except ValueError:
            return ""

    @cached_property
    def options(self) -> list[dict]:
        """The ways that are possible where the request stands, with the fields that belong to each."""
        review = self.ill.state.endswith("copyright_review")
        known = self.known
        rows = [
            (WITHIN, known.within, ways.within_words(known), "",
             ["within_text"] if self.look.decision.doubts else []),
            (PAY, True, ways.pay_words(known), ways.price_words(known), []),
            (INCLUDED, bool(known.lenders), ways.included_words(known), ways.included_price(known), ["lender"]),
            (GROUND, True, ways.ground_words(known), "", [*self._stated(), "ground", "text"]),
            (VERSION, review, ways.version_words(known), "", ["version_text"]),
            (WAIT, self._may_wait,
             ways.wait_words(known, self.ill, self.today), "", []),
            (BUY, review, gettext("A purchase is proposed to collection development; the request waits or ends."), "",
             ["then"]),
            (REFER, not self.ill.referred, gettext("The supervisor is asked; the request stays here."), "",
             ["refer_text"]),
            (CANCEL, True, gettext("Opens the letter before anything is sent."), "", []),
        ]
        chosen = self["how"].value()
        return [
            {"value": value, "label": _LABELS[value], "words": said, "amount": amount, "checked": value == chosen,
             "fields": [self[name] for name in fields], "pay": value == PAY}
            for value, possible, said, amount, fields in rows if possible
        ]

    def _stated(self) -> list[str]:
        rules = self.known.look.rules
        return ["compliance"] if sum(not rules.takes_a_place(code) for code in rules.codes) > 1 else []


def _total(price: Decimal | None, currency: str) -> str:
    return f"{price} {currency}"


FORMS["copyright"] = CopyrightForm
