"""The rules a library counts by, as one row of values: what the guidelines say and how their gaps are read. Pure.

Each value that is a reading of a text that leaves room names its clause (RULES.md C1–C20). A stored version
(`models.RuleSet`) holds only what differs from these defaults.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Rules:
    code: str = "us-contu"
    version: int = 1
    name: str = "CONTU guidelines (United States)"
    country: str = "US"
    counts: bool = True  # C20: False where the law of the country counts no uses
    automatic: bool = True  # what is certain is decided without a person
    declaration_needed: bool = False  # C20: no copy is asked for before the patron signed
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
    most_chapters: int = 0  # C20: more chapters of one work in a request are a person's case; 0: not looked at
    part_percent: int = 0  # C20: what is taken for a reasonable portion of a work, in words; 0: nothing is said
    music_and_pictures_need_a_person: bool = True  # C14
    purposes_need_a_person: bool = True  # C11: "for class", "for my company" in the note

    @property
    def label(self) -> str:
        return f"{self.code}/{self.version}"

    @property
    def codes(self) -> tuple[str, ...]:
        """What can be stated to suppliers (ISO 18626 CopyrightCompliance), the usual one first."""
        offered = CODES.get(self.code, CODES["other"])
        usual = (self.inside, self.outside) if self.counts else (self.outside,)
        return tuple(dict.fromkeys((*usual, *offered)))

    def takes_a_place(self, code: str) -> bool:
        """Is a request that states this code counted? (C8)"""
        return self.counts and code == self.inside

    def needs_a_reason(self, code: str) -> bool:
        """A person who states this code writes why: what is neither counted nor the country's usual ground."""
        return code != (self.inside if self.counts else self.outside)


def of(settings: Mapping[str, Any], *, code: str = "us-contu", **fixed: Any) -> Rules:
    """From what a library set on top of a preset; names that are not known, and values of another kind, are left
    out."""
    known = {one.name: type(getattr(DEFAULT, one.name)) for one in fields(Rules)}
    given = {name: value for name, value in settings.items() if name in known and type(value) is known[name]}
    return replace(PRESETS.get(code, DEFAULT), **(given | fixed | {"code": code}))


DEFAULT = Rules()
# C20: the law of these countries was not checked; what they say is a proposal, to be confirmed by the library.
_ABROAD: dict[str, Any] = {
    "counts": False, "protected_years": 0, "federal_counts": True, "most_chapters": 1, "part_percent": 10,
}
PRESETS: dict[str, Rules] = {
    DEFAULT.code: DEFAULT,
    "uk": Rules(
        code="uk", name="Library privilege (United Kingdom)", country="GB", inside="UK-FairDealing",
        outside="UK-FairDealing", declaration_needed=True, **(_ABROAD | {"part_percent": 5}),
    ),
    "au": Rules(
        code="au", name="Copyright Act, section 49 (Australia)", country="AU", inside="AU-CopyrightActS49",
        outside="AU-CopyrightActS49", declaration_needed=True, **_ABROAD,
    ),
    "other": Rules(
        code="other", name="Another country (Canada and others)", country="", inside="Other", outside="Other", **_ABROAD
    ),
}
PRESET_LABELS: dict[str, str | Promise] = {
    "us-contu": _("United States: CONTU guidelines, five a year"),
    "uk": _("United Kingdom: library privilege, declaration of the patron"),
    "au": _("Australia: section 49, declaration of the patron"),
    "other": _("Another country (Canada and others): nothing is counted"),
}
# By set of rules, the codes of ISO 18626:2017 (CopyrightCompliance). Canada has none of its own.
CODES: dict[str, tuple[str, ...]] = {
    "us-contu": ("US-CCG", "US-CCL"),
    "uk": ("UK-FairDealing", "UK-CopyRFeePaid", "Other"),
    "au": ("AU-CopyrightActS49", "AU-CopyrightActS50-1", "AU-CopyrightActS50-7A", "AU-CopyrightCleared", "AU-GenBus",
           "AU-CopyRCatS183ComW", "AU-CopyRCatS183State", "Other"),
    "other": ("Other", "EU-DirectiveOrphanWorks", "EU-DirectiveRightsDigitalSingleMarket", "NZ-CopyrightActS54",
              "NZ-CopyrightActS55"),
}
