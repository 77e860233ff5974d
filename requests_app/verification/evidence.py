"""What agreement and difference of each field are worth, what forbids taking one for the other, and the words for it.

Points add up, as in Fellegi and Sunter's record linkage (1969): roughly the natural logarithm of how much likelier an
agreement is between two descriptions of one work than between two works. Set by hand, then checked on the calibration
half of `requests_app/bench/citations`; `manage.py bench verification` prints how they do on the other half.
"""

from dataclasses import dataclass
from functools import cached_property
from math import exp
from typing import Any

from django.utils.translation import gettext_lazy as _

# Equal titles that tell everything; `titles.weight` and `Likeness.share` take their part of it.
TITLE, TITLE_AGAINST = 6.0, 7.0
CONTAINER, CONTAINER_AGAINST = 2.5, 3.0

POINTS: dict[str, dict[str, float]] = {
    "author": {"same": 3.0, "some": 1.5, "family": 0.5, "different": -4.0},
    "year": {"same": 1.5, "year_off": 0.5, "different": -2.5},
    "volume": {"same": 1.5, "swapped": 1.2, "digit": -0.8, "different": -2.5, "is_year": 0.0},
    "issue": {"same": 0.5, "swapped": 0.3, "different": -0.4},
    "pages": {"same": 2.5, "first": 2.0, "inside": 1.5, "digit": 0.3, "different": -2.5},
    "edition": {"same": 1.0, "different": -3.0},
    "publisher": {"same": 0.8, "different": -0.3},
    "isbn": {"same": 7.2, "digit": 2.5, "different": -0.8},
    "issn": {"same": 2.5, "digit": 0.5, "different": -0.3},
    "doi": {"same": 7.5, "digit": -0.3, "different": -2.0},
    "pmid": {"same": 6.0, "digit": -0.3, "different": -2.0},
    "pmcid": {"same": 6.0, "digit": -0.3, "different": -2.0},
    "arxiv": {"same": 6.0, "digit": -0.3, "different": -1.0},
    "oclc": {"same": 6.0, "digit": -0.2, "different": -0.2},
    "lccn": {"same": 6.0, "digit": -0.2, "different": -0.5},
    "document_number": {"same": 7.5, "digit": -3.0, "different": -4.0},
}
# Of a book a year or two apart is another printing or edition; its other fields decide.
BOOK_YEAR_OFF = -0.3

# Points at which a match is even odds, and how fast they leave it: 7.0 points are a score of 0.9.
_MIDDLE, _WIDTH = 4.4, 1.18
CERTAIN, LIKELY, POSSIBLE = 0.9, 0.55, 0.25

WORDS: dict[str, Any] = {
    "same": _("same"),
    "script": _("same, in another script or transliteration"),
    "characters": _("same, in other characters"),
    "subtitle": _("same but for the subtitle"),
    "other_subtitle": _("same, with another subtitle"),
    "spelling": _("same but for the spelling"),
    "order": _("same words in another order"),
    "shortened": _("one is the beginning of the other"),
    "close": _("alike"),
    "partly": _("partly the same"),
    "abbreviated": _("same, abbreviated"),
    "acronym": _("same, by its initials"),
    "renamed": _("another title of the same journal"),
    "other_form": _("another title of the same work"),
    "some": _("some of the names"),
    "family": _("same family name, another first name"),
    "year_off": _("one year apart"),
    "is_year": _("the year stands in place of the volume"),
    "swapped": _("volume and issue swapped"),
    "digit": _("one digit is off"),
    "first": _("same first page"),
    "inside": _("within these pages"),
    "other_script": _("in another script, a translation perhaps"),
    "unreadable": _("cannot be compared"),
    "different": _("different"),
    "only_typed": _("only in what was asked for"),
    "only_found": _("only in what was found"),
}

# Reasons not to take it for the same. Hard ones leave it a mere possibility, soft ones a probability.
HARD = {
    "other_volume": _("This is another volume."),
    "other_part": _("This is another part."),
    "other_edition": _("This is another edition."),
    "other_figures": _("The numbers in the titles differ."),
    "about_it": _("One is a correction, a comment, a review or a guide, the other the work itself."),
    "other_document": _("This is a document with another number."),
    "other_medium": _("This is another kind of thing: a film, music or a text."),
    "number_elsewhere": _("The number belongs to something with another title."),
}
SOFT = {
    "other_year": _("The years differ: another edition or printing perhaps."),
    "other_kind": _("This is another kind of publication."),
    "other_container": _("It appeared in another place."),
    "other_author": _("The authors differ."),
    "translation": _("This is in another language."),
    "other_title": _("The title agrees only with another form of it, a translation perhaps."),
    "volume_missing": _("Only one of the two names a volume or part."),
    "edition_missing": _("Only one of the two names an edition."),
    "host": _("This is where it appeared; the article or chapter itself is not described."),
    "number_other_title": _("The number agrees, the title does not."),
    "other_place_in_it": _("Volume, pages or year differ: at least two of them."),
}
# What does not matter to somebody whom any edition will do.
OF_EDITIONS = {"other_edition", "other_year", "edition_missing"}


@dataclass(frozen=True)
class FieldMatch:
    """One field: as wanted, as found, how they agree (a key of WORDS) and what that is worth."""

    name: str
    typed: str
    found: str
    agreement: str
    points: float = 0.0

    @property
    def words(self) -> Any:
        return WORDS[self.agreement]


@dataclass(frozen=True)
class Reason:
    """Why two descriptions are not taken for one; as text it is the sentence."""

    code: str

    def __str__(self) -> str:
        return str(HARD.get(self.code) or SOFT[self.code])


@dataclass(frozen=True)
class Match:
    """How well what was found fits what was wanted. `score`: 0 to 1; `against`: reasons that forbid merging;
    `identity`: name of the field whose title names the thing itself, '' where there was none to compare."""

    points: float
    fields: tuple[FieldMatch, ...]
    against: tuple[Reason, ...] = ()
    identity: str = ""

    @cached_property
    def score(self) -> float:
        return round(1 / (1 + exp(-max(-40.0, min(40.0, (self.points - _MIDDLE) / _WIDTH)))), 4)

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(reason.code for reason in self.against)

    def field(self, name: str) -> FieldMatch | None:
        return next((row for row in self.fields if row.name == name), None)

    def agreement(self, name: str) -> str:
        """Its code, '' for a field that was not compared."""
        row = self.field(name)
        return row.agreement if row else ""
