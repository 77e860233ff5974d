"""What a year's ledger adds up to: pure from rows, and the same by the database for a hundred thousand of them.

A year is the calendar year, in the library's time zone, of the day a request first left for a supplier (C3). A
request may have several rows: those that another of the same request took the place of are corrections, counted apart.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from illdesk.money import cents
from requests_app.models import CopyrightTitle, CopyrightUse, Royalty

_USE, _TITLE = CopyrightUse._meta.db_table, CopyrightTitle._meta.db_table
_ROYALTY = Royalty._meta.db_table
_OWED = (Royalty.OWED, Royalty.LISTED)
_MONEY = ("royalties", "owed", "paid", "invoiced")
# 108(g)(2): so many copies of one title in a year are shown to whoever watches for systematic copying.
MANY = 10
# Why a request needs no place any more, as `freed_why` says it.
ENDED: dict[str, str | Promise] = {
    "unfilled": _("Ended without a copy"),
    "loan": _("Became a loan"),
    "held": _("We had it ourselves"),
    "online": _("Free online after all"),
    "other_ground": _("Another ground was chosen"),
    "merged": _("Titles were merged"),
    "moved": _("Moved to another title"),
    "settled": _("Was beyond the limit, then got its ground"),
}


class Row(Protocol):
    """A use, as far as the totals read it."""

    pk: int
    state: str
    over: bool
    place: int | None
    ground: str
    freed_why: str
    currency: str
    royalty: Decimal | None
    filled: Any
    number: str
    instead_of_id: int | None


class Group(NamedTuple):
    """Rows that say the same. `corrected`: another row of the request took their part. `invoiced`: their royalty is on
    no list of ours, it was paid with the lender's invoice."""

    state: str
    over: bool
    place: int | None
    ground: str
    freed_why: str
    currency: str
    came: bool
    corrected: bool
    n: int
    royalty: Decimal | None
    invoiced: bool


