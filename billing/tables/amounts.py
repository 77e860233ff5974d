"""Amounts as people and systems write them. Pure.

1,234.56 · 1.234,56 · 1 234,56 · 1'234.56 · (12.00) · 12.00- · −12.00 · USD 12 · 12,50 € · 12.– · 12.00 CR
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

CENT = Decimal("0.01")
MOST = Decimal("9999999.99")
_MINUS = str.maketrans(dict.fromkeys("−–—‒﹣－", "-") | dict.fromkeys("\u00a0\u202f\u2009\u2007", " ")
                       | dict.fromkeys("’‘`´", "'"))
_CURRENCIES = {"€": "EUR", "£": "GBP", "¥": "JPY", "US$": "USD", "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD",
               "FR.": "CHF", "SFR.": "CHF", "$": ""}
_SIGN = re.compile(r"(US\$|CA?\$|AU?\$|S?FR\.|[€£¥$]|[A-Z]{3}(?![A-Z]))", re.IGNORECASE)
_SIGN_AFTER = re.compile(r"(US\$|CA?\$|AU?\$|S?FR\.|[€£¥$]|(?<![A-Z])[A-Z]{3})$", re.IGNORECASE)
_PLAIN = re.compile(r"([0-9]{1,7})(?:[.,]([0-9]{1,2}))?")
_ONE_SEPARATOR = re.compile(r"\d{1,3}([.,])\d{3}$")


class Amount(NamedTuple):
    """`currency`: three letters where the text names one; "" where not, or where a "$" may be anybody's."""

    value: Decimal
    currency: str = ""


def read(cell: Any, *, decimal_sign: str = "") -> Amount:
    """Of a text, or a number as a workbook has it. `decimal_sign`: "." or "," where the whole column shows it: then
    what would have parts of a cent by it is no amount. Raises ValueError; nothing is rounded unseen."""
    if isinstance(cell, bool):
        raise ValueError(cell)
    if isinstance(cell, (int, float, Decimal)):
        return Amount(_of_number(cell))
    if (plain := _PLAIN.fullmatch(str(cell))) is not None:  # nearly all there are; the long way comes to the same
        return Amount(Decimal(f"{plain[1]}.{plain[2] or '0'}").quantize(CENT))
    bare, negative, currency = _bare(str(cell))
    value = _value(bare, decimal_sign)
    return Amount(-value if negative else value, currency)


def _of_number(number: Any) -> Decimal:
    """A workbook computes in binary fractions: 0.1 + 0.2 is 0.30; but 12.345 is no amount."""
    found = Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
    if not found.is_finite() or abs(found) > MOST:
        raise ValueError(number)
    rounded = found.quantize(CENT)
    if abs(rounded - found) > Decimal("0.000001"):
        raise ValueError(number)
    return rounded


def _bare(text: str) -> tuple[str, bool, str]:
    """Digits and their separators; is it less than nothing? its currency."""
    left = " ".join(text.translate(_MINUS).split())
    left = re.sub(r"(?<=\d)[.,]-{1,2}(?=$|\s)", "", left)  # Swiss: twelve francs are 12.–
    minus, currency = 0, ""
    for _turn in range(6):
        left = left.strip()
        if left.startswith("(") and left.endswith(")"):
            left, minus = left[1:-1], minus + 1
        elif left.startswith("-"):
            left, minus = left[1:], minus + 1
        elif left.endswith("-"):
            left, minus = left[:-1], minus + 1
        elif left.startswith("+"):
            left = left[1:]
        elif re.search(r"\d\s*CR$", left, re.IGNORECASE):
            left, minus = left[:-2], minus + 1
        elif (found := _SIGN.match(left)) or (found := _SIGN_AFTER.search(left)):
            said = _CURRENCIES.get(found[1].upper(), found[1].upper() if found[1].isalpha() else "")
            if currency and said and said != currency:
                raise ValueError(text)
            currency = currency or said
            left = left[:found.start()] + left[found.end():]
        else:
            break
    if minus > 1 or not re.fullmatch(r"[\d.,' ]*\d[\d.,' ]*", left):
        raise ValueError(text)
    return left, minus == 1, currency


def _value(bare: str, decimal_sign: str) -> Decimal:
    sign = _decimal_sign(bare, decimal_sign)
    whole, part = (bare.rsplit(sign, 1) if sign else (bare, ""))
    groups = re.split(r"[.,' ]", whole)
    separators = set(re.findall(r"[.,' ]", whole))
    if not whole:
        groups = ["0"]
    if len(separators) > 1 or (sign and sign in separators) or len(part) > 2 or (sign and not part):
        raise ValueError(bare)
    if len(groups) > 1 and (not 1 <= len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:])):
        raise ValueError(bare)
    digits = "".join(groups)
    if len(digits) > 7 or not digits.isascii() or (part and not (part.isascii() and part.isdigit())):
        raise ValueError(bare)
    return Decimal(f"{digits}.{part or '0'}").quantize(CENT)


def _decimal_sign(bare: str, known: str) -> str:
    """Which separator begins the cents in this text; "" where none does."""
    dots, commas = bare.count("."), bare.count(",")
    if dots and commas:
        return "." if bare.rfind(".") > bare.rfind(",") else ","
    if not dots and not commas:
        return ""
    only = "." if dots else ","
    if dots + commas > 1:
        return ""  # 1.234.567
    if _ONE_SEPARATOR.fullmatch(bare) and not bare.startswith("0"):
        return only if known == only else ""  # 1,234: a thousand, unless the column writes cents with this sign
    return only


def decimal_sign(cells: Iterable[Any]) -> str:
    """Which sign a column writes before its cents, by those cells that can be read in one way only; "" unknown."""
    seen = set()
    for cell in cells:
        if not isinstance(cell, str):
            continue
        try:
            bare = _bare(cell)[0]
        except ValueError:
            continue
        sign = _decimal_sign(bare, "")
        if sign and len(bare.rsplit(sign, 1)[1]) <= 2:
            seen.add(sign)
        elif not sign and bare.count(".") + bare.count(",") > 1:
            seen.add("," if "." in bare else ".")
    return seen.pop() if len(seen) == 1 else ""
