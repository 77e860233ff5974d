"""Amounts of money: read as people write them, shown as people read them; the currencies there are. Pure."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from illdesk.errors import BadAnswer

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


def figures(amount: Decimal) -> str:
    """'1,214.00', '−4.00': as people read it on paper, in a letter, in a sentence. The minus is the one that pages
    have (the filter `amount`); files for programs write a hyphen."""
    return f"{amount + 0:,.2f}".replace("-", "\N{MINUS SIGN}")  # of "-0.00" no sign is left


def counted(number: int) -> str:
    """'12', '−4': a number of pieces, as people read it."""
    return str(number).replace("-", "\N{MINUS SIGN}")


def shown(amount: Decimal | None, currency: str) -> str:
    """'USD 1,214.00'"""
    return "" if amount is None else f"{currency} {figures(amount)}"
