"""Any file of rows is opened in one place: what is refused says the same sentence wherever it was sent to."""

import io
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from billing.ifm import imports, reader
from billing.payables.readers import table
from billing.tables import files, unfolded, words
from billing.tables.refused import Refused

pytestmark = pytest.mark.nodb
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def workbook(fill=None) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        (fill or (lambda one: one.add_worksheet("A").write_row(0, 0, ["Request", "Amount"])))(book)
    return file.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for one in book.namelist():
            made.writestr(one, book.read(one))
        made.writestr(name, content)
    return out.getvalue()


def hidden() -> bytes:
    content, out = workbook(), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as book, zipfile.ZipFile(out, "w") as made:
        for one in book.namelist():
            made.writestr(one, book.read(one).replace(b'<sheet name="A"', b'<sheet state="hidden" name="A"'))
    return out.getvalue()


@pytest.mark.parametrize(("content", "code"), [
    (b"", "empty"), (with_part("xl/vbaProject.bin", b"Sub AutoOpen"), "macros"),
    (_OLE + "EncryptedPackage".encode("utf-16-le"), "password"), (workbook()[:900], "broken"),
    (with_part("xl/media/a.bin", b"\0" * (401 * 1024 * 1024)), "bomb"), (hidden(), "no_sheet"),
], ids=["empty", "macros", "password", "broken", "bomb", "hidden"])
def test_an_invoice_and_a_report_refuse_the_same_file_with_the_same_sentence(content, code):
    said = []
    for reading in (lambda: table.look(io.BytesIO(content)), lambda: reader.read(content)):
        with pytest.raises(Refused) as refusal:
            reading()
        assert refusal.value.code == code
        said.append(words.sentence(refusal.value))
    assert said[0] == said[1]


def test_an_old_workbook_is_taken_of_a_network_only_and_never_with_macros():
    with pytest.raises(Refused) as refusal:
        table.look(io.BytesIO(_OLE))
    assert refusal.value.code == "old_excel"
    with pytest.raises(Refused) as refusal:
        reader.read(_OLE + "_VBA_PROJECT".encode("utf-16-le"))
    assert refusal.value.code == "macros"


def test_what_is_no_text_is_no_report():
    with pytest.raises(Refused) as refusal:
        reader.read(b"%PDF-1.7\n\x00\x01\x02\x03" * 50)
    assert refusal.value.code == "no_table"
    assert imports.table_words.sentence(refusal.value).startswith("This file cannot be read as a table")


def test_a_row_longer_than_any_row_is_told_and_the_others_count():
    data = b"ILL Number,Date,Amount\n1,2026-03-01,5\n" + b"x" * 300_000 + b"\n2,2026-03-02,5\n"
    read = reader.read(data)
    reading = reader.lines(read, reader.guess(read.head), side="cost", currency="USD")
    assert [one.written for one in reading.lines] == ["1", "2"] and reading.problems == [(3, "too_long", "")]


def test_an_amount_that_names_another_currency_is_in_that_currency():
    read = reader.read("ILL Number,Date,Amount\n1,2026-03-01,€ 5\n2,2026-03-02,5\n".encode())
    reading = reader.lines(read, reader.guess(read.head), side="cost", currency="USD")
    assert [one.currency for one in reading.lines] == ["EUR", "USD"]


def test_a_sheet_that_was_unfolded_reads_as_before_from_any_row_on():
    def fill(book):
        sheet = book.add_worksheet("A")
        sheet.write_row(0, 0, ["Title", "Amount", "Date"])
        sheet.write_row(2, 0, ["Señales\n“de” café\t", 12.5])
        sheet.write_datetime(2, 2, date(2026, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write(7, 0, True)

    book = io.BytesIO(workbook(fill))
    kept = io.BytesIO()
    rows = list(files.rows(book, "A"))
    assert list(unfolded.write(iter(rows), kept)) == rows == list(files.rows(kept))
    assert [number for number, _cells in rows] == [1, 3, 8]
    assert list(files.rows(kept, since=2)) == rows[1:] == list(files.rows(book, "A", since=2))
    assert list(files.rows(kept, since=99)) == []


CELLS = st.one_of(st.text(max_size=20), st.integers(-10**9, 10**9), st.floats(allow_nan=False), st.dates(),
                  st.datetimes(timezones=st.none()).map(lambda at: at.replace(microsecond=0)))


@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=10), st.integers(0, 12))
def test_whatever_stands_in_cells_is_unfolded_and_read_back(cells, since):
    rows = list(enumerate(cells, start=1))
    kept = io.BytesIO()
    list(unfolded.write(rows, kept))
    back = list(unfolded.rows(kept, since=since))
    assert back == [row for row in rows if row[0] >= since]
    assert [[type(cell) for cell in one] for _n, one in back] == [
        [type(cell) for cell in one] for number, one in rows if number >= since]


def test_what_people_send_is_never_taken_for_a_file_of_ours():
    from billing.payables import kept

    file = io.BytesIO()
    list(unfolded.write([(1, ["a", datetime(2026, 3, 1, 10)])], file))
    assert kept.kind_of(file.getvalue()) is None
    with pytest.raises(Refused):
        reader.read(file.getvalue())
