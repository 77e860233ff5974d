"""What the keys of OpenURL mean for a citation (matrices journal, book, dissertation, patent, dc). Pure."""

import re
from dataclasses import dataclass

from requests_app.exchange.openurl.query import Pairs
from requests_app.verification import identifiers
from requests_app.verification.records import Record, distinct


@dataclass(frozen=True)
class Known:
    record: Record
    ids: tuple[str, ...]
    sid: str
    services: tuple[str, ...]
    pickup: str
    requester: str
    more: tuple[tuple[str, str], ...]


# Keys that hold numbers -> what they should be. Which they are is looked at: programs mix them up.
_NUMBERS = {
    "doi": "doi", "pmid": "pmid", "pmcid": "pmcid", "pmc": "pmcid", "isbn": "isbn", "eisbn": "isbn",
    "isbn_additional": "isbn", "eisbn_additional": "isbn", "issn": "issn", "eissn": "issn", "issn_additional": "issn",
    "eissn_additional": "issn", "oclcnum": "oclc", "oclc": "oclc", "lccn": "lccn", "arxiv": "arxiv",
}
_HOLD_NUMBERS = (*_NUMBERS, "rft_id", "id", "identifier")
_LABELS = {"isbn": "ISBN", "issn": "ISSN", "pmid": "PMID", "pmcid": "PMCID", "oclc": "OCLC", "lccn": "LCCN"}
# "rft.genre" or the name of the matrix -> kind, and the kind if there is no title of a part.
_GENRES = {
    "article": ("article", "article"), "journal": ("article", "article"), "issue": ("article", "article"),
    "preprint": ("article", "article"), "proceeding": ("conference", "book"), "conference": ("conference", "book"),
    "book": ("chapter", "book"), "bookitem": ("chapter", "chapter"), "report": ("report", "report"),
    "dissertation": ("thesis", "thesis"), "dissertations": ("thesis", "thesis"), "patent": ("patent", "patent"),
    "newspaper": ("newspaper", "newspaper"), "newspaper_article": ("newspaper", "newspaper"),
    "newsarticle": ("newspaper", "newspaper"), "score": ("score", "score"), "music": ("score", "score"),
    "video": ("film", "film"), "film": ("film", "film"), "movie": ("film", "film"),
    "standard": ("standard", "standard"),
    "database": ("other", "other"), "map": ("other", "other"), "image": ("other", "other"),
}
# What else says something about the work; other keys are the programs' own affair.
_TOLD = (
    "chron", "ssn", "quarter", "month", "day", "part", "tpages", "advisor", "cc", "co", "coden", "sici", "bici",
    "appldate", "prioritydate", "assignee", "artnum", "source", "bibcode", "eric",
)
_PARTS = ("article", "chapter", "conference", "newspaper")
# Anybody may send a link: to look for numbers in all that fits into one would take half a minute.
_MOST_NUMBERS, _LONGEST_NUMBER = 40, 600
_MOST_AUTHORS, _LONGEST_NAME = 60, 200


def read(pairs: Pairs) -> Known:
    said: dict[str, list[str]] = {}
    for key, value in pairs:
        said.setdefault(key.removeprefix("rft."), []).append(value)
    first = _First(said)
    numbers, ids = _numbers(said)
    kind = _kind(first, numbers)
    record = _titled(first, kind)
    record = record.with_(
        kind=kind, year=_year(first("date", "pubdate", "year")), volume=record.volume or _number(first("volume")),
        issue=_number(first("issue") or _season(first)), edition=first("edition"), series=first("series"),
        place=re.sub(r"\s*;+\s*", "; ", first("place")),
        publisher=first("pub", "publisher", "inst", "assignee"), degree=first("degree"),
        language=code if re.fullmatch("[a-z]{3}", code := first("language").lower()) else "",
        isbns=numbers.get("isbn", ()), issns=numbers.get("issn", ()),
        document_number=_patent(first) if kind == "patent" else "",
        **{name: values[0] for name, values in numbers.items()},
    )
    if kind in _PARTS or (kind == "" and first("spage", "pages")):
        record = record.with_(pages=_pages(first) or record.pages)
    if kind == "newspaper" and re.search(r"\d{4}\D?\d\d", first("date")):
        record = record.with_(issue=first("date"))
    more = tuple((name, value) for name in _TOLD for value in distinct(said.get(name, ())) if value not in record.pages)
    return Known(
        record=record, ids=ids, sid=_sid(first), more=more,
        services=tuple(name[4:] for name, values in said.items() if name.startswith("svc.") and values[0] == "yes"),
        pickup=first("svc.pickuplocation"), requester=first("req_id", "req.emailaddress", "req.email"),
    )


