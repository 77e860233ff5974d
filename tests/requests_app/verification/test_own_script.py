"""Titles that people transliterate in their own ways, written as catalogues write them."""

import pytest

from requests_app.verification.own_script import guesses, in_ala_lc, in_cyrillic
from requests_app.verification.records import Record

pytestmark = pytest.mark.nodb


@pytest.mark.parametrize("typed, cyrillic, ala_lc", [
    ("Voyna i mir", "война и мир", "voina i mir"),
    ("Voĭna i mir", "война и мир", "voina i mir"),
    ("Prestuplenie i nakazanie", "преступление и наказание", "prestuplenie i nakazanie"),
    ("Evgeniy Onegin", "евгений онегин", "evgenii onegin"),
    ("Evgenij Onegin", "евгений онегин", "evgenii onegin"),
    ("Tikhiy Don", "тихий дон", "tikhii don"),
    ("Istoriya Rossii s drevneyshikh vremen", "история россии с древнейших времен",
     "istoriia rossii s drevneishikh vremen"),
    ("Ekonomika i matematicheskie metody", "экономика и математические методы",
     "ekonomika i matematicheskie metody"),
])
def test_what_people_type_becomes_what_catalogues_have(typed, cyrillic, ala_lc):
    assert guesses(Record(title=typed))[0].title == cyrillic
    assert in_ala_lc(in_cyrillic(typed)) == ala_lc


def test_both_are_asked_for_unless_one_is_what_was_typed():
    assert [one.title for one in guesses(Record(title="Voyna i mir"))] == ["война и мир", "voina i mir"]
    assert [one.title for one in guesses(Record(title="Voina i mir"))] == ["война и мир"]


def test_names_go_with_the_title_and_numbers_stay():
    first = guesses(Record(title="Voyna i mir", author="Tolstoy, Lev", year="1869", isbn="9785170005550"))[0]
    assert (first.author, first.year, first.isbn) == ("толстой, лев", "1869", "9785170005550")


@pytest.mark.parametrize("title", [
    "Lighthouses of the northern Gulf", "Cien años de soledad", "Die Verwandlung", "Nature", "Le rouge et le noir",
    "", "Война и мир", "源氏物語", "La vita è bella e la novia",
])
def test_what_is_no_russian_is_left_alone(title):
    assert guesses(Record(title=title)) == ()
