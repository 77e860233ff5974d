"""What is to be said of a line, once its request is known: amounts compared, charged before, cancelled. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

AGREES, TOO_MUCH, LESS, NOT_AGREED, TWICE, NOT_FOUND, CANDIDATES, CANCELLED, WRONG_ITEM, OTHER_LENDER, NO_RATE = (
    "agrees", "too_much", "less", "not_agreed", "twice", "not_found", "candidates", "cancelled", "wrong_item",
    "other_lender", "no_rate",
)
CREDIT, NOT_COME = "credit", "not_come"
# With these nobody has to say anything.
FINE = frozenset({AGREES, LESS, CREDIT})
# What must not be paid unless a person says why.
DOUBTED = frozenset({TOO_MUCH, TWICE, CANCELLED, WRONG_ITEM, OTHER_LENDER, NOT_COME})


@dataclass(frozen=True)
class Facts:
    """Of a matched line. `agreed`: in the invoice's currency, None where nothing was agreed or no rate is known
    (`no_rate`: of this currency). `before`: where it was charged already: {"kind": "booked"|"line", "label": …};
    `cancelled`, `wrong_item`: key of the event that says so; `supplier`: symbol of whoever supplied it instead;
    `waiting`: this library was asked and has shipped nothing."""

    agreed: Decimal | None = None
    no_rate: str = ""
    before: Mapping[str, Any] | None = None
    cancelled: int = 0
    wrong_item: int = 0
    supplier: str = ""
    waiting: bool = False


@dataclass(frozen=True)
class Result:
    """`difference`: billed less agreed."""

    code: str
    difference: Decimal | None = None


def of(amount: Decimal, what: str, facts: Facts, *, tolerance: Decimal) -> Result:
    """The gravest thing that can be said of it."""
    if amount < 0:
        return Result(CREDIT)
    if facts.cancelled:
        return Result(CANCELLED, amount)
    if facts.wrong_item:
        return Result(WRONG_ITEM, amount)
    if facts.before is not None:
        return Result(TWICE, amount)
    if facts.supplier:
        return Result(OTHER_LENDER, amount)
    if facts.waiting:
        return Result(NOT_COME, amount)
    if facts.no_rate:
        return Result(NO_RATE)
    if facts.agreed is None or what in ("lost", "damaged", "fee"):
        return Result(NOT_AGREED)
    difference = amount - facts.agreed
    if difference > tolerance:
        return Result(TOO_MUCH, difference)
    if difference < -tolerance:
        return Result(LESS, difference)
    return Result(AGREES, difference)
