"""What a merge or a move gives, before anything is done: who keeps which place, and who becomes over. Pure (C6)."""

from collections.abc import Iterable
from dataclasses import dataclass

from requests_app.models import CopyrightUse


@dataclass(frozen=True)
class Stand:
    """A use as it would stand afterwards. `place`: None where it is over or needs none; `comes`: from the other."""

    use: CopyrightUse
    place: int | None
    over: bool
    comes: bool

    @property
    def becomes_over(self) -> bool:
        return self.over and not self.use.over

    @property
    def moves(self) -> bool:
        return self.place is not None and self.place != self.use.place


def in_order(
    there: Iterable[CopyrightUse], coming: Iterable[CopyrightUse]
) -> tuple[list[CopyrightUse], list[CopyrightUse], int]:
    """Of one year, uses with a place: (those within the limit, those beyond it, the limit), by the days on which they
    were asked for."""
    rows = sorted((*there, *coming), key=lambda row: (row.asked_on, row.made, row.pk))
    limit = max(row.limit for row in rows)
    return rows[:limit], rows[limit:], limit


def years(there: Iterable[CopyrightUse], coming: Iterable[CopyrightUse]) -> dict[int, list[Stand]]:
    """Live uses of both, by year, the newest first; each year by places, then those over, then the rest."""
    there, coming = list(there), list(coming)
    found: dict[int, list[Stand]] = {}
    for year in sorted({row.year for row in coming}, reverse=True):
        mine = [row for row in there if row.year == year]
        theirs = [row for row in coming if row.year == year]
        found[year] = sorted(_year(mine, theirs), key=lambda one: (one.place is None, one.place or 0, not one.over,
                                                                   one.use.asked_on, one.use.pk))
    return found


def _year(there: list[CopyrightUse], coming: list[CopyrightUse]) -> list[Stand]:
    placed = [row for row in there if row.place is not None]
    arriving = [row for row in coming if row.place is not None]
    stands = [
        Stand(row, None, row.over, row in coming) for row in (*there, *coming) if row.place is None
    ]
    if not arriving:
        return [*(Stand(row, row.place, False, False) for row in placed), *stands]
    within, beyond, limit = in_order(placed, arriving)
    taken = {row.place for row in within if row in placed}
    free = iter([place for place in range(1, limit + 1) if place not in taken])
    for row in within:
        stands.append(Stand(row, row.place if row in placed else next(free), False, row in arriving))
    return [*stands, *(Stand(row, None, True, row in arriving) for row in beyond)]
