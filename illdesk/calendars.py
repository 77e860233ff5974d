"""When an answer is due: working days, closed days and time zones. Pure: no tables, no clock.

Three ways of counting (RULES P1). AFTER: the n-th working day after today, until its end. TODAY (OCLC): today
is the first day, or the next working day when today is none. HOURS (RapidILL): n times 24 hours, of which
only those of working days count.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from illdesk.errors import DeskError

AFTER, TODAY, HOURS = "after", "today", "hours"
# A calendar without a working day for this long is taken to be closed for good.
_LONGEST_CLOSURE = 3660
_DAY = timedelta(days=1)


class NeverOpen(DeskError):
    """The calendar has no working day to count."""


@dataclass(frozen=True)
class Days:
    """`weekdays`: ISO, Monday is 1. `closed`: first and last day of each closure."""

    zone: ZoneInfo
    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    counting: str = AFTER
    closed: frozenset[tuple[date, date]] = frozenset()
    name: str = ""

    def is_open(self, day: date) -> bool:
        return day.isoweekday() in self.weekdays and self._closure_of(day) is None

    def today(self, now: datetime) -> date:
        """The day that `now` belongs to, where this calendar counts."""
        return now.astimezone(self.zone).date()

    def closed_between(self, first: date, last: date) -> int:
        """How many days from `first` to `last` would be working days if there were no closures."""
        return sum(
            1 for low, high in self._merged
            for day in _each(max(low, first), min(high, last)) if day.isoweekday() in self.weekdays
        )

    def deadline(self, start: datetime, days: int) -> datetime:
        """Until when a message of `start` (aware) must be answered within `days`, in UTC. A day ends one second
        before the next, so that the moment shows the day it belongs to. Fewer than one day is read as one.

        Raises NeverOpen when there is no such day.
        """
        days = max(days, 1)
        try:
            if self.counting == HOURS:
                return self._after_hours(start, days)
            day = self.today(start)
            if self.counting == AFTER:
                day += _DAY
            day = self._open_from(day)
            for _count in range(days - 1):
                day = self._open_from(day + _DAY)
            return self._begin(day + _DAY) - timedelta(seconds=1)
        except OverflowError as failure:  # beyond the year 9999
            raise self._never() from failure

    def _after_hours(self, start: datetime, days: int) -> datetime:
        left, now = timedelta(hours=24 * days), start.astimezone(UTC)
        day = self.today(start)
        while True:
            day = self._open_from(day)
            # Real hours: a working day on which the clocks change has 23 or 25.
            begins, ends = max(self._begin(day), now), self._begin(day + _DAY)
            if left <= ends - begins:
                return begins + left
            left -= max(ends - begins, timedelta(0))
            day += _DAY

    def _begin(self, day: date) -> datetime:
        """The day's first moment. A midnight that the clocks leave out is the moment of the change."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def _open_from(self, day: date) -> date:
        """The first working day that is not before `day`."""
        last = day + timedelta(days=_LONGEST_CLOSURE)
        while self.weekdays and day <= last:
            if (closure := self._closure_of(day)) is not None:
                day = closure + _DAY
            elif day.isoweekday() in self.weekdays:
                return day
            else:
                day += _DAY
        raise self._never()

    def _closure_of(self, day: date) -> date | None:
        """The last day of a closure that holds this day."""
        return next((last for first, last in self._closures if first <= day <= last), None)

    @cached_property
    def _merged(self) -> list[tuple[date, date]]:
        """Closures that overlap as one, so that no day counts twice."""
        found: list[tuple[date, date]] = []
        for first, last in self._closures:
            if found and first <= found[-1][1]:
                found[-1] = (found[-1][0], max(last, found[-1][1]))
            else:
                found.append((first, last))
        return found

    @cached_property
    def _closures(self) -> list[tuple[date, date]]:
        return sorted(self.closed)

    def _never(self) -> NeverOpen:
        return NeverOpen(
            _("The calendar “%(name)s” has no working day for ten years. Look at its working and closed days.")
            % {"name": self.name or self.zone.key}
        )


def _each(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY
