"""What a year will probably come to. Pure: amounts by month in, amounts by month out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

CENT, NOTHING = Decimal("0.01"), Decimal("0.00")
LAST_YEAR, RUN_RATE, OVER, NONE = "last_year", "run_rate", "over", "none"


@dataclass(frozen=True)
class Projection:
    """`months`: what is still to come in each month of the year, nothing in those that are over. `method`: by the same
    months of the year before, by what a day cost so far, none where nothing was ever spent, over: the year ended."""

    months: tuple[Decimal, ...]
    method: str

    @property
    def rest(self) -> Decimal:
        return sum(self.months, NOTHING)


def project(
    spent: Sequence[Decimal], before: Sequence[Decimal], firsts: Sequence[date], ends: date, today: date,
    committed: Decimal = NOTHING,
) -> Projection:
    """`spent`, `before`: of each month of the year and of the year before; `firsts`: the months' first days. What is
    committed comes at least, in the present month where nothing else says when."""
    count = len(firsts)
    if today > ends:
        return Projection((NOTHING,) * count, OVER)
    now = max((place for place, first in enumerate(firsts) if first <= today), default=-1)
    if any(before):
        coming = [_at_least_nothing(before[place] - (spent[place] if place == now else NOTHING)) if place >= max(now, 0)
                  else NOTHING for place in range(count)]
        method = LAST_YEAR
    elif any(spent) and now >= 0:
        coming, method = _by_day(sum(spent, NOTHING), firsts, ends, today, now), RUN_RATE
    else:
        coming, method = [NOTHING] * count, NONE
    missing = _at_least_nothing(committed - sum(coming, NOTHING))
    coming[max(now, 0)] += missing
    return Projection(tuple(coming), method)


def _by_day(spent: Decimal, firsts: Sequence[date], ends: date, today: date, now: int) -> list[Decimal]:
    a_day = _at_least_nothing(spent) / ((today - firsts[0]).days + 1)
    coming = []
    for place, first in enumerate(firsts):
        after = firsts[place + 1] if place + 1 < len(firsts) else date.fromordinal(ends.toordinal() + 1)
        begins = max(first.toordinal(), today.toordinal() + 1)
        days = max(0, after.toordinal() - begins) if place >= now else 0
        coming.append((a_day * days).quantize(CENT))
    return coming


def _at_least_nothing(amount: Decimal) -> Decimal:
    return max(amount, NOTHING)
