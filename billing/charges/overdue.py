"""How much an overdue loan costs: days counted, grace, free days, the most. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

NOTHING = Decimal("0.00")
# No loan is overdue for longer: a date that cannot be meant must not count for ever.
_LONGEST = 3660


@dataclass(frozen=True)
class Price:
    """`most`: nothing means no limit."""

    a_day: Decimal
    most: Decimal = NOTHING
    grace: int = 0
    free: int = 0


@dataclass(frozen=True)
class Owed:
    """`days`: overdue days that count, before the free ones are taken off."""

    days: int
    amount: Decimal


def owed(
    due: date, until: date, price: Price, *, counts: Callable[[date], bool] = lambda day: True,
    held: Iterable[tuple[date, date | None]] = (),
) -> Owed:
    """What is owed on `until` for a loan due on `due`. A day counts when it is after the due date, `counts` says so
    (the library is open) and no hold (first and last day; None: it still holds) covers it."""
    holds = list(held)
    days, day, last = 0, due + timedelta(days=1), min(until, due + timedelta(days=_LONGEST))
    while day <= last:
        if counts(day) and not any(first <= day and (end is None or day <= end) for first, end in holds):
            days += 1
        day += timedelta(days=1)
    if days <= price.grace:
        return Owed(days, NOTHING)
    amount = max(days - price.free, 0) * price.a_day
    return Owed(days, min(amount, price.most) if price.most else amount)
