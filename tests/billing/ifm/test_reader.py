"""Files as networks and people send them."""

import io
from datetime import date
from decimal import Decimal

import pytest
import xlsxwriter

from billing.ifm import reader
from billing.tables.refused import Refused
from tests.billing.ifm import cast as c

COLUMNS = c.COLUMNS


def lines(data: bytes, **given):
    table = reader.read(data)
    return reader.lines(table, reader.guess(table.head), **({"side": "", "currency": "USD"} | given))


def test_columns_are_found_by_the_words_that_people_use():
    assert reader.guess(reader.read(c.file(c.line("1"))).head) == COLUMNS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_of_any_encoding_and_delimiter(encoding, delimiter):
    rows = [["Symbol", "Library name", "ILL Request Number", "Date", "Amount", "Type"],
            ["HIL", "Bücherei Nord", "198765432", "3/14/2026", '"1,214.50"', c.DEBIT]]
    text = "Fee Management Report\r\n\r\n" + "\r\n".join(delimiter.join(row) for row in rows) + "\r\n"
    reading = lines(text.encode(encoding))
    assert not reading.problems
    one = reading.lines[0]
    assert (one.written, one.day, one.amount, one.kind) == ("198765432", date(2026, 3, 14), Decimal("1214.50"), "debit")
    assert one.name == "Bücherei Nord"


def test_a_workbook_of_which_another_sheet_is_hidden():
    drawn = io.BytesIO()
    with xlsxwriter.Workbook(drawn) as book:
        hidden, sheet = book.add_worksheet("notes"), book.add_worksheet("IFM")
        sheet.activate()
        hidden.hide()
        for row in range(30):
            hidden.write(row, 0, "x")
        sheet.merge_range(0, 0, 0, 4, "Fee Management, March 2026")
        for at, word in enumerate(["ILL Request Number", "Date", "Amount", "Type"]):
            sheet.write(2, at, word)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_number(3, 0, 198765432)
        sheet.write_datetime(3, 1, date(2026, 3, 14), day)
        sheet.write_formula(3, 2, "=10+5", None, 15)
        sheet.write(3, 3, c.DEBIT)
        sheet.write(4, 0, "Total")
        sheet.write_number(4, 2, 15)
    reading = lines(drawn.getvalue())
    assert [(one.written, one.day, one.amount) for one in reading.lines] == [
        ("198765432", date(2026, 3, 14), Decimal("15.00"))]
    assert [code for _row, code, _value in reading.problems] == ["total"]


@pytest.mark.parametrize(("text", "amount"), [
    ("15", "15.00"), ("1,234.56", "1234.56"), ("1.234,56", "1234.56"), ("(12.50)", "-12.50"), ("12.50-", "-12.50"),
    ("-12,50", "-12.50"), ("USD 12.50", "12.50"), ("\u221212.50", "-12.50"), ("$ (0.26)", "-0.26"), ("5.00CR", "-5.00"),
    (12.5, "12.50"), (0.26, "0.26"), (-3, "-3.00"),
])
def test_an_amount_however_it_is_written(text, amount):
    assert reader.signed(text).value == Decimal(amount)


@pytest.mark.parametrize("text", ["", "abc", None, "12.505", 0.255, True, "1e9", "99999999999", "NaN", float("nan")])
def test_what_is_no_amount_is_said_and_not_guessed(text):
    with pytest.raises(ValueError, match="amount"):
        reader.signed(text)


@pytest.mark.parametrize(("words", "kind"), [
    (c.DEBIT, "debit"), (c.CREDIT, "credit"), ("IFM Lib-to-Lib Borrowing Credit", "debit_back"),
    ("IFM Lib-to-Lib Lending Debit", "credit_back"), (c.REFUND, "debit_back"), ("ILL Fee", "fee"),
    ("IFM Administrative Fee", "fee"), ("Fee refund", "fee_back"), ("Lending refund", "credit_back"),
])
def test_what_a_line_is_says_its_type(words, kind):
    assert lines(c.file(c.line("1", kind=words))).lines[0].kind == kind


def test_of_a_lender_report_without_a_column_for_it_every_line_is_a_credit():
    data = b"ILL Number,Date,Amount\n1,2026-03-01,5\n2,2026-03-02,-5\n"
    assert [one.kind for one in lines(data, side="income").lines] == ["credit", "credit_back"]
    assert [code for _row, code, _value in lines(data).problems] == ["kind", "kind"]


def test_days_are_american_until_a_row_proves_otherwise():
    head = b"ILL Number,Date,Amount\n"
    assert lines(head + b"1,03/04/2026,5\n", side="cost").lines[0].day == date(2026, 3, 4)
    both = lines(head + b"1,03/04/2026,5\n2,25/04/2026,5\n", side="cost").lines
    assert [one.day for one in both] == [date(2026, 4, 3), date(2026, 4, 25)]


@pytest.mark.parametrize(("text", "day"), [
    ("2026-03-14", date(2026, 3, 14)), ("20260314", date(2026, 3, 14)), ("14-Mar-2026", date(2026, 3, 14)),
    ("March 14, 2026", date(2026, 3, 14)), ("2026-03-14T10:00:00", date(2026, 3, 14)),
    ("3/14/26", date(2026, 3, 14)), ("3/14/2026 10:00", date(2026, 3, 14)),
])
def test_a_day_however_it_is_written(text, day):
    assert reader.day_of(text) == day


@pytest.mark.parametrize(("data", "code"), [
    (b"", "empty"), (b"  \n", "empty"), (b"PK\x03\x04broken", "broken"), (b"1;2;3\n4;5;6\n", "no_head"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1broken", "broken"),
])
def test_what_is_no_report_is_refused(data, code):
    with pytest.raises(Refused) as refused:
        reader.read(data)
    assert refused.value.code == code


def test_a_row_that_cannot_be_read_is_told_and_the_others_count():
    reading = lines(c.file(c.line("1", amount="?"), c.line("2", day="soon"), c.line("", kind=c.DEBIT), c.line("4"),
                           c.line("5", amount="0.00"), c.line("6", kind="?")))
    assert [one.written for one in reading.lines] == ["4"]
    assert [code for _row, code, _value in reading.problems] == ["amount", "day", "number", "nothing", "kind"]