@dataclass
class Totals:
    """Requests by what became of them; `corrected`: rows beside these, so that both together are the ledger's rows.
    `royalties`: currency to (how many, sum) as agreed or entered with what was not freed, pending ones too; of these
    `owed` (a copy came; in a list or not) and `paid` (what was really paid), as the page of royalties has them;
    `invoiced`: those paid with lenders' invoices, which are on no list of ours."""

    requests: int = 0
    filled: int = 0
    pending: int = 0
    within: int = 0
    over: int = 0
    outside: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    by_place: dict[int, int] = field(default_factory=dict)
    royalties: dict[str, tuple[int, Decimal]] = field(default_factory=dict)
    owed: dict[str, tuple[int, Decimal]] = field(default_factory=dict)
    paid: dict[str, tuple[int, Decimal]] = field(default_factory=dict)
    invoiced: dict[str, tuple[int, Decimal]] = field(default_factory=dict)
    corrected: int = 0

    @property
    def rows(self) -> int:
        return self.requests + self.corrected

    @property
    def not_counted(self) -> int:
        return sum(self.outside.values())

    @property
    def without_copy(self) -> int:
        return sum(self.ended.values())

    def stored(self) -> dict[str, Any]:
        """As JSON takes it."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return found | {
            "by_place": {str(place): count for place, count in self.by_place.items()},
            **{kind: {name: [count, str(money)] for name, (count, money) in getattr(self, kind).items()}
               for kind in _MONEY},
        }


def read(stored: Mapping[str, Any]) -> Totals:
    """From what `Totals.stored` gave."""
    known = {one.name for one in fields(Totals)}
    return Totals(**{name: value for name, value in stored.items() if name in known} | {
        "by_place": {int(place): count for place, count in stored.get("by_place", {}).items()},
        **{kind: {name: (count, Decimal(money)) for name, (count, money) in stored.get(kind, {}).items()}
           for kind in _MONEY},
    })


def add(parts: Iterable[Totals]) -> Totals:
    """Several totals as one."""
    whole = Totals()
    for part in parts:
        for name in ("requests", "filled", "pending", "within", "over", "corrected"):
            setattr(whole, name, getattr(whole, name) + getattr(part, name))
        for name in ("outside", "ended", "by_place"):
            setattr(whole, name, dict(Counter(getattr(whole, name)) + Counter(getattr(part, name))))
        for kind in _MONEY:
            for currency, (count, money) in getattr(part, kind).items():
                _plus(getattr(whole, kind), currency, count, money)
    return whole


def _plus(sums: dict[str, tuple[int, Decimal]], currency: str, count: int, money: Decimal) -> None:
    had, before = sums.get(currency, (0, Decimal()))
    sums[currency] = (had + count, before + money)


# --- pure ----------------------------------------------------------------------------------------------------


def totals(groups: Iterable[Group]) -> Totals:
    found = Totals()
    for one in groups:
        if one.corrected:
            found.corrected += one.n
            continue
        found.requests += one.n
        if one.state == CopyrightUse.FREED:
            found.ended[one.freed_why] = found.ended.get(one.freed_why, 0) + one.n
            continue
        if one.came:
            found.filled += one.n
        else:
            found.pending += one.n
        if one.state == CopyrightUse.OUTSIDE:
            found.outside[one.ground] = found.outside.get(one.ground, 0) + one.n
        elif one.over:
            found.over += one.n
        else:
            found.within += one.n
            if one.place is not None:
                found.by_place[one.place] = found.by_place.get(one.place, 0) + one.n
        if one.royalty is not None:
            _plus(found.royalties, one.currency, one.n, one.royalty)
            if one.invoiced:
                _plus(found.invoiced, one.currency, one.n, one.royalty)
    found.by_place = dict(sorted(found.by_place.items()))
    return found


def of_rows(rows: Iterable[Row], royalties: Iterable[Royalty] = ()) -> Totals:
    """The same as `of_year`, from the rows of a year themselves and the royalties of these."""
    rows, royalties = list(rows), list(royalties)
    followed = {row.instead_of_id for row in rows}
    newest: dict[str, int] = {}
    for row in rows:
        if row.number:
            newest[row.number] = max(newest.get(row.number, 0), row.pk)
    ours = {one.use_id for one in royalties if one.state != Royalty.RELEASED}
    found = totals(
        Group(row.state, row.over, row.place, row.ground, row.freed_why, row.currency, row.filled is not None,
              row.state == CopyrightUse.FREED and (row.pk in followed or newest.get(row.number, 0) > row.pk),
              1, row.royalty, row.pk not in ours)
        for row in rows
    )
    for one in royalties:
        if one.state in _OWED:
            _plus(found.owed, one.currency, 1, one.price)
        elif one.state == Royalty.PAID and one.paid is not None:
            _plus(found.paid, one.currency, 1, one.paid)
    return found


# --- by the database -------------------------------------------------------------------------------------------

# The index over numbers holds those that are not empty: SQLite uses it where the query says the same words.
CORRECTED = f"""CASE WHEN u.state <> 'freed' THEN 0
    WHEN EXISTS (SELECT 1 FROM {_USE} AS v WHERE v.instead_of_id = u.id) THEN 1
    WHEN EXISTS (SELECT 1 FROM {_USE} AS v WHERE v.number = u.number AND NOT (v.number = '') AND v.id > u.id) THEN 1
    ELSE 0 END"""  # noqa: S608 - our own words, here and below
_INVOICED = 2
_OWING = f"""CASE WHEN u.royalty IS NULL THEN 0
    WHEN EXISTS (SELECT 1 FROM {_ROYALTY} AS r WHERE r.use_id = u.id AND r.state <> 'released') THEN 1
    ELSE {_INVOICED} END"""  # noqa: S608
_CAME = "CASE WHEN u.filled IS NULL THEN 0 ELSE 1 END"


def of_year(year: int, where: str = "", values: Iterable[Any] = ()) -> Totals:
    """Two queries. `where`: a further condition on the row `u`, SQL with its values."""
    sql = f"""
        SELECT state, "over", place, ground, freed_why, currency, came, corrected, COUNT(*), SUM(royalty), owed FROM (
            SELECT u.state, u."over", u.place, u.ground, u.freed_why, u.currency, u.royalty, {_CAME} AS came,
                {CORRECTED} AS corrected, {_OWING} AS owed
            FROM {_USE} AS u WHERE u.year = %s {where}
        ) AS g GROUP BY state, "over", place, ground, freed_why, currency, came, corrected, owed
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [year, *values])
        found = totals(
            Group(state, bool(over), place, ground, why, currency, bool(came), bool(corrected), count, cents(paid),
                  owed == _INVOICED)
            for state, over, place, ground, why, currency, came, corrected, count, paid, owed in cursor.fetchall()
        )
        cursor.execute(f"""
            SELECT r.state, r.currency, COUNT(*), SUM(CASE WHEN r.state = 'paid' THEN r.paid ELSE r.price END)
            FROM {_ROYALTY} AS r JOIN {_USE} AS u ON u.id = r.use_id
            WHERE u.year = %s AND r.state IN ('owed', 'listed', 'paid') {where} GROUP BY r.state, r.currency
        """, [year, *values])  # noqa: S608
        for state, currency, count, money in cursor.fetchall():
            _plus(found.owed if state in _OWED else found.paid, currency, count, cents(money) or Decimal())
    return found


