"""OpenAlex: works of all kinds with their journals, authors, and every place where the text is free."""

from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from requests_app.verification.records import Access, Answer, Record
from requests_app.verification.sources import Option, Settings, numbers, source
from requests_app.verification.sources.people import inverted, people
from requests_app.verification.sources.reading import document, number, rows, text, texts, tried, url, yes
from requests_app.verification.sources.sought import ARTICLES, MOST, enough, is_other, is_same, sought, words
from requests_app.verification.sources.versions import best_first, version
from requests_app.verification.web import Web

BASE = "https://api.openalex.org"

_KINDS = {
    "article": "article", "review": "article", "letter": "article", "editorial": "article", "preprint": "article",
    "erratum": "article", "book": "book", "monograph": "book", "reference-entry": "chapter", "book-chapter": "chapter",
    "book-section": "chapter", "dissertation": "thesis", "report": "report", "standard": "standard",
}
_FIELDS = (
    "id,doi,title,display_name,publication_year,language,type,ids,biblio,authorships,primary_location,"
    "best_oa_location,locations,open_access"
)


@source
class OpenAlex:
    code = "openalex"
    label = "OpenAlex"
    about = _(
        "Articles, chapters, books and theses of the world, and where they are free. Looking up a DOI is free; for "
        "searches in earnest it wants a free key."
    )
    options: tuple[Option, ...] = (
        Option("url", _("address"), default=BASE),
        Option("key", _("key"), secret=True, help=_("From openalex.org/settings/api; without it few searches a day.")),
    )
    inside = False
    gap = 0.1
    days = 30
    days_nothing = 7

    def can_ask(self, wanted: Record, settings: Settings) -> bool:
        return bool(_known_as(wanted)) or (wanted.kind in ARTICLES and enough(sought(wanted)))

    def ask(self, wanted: Record, settings: Settings, web: Web) -> Answer:
        found = _by_number(wanted, settings, web)
        looked_for = sought(wanted)
        in_words = wanted.kind in ARTICLES and enough(looked_for)
        if not in_words or (found and not is_other(wanted, _record(found[0]) or Record())):
            return _answer(wanted, found)
        if web.calls:
            web.pause(self.gap)
        params = {"search": " ".join(words(looked_for.title, 30)), "per_page": str(MOST), **_params(settings)}
        if looked_for.year.isdigit():
            # A year off by one is early view.
            year = int(looked_for.year)
            params["filter"] = f"publication_year:{year - 1}-{year + 1}"
        said = web.get(f"{_base(settings)}/works", params)
        if said.status_code == 404:
            return _answer(wanted, found)
        data = document(said, "results")
        return _answer(wanted, [*found, *rows(data, "results")], more=number(data, "meta", "count"))

    def test(self, settings: Settings, web: Web) -> str:
        return tried(self.ask(Record(doi="10.7717/peerj.4375"), settings, web))


def _known_as(wanted: Record) -> str:
    if known := numbers.doi(wanted.doi):
        return f"doi:{known}"
    if known := numbers.pmid(wanted.pmid):
        return f"pmid:{known}"
    return ""


def _by_number(wanted: Record, settings: Settings, web: Web) -> list[dict[str, Any]]:
    known = _known_as(wanted)
    if not known:
        return []
    said = web.get(f"{_base(settings)}/works/{quote(known, safe='/:')}", _params(settings))
    return [document(said, "id")] if said.status_code == 200 else []


def _answer(wanted: Record, works: list[dict[str, Any]], *, more: int = 0) -> Answer:
    pairs = [(record, work) for work in works if (record := _record(work))]
    records = tuple({record.source_id: record for record, _work in pairs}.values())[:MOST]
    access = (one for record, work in pairs[:MOST] if is_same(wanted, record) for one in _free(work, record))
    return Answer(records=records, access=tuple(dict.fromkeys(access)), more=max(more - len(records), 0))


def _record(work: dict[str, Any]) -> Record | None:
    title = text(work, "title") or text(work, "display_name")
    known = text(work, "id").rsplit("/", 1)[-1]
    if not title or not known:
        return None
    kind = _KINDS.get(text(work, "type"), "")
    place = ("primary_location", "source")
    container = text(work, *place, "display_name")
    if text(work, *place, "type") == "repository":
        container = ""  # where a copy lies, not what it is in
    issns = numbers.all_issns((text(work, *place, "issn_l"), *texts(work, *place, "issn")))
    record = Record(
        kind=kind, title=title, author=_names(work), year=numbers.year(text(work, "publication_year")),
        volume=text(work, "biblio", "volume"), issue=text(work, "biblio", "issue"),
        pages=numbers.pages(text(work, "biblio", "first_page"), text(work, "biblio", "last_page")),
        doi=numbers.doi(text(work, "doi") or text(work, "ids", "doi")), pmid=numbers.pmid(text(work, "ids", "pmid")),
        pmcid=numbers.pmcid(text(work, "ids", "pmcid")), language=numbers.language(text(work, "language")),
        source=OpenAlex.code, source_id=known, url=f"https://openalex.org/{quote(known)}",
    )
    if kind in ("article", "chapter"):
        return record.with_(
            title=container, part_title=title, part_author=record.author, author="",
            issn=next(iter(issns), "") if container else "", issns=issns if container else (),
            publisher=text(work, *place, "host_organization_name") if container else "",
        )
    return record.with_(publisher=text(work, *place, "host_organization_name") if container else "")


def _names(work: dict[str, Any]) -> str:
    return people(
        inverted(text(one, "author", "display_name") or text(one, "raw_author_name"))
        for one in rows(work, "authorships")
    )


def _free(work: dict[str, Any], record: Record) -> list[Access]:
    best = url(work, "best_oa_location", "pdf_url") or url(work, "best_oa_location", "landing_page_url")
    found: dict[str, Access] = {}
    for place in (*rows(work, "best_oa_location"), *rows(work, "locations")):
        pdf, page = url(place, "pdf_url"), url(place, "landing_page_url")
        if (pdf or page) and yes(place, "is_oa"):
            found.setdefault(pdf or page, Access(
                url=pdf or page, way="free", name=text(place, "source", "display_name"),
                version=version(text(place, "version")), licence=text(place, "license"), is_pdf=bool(pdf),
                source=OpenAlex.code, record_id=record.source_id,
            ))
    return best_first(found.values(), best)


def _base(settings: Settings) -> str:
    return (settings.url or BASE).rstrip("/")


def _params(settings: Settings) -> dict[str, str]:
    me = {"mailto": settings.contact} if settings.contact else {}
    key = {"api_key": settings.key} if settings.key else {}
    return {"select": _FIELDS, **me, **key}
