"""DOAJ, the Directory of Open Access Journals: all that it lists is free at the journal's site."""

from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from requests_app.verification.records import Access, Answer, Record
from requests_app.verification.sources import Option, Settings, numbers, source
from requests_app.verification.sources.people import family, inverted, people
from requests_app.verification.sources.reading import document, number, rows, text, texts, tried, url
from requests_app.verification.sources.sought import MOST, Sought, enough, is_other, is_same, sought, telling, words
from requests_app.verification.web import Web

BASE = "https://doaj.org/api"


@source
class Doaj:
    code = "doaj"
    label = "DOAJ"
    about = _("Articles of journals that are free as a whole, with the link to the text. Free.")
    options: tuple[Option, ...] = (Option("url", _("address"), default=BASE),)
    inside = False
    gap = 0.5  # two a second
    days = 30
    days_nothing = 7

    def can_ask(self, wanted: Record, settings: Settings) -> bool:
        return wanted.kind in ("", "article", "conference") and bool(numbers.doi(wanted.doi) or _by_title(wanted))

    def ask(self, wanted: Record, settings: Settings, web: Web) -> Answer:
        known, by_title = numbers.doi(wanted.doi), _by_title(wanted)
        found = _search(wanted, f'doi:"{known}"', settings, web) if known else Answer()
        if not by_title or (found.records and not is_other(wanted, found.records[0])):
            return found
        if web.calls:
            web.pause(self.gap)
        others = _search(wanted, by_title, settings, web)
        return Answer(
            records=(*found.records, *others.records)[:MOST], access=(*found.access, *others.access)[:MOST],
            more=others.more,
        )

    def test(self, settings: Settings, web: Web) -> str:
        return tried(self.ask(Record(doi="10.1371/journal.pone.0033693"), settings, web))


def _by_title(wanted: Record) -> str:
    looked_for: Sought = sought(wanted)
    if not wanted.part_title and wanted.kind:  # of an article only the journal is known
        return ""
    if not enough(looked_for):
        return ""
    parts = [f"bibjson.title:{word}" for word in telling(looked_for.title)]
    parts += [f"bibjson.author.name:{word}" for word in words(family(looked_for.family))]
    return " AND ".join(parts)


def _search(wanted: Record, query: str, settings: Settings, web: Web) -> Answer:
    """The question is part of the path, so a space is %20."""
    base = (settings.url or BASE).rstrip("/")
    said = web.get(f"{base}/search/articles/{quote(query, safe='')}", {"page": 1, "pageSize": MOST})
    if said.status_code == 404:
        return Answer()
    data = document(said, "results")
    pairs = [(record, row) for row in rows(data, "results") if (record := _record(row))][:MOST]
    return Answer(
        records=tuple(record for record, _row in pairs),
        access=tuple(one for record, row in pairs if is_same(wanted, record) for one in _free(row, record)),
        more=max(number(data, "total") - len(pairs), 0),
    )


def _record(row: dict[str, Any]) -> Record | None:
    title, known = text(row, "bibjson", "title"), text(row, "id")
    if not title or not known:
        return None
    journal = ("bibjson", "journal")
    ids = [(text(one, "type").lower(), text(one, "id")) for one in rows(row, "bibjson", "identifier")]
    issns = numbers.all_issns((
        *(value for kind, value in ids if kind in ("pissn", "eissn", "issn")), *texts(row, *journal, "issns"),
    ))
    first, last = text(row, "bibjson", "start_page"), text(row, "bibjson", "end_page")
    return Record(
        kind="article", part_title=title, title=text(row, *journal, "title"),
        part_author=people(inverted(text(one, "name")) for one in rows(row, "bibjson", "author")),
        publisher=text(row, *journal, "publisher"), year=numbers.year(text(row, "bibjson", "year")),
        volume=text(row, *journal, "volume"), issue=text(row, *journal, "number"), pages=numbers.pages(first, last),
        doi=next((doi for kind, value in ids if kind == "doi" and (doi := numbers.doi(value))), ""),
        issn=next(iter(issns), ""), issns=issns, language=numbers.language(text(row, *journal, "language")),
        source=Doaj.code, source_id=known, url=f"https://doaj.org/article/{quote(known)}",
    )


def _free(row: dict[str, Any], record: Record) -> list[Access]:
    return [
        Access(
            url=address, way="free", name=text(row, "bibjson", "journal", "title"), version="published",
            licence=text(row, "bibjson", "journal", "license", 0, "title").lower().replace(" ", "-"),
            is_pdf="pdf" in text(link, "content_type").lower(), source=Doaj.code,
            record_id=record.source_id,
        )
        for link in rows(row, "bibjson", "link")
        if text(link, "type").lower() == "fulltext" and (address := url(link, "url"))
    ]
