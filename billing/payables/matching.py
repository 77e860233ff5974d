"""To which request of ours does a line of an invoice belong? By numbers, else by library, date and title. Pure.

`keys_of` says what to look for, so that all lines are looked for at once; `match` weighs what was found.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from rapidfuzz import fuzz

from billing.payables.readers.columns import plain

CERTAIN, CANDIDATES, NONE = "certain", "candidates", "none"
MOST_CANDIDATES = 5
LEAST = 55  # per cent below which a request is no candidate
_SIGNS = r"[\s\-–—./_#]"
_OURS = re.compile(
    rf"\b([BLD]){_SIGNS}*(20\d\d)(?:{_SIGNS}+([0-9OoIl]{{1,6}})|([0-9OoIl]{{5,6}}))(?:{_SIGNS}+\d{{1,2}})?(?![0-9A-Z])",
    re.IGNORECASE)
_DIGITS = str.maketrans("OoIiLl", "001111")


@dataclass(frozen=True)
class Known:
    """A request of ours as matching sees it. `library`: with whom it is, or was; `asked`: the day it was first sent."""

    pk: int
    number: str
    title: str = ""
    libraries: frozenset[int] = frozenset()
    asked: date | None = None
    cost: Decimal | None = None
    currency: str = ""
    service: str = "loan"
    pages: str = ""


@dataclass(frozen=True)
class Candidate:
    """`score`: per cent. `reasons`: codes of `words.REASONS`, those for it first."""

    ill: int
    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Match:
    kind: str
    candidates: tuple[Candidate, ...] = ()

    @property
    def ill(self) -> int | None:
        return self.candidates[0].ill if self.kind == CERTAIN else None


@dataclass(frozen=True)
class Line:
    """What of a line tells its request."""

    number: str = ""
    theirs: str = ""
    external: str = ""
    title: str = ""
    dated: date | None = None
    amount: Decimal = Decimal(0)
    currency: str = ""


@dataclass
class Found:
    """What the database knows for all lines together. By number, by plain external number, by a lender's number (of
    the invoice's library); `by_title`: requests of that library, for lines without a number."""

    by_number: dict[str, Known] = field(default_factory=dict)
    by_external: dict[str, list[Known]] = field(default_factory=dict)
    by_theirs: dict[str, list[Known]] = field(default_factory=dict)
    by_title: "Titles | None" = None


def ours(text: str) -> list[str]:
    """Our numbers in a text, as they are kept: "b2026 oo377-2" is B-2026-00377, its second dialogue."""
    return [f"{kind.upper()}-{year}-{(cut or whole).translate(_DIGITS).lstrip('0').zfill(5)}"
            for kind, year, cut, whole in _OURS.findall(text)] if text else []


def numbers_of(line: Line) -> list[str]:
    """Where people write our number: mostly in its own column, sometimes among theirs or behind the title."""
    return list(dict.fromkeys(ours(line.number) + ours(line.theirs) + ours(line.external) + ours(line.title)))


def theirs_of(line: Line) -> list[str]:
    said = (line.theirs, line.number, line.external)
    return list(dict.fromkeys(text.strip() for text in said if text and text.strip()))


class Titles:
    """Requests by the rare words of their titles, so that a line meets only those that share some."""

    def __init__(self, rows: Iterable[Known]):
        self.rows = [(row, plain(row.title)) for row in rows]
        self.words: dict[str, list[int]] = defaultdict(list)
        for place, (_row, title) in enumerate(self.rows):
            for word in {word[:8] for word in title.split() if len(word) > 2}:
                self.words[word].append(place)

    def like(self, text: str, most: int = 30) -> list[tuple[Known, float]]:
        """With likeness 0–100, the likest first. A title cut off by a narrow column is like its whole."""
        said = plain(text)
        shared: dict[int, float] = defaultdict(float)
        for word in {word[:8] for word in said.split() if len(word) > 2}:
            places = self.words.get(word, ())
            if len(places) <= 500:
                for place in places:
                    shared[place] += 1 / len(places)
        best = sorted(shared, key=lambda place: -shared[place])[:most]
        found = [(self.rows[place][0], _likeness(said, self.rows[place][1])) for place in best]
        return sorted(found, key=lambda pair: -pair[1])


def _likeness(one: str, other: str) -> float:
    whole = max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))
    short = min(len(one), len(other))
    if short >= 12:
        whole = max(whole, 0.97 * fuzz.ratio(one[:short], other[:short]), 0.9 * fuzz.token_set_ratio(one, other))
    return whole


def match(line: Line, found: Found, *, library: int, plain_external) -> Match:
    """`plain_external`: as `requests_app.references.plain`."""
    scored: dict[int, Candidate] = {}

    def add(row: Known, score: int, *reasons: str) -> None:
        score, said = _weighed(row, line, library, score)
        before = scored.get(row.pk)
        if before is None or before.score < score:
            scored[row.pk] = Candidate(row.pk, score, (*reasons, *said))

    for number in numbers_of(line):
        if number in found.by_number:
            exact = number == line.number.strip()
            add(found.by_number[number], 100 if exact else 98, "number" if exact else "number_retyped")
    for text in theirs_of(line):
        for row in found.by_theirs.get(text, ()):
            add(row, 97, "theirs")
        for row in found.by_external.get(plain_external(text), ()):
            add(row, 97, "external")
    if not scored and line.title and found.by_title is not None:
        for row, likeness in found.by_title.like(line.title):
            if likeness >= 60:
                add(row, round(likeness * 0.85), "title")
    ranked = sorted((one for one in scored.values() if one.score >= LEAST), key=lambda one: (-one.score, one.ill))
    if not ranked:
        return Match(NONE)
    first = ranked[0]
    sure = first.score >= 90 and first.reasons[0] != "title" and (
        len(ranked) == 1 or ranked[1].score <= first.score - 8)
    return Match(CERTAIN if sure else CANDIDATES, tuple(ranked[:MOST_CANDIDATES]))


def _weighed(row: Known, line: Line, library: int, score: int) -> tuple[int, Sequence[str]]:
    """What else speaks for or against it. A number of ours stays likely whoever bills it: the wrong lender is told
    as such afterwards; a title alone needs its library."""
    said = []
    if row.libraries and library in row.libraries:
        said.append("library")
        score += 4
    elif row.libraries:
        said.append("other_library")
        score -= 6
    if line.title and row.title and score >= 90:
        if line.title != row.title and _likeness(plain(line.title), plain(row.title)) < 45:
            said.append("other_title")
            score -= 10
        else:
            said.append("title")
    if line.dated and row.asked:
        days = (line.dated - row.asked).days
        if -3 <= days <= 120:
            said.append("date")
            score += 4
        elif days < -3 or days > 400:
            said.append("other_date")
            score -= 6
    if row.cost is not None and row.cost == line.amount and row.currency == line.currency:
        said.append("amount")
        score += 3
    return max(0, min(100, score)), said
