"""The ledger of uses: a place is taken, filled, freed; titles are merged and uses moved. Always inside a transaction.

"At most five" is the database's own word (models.copyright): a place is taken by one INSERT of the smallest free one
that does nothing when another is faster, and is tried again. Corrections are new rows; nothing is deleted.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from illdesk.errors import NotAllowed
from requests_app.copyright import forecast, waits
from requests_app.copyright.published import Published
from requests_app.copyright.rules import Rules
from requests_app.copyright.titles import Wanted, survivor
from requests_app.copyright.words import Line
from requests_app.models import CopyrightNumber, CopyrightTitle, CopyrightUse, ILLRequest, TitleLink

_TABLE, _TITLES = CopyrightUse._meta.db_table, CopyrightTitle._meta.db_table
SETTLED = "settled"
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
    return CopyrightUse.objects.filter(ill=ill, state__in=LIVE).select_related("title", "instead_of", "by").first()


def settled(use: CopyrightUse) -> CopyrightUse | None:
    """The row in whose place a person's ground stands: it was beyond the limit. Merges may have followed it."""
    row: CopyrightUse | None = use if use.state == CopyrightUse.OUTSIDE else None
    while row is not None and (row := row.instead_of) is not None:
        if row.freed_why == SETTLED:
            return row
    return None


def first_of(ill: ILLRequest) -> CopyrightUse | None:
    """Its oldest row: title, day and year of the first sending, also when it was freed since then."""
    return CopyrightUse.objects.filter(ill=ill).select_related("title__merged_into").order_by("pk").first()


# --- taking, filling, freeing --------------------------------------------------------------------------------


def hold(ill: ILLRequest, sending: Sending, *, by, now: datetime) -> CopyrightUse:
    """Take the smallest free place of the title in the year of the first sending. Raises NoPlace when all are taken;
    then nothing is written."""
    row = _place(_row(ill, sending, CopyrightUse.HELD, by=by, now=now))
    waits.changed([(row.title_id, row.year)], now=now)
    return row


def stand_outside(ill: ILLRequest, sending: Sending, *, by, now: datetime) -> CopyrightUse:
    """It needs no place: kept all the same, with its ground."""
    row = _row(ill, sending, CopyrightUse.OUTSIDE, by=by, now=now)
    row.title = _unmerged(row.title)
    row.save()
    return row


def fill(ill: ILLRequest, *, now: datetime) -> None:
    """The copy came. A second one for the same request changes nothing (C5)."""
    live = CopyrightUse.objects.filter(ill=ill, filled=None)
    held, outside = live.filter(state=CopyrightUse.HELD), live.filter(state=CopyrightUse.OUTSIDE)
    _until_done(
        lambda: held.update(state=CopyrightUse.USED, filled=now) or outside.update(filled=now),
        live.exclude(state=CopyrightUse.FREED),
    )


def free(ill: ILLRequest, why: str, *, now: datetime, also_filled: bool = False) -> int:
    """The request ended without a copy, or needs no place any more (C5). The row stays; its place can be taken.

    `also_filled`: only where another row takes its part; what was filled is not made undone by an ending.
    """
    rows = CopyrightUse.objects.filter(ill=ill, state__in=LIVE)
    rows = rows if also_filled else rows.filter(filled=None)
    return _until_done(lambda: _free(rows, why, now), rows)


