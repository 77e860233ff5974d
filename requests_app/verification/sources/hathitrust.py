"""HathiTrust: what libraries scanned, and whether all of it may be read."""

from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from requests_app.verification import volumes
from requests_app.verification.records import Access, Answer, Link, Record, distinct
from requests_app.verification.sources import Option, Settings, numbers, source
from requests_app.verification.sources.reading import document, rows, text, texts, tried, unexpected, url
from requests_app.verification.sources.sought import BOOKS, MOST
from requests_app.verification.web import Web

BASE = "https://catalog.hathitrust.org"

# Volumes of one set that are listed one by one.
MOST_VOLUMES = 20
# Codes of www.hathitrust.org/member-libraries/resources-for-librarians/data-resources/rights-database; all that
# begin with "cc-" are open everywhere.
_OPEN_EVERYWHERE = frozenset({"pd", "ic-world", "und-world"})
_OPEN_IN_US = frozenset({"pdus"})
_OPEN_ABROAD = frozenset({"icus"})


@source
class HathiTrust:
    code = "hathitrust"
    label = "HathiTrust"
    about = _("Eighteen million scanned volumes: which of them can be read in full from here. Free.")
    options: tuple[Option, ...] = (Option("url", _("address"), default=BASE),)
    inside = False
    gap = 0.5
    days = 30
    days_nothing = 7

    def can_ask(self, wanted: Record, settings: Settings) -> bool:
        return wanted.kind in (*BOOKS, "article", "newspaper") and bool(_ids(wanted))

    def ask(self, wanted: Record, settings: Settings, web: Web) -> Answer:
        """By number only: it has no search for programs. Several numbers go in one question, an answer for each."""
        base = (settings.url or BASE).rstrip("/")
        # "|" parts the questions; ";" would join two into one.
        said = web.get(f"{base}/api/volumes/brief/json/{quote('|'.join(_ids(wanted)), safe=':')}")
        if said.status_code == 404:
            return Answer()
        data = document(said)
        answers = [data] if "records" in data else [one for one in data.values() if isinstance(one, dict)]
        if data and not answers:
            raise unexpected()
        return _merged(answers, wanted, settings)

    def test(self, settings: Settings, web: Web) -> str:
        return tried(self.ask(Record(oclc="424023"), settings, web))


def _ids(wanted: Record) -> list[str]:
    kinds = (
        ("oclc", numbers.oclc(wanted.oclc)), ("isbn", numbers.isbn(wanted.isbn)), ("lccn", numbers.lccn(wanted.lccn)),
        ("issn", numbers.issn(wanted.issn)),
    )
    return [f"{kind}:{number}" for kind, number in kinds if number]


def _merged(answers: list[dict[str, Any]], wanted: Record, settings: Settings) -> Answer:
    """Of journals and sets only the volume that says it is the wanted one: the others are a page to look on."""
    one_of_many = bool(wanted.volume) or volumes.in_a_journal(wanted)
    records: dict[str, Record] = {}
    access: dict[str, Access] = {}
    links: dict[str, Link] = {}
    for answer in answers:
        found = answer.get("records")
        for known, row in (found.items() if isinstance(found, dict) else ()):
            if isinstance(row, dict) and (record := _record(str(known), row)):
                records.setdefault(record.source_id, record)
        for item in rows(answer, "items"):
            address, of = url(item, "itemURL"), text(item, "fromRecord")
            if not address or of not in records:
                continue
            is_open = _is_open(item, settings)
            if is_open and (not one_of_many or volumes.is_named(text(item, "enumcron"), wanted)):
                access.setdefault(address, _full_view(item, address, of))
            elif records[of].url and (is_open or of not in links):
                says = gettext("HathiTrust: some of its volumes can be read there") if is_open else gettext(
                    "HathiTrust: can be searched there, not read")
                links[of] = Link(says, records[of].url)
    open_ones = {one.record_id for one in access.values()}
    return Answer(
        records=tuple(records.values())[:MOST], access=tuple(access.values())[:MOST_VOLUMES],
        links=tuple(link for of, link in links.items() if of not in open_ones)[:MOST],
    )


def _record(known: str, row: dict[str, Any]) -> Record | None:
    titles = texts(row, "titles")
    if not titles or not known.isalnum():
        return None
    isbns, issns = numbers.all_isbns(texts(row, "isbns")), numbers.all_issns(texts(row, "issns"))
    oclcs = distinct(numbers.oclc(one) for one in texts(row, "oclcs"))
    dates = distinct(numbers.year(one) for one in texts(row, "publishDates"))
    # A title with and without its article, and in its own script: MARC 245 and 880. "Infinite series." ends in a dot.
    title, *others = distinct(one.rstrip(" ./") for one in titles) or ("",)
    return Record(
        kind="" if issns else "book", title=title, isbn=next(iter(isbns), ""), isbns=isbns,
        issn=next(iter(issns), ""), issns=issns, oclc=next(iter(oclcs), ""), lccn=numbers.lccn(text(row, "lccns")),
        year=dates[0] if len(dates) == 1 else "",
        also=(*(("title", one) for one in others), *(("oclc", one) for one in oclcs[1:])),
        source=HathiTrust.code, source_id=known, url=url(row, "recordURL"),
    ) if title else None


def _is_open(item: dict[str, Any], settings: Settings) -> bool:
    """For readers in our country: what is free in the United States may not be so elsewhere, and the other way."""
    code, in_us = text(item, "rightsCode").lower(), settings.country in ("", "US")
    if code in _OPEN_EVERYWHERE or code.startswith("cc-"):
        return True
    if code in _OPEN_IN_US:
        return in_us
    if code in _OPEN_ABROAD:
        return not in_us
    return not code and in_us and text(item, "usRightsString").lower() == "full view"


def _full_view(item: dict[str, Any], address: str, of: str) -> Access:
    code = text(item, "rightsCode").lower()
    return Access(
        url=address, way="free", name="HathiTrust", licence=code if code.startswith(("cc-", "pd")) else "",
        coverage=text(item, "enumcron"), version="published", source=HathiTrust.code, record_id=of,
    )
