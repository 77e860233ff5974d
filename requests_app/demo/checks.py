"""What verification said of the demo's open requests: drawn by the real matching from made-up answers.

The demo's desks have no network of their own, and its works are invented; so what sources would have answered is
made here, and everything after the answers is as at any desk.
"""

from dataclasses import replace
from datetime import datetime
from random import Random

from illdesk import demo
from illdesk.actors import CLOCK
from requests_app import search
from requests_app.actions import perform
from requests_app.demo import copyright
from requests_app.models import Check, Citation, ILLRequest, Library
from requests_app.verification import matching, stored
from requests_app.verification.asking import FOUND, LATE, NOTHING, Asked
from requests_app.verification.check import Checked, filled_up
from requests_app.verification.records import Access, Held, Record

_EARLY = ("borrowing.submitted", "borrowing.in_review", "borrowing.ready_to_send", "borrowing.copyright_review",
          "borrowing.unfilled")
_SOURCES = {"crossref": 412, "worldcat": 870, "openalex": 655, "own_catalogue": 240}


def load(now: datetime) -> None:
    """Once, after the story: every fifth stays as it came, a few were typed with mistakes."""
    if Check.objects.exists():
        return
    # Titles on which copyright's numbers stand are left as they are.
    rows = ILLRequest.objects.filter(state__in=_EARLY).exclude(citation__title__in=copyright.titles()).select_related(
        "citation", "patron").order_by("pk")
    dice = Random(f"ILL Desk demo checks {demo.own().symbol}")  # noqa: S311 - the same demo each time
    libraries = [library for library in Library.objects.filter(active=True).order_by("pk") if library.symbol]
    for place, ill in enumerate(rows):
        if place % 5 == 4:
            continue
        found = _record(ill.citation)
        if place % 5 in (1, 3):
            _mistype(ill.citation, dice)
        perform(ill, "check", actor=CLOCK, now=now, checked=_checked(ill, found, libraries, dice, place))


def _record(citation: Citation) -> Record:
    """As a source would describe it: a number more than the patron knew, its own spelling of the names."""
    source = "crossref" if citation.doi else "worldcat"
    known = stored.wanted_of(citation)
    number = "" if citation.doi else str(10_000_000 + citation.pk * 7919)
    return replace(known, source=source, source_id=citation.doi or number, oclc=number or known.oclc)


def _mistype(citation: Citation, dice: Random) -> None:
    """A slip of the fingers, as the patron sent it."""
    name = "part_title" if citation.part_title else "title"
    title = getattr(citation, name)
    values = {name: title}
    if len(title) > 12 and title.isascii():
        at = dice.randrange(4, len(title) - 4)
        values[name] = title[:at] + title[at + 1] + title[at] + title[at + 2:]
    if citation.year.isdigit() and dice.random() < 0.6:
        values["year"] = str(int(citation.year) - 1)
    for field, value in values.items():
        setattr(citation, field, value)
    citation.typed = citation.typed | values
    citation.save(update_fields=[*values, "typed"])
    search.index(citation.ill)


def _checked(ill: ILLRequest, found: Record, libraries: list[Library], dice: Random, place: int) -> Checked:
    wanted = stored.wanted_of(ill.citation)
    records = [found]
    if found.kind == "book" and place % 7 == 2 and found.year.isdigit():
        records.append(replace(found, edition="2nd ed.", year=str(int(found.year) + 9), isbn="", isbns=(),
                               oclc=str(int(found.oclc or 1) + 41), source_id=found.source_id + "-2"))
    conclusion = matching.conclude(wanted, records)
    holders = dice.sample(libraries, min(len(libraries), 4 + place % 3)) if not found.part_title else []
    held = tuple(
        Held(library.name, symbol=library.symbol, source="worldcat", region=library.region, country=library.country)
        for library in holders
    )
    access: tuple[Access, ...] = ()
    if found.doi and place % 3 == 0:
        access = (Access(f"https://repository.example/{found.doi}", "free", name="repository.example",
                         version="accepted", licence="cc-by", is_pdf=True, source="openalex"),)
    asked = tuple(
        Asked(code, LATE if code == "openalex" and place % 6 == 5 else FOUND if code == found.source else NOTHING,
              ms + dice.randrange(300), "")
        for code, ms in _SOURCES.items()
    )
    return Checked(filled_up(wanted, Record()), conclusion.outcome, conclusion.candidates, held, access, asked=asked)
