import pytest

from requests_app.printing.bands import BandWords, BookBand, book_bands
from tests.illdesk.paper import MM, ink_box, page_sizes, page_texts, scanned

pytestmark = pytest.mark.nodb

CHRONICLES = {
    "number": "B-2026-00398",
    "pickup": "Main desk",
    "due": "Sat 9 Jan 2027",
    "title": "Мартовские хроники: очерки уездной жизни",
    "author": "Сивцов, А. · 1911",
    "pieces_text": "2 pieces: volume and map",
    "lent_by": "Delta Bay University",
    "use_text": "Library use only",
    "renew_url": "library.aldermere.example/ill",
    "phone": "+1 555 0142",
    "library": "Aldermere University Library",
}
ON_SHELF = BookBand(**CHRONICLES, hold_until="Sat 5 Dec", shelf_code="K7-27")
JUST_IN = BookBand(**CHRONICLES)


def places(text: str, *words: str) -> list[int]:
    return [text.index(word) for word in words]


def test_band_of_the_hold_shelf_is_found_by_date_and_code():
    text = page_texts(book_bands([ON_SHELF]))[0]
    at = places(
        text,
        "Hold until",
        "Sat 5 Dec",
        "K7-27",
        "Main desk",
        "Due back",
        "Sat 9 Jan 2027",
        "Мартовские",
        "Library use only",
        "2 pieces: volume and map",
        "Please return everything",
        "Delta Bay University",
        "B-2026-00398",
        "Renew: library.aldermere.example/ill",
        "Questions: +1 555 0142",
        "Aldermere University Library",
    )
    assert at == sorted(at)


def test_band_of_a_book_just_received_starts_with_the_due_date_and_the_place():
    data = book_bands([JUST_IN])
    text = page_texts(data)[0]
    assert "Hold until" not in text
    assert text.strip().startswith("Due back")
    at = places(text, "Due back", "Sat 9 Jan 2027", "Pick up at", "Main desk", "Мартовские")
    assert at == sorted(at)
    assert abs(ink_box(data)[1] - ink_box(book_bands([ON_SHELF]))[1]) < 1


def test_bands_are_seventy_by_279_millimetres():
    for width, height in page_sizes(book_bands([ON_SHELF, JUST_IN])):
        assert width == pytest.approx(70 * MM, abs=0.1)
        assert height == pytest.approx(279 * MM, abs=0.1)


def test_bar_code_of_every_band_is_read():
    data = book_bands([ON_SHELF, JUST_IN])
    assert scanned(data, 0) == scanned(data, 1) == ["B-2026-00398"]


def test_a_single_volume_asks_only_for_the_band():
    text = page_texts(book_bands([BookBand(number="B-1", due="9 Jan")]))[0]
    assert "Please leave this band on the book." in text
    assert "Lent by" not in text
    assert "Renew" not in text


def test_an_almost_empty_band_is_still_a_band():
    data = book_bands([BookBand(number="B-1")])
    assert scanned(data) == ["B-1"]
    assert "Due back" not in page_texts(data)[0]


@pytest.mark.parametrize("long", ["immense " * 12_500, "W" * 100_000, "دراسات " * 14_000, "中" * 100_000])
def test_long_texts_stay_on_the_band(long):
    data = book_bands([BookBand(**dict.fromkeys(BookBand.__dataclass_fields__, long))])
    left, top, right, bottom = ink_box(data)
    assert left >= 20
    assert top >= 20
    assert right <= 70 * MM - 20
    assert bottom <= 279 * MM - 20


@pytest.mark.parametrize("title", ["中国科学技术史", "日本の図書館", "한국 도서관", "Ιστορία", "Lịch sử"])
def test_titles_are_in_their_own_script(title):
    assert title in page_texts(book_bands([BookBand(number="B-1", title=title)]))[0]


def test_words_can_be_translated():
    words = BandWords(
        language="de", due_back="Rückgabe bis", pick_up_at="Abholen bei", lent_by="Geliehen von"
    )
    text = page_texts(book_bands([JUST_IN], words=words))[0]
    assert "Rückgabe bis" in text
    assert "Abholen bei" in text


def test_band_has_no_place_for_a_patrons_name():
    assert not [name for name in BookBand.__dataclass_fields__ if "patron" in name or "borrower" in name]


def test_same_band_gives_the_same_file():
    assert book_bands([ON_SHELF]) == book_bands([ON_SHELF])


def test_nothing_to_print_is_a_sentence():
    with pytest.raises(ValueError, match="no book bands to print"):
        book_bands([])
