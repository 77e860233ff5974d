"""A directory and a past, for the tests of choosing lenders."""

from datetime import datetime, timedelta

from illdesk import actors
from requests_app.actions import perform
from requests_app.models import Check, Dialogue, ILLRequest, Library, LibraryGroup, RotaEntry
from requests_app.verification.records import Answer, Held, to_json
from tests import factories as f


def checked(ill: ILLRequest, *held: Held) -> ILLRequest:
    """The request with a newest check that found these holdings."""
    Check.objects.create(ill=ill, made=f.NOW, outcome="verified", held=to_json(Answer(held=held)).get("held", []))
    return ill


def group(kind: str, *libraries: Library, name: str = "") -> LibraryGroup:
    row, _created = LibraryGroup.objects.get_or_create(name=name or f"The {kind}", defaults={"kind": kind})
    row.libraries.add(*libraries)
    return row


def many(count: int, **fields) -> list[Library]:
    return Library.objects.bulk_create(
        Library(name=f"Library {turn:04}", symbol=f"M{turn:04}", agency_value=f"US-M{turn:04}", **fields)
        for turn in range(count)
    )


def past(library: Library, *, supplied: int = 0, failed: int = 0, days: float = 3, at: datetime = f.NOW) -> None:
    """Requests of ours that this library was asked for, with what came of them."""
    for turn in range(supplied + failed):
        row = f.asked(title=f"Before {turn}")
        perform(row, "choose_lenders", actor=actors.SYSTEM, now=at, libraries=[library])
        perform(row, "send", actor=actors.SYSTEM, now=at)
        if turn < supplied:
            perform(row, "receive", actor=actors.SYSTEM, now=at + timedelta(days=days), barcode="1")
        else:
            perform(row, "lender_unfilled", actor=actors.partner(library.symbol), now=at, reason="NotHeld")


def rota_rows(library: Library, state: str, count: int, *, at: datetime = f.NOW) -> None:
    """The same as rows alone, where thousands are needed."""
    row = f.ill("borrowing.sent", partner=library)
    dialogue = Dialogue.objects.get(ill=row)
    RotaEntry.objects.filter(ill=row).delete()
    RotaEntry.objects.bulk_create(
        RotaEntry(ill=row, library=library, place=place, state=state, changed=at, dialogue=dialogue)
        for place in range(1, count + 1)
    )
