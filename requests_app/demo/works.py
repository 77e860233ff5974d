"""What the demo's patrons and libraries ask for: invented works in many scripts, a line each in works.txt.

kind | title | author | publisher | place | year | call number | location | what else (`edition=…; volume=…`).
The call number is the one under which the lending desk finds it; works without one are other libraries'.
"""

import random
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Work:
    citation: dict[str, str] = field(hash=False)
    call_number: str
    location: str


def _work(line: str) -> Work:
    kind, title, author, publisher, place, year, call_number, location, more = line.split("|")
    citation = {
        "kind": kind, "title": title, "author": author, "publisher": publisher, "place": place, "year": year,
    }
    for pair in filter(None, more.strip().split("; ")):
        name, _sign, value = pair.partition("=")
        citation[name] = value
    if kind == "book" and year.isdigit() and int(year) >= 1970:
        citation["isbn"] = isbn_of(title)
    return Work({name: value for name, value in citation.items() if value}, call_number, location)


def isbn_of(title: str) -> str:
    """A right check digit on a number of no country (979-5 is not given out): it is nobody's real book."""
    digits = f"9795{random.Random(title).randrange(10**8):08d}"  # noqa: S311
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-total % 10)


def works() -> tuple[list[Work], list[Work]]:
    """On our shelves, elsewhere."""
    rows = [_work(line) for line in Path(__file__).with_name("works.txt").read_text().splitlines()]
    return [work for work in rows if work.call_number], [work for work in rows if not work.call_number]
