"""WorldCat by OCLC's Search API v2: descriptions, who holds them near us, who promised to keep them, other editions."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from illdesk.errors import AdapterError
from illdesk.outside import Answer as Said
from requests_app.verification.records import Answer, Held, Record, distinct
from requests_app.verification.sources import Option, Settings, numbers, source
from requests_app.verification.sources.oclc_token import TOKENS, token
from requests_app.verification.sources.people import inverted, people
from requests_app.verification.sources.reading import document, number, rows, text, texts, tried
from requests_app.verification.sources.sought import MOST, enough, is_other, shelved, words
from requests_app.verification.web import Web

BASE = "https://americas.discovery.api.oclc.org/worldcat/search/v2"
PAGE = 50  # the most that one call gives
# Libraries enough for any rota; beyond them each page is a second of waiting.
MOST_HELD = 200
_ENOUGH_NEAR = 15
# Time that an answer takes; with less left the next page is not begun.
_ONE_CALL = 1.0

_KINDS = {
    "book": "book", "artchap": "article", "msscr": "score", "musicalscore": "score", "video": "film", "visual": "film",
    "audiobook": "other", "snd": "other", "music": "other", "map": "other", "game": "other", "kit": "other",
}



@source
class WorldCat:
    code = "worldcat"
    label = "WorldCat"
    about = _(
        "What libraries of the world hold, and which of them: for books and journals. Needs a WSKey with the Search "
        "API (version 2), which comes with a subscription to OCLC cataloguing or WorldShare ILL."
    )
    options: tuple[Option, ...] = (
        Option("key", "WSKey", required=True),
        Option("secret", _("secret of the WSKey"), required=True, secret=True),
        Option("url", _("address"), default=BASE),
        Option("tokens", _("address for tokens"), default=TOKENS),
        Option(
            "scope", _("scope"), default="wcapi",
            help=_("To act for another institution, add “context:” and its registry ID."),
        ),
        Option(
            "states", _("states near us"),
            help=_("As OCLC writes them, by commas: US-NY, US-NJ. Their libraries are listed first."),
        ),
        Option("country", _("country"), help=_("Two letters; our own when empty, “*” for all countries.")),
        Option(
            "language", _("language of cataloguing"),
            help=_("Three letters, such as “eng”: leaves out the parallel records of other agencies."),
        ),
    )
    inside = False
    gap = 0.0
    days = 7  # holdings change
    days_nothing = 2

    def can_ask(self, wanted: Record, settings: Settings) -> bool:
        if not settings.key or not settings.secret:
            return False
        return bool(_number_query(wanted) or numbers.oclc(wanted.oclc) or enough(shelved(wanted)) or _journal(wanted))

    def ask(self, wanted: Record, settings: Settings, web: Web) -> Answer:
        records, more = _records(wanted, settings, web)
        if not records:
            return Answer()
        first = records[0]
        held: dict[str, Held] = {}
        incomplete = ""
        try:
            if first.oclc:
                _find_holders(held, first.oclc, settings, web)
            if numbers.oclc(wanted.oclc) and first.kind == "book":
                records = _with_editions(records, settings, web)
        except AdapterError as failure:
            incomplete = gettext("Not all libraries and editions could be asked for: %(why)s") % {"why": failure}
        return Answer(records=records[:MOST], held=tuple(held.values()), more=more, incomplete=incomplete)

    def test(self, settings: Settings, web: Web) -> str:
        # Infinite Series, the example of OCLC's and HathiTrust's documentation.
        said = _get("brief-bibs/424023", {}, settings, web)
        found = _record(document(said, "oclcNumber")) if said.status_code == 200 else None
        return tried(Answer(records=(found,) if found else ()))


def _records(wanted: Record, settings: Settings, web: Web) -> tuple[tuple[Record, ...], int]:
    """By OCLC number, else ISBN or ISSN, else in words; in words too where the number is something else's."""
    found: tuple[Record, ...] = ()
    more = 0
    if known := numbers.oclc(wanted.oclc):
        found = _by_number(known, settings, web)
    if not found and (query := _number_query(wanted)):
        found, more = _search(query, settings, web)
    query = _word_query(wanted)
    if query and (not found or is_other(shelved_record(wanted), found[0])):
        others, more = _search(query, settings, web)
        known_ones = {one.oclc for one in found}
        found = (*found[: MOST - 1], *(one for one in others if one.oclc not in known_ones))
    return found[:MOST], more


