"""KBART files (NISO RP-9-2014, phase II, and phase I): rows of titles that we may read online. Pure.

Providers keep to the recommended practice more or less: another encoding, commas for tabs, other names in the first
line, fields in quotes, dates as a spreadsheet likes them. What can be read is read; what cannot is told with the
number of its line, and the rest goes on.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from requests_app.verification import kbart_lines
from requests_app.verification.kbart_values import normal_identifier, partial_date, title_key

SERIAL, MONOGRAPH = "serial", "monograph"
FULLTEXT, SELECTED, ABSTRACTS = "fulltext", "selected", "abstracts"

# Column of phase II -> other names that it goes by.
COLUMNS: dict[str, tuple[str, ...]] = {
    "publication_title": ("title", "journal_title", "book_title", "titlename"),
    "print_identifier": ("issn", "print_issn", "pissn", "p_issn", "isbn", "print_isbn"),
    "online_identifier": ("eissn", "e_issn", "online_issn", "eisbn", "e_isbn", "online_isbn"),
    "date_first_issue_online": (
        "date_first_issue_subscribed", "date_first_issue", "start_date", "managedcoveragebegin",
    ),
    "num_first_vol_online": ("num_first_vol_subscribed", "num_first_volume_online", "first_volume"),
    "num_first_issue_online": ("num_first_issue_subscribed", "first_issue"),
    "date_last_issue_online": ("date_last_issue_subscribed", "date_last_issue", "end_date", "managedcoverageend"),
    "num_last_vol_online": ("num_last_vol_subscribed", "num_last_volume_online", "last_volume"),
    "num_last_issue_online": ("num_last_issue_subscribed", "last_issue"),
    "title_url": ("url", "link"),
    "first_author": ("author",),
    "title_id": ("id",),
    "embargo_info": ("embargo",),
    "coverage_depth": (),
    "notes": ("coverage_notes", "coverage_note", "note"),
    "publisher_name": ("publisher",),
    "publication_type": ("type", "resourcetype"),
    "date_monograph_published_print": (),
    "date_monograph_published_online": (),
    "monograph_volume": (),
    "monograph_edition": ("edition",),
    "first_editor": ("editor",),
    "parent_publication_title_id": (),
    "preceding_publication_title_id": (),
    "access_type": (),
}
_NAMES = {name: column for column, others in COLUMNS.items() for name in (column, *others)}
_TYPES = {
    "serial": SERIAL, "journal": SERIAL, "periodical": SERIAL, "ejournal": SERIAL, "newspaper": SERIAL,
    "monograph": MONOGRAPH, "book": MONOGRAPH, "ebook": MONOGRAPH,
}
_DEPTHS = {
    "fulltext": FULLTEXT, "full text": FULLTEXT, "ebook": FULLTEXT, "print": FULLTEXT,
    "selected articles": SELECTED, "selected": SELECTED, "selectedarticles": SELECTED, "selective": SELECTED,
    "abstracts": ABSTRACTS, "abstract": ABSTRACTS, "index": ABSTRACTS,
}
class Row(NamedTuple):
    """One title for one span of coverage. Identifiers: "1234-567X" or ISBN-13. Dates: "1999", "1999-03",
    "1999-03-15" or ''. `free`: access_type F. `line`: where it begins in the file, from 1."""

    kind: str
    title: str
    title_key: str
    print_identifier: str
    online_identifier: str
    first_date: str
    first_volume: str
    first_issue: str
    last_date: str
    last_volume: str
    last_issue: str
    embargo: str
    depth: str
    url: str
    title_id: str
    first_author: str
    first_editor: str
    edition: str
    volume: str
    publisher: str
    published_print: str
    published_online: str
    parent_id: str
    preceding_id: str
    free: bool
    note: str
    line: int


class Problem(NamedTuple):
    """A row that was left out, or (`kept`) of which a value was. `why`: a key of REASONS of the pages; `about`: the
    value that is meant."""

    line: int
    why: str
    about: str
    kept: bool
    text: str


@dataclass
class Reading:
    """`rows` gives each row or problem once, in the order of the file. `ignored`: columns that are not known."""

    encoding: str
    delimiter: str
    columns: list[str]
    ignored: list[str]
    rows: Iterator[Row | list[Problem]] = field(repr=False)


class NotReadable(ValueError):
    """The file as a whole: `code` is "empty" or "no_header", `about` its first line."""

    def __init__(self, code: str, about: str = ""):
        super().__init__(f"{code} {about}".strip())
        self.code, self.about = code, about


def read(file: BinaryIO) -> Reading:
    """Read from the beginning of a file that can be seeked; only a line at a time is in memory. Raises NotReadable."""
    lines, encoding = kbart_lines.open_lines(file)
    first = ""
    for number, text in lines:
        if not text.strip():
            continue
        first = first or text.strip()
        delimiter, columns, ignored = _header(text)
        if "publication_title" in columns:
            cells = kbart_lines.cells(lines, delimiter, len(columns))
            return Reading(encoding, delimiter, [c for c in columns if c], ignored, _rows(cells, columns))
        if number > _HEADER_WITHIN:
            break
    raise NotReadable("no_header" if first else "empty", first[:200])


# Some put a line or two with the package's name before the names of the columns.
_HEADER_WITHIN = 20


def _header(text: str) -> tuple[str, list[str], list[str]]:
    """The separator that gives most columns we know; each column's name in phase II or ''; those unknown."""
    best: tuple[str, list[str], list[str]] = ("\t", [], [])
    for delimiter in ("\t", ",", ";", "|"):
        said = [cell.strip().strip('"').strip() for cell in text.split(delimiter)]
        names: list[str] = []
        for cell in said:
            name = _NAMES.get(re.sub(r"[\s\-]+", "_", cell.lower()), "")
            names.append("" if name in names else name)
        if sum(map(bool, names)) > sum(map(bool, best[1])):
            ignored = [cell for cell, name in zip(said, names, strict=True) if cell and not name]
            best = (delimiter, names, ignored)
    return best


