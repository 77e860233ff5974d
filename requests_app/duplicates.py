"""Requests for the same thing: the same patron's, and other patrons' that are still open."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from requests_app import lifecycle, search
from requests_app.models import ILLRequest

_NUMBERS = ("doi", "isbn", "oclc", "pmid")
# What is asked for lending is other libraries' affair.
_KINDS = (lifecycle.BORROWING, lifecycle.DOCUMENTS)
SHOWN = 10


@dataclass(frozen=True)
class Same:
    ill: ILLRequest
    same_patron: bool
    why: str  # the name of the field that agrees: "doi", "isbn", … or "title"


def of(ill: ILLRequest, *, kinds: Collection[str]) -> list[Same]:
    """Newest first, the same patron's before others'; only of these kinds (those that the reader sees). At most three
    queries, each over an index."""
    citation = ill.citation
    numbers = Q(pk=None)
    for name in _NUMBERS:
        if value := getattr(citation, name):
            numbers |= Q(**{f"citation__{name}": value})
    others = ILLRequest.objects.exclude(pk=ill.pk).filter(kind__in=[kind for kind in _KINDS if kind in kinds])
    others = others.select_related("citation", "patron")
    found: dict[int, Same] = {}
    for row in others.filter(numbers).order_by("-pk")[: 5 * SHOWN]:
        mine = row.patron_id == ill.patron_id and ill.patron_id is not None
        if (mine or row.is_open) and _same_part(ill, row):
            found[row.pk] = Same(row, mine, _agreeing(ill, row))
    if ill.patron_id:
        wanted = _key(citation)
        for row in others.filter(patron_id=ill.patron_id).order_by("-pk")[:200]:
            if row.pk not in found and wanted and _key(row.citation) == wanted:
                found[row.pk] = Same(row, True, "title")
    return sorted(found.values(), key=lambda same: (not same.same_patron, -same.ill.pk))[:SHOWN]


def _same_part(ill: ILLRequest, other: ILLRequest) -> bool:
    """Two chapters of one book share its ISBN, and two volumes their set's."""
    one, two = ill.citation, other.citation
    parts = search.words_of(one.part_title), search.words_of(two.part_title)
    if parts[0] != parts[1] and not (one.doi and one.doi == two.doi):
        return False
    return not (one.volume and two.volume and one.volume != two.volume)


def _agreeing(ill: ILLRequest, other: ILLRequest) -> str:
    return next(
        (name for name in _NUMBERS
         if getattr(ill.citation, name) and getattr(ill.citation, name) == getattr(other.citation, name)), "title",
    )


def _key(citation) -> tuple[str, str]:
    """Title and volume in the words by which they are found, whatever the script and the marks."""
    return " ".join(search.words_of(citation.shown_title)), citation.volume.strip().lower()
