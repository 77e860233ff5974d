"""Is a volume within a summary of holdings or on the back of a volume, as catalogues write them? Pure.

"v.1(1990)-v.12(2001)", "1.1990 - 12.2001", "Bd. 3-7", "v. 10-" (goes on), "1990-2001" (years only), "v.1-3, v.5".
What cannot be read with confidence is no answer at all: None.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from requests_app.verification.records import Held, Record

_LAST = 10**6
_YEAR = re.compile(r"(1[5-9]|20)\d\d")
# A volume, perhaps with its prefix before it and its year behind it; or a year alone.
_POINT = (
    r"(?:(?:v|vol|vols|bd|band|t|tom|tomo|jg|n|no|nr)\.?\s*)?(\d{1,4})"
    r"(?:\s*[.(:/]\s*((?:1[5-9]|20)\d\d)(?:/\d\d)?\)?)?"
)
_SPAN = re.compile(rf"{_POINT}(?:\s*([-–—])\s*(?:{_POINT})?)?", re.IGNORECASE)
_FIRST_NUMBER = re.compile(r"\d{1,4}")


@dataclass(frozen=True)
class _Span:
    """First and last of one part of a summary. `years`: of its volumes, where both ends say them."""

    low: int
    high: int
    is_year: bool
    years: tuple[int, int] | None = None


def covers(summary: str, volume: str, year: str = "") -> bool | None:
    """Does `summary` hold this volume? By its number; by its year where no number is wanted or none is named."""
    spans = _spans(summary)
    if not spans:
        return None
    wanted, when = _number(volume), _YEAR.search(year)
    numbered = [span for span in spans if not span.is_year]
    if numbered and wanted is not None:
        return any(span.low <= wanted <= span.high for span in numbered)
    if when is None or not all(span.years for span in spans):
        return None
    return any(low <= int(when[0]) <= high for low, high in filter(None, (span.years for span in spans)))


def standing(rows: Iterable[Held], wanted: Record) -> tuple[Held, ...]:
    """The rows without those whose summary says that this volume is not there. What cannot be read stays."""
    year = wanted.year if in_a_journal(wanted) else ""
    return tuple(row for row in rows if covers(row.volumes, wanted.volume, year) is not False)


def in_a_journal(wanted: Record) -> bool:
    """Does its year tell the volume? That of a book tells the edition."""
    return wanted.kind in _IN_JOURNALS or (not wanted.kind and bool(wanted.part_title or wanted.issn))


_IN_JOURNALS = frozenset({"article", "newspaper", "conference"})

# What is written on the back: "v.12 1990", "ser.2:v.3 (1901)", "v.1-3 (1890-92)", "v.12:no.1-6(1990:Jan.-June)".
_YEARS = re.compile(r"(?<!\d)((?:1[5-9]|20)\d\d)(?!\d)(?:\s*[-–/]\s*((?:1[5-9]|20)\d\d|\d\d)(?!\d))?")
_VOLUMES = re.compile(
    r"(?<![a-z])(?:v|vol|vols|bd|band|t|tom|tome|tomo|jg|jahrg)[.\s]*(\d{1,4})(?:\s*[-–/]\s*(?:v\.?)?(\d{1,4}))?", re.I)
_ISSUES = re.compile(r"(?<![a-z])(?:no|nr|n|hft|heft|iss|pt)[.\s]+(\d{1,4})(?:\s*[-–/]\s*(\d{1,4}))?", re.I)
_SERIES = re.compile(r"(?<![a-z])(?:ser|n\.?\s?s|folge|n\.?\s?f)(?![a-z])", re.I)


def is_named(text: str, wanted: Record) -> bool:
    """Does the back of this one volume say that it is the wanted one? Its number or its year must be there, and
    nothing may speak against it; the number alone says nothing where a series has its own numbers."""
    bare = _YEARS.sub(" ", text)
    year = _YEAR.search(wanted.year) if in_a_journal(wanted) else None
    years = _within(_YEARS.findall(text), int(year[0]) if year else None)
    said = (years, _within(_VOLUMES.findall(bare), _number(wanted.volume)))
    if False in (*said, _within(_ISSUES.findall(bare), _number(wanted.issue))):
        return False
    return True in said and (years is True or not _SERIES.search(text))


def _within(spans: list[tuple[str, str]], wanted: int | None) -> bool | None:
    if not spans or wanted is None:
        return None
    return any(int(low) <= wanted <= max(int(low), int(_full(low, high))) for low, high in spans)


def _full(low: str, high: str) -> str:
    """"1890-92" ends with 1892."""
    return low[: -len(high)] + high if high and len(high) < len(low) else high or low


def _number(volume: str) -> int | None:
    """'v. 12', '12' and '12(3)' are 12; 'XII' and 'Suppl.' are none that is known here."""
    found = _FIRST_NUMBER.search(volume)
    return int(found[0]) if found else None


def _spans(summary: str) -> list[_Span]:
    """Its parts. Empty where one of them cannot be read."""
    found: list[_Span] = []
    for part in re.split(r"[;,+]|\band\b|\bund\b", summary):
        if not (part := part.strip().rstrip(".")):
            continue
        match = _SPAN.fullmatch(part)
        if match is None:
            return []
        first, first_year, dash, last, last_year = match.groups()
        is_year = bool(_YEAR.fullmatch(first))
        low = int(first)
        high = int(last) if last else _LAST if dash else low
        if last and len(last) < len(first) and is_year:  # "1990-95"
            high = int(first[: -len(last)] + last)
        if high < low or (last and not is_year and _YEAR.fullmatch(last)):
            return []
        if not last:
            last_year = f"{_LAST}" if dash else first_year
        years = (int(first_year), int(last_year)) if first_year and last_year else None
        found.append(_Span(low, high, is_year, (low, high) if is_year else years))
    return found
