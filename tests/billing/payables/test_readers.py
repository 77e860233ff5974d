"""Files as libraries send them: amounts, dates, heads, totals; what is refused, and that nothing is lost."""

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from billing.payables.readers import columns, table
from billing.payables.readers.table import Problem, Total, Written
from billing.tables import amounts, csv_file, dates, names
from billing.tables.refused import Refused

pytestmark = pytest.mark.nodb


@pytest.mark.parametrize(("text", "value", "currency"), [
    ("1.234,56", "1234.56", ""), ("1,234.56", "1234.56", ""), ("1 234,56", "1234.56", ""), ("1'234.56", "1234.56", ""),
    ("1’234.56", "1234.56", ""), ("1\u202f234,56", "1234.56", ""), ("(12.00)", "-12", ""), ("12.00-", "-12", ""),
    ("−12.00", "-12", ""), ("USD 12", "12", "USD"), ("12,50 €", "12.5", "EUR"), ("$1,234", "1234", ""),
    ("-USD 12.5", "-12.5", "USD"), ("12.–", "12", ""), ("12.00 CR", "-12", ""), ("€ 1.234.567,89", "1234567.89", "EUR"),
    ("(USD 3.10)", "-3.1", "USD"), (".50", "0.5", ""), (15, "15", ""), (0.1 + 0.2, "0.3", ""), ("1.234", "1234", ""),
])
def test_an_amount_is_read_however_it_is_written(text, value, currency):
    assert amounts.read(text) == (Decimal(value), currency)


@given(st.from_regex(r"[0-9]{1,8}([.,][0-9]{0,3})?", fullmatch=True), st.sampled_from(["", ".", ","]))
def test_the_short_way_comes_to_the_same_as_the_long_one(text, sign):
    def read(cell):
        try:
            return amounts.read(cell, decimal_sign=sign)
        except ValueError:
            return None

    assert read(text) == read(f"+{text}")  # a sign before it takes the long way


@pytest.mark.parametrize("text", [
    "", "12a", "--2", "0.125", "1,23,4", "12.345,6.7", "(1)-", "12.345.67", "USD", 12.345, float("nan"), "1e5", "٣,٥",
    "99999999", True, "EUR 3 USD", "1 23 456",
])
def test_what_is_no_amount_is_refused_and_never_rounded(text):
    with pytest.raises(ValueError):
        amounts.read(text)


def written(value: Decimal, form: str) -> str:
    """An amount in one of the house styles of the world."""
    whole, _dot, cents = f"{abs(value):.2f}".partition(".")
    groups = f"{int(whole):,}"
    thousands, sign, around, negative = form.split("~")
    text = groups.replace(",", thousands) + sign + cents
    text = {"()": f"({text})", "-x": f"-{text}", "x-": f"{text}-", "−x": f"−{text}"}[negative] if value < 0 else text
    return around.replace("#", text)


FORMS = [
    f"{thousands}~{sign}~{around}~{negative}"
    for thousands, sign in ((",", "."), (".", ","), (" ", ","), ("'", "."), ("", "."), ("", ","), ("\u00a0", ","))
    for around in ("#", "USD #", "# €", "$#") for negative in ("()", "-x", "x-", "−x")
]


