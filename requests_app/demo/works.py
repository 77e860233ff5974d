"""What the demo's patrons and libraries ask for: invented works in many scripts, and a few that everybody knows.

works.txt, a line each: kind | title | author | publisher | place | year | call number | location | what else
(`edition=…; volume=…`). copies.txt: kind | article or chapter | its author | journal or book | author | publisher |
place | year | volume | issue | pages | document number | call number | location | what else.
The call number is the one under which our own desk finds it; works without one are other libraries'.
"""

import random
from dataclasses import dataclass, field
from pathlib import Path

from stdnum import issn

_WORK = ("kind", "title", "author", "publisher", "place", "year")
_COPY = (
    "kind", "part_title", "part_author", "title", "author", "publisher", "place", "year", "volume", "issue", "pages",
    "document_number",
)


@dataclass(frozen=True)
class Work:
    citation: dict[str, str] = field(hash=False)
    call_number: str
    location: str


def _work(line: str, names: tuple[str, ...]) -> Work:
    *cited, call_number, location, more = line.split("|")
    citation = dict(zip(names, cited, strict=True))
    for pair in filter(None, more.strip().split("; ")):
        name, _sign, value = pair.partition("=")
        citation[name] = value
    if citation.get("issn") == "auto":
        citation["issn"] = issn_of(citation["title"])
    year = citation["year"]
    if citation["kind"] in ("book", "chapter") and year.isdigit() and int(year) >= 1970:
        citation["isbn"] = isbn_of(citation["title"])
    return Work({name: value for name, value in citation.items() if value}, call_number, location)


def isbn_of(title: str) -> str:
    """A right check digit on a number of no country (979-5 is not given out): it is nobody's real book."""
    digits = f"9795{random.Random(title).randrange(10**8):08d}"  # noqa: S311
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-total % 10)


def issn_of(title: str) -> str:
    """The same for a journal: numbers that begin with 99 are not given out."""
    digits = f"99{random.Random(title).randrange(10**5):05d}"  # noqa: S311
    return issn.format(digits + issn.calc_check_digit(digits))


def works() -> tuple[list[Work], list[Work]]:
    """Loans: on our shelves, elsewhere."""
    return _read("works.txt", _WORK)


def copies() -> tuple[list[Work], list[Work]]:
    """Articles, chapters and all else that comes as a copy: on our shelves, elsewhere."""
    return _read("copies.txt", _COPY)


def _read(name: str, names: tuple[str, ...]) -> tuple[list[Work], list[Work]]:
    rows = [_work(line, names) for line in Path(__file__).with_name(name).read_text().splitlines()]
    return [work for work in rows if work.call_number], [work for work in rows if not work.call_number]