class _First:
    """The first value of the first of these keys that has one: hybrids say everything twice."""

    def __init__(self, said: dict[str, list[str]]):
        self.said = said

    def __call__(self, *names: str) -> str:
        return next((value for name in names for value in self.said.get(name, ()) if value.strip()), "").strip()

    def all(self, *names: str) -> tuple[str, ...]:
        found = distinct(value.strip() for name in names for value in self.said.get(name, ()))
        return found[:_MOST_AUTHORS]


def _sid(first: _First) -> str:
    return re.sub(r"^info:?sid/", "", first("rfr_id") or first("sid"), flags=re.I)


# --- numbers ----------------------------------------------------------------------------------------------


def _numbers(said: dict[str, list[str]]) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """All that are right, by kind; and those that are none of ours, as they came. A database's own filling in the
    ISSN's place ("edsupa") is neither."""
    found: list[identifiers.Identifier] = []
    ids: list[str] = []
    values = [(name, value[:_LONGEST_NUMBER]) for name in _HOLD_NUMBERS for value in distinct(said.get(name, ()))]
    for name, value in values[:_MOST_NUMBERS]:
        if kind := _NUMBERS.get(name, ""):
            here = [one for one in identifiers.find(f"{_LABELS.get(kind, '')} {value}") if one.valid]
            here = here or [one for one in identifiers.find(value) if one.valid]
            found += here
            if not here and re.search(r"\d{4}", value) and kind in ("isbn", "issn"):
                ids.append(f"{kind.upper()} {value}")
            continue
        here = [one for one in identifiers.find(value) if one.valid]
        found += here
        if not here and re.search(r"[:/]\s*\S", value) and not value.rstrip().endswith((":", "/")):
            ids.append(value)
    # WorldCat says its number as the accession number of the record the link was pressed at.
    accession = re.match(r"(?:<accessionnumber>)?(\d{3,})\b", " ".join(said.get("rfe_dat", ()) or said.get("pid", ())))
    if accession and "worldcat" in " ".join(said.get("sid", ()) or said.get("rfr_id", ())).lower():
        found += identifiers.find(f"OCLC {accession[1]}")
    numbers: dict[str, tuple[str, ...]] = {}
    for one in found:
        if one.kind != "patent":
            numbers[one.kind] = distinct((*numbers.get(one.kind, ()), one.value))
    return numbers, distinct(ids)


# --- what it is ----------------------------------------------------------------------------------------------


def _kind(first: _First, numbers: dict) -> str:
    form = first("rft_val_fmt", "url_ctx_fmt").rpartition(":")[2].lower()
    genre = re.sub(r"\s+", "_", first("genre", "type").strip().lower())
    part = bool(first("atitle")) and not _says_the_same(first("atitle"), first.all("btitle", "title"))
    if genre == "book" and not first("btitle", "title", "jtitle"):
        part = False  # EBSCO says a whole book's title in the article's place
    for name in (genre, form if form in ("dissertation", "patent") else ""):
        if name in _GENRES:
            return _GENRES[name][0 if part else 1]
    if re.search(r"article", genre):
        return "article"
    if re.search(r"thes[ie]s|dissertation", genre):
        return "thesis"
    if first("inst", "degree", "advisor"):
        return "thesis"
    journal = first("jtitle", "stitle", "volume", "issue") or numbers.get("issn")
    book = first("btitle") or numbers.get("isbn")
    if part:
        return "chapter" if book and not journal else "article"
    if book and not (journal and form in ("journal", "article")):
        return "book"
    if journal or form in ("journal", "article") or {"pmid", "pmcid", "arxiv", "doi"} & set(numbers):
        return "article"
    return "book" if form == "book" or "book" in genre or first("title") else ""


def _says_the_same(title: str, others: tuple[str, ...]) -> bool:
    """Also where one is cut off, or "[electronic resource]" stands behind it."""
    words = re.sub(r"\W+", " ", title).strip().casefold()
    plain = [re.sub(r"\W+", " ", other).strip().casefold() for other in others]
    return any(
        other == words or (min(len(other), len(words)) > 7 and (other.startswith(words) or words.startswith(other)))
        for other in plain
    )


