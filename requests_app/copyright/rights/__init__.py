"""Who says what a copy costs in royalty: a Protocol, with a service over HTTP and a paper stand-in.

Asked before a transaction, never in it; what is not answered, a person enters.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

COPY, PAGE = "copy", "page"


@dataclass(frozen=True)
class Wanted:
    """What a price is asked for; nothing of a patron. `numbers`: ("issn:1234-567X", …); `pages`: how
    many, 0 unknown."""

    numbers: tuple[str, ...]
    title: str
    published: str = ""
    pages: int = 0


@dataclass(frozen=True)
class Quote:
    """`price` for one copy, or for a page (`per`); None where `licence` (ours, by its name) covers it."""

    price: Decimal | None
    currency: str = ""
    per: str = COPY
    terms: str = ""
    valid_until: date | None = None
    licence: str = ""

    def total(self, pages: int) -> Decimal | None:
        """For one copy; None where it cannot be told."""
        if self.price is None or self.per == COPY:
            return self.price
        return self.price * pages if pages else None


class Rights(Protocol):
    def quote(self, wanted: Wanted) -> Quote | None:
        """None where it knows no price. Raises AdapterError."""

    def test(self) -> str:
        """A sentence on how it answered. Raises AdapterError."""