def steady(titles: Iterable[CopyrightTitle]) -> None:
    """Until we commit, nobody merges these: call before a use of one is given up for a use of another. A merge holds
    its titles and waits for their uses, so whoever takes both takes them in its order."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM {_TITLES} WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",  # noqa: S608
                           [sorted({row.pk for row in titles})])


def _until_done(change: Callable[[], int], rows: QuerySet) -> int:
    """A correction that committed just now put another row in the place of the one that this waited for."""
    for _attempt in range(3):
        if (count := change()) or not rows.exists():
            return count
    return 0


def _free(rows, why: str, now: datetime) -> int:
    """Who waits for a place of the title is told when it is committed (C16)."""
    places = list(rows.filter(place__isnull=False).values_list("title_id", "year"))
    freed = _end(rows, why, now)
    waits.changed(places, now=now)
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
            cursor.execute(sql, [*values, row.title_id, row.year, row.title_id, row.year])
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


def _unmerged(title: CopyrightTitle) -> CopyrightTitle:
    """The title where its uses are counted now; until we commit nobody merges it. (PostgreSQL checks a foreign key
    only at the commit, which is too late for a merge to see the new row.)"""
    lock = "FOR KEY SHARE" if connection.vendor == "postgresql" else ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT merged_into_id FROM {_TITLES} WHERE id = %s {lock}", [title.pk])  # noqa: S608
            (into,) = cursor.fetchone()
        if into is None:
            return title
        title = CopyrightTitle.objects.get(pk=into)


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
        AND (SELECT COUNT(*) FROM {_TABLE} AS u  -- a limit that was lowered leaves gaps
            WHERE u.title_id = t.id AND u.year = %s AND u.place IS NOT NULL AND NOT (u.state = 'freed')) < {int(limit)}
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
        # Uses before waits, in the order of every request's own steps.
        rows = list(CopyrightUse.objects.select_for_update().filter(title=gone, state__in=LIVE))
        waits.moved(gone, keep)
        over = _move(rows, keep, by=by, now=now, why="merged")
        CopyrightNumber.objects.filter(title=gone).update(title=keep)
        said = TitleLink.objects.filter(title=keep).values("key")
        TitleLink.objects.filter(title=gone).exclude(key__in=said).update(title=keep)
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
        locked = CopyrightTitle.objects.select_for_update().filter(pk__in=[*titles, to.pk]).order_by("pk")
        if any(row.pk == to.pk and row.merged_into_id for row in locked):
            raise NotAllowed(_("This title was merged with another a moment ago. Nothing was changed."))
        rows = CopyrightUse.objects.select_for_update().filter(pk__in=pks, state__in=LIVE).exclude(title=to)
        return _move(list(rows), to, by=by, now=now, why=why)


def _move(rows: list[CopyrightUse], to: CopyrightTitle, *, by, now: datetime, why: str) -> list[CopyrightUse]:
    became_over: list[CopyrightUse] = []
    places = {(row.title_id, row.year) for row in rows if row.place is not None}
    for row in rows:
        if row.place is None:  # outside, or over already: nothing is decided anew
            _saved(_again(row, to, by=by, now=now, why=why))
    for year in sorted({row.year for row in rows if row.place is not None}):
        coming = [row for row in rows if row.year == year and row.place is not None]
        others = _counted(to, year).filter(place__isnull=False).exclude(pk__in=[row.pk for row in coming])
        within, beyond, limit = forecast.in_order(others.select_for_update(), coming)
        # First those that give up a place, then those that need one; who stays within where it was keeps its own.
        for row in beyond:
            became_over.append(_saved(_again(row, to, by=by, now=now, why=why, over=True)))
        for row in within:
            if row in coming:
                again = _again(row, to, by=by, now=now, why=why)
                again.limit = limit
                _place(again)
    waits.changed(places | {(to.pk, year) for _title, year in places}, now=now)
    return became_over


def _saved(row: CopyrightUse) -> CopyrightUse:
    row.save()
    return row


def _again(
    row: CopyrightUse, to: CopyrightTitle, *, by, now: datetime, why: str, over: bool = False
) -> CopyrightUse:
    """The same use as a new row, not stored yet; the former one is freed and stays."""
    _end(CopyrightUse.objects.filter(pk=row.pk), why, now)
    return _copy(row, title=to, over=over or row.over, by=by)


def _copy(row: CopyrightUse, **other: Any) -> CopyrightUse:
    """A row that takes the part of this one; its place is not given yet."""
    new = {"id", "place", "instead_of_id", "freed", "freed_why"}
    same: dict[str, Any] = {
        one.attname: getattr(row, one.attname) for one in CopyrightUse._meta.concrete_fields if one.attname not in new
    }
    for name in other:
        same.pop(CopyrightUse._meta.get_field(name).attname)  # type: ignore[union-attr]
    return CopyrightUse(**same, **other, instead_of=row)


# --- beyond the limit ----------------------------------------------------------------------------------------


def settle_over(
    use: CopyrightUse, ground: str, *, reason: str, by, now: datetime, royalty: Decimal | None = None,
    currency: str = "",
) -> CopyrightUse:
    """A use beyond the limit stands on another ground from now on (C6): a new row, with who says so and why. Raises
    NotAllowed where it is settled already."""
    with transaction.atomic():
        row = _no_longer_over(use, now)
        new = _copy(row, by=by, state=CopyrightUse.OUTSIDE, over=False, ground=ground, reason=reason[:500],
                    royalty=royalty, currency=currency if royalty is not None else "", why=[*row.why, "person"])
        return _saved(new)


def take_place(use: CopyrightUse, *, by, now: datetime, rules: Rules | None = None) -> CopyrightUse:
    """A use beyond the limit takes a place of its year that became free, by the limit of the rules of the day (as it
    had it, without them). Raises NoPlace when there is none."""
    with transaction.atomic():
        row = _no_longer_over(use, now)
        new = _copy(row, by=by, over=False)
        if rules is not None:
            new.limit, new.rules = rules.limit, rules.label
        _place(new)
        waits.changed([(new.title_id, new.year)], now=now)
        return new


def _no_longer_over(use: CopyrightUse, now: datetime) -> CopyrightUse:
    mine = CopyrightUse.objects.filter(pk=use.pk, over=True, state__in=CopyrightUse.COUNTED)
    row = mine.select_for_update(of=("self",)).select_related("title").first()
    if row is None or not _free(mine, SETTLED, now):
        raise NotAllowed(_("It is settled already: it is no longer beyond the limit. Nothing was changed."))
    return row


def unfill(ill: ILLRequest) -> None:
    """What the lender sent never came: the use is pending again, with its place."""
    live = CopyrightUse.objects.filter(ill=ill, filled__isnull=False)
    used, outside = live.filter(state=CopyrightUse.USED), live.filter(state=CopyrightUse.OUTSIDE)
    _until_done(
        lambda: used.update(state=CopyrightUse.HELD, filled=None) or outside.update(filled=None),
        live.exclude(state=CopyrightUse.FREED),
    )
