"""Requests that wait for a place of their title (C16): told when one is free, looked at again on a day at the latest.

Every change of places is followed by `recount`, in a transaction of its own right after the commit: it locks requests
before waits, as their steps do, and holds nothing else, so neither can wait for the other in a circle. What a dead
process left uncounted the clock counts. A new count starts on 1 January; nothing waits without a next date.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from illdesk import rows
from requests_app.copyright import clearance
from requests_app.copyright.rules import Rules
from requests_app.models import CopyrightTitle, CopyrightUse, ILLRequest, PlaceWait

FREE, OVER = "place_free", "wait_over"  # codes of reasons.ATTENTION
MARKS = (FREE, OVER)
# Who was told of a place and decided to take it has it in mind until it is sent or gives it up.
ON_THE_WAY = ("borrowing.ready_to_send", "borrowing.unfilled")
_LOOK_AGAIN = timedelta(days=30)
Place = tuple[int, int]  # title, year


def begin(
    ill: ILLRequest, title: CopyrightTitle, year: int, *, by, now: datetime, fixed: bool = False
) -> PlaceWait:
    """Once a request; who waits already keeps its turn. `fixed`: `year_is_fixed`."""
    next_on = next_day(ill, timezone.localtime(now).date(), fixed=fixed)
    row = PlaceWait(ill=ill, title=title, year=year, since=now, by=by, next_on=next_on)
    if not rows.insert(row, unless_there=True):
        PlaceWait.objects.filter(ill=ill, ended=None).update(title=title, year=year, told=None, next_on=next_on)
        row = PlaceWait.objects.get(ill=ill, ended=None)
    changed([(title.pk, year)], now=now)
    return row


def year_is_fixed(found: clearance.Look) -> bool:
    """Does it count in the same year whenever it is sent? Then no other count helps."""
    return found.facts.asked.first_sent is not None or found.rules.dated_by == "asked"


def next_day(ill: ILLRequest, today: date, *, fixed: bool = False) -> date:
    """The patron's day, when it comes before the next count; where no count helps, in a month at the latest."""
    last = today + _LOOK_AGAIN if fixed else date(today.year + 1, 1, 1)
    if ill.need_by is not None and today < ill.need_by < last:
        return ill.need_by
    return last


def moment_of(day: date) -> datetime:
    """The midnight with which a day begins in the library."""
    return timezone.make_aware(datetime.combine(day, time()))


def of(ill: ILLRequest) -> PlaceWait | None:
    return PlaceWait.objects.filter(ill=ill, ended=None).select_related("title").first()


def end(ill: ILLRequest, *, now: datetime) -> PlaceWait | None:
    """It waits no more; a mark that was set a moment ago goes too. The wait that ended, for who takes it back."""
    row = PlaceWait.objects.filter(ill=ill, ended=None).first()
    if row is None or not PlaceWait.objects.filter(pk=row.pk, ended=None).update(ended=now):
        return None
    ILLRequest.objects.filter(pk=ill.pk, attention_why__in=MARKS).update(attention=None, attention_why="")
    changed([(row.title_id, row.year)], now=now)
    return row


def reopen(ill: ILLRequest, pk: int, *, now: datetime) -> bool:
    """The step that ended this wait was taken back: it has its turn again."""
    if PlaceWait.objects.filter(ill=ill, ended=None).exists():
        return False
    if not PlaceWait.objects.filter(pk=pk, ill=ill).exclude(ended=None).update(ended=None):
        return False
    changed_for(ill, now=now)
    return True


def look_again_on(ill: ILLRequest, day: date, *, year: int, now: datetime) -> None:
    """From now on it waits for a place of this year, and was told of none."""
    PlaceWait.objects.filter(ill=ill, ended=None).update(next_on=day, year=year, told=None)
    changed_for(ill, now=now)


# --- a place is free -----------------------------------------------------------------------------------------


def changed(places: Iterable[Place], *, now: datetime) -> None:
    """Places of these (title, year) were taken or freed, or somebody waits or goes: counted when it is committed."""
    wanted = sorted(set(places))
    if wanted:
        transaction.on_commit(lambda: recount(wanted, now=now), robust=True)


def changed_for(ill: ILLRequest, *, now: datetime) -> None:
    """The same, of the places that this request waits or waited for."""

    def count() -> None:
        recount(PlaceWait.objects.filter(ill=ill).values_list("title", "year").order_by(), now=now)

    transaction.on_commit(count, robust=True)