def _rows(cells: Iterator[tuple[int, list[str] | None, str]], columns: list[str]) -> Iterator[Row | list[Problem]]:
    """A row, and after it a list of what was left out of it; or a list alone for a row that was left out."""
    places = {name: place for place, name in enumerate(columns) if name}
    for number, values, text in cells:
        if values is None:
            yield [Problem(number, "long", "", False, text[:500])]
            continue
        if not any(values):
            continue
        row, found = _row(number, values, places)
        if row is not None:
            yield row
        if found:
            yield [Problem(number, why, about[:200], row is not None, text.strip()[:500]) for why, about in found]


def _row(number: int, values: list[str], places: dict[str, int]) -> tuple[Row | None, list[tuple[str, str]]]:
    """`found`: what is wrong; a row with something that would make its coverage a guess is left out."""
    found: list[tuple[str, str]] = []
    count = len(values)

    def get(name: str) -> str:
        place = places.get(name, count)
        return " ".join(values[place].split()) if place < count else ""

    title = get("publication_title")
    if not title:
        return None, [("no_title", "")]
    spans = []
    for name in ("date_first_issue_online", "date_last_issue_online"):
        said = get(name)
        when = partial_date(said)
        if when is None:
            return None, [("date", said)]
        spans.append(when)
    first, last = spans
    if first and last and last[: len(first)] < first[: len(last)]:
        return None, [("order", f"{first} – {last}")]
    identifiers = [_identifier(get(name), found) for name in ("print_identifier", "online_identifier")]
    if not (any(identifiers) or first or last or get("title_url") or get("title_id")):
        return None, [("bare", "")]  # a heading, or a line with the number of titles
    kind = _kind(get("publication_type"), identifiers, first, bool(get("date_monograph_published_online")))
    url = get("title_url")
    if url and not re.match(r"https?://[^/]", url, re.IGNORECASE):
        found.append(("url", url))
        url = ""
    depth = get("coverage_depth").lower()
    if depth and depth not in _DEPTHS:
        found.append(("depth", depth))
    published = [partial_date(get(f"date_monograph_published_{how}")) or "" for how in ("print", "online")]
    access = get("access_type").lower()
    row = Row(
        kind, title[:500], title_key(title), identifiers[0], identifiers[1],
        first, get("num_first_vol_online")[:40], get("num_first_issue_online")[:40],
        last, get("num_last_vol_online")[:40], get("num_last_issue_online")[:40],
        get("embargo_info")[:40], _DEPTHS.get(depth, FULLTEXT), url if len(url) <= 1000 else "",
        get("title_id")[:100], get("first_author")[:200], get("first_editor")[:200], get("monograph_edition")[:100],
        get("monograph_volume")[:40], get("publisher_name")[:200], published[0], published[1],
        get("parent_publication_title_id")[:100], get("preceding_publication_title_id")[:100],
        access in ("f", "free"), get("notes")[:500], number,
    )
    return row, found


def _kind(said: str, identifiers: list[str], first: str, published: bool) -> str:
    if kind := _TYPES.get(said.lower().replace("-", "").replace(" ", "")):
        return kind
    if any(len(value) == 13 for value in identifiers):
        return MONOGRAPH
    return MONOGRAPH if published and not first and not any(identifiers) else SERIAL


_APART = re.compile(r"[;,|/]|\s(?=\d{4}-)")


def _identifier(text: str, found: list[tuple[str, str]]) -> str:
    """The first of a cell that is right; a cell full of wrong ones is told."""
    if not text:
        return ""
    for one in _APART.split(text):
        if value := normal_identifier(one):
            return value
    if text.lower() not in ("n/a", "na", "none", "null", "-"):
        found.append(("identifier", text))
    return ""


__all__ = [
    "COLUMNS", "MONOGRAPH", "SERIAL", "NotReadable", "Problem", "Reading", "Row", "normal_identifier",
    "partial_date", "read", "title_key",
]