def shelved_record(wanted: Record) -> Record:
    """WorldCat knows the container: an article's own title is not compared with the journal's."""
    return wanted.with_(part_title="")


def _by_number(known: str, settings: Settings, web: Web) -> tuple[Record, ...]:
    """A number that was merged into another answers 404, or as the other one; the search by number still knows it."""
    said = _get(f"brief-bibs/{known}", {}, settings, web)
    if said.status_code == 200:
        record = _record(document(said, "oclcNumber"))
        return (record,) if record else ()
    found, _more = _search(f"no:{known}", settings, web)
    return tuple(one for one in found if known in one.forms("oclc"))


def _search(query: str, settings: Settings, web: Web) -> tuple[tuple[Record, ...], int]:
    params = {"q": query, "limit": MOST, "orderBy": "bestMatch" if query.startswith("ti:") else "mostWidelyHeld"}
    if language := settings.option("language"):
        params["inCatalogLanguage"] = language
    said = _get("brief-bibs", params, settings, web)
    if said.status_code == 404:
        return (), 0
    data = document(said, "numberOfRecords")
    found = tuple(record for row in rows(data, "briefRecords") if (record := _record(row)))[:MOST]
    return found, max(number(data, "numberOfRecords") - len(found), 0)


def _number_query(wanted: Record) -> str:
    if found := numbers.isbn(wanted.isbn):
        return f"bn:{found}"
    if found := numbers.issn(wanted.issn):
        return f"in:{found}"
    if found := numbers.lccn(wanted.lccn):
        return f"ln:{found}"
    return ""


def _word_query(wanted: Record) -> str:
    looked_for = shelved(wanted)
    if not (enough(looked_for) or _journal(wanted)):
        return ""
    parts = [*(f"ti:{word}" for word in words(looked_for.title)), *(f"au:{word}" for word in words(looked_for.family))]
    if not looked_for.family and looked_for.year.isdigit() and not _journal(wanted):
        parts.append(f"yr:{looked_for.year}")
    return " AND ".join(parts)


def _journal(wanted: Record) -> bool:
    """A journal is looked up by its title alone, however short."""
    return wanted.kind in ("article", "newspaper") and bool(words(wanted.title))


def _record(row: dict[str, Any]) -> Record | None:
    known, title = numbers.oclc(text(row, "oclcNumber")), text(row, "title")
    if not known or not title:
        return None
    isbns, issns = numbers.all_isbns(texts(row, "isbns")), numbers.all_issns(texts(row, "issns"))
    merged = distinct(numbers.oclc(one) for one in texts(row, "mergedOclcNumbers"))
    date, machine = text(row, "date"), text(row, "machineReadableDate")
    years = distinct((numbers.year(date), numbers.year(machine)))
    kind = _KINDS.get(text(row, "generalFormat").lower(), "")
    if "thes" in text(row, "specificFormat").lower():
        kind = "thesis"
    return Record(
        kind=kind, title=title, author=people([inverted(text(row, "creator"))]), edition=text(row, "edition"),
        publisher=text(row, "publisher"), place=text(row, "publicationPlace"), year=next(iter(years), ""),
        isbn=next(iter(isbns), ""), issn=next(iter(issns), ""), oclc=known,
        language=numbers.language(text(row, "language")), isbns=isbns, issns=issns,
        also=(*(("oclc", one) for one in merged), *(("year", one) for one in years[1:])),
        source=WorldCat.code, source_id=known, url=f"https://search.worldcat.org/title/{known}",
    )


