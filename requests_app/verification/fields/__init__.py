"""Fields of two descriptions side by side, a room for each kind: what agrees, what is worth what, what forbids
taking one for the other. Each function looks at one thing and adds its rows and reasons; all of them are symmetric.
Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from requests_app.verification.evidence import POINTS, FieldMatch
from requests_app.verification.records import Record

PARTS = {"article", "chapter", "conference", "newspaper"}
LATIN_LANGUAGES = {
    "eng", "ger", "fre", "spa", "ita", "por", "dut", "swe", "dan", "nor", "pol", "cze", "hun", "fin", "tur",
}
NUMBERS = ("doi", "pmid", "pmcid", "arxiv", "oclc", "lccn", "document_number")


@dataclass
class Looking:
    """`is_book`: whole publications are compared, not articles or chapters. `identity`: row of the title that
    names the thing itself, with its share of the weight of equal titles."""

    one: Record
    other: Record
    any_edition: bool
    rows: list[FieldMatch] = field(default_factory=list)
    against: list[str] = field(default_factory=list)
    identity: str = ""
    share: float | None = None
    is_book: bool = True

    def add(self, name: str, typed: str, found: str, agreement: str, points: float | None = None) -> None:
        worth = POINTS.get(name, {}).get(agreement, 0.0) if points is None else points
        self.rows.append(FieldMatch(name, typed, found, agreement, worth))

    def agreement(self, name: str) -> str:
        return next((row.agreement for row in self.rows if row.name == name), "")

    def only_one(self, name: str, typed: str, found: str) -> bool:
        """Rows of a field that just one of the two has; True where both are not there."""
        if typed and found:
            return False
        if typed or found:
            self.add(name, typed, found, "only_typed" if typed else "only_found")
        return True


def distinct_of(first: str, others: Iterable[str]) -> list[str]:
    """Both, each once, without the empty ones."""
    return list(dict.fromkeys(value for value in (first, *others) if value))