def changed_all(*, now: datetime) -> None:
    """The same, wherever somebody waits: the limit is another one."""
    transaction.on_commit(lambda: recount_all(now=now), robust=True)


def recount_all(*, now: datetime) -> int:
    """Wherever not as many are told as there are places; how many places that were."""
    places = uneven(now=now)
    recount(places, now=now)
    return len(places)


def uneven(*, now: datetime) -> list[Place]:
    """Where not as many are told as should be: four queries, however many wait."""
    waiting, told = Counter[Place](), Counter[Place]()
    for title, year, when in PlaceWait.objects.filter(ended=None).values_list("title", "year", "told"):
        waiting[title, year] += 1
        told[title, year] += when is not None
    free = _free(waiting, _rules(now)) if waiting else {}
    return sorted(place for place, n in waiting.items() if told[place] != min(free[place], n))


def recount(places: Iterable[Place], *, now: datetime) -> list[int]:
    """As many are told as places are free, who waits longest first; where others took the places, who was told last
    is told no more. The requests that were told now."""
    told: list[int] = []
    for place in sorted(set(places)):
        if PlaceWait.objects.filter(title=place[0], year=place[1], ended=None).exists():
            with transaction.atomic():
                told += _recount(place, now)
    return told


def _recount(place: Place, now: datetime) -> list[int]:
    mine = PlaceWait.objects.filter(title=place[0], year=place[1], ended=None)
    ills = ILLRequest.objects.filter(pk__in=list(mine.values_list("ill", flat=True))).order_by("pk")
    locked = [ill.pk for ill in ills.only("pk").select_for_update(no_key=True)]
    # Only now, behind whoever acted on them or counted before us, the rows say what is so.
    waiting = list(mine.filter(ill__in=locked).order_by("pk"))
    said = sorted((row for row in waiting if row.told), key=lambda row: (row.told, row.pk))
    goal = min(_free([place], _rules(now))[place], len(waiting))
    more = [row for row in waiting if not row.told][:max(goal - len(said), 0)]
    _mark(said[goal:], None)
    _mark(more, now)
    return [row.ill_id for row in more]


def _mark(waits: list[PlaceWait], told: datetime | None) -> None:
    if not waits:
        return
    ills = ILLRequest.objects.filter(pk__in=[row.ill_id for row in waits])
    if told is None:
        ills.filter(attention_why=FREE).update(attention=None, attention_why="")
    else:
        ills.update(attention=told, attention_why=FREE)
    PlaceWait.objects.filter(pk__in=[row.pk for row in waits], ended=None).update(told=told)


def _rules(now: datetime) -> Rules:
    return clearance.rules_on(timezone.localtime(now).date())


def _free(places: Iterable[Place], rules: Rules) -> dict[Place, int]:
    """Places that nobody has, and that nobody who was told of one is about to take; by the limit of these rules."""
    places = list(places)
    titles, years = {title for title, _year in places}, {year for _title, year in places}
    counted = CopyrightUse.objects.filter(place__isnull=False, state__in=CopyrightUse.COUNTED)
    gone = Counter[Place]()
    for title, year, n in counted.filter(title__in=titles, year__in=years).order_by().values_list(
        "title", "year").annotate(n=Count("pk")):
        gone[title, year] += n
    has_one = counted.filter(ill=OuterRef("ill"))
    going = PlaceWait.objects.filter(
        ~Exists(has_one), title__in=titles, year__in=years, told__isnull=False, ended__isnull=False,
        ill__state__in=ON_THE_WAY, ill__compliance__in=[code for code in rules.codes if rules.takes_a_place(code)],
    )
    for title, year, n in going.order_by().values_list("title", "year").annotate(n=Count("ill", distinct=True)):
        gone[title, year] += n
    limit = rules.limit if rules.counts else 10_000  # nothing is counted: there is room for everybody
    return {place: max(limit - gone[place], 0) for place in places}


def moved(gone: CopyrightTitle, keep: CopyrightTitle) -> None:
    """Who waited for a title that is another one now waits there."""
    PlaceWait.objects.filter(Q(ended=None) | Q(told__isnull=False), title=gone).update(title=keep)


# --- lists ---------------------------------------------------------------------------------------------------


def waiting(*, after: tuple[date, int] | None = None, most: int = 0):
    """By the day on which each is looked at again."""
    found = PlaceWait.objects.filter(ended=None).select_related("title", "ill", "by").order_by("next_on", "pk")
    if after is not None:
        day, pk = after
        found = found.filter(Q(next_on__gt=day) | Q(next_on=day, pk__gt=pk))
    return found[:most] if most else found
