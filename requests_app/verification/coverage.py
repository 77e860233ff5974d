"""Is this year, volume and issue inside what a row of a KBART file covers? Pure.

Dates decide; volume and issue decide where a date is too coarse to (the first half of 1999 in "from July 1999").
Embargoes are moving walls counted in calendar units (NISO RP-9, 6.5.13): P1Y is "not the current calendar year",
P6M "not this month and the five before", R10Y "this calendar year and the nine before", R10Y;P30D both.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

YES, NO, UNKNOWN = "yes", "no", "unknown"


class Span(Protocol):
    """What it takes: rows of a file and rows of the database have these."""

    @property
    def first_date(self) -> str: ...
    @property
    def first_volume(self) -> str: ...
    @property
    def first_issue(self) -> str: ...
    @property
    def last_date(self) -> str: ...
    @property
    def last_volume(self) -> str: ...
    @property
    def last_issue(self) -> str: ...
    @property
    def embargo(self) -> str: ...
    @property
    def depth(self) -> str: ...


@dataclass(frozen=True)
class Covered:
    """`answer`: yes, no or unknown. `words`: of yes the coverage, else a sentence why."""

    answer: str
    words: str


@dataclass(frozen=True)
class Wall:
    """The days that embargoes leave, both ends included; None: no wall on that side. `clear`: all was understood."""

    first: date | None = None
    last: date | None = None
    clear: bool = True


def covers(row: Span, when: str, volume: str = "", issue: str = "", *, today: date) -> Covered:
    """`when`: what is known of the date of issue: "1999", "1999-03", "1999-03-15" or ''."""
    if row.depth == "abstracts":
        return Covered(NO, _("Only abstracts are there, not the text itself."))
    found = [_after_first(row, when, volume, issue), _before_last(row, when, volume, issue)]
    found.append(_inside_wall(row, when, today))
    for wanted in (NO, UNKNOWN):
        if worst := next((one for one in found if one.answer == wanted), None):
            return worst
    if row.depth == "selected":
        return Covered(UNKNOWN, _("Only selected articles are there (%(coverage)s).") % {"coverage": words(row)})
    return Covered(YES, words(row))


def covers_any(
    rows: Iterable[Span], when: str, volume: str = "", issue: str = "", *, today: date
) -> tuple[Span | None, Covered]:
    """Of several rows of one title, between which there are gaps, the one that has it; else why none has."""
    told = [(row, covers(row, when, volume, issue, today=today)) for row in rows]
    for wanted in (YES, UNKNOWN):
        for row, covered in told:
            if covered.answer == wanted:
                return row, covered
    if len(told) == 1:
        return told[0]
    spans = "; ".join(dict.fromkeys(words(row) for row, _covered in told))
    return None, Covered(NO, _("It lies outside of what we have: %(spans)s.") % {"spans": spans})


# --- the two ends ----------------------------------------------------------------------------------------


def span_of(text: str) -> tuple[date, date] | None:
    """First and last day of a partial date; None for '' and what is no date."""
    parts = text.split("-") if text else []
    try:
        year, month, day = (int(part) for part in [*parts, "0", "0", "0"][:3])
        if not parts:
            return None
        if not month:
            return date(year, 1, 1), date(year, 12, 31)
        if not day:
            return date(year, month, 1), _month_begins(year, month + 1) - timedelta(days=1)
        return date(year, month, day), date(year, month, day)
    except ValueError:
        return None


def _month_begins(year: int, month: int) -> date:
    """`month` may lie outside of 1 to 12."""
    year, month = divmod(year * 12 + month - 1, 12)
    return date(year, month + 1, 1)


def _after_first(row: Span, when: str, volume: str, issue: str) -> Covered:
    bound, wanted = span_of(row.first_date), span_of(when)
    too_early = Covered(NO, _("What we have begins with %(start)s.") % {"start": _end(
        row.first_date, row.first_volume, row.first_issue)})
    if bound is None and not row.first_volume:
        return _inside(row)
    if bound and wanted:
        if wanted[1] < bound[0]:
            return too_early
        if wanted[0] > bound[1]:
            return _inside(row)
    # In the same year, or without dates: the numbers say more.
    order = _compare(volume, issue, row.first_volume, row.first_issue)
    if order is not None:
        return too_early if order < 0 else _inside(row)
    whole_year = bool(wanted and bound and wanted[0] >= bound[0])
    later_issue = _number(row.first_issue) not in (None, 1) and len(row.first_date) == 4
    return _inside(row) if whole_year and not later_issue else _uncertain(row)


def _before_last(row: Span, when: str, volume: str, issue: str) -> Covered:
    bound, wanted = span_of(row.last_date), span_of(when)
    too_late = Covered(NO, _("What we have ends with %(end)s.") % {"end": _end(
        row.last_date, row.last_volume, row.last_issue)})
    if bound is None and not row.last_volume:
        return _inside(row)
    if bound and wanted:
        if wanted[0] > bound[1]:
            return too_late
        if wanted[1] < bound[0]:
            return _inside(row)
    order = _compare(volume, issue, row.last_volume, row.last_issue)
    if order is not None:
        return too_late if order > 0 else _inside(row)
    return _inside(row) if wanted and bound and wanted[1] <= bound[1] else _uncertain(row)


def _compare(volume: str, issue: str, bound_volume: str, bound_issue: str) -> int | None:
    """Before (-1), at (0), after (1) a bound; None where the numbers do not tell."""
    mine, theirs = _number(volume), _number(bound_volume)
    if mine is None or theirs is None:
        return None
    if mine != theirs:
        return -1 if mine < theirs else 1
    mine, theirs = _number(issue), _number(bound_issue)
    if theirs is None:
        return 0  # the whole volume
    if mine is None:
        return None
    return (mine > theirs) - (mine < theirs)


def _number(text: str) -> int | None:
    """The first number: 12 of "12", "Vol. 12" and "12-13"."""
    found = re.search(r"\d{1,6}", text or "")
    return int(found[0]) if found else None


# --- embargoes -------------------------------------------------------------------------------------------

_EMBARGO = re.compile(r"([PR])\s*(\d{1,4})\s*([DMY])$")
_IN_WORDS = re.compile(r"(\d{1,4})\s*(DAY|MONTH|YEAR)S?$")


def embargoes(text: str) -> list[tuple[str, int, str]] | None:
    """("P", 1, "Y") for each; "12 months" is taken for P12M. None where one of them cannot be read."""
    found = []
    for part in re.split(r"[;,]", text.upper()):
        part = part.strip()
        if not part:
            continue
        if said := _EMBARGO.match(part):
            one = (said[1], int(said[2]), said[3])
        elif said := _IN_WORDS.match(part):
            one = ("P", int(said[1]), said[2][0])
        else:
            return None
        if one[1]:
            found.append(one)
    return found


def wall(text: str, *, today: date) -> Wall:
    """Of several embargoes at one end the stricter counts."""
    parts = embargoes(text)
    if parts is None:
        return Wall(clear=False)
    first: date | None = None
    last: date | None = None
    for kind, count, unit in parts:
        # The first day of the newest `count` days, months or years, today's included.
        try:
            newest = {
                "D": lambda count=count: today - timedelta(days=count - 1),
                "M": lambda count=count: _month_begins(today.year, today.month - count + 1),
                "Y": lambda count=count: date(today.year - count + 1, 1, 1),
            }[unit]()
        except (ValueError, OverflowError):  # longer than there were years
            newest = date.min + timedelta(days=1)
        if kind == "R":
            first = newest if first is None else max(first, newest)
        else:
            end = newest - timedelta(days=1)
            last = end if last is None else min(last, end)
    return Wall(first, last)


def _inside_wall(row: Span, when: str, today: date) -> Covered:
    left = wall(row.embargo, today=today)
    if not left.clear:
        return Covered(UNKNOWN, _("Its embargo “%(embargo)s” is not understood.") % {"embargo": row.embargo})
    if left.first is None and left.last is None:
        return _inside(row)
    wanted = span_of(when)
    if wanted is None:
        return _uncertain(row)
    if left.last is not None and wanted[0] > left.last:
        return Covered(NO, _("It is too new: an embargo leaves what appeared up to %(day)s.") % {
            "day": left.last.isoformat()})
    if left.first is not None and wanted[1] < left.first:
        return Covered(NO, _("It is too old: only what appeared since %(day)s can be read.") % {
            "day": left.first.isoformat()})
    if (left.last is not None and wanted[1] > left.last) or (left.first is not None and wanted[0] < left.first):
        return _uncertain(row)
    return _inside(row)


def _inside(row: Span) -> Covered:
    return Covered(YES, "")


def _uncertain(row: Span) -> Covered:
    return Covered(UNKNOWN, _("It may be included or not: we have %(coverage)s.") % {"coverage": words(row)})


# --- in words --------------------------------------------------------------------------------------------


def words(row: Span) -> str:
    """"1998–2015, vol. 3–20, not the last 12 months"."""
    first, last = _end(row.first_date, row.first_volume, row.first_issue), _end(
        row.last_date, row.last_volume, row.last_issue)
    if first and last:
        said = [f"{first} – {last}" if first != last else first]
    elif first:
        said = [_("from %(start)s on") % {"start": first}]
    elif last:
        said = [_("up to %(end)s") % {"end": last}]
    else:
        said = [_("all years")]
    for part in embargoes(row.embargo) or []:
        said.append(_EMBARGO_WORDS[part[0], part[2]](part[1]))
    if row.embargo and embargoes(row.embargo) is None:
        said.append(_("embargo “%(embargo)s”") % {"embargo": row.embargo})
    return ", ".join(said)


def _end(when: str, volume: str, issue: str) -> str:
    """"1998 (vol. 3, no. 2)"."""
    numbers = [_("vol. %(n)s") % {"n": volume}] if volume else []
    numbers += [_("no. %(n)s") % {"n": issue}] if issue else []
    if not when:
        return ", ".join(numbers)
    return f"{when} ({', '.join(numbers)})" if numbers else when


_EMBARGO_WORDS = {
    ("P", "D"): lambda n: ngettext("not today's", "not the last %(n)s days", n) % {"n": n},
    ("P", "M"): lambda n: ngettext("not this month", "not the last %(n)s months", n) % {"n": n},
    ("P", "Y"): lambda n: ngettext("not this calendar year", "not the last %(n)s calendar years", n) % {"n": n},
    ("R", "D"): lambda n: ngettext("only today's", "only the last %(n)s days", n) % {"n": n},
    ("R", "M"): lambda n: ngettext("only this month", "only the last %(n)s months", n) % {"n": n},
    ("R", "Y"): lambda n: ngettext("only this calendar year", "only the last %(n)s calendar years", n) % {"n": n},
}
