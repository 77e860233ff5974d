"""Crossref: what publishers say of their articles, chapters and books when they register a DOI."""

from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from requests_app.verification.records import Access, Answer, Record, distinct
from requests_app.verification.sources import Option, Settings, numbers, source
from requests_app.verification.sources.people import family, inverted, people, person
from requests_app.verification.sources.reading import document, number, rows, text, texts, tried, unexpected, url
from requests_app.verification.sources.sought import (
    ARTICLES,
    MOST,
    enough_for_article,
    is_other,
    is_same,
    sought,
    words,
)
from requests_app.verification.web import Web

BASE = "https://api.crossref.org"

_KINDS = {
    "journal-article": "article", "posted-content": "article", "peer-review": "article",
    "book-chapter": "chapter", "book-section": "chapter", "book-part": "chapter", "book-track": "chapter",
    "reference-entry": "chapter", "proceedings-article": "conference", "book": "book", "monograph": "book",
    "edited-book": "book", "reference-book": "book", "book-set": "book", "proceedings": "book",
    "dissertation": "thesis", "report": "report", "report-component": "report", "standard": "standard",
}
_PARTS = {"article", "chapter", "conference"}
# References and abstracts are most of a work, and nobody here reads them.
_FIELDS = (
    "DOI,type,title,subtitle,original-title,container-title,short-container-title,author,editor,issued,"
    "published-print,published-online,volume,issue,page,article-number,ISSN,ISBN,publisher,publisher-location,"
    "license,resource"
)


@source
class Crossref:
    code = "crossref"
    label = "Crossref"
    about = _("Articles, chapters and books with a DOI, as their publishers describe them. Free; asks for an address.")
    options: tuple[Option, ...] = (
        Option("url", _("address"), default=BASE),
        Option("key", _("token for Metadata Plus"), secret=True, help=_("Only for subscribers of that service.")),
    )
    inside = False
    # The public pool allows five a second (x-rate-limit-limit), one at a time.
    gap = 0.2
    days = 30
    days_nothing = 7

    def can_ask(self, wanted: Record, settings: Settings) -> bool:
        return bool(numbers.doi(wanted.doi)) or (wanted.kind in ARTICLES and enough_for_article(wanted))

    def ask(self, wanted: Record, settings: Settings, web: Web) -> Answer:
        found = _by_doi(wanted, settings, web)
        in_words = wanted.kind in ARTICLES and enough_for_article(wanted)
        if not in_words or (found and not is_other(wanted, _record(found[0]) or Record())):
            return _answer(wanted, found)
        if web.calls:
            web.pause(self.gap)
        params = {
            "query.bibliographic": _question(wanted), "rows": MOST, "select": _FIELDS,
            **_politely(settings),
        }
        said = web.get(f"{_base(settings)}/works", params, headers=_headers(settings))
        if said.status_code == 404:
            return _answer(wanted, found)
        data = document(said, "message")
        works = [*found, *rows(data, "message", "items")]
        return _answer(wanted, works, more=number(data, "message", "total-results"))

    def test(self, settings: Settings, web: Web) -> str:
        return tried(self.ask(Record(doi="10.1038/nature12373"), settings, web))


def _by_doi(wanted: Record, settings: Settings, web: Web) -> list[dict[str, Any]]:
    known = numbers.doi(wanted.doi)
    if not known:
        return []
    said = web.get(f"{_base(settings)}/works/{quote(known, safe='/')}", _politely(settings), headers=_headers(settings))
    if said.status_code == 404:  # in plain text; a DOI of DataCite is unknown here too
        return []
    found = rows(document(said, "message"), "message")
    if not found:
        raise unexpected()
    return found[:1]


def _question(wanted: Record) -> str:
    looked_for = sought(wanted)
    page = wanted.pages.split("-")[0].strip()
    parts = (
        looked_for.title, looked_for.family, looked_for.container, wanted.volume, wanted.issue, page, wanted.year,
        family(wanted.author) if looked_for.container and wanted.kind == "chapter" else "",
    )
    return " ".join(distinct(word for part in parts for word in words(part, 30)))


