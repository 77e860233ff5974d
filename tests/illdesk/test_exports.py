"""Spreadsheets: what a stranger wrote never runs, and the rows come while they are read."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from illdesk import exports

pytestmark = pytest.mark.nodb


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\n@x"])
def test_what_begins_like_a_formula_is_text(text):
    assert str(exports.cell(text)).startswith("'")


@pytest.mark.parametrize("value", ["a=b", "Über", "x-1", 3, -3, Decimal("-1.50"), date(2026, 1, 2), True, "晚清"])
def test_everything_else_stays_as_it_is(value):
    assert exports.cell(value) == value


def test_signs_that_no_cell_takes_are_left_out():
    assert exports.cell("a\x00b\x0bc") == "abc" and exports.cell(None) == ""
    assert len(exports.cell("x" * 99_999)) == 32_000


def test_csv_is_sent_while_it_is_read():
    taken = []

    def rows():
        for place in range(3):
            taken.append(place)
            yield [place, f'"Über", {place}', date(2026, 1, 2), datetime(2026, 1, 2, 9, 5)]

    lines = iter(exports.csv("list", ["A", "=B", "C", "D"], rows()).streaming_content)
    first = next(lines)
    assert first.startswith(b"\xef\xbb\xbf") and not taken
    next(lines)
    assert taken == [0]
    body = first + b"".join(lines)
    found = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert found[0] == ["A", "'=B", "C", "D"] and found[-1] == ["2", '"Über", 2', "2026-01-02", "2026-01-02 09:05"]


def test_xlsx_holds_numbers_dates_and_text_but_no_formula():
    answer = exports.xlsx("list", ["A", "B"], ([place, "=1+1"] for place in range(10_000)))
    book = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "'=1+1" in sheet and sheet.count("<row") == 10_001
    assert answer["Content-Disposition"] == 'attachment; filename="list.xlsx"'


def test_a_time_with_a_zone_is_refused_early():
    with pytest.raises(TypeError):
        exports.xlsx("list", ["A"], [[datetime(2026, 1, 2, tzinfo=UTC)]])