@given(st.sampled_from(FORMS), st.lists(st.integers(-99_999_999, 99_999_999), min_size=1, max_size=20),
       st.sampled_from([";", "\t", "|", ","]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
def test_any_table_of_amounts_in_any_form_is_read_back(form, cents, delimiter, encoding):
    values = [Decimal(one) / 100 for one in cents if one]
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(["Universität Köln"])
    writer.writerow(["Request", "Title", "Amount"])
    for place, value in enumerate(values):
        writer.writerow([f"B-2026-{place:05d}", "Über die Grenzen", written(value, form)])
    content = io.BytesIO(file.getvalue().encode(encoding, "replace" if "−" in form else "strict"))
    if encoding == "cp1252" and "−" in form:
        return  # it has no such minus
    if not values:
        return
    layout = table.look(content).layout
    found = [one for one in table.read(content, layout) if isinstance(one, Written)]
    assert [one.amount for one in found] == values
    assert {one.title for one in found} == {"Über die Grenzen"}


def lines_of(text: str | bytes, **layout):
    file = io.BytesIO(text.encode() if isinstance(text, str) else text)
    looked = table.look(file, **layout)
    return looked, list(table.read(file, looked.layout))


def test_a_total_is_checked_against_the_lines_and_is_none_itself():
    looked, found = lines_of("Delta Bay University;;\nInvoice 88213;;\n\nReference;Title;Amount EUR\n"
                             "B-2026-00377;Peat;1.015,00\nB-2026-00381;Tides;18,00\n;Subtotal;1.033,00\n"
                             "?;Ordinances;94,00\nTotal;;1.127,00\nThank you for using us;;\n")
    assert [one.amount for one in found if isinstance(one, Written)] == [Decimal("1015"), Decimal(18), Decimal(94)]
    assert [one.amount for one in found if isinstance(one, Total)] == [Decimal(1033), Decimal(1127)]
    assert [(one.line, one.code) for one in found if isinstance(one, Problem)] == [(10, "words")]
    assert {one.currency for one in found if isinstance(one, Written)} == {"EUR"} and looked.layout.head_line == 4
    counted = table.count(io.BytesIO(b"Reference;Amount\nB-2026-00001;10,00\nTotal;12,00\n"),
                          table.look(io.BytesIO(b"Reference;Amount\nB-2026-00001;10,00\nTotal;12,00\n")).layout)
    assert counted.wrong_totals == [(3, Decimal(12), Decimal(10))]


def test_rows_that_cannot_be_read_stand_in_a_list_with_line_and_why():
    _looked, found = lines_of("request,date,amount\nB-2026-00001,2026-11-01,abc\nB-2026-00002,05/06/2026,10\n"
                              "B-2026-00003,soon,11\nB-2026-00004,,\nB-2026-00005,2026-11-01,0\n")
    assert [(one.line, one.code, one.left_out) for one in found if isinstance(one, Problem)] == [
        (2, "amount", True), (3, "ambiguous", False), (4, "date", False), (5, "words", True), (6, "nothing", True)]
    assert [one.line for one in found if isinstance(one, Written)] == [3, 4]


@pytest.mark.parametrize(("text", "order", "day"), [
    ("2026-11-12", "", date(2026, 11, 12)),
    ("13.11.2026", "", date(2026, 11, 13)), ("11/13/26", "", date(2026, 11, 13)),
    ("12.11.2026", "dmy", date(2026, 11, 12)), ("12/11/2026", "mdy", date(2026, 12, 11)),
    ("12 Nov 2026", "", date(2026, 11, 12)), ("November 12, 2026", "", date(2026, 11, 12)),
    ("12. Oktober 2026", "", date(2026, 10, 12)), ("3 de marzo de 2026", "", date(2026, 3, 3)),
    ("20261112", "", date(2026, 11, 12)), (46338, "", date(2026, 11, 12)), ("05.05.2026", "", date(2026, 5, 5)),
    ("", "", None),
])
def test_a_date_is_read_in_many_orders(text, order, day):
    assert dates.read(text, order=order) == day


def test_a_date_that_may_be_two_is_told_unless_the_column_tells():
    with pytest.raises(dates.Ambiguous):
        dates.read("12.11.2026")
    assert dates.order_of(["12.11.2026", "13.11.2026"]) == "dmy" and dates.order_of(["1/2/2026", "1/31/2026"]) == "mdy"
    assert dates.order_of(["13/1/2026", "1/13/2026"]) == "" == dates.order_of(["1/2/2026"])
    with pytest.raises(ValueError, match="month"):
        dates.read("31.31.2026")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters(encoding, delimiter):
    text = "\n".join(delimiter.join(row) for row in (
        ["Su referencia", "Título", "Importe"], ["B-2026-00001", "Señales de café", '"12,50"'],
        ["B-2026-00002", '"uno, dos; tres"', '"3,00"']))
    _looked, found = lines_of(text.encode(encoding))
    assert [(one.number, one.title, one.amount) for one in found] == [
        ("B-2026-00001", "Señales de café", Decimal("12.5")), ("B-2026-00002", "uno, dos; tres", Decimal(3))]


def workbook(fill, **options) -> io.BytesIO:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True} | options)
    fill(book)
    book.close()
    file.seek(0)
    return file


def a_real_one(book):
    notes = book.add_worksheet("Notes")
    notes.write(0, 0, "Please pay in 30 days")
    sheet = book.add_worksheet("Charges")
    sheet.merge_range("A1:E1", "Delta Bay University · Invoice 88213")
    sheet.merge_range("A3:A4", "Your reference")
    sheet.merge_range("B3:B4", "Title")
    sheet.merge_range("C3:D3", "Supplied")
    sheet.write_row("C4", ["Date", "Pages"])
    sheet.merge_range("E3:E4", "Amount (EUR)")
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    for place, amount in enumerate((15, 18.5, 94)):
        sheet.write(4 + place, 0, f"B-2026-0037{place}")
        sheet.write(4 + place, 1, "=Oak" if place else "Peat")
        sheet.write_datetime(4 + place, 2, date(2026, 11, 5 + place), day)
        sheet.write_formula(4 + place, 4, "=1+1", None, amount)
    sheet.write(8, 1, "Total due")
    sheet.write_formula(8, 4, "=SUM(E5:E7)", None, 127.5)
    hidden = book.add_worksheet("Old prices")
    hidden.write_row(0, 0, ["Request", "Amount"])
    hidden.write_row(1, 0, ["B-2026-00001", 999])
    hidden.hide()


