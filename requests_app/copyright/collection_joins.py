"""Notes to collection development follow their title: two rows turn out to be one, or uses belong elsewhere.

A note that is still proposed moves, or joins the one of its year and kind there; what was sent or dismissed stays as
it was decided. Call inside the transaction of the correction.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F

from illdesk import events
from illdesk.actors import Actor
from requests_app.copyright import collection
from requests_app.models import CollectionNote, CopyrightTitle, CopyrightUse


def merged(gone: CopyrightTitle, keep: CopyrightTitle, *, actor: Actor, now: datetime) -> None:
    there = {(row.year, row.kind): row for row in CollectionNote.objects.select_for_update().filter(title=keep)}
    for row in CollectionNote.objects.select_for_update().filter(title=gone).order_by("pk"):
        other = there.get((row.year, row.kind))
        if other is None:
            _to(row, keep)
        elif row.state == CollectionNote.PROPOSED:
            _join(row, other, actor=actor, now=now)
        elif other.state == CollectionNote.PROPOSED:
            _join(other, row, actor=actor, now=now)
            _to(row, keep)
        else:  # both are decided: each stays as it was, and the one that is found knows of all
            _add(other, row.numbers)


def moved(new: Iterable[CopyrightUse], to: CopyrightTitle, *, actor: Actor, now: datetime) -> None:
    """`new`: the rows that count now; `instead_of` knows for which title they counted before."""
    by_place: dict[tuple[int, int], list[str]] = {}
    for use in new:
        if use.instead_of is not None and use.number:
            by_place.setdefault((use.instead_of.title_id, use.year), []).append(use.number)
    for (title, year), numbers in sorted(by_place.items()):
        proposed = CollectionNote.objects.select_for_update().filter(
            title=title, year=year, state=CollectionNote.PROPOSED)
        for row in proposed.order_by("pk"):
            gone = [number for number in row.numbers if number in numbers]
            if gone:
                _part(row, gone, to, actor=actor, now=now)


def _part(row: CollectionNote, numbers: list[str], to: CopyrightTitle, *, actor: Actor, now: datetime) -> None:
    other = CollectionNote.objects.select_for_update().filter(title=to, year=row.year, kind=row.kind).first()
    left = [number for number in row.numbers if number not in numbers]
    if not left and other is None:
        _to(row, to)
    elif not left and other is not None:
        _join(row, other, actor=actor, now=now)
    else:
        CollectionNote.objects.filter(pk=row.pk).update(numbers=left, version=F("version") + 1)
        for number in numbers:
            collection.propose(to, row.year, number, kind=row.kind, actor=actor, now=now)


def _to(row: CollectionNote, title: CopyrightTitle) -> None:
    CollectionNote.objects.filter(pk=row.pk).update(title=title, version=F("version") + 1)


def _join(gone: CollectionNote, into: CollectionNote, *, actor: Actor, now: datetime) -> None:
    """One that is proposed only; its words are kept where the other has none yet."""
    _add(into, gone.numbers, text=gone.text)
    events.record("collection.joined", subject=("collection_note", into.pk), actor=actor, now=now,
                  data={"gone": gone.pk})
    gone.delete()


def _add(row: CollectionNote, numbers: list[str], *, text: str = "") -> None:
    row.numbers = list(dict.fromkeys([*row.numbers, *numbers]))
    if row.state == CollectionNote.PROPOSED and text:
        row.text = "\n\n".join(dict.fromkeys(part for part in (row.text, text) if part))
    CollectionNote.objects.filter(pk=row.pk).update(numbers=row.numbers, text=row.text, version=F("version") + 1)
