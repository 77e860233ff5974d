"""The Internet Archive's texts: what can be read at once, and what can only be borrowed for an hour."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from requests_app.verification.records import Access, Answer, Record, distinct
from requests_app.verification.sources import Option, Settings, numbers, source
from requests_app.verification.sources.people import inverted, people, without_dates
from requests_app.verification.sources.reading import document, number, rows, text, texts, tried, unexpected, yes
from requests_app.verification.sources.sought import BOOKS, MOST, enough, is_other, is_same, shelved, telling, words
from requests_app.verification.web import Web

BASE = "https://archive.org"

_FIELDS = (
    "identifier", "title", "creator", "date", "year", "publisher", "language", "isbn", "oclc-id", "lccn", "volume",
    "collection", "access-restricted-item", "mediatype",
)
_LENDING = frozenset({"inlibrary", "lendinglibrary", "browserlending"})
_NOT_FOR_ALL = frozenset({"printdisabled", "internetarchivebooks-printdisabled"})


@source
class InternetArchive:
    code = "internet_archive"
    label = "Internet Archive"
    about = _("Scanned books: free to read, or to borrow for an hour in its lending library. Free.")
    options: tuple[Option, ...] = (Option("url", _("address"), default=BASE),)
    inside = False
    gap = 0.5
    days = 30
    days_nothing = 7

    def can_ask(self, wanted: Record, settings: Settings) -> bool:
        return wanted.kind in BOOKS and bool(_numbers(wanted) or enough(shelved(wanted)))

    def ask(self, wanted: Record, settings: Settings, web: Web) -> Answer:
        book = wanted.with_(part_title="", part_author="")
        by_number = _numbers(wanted)
        found = _search(book, by_number, settings, web) if by_number else Answer()
        looked_for = shelved(wanted)
        if not enough(looked_for) or (found.records and not is_other(book, found.records[0])):
            return found
        if web.calls:
            web.pause(self.gap)
        parts = [f"title:{word}" for word in telling(looked_for.title)]
        parts += [f"creator:{word}" for word in words(looked_for.family)]
        others = _search(book, " AND ".join(parts), settings, web)
        return Answer(
            records=(*found.records, *others.records)[:MOST], access=(*found.access, *others.access), more=others.more
        )

    def test(self, settings: Settings, web: Web) -> str:
        return tried(self.ask(Record(title="Moby Dick or the whale", author="Melville, Herman"), settings, web))


def _numbers(wanted: Record) -> str:
    kinds = (
        ("isbn", numbers.isbn(wanted.isbn)), ("oclc-id", numbers.oclc(wanted.oclc)), ("lccn", numbers.lccn(wanted.lccn))
    )
    return " OR ".join(f"{kind}:{number}" for kind, number in kinds if number)


def _search(wanted: Record, query: str, settings: Settings, web: Web) -> Answer:
    params = [("q", f"({query}) AND mediatype:texts"), *(("fl[]", name) for name in _FIELDS)]
    params += [("rows", str(MOST)), ("page", "1"), ("output", "json")]
    data = document(web.get(f"{_base(settings)}/advancedsearch.php", params, fine=()), "response")
    if not isinstance(data["response"], dict):
        raise unexpected()
    pairs = [(record, row) for row in rows(data, "response", "docs") if (record := _record(row))][:MOST]
    return Answer(
        records=tuple(record for record, _row in pairs),
        access=tuple(
            access for record, row in pairs if is_same(wanted, record) and (access := _readable(row, record))
        ),
        more=max(number(data, "response", "numFound") - len(pairs), 0),
    )


def _record(row: dict[str, Any]) -> Record | None:
    """Every field comes as a string or as a list of them."""
    title, known = text(row, "title"), text(row, "identifier")
    if not title or not re.fullmatch(r"[A-Za-z0-9._-]{1,120}", known):
        return None
    isbns = numbers.all_isbns(texts(row, "isbn"))
    oclcs = distinct(numbers.oclc(one) for one in texts(row, "oclc-id"))
    return Record(
        kind="book", title=title, author=people(inverted(without_dates(name)) for name in texts(row, "creator")),
        publisher=text(row, "publisher"), year=numbers.year(text(row, "date")) or numbers.year(text(row, "year")),
        volume=text(row, "volume"), isbn=next(iter(isbns), ""), isbns=isbns, oclc=next(iter(oclcs), ""),
        lccn=numbers.lccn(text(row, "lccn")), language=numbers.language(text(row, "language")),
        also=tuple(("oclc", one) for one in oclcs[1:]), source=InternetArchive.code, source_id=known,
        url=f"{BASE}/details/{known}",
    )


def _readable(row: dict[str, Any], record: Record) -> Access | None:
    """Without a restriction it can be read in full; in the lending library it is borrowed, one reader at a time;
    what only people with a print disability may read is no offer to others."""
    collections = {name.lower() for name in texts(row, "collection")}
    lending = bool(collections & _LENDING)
    restricted = yes(row, "access-restricted-item") or bool(collections & _NOT_FOR_ALL)
    if restricted and not lending:
        return None
    return Access(
        url=record.url, way="free", name="Internet Archive (lending library)" if lending else "Internet Archive",
        coverage=record.volume, limited=lending, source=InternetArchive.code, record_id=record.source_id,
    )


def _base(settings: Settings) -> str:
    return (settings.url or BASE).rstrip("/")
