"""Money of the department as other apps ask for it: funds that can be used on a day, and what is put aside of them.

`billing` answers (AppConfig.ready). Where nobody does, `funds()` is None, and what is agreed is kept without a fund.
Amounts are Decimal in the fund's own currency.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from django.utils.translation import gettext as _

from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.figures import figures

CENT = Decimal("0.01")
MOST = Decimal("9999999.99")  # as much as a column of an amount holds
# Money that is paid with (ISO 4217, active codes, without metals, funds and units of account).
CURRENCIES = (
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BHD", "BIF", "BMD",
    "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP", "CNY", "COP", "CRC", "CUP",
    "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP",
    "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD",
    "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD",
    "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN",
    "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB",
    "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL",
    "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VES", "VND",
    "VUV", "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
)

__all__ = [
    "CENT", "CURRENCIES", "MOST", "Fund", "Funds", "NotEnough", "amount_of", "answer_with", "cents", "currency_of",
    "figures", "funds", "shown",
]


@dataclass(frozen=True)
class Fund:
    """A fund in the fiscal year of a day. `left`: what is neither committed nor spent."""

    code: str
    name: str
    currency: str
    year: str
    budget: Decimal
    left: Decimal


class NotEnough(NotAllowed):
    """More than is left of the fund. As text: the sentence for whoever wanted it."""


class Funds(Protocol):
    def on(self, day: date) -> list[Fund]:
        """Funds that can be used on this day, by code."""

    def commit(
        self, key: str, *, fund: str, day: date, amount: Decimal, what: str, about: str, actor: Actor, now: datetime,
        over_reason: str = "",
    ) -> Fund:
        """Put an amount aside, once per `key`; the fund as it stands after it. `what`: a code, `about`: a number of
        ours. More than is left is refused (NotEnough), unless somebody who may change budgets gives a reason."""

    def spend(self, key: str, amount: Decimal, *, actor: Actor, now: datetime) -> bool:
        """What was put aside is paid, with what it really was. Again with another amount: it is put right. False
        when there is nothing to do."""

    def unspend(self, key: str, *, actor: Actor, now: datetime) -> bool:
        """It was not paid after all: put aside as before. False when there is nothing to do."""

    def release(self, key: str, *, actor: Actor, now: datetime) -> bool:
        """It is not needed after all. False when there is nothing to do."""


_answering: list[Funds] = []


def answer_with(answers: Funds) -> None:
    _answering[:] = [answers]


def funds() -> Funds | None:
    return _answering[0] if _answering else None


def cents(amount: Any) -> Decimal | None:
    """A sum as the database gives it, to the cent: SQLite adds in binary fractions, and forgets a sum's places."""
    return None if amount is None else Decimal(str(amount)).quantize(CENT)


def currency_of(text: str) -> str:
    """'EUR' from ' eur '. BadAnswer where there is none of this code."""
    code = text.strip().upper()
    if code not in CURRENCIES:
        raise BadAnswer(_("There is no currency %(code)s: enter its three letters, for example EUR.") % {
            "code": code}, field="currency")
    return code


_PLAIN = re.compile(r"\d{1,9}(?:\.\d{1,4})?")


def amount_of(text: str) -> Decimal:
    """From "38", "38.00", "USD 1,214.00", "12,50". Raises ValueError for what is no amount, or has
    parts of a cent: nothing is rounded unseen."""
    bare = re.sub(r"[A-Z]{3}|[$€£¥\s' ]", "", text.strip().upper())
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?", bare):
        bare = bare.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d{1,2}", bare):
        bare = bare.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d+,\d{1,2}", bare):
        bare = bare.replace(",", ".")
    if not _PLAIN.fullmatch(bare):
        raise ValueError(text)
    try:
        amount = Decimal(bare).quantize(CENT)
        if amount != Decimal(bare):
            raise ValueError(text)
    except InvalidOperation as failure:
        raise ValueError(text) from failure
    if amount > MOST:
        raise ValueError(text)
    return amount


def shown(amount: Decimal | None, currency: str) -> str:
    """'USD 1,214.00'"""
    return "" if amount is None else f"{currency} {figures(amount)}"
