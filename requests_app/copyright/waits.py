"""Requests that wait for a place of their title (C16): told when one is free, looked at again on a day at the latest.

A place that is freed is told to who waits longest, in the transaction that freed it. A new count starts on 1 January;
nothing waits without a next date.
"""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.db.models import Q
from django.utils import timezone

from illdesk import rows
from requests_app.models import CopyrightTitle, CopyrightUse, ILLRequest, PlaceWait

FREE, OVER = "place_free", "wait_over"  # codes of reasons.ATTENTION


def begin(ill: ILLRequest, title: CopyrightTitle, year: int, *, by, now: datetime) -> PlaceWait:
    """Once a request; who waits already keeps its turn."""
    next_on = next_day(ill, timezone.localtime(now).date())
    row = PlaceWait(ill=ill, title=title, year=year, since=now, by=by, next_on=next_on)
    if not rows.insert(row, unless_there=True):
        return PlaceWait.objects.get(ill=ill, ended=None)
    return row


def next_day(ill: ILLRequest, today: date) -> date:
    """The patron's day, when it comes before the next count."""
    new_year = date(today.year + 1, 1, 1)
    if ill.need_by is not None and today < ill.need_by < new_year:
        return ill.need_by
    return new_year


def moment_of(day: date) -> datetime:
    """The midnight with which a day begins in the library."""
    return timezone.make_aware(datetime.combine(day, time()))


def of(ill: ILLRequest) -> PlaceWait | None:
    return PlaceWait.objects.filter(ill=ill, ended=None).select_related("title").first()


def end(ill: ILLRequest, *, now: datetime) -> bool:
    return bool(PlaceWait.objects.filter(ill=ill, ended=None).update(ended=now))


def look_again_on(ill: ILLRequest, day: date) -> None:
    PlaceWait.objects.filter(ill=ill, ended=None).update(next_on=day)


# --- a place is free -----------------------------------------------------------------------------------------


def freed(places: Iterable[tuple[int, int]], *, now: datetime) -> list[int]:
    """Places of these (title, year) may be free: who waits longest is told, as many as there are places that nobody
    was told of yet. The requests that were told."""
    told: list[int] = []
    for title, year in sorted(set(places)):
        waiting = list(PlaceWait.objects.filter(title=title, year=year, ended=None).order_by("pk"))
        if not waiting:
            continue
        free = _free_places(title, year) - sum(row.told is not None for row in waiting)
        for row in [row for row in waiting if row.told is None][:max(free, 0)]:
            if PlaceWait.objects.filter(pk=row.pk, told=None, ended=None).update(told=now):
                ILLRequest.objects.filter(pk=row.ill_id).update(attention=now, attention_why=FREE)
                told.append(row.ill_id)
    return told


def _free_places(title: int, year: int) -> int:
    counted = CopyrightUse.objects.filter(title=title, year=year, place__isnull=False)
    taken = list(counted.filter(state__in=CopyrightUse.COUNTED).values_list("limit", flat=True))
    limit = max(taken) if taken else counted.order_by("-pk").values_list("limit", flat=True).first() or 0
    return limit - len(taken)


def taken(title: int, year: int) -> None:
    """Somebody else took the place of which one was told: the next free one is told again."""
    waiting = PlaceWait.objects.filter(title=title, year=year, ended=None, told__isnull=False)
    if waiting.exists() and _free_places(title, year) <= 0:
        pks = list(waiting.values_list("ill", flat=True))
        waiting.update(told=None)
        ILLRequest.objects.filter(pk__in=pks, attention_why=FREE).update(attention=None, attention_why="")


def moved(gone: CopyrightTitle, keep: CopyrightTitle) -> None:
    """Who waited for a title that is another one now waits there."""
    PlaceWait.objects.filter(title=gone, ended=None).update(title=keep)


# --- lists ---------------------------------------------------------------------------------------------------


def waiting(*, after: tuple[date, int] | None = None, most: int = 0):
    """By the day on which each is looked at again."""
    found = PlaceWait.objects.filter(ended=None).select_related("title", "ill", "by").order_by("next_on", "pk")
    if after is not None:
        day, pk = after
        found = found.filter(Q(next_on__gt=day) | Q(next_on=day, pk__gt=pk))
    return found[:most] if most else found
