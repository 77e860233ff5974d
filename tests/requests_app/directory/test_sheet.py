"""The directory as a file: every dialect that spreadsheets write, and back without loss."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.directory import sheet

pytestmark = pytest.mark.nodb

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30).map(sheet.tidy)
LISTS = {
    name: st.lists(st.tuples(*(TEXTS for _part in parts)).filter(any), max_size=4)
    for name, parts in sheet.SEVERAL.items()
}


def written(*entries) -> str:
    return "".join(sheet.write(entries))


@given(st.lists(TEXTS, min_size=1, max_size=6), LISTS["contact"], LISTS["suspension"])
def test_what_is_written_is_read_again_to_the_last_character(texts, contacts, suspensions):
    entry = {column: texts[place % len(texts)] for place, column in enumerate(sheet.SINGLE)}
    entry |= {"symbol": "ABC", "contact": contacts, "suspension": suspensions, "group": []}
    found = sheet.read(written(entry).encode("utf-8-sig"))
    assert found.ignored == []
    ((_line, read),) = found.rows
    assert {**read, "agency": []} == {**entry, "agency": []}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_dialect_is_read(encoding, delimiter):
    text = delimiter.join(["symbol", "name", "note"]) + "\r\n" + delimiter.join(["ABC", "Bücherei", '"a, b; c"']) + "\n"
    found = sheet.read(text.encode(encoding))
    assert found.delimiter == delimiter
    assert found.rows == [(2, {"symbol": "ABC", "name": "Bücherei", "note": "a, b; c"})]


def test_excels_first_line_names_the_delimiter():
    assert sheet.read(b"sep=;\r\nsymbol;name\r\nABC;Alpha\r\n").rows[0][1] == {"symbol": "ABC", "name": "Alpha"}


def test_line_numbers_are_those_of_the_file_also_after_a_note_of_several_lines():
    found = sheet.read(b'symbol,note\nABC,"one\ntwo\nthree"\n\nDEF,x\n')
    assert [line for line, _entry in found.rows] == [2, 6]


def test_a_formula_is_written_so_that_no_spreadsheet_runs_it():
    text = written({"symbol": "ABC", "name": "=HYPERLINK(1)", "phone": "+1 555", "note": "'quoted"})
    assert "'=HYPERLINK(1)" in text and "'+1 555" in text and "''quoted" in text
    ((_line, entry),) = sheet.read(text.encode()).rows
    assert (entry["name"], entry["phone"], entry["note"]) == ("=HYPERLINK(1)", "+1 555", "'quoted")


def test_a_column_that_is_missing_is_not_an_empty_one():
    assert "note" not in sheet.read(b"symbol,name\nABC,Alpha\n").rows[0][1]
    assert sheet.read(b"symbol,note\nABC,\n").rows[0][1] == {"symbol": "ABC", "note": ""}


def test_unknown_columns_are_named_and_left_out():
    found = sheet.read(b"symbol,secret_sent,contact_1_shoe,contact_100_name\nABC,x,y,z\n")
    assert found.ignored == ["secret_sent", "contact_1_shoe", "contact_100_name"]
    assert found.rows == [(2, {"symbol": "ABC"})]


@pytest.mark.parametrize(
    "data, code",
    [(b"", "empty"), (b"  \n\n", "empty"), (b"name,town\na,b\n", "no_symbol"), (b"symbol,name,NAME\n", "twice"),
     (b"symbol\n" + b"A\n" * (sheet.MOST_ROWS + 1), "too_many"), (b"\xff\xfe\x00", "encoding"),
     (b'symbol,note\nA,"' + b"x" * 140_000, "broken")],
)
def test_what_is_no_such_file_is_refused_with_the_reason(data, code):
    with pytest.raises(sheet.NotReadable) as refused:
        sheet.read(data)
    assert refused.value.code == code


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(sheet.NotReadable):
        sheet.read(data)
