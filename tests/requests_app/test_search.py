"""Finding a request, alike on both databases."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from requests_app import search
from tests import factories as f

pytestmark = pytest.mark.django_db


def _numbers(rows) -> list[str]:
    return [row.number for row in rows]


def test_a_number_is_found_however_it_is_said():
    rows = [f.asked() for _ in range(12)]
    row = rows[-1]
    assert row.number == "B-2026-00012"
    for said in ("B-2026-00012", "b-2026-00012", " B-26-12 ", "b26-12", "B-26-00012", "B-2026-12", "B202600012"):
        assert _numbers(search.exactly(said)) == [row.number], said
    assert not search.exactly("L-26-12")
    assert not search.exactly("B-26-1")[1:]


def test_a_barcode_a_shelf_code_and_a_partners_number_are_found():
    shelved = f.ill("borrowing.on_hold_shelf")
    lent = f.arrived(request_id="ZZ-2026/17")
    assert _numbers(search.exactly("39001")) == [shelved.number]
    assert _numbers(search.exactly(shelved.shelf_code.lower())) == [shelved.number]
    assert _numbers(search.exactly("ZZ-2026/17")) == [lent.number]
    assert _numbers(search.exactly(f.dialogue(shelved).request_id)) == [shelved.number]


@pytest.mark.parametrize("text", ["", "  ", "\x00", "B-", "'; DROP TABLE--", "٣٣-٤٤", "B-26-" + "9" * 400, "%"])
def test_odd_input_finds_nothing_and_breaks_nothing(text):
    f.asked()
    assert not search.exactly(text)
    search.matching(text)


@pytest.mark.parametrize("operator", ["-", "*", '"', "NEAR(", "a OR", "!", "&", "|", ":*", "(", "<->", "text:", "^x"])
def test_what_the_databases_take_for_operators_is_only_text(operator):
    row = f.asked(title="Middlemarch")
    assert search.matching(f"middlemarch {operator}")[:1] in ([row.pk], [])
    assert search.matching("middlemarch") == [row.pk]


@pytest.mark.parametrize(
    ("title", "asked"),
    [
        ("Über den Menschen", "uber"), ("Uber alles", "Über"), ("Über den Menschen", "mensch den"),
        ("Łódź po wojnie", "lodz"), ("Война и мир", "voyna"), ("Война и мир", "война мир"), ("Straße", "strasse"),
        ("Πόλεμος και ειρήνη", "polemos"), ("戦争と平和", "戦争"), ("On growth: form, and function", "form growth"),
        ("Coöperation", "cooperation"), ("İstanbul", "istanbul"), ("snake_case names", "case"),
        ("Le deuxième-né", "deuxieme ne"),
    ],
)
def test_a_title_is_found_by_words_whatever_their_letters(title, asked):
    row = f.asked(title=title)
    f.asked(title="Something else altogether")
    assert search.matching(asked) == [row.pk]


def test_people_partners_and_identifiers_are_found():
    who = f.patron(first_name="Łucja", last_name="Żak-Nowak")
    row = f.asked(patron=who, citation={"isbn": "978-0-306-40615-7", "doi": "10.1000/xyz-12.5", "oclc": "424023"})
    lent = f.arrived(library=f.library("OAK", name="Oakwood Abbey"))
    for text in ("zak", "lucja nowak", "978-0-306-40615-7", "10.1000/xyz-12.5", "424023", who.card):
        assert search.matching(text) == [row.pk], text
    assert search.matching("oakwood") == [lent.pk]


def test_every_word_must_be_there_and_the_newest_comes_first():
    first, second = f.asked(title="Sea and sardinia"), f.asked(title="The sea, the sea")
    assert search.matching("sea") == [second.pk, first.pk]
    assert search.matching("sea sardinia") == [first.pk]
    assert search.matching("sea mountain") == []
    assert search.matching("sard") == [first.pk]


def test_what_was_written_again_is_found_by_the_new_words_only():
    row = f.asked(title="Midlemarch")
    row.citation.title = "Middlemarch"
    search.index(row)
    assert search.matching("midlemarch") == []
    assert search.matching("middlemarch") == [row.pk]


def test_the_index_is_written_anew_in_batches_and_again():
    rows = [f.asked(title=f"Tides of {name}") for name in ("Brest", "Genoa", "Lagos")]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM requests_app_search")
    assert search.matching("tides") == []
    for _time in range(2):
        out, err = StringIO(), StringIO()
        call_command("reindex_search", "--batch", "2", stdout=out, stderr=err)
        assert err.getvalue().splitlines() == ["2 of 3 requests", "3 of 3 requests"]
        assert "holds 3 requests" in out.getvalue()
        assert search.matching("tides") == [row.pk for row in reversed(rows)]
    assert search.matching("genoa") == [rows[1].pk]


def test_an_empty_desk_has_an_empty_index():
    out = StringIO()
    call_command("reindex_search", stdout=out, stderr=StringIO())
    assert "holds 0 requests" in out.getvalue()
