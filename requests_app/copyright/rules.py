"""The rules a library counts by, as one row of values: what the guidelines say and how their gaps are read. Pure.

Each value that is a reading of a text that leaves room names its clause (RULES.md C1–C20). A stored version
(`models.RuleSet`) holds only what differs from these defaults.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Rules:
    code: str = "us-contu"
    version: int = 1
    name: str = "CONTU guidelines (United States)"
    country: str = "US"
    automatic: bool = True  # what is certain is decided without a person
    limit: int = 5  # C1, C6: places of a title in a calendar year
    window_years: int = 5  # C1: articles that appeared within so many years before the request
    inside: str = "US-CCG"  # C8: what is stated within the guidelines, and outside of them
    outside: str = "US-CCL"
    older_counts: bool = False  # C1: the guidelines are silent on older articles
    works_count: bool = True  # C2: five a year of any other work, while it is protected
    dated_by: str = "first_sent"  # C3: or "asked", the day the patron asked
    doubtful_counts: bool = True  # C3, card 30: a date that may lie within the window does
    continued_is_same: bool = True  # C4: a continued title (780/785 00) is the same one
    by_name_is_certain: bool = False  # C4: a title that is known by its name alone needs no person
    held_counts: bool = False  # C7: held or on order and not reasonably available
    protected_years: int = 95  # C15
    open_licence_counts: bool = False  # C15
    federal_counts: bool = False  # C15: works of the US federal government
    royalty_counts: bool = False  # C15: the supplier's price includes it, or a licence covers it
    accessible_counts: bool = False  # C15: section 121
    one_article_an_issue: bool = True  # C11: for the same patron, or a person decides
    concerted_patrons: int = 3  # C12: so many patrons for one article within `concerted_days` is a person's case
    concerted_days: int = 7
    whole_works_need_a_person: bool = True  # C13
    many_pages: int = 120  # C13: so many may be a substantial part of a work
    music_and_pictures_need_a_person: bool = True  # C14
    purposes_need_a_person: bool = True  # C11: "for class", "for my company" in the note

    @property
    def label(self) -> str:
        return f"{self.code}/{self.version}"


def of(settings: Mapping[str, Any], **fixed: Any) -> Rules:
    """From what a library set; names that are not known, and values of another kind, are left out."""
    known = {one.name: type(getattr(DEFAULT, one.name)) for one in fields(Rules)}
    given = {name: value for name, value in settings.items() if name in known and type(value) is known[name]}
    return Rules(**(given | fixed))


DEFAULT = Rules()
