"""What forbids to delete copyright records, and in which rows it is seen."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from illdesk import events
from illdesk.actors import Actor
from illdesk.errors import NotAllowed
from requests_app import lifecycle
from requests_app.models import CopyrightTitle, CopyrightUse, ILLRequest, LegalHold, RecordPolicy, Royalty

_USE = CopyrightUse._meta.db_table


@dataclass(frozen=True)
class Held:
    """SQL for a row `u` of a year that a hold covers, with its values; `everything`: a hold covers the whole year."""

    sql: str = "1 = 0"
    values: tuple[Any, ...] = ()
    everything: bool = False
    holds: tuple[LegalHold, ...] = field(default=())
    numbers: frozenset[str] = frozenset()


def active() -> list[LegalHold]:
    return list(LegalHold.objects.filter(lifted=None).select_related("title", "by").order_by("pk"))


def of_year(year: int, holds: Iterable[LegalHold]) -> Held:
    """A request's rows stand or go together: one that is covered covers the others of its number. What is not over
    yet is covered by itself: an open request that was worked on since, a royalty that is not paid."""
    found = _of_year(year, holds)
    if found.everything:
        return found
    return replace(found, sql=f"({found.sql} OR {_OPEN})", values=(*found.values, *_open_values(year)))


def open_rows(year: int) -> int:
    """How many rows of a year are not over yet."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {_USE} AS u WHERE u.year = %s AND {_OPEN}",  # noqa: S608 - our own words
                       [year, *_open_values(year)])
        return cursor.fetchone()[0]


_OPEN_STATES = tuple(sorted(code for code, state in lifecycle.STATES.items() if not state.ended))
_UNPAID = (Royalty.AGREED, Royalty.OWED, Royalty.LISTED)
_OPEN = f"""(EXISTS (SELECT 1 FROM {ILLRequest._meta.db_table} AS i
        WHERE i.id = u.ill_id AND i.changed >= %s AND i.state IN ({", ".join(["%s"] * len(_OPEN_STATES))}))
    OR EXISTS (SELECT 1 FROM {Royalty._meta.db_table} AS r
        WHERE r.number = u.number AND r.state IN ({", ".join(["%s"] * len(_UNPAID))})))"""  # noqa: S608 - our own words


def _open_values(year: int) -> list[Any]:
    """What nobody touched after the following year was left lying: that keeps nothing."""
    since = datetime(year + 2, 1, 1, tzinfo=timezone.get_default_timezone())
    return [adapted(since), *_OPEN_STATES, *_UNPAID]


def adapted(moment: datetime) -> Any:
    """As the database compares it in plain SQL."""
    return connection.ops.adapt_datetimefield_value(moment)


def _of_year(year: int, holds: Iterable[LegalHold]) -> Held:
    mine = [row for row in holds if row.first_year is None or row.first_year <= year <= (row.last_year or year)]
    if not mine:
        return Held()
    if any(row.title_id is None and not row.number for row in mine):
        return Held("1 = 1", (), True, tuple(mine))
    parts: list[str] = []
    values: list[Any] = []
    for row in mine:
        sql: list[str] = []
        if row.title_id is not None:
            titles = sorted(_same_title(row.title_id))
            sql.append(f"{{row}}.title_id IN ({', '.join(['%s'] * len(titles))})")
            values += titles
        if row.number:
            sql.append("{row}.number = %s")
            values.append(row.number)
        parts.append(f"({' AND '.join(sql)})")
    covered = " OR ".join(parts)
    direct, other = covered.replace("{row}", "u"), covered.replace("{row}", "w")
    same = f"""u.number <> '' AND EXISTS (SELECT 1 FROM {_USE} AS w
        WHERE w.number = u.number AND NOT (w.number = '') AND ({other}))"""  # noqa: S608 - our own words
    numbers = frozenset(row.number for row in mine if row.number and row.title_id is None)
    return Held(f"({direct} OR ({same}))", (*values, *values), False, tuple(mine), numbers)


def _same_title(pk: int) -> set[int]:
    """The title with all that was merged into it, and what it was merged into."""
    found, new = {pk}, {pk}
    while new:
        rows = CopyrightTitle.objects.filter(Q(pk__in=new) | Q(merged_into__in=new)).values_list("pk", "merged_into_id")
        new = {one for pair in rows for one in pair if one is not None} - found
        found |= new
    return found


def one_after_the_other() -> None:
    """Until this transaction ends nobody else places a hold or deletes: a hold that was placed before a row goes is
    seen. The policy's row stands for all; SQLite lets one write at a time anyway."""
    RecordPolicy.objects.get_or_create(pk=1)
    list(RecordPolicy.objects.select_for_update(no_key=True).filter(pk=1).values_list("pk"))


def place(hold: LegalHold, *, actor: Actor, now: datetime) -> LegalHold:
    assert actor.user is not None
    hold.by, hold.made = actor.user, now
    with transaction.atomic():
        one_after_the_other()
        hold.save()
        events.record("copyright.hold_placed", subject=("copyright_hold", hold.pk), actor=actor, now=now, data={
            "first_year": hold.first_year, "last_year": hold.last_year, "title": hold.title_id, "number": hold.number})
    return hold


def lift(pk: int, *, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        if not LegalHold.objects.filter(pk=pk, lifted=None).update(lifted=now, lifted_by=actor.user):
            raise NotAllowed(_("This hold was lifted already. Nothing was changed."))
        events.record("copyright.hold_lifted", subject=("copyright_hold", pk), actor=actor, now=now)
