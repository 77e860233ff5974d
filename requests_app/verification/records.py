"""What verification speaks of: a description, who holds it, where it is online. Pure."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

# Fields that Citation has under the same name.
CITED = (
    "title", "author", "edition", "publisher", "place", "year", "volume", "issue", "pages", "part_title",
    "part_author", "series", "isbn", "issn", "oclc", "doi", "pmid", "pmcid", "arxiv", "lccn", "document_number",
    "degree",
)


@dataclass(frozen=True)
class Record:
    """One description: what somebody wants, or what a source knows.

    `kind`: a code of Citation.KINDS, '' when unknown. `title` is the container's (journal, book), `part_title`
    the article's or chapter's; of a book `title` is the book's with its subtitle ("Title : subtitle").
    `author`: all names, "Family, Given; Family, Given". `year`: four digits where the source says so. `isbn`:
    ISBN-13 without hyphens; `issn`: "1234-567X"; `oclc`: digits; `doi`: small letters, without "https://doi.org/";
    `pmcid`: "PMC123"; `language`: ISO 639-2/B ("rus").
    `isbns`, `issns`: all that the source knows, the first one included. `also`: other forms of a field, as pairs of
    its name and the form: original script, transliteration, former or later title of a journal, abbreviated title.
    `continues`, `continued_by`: ISSNs of the journals before and after it under another name (MARC 780 00, 785 00).
    """

    kind: str = ""
    title: str = ""
    author: str = ""
    edition: str = ""
    publisher: str = ""
    place: str = ""
    year: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    part_title: str = ""
    part_author: str = ""
    series: str = ""
    isbn: str = ""
    issn: str = ""
    oclc: str = ""
    doi: str = ""
    pmid: str = ""
    pmcid: str = ""
    arxiv: str = ""
    lccn: str = ""
    document_number: str = ""
    degree: str = ""
    language: str = ""
    isbns: tuple[str, ...] = ()
    issns: tuple[str, ...] = ()
    also: tuple[tuple[str, str], ...] = ()
    continues: tuple[str, ...] = ()
    continued_by: tuple[str, ...] = ()
    source: str = ""  # code of the source that knows it
    source_id: str = ""  # its number there
    url: str = ""  # where a person can look at it

    def forms(self, name: str) -> tuple[str, ...]:
        """The value of a field and its other forms, the empty ones left out."""
        own = getattr(self, name)
        return tuple(dict.fromkeys(
            value for value in (own, *(form for field_name, form in self.also if field_name == name)) if value
        ))

    def filled(self) -> dict[str, str]:
        """The fields of a citation that have a value."""
        return {name: value for name in CITED if (value := getattr(self, name))}

    def with_(self, **values: Any) -> "Record":
        return replace(self, **values)


@dataclass(frozen=True)
class Held:
    """A library that has it. `symbol`: OCLC symbol, ISIL or the code of one of our branches.

    `lendable`: None where nothing is said. `available`: on the shelf now, as far as known.
    """

    name: str
    symbol: str = ""
    symbol_type: str = "OCLC"  # OCLC, ISIL, LOCAL
    ours: bool = False
    location: str = ""
    call_number: str = ""
    available: bool | None = None
    lendable: bool | None = None
    note: str = ""  # "due back on 4 December", as the catalogue says it
    country: str = ""
    region: str = ""
    registry_id: str = ""
    source: str = ""
    retained: bool = False  # a shared-print promise to keep it: rather not sent away
    record_id: str = ""  # source_id of the Record it belongs to; '' when exactly this was asked for by number
    volumes: str = ""  # summary of holdings
    url: str = ""


@dataclass(frozen=True)
class Access:
    """A place where the text itself is online.

    `way`: "licensed" (ours, for our patrons) or "free". `version`: "published", "accepted", "submitted" or ''.
    `record_id`: the `source_id` of the Record it belongs to, where a source gave several.
    `limited`: only for reading page by page, or only some pages.
    """

    url: str
    way: str
    name: str = ""  # "JSTOR", "arXiv", "publisher's site"
    version: str = ""
    licence: str = ""
    is_pdf: bool = False
    coverage: str = ""  # "1998–2015, not the last 12 months"
    limited: bool = False
    source: str = ""
    record_id: str = ""  # as in Held


@dataclass(frozen=True)
class Link:
    """A page of another system where a person can search on, with the question filled in."""

    label: str
    url: str


@dataclass(frozen=True)
class Answer:
    """What one source said. `incomplete`: a sentence, when it could not be asked for all that belongs to it; such
    an answer is worth showing and not worth keeping."""

    records: tuple[Record, ...] = ()
    held: tuple[Held, ...] = ()
    access: tuple[Access, ...] = ()
    links: tuple[Link, ...] = ()
    notes: tuple[str, ...] = ()  # sentences: "We subscribe to it, but not to 2024."
    more: int = 0  # further hits that were not fetched
    incomplete: str = ""

    def __bool__(self) -> bool:
        return bool(self.records or self.held or self.access or self.links or self.notes)


def to_json(answer: Answer) -> dict[str, Any]:
    """Empty fields left out: thousands of these are kept."""
    return {
        name: [_slim(row) for row in getattr(answer, name)] for name in ("records", "held", "access", "links")
        if getattr(answer, name)
    } | {name: value for name in ("notes", "more", "incomplete") if (value := getattr(answer, name))}


def from_json(data: dict[str, Any]) -> Answer:
    """Also of what an older version stored: fields that are no more are left out."""
    return Answer(
        records=tuple(record_from(row) for row in data.get("records", ())),
        held=tuple(_fat(Held, row) for row in data.get("held", ())),
        access=tuple(_fat(Access, row) for row in data.get("access", ())),
        links=tuple(_fat(Link, row) for row in data.get("links", ())),
        notes=tuple(data.get("notes", ())),
        more=data.get("more", 0),
        incomplete=data.get("incomplete", ""),
    )


def record_to(record: Record) -> dict[str, Any]:
    return _slim(record)


def record_from(data: dict[str, Any]) -> Record:
    found = _fat(Record, data)
    return replace(
        found, isbns=tuple(found.isbns), issns=tuple(found.issns),
        also=tuple((name, form) for name, form in found.also),
        continues=tuple(found.continues), continued_by=tuple(found.continued_by),
    )


def distinct(values: Iterable[str]) -> tuple[str, ...]:
    """Each once, in order, without the empty ones."""
    return tuple(dict.fromkeys(value for value in values if value))


def _slim(row) -> dict[str, Any]:
    """Without what says nothing; "not available" is not the same as not said."""
    usual = {one.name: one.default for one in fields(row)}
    return {
        name: value for name, value in asdict(row).items()
        if value not in ("", (), [], None) and value is not usual[name]
    }


def _fat(kind, data: dict[str, Any]):
    known = {one.name for one in fields(kind)}
    values = {"url": "", "way": "", "name": "", "label": ""} | data
    return kind(**{name: value for name, value in values.items() if name in known})


__all__ = [
    "CITED", "Access", "Answer", "Held", "Link", "Record", "distinct", "from_json", "record_from",
    "record_to", "to_json",
]
