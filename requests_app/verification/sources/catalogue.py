"""What our own catalogue and a union catalogue have in common, however they are asked: roles, questions, answers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from lxml import etree
from stdnum import isbn as stdnum_isbn

from requests_app.verification import coverage, coverage_words, dublin_core, holdings, marc, volumes
from requests_app.verification.likeness import journals
from requests_app.verification.marc.reading import name_of
from requests_app.verification.records import Access, Answer, Held, Link, Record, distinct
from requests_app.verification.sources import Option, Settings

MOST_RECORDS = 10
_BETWEEN = re.compile(r"[\s/:;,.!?()\[\]{}<>=\"]+")


@dataclass(frozen=True)
class Role:
    """`ours`: what it holds stands on our shelves, and its address may lie in our own network."""

    ours: bool
    days: int
    days_nothing: int


# Shelves change by the hour; what other libraries own changes by the week.
OWN = Role(ours=True, days=0, days_nothing=0)
UNION = Role(ours=False, days=7, days_nothing=1)

COMMON_OPTIONS = (
    Option("name", _("Name of the library"), _("Only where the whole catalogue is one library's: how it is shown.")),
    Option("symbol", _("Symbol of the library"),
           _("Only where the whole catalogue is one library's: ISIL:DE-89, OCLC:ABC or a branch's code.")),
    Option("prefix", _("Before each symbol"), _("What makes its symbols ISILs, for example AU-.")),
    Option("page", _("Address of a record's page"),
           _("With {id} where the record's number stands, for example https://catalogue.example.edu/record/{id}.")),
)


@dataclass
class Catalogue:
    """What a source says of itself, for both roles (see `sources.Source`)."""

    code: str
    label: Any
    about: Any
    role: Role
    options: tuple[Option, ...]
    gap: float = 0.0
    inside: bool = field(init=False)
    days: int = field(init=False)
    days_nothing: int = field(init=False)

    def __post_init__(self):
        self.inside, self.days, self.days_nothing = self.role.ours, self.role.days, self.role.days_nothing

    def can_ask(self, wanted: Record, settings: Settings) -> bool:
        return bool(settings.url and (numbers(wanted) or wanted.title))


def numbers(wanted: Record) -> list[tuple[str, tuple[str, ...]]]:
    """What identifies it: name of the index and the forms of the number, the most certain first. Of an article
    only the journal's ISSN: catalogues hold journals."""
    isbns = tuple(form for isbn in (wanted.isbns or (wanted.isbn,)) if isbn for form in _isbn_forms(isbn))
    issns = tuple(issn for issn in (wanted.issns or (wanted.issn,)) if issn)
    return [
        (name, forms) for name, forms in (
            ("isbn", isbns[:6]), ("issn", issns[:3]), ("oclc", (wanted.oclc,) if wanted.oclc else ()),
            ("lccn", (wanted.lccn,) if wanted.lccn else ()),
        ) if forms
    ]


def _isbn_forms(isbn: str) -> Iterator[str]:
    """ISBN-13 and, for 978, ISBN-10: older records have only that, and few systems look for both. A wrong one is
    asked for as it is: some books were printed with it."""
    yield isbn
    if isbn.startswith("978") and stdnum_isbn.is_valid(isbn):
        yield stdnum_isbn.to_isbn10(isbn)


def words(wanted: Record) -> tuple[str, str, str]:
    """Title without its subtitle, the first author's family name, year: what records of the same work agree in.
    Of a journal neither author nor year, which are the article's."""
    title = wanted.title.partition(" : ")[0].strip()
    if wanted.part_title or wanted.issn:
        return title, "", ""
    return title, wanted.author.partition(";")[0].partition(",")[0].strip(), wanted.year[:4]


def plain_words(text: str) -> list[str]:
    """Words without what stands between them: catalogues index those, and some stumble over marks."""
    return [word for word in _BETWEEN.split(text) if word]


def base(role: Role, settings: Settings) -> Held:
    """Whose catalogue it is: what each row of its holdings starts from."""
    kind, colon, symbol = settings.option("symbol").partition(":")
    if not colon:
        kind, symbol = "LOCAL" if role.ours else "OCLC", kind
    if not symbol and role.ours:
        kind, symbol = "OCLC", settings.symbol
    return Held(
        name=settings.option("name"), symbol=symbol, symbol_type=kind if kind in ("OCLC", "ISIL") else "LOCAL",
        ours=role.ours, country=settings.country if role.ours else "",
        registry_id=settings.registry_id if role.ours else "",
    )


