"""What all the checks of a request together know: who holds it, and where it is online.

A source that is silent today has not taken back what it said yesterday: its rows stay until it answers again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from requests_app.models import Check, ILLRequest

# So many checks back a source's word still counts.
MOST_CHECKS = 5
_ANSWERED = ("found", "nothing")
_NUMBERS = ("doi", "pmid", "oclc", "isbn")


@dataclass(frozen=True)
class Known:
    """Rows as `Check.held` and `Check.access` have them, the newest check's first. A row that an earlier check gave
    has besides "as_of", the moment of that check."""

    held: list[dict[str, Any]] = field(default_factory=list)
    access: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class _Look:
    """One check as far as this needs it."""

    pk: int
    made: datetime
    asked: list[dict[str, Any]]
    wanted: dict[str, Any]
    held: list[dict[str, Any]] = field(default_factory=list)
    access: list[dict[str, Any]] = field(default_factory=list)
    found: list[dict[str, Any]] = field(default_factory=list)

    @property
    def settled(self) -> set[str]:
        """Who said all there is to say; words beside an answer tell what of it is missing."""
        return {one["code"] for one in self.asked if one["state"] in _ANSWERED and not one.get("words")}

    @property
    def tells(self) -> set[str]:
        return {one["code"] for one in self.asked if one["state"] == "found"}


def of(ills: Iterable[ILLRequest]) -> dict[int, Known]:
    """By request; one that was never checked is left out. Two queries, whatever their number."""
    looks: dict[int, list[_Look]] = {}
    for ill, *values in _last(ills).values_list("ill", "pk", "made", "asked", "wanted"):
        looks.setdefault(ill, []).append(_Look(*values))
    # Lists of hundreds of holders are read only where they can matter: mostly those of the newest alone.
    needed = {
        look.pk: look for some in looks.values() for look in some
        if look is some[0] or look.tells - some[0].settled
    }
    rows = Check.objects.filter(pk__in=list(needed)).values_list("pk", "held", "access", "found")
    for pk, held, access, found in rows:
        look = needed[pk]
        look.held, look.access, look.found = held, access, found
    return {ill: _known(some) for ill, some in looks.items()}


def of_one(ill: ILLRequest) -> Known:
    return of([ill]).get(ill.pk, Known())


def _last(ills: Iterable[ILLRequest]):
    """The last few checks of each, newest first."""
    place = Window(RowNumber(), partition_by="ill", order_by=F("pk").desc())
    rows = Check.objects.filter(ill__in=list(ills)).annotate(place=place)
    return rows.filter(place__lte=MOST_CHECKS).order_by("ill", "-pk")


def _known(looks: Sequence[_Look]) -> Known:
    newest, *earlier = looks
    earlier = [look for look in earlier if _same_work(newest, look)]
    return Known(*(_rows(name, newest, earlier) for name in ("held", "access")))


def _rows(name: str, newest: _Look, earlier: Sequence[_Look]) -> list[dict[str, Any]]:
    rows = list(getattr(newest, name))
    told = newest.settled | {row.get("source", "") for row in rows} | {""}
    for look in earlier:
        older = [row for row in getattr(look, name) if row.get("source", "") not in told]
        rows += [row | {"as_of": look.made} for row in older]
        told |= look.settled | {row["source"] for row in older}
    return rows


def _same_work(newest: _Look, earlier: _Look) -> bool:
    """Somebody may have corrected the request since: what was found for another ISBN says nothing about this one."""
    record = earlier.found[0]["record"] if earlier.found else {}
    differs = False
    for name in _NUMBERS:
        now = newest.wanted.get(name)
        then = {earlier.wanted.get(name), record.get(name), *(record.get("isbns", ()) if name == "isbn" else ())}
        then -= {None, ""}
        if now and now in then:
            return True
        differs = differs or bool(now and then)
    return not differs


__all__ = ["MOST_CHECKS", "Known", "of", "of_one"]
