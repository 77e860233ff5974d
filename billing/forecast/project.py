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
    """`spent`, `before`: of each month of the year and of the year before; `firsts`: the months' first days. Of the
    present month comes what is missing of it, at most its days to come: on its last day nearly nothing. What is
    committed comes at least, spread over the days to come where nothing else says when."""
    count = len(firsts)
    if today > ends:
        return Projection((NOTHING,) * count, OVER)
    now = max((place for place, first in enumerate(firsts) if first <= today), default=-1)
    if any(before):
        left = _days_left(firsts, ends, today)
        coming = [_at_least_nothing(before[place]) if place > now else NOTHING for place in range(count)]
        if now >= 0:
            days = left[now] + (today - firsts[now]).days + 1
            coming[now] = min(_at_least_nothing(before[now] - spent[now]),
                              (_at_least_nothing(before[now]) * left[now] / days).quantize(CENT))
        method = LAST_YEAR
    elif any(spent) and now >= 0:
        coming, method = _by_day(sum(spent, NOTHING), firsts, ends, today, now), RUN_RATE
    else:
        coming, method = [NOTHING] * count, NONE
    missing = _at_least_nothing(committed - sum(coming, NOTHING))
    for place, amount in enumerate(_spread(missing, _days_left(firsts, ends, today), max(now, 0))):
        coming[place] += amount
    return Projection(tuple(coming), method)


def _days_left(firsts: Sequence[date], ends: date, today: date) -> list[int]:
    """Of each month, the days after today."""
    found = []
    for place, first in enumerate(firsts):
        after = firsts[place + 1].toordinal() if place + 1 < len(firsts) else ends.toordinal() + 1
        found.append(max(0, after - max(first.toordinal(), today.toordinal() + 1)))
    return found


def _spread(amount: Decimal, days: Sequence[int], now: int) -> list[Decimal]:
    """By days, to the cent; on the year's last day all of it in the present month."""
    if not sum(days):
        return [amount if place == now else NOTHING for place in range(len(days))]
    found, given, gone = [], NOTHING, 0
    for some in days:
        gone += some
        so_far = (amount * gone / sum(days)).quantize(CENT)
        found.append(so_far - given)
        given = so_far
    return found


def _by_day(spent: Decimal, firsts: Sequence[date], ends: date, today: date, now: int) -> list[Decimal]:
    a_day = _at_least_nothing(spent) / ((today - firsts[0]).days + 1)
    return [(a_day * days).quantize(CENT) if place >= now else NOTHING
            for place, days in enumerate(_days_left(firsts, ends, today))]


def _at_least_nothing(amount: Decimal) -> Decimal:
    return max(amount, NOTHING)
