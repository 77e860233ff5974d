import random
import re
from dataclasses import replace

import pytest

from requests_app.printing.slips import PullSlip, SlipWords, in_shelf_order, pull_slips
from tests.illdesk.paper import ink_box, lines_as_seen, page_sizes, page_texts, picture, scanned

pytestmark = pytest.mark.nodb

GALLS = PullSlip(
    number="L-2026-00901",
    call_number="QK495 .O4 G35 1987",
    location="Science, floor 2",
    title="Field notes on the oak galls of the southern Appalachians",
    author="Green, H.",
    year="1987",
    wanted="Copy pp. 41–58 (18 pages)",
    for_library="DBU",
    answer_by="Tue 24 Nov, 17:00",
    item_barcode="3 9031 00417 228",
    return_to="ILL, desk 1",
    note="Colour, please",
)
ARABIC = "دراسات في تاريخ العلوم الطبيعية عند العرب في الأندلس، المجلد 84(9)، ص 345–361"


def test_a_slip_says_all_that_the_student_needs():
    text = page_texts(pull_slips([GALLS]))[0]
    for words in (
        "Science, floor 2",
        "1 of 1",
        "QK495",
        ".O4 G35 1987",
        "oak galls",
        "Green, H. · 1987",
        "Copy pp. 41–58 (18 pages)",
        "DBU · answer by Tue 24 Nov, 17:00",
        "L-2026-00901",
        "Item 3 9031 00417 228",
        "Returns to ILL, desk 1",
        "Colour, please",
        "Not on shelf",
        "Initials",
        "sorting shelf",
    ):
        assert words in text


def test_bar_codes_of_a_page_are_read():
    slips = [replace(GALLS, number=f"L-2026-0090{n}") for n in range(3)]
    for size in ("letter", "A4"):
        assert scanned(pull_slips(slips, page_size=size)) == ["L-2026-00900", "L-2026-00901", "L-2026-00902"]


def test_paper_size_is_the_librarys():
    assert page_sizes(pull_slips([GALLS])) == [(612, 792)]
    width, height = page_sizes(pull_slips([GALLS], page_size="A4"))[0]
    assert (round(width), round(height)) == (595, 842)
    with pytest.raises(ValueError, match="Choose letter or A4"):
        pull_slips([GALLS], page_size="A5")


def test_two_hundred_slips_come_in_shelf_order():
    slips = [
        replace(
            GALLS, number=f"L-{n}", call_number=f"QK{n + 1} .A5", location=f"Science, floor {1 + n // 50}"
        )
        for n in range(200)
    ]
    random.Random(3).shuffle(slips)
    texts = page_texts(pull_slips(slips))
    assert len(texts) == 67
    assert re.findall(r"QK(\d+)", " ".join(texts)) == [str(n + 1) for n in range(200)]
    assert re.findall(r"(\d+) of 200", " ".join(texts)) == [str(n + 1) for n in range(200)]


def test_slips_without_a_place_come_last_and_say_so():
    lost = PullSlip(number="L-1")
    assert in_shelf_order([lost, GALLS]) == [GALLS, lost]
    text = page_texts(pull_slips([lost]))[0]
    assert "Location not known" in text
    assert "No call number" in text
    assert "Item" not in text
    assert "answer by" not in text


def test_same_slips_give_the_same_file_in_whatever_order_they_come():
    other = replace(GALLS, number="L-2", title=ARABIC)
    assert pull_slips([GALLS, other]) == pull_slips([other, GALLS])


@pytest.mark.parametrize(
    "title",
    [
        "Мартовские хроники: очерки уездной жизни",
        "Ιστορία των επιστημών",
        "中国科学技术史",
        "日本の図書館史、カタログ",
        "한국 도서관의 역사",
        "Lịch sử thư viện Việt Nam",
    ],
)
def test_titles_are_in_their_own_script(title):
    assert title in page_texts(pull_slips([replace(GALLS, title=title)]))[0]


@pytest.mark.parametrize("title", [ARABIC, "תולדות המדע בימי הביניים, עמ׳ 345–361"])
def test_right_to_left_title_keeps_its_page_range(title):
    lines = lines_as_seen(pull_slips([replace(GALLS, title=title, wanted="")]))
    assert any("345–361" in line for line in lines)
    assert not any("361–345" in line for line in lines)


def test_long_texts_stay_in_their_places():
    long = "immense volume " * 6667
    crowded = PullSlip(**dict.fromkeys(PullSlip.__dataclass_fields__, long))
    data = pull_slips([crowded] * 3)
    assert len(page_texts(data)) == 1
    left, top, right, bottom = ink_box(data)
    assert left >= 22
    assert right <= 612 - 22
    # Nothing crosses the margins or the gutter between text and bar code, and the lines to cut are clear.
    page = picture(data, dots_per_inch=72).point(lambda v: 255 * (v < 200))
    assert page.crop((0, 45, 42, 250)).getbbox() is None
    assert page.crop((571, 45, 612, 250)).getbbox() is None
    assert page.crop((382, 45, 405, 200)).getbbox() is None
    assert page.crop((0, 248, 612, 262)).getbbox() is None


def test_one_title_of_a_hundred_thousand_letters_without_a_space():
    text = page_texts(pull_slips([replace(GALLS, title="W" * 100_000)]))[0]
    assert "W…" in text
    assert "Green, H." in text


def test_words_can_be_translated():
    words = SlipWords(
        language="de",
        title="Suchzettel",
        position="{at} von {total}",
        answer_by="Antwort bis {when}",
        results=("Gefunden", "Nicht am Standort", "In schlechtem Zustand", "Hilfe benötigt"),
        places=("benachbarte Regale", "Sortierregal", "Neuerwerbungen", "Semesterapparate"),
        initials="Namenskürzel",
    )
    text = page_texts(pull_slips([GALLS], words=words))[0]
    for word in ("1 von 1", "Antwort bis Tue", "In schlechtem Zustand", "Semesterapparate", "Namenskürzel"):
        assert word in text


def test_very_long_words_and_stray_braces_do_no_harm():
    words = SlipWords(
        position="{at",
        answer_by="{",
        results=("Found" * 40,) * 4,
        places=(),
        initials="I" * 200,
        searched="S" * 99,
    )
    left, _, right, _ = ink_box(pull_slips([GALLS], words=words))
    assert left >= 22
    assert right <= 612 - 22


def test_nothing_to_print_is_a_sentence():
    with pytest.raises(ValueError, match="no pull slips to print"):
        pull_slips([])
