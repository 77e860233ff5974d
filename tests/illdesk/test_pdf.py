import unicodedata
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from illdesk import pdf
from illdesk.pdf_text import clean, fit_size, runs, text_width, wrap
from tests.illdesk.paper import ink_box, page_texts, scanned

pytestmark = pytest.mark.nodb


def one_page(draw) -> bytes:
    canvas = pdf.new_document((400, 200), title="Test", language="en")
    draw(canvas)
    canvas.showPage()
    return pdf.finish(canvas)


def logical(visual: str) -> str:
    """Back from joined letters in visual order to the letters themselves in reading order."""
    return unicodedata.normalize("NFKC", visual[::-1])


@pytest.mark.parametrize(
    "text",
    [
        "Green, H. · 1987",
        "Мартовские хроники: очерки",
        "Ἀθηναίων πολιτεία",
        "Lịch sử Việt Nam thế kỷ",
        "中国科学技术史",
        "中國科學技術史",
        "日本語の本、カタログ",
        "한국어 도서 목록",
    ],
)
@pytest.mark.parametrize("bold", [False, True])
def test_scripts_can_be_read_back(text, bold):
    data = one_page(lambda canvas: pdf.draw_text(canvas, 10, 100, text, 12, bold=bold))
    assert page_texts(data)[0].strip() == text


def test_decomposed_accents_are_composed():
    assert clean("Việt") == "Việt"


def test_arabic_letters_join_and_run_from_right_to_left():
    visual = pdf.shaped("مجلة العلوم")
    assert visual != "مجلة العلوم"
    assert logical(visual) == "مجلة العلوم"


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("دراسات، المجلد 84(9)، ص 345–361", ["84(9)", "345–361"]),
        ("دراسات ص 345-361", ["345-361"]),
        ("دراسات ص 345 – 361", ["345 – 361"]),
        ("תולדות המדע, עמ׳ 41–58 (2021)", ["41–58", "(2021)"]),
        ("مراجعة Nature (London) 12, pp. 345–61", ["Nature (London) 12, pp. 345–61"]),
    ],
)
def test_page_ranges_in_a_right_to_left_title_are_not_reversed(title, kept):
    visual = pdf.shaped(title)
    for piece in kept:
        assert piece in visual


def test_brackets_around_arabic_face_inwards():
    visual = pdf.shaped("(مجلة)")
    assert (visual[0], visual[-1]) == ("(", ")")
    assert pdf.shaped("Review (مجلة) 2021").startswith("Review (")
    assert pdf.shaped("Review (مجلة) 2021").endswith(") 2021")


def test_a_latin_line_of_an_arabic_title_keeps_the_paragraphs_direction():
    assert pdf.shaped("Science!", "R") == "!Science"


def test_hebrew_points_are_left_out():
    assert pdf.shaped("שָׁלוֹם") == "םולש"


def test_japanese_text_takes_its_chinese_characters_from_the_japanese_font():
    assert {run.font for run in runs("図書の目録")} == {"HeiseiMin-W3"}
    assert {run.font for run in runs("图书目录")} == {"STSong-Light"}


def test_what_no_font_can_show_is_a_square():
    assert "".join(run.text for run in runs(pdf.shaped("a\U00013000b"))) == "a□b"


def test_control_characters_and_turned_around_text_disappear():
    assert clean("a\x00\x07b\u202ec\ud800d\n\te") == "abcd e"


def test_long_text_wraps_and_ends_in_an_ellipsis():
    lines = wrap("Handbook of peat hydrology and of the drainage of bogs " * 50, 10, 150, lines=2)
    assert len(lines) == 2
    assert lines[0].startswith("Handbook of peat")
    assert lines[1].endswith("…")
    assert all(text_width(line, 10) <= 150 for line in lines)


def test_short_text_is_not_touched():
    assert wrap("Oak galls", 10, 150, lines=2) == ["Oak galls"]
    assert wrap("", 10, 150) == []


def test_a_page_number_stays_with_its_p():
    text = "see the map on p. 215 and the legend"
    room = text_width("see the map on p.", 10) + 2
    assert wrap(text, 10, room, lines=3)[1].startswith("p. 215")


