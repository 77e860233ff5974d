"""Words in cells: as they are compared, and those of a row that adds up others. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

_ASCII_WORD = re.compile("[a-z0-9]+")
_TOTAL = re.compile(
    r"(?:grand |sub ?|invoice |net |overall |line )?totals?(?: (?:due|amount|usd|eur|to pay|of .*))?|sums?|summe|gesamt"
    r"(?:betrag|summe)?|zwischensumme|endbetrag|importe total|total (?:a pagar|general|factura)|suma(?: total)?|"
    r"subtotal|montant total|somme|total general|balance(?: due)?|amount due|please pay(?: this amount)?|a pagar"
)
_MAY_BE_TOTAL = re.compile("tot|sum|som|betrag|balance|due|pay|pagar", re.IGNORECASE)


def plain(text: Any) -> str:
    """Letters and digits in lower case, without accents, one space between words."""
    said = str(text or "")
    if said.isascii():  # most are; four times as fast
        return " ".join(_ASCII_WORD.findall(said.lower()))
    folded = unicodedata.normalize("NFKD", said).casefold()
    kept = "".join(sign if sign.isalnum() else " " for sign in folded if not unicodedata.combining(sign))
    return " ".join(kept.split())


def is_total(cells: Sequence[Any], amount_at: int) -> bool:
    """A row that adds up others: one cell says so, and beside amounts nothing else stands in it."""
    if not _MAY_BE_TOTAL.search("|".join(cell for cell in cells if isinstance(cell, str))):  # most rows
        return False
    words = [plain(cell) for place, cell in enumerate(cells)
             if isinstance(cell, str) and plain(cell) and place != amount_at]
    texts = [word for word in words if not re.fullmatch(r"[a-z]{3}|[\d ]+", word)]
    return bool(texts) and all(_TOTAL.fullmatch(text) for text in texts)