def _titled(first: _First, kind: str) -> Record:
    """Titles and names where this kind has them; a title in two scripts also as its two forms."""
    authors = _authors(first)
    if kind in _PARTS or (not kind and first("atitle")):
        title = first(*(("btitle", "jtitle") if kind == "chapter" else ("jtitle", "btitle")), "title", "stitle")
        record = Record(title=title, part_title=first("atitle"), part_author=authors)
        if first("rft_val_fmt").endswith(":dc") and not record.part_title:
            record = _within(first("source"), record.with_(part_title=title, title=""))
    else:
        title = re.sub(r"\s*\[electronic resource\]", "", first("btitle", "title", "jtitle", "stitle", "atitle"))
        record = Record(title=title, author=authors)
    also = [("title", first("stitle"))] if first("stitle") not in ("", title) else []
    for name in ("title", "part_title"):
        halves = re.split(r"\s[/=]\s", getattr(record, name))
        if len(halves) == 2 and halves[0].isascii() != halves[1].isascii():
            also += [(name, half.strip()) for half in halves]
    return record.with_(also=tuple(also))


def _within(source: str, part: Record) -> Record:
    """Dublin Core has one field for "Journal, Volume 112 (2007), P. 953-1007"."""
    place = re.match(r"(?P<title>.*?),?\s+vol(?:ume|\.)?\s*(?P<volume>\d+).*?(?:\bpp?\.?\s*(?P<pages>[\d–-]+))?\s*$",
                     source[:1000], re.I)
    if place is None:
        return part.with_(title=source)
    return part.with_(title=place["title"], volume=place["volume"], pages=place["pages"] or "")


def _authors(first: _First) -> str:
    """"Family, Given; Family, Given", each once: the first is said both by its parts and as a whole."""
    families, given = first.all("aulast", "invlast"), first.all("aufirst", "invfirst")
    initials = first("auinit") or " ".join(part for part in (first("auinit1"), first("auinitm")) if part)
    names = []
    for place, family in enumerate(families):
        own = given[place] if place < len(given) else (initials if place == 0 else "")
        suffix = first("ausuffix") if place == 0 else ""
        own, family = own.strip(" ,"), family.strip(" ,")
        names.append(family if "," in family else ", ".join(part for part in (family, own, suffix) if part))
    for value in first.all("au", "creator", "inventor", "inv"):
        for name in re.split(r"\s*;\s*", value)[:max(_MOST_AUTHORS - len(names), 0)]:
            name = re.sub(r"\s*,?\s*\[?\b(?:author|creator|aut)\]?$", "", name, flags=re.I).strip(" ,")
            if name and not any(_same(name, other) for other in names):
                names.append(name)
    names += [name for name in first.all("aucorp") if not any(_same(name, other) for other in names)]
    return "; ".join(names)


def _same(one: str, other: str) -> bool:
    left, right = (
        {word for word in re.findall(r"\w+", name[:_LONGEST_NAME].casefold()) if len(word) > 1} for name in (one, other)
    )
    return bool(left and right) and (left <= right or right <= left)


# --- numbers of volumes, pages, years --------------------------------------------------------------------------


def _year(date: str) -> str:
    match = re.search(r"(?<!\d)(1[0-9]\d\d|20\d\d)(?=\d{4}(?!\d)|\d\d(?!\d)|\D|$)", date)
    return match[1] if match else date[:60]


def _number(text: str) -> str:
    """EBSCO writes ". 11" and "ume 11" where something was cut off before it."""
    return re.sub(r"^[\s.,;:]+|^(?:vol(?:ume)?|ume|no|issue)\.?\s+(?=\d)", "", text.strip(), flags=re.I)


def _season(first: _First) -> str:
    return first("part") or first("ssn") or (f"Q{quarter}" if (quarter := first("quarter")) else "")


def _pages(first: _First) -> str:
    whole, start, end = first("pages"), first("spage"), first("epage")
    if not whole:
        whole = f"{start}-{end}" if start and end and end != start and "-" not in start else start or end
    whole = re.sub(r"\s*[\u2010-\u2015\u2212-]\s*", "-", whole or re.sub(r"^ARTN\s+", "", first("artnum")))
    if re.search(r"no.?pagination", whole, re.I):  # APA says so of what is online first
        return ""
    return re.sub(r"^(?:pp?|pages?)\.?\s*(?=\d)", "", whole, flags=re.I).strip(" ,;")


def _patent(first: _First) -> str:
    parts = (first("cc", "co"), first("number", "patent", "applnumber"), first("kind"))
    return " ".join(part for part in parts if part)