def _answer(wanted: Record, works: list[dict[str, Any]], *, more: int = 0) -> Answer:
    pairs = [(record, work) for work in works if (record := _record(work))]
    records = tuple({record.doi: record for record, _work in pairs}.values())[:MOST]
    access = (_free(work, record) for record, work in pairs[:MOST] if is_same(wanted, record))
    return Answer(
        records=records, access=tuple(dict.fromkeys(one for one in access if one)), more=max(more - len(records), 0)
    )


def _record(work: dict[str, Any]) -> Record | None:
    known = numbers.doi(text(work, "DOI"))
    title = " : ".join(part for part in (text(work, "title"), text(work, "subtitle")) if part)
    if not known or not title:
        return None
    kind = _KINDS.get(text(work, "type"), "")
    in_print, issued = _year(work, "published-print"), _year(work, "issued")
    online = _year(work, "published-online")
    years = distinct((in_print, issued, online))
    issns, isbns = numbers.all_issns(texts(work, "ISSN")), numbers.all_isbns(texts(work, "ISBN"))
    record = Record(
        kind=kind, title=title, publisher=text(work, "publisher"), place=text(work, "publisher-location"),
        year=next(iter(years), ""), volume=text(work, "volume"), issue=text(work, "issue"),
        pages=text(work, "page") or text(work, "article-number"), doi=known, issn=next(iter(issns), ""),
        isbn=next(iter(isbns), ""), issns=issns, isbns=isbns, language=numbers.language(text(work, "language")),
        edition=text(work, "edition-number"), author=_names(work, "author") or _names(work, "editor"),
        also=tuple(("year", one) for one in years[1:]), source=Crossref.code, source_id=known,
        url=f"https://doi.org/{quote(known, safe='/')}",
    )
    if kind not in _PARTS:
        return record.with_(also=(*record.also, *(("title", one) for one in texts(work, "original-title"))))
    containers = texts(work, "container-title")
    # A chapter's containers are the series and the book in it; a journal's are its name and how it is cited.
    in_series = kind != "article" and len(containers) > 1
    container = (containers[-1] if in_series else containers[0]) if containers else ""
    others = distinct((*(() if in_series else containers[1:]), *texts(work, "short-container-title")))
    return record.with_(
        title=container, part_title=title, part_author=_names(work, "author"), author=_names(work, "editor"),
        series=containers[0] if in_series else "",
        also=(
            *record.also, *(("part_title", one) for one in texts(work, "original-title")),
            *(("title", one) for one in others if one != container),
        ),
    )


def _names(work: dict[str, Any], role: str) -> str:
    return people(
        person(text(one, "family"), text(one, "given"), text(one, "suffix")) if text(one, "family")
        else inverted(text(one, "name") or text(one, "given")) for one in rows(work, role)
    )


def _year(work: dict[str, Any], field: str) -> str:
    return numbers.year(text(work, field, "date-parts", 0, 0))


def _free(work: dict[str, Any], record: Record) -> Access | None:
    """Only what carries a Creative Commons licence from its first day; the rest is Unpaywall's business."""
    for licence in rows(work, "license"):
        address = url(licence, "URL")
        at_once = "delay-in-days" in licence and number(licence, "delay-in-days") == 0
        as_printed = text(licence, "content-version") in ("vor", "unspecified")
        if "creativecommons.org/" in address and at_once and as_printed:
            return Access(
                url=record.url, way="free", name=text(work, "publisher"), version="published",
                licence=_licence(address), source=Crossref.code, record_id=record.source_id,
            )
    return None


def _licence(address: str) -> str:
    """"https://creativecommons.org/licenses/by-nc/4.0/" as "cc-by-nc", as the others write it."""
    parts = address.split("creativecommons.org/", 1)[1].strip("/").split("/")
    if parts[0] == "publicdomain":
        return "cc0" if parts[1:2] == ["zero"] else "pd"
    return f"cc-{parts[1].lower()}" if len(parts) > 1 else "cc"


def _base(settings: Settings) -> str:
    return (settings.url or BASE).rstrip("/")


def _politely(settings: Settings) -> dict[str, str]:
    return {"mailto": settings.contact} if settings.contact else {}


def _headers(settings: Settings) -> dict[str, str]:
    plus = {"Crossref-Plus-API-Token": f"Bearer {settings.key}"} if settings.key else {}
    return {"Accept": "application/json", **plus}
