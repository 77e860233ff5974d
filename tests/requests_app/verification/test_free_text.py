"""Words that nobody could take apart, compared with what was found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.verification import free_text
from requests_app.verification.records import Record

pytestmark = pytest.mark.nodb

REEF = Record(kind="article", part_title="Reef maps: a century of charting what cannot be seen",
              part_author="Lee, Hye-jin",
              title="Coastal Review", year="2021", volume="84", issue="9", pages="345-361", source="crossref",
              source_id="1", doi="10.5555/cr.2021")
TIDES = Record(kind="article", part_title="Tides of the northern Gulf", part_author="Okafor, Ngozi; Lindqvist, Per",
               title="Marine Letters", year="2014", volume="12", issue="3", pages="41-58", source="crossref",
               source_id="2", doi="10.5555/tides")
MARCH = Record(kind="book", title="Middlemarch", author="Eliot, George", year="1871", publisher="Blackwood",
               source="worldcat", source_id="3", oclc="1")
MARCH2 = MARCH.with_(year="1994", publisher="Penguin", source_id="4", oclc="2", isbn="9780140434972",
                     isbns=("9780140434972",))
ALL = (REEF, TIDES, MARCH)


@pytest.mark.parametrize(
    ("text", "outcome", "found"),
    [
        ("Lee, Reef maps, Coastal Review 2021", "verified", REEF),
        ("reef maps coastal review", "probable", REEF),
        ("Okafor N, Lindqvist P. Tides of the northern Gulf. Mar Lett 2014;12(3):41-58", "verified", TIDES),
        ("Tides of the northern Gulf", "probable", TIDES),
        ("Tides of the northen Gulf", "probable", TIDES),
        ("okafor 2014 tides of the northern gulf", "verified", TIDES),
        ("Middlemarch", "probable", MARCH),
        ("Eliot Middlemarch 1871", "verified", MARCH),
    ],
)
def test_what_is_meant_is_found(text, outcome, found):
    conclusion = free_text.conclude(text, ALL)
    assert conclusion.outcome == outcome
    assert conclusion.candidates[0].members[0].source_id == found.source_id


@pytest.mark.parametrize(
    "text",
    [
        "maps", "Coastal Review 2021", "Something about reefs and what lives there in warm water",
        "A history of maps and the people who drew them", "", "2014", "Gulf wars of the northern tribes, Smith 1999",
    ],
)
def test_what_is_not_meant_is_not_taken(text):
    assert free_text.conclude(text, ALL).outcome == "not_found"


def test_several_editions_are_not_chosen_silently():
    assert free_text.conclude("Middlemarch", (MARCH, MARCH2)).outcome == "ambiguous"
    assert free_text.conclude("Eliot, Middlemarch, Penguin 1994", (MARCH, MARCH2)).candidates[0].record.year == "1994"


def test_another_script_is_its_transliteration_too():
    war = Record(kind="book", title="Война и мир", author="Толстой, Лев", year="1869", source="worldcat", source_id="5")
    assert free_text.conclude("Tolstoy Voyna i mir 1869", (war,)).outcome in ("probable", "verified")


@given(st.text(max_size=300))
def test_any_text_gives_a_conclusion(text):
    assert free_text.conclude(text, ALL).outcome in ("verified", "probable", "ambiguous", "not_found")
