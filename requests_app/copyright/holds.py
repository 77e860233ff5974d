"""What forbids to delete copyright records, and in which rows it is seen."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from illdesk import events
from illdesk.actors import Actor
from illdesk.errors import NotAllowed
from requests_app.models import CopyrightTitle, CopyrightUse, LegalHold, RecordPolicy

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
    """A request's rows stand or go together: one that is covered covers the others of its number."""
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
