import itertools
import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.printing.call_numbers import LIBRARY_OF_CONGRESS, natural_key, shelf_key, shelf_lines

pytestmark = pytest.mark.nodb

SAMPLES = Path(os.environ.get("ILLDESK_SAMPLES") or Path(__file__).resolve().parents[4] / "shared" / "data")

LIKE_A_CALL_NUMBER = st.from_regex(r"[A-Z]{1,3} ?\d+\.?\d*( ?\.?[A-Zv]\.?\d*)*")

SHELF = """A1
A1 1888 .B2 1990
A1 1990
A1 .B2
A1 .B2 1990
A1 .B2 1990 v.2
A1 .B2 1990 v.10
A1 .B2 1990 v.10 c.2
A1 .B2 1990b
A1 .B2 1991
A1 .B2 C3
A1 .B2x
A1 .B23
A1 .B3
A1.5
A1.52
A1.6
A10
AB1
BF173 .F889 F92
D570.3 28th .P96
D570.3 .P96
QA76.9 .D3 D43
QA76.9 .D35 B4
QK495 .O4 G35 1987
QK495 .P2 M8 2004
Z1
002 X
306/.0973 K5
306.1
813.54 H37 1990
813.54 H37g 1990
813.54 H4
813.6
Box 9
Box 10
Microfilm 3
映画 12""".splitlines()


def test_books_stand_in_shelf_order():
    mixed = SHELF[:]
    random.Random(7).shuffle(mixed)
    assert sorted(mixed, key=shelf_key) == SHELF


def test_no_call_number_comes_last():
    assert sorted(["", "Box 10", "  ", "QK1"], key=shelf_key)[:2] == ["QK1", "Box 10"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("QK495.O4 G35", "qk 495 .O4G35"),
        ("A0610.5 C75", "A610.5 .C75"),
        ("QA76 .B2", "QA76 .B20"),
        ("813/.54 H37", "813.54 H37"),
        ("D761.1 .1st L36", "D761.1 1st .L36"),
    ],
)
def test_spelling_does_not_move_a_book(one, other):
    assert shelf_key(one)[:2] == shelf_key(other)[:2]


def test_a_volume_is_no_cutter():
    assert shelf_key("A1 .B2 v.10") > shelf_key("A1 .B2 v.9")
    assert shelf_key("A1 .B2 V10") < shelf_key("A1 .B2 V9")


def test_call_number_is_shown_as_on_the_spine():
    assert shelf_lines("QK495 .O4 G35 1987") == ["QK495", ".O4 G35 1987"]
    assert shelf_lines("QA76.9.D3 D43") == ["QA76.9", ".D3 D43"]
    assert shelf_lines("813.54 H37g") == ["813.54", "H37g"]
    assert shelf_lines("Map case 3") == ["Map case 3"]
    assert shelf_lines(" ") == []


def test_floors_are_counted():
    assert natural_key("Science, floor 2") < natural_key("science,  Floor 10")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(max_size=30) | LIKE_A_CALL_NUMBER, max_size=6))
def test_any_strings_have_one_order(texts):
    keys = [shelf_key(text) for text in texts]
    for text in texts:
        shelf_lines(text)
        natural_key(text)
    for (one, first), (other, second) in itertools.combinations(zip(texts, keys, strict=True), 2):
        assert (first == second) == (one == other)
        assert (first < second) + (second < first) + (one == other) == 1


@pytest.mark.parametrize(
    "text",
    [
        "9" * 100_000,
        "A1 ." + "B2" * 50_000,
        "\u0301" * 100_000,
        "\ud800",
        "ﬁ 3",
        "A" * 100_000,
        "DK1 ." + "1" * 9999,
    ],
    ids=lambda text: text[:6].encode("unicode-escape").decode(),
)
def test_no_string_is_too_odd(text):
    assert shelf_key(text) == shelf_key(text)
    shelf_lines(text)


@pytest.fixture
def samples() -> Path:
    folder = SAMPLES / "callnumbers"
    if not folder.is_dir():
        pytest.skip("the sample call numbers are not here")
    return folder


def test_sample_call_numbers_are_taken_apart_as_listed(samples):
    lines = (samples / "lc_callnumber_basics.txt").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    assert rows
    for text, letters, number, *_ in rows:
        group, (found_letters, (_, whole), decimal, *_), _ = shelf_key(text)
        assert group == LIBRARY_OF_CONGRESS
        assert found_letters == letters.strip()
        assert f"{whole}.{decimal}".rstrip(".") == number


def test_samples_stand_in_the_order_of_their_normal_forms(samples):
    lines = (samples / "library_callnumber_lc_normalize_pairs.tsv").read_text("utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if line.strip()]
    assert pairs
    for (one, first), (other, second) in itertools.combinations(pairs, 2):
        a, b = shelf_key(one)[:2], shelf_key(other)[:2]
        assert (a < b, a == b) == (first < second, first == second), (one, other)