def test_chinese_breaks_between_characters_but_not_before_a_comma():
    lines = wrap("中国科学技术史，第一卷", 10, 72, lines=3)
    assert len(lines) == 2
    assert not lines[1].startswith("，")
    assert "".join(lines) == "中国科学技术史，第一卷"


def test_a_column_narrower_than_a_letter_still_ends():
    assert len(wrap("WWW WWW", 20, 1, lines=5)) == 5


@pytest.mark.parametrize(
    "text",
    ["A" * 100_000, "a\u0301\u0302\u0303" * 25_000, "م " * 50_000, "\x00" * 100_000, "漢" * 100_000],
    ids=["no space", "accents", "arabic", "control", "chinese"],
)
def test_a_hundred_thousand_characters_are_drawn_in_little_room(text):
    data = one_page(lambda canvas: pdf.draw_text(canvas, 10, 100, text, 12, max_width=200, lines=2))
    assert len(page_texts(data)) == 1


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(), max_size=60), st.booleans())
def test_any_text_can_be_drawn(text, bold):
    one_page(lambda canvas: pdf.draw_text(canvas, 10, 100, text, 12, bold=bold, max_width=80, lines=2))
    assert all(text_width(line, 12, bold=bold) <= 80.1 for line in wrap(text, 12, 80, lines=2, bold=bold))


def test_draw_text_returns_the_next_baseline():
    answers = []
    one_page(
        lambda canvas: answers.append(
            pdf.draw_text(canvas, 10, 100, "a b", 10, max_width=8, lines=2, leading=12)
        )
    )
    one_page(lambda canvas: answers.append(pdf.draw_text(canvas, 10, 100, " ", 10, max_width=8, lines=2)))
    assert answers == [76, 100]


def test_fitted_size_fills_the_room_and_stops_at_the_smallest():
    assert fit_size("K7", 44, 150, smallest=14) == 44
    size = fit_size("K7-27-ABCDE", 44, 150, smallest=14)
    assert 14 < size < 44
    assert fit_size("K" * 200, 44, 150, smallest=14) == 14


def test_document_says_its_title_and_language_and_is_always_the_same():
    def draw(canvas):
        pdf.draw_text(canvas, 10, 100, "中国 مجلة Science", 12)

    data = one_page(draw)
    assert data == one_page(draw)
    reader = PdfReader(BytesIO(data))
    assert reader.metadata.title == "Test"
    assert reader.trailer["/Root"]["/Lang"] == "en"


def test_odd_language_tag_is_undetermined():
    canvas = pdf.new_document((100, 100), title="\ud800T\x00", language="(x) /y")
    canvas.showPage()
    reader = PdfReader(BytesIO(pdf.finish(canvas)))
    assert reader.trailer["/Root"]["/Lang"] == "und"
    assert reader.metadata.title == "T"


@pytest.mark.parametrize("value", ["L-2026-00901", "B-1", "39031004172281", "Z" * 20])
def test_bar_code_is_read_at_the_resolution_of_a_label_printer(value):
    data = one_page(lambda canvas: pdf.draw_bar_code(canvas, 40, 50, value, width=300, height=40))
    assert scanned(data) == [value]


@pytest.mark.parametrize("value", ["", "图书", "x" * 70, "x" * 100_000])
def test_a_value_without_a_bar_code_draws_none(value):
    widths = []
    one_page(lambda canvas: widths.append(pdf.draw_bar_code(canvas, 40, 50, value, width=150, height=40)))
    assert widths == [0]


def test_unknown_paper_size_is_a_sentence():
    assert pdf.page_size_of("Letter") == (612, 792)
    assert round(pdf.page_size_of("a4")[1]) == 842
    with pytest.raises(ValueError, match="Choose letter or A4"):
        pdf.page_size_of("foolscap")


def test_a_bar_code_ends_at_the_edge_it_is_given():
    data = one_page(lambda canvas: pdf.draw_bar_code_to(canvas, 300, 50, "PB-2026-00002", width=150, height=34))
    assert abs(ink_box(data)[2] - 300) < 1.5 and scanned(data) == ["PB-2026-00002"]


def test_an_amount_stays_with_its_currency():
    words = "By check to the library, by bank transfer, or by IFLA voucher (a whole one is EUR 8.00)."
    for width in range(60, 420, 3):
        assert not any(line.endswith("EUR") for line in wrap(words, 9, width, lines=40)), width