def test_a_workbook_with_merged_heads_formulas_and_hidden_sheets():
    file = workbook(a_real_one)
    looked = table.look(file)
    assert (looked.layout.sheet, looked.layout.head_line) == ("Charges", 4)
    assert looked.sheets == ("Notes", "Charges") and looked.hidden == ("Old prices",)
    assert looked.layout.currency == "EUR" and looked.ignored == ("Pages",)
    found = list(table.read(file, looked.layout))
    assert [(one.line, one.number, one.amount, one.dated) for one in found if isinstance(one, Written)] == [
        (5, "B-2026-00370", Decimal(15), date(2026, 11, 5)), (6, "B-2026-00371", Decimal("18.5"), date(2026, 11, 6)),
        (7, "B-2026-00372", Decimal(94), date(2026, 11, 7))]
    assert table.count(file, looked.layout).totals == [(9, Decimal("127.5"), Decimal("127.5"))]


def refused(content: bytes) -> str:
    with pytest.raises(Refused) as refusal:
        table.look(io.BytesIO(content))
    return refusal.value.code


def with_part(name: str, content: bytes, *, replace: bool = False) -> bytes:
    file = workbook(a_real_one)
    out = io.BytesIO()
    with zipfile.ZipFile(file) as book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for one in book.namelist():
            if not (replace and one == name):
                made.writestr(one, book.read(one))
        made.writestr(name, content)
    return out.getvalue()


def test_macros_passwords_bombs_and_broken_files_are_refused():
    assert refused(with_part("xl/vbaProject.bin", b"Sub AutoOpen")) == "macros"
    types = b'<Types ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/>'
    assert refused(with_part("[Content_Types].xml", types, replace=True)) == "macros"
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    assert refused(old + "EncryptedPackage".encode("utf-16-le")) == "password" and refused(old) == "old_excel"
    assert refused(with_part("xl/media/a.bin", b"\0" * (401 * 1024 * 1024))) == "bomb"
    whole = workbook(a_real_one).getvalue()
    assert refused(whole[: len(whole) // 2]) == "broken" and refused(b"") == "empty"
    damaged = bytearray(whole)
    at = whole.index(b"xl/worksheets/sheet2.xml") + 40
    damaged[at:at + 200] = b"\xff" * 200
    assert refused(bytes(damaged)) == "broken"


def test_a_workbook_whose_sheets_are_all_hidden_is_refused():
    def fill(book):
        book.add_worksheet("A").write(0, 0, "x")

    content = workbook(fill).getvalue()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as book, zipfile.ZipFile(out, "w") as made:
        for one in book.namelist():
            data = book.read(one)
            made.writestr(one, data.replace(b'<sheet name="A"', b'<sheet state="hidden" name="A"'))
    assert refused(out.getvalue()) == "no_sheet"


def test_a_layout_that_was_chosen_before_is_known_again():
    text = "Ihre Nr.;Was;Summe EUR netto\nB-2026-00001;Kopie;12,00\n"
    looked, _found = lines_of_unknown(text)
    assert "amount" not in looked.layout.mapping
    chosen = {looked.layout.signature: {"mapping": {"number": 0, "title": 1, "amount": 2}, "order": ""}}
    looked, found = lines_of(text, known=chosen)
    assert [(one.number, one.amount) for one in found] == [("B-2026-00001", Decimal(12))]


def lines_of_unknown(text: str):
    file = io.BytesIO(text.encode())
    looked = table.look(file)
    with pytest.raises(Refused, match="no_amount"):
        list(table.read(file, looked.layout))
    return looked, None


def test_columns_are_known_by_many_names():
    assert columns.mapping(["Your ref.", "Our no.", "OCLC #", "Title", "Ship Date", "Charge in USD"]) == {
        "number": 0, "theirs": 1, "external": 2, "title": 3, "dated": 4, "amount": 5}
    assert columns.mapping(["Request", "Unit price", "Total"])["amount"] == 2
    assert names.is_total(["", "Grand total", "", 15.0], 3)
    assert not names.is_total(["B-2026-1", "Total eclipse", 3], 2)
    assert csv_file.delimiter_of(['a;b;"1,2"', "c;d;3,4"]) == ";"