class Found:
    """What records of one catalogue come to: the answer is put together one record at a time.

    `today`: for embargoes.
    """

    def __init__(
        self, code: str, role: Role, settings: Settings, *, wanted: Record, today: date, encoding: str = ""
    ):
        self.wanted, self.today = wanted, today
        self.code, self.role, self.settings, self.encoding = code, role, settings, encoding
        self.base = base(role, settings)
        self.records: list[Record] = []
        self.held: list[Held] = []
        self.access: list[Access] = []
        self.notes: list[str] = []
        self.links: list[Link] = []

    def add_xml(self, element: etree._Element) -> None:
        """MARCXML, an OPAC record with MARCXML within, or Dublin Core."""
        found = marc.from_xml(element)
        opac = next((one for one in element.iter() if name_of(one) == "opacRecord"), None)
        if not found and opac is None:
            self._add(dublin_core.describe(element), [], [])
        for one in found[:1] if opac is not None else found:
            self.add_marc(one, opac)

    def add_marc(self, one: marc.Marc, opac: etree._Element | None = None) -> None:
        rows = holdings.from_opac(opac, self.base) if opac is not None else []
        rows = rows or holdings.from_marc(one, self.base)
        access = holdings.access_of(one, source=self.code) if self.role.ours else []
        self._add(marc.describe(one), rows, access)

    def add_bytes(self, data: bytes) -> None:
        for one in marc.from_bytes(data, encoding=self.encoding):
            self.add_marc(one)

    def _add(self, record: Record | None, rows: list[Held], access: list[Access]) -> None:
        if record is None or len(self.records) >= MOST_RECORDS:
            return
        page = self.settings.option("page").replace("{id}", record.source_id) if record.source_id else ""
        # What names no record counts as asked for by number; some records have no number of their own.
        number = record.source_id or f"#{len(self.records) + 1}"
        self.records.append(record.with_(source=self.code, source_id=number, url=page))
        if not rows and (self.base.name or self.base.symbol) and not access:
            # A catalogue of one library that says nothing of its shelves says at least that it has the work.
            rows = [self.base if self.base.name else replace(self.base, name=self.base.symbol)]
        prefix = self.settings.option("prefix")
        for row in rows:
            if prefix and row.symbol and not row.symbol.startswith(prefix):
                row = replace(row, symbol=prefix + row.symbol, symbol_type="ISIL")
            self.held.append(replace(row, record_id=row.record_id or number, url=row.url or page))
        for one in access:
            self._add_access(record, replace(one, record_id=number))

    def _add_access(self, record: Record, one: Access) -> None:
        """Of a journal that is online only what its coverage has, as our own lists of titles do it: outside of it is
        a note, at its edge a note and a link. Coverage that cannot be read goes along in its own words."""
        covered = None
        if one.coverage and volumes.in_a_journal(self.wanted):
            covered = coverage_words.covers(one.coverage, self.wanted, today=self.today)
        if covered is None or covered.answer == coverage.YES:
            self.access.append(one)
        elif _is_its_journal(self.wanted, record):  # notes and links name no record
            if covered.answer == coverage.NO:
                self.notes.append(coverage_words.not_this_date(one.name, one.coverage))
            else:
                self.notes.append(f"{one.name}: {covered.words}" if one.name else covered.words)
                self.links.append(Link(one.name or record.title, one.url))

    def answer(self, hits: int) -> Answer:
        """`hits`: how many records the catalogue says there are."""
        return Answer(
            records=tuple(self.records), held=tuple(dict.fromkeys(self.held)),
            access=tuple(dict.fromkeys(self.access)), notes=distinct(self.notes),
            links=tuple(dict.fromkeys(self.links)), more=max(hits - len(self.records), 0) if self.records else 0,
        )


_ONE_NAME = 0.85


def _is_its_journal(wanted: Record, record: Record) -> bool:
    ours, theirs = {wanted.issn, *wanted.issns} - {""}, {record.issn, *record.issns} - {""}
    if ours and theirs:
        return bool(ours & theirs)
    return any(journals.compare(wanted.title, form).share >= _ONE_NAME for form in record.forms("title"))


def some(count: int) -> str:
    """"1 record" or "12 records", for the sentence of a test."""
    return ngettext("%(count)d record", "%(count)d records", count) % {"count": count}