@dataclass(frozen=True)
class TitleRow:
    """A title's requests of the year."""

    pk: int
    name: str
    kind: str
    requests: int
    filled: int
    within: int
    over: int
    outside: int
    ended: int

    @property
    def many(self) -> bool:
        return self.requests - self.ended >= MANY


_TITLES = f"""
    SELECT t.id, t.name, t.kind, s.requests, s.filled, s.within, s.beyond, s.outside, s.ended FROM (
        SELECT title_id, SUM(1 - corrected) AS requests,
            SUM(CASE WHEN state <> 'freed' THEN came ELSE 0 END) AS filled,
            SUM(CASE WHEN state IN ('held', 'used') AND NOT "over" THEN 1 ELSE 0 END) AS within,
            SUM(CASE WHEN state IN ('held', 'used') AND "over" THEN 1 ELSE 0 END) AS beyond,
            SUM(CASE WHEN state = 'outside' THEN 1 ELSE 0 END) AS outside,
            SUM(CASE WHEN state = 'freed' THEN 1 - corrected ELSE 0 END) AS ended
        FROM (SELECT u.title_id, u.state, u."over", {_CAME} AS came, {CORRECTED} AS corrected
              FROM {_USE} AS u WHERE u.year = %s) AS g
        GROUP BY title_id HAVING SUM(1 - corrected) > 0
    ) AS s JOIN {_TITLE} AS t ON t.id = s.title_id
"""  # noqa: S608
_MOST_FIRST, BY_NAME = "ORDER BY s.requests DESC, t.name, t.id", "ORDER BY t.name, t.id"


def titles(year: int, *, skip: int = 0, most: int | None = None, order: str = _MOST_FIRST) -> Iterator[TitleRow]:
    """Titles with requests in the year, those with most first."""
    limit = "" if most is None else f" LIMIT {int(most)} OFFSET {int(skip)}"
    with connection.cursor() as cursor:
        cursor.execute(f"{_TITLES} {order}{limit}", [year])
        rows = cursor.fetchall()
    return (TitleRow(*row) for row in rows)


def titles_counted(year: int) -> tuple[int, int]:
    """How many titles, and how many of them with MANY or more."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT COUNT(*), COALESCE(SUM(CASE WHEN n.requests - n.ended >= %s THEN 1 ELSE 0 END), 0)
                FROM ({_TITLES}) AS n""",  # noqa: S608
            [MANY, year],
        )
        return cursor.fetchone()


def years() -> list[int]:
    """Years with a row, newest first: from one to the next by the index, however many rows there are."""
    with connection.cursor() as cursor:
        cursor.execute(f"""
            WITH RECURSIVE y(year) AS (
                SELECT MIN(year) FROM {_USE}
                UNION ALL SELECT (SELECT MIN(u.year) FROM {_USE} AS u WHERE u.year > y.year) FROM y
                WHERE y.year IS NOT NULL
            ) SELECT year FROM y WHERE year IS NOT NULL
        """)  # noqa: S608
        return sorted((row[0] for row in cursor.fetchall()), reverse=True)