def _with_editions(records: tuple[Record, ...], settings: Settings, web: Web) -> tuple[Record, ...]:
    path = f"brief-bibs/{records[0].oclc}/other-editions"
    _time_for_one(web)
    said = _get(path, {"limit": MOST - 1, "orderBy": "mostWidelyHeld"}, settings, web)
    if said.status_code == 404:
        return records
    others = (_record(row) for row in rows(document(said), "briefRecords"))
    known = {one.oclc for one in records}
    return (*records, *(one for one in others if one and one.oclc not in known))


def _find_holders(held: dict[str, Held], known: str, settings: Settings, web: Web) -> None:
    """Into `held`, which keeps what was found when a later question fails: those near us first, those of the whole
    country where too few are near, then who of them promised to keep it."""
    for area in _areas(settings):
        if len(held) >= _ENOUGH_NEAR and "heldInState" not in area:
            break
        for one in _holders("bibs-holdings", known, area, settings, web):
            held.setdefault(one.symbol or one.registry_id or one.name, one)
    if not held:
        return
    for one in _holders("bibs-retained-holdings", known, {}, settings, web):
        key = one.symbol or one.registry_id or one.name
        if key in held:
            held[key] = replace(held[key], retained=True)


def _areas(settings: Settings) -> list[dict[str, str]]:
    states = [state.strip() for state in settings.option("states").split(",") if state.strip()]
    country = settings.option("country") or settings.country
    whole = {"heldInCountry": country} if country and country != "*" else {}
    return [*({"heldInState": state} for state in states), whole]


def _holders(path: str, known: str, area: dict[str, str], settings: Settings, web: Web) -> Iterator[Held]:
    """Page by page (offsets begin at 1) until all are read or there are enough."""
    offset, total = 1, 1
    while offset <= min(total, MOST_HELD):
        _time_for_one(web)
        params = {"oclcNumber": known, "holdingsAllVariantRecords": "true", **area, "limit": PAGE, "offset": offset}
        said = _get(path, params, settings, web)
        if said.status_code == 404:
            return
        blocks = [one for row in rows(document(said), "briefRecords") for one in rows(row, "institutionHolding")]
        libraries = [one for block in blocks for one in rows(block, "briefHoldings")]
        yield from (held for row in libraries if (held := _holding(row, known, settings)))
        if not libraries:
            return
        total = max(number(block, "totalHoldingCount") for block in blocks)
        offset += PAGE


def _time_for_one(web: Web) -> None:
    if web.seconds_left < _ONE_CALL:
        raise AdapterError(gettext("No time was left to ask."), permanent=False)


def _holding(row: dict[str, Any], known: str, settings: Settings) -> Held | None:
    symbol, registry_id = text(row, "oclcSymbol"), text(row, "registryId")
    name = text(row, "institutionName") or text(row, "alsoCalled") or symbol
    if not name:
        return None
    ours = bool(symbol and symbol == settings.symbol) or bool(registry_id and registry_id == settings.registry_id)
    return Held(
        name=name, symbol=symbol, ours=ours, country=text(row, "country") or text(row, "address", "country"),
        region=text(row, "state") or text(row, "address", "state"), registry_id=registry_id, record_id=known,
        location=text(row, "address", "city"),
    )


def _get(path: str, params: dict[str, Any], settings: Settings, web: Web) -> Said:
    """A token that ran out early, or was taken back, is renewed once. Answers 200 or 404."""
    scope = settings.option("scope", "wcapi")
    base = (settings.url or BASE).rstrip("/")
    for fresh in (False, True):
        bearer = token(settings, web, scope=scope, fresh=fresh)
        headers = {"Authorization": f"Bearer {bearer}", "Accept": "application/json"}
        said = web.get(f"{base}/{path}", params, headers=headers, fine=(401, 403, 404))
        if said.status_code != 401:
            break
    if said.status_code in (401, 403):
        raise AdapterError(
            gettext("OCLC does not allow this for our key: %(code)s %(reason)s.")
            % {"code": said.status_code, "reason": said.reason}, permanent=True,
        )
    return said
