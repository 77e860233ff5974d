"""Pages by key: the next page begins after the last row that was shown, whatever came or went meanwhile.

The key is what the rows are ordered by and the row's own number, so no row is shown twice or left out. Rows
without a value (no date) stand last in either direction: asked for by themselves, so that an index that has
the order gives both parts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from requests_app.models import ILLRequest

PAGE = 50
_UNDATED = "none_"
_TIME, _DATE, _TEXT, _NUMBER = "time", "date", "text", "number"


@dataclass(frozen=True)
class Order:
    """What rows are ordered by: a field's name or an expression, `kind` of its values.

    `turned`: upwards in the list is downwards in the column (a young request was asked late).
    """

    by: Any
    kind: str = _TIME
    empty: bool = False  # rows may be without a value
    turned: bool = False


@dataclass(frozen=True)
class Page:
    """`after` is the address of the next page, '' when this is the last; `first`: nothing stands before it."""

    rows: list[ILLRequest]
    after: str
    first: bool


def page_of(
    rows: QuerySet[ILLRequest], order: Order, *, down: bool = False, after: str = "", size: int = PAGE
) -> Page:
    """`after`: '<value>_<pk>' of the last row seen, 'none_<pk>' when that had no value, '' for the first page."""
    down = down != order.turned
    keyed: QuerySet[Any] = rows.annotate(sort_key=F(order.by) if isinstance(order.by, str) else order.by)
    key = _key(after, order)
    shown: list[ILLRequest] = []
    if key is None or key[0] is not None:
        known = keyed.filter(sort_key__isnull=False) if order.empty else keyed
        if key is not None:
            known = _beyond(known, key, down)
        shown = list(known.order_by(*_fields(down))[: size + 1])
    if order.empty and len(shown) <= size:
        last = key[1] if key is not None and key[0] is None else None
        unknown = keyed.filter(sort_key__isnull=True)
        if last is not None:
            unknown = unknown.filter(Q(pk__lt=last) if down else Q(pk__gt=last))
        shown += unknown.order_by("-pk" if down else "pk")[: size + 1 - len(shown)]
    more = len(shown) > size
    shown = shown[:size]
    return Page(shown, _written(shown[-1]) if more else "", key is None)


def all_of(
    rows: QuerySet[ILLRequest], order: Order, *, down: bool = False, size: int = 500
) -> Iterator[ILLRequest]:
    """Every row, some hundred at a time: nothing is held open while a slow reader takes them."""
    after = ""
    while True:
        page = page_of(rows, order, down=down, after=after, size=size)
        yield from page.rows
        after = page.after
        if not after:
            return


def _fields(down: bool) -> tuple[str, str]:
    return ("-sort_key", "-pk") if down else ("sort_key", "pk")


def _beyond(rows: QuerySet[Any], key: tuple[Any, int], down: bool) -> QuerySet[Any]:
    value, pk = key
    if down:
        return rows.filter(Q(sort_key__lt=value) | Q(sort_key=value, pk__lt=pk), sort_key__lte=value)
    # The plain bound beside it tells the database where in the index to begin.
    return rows.filter(Q(sort_key__gt=value) | Q(sort_key=value, pk__gt=pk), sort_key__gte=value)


def _written(row: Any) -> str:
    value = row.sort_key
    if value is None:
        return f"{_UNDATED}{row.pk}"
    return f"{value.isoformat() if isinstance(value, date) else value}_{row.pk}"


def _key(after: str, order: Order) -> tuple[Any, int] | None:
    """What stands in the address, or None when nobody can read it: then the first page is shown."""
    text, line, last = after.rpartition("_")
    if not line or not (last.isascii() and last.isdecimal() and len(last) < 19):
        return None
    if order.empty and f"{text}_" == _UNDATED:
        return None, int(last)
    value = _value(text, order.kind)
    return None if value is None else (value, int(last))


def _value(text: str, kind: str) -> Any:
    if kind == _TEXT:
        return text[:300]
    try:
        if kind == _NUMBER:
            return int(text) if len(text) < 19 else None
        if kind == _DATE:
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
