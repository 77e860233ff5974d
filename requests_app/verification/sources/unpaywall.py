"""Unpaywall: every place where an article with a DOI is free, and in which version."""

from typing import Any
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from illdesk.errors import AdapterError
from requests_app.verification.records import Access, Answer, Record
from requests_app.verification.sources import Option, Settings, numbers, source
from requests_app.verification.sources.people import inverted, people, person
from requests_app.verification.sources.reading import document, rows, text, tried, url
from requests_app.verification.sources.sought import is_same
from requests_app.verification.sources.versions import best_first, version
from requests_app.verification.web import Web

BASE = "https://api.unpaywall.org/v2"

_KINDS = {
    "journal-article": "article", "posted-content": "article", "book-chapter": "chapter", "book-section": "chapter",
    "proceedings-article": "conference", "book": "book", "monograph": "book", "edited-book": "book",
    "dissertation": "thesis", "report": "report", "standard": "standard",
}


@source
class Unpaywall:
    code = "unpaywall"
    label = "Unpaywall"
    about = _("Where an article with a DOI is free, and in which version. Free; it insists on an e-mail address.")
    options: tuple[Option, ...] = (
        Option("url", _("address"), default=BASE),
        Option("email", _("e-mail address"), help=_("The department's own when empty.")),
    )
    inside = False
    gap = 0.1
    days = 7  # embargoes end
    days_nothing = 7

    def can_ask(self, wanted: Record, settings: Settings) -> bool:
        return bool(numbers.doi(wanted.doi) and _email(settings))

    def ask(self, wanted: Record, settings: Settings, web: Web) -> Answer:
        known = numbers.doi(wanted.doi)
        base = (settings.url or BASE).rstrip("/")
        said = web.get(f"{base}/{quote(known, safe='/')}", {"email": _email(settings)}, fine=(404, 422))
        if said.status_code == 422:
            raise AdapterError(
                gettext("Unpaywall does not accept the e-mail address %(email)s or this DOI.")
                % {"email": _email(settings)}, permanent=True,
            )
        if said.status_code == 404:
            return Answer()
        data = document(said, "doi")
        record = _record(data)
        if record is None or not is_same(wanted, record):
            return Answer()
        return Answer(records=(record,), access=tuple(_free(data)))

    def test(self, settings: Settings, web: Web) -> str:
        if not _email(settings):
            raise AdapterError(gettext("Unpaywall needs an e-mail address of ours; none is set."), permanent=True)
        return tried(self.ask(Record(doi="10.1038/nature12373"), settings, web))


def _email(settings: Settings) -> str:
    return settings.option("email", settings.contact)


def _record(data: dict[str, Any]) -> Record | None:
    title, known = text(data, "title"), numbers.doi(text(data, "doi"))
    if not title or not known:
        return None
    kind = _KINDS.get(text(data, "genre"), "")
    issns = numbers.all_issns((text(data, "journal_issn_l"), *text(data, "journal_issns").split(",")))
    names = people(_name(one) for one in rows(data, "z_authors"))
    record = Record(
        kind=kind, title=title, author=names, publisher=text(data, "publisher"), year=numbers.year(text(data, "year")),
        doi=known, issn=next(iter(issns), ""), issns=issns, source=Unpaywall.code, source_id=known,
        url=f"https://doi.org/{quote(known, safe='/')}",
    )
    if kind in ("article", "chapter", "conference"):
        return record.with_(title=text(data, "journal_name"), part_title=title, part_author=names, author="")
    return record


def _name(one: dict[str, Any]) -> str:
    """In two fields until 2024, in one since."""
    if text(one, "family"):
        return person(text(one, "family"), text(one, "given"), text(one, "suffix"))
    return inverted(text(one, "raw_author_name") or text(one, "name"))


def _free(data: dict[str, Any]) -> list[Access]:
    found: dict[str, Access] = {}
    for place in (*rows(data, "best_oa_location"), *rows(data, "oa_locations")):
        pdf = url(place, "url_for_pdf")
        address = pdf or url(place, "url") or url(place, "url_for_landing_page")
        if address:
            found.setdefault(address, Access(
                url=address, way="free", name=_place(place, address), version=version(text(place, "version")),
                licence=text(place, "license"), is_pdf=bool(pdf), source=Unpaywall.code,
                record_id=numbers.doi(text(data, "doi")),
            ))
    best = url(data, "best_oa_location", "url_for_pdf") or url(data, "best_oa_location", "url")
    return best_first(found.values(), best)


def _place(place: dict[str, Any], address: str) -> str:
    if text(place, "host_type") == "publisher":
        return gettext("publisher's site")
    return text(place, "repository_institution") or (urlsplit(address).hostname or "")
