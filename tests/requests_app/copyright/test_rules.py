"""Sets of rules to choose from, and what they let be stated."""

import pytest

from requests_app import reasons
from requests_app.copyright import rules
from requests_app.copyright.per_request import chapters_of

pytestmark = pytest.mark.nodb


def test_every_code_of_every_set_has_words_and_is_one_of_iso_18626():
    known = {
        "AU-CopyRCatS183ComW", "AU-CopyRCatS183State", "AU-CopyrightActS49", "AU-CopyrightActS50-1",
        "AU-CopyrightActS50-7A", "AU-CopyrightCleared", "AU-GenBus", "EU-DirectiveOrphanWorks",
        "EU-DirectiveRightsDigitalSingleMarket", "NZ-CopyrightActS54", "NZ-CopyrightActS55", "Other",
        "UK-CopyRFeePaid", "UK-FairDealing", "US-CCG", "US-CCL",
    }
    offered = {code for row in rules.PRESETS.values() for code in row.codes}
    assert offered == known == set(reasons.COMPLIANCE)


def test_the_usual_code_comes_first_and_needs_no_reason():
    assert rules.PRESETS["uk"].codes[0] == "UK-FairDealing"
    assert not rules.PRESETS["uk"].needs_a_reason("UK-FairDealing")
    assert rules.PRESETS["uk"].needs_a_reason("UK-CopyRFeePaid")
    assert rules.DEFAULT.codes == ("US-CCG", "US-CCL") and rules.DEFAULT.needs_a_reason("US-CCL")


def test_only_ccg_takes_a_place_and_abroad_nothing_does():
    assert rules.DEFAULT.takes_a_place("US-CCG") and not rules.DEFAULT.takes_a_place("US-CCL")
    assert not rules.PRESETS["uk"].takes_a_place("UK-FairDealing")


def test_a_stored_version_holds_only_what_differs_from_its_preset():
    mine = rules.of({"part_percent": 8, "no_such": 1, "limit": "five"}, code="uk", version=3)
    assert (mine.part_percent, mine.counts, mine.declaration_needed, mine.label) == (8, False, True, "uk/3")
    assert mine.limit == 5


@pytest.mark.parametrize(("text", "count"), [
    ("Chapter 3", 0), ("Chapters 3-5", 3), ("chs. 2 and 4", 2), ("Chapters 1, 4 and 9", 3), ("capítulos 1 y 2", 2),
    ("On chapters and verse", 0), ("Chapters 5-3", 2),
])
def test_chapters_are_counted_in_what_is_asked_for(text, count):
    assert chapters_of(text) == count
