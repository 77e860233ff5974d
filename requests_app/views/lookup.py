"""What a patron pastes becomes a filled form, and is said to be on our shelf or online before anything is sent."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from textwrap import shorten
from typing import Any

from django.utils.translation import gettext as _

from illdesk import outside, side_by_side
from illdesk.models import Institution
from requests_app.forms.kinds import FIELDS
from requests_app.verification import check, references, stored, volumes
from requests_app.verification.records import Access, Held, Record, distinct
from requests_app.verification.wanted import NUMBERS, normal_record
from requests_app.views.checks import VERSIONS, web_address

log = logging.getLogger(__name__)

# The form waits no longer; what is not answered by then is checked after the request is stored.
SECONDS = 2.0
LONGEST = 4000
CHOICES = 6
MOST_LINKS = 4  # that are tried, all at once
# Said to programs, where many publishers show a person's browser the page. 401 asks for a password.
_FOR_PERSONS = (403, 405, 429)


@dataclass(frozen=True)
class Choice:
    """One of several works or editions that fit: chosen by its own number (`what`). `parts`: as Offer.parts."""

    title: str
    parts: list[tuple[str, bool]]
    what: str


@dataclass(frozen=True)
class Offer:
    """What a patron is shown before the form. `free`, `licensed`: a link that worked a moment ago; `shelf`: where it
    stands; `manuscript`: the free version is not the published one."""

    record: Record | None = None
    free: Access | None = None
    licensed: Access | None = None
    shelf: tuple[Held, ...] = ()
    notes: tuple[str, ...] = ()
    silent: bool = False  # somebody did not answer in time
    asked: bool = True  # anybody at all
    choices: tuple["Choice", ...] = ()  # several fit, and are not the same

    @property
    def spares_a_request(self) -> bool:
        return bool(self.free or self.licensed)

    @property
    def is_manuscript(self) -> bool:
        return bool(self.free and not self.licensed and self.free.version in ("accepted", "submitted"))

    @property
    def version(self) -> str:
        return str(VERSIONS.get(self.free.version, "")) if self.free else ""

    @property
    def title(self) -> str:
        return (self.record.part_title or self.record.title) if self.record else ""

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """As Citation.parts: what stands under the title, and whether each part is numbers."""
        record = self.record
        if record is None:
            return []
        issue = f"({record.issue})" if record.issue else ""
        parts = (
            (record.part_author or record.author, False),
            (record.title if record.part_title else record.publisher, False),
            (f"{record.volume}{issue}".strip(), True), (record.year, True), (record.pages, True),
        )
        return [(text, is_number) for text, is_number in parts if text]

    @property
    def places(self) -> list[str]:
        """Which library, which shelf, which number: with several branches each of them is needed. Which volumes,
        since not every summary of them can be read by us."""
        return [
            " · ".join(distinct((row.name, row.location, row.call_number, shorten(row.volumes, 120, placeholder="…"))))
            for row in self.shelf[:3]
        ]


def read(text: str) -> tuple[Record, bool]:
    """Numbers, a link, a reference in any style, or just a title; and whether it could be taken apart."""
    reading = references.read(text[:LONGEST])
    record = normal_record(reading.record)
    numbers = {name: getattr(record, name) for name in NUMBERS if getattr(record, name)}
    if reading.style == "title" and numbers:  # words around a number say nothing about the work
        return normal_record(Record(**numbers)), True
    return record, reading.style != "title"


def look(wanted: Record, *, now: datetime, seconds: float = SECONDS, text: str = "") -> Offer:
    """Within `seconds`; whatever fails, the form opens all the same. `text`: as check.look() takes it."""
    began = time.monotonic()
    try:
        checked = check.look(wanted, now=now, seconds=seconds * 0.75, text=text)
    except Exception:
        log.exception("a patron's lookup failed")
        return Offer(silent=True)
    licensed = next(
        (row for row in checked.access if row.way == "licensed" and not row.limited and web_address(row.url)), None
    )
    if checked.outcome not in ("verified", "probable") or checked.best is None:
        # Where nobody knows the article, its journal and year may still be in what we subscribe to.
        choices = tuple(filter(None, map(_choice, checked.candidates[:CHOICES]))) if (
            checked.outcome == "ambiguous" and not licensed) else ()
        return Offer(
            record=wanted if licensed else None, licensed=licensed, notes=checked.notes if licensed else (),
            silent=bool(checked.asked) and not checked.is_whole, asked=bool(checked.asked), choices=choices,
        )
    record = check.filled_up(Record() if text else wanted, checked.best.record)
    left = began + seconds - time.monotonic()
    return Offer(
        record=record,
        free=_first_that_works(checked.access, left),
        licensed=licensed,
        shelf=tuple(row for row in volumes.standing(checked.ours, record) if row.available is not False),
        notes=checked.notes,
        silent=not checked.is_whole,
    )


def _choice(candidate) -> Choice | None:
    """One of several that fit; only what has a number of its own can be chosen by it."""
    record = candidate.record
    number = record.doi or (f"PMID {record.pmid}" if record.pmid else "") or (
        f"ISBN {record.isbn}" if record.isbn else f"OCLC {record.oclc}" if record.oclc else "")
    shown = Offer(record=record)
    edition = [(record.edition, False)] if record.edition else []
    return Choice(shown.title, [*shown.parts, *edition], number) if number else None


def _first_that_works(access: tuple[Access, ...], seconds: float) -> Access | None:
    """The best free link that leads somewhere now; its address comes from a record, so never into our own network.
    `access`: the best first. Which of them hangs keeps none of the others from being found."""
    left = max(seconds, 0.3)
    rows = [row for row in access if row.way == "free" and not row.limited and web_address(row.url)][:MOST_LINKS]
    headers = {"User-Agent": stored.agent(_contact())}
    calls = [partial(outside.peek, row.url, headers=headers, timeout=left) for row in rows]
    for row, answer in zip(rows, side_by_side.answers(calls, seconds=left), strict=True):
        if isinstance(answer, outside.Answer) and (answer.status_code < 400 or answer.status_code in _FOR_PERSONS):
            return row
    return None


def _contact() -> str:
    row = Institution.objects.filter(pk=1).first()
    return row.email if row else ""


def kind_of(record: Record, *, otherwise: str = "book") -> str:
    if record.kind in FIELDS:
        return record.kind
    if record.isbn:
        return "chapter" if record.part_title else "book"
    if record.part_title or record.doi or record.pmid or record.pmcid or record.arxiv or record.issn:
        return "article"
    return "patent" if record.document_number else otherwise


def initial(record: Record, kind: str) -> dict[str, str]:
    """What is known, for the form of this kind; numbers it has no field for are carried along."""
    found = record.filled()
    if kind in ("article", "chapter", "conference", "newspaper") and not found.get("part_title") and not record.isbn:
        # A bare title: it is the article's, the journal is asked for.
        found["part_title"] = found.pop("title", "") or found.get("part_title", "")
    return found


def pasted(said: Mapping[str, Any]) -> str:
    """A browser sends each end of a line as two characters."""
    return str(said.get("what", "")).replace("\r\n", "\n").replace("\x00", "")[:LONGEST].strip()


def sentence_when_nothing(offer: Offer) -> str:
    if offer.choices:
        return _("Several fit. Is it one of these? Else check what we took from your text.")
    if not offer.asked:
        return _("Check what we took from your text, and fill in the rest.")
    if offer.silent:
        return _("The catalogues did not answer in time. Check what we took from your text, and fill in the rest.")
    return _("We did not find it. Check what we took from your text, and fill in the rest.")
