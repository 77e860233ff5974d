from dataclasses import replace

import pytest

from requests_app.printing.labels import LabelWords, ShippingLabel, shipping_labels
from tests.illdesk.paper import ink_box, page_sizes, page_texts, scanned

pytestmark = pytest.mark.nodb

TO_DELTA = ShippingLabel(
    number="L-2026-00893",
    their_number="DBU-448190",
    from_name="Aldermere University Library, Interlibrary Loan",
    from_lines=("200 Quay Street", "Aldermere, ST 00000"),
    to_name="Delta Bay University Libraries",
    to_lines=("Resource Sharing, Dock B", "1400 Causeway Road", "Port Delta, ST 00000"),
    due_back="9 Jan 2027",
    pieces="1 of 1",
    route="B, Tue",
    insured="USD 80.00",
)


def test_label_says_from_whom_to_whom_and_until_when():
    text = page_texts(shipping_labels([TO_DELTA]))[0]
    for words in (
        "Library loan",
        "Aldermere University Library, Interlibrary Loan",
        "200 Quay Street, Aldermere, ST 00000",
        "Delta Bay University Libraries",
        "Resource Sharing, Dock B",
        "1400 Causeway Road",
        "Port Delta, ST 00000",
        "9 Jan 2027",
        "1 of 1",
        "B, Tue",
        "USD 80.00",
        "L-2026-00893",
        "Their number DBU-448190",
    ):
        assert words in text


def test_labels_are_six_by_four_inches():
    assert page_sizes(shipping_labels([TO_DELTA, TO_DELTA])) == [(432, 288)] * 2


def test_bar_code_is_read_from_a_label_printer():
    assert scanned(shipping_labels([TO_DELTA])) == ["L-2026-00893"]
    assert scanned(shipping_labels([replace(TO_DELTA, number="L-2026-00893-OLD")])) == ["L-2026-00893-OLD"]


def test_what_is_not_known_leaves_no_empty_words():
    text = page_texts(shipping_labels([ShippingLabel(number="L-1", to_name="Holm College")]))[0]
    for word in ("From", "Route", "Insured", "Due back", "Their number"):
        assert word not in text


def test_foreign_address_of_seven_lines_is_printed_whole():
    lines = (
        "Abteilung Fernleihe",
        "Gebäude 12",
        "Zimmer 4",
        "Hof",
        "Straße des 17. Juni",
        "10623 Berlin",
        "GERMANY",
    )
    text = page_texts(shipping_labels([replace(TO_DELTA, to_lines=lines)]))[0]
    for line in lines:
        assert line in text


def test_long_name_takes_a_second_line_and_keeps_its_end():
    name = "Bibliothek der Technischen Hochschule und Universität Musterstadt, Fernleihe und Lieferdienste"
    text = page_texts(shipping_labels([replace(TO_DELTA, to_name=name)]))[0]
    assert "Lieferdienste" in text


@pytest.mark.parametrize("long", ["immense " * 12_500, "W" * 100_000, "مكتبة " * 16_000])
def test_long_texts_stay_on_the_label(long):
    fields = dict.fromkeys(ShippingLabel.__dataclass_fields__, long)
    fields |= {"to_lines": (long,) * 30, "from_lines": (long,) * 30}
    left, top, right, bottom = ink_box(shipping_labels([ShippingLabel(**fields)]))
    assert left >= 20
    assert top >= 18
    assert right <= 432 - 20
    assert bottom <= 288 - 10


def test_words_can_be_translated():
    words = LabelWords(language="de", badge="Fernleihe", to="An", due_back="Rückgabe bis")
    text = page_texts(shipping_labels([TO_DELTA], words=words))[0]
    assert "Fernleihe" in text
    assert "Rückgabe bis" in text


def test_nothing_to_print_is_a_sentence():
    with pytest.raises(ValueError, match="no shipping labels to print"):
        shipping_labels([])
