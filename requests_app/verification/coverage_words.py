"""Coverage of a journal as catalogues and link resolvers put it in words, read so that a year can be compared. Pure.

"Available from 1998 volume: 3 until 2010 volume: 15. Most recent 1 year(s) not available." (Alma), "1998-2010",
"1998 to present", "v.1 (1998)-v.13 (2010)". What is not understood from its first word to its last is no answer.
"""

import re
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from requests_app.verification import coverage, volumes
from requests_app.verification.records import Record

_LONGEST = 2000


@dataclass(frozen=True)
class Said:
    """A `coverage.Span` of what was said."""

    first_date: str = ""
    first_volume: str = ""
    first_issue: str = ""
    last_date: str = ""
    last_volume: str = ""
    last_issue: str = ""
    embargo: str = ""
    depth: str = ""


def covers(text: str, wanted: Record, *, today: date) -> coverage.Covered | None:
    """Is the wanted part of a journal inside of what `text` says? None where `text` cannot be read."""
    spans = read(text)
    if spans:
        when = wanted.year
        return coverage.covers_any(spans, when, wanted.volume, wanted.issue, today=today)[1]
    inside = volumes.covers(text, wanted.volume, wanted.year)
    return None if inside is None else coverage.Covered(coverage.YES if inside else coverage.NO, text)


def not_this_date(name: str, text: str) -> str:
    return _("%(name)s is ours, but not for this date: %(coverage)s") % {"name": name or "—", "coverage": text or "—"}


_DATE = r"\d{4}-\d\d(?:-\d\d)?|\d{1,2}/\d{1,2}/\d{4}|\d{4}(?!\d)"
_NUMBERS = (
    r"(?:[\s,(]*(?:volume|vol|v)[.:\s]*(?P<{0}_volume>\d{{1,4}}))?(?:[\s,(]*(?:issue|number|no)[.:\s]*"
    r"(?P<{0}_issue>\d{{1,4}}))?\)?"
)
_FIRST, _LAST, _END = (rf"(?P<{name}>{_DATE}){_NUMBERS.format(name)}" for name in ("first", "last", "end"))
# A span, or from when, or until when, or one year.
_SPAN = re.compile(
    r"(?:(?:full\s?text|available|coverage|online|access)[\s:]*)*(?:"
    rf"(?:(?P<only>in\s+)|(?P<since>(?:from|since)\s+))?{_FIRST}"
    rf"(?P<to>\s*(?:-|–|—|to\b|until\b|through\b)\s*(?:{_LAST}|(?:the\s+)?(?:present|current|now)\b)?)?"
    rf"(?P<on>\s+on(?:wards?)?\b)?|(?:until|(?:up\s)?to)\s+{_END})",
    re.IGNORECASE,
)
_RECENT = re.compile(
    r"(?:the\s+)?most\s+recent\s+((?:\d{1,3}\s*(?:year|month|week|day)(?:\(s\)|s)?[\s,]*(?:and\s+)?)+)"
    r"(not\s+)?available",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"(?:[\s.;,]|<br\s*/?>|and\b)+", re.IGNORECASE)


def read(text: str) -> list[Said]:
    """Its spans; empty where one word of it is not understood."""
    spans: list[Said] = []
    embargo, at = "", 0
    if len(text) > _LONGEST:
        return []
    while at < len(text):
        if gap := _BETWEEN.match(text, at):
            at = gap.end()
        elif recent := _RECENT.match(text, at):
            embargo, at = _embargo(recent), recent.end()
        elif said := _SPAN.match(text, at):
            spans.append(_said(said))
            at = said.end()
        else:
            return []
    if embargo and not spans:
        spans = [Said()]
    return [replace(span, embargo=embargo) for span in spans]


def _said(match: re.Match[str]) -> Said:
    if until := match["end"]:
        return Said(last_date=_iso(until), last_volume=match["end_volume"] or "", last_issue=match["end_issue"] or "")
    first = _iso(match["first"])
    said = Said(
        first_date=first, first_volume=match["first_volume"] or "", first_issue=match["first_issue"] or "",
        last_date=_iso(match["last"] or ""), last_volume=match["last_volume"] or "",
        last_issue=match["last_issue"] or "",
    )
    if match["only"] or not (match["to"] or match["on"] or match["since"]):
        return replace(said, last_date=first, last_volume=said.first_volume, last_issue=said.first_issue)
    return said


def _iso(text: str) -> str:
    """Month before day as Alma writes it, unless that is no month. The whole first and last day of a year are it."""
    if "/" not in text:
        return text
    month, day, year = (int(part) for part in text.split("/"))
    if month > 12:
        month, day = day, month
    return f"{year:04}-{month:02}-{day:02}"


_MONTHS, _DAYS = {"year": 12, "month": 1}, {"week": 7, "day": 1}


def _embargo(match: re.Match[str]) -> str:
    """As KBART writes it: "P18M" for the most recent year and six months that are not available."""
    parts = [(int(count), unit.lower()) for count, unit in re.findall(r"(\d+)\s*([a-z]+)", match[1], re.IGNORECASE)]
    parts = [(count, unit.removesuffix("s")) for count, unit in parts]
    months = sum(count * _MONTHS.get(unit, 0) for count, unit in parts)
    days = sum(count * _DAYS.get(unit, 0) for count, unit in parts)
    kind = "P" if match[2] else "R"
    if days:
        return f"{kind}{days + 31 * months}D"
    return f"{kind}{months // 12}Y" if months % 12 == 0 else f"{kind}{months}M"
