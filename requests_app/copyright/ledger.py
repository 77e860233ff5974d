"""The ledger of uses: a place is taken, filled, freed; titles are merged and uses moved. Always inside a transaction.

"At most five" is the database's own word (models.copyright): a place is taken by one INSERT of the smallest free one
that does nothing when another is faster, and is tried again. Corrections are new rows; nothing is deleted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from illdesk.errors import NotAllowed
from requests_app.copyright import waits
from requests_app.copyright.published import Published
from requests_app.copyright.rules import Rules
from requests_app.copyright.titles import Wanted, survivor
from requests_app.copyright.words import Line
from requests_app.models import CopyrightNumber, CopyrightTitle, CopyrightUse, ILLRequest

_TABLE, _TITLES = CopyrightUse._meta.db_table, CopyrightTitle._meta.db_table
LIVE = (CopyrightUse.HELD, CopyrightUse.USED, CopyrightUse.OUTSIDE)


class NoPlace(NotAllowed):
    """All places of the title and year are taken. As text: a sentence for whoever wanted one."""


@dataclass(frozen=True)
class Sending:
    """What the ledger keeps of a copy request that leaves: its title, the day of its first sending (with its year for
    good), what is wanted of it, by which rules, and why it is counted or not."""

    title: CopyrightTitle
    asked_on: date
    rules: Rules
    wanted: Wanted
    published: Published = field(default_factory=Published)
    published_text: str = ""
    ground: str = ""
    why: tuple[str, ...] = ()


def of(ill: ILLRequest) -> CopyrightUse | None:
    """The use that counts for this request now, if it has left."""
    return CopyrightUse.objects.filter(ill=ill, state__in=LIVE).select_related("title").first()


def first_of(ill: ILLRequest) -> CopyrightUse | None:
    """Its oldest row: title, day and year of the first sending, also when it was freed since then."""
    return CopyrightUse.objects.filter(ill=ill).select_related("title__merged_into").order_by("pk").first()


# --- taking, filling, freeing --------------------------------------------------------------------------------


def hold(ill: ILLRequest, sending: Sending, *, by, now: datetime) -> CopyrightUse:
    """Take the smallest free place of the title in the year of the first sending. Raises NoPlace when all are taken;
    then nothing is written."""
    row = _place(_row(ill, sending, CopyrightUse.HELD, by=by, now=now))
    waits.taken(row.title_id, row.year)
    return row


def stand_outside(ill: ILLRequest, sending: Sending, *, by, now: datetime) -> CopyrightUse:
    """It needs no place: kept all the same, with its ground."""
    row = _row(ill, sending, CopyrightUse.OUTSIDE, by=by, now=now)
    row.save()
    return row


def fill(ill: ILLRequest, *, now: datetime) -> None:
    """The copy came. A second one for the same request changes nothing (C5)."""
    live = CopyrightUse.objects.filter(ill=ill, filled=None)
    live.filter(state=CopyrightUse.HELD).update(state=CopyrightUse.USED, filled=now)
    live.filter(state=CopyrightUse.OUTSIDE).update(filled=now)


def free(ill: ILLRequest, why: str, *, now: datetime, also_filled: bool = False) -> int:
    """The request ended without a copy, or needs no place any more (C5). The row stays; its place can be taken.

    `also_filled`: only where another row takes its part; what was filled is not made undone by an ending.
    """
    rows = CopyrightUse.objects.filter(ill=ill, state__in=LIVE)
    return _free(rows if also_filled else rows.filter(filled=None), why, now)


def _free(rows, why: str, now: datetime) -> int:
    """Who waits for a place of the title is told in this transaction (C16)."""
    places = list(rows.filter(place__isnull=False).values_list("title_id", "year"))
    freed = _end(rows, why, now)
    waits.freed(places, now=now)
    return freed


def _end(rows, why: str, now: datetime) -> int:
    return rows.update(state=CopyrightUse.FREED, freed=now, freed_why=why[:20])


def _row(ill: ILLRequest, sending: Sending, state: str, *, by, now: datetime) -> CopyrightUse:
    wanted, published = sending.wanted, sending.published
    return CopyrightUse(
        title=sending.title, year=sending.asked_on.year, limit=sending.rules.limit, rules=sending.rules.label, ill=ill,
        number=ill.number, asked_on=sending.asked_on, article=wanted.article, article_key=wanted.article_key,
        issue=wanted.issue, issue_key=wanted.issue_key, published=sending.published_text[:60],
        published_first=published.first, published_last=published.last, certainty=published.certainty, state=state,
        ground=sending.ground, why=list(sending.why), by=by, made=now,
    )


def _place(row: CopyrightUse) -> CopyrightUse:
    """Store a counted row at the smallest free place of its title and year."""
    for _attempt in range(200):
        sql, names = _insert(row.limit, connection.vendor)
        fields = {one.attname: one for one in CopyrightUse._meta.concrete_fields}
        values = [fields[name].get_db_prep_save(getattr(row, name), connection) for name in names]
        with connection.cursor() as cursor:
            cursor.execute(sql, [*values, row.title_id, row.year, row.title_id])
            if (taken := cursor.fetchone()) is not None:
                row.pk, row.place = taken
                row._state.adding = False
                return row
        merged = CopyrightTitle.objects.select_related("merged_into").get(pk=row.title_id)
        if merged.merged_into is not None:  # a moment ago: it counts where its uses went
            row.title = survivor(merged)
            continue
        taken_places = _counted(row.title, row.year).filter(place__isnull=False).count()
        if taken_places >= row.limit:
            raise NoPlace(str(Line("full", {"year": row.year, "limit": row.limit})))
        # Somebody took the one we wanted, or freed one: look again.
    raise NoPlace(str(Line("full", {"year": row.year, "limit": row.limit})))


def _counted(title: CopyrightTitle, year: int):
    return CopyrightUse.objects.filter(title=title, year=year, state__in=CopyrightUse.COUNTED)


@cache
def _insert(limit: int, vendor: str) -> tuple[str, list[str]]:
    """One statement; the key lock makes it wait for a merge of its title and see that it happened."""
    names = [one.attname for one in CopyrightUse._meta.concrete_fields if one.attname not in ("id", "place")]
    places = ", ".join(f"({place})" for place in range(1, limit + 1))
    lock = "FOR KEY SHARE OF t" if vendor == "postgresql" else ""
    sql = f"""
        INSERT INTO {_TABLE} ({", ".join(f'"{name}"' for name in names)}, place)
        SELECT {", ".join(["%s"] * len(names))}, free.place
        FROM {_TITLES} AS t, (
            SELECT MIN(p.column1) AS place FROM (VALUES {places}) AS p
            WHERE NOT EXISTS (
                SELECT 1 FROM {_TABLE} AS u
                WHERE u.title_id = %s AND u.year = %s AND u.place = p.column1 AND NOT (u.state = 'freed')
            )
        ) AS free
        WHERE t.id = %s AND t.merged_into_id IS NULL AND free.place IS NOT NULL
        {lock}
        ON CONFLICT DO NOTHING RETURNING id, place
    """  # noqa: S608 - names of our own columns
    return sql, names


# --- corrections ---------------------------------------------------------------------------------------------


def merge(keep: CopyrightTitle, gone: CopyrightTitle, *, by, now: datetime) -> list[CopyrightUse]:
    """Two rows turn out to be one title (C4, C6): numbers and uses go to `keep`. In each year the uses keep the order
    of their days; those beyond the limit become over, and are returned. A place that need not change does not."""
    with transaction.atomic():
        # Nobody takes a place of either meanwhile; always in the same order.
        locked = {
            row.pk: row
            for row in CopyrightTitle.objects.select_for_update().filter(pk__in=[keep.pk, gone.pk]).order_by("pk")
        }
        keep, gone = locked[keep.pk], locked[gone.pk]
        if keep.pk == gone.pk or keep.merged_into_id or gone.merged_into_id:
            raise NotAllowed(_("These titles are one already, or were merged elsewhere. Nothing was changed."))
        rows = CopyrightUse.objects.filter(title=gone, state__in=LIVE)
        waits.moved(gone, keep)
        over = _move(list(rows), keep, by=by, now=now, why="merged")
        CopyrightNumber.objects.filter(title=gone).update(title=keep)
        gone.merged_into = keep
        gone.save(update_fields=["merged_into"])
        if gone.numbered and not keep.numbered:
            keep.numbered = True
            keep.save(update_fields=["numbered"])
        return over


def move(
    uses: Iterable[CopyrightUse], to: CopyrightTitle, *, by, now: datetime, why: str = "moved"
) -> list[CopyrightUse]:
    """A wrong ISSN was put right, or a title was split (C4, C6): these uses belong elsewhere. As `merge`."""
    with transaction.atomic():
        pks = [use.pk for use in uses]
        titles = set(CopyrightUse.objects.filter(pk__in=pks).values_list("title_id", flat=True))
        list(CopyrightTitle.objects.select_for_update().filter(pk__in=[*titles, to.pk]).order_by("pk"))
        rows = CopyrightUse.objects.filter(pk__in=pks, state__in=LIVE).exclude(title=to)
        return _move(list(rows), to, by=by, now=now, why=why)


def _move(rows: list[CopyrightUse], to: CopyrightTitle, *, by, now: datetime, why: str) -> list[CopyrightUse]:
    became_over: list[CopyrightUse] = []
    places = {(row.title_id, row.year) for row in rows if row.place is not None}
    for row in rows:
        if row.place is None:  # outside, or over already: nothing is decided anew
            _saved(_again(row, to, by=by, now=now, why=why))
    for year in sorted({row.year for row in rows if row.place is not None}):
        coming = [row for row in rows if row.year == year and row.place is not None]
        there = list(_counted(to, year).filter(place__isnull=False).exclude(pk__in=[row.pk for row in coming]))
        limit = max(row.limit for row in (*there, *coming))
        in_order = sorted((*there, *coming), key=lambda row: (row.asked_on, row.made, row.pk))
        # First those that give up a place, then those that need one; who stays within where it was keeps its own.
        for row in in_order[limit:]:
            became_over.append(_saved(_again(row, to, by=by, now=now, why=why, over=True)))
        for row in in_order[:limit]:
            if row in coming:
                again = _again(row, to, by=by, now=now, why=why)
                again.limit = limit
                _place(again)
    # Only now it is known where a place is free: those that were given up above may be taken again.
    waits.freed(places | {(to.pk, year) for _title, year in places}, now=now)
    return became_over


def _saved(row: CopyrightUse) -> CopyrightUse:
    row.save()
    return row


def _again(
    row: CopyrightUse, to: CopyrightTitle, *, by, now: datetime, why: str, over: bool = False
) -> CopyrightUse:
    """The same use as a new row, not stored yet; the former one is freed and stays."""
    _end(CopyrightUse.objects.filter(pk=row.pk), why, now)
    new = ("id", "place", "over", "title_id", "instead_of_id", "freed", "freed_why", "by_id")
    same: dict[str, Any] = {
        one.attname: getattr(row, one.attname) for one in CopyrightUse._meta.concrete_fields if one.attname not in new
    }
    return CopyrightUse(**same, title=to, over=over or row.over, instead_of=row, by=by)
