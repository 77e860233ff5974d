"""A list as its address says: filters, order, columns. Reads them, and writes every address that changes one."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import cached_property

from requests_app.forms.lists import FilterForm
from requests_app.lists import columns as offered
from requests_app.lists import filters, paging
from requests_app.lists.columns import Column
from requests_app.lists.paging import Order, Page
from requests_app.lists.queues import Queue

ALWAYS = "title"  # its cell holds the link to the request
MOST_COLUMNS = 12


@dataclass(frozen=True)
class Head:
    column: Column
    url: str = ""  # orders by it, or turns the order
    sorted: str = ""  # ascending | descending


class Arrangement:
    def __init__(self, queue: Queue, given: QueryDict):
        self.queue, self.given = queue, given
        self.form = FilterForm(given, queue=queue)
        self.offered = offered.of(queue)

    @cached_property
    def wanted(self) -> dict:
        return self.form.wanted()

    @cached_property
    def names(self) -> list[str]:
        """Names of the columns shown, in their order; the form of the columns sends them one by one."""
        chosen = self.given.getlist("col") or self.given.get("cols", "").split(",")
        names = [name for name in dict.fromkeys(chosen) if name in self.offered][:MOST_COLUMNS]
        if not names:
            return [name for name in offered.house(self.queue) if name in self.offered]
        if ALWAYS not in names:
            names.insert(min(1, len(names)), ALWAYS)
        for name, step in ((self.given.get("up"), -1), (self.given.get("down"), 1)):
            if name in names:
                place = names.index(name)
                names.insert(max(0, place + step), names.pop(place))
        return names

    @cached_property
    def columns(self) -> list[Column]:
        return [self.offered[name] for name in self.names]

    @cached_property
    def others(self) -> list[Column]:
        """Columns that could be shown too."""
        return [column for name, column in self.offered.items() if name not in self.names]

    @property
    def shows_flags(self) -> bool:
        """Else they stand beside the title."""
        return "flags" in self.names

    @property
    def crowded(self) -> bool:
        """Would the title be left with too little beside the columns chosen? Then the list scrolls sideways."""
        return sum(column.width for column in self.columns) > (860 if self.queue.wide else 500)

    @cached_property
    def sort(self) -> tuple[str, bool]:
        """(column, downwards) or ('', False) for the house's order."""
        text = self.given.get("sort", "")
        column = self.offered.get(text.removeprefix("-"))
        return (column.name, text.startswith("-")) if column and column.order else ("", False)

    @property
    def order(self) -> Order:
        name, _down = self.sort
        return self.offered[name].order or self.queue.order if name else self.queue.order

    # --- rows

    def rows(self, user, now):
        rows = self.queue.rows(user, now)
        if "branch" in self.names:
            rows = rows.select_related("branch")
        return filters.narrowed(rows, self.wanted, user=user, now=now) if self.wanted else rows

    def page(self, user, now) -> Page:
        return paging.page_of(
            self.rows(user, now), self.order, down=self.sort[1], after=self.given.get("after", "")
        )

    def all(self, user, now):
        return paging.all_of(self.rows(user, now), self.order, down=self.sort[1])

    def count(self, user, now) -> int:
        return self.rows(user, now).count()

    # --- addresses

    @cached_property
    def filter_pairs(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value, _words in self.form.chips()]

    @cached_property
    def sort_pairs(self) -> list[tuple[str, str]]:
        name, down = self.sort
        return [("sort", f"-{name}" if down else name)] if name else []

    @cached_property
    def column_pairs(self) -> list[tuple[str, str]]:
        house = [name for name in offered.house(self.queue) if name in self.offered]
        return [("cols", ",".join(self.names))] if self.names != house else []

    @cached_property
    def query(self) -> str:
        """What is remembered, and what every address of this list carries."""
        return urlencode([*self.filter_pairs, *self.sort_pairs, *self.column_pairs])

    @property
    def is_arranged(self) -> bool:
        """Does the address say anything about it at all?"""
        return any(name in self.given for name in ("sort", "cols", "col", *self.form.fields))

    def chips(self) -> list[dict]:
        """Words of each filter, and the address without it."""
        return [
            {"words": words, "url": _address([
                pair for pair in self.filter_pairs if pair != (name, value)], self.sort_pairs, self.column_pairs)}
            for name, value, words in self.form.chips()
        ]

    @property
    def cleared(self) -> str:
        return _address(self.sort_pairs, self.column_pairs)

    def heads(self) -> list[Head]:
        name, down = self.sort
        if not name and self.queue.urgent:
            name = "left"
        found = []
        for column in self.columns:
            if column.order is None:
                found.append(Head(column))
                continue
            here = column.name == name
            pair = ("sort", f"-{column.name}" if here and not down else column.name)
            url = _address(self.filter_pairs, [pair], self.column_pairs)
            found.append(Head(column, url, ("descending" if down else "ascending") if here else ""))
        return found


def _address(*pairs: list[tuple[str, str]]) -> str:
    """Chosen by hand, so it is remembered."""
    return "?" + urlencode([*(pair for some in pairs for pair in some), ("keep", "1")])

