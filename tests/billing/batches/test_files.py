"""PDF, workbook, list and ledger say the same amounts, to the cent."""

import csv
import io
import zipfile
from decimal import Decimal
from xml.etree import ElementTree

import pypdfium2
import pytest

from billing.batches import actions, files, paper, queries
from billing.batches.models import Batch, BatchLine
from billing.models import Entry
from illdesk.models import Attachment
from tests import factories as f
from tests.billing.batches import bills

_NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def pdf_text(content: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content))


def sheet(content: bytes, place: int) -> list[list[str]]:
    """Cells of a sheet as they stand in the file."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        shared = ["".join(item.itertext()) for item in ElementTree.fromstring(
            book.read("xl/sharedStrings.xml"))] if "xl/sharedStrings.xml" in book.namelist() else []
        tree = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{place}.xml"))
    found = []
    for row in tree.iterfind(".//m:row", _NS):
        cells = {}
        for cell in row:
            value = cell.find("m:v", _NS)
            text = value.text if value is not None else "".join(cell.itertext())
            column = 0
            for letter in "".join(sign for sign in cell.get("r") if sign.isalpha()):
                column = column * 26 + ord(letter) - 64
            cells[column - 1] = shared[int(text)] if cell.get("t") == "s" else text
        found.append([cells.get(place, "") for place in range(max(cells, default=-1) + 1)])
    return found


def amounts(batch: Batch) -> dict[str, Decimal]:
    """The batch's total as each file and the page say it."""
    batch = queries.batches().get(pk=batch.pk)
    found = queries.contents([batch])
    text = pdf_text(files.pdf(found, now=f.NOW))
    said = next(line for line in text.splitlines() if line.startswith("Total"))
    with files.workbook(found) as book:
        content = book.read()
    funds, lines = sheet(content, 1), sheet(content, 2)
    listed = list(csv.reader(io.StringIO(files.csv_bytes(found).decode("utf-8-sig"))))[1:]
    return {
        "page": found[0].total, "list": queries.held([batch])[batch.pk].total,
        "pdf": Decimal(said.split()[-1].replace(",", "")),
        "sheet of funds": sum((cents(row[4]) for row in funds[1:-1]), Decimal(0)), "its total": cents(funds[-1][4]),
        "sheet of lines": sum((cents(row[files.AMOUNT]) for row in lines[1:]), Decimal(0)),
        "csv": sum((Decimal(row[files.AMOUNT]) for row in listed), Decimal(0)),
        "lines": sum(batch.lines.filter(state__in=BatchLine.LIVE).values_list("amount", flat=True), Decimal(0)),
    }


def cents(text: str) -> Decimal:
    return Decimal(repr(float(text))).quantize(Decimal("0.01"))


def costs_of(batch: Batch) -> Decimal:
    """What the books took in as cost for the parts of the batch that live."""
    parts = batch.lines.filter(state__in=BatchLine.LIVE).values_list("part", flat=True)
    entries = Entry.objects.filter(booked__in=[int(part) for part in parts])
    return sum((one.amount if one.debit.family == "borrowing" else -one.amount for one in entries), Decimal(0))


def forward(*pks, key="k"):
    return actions.forward([("bill", pk) for pk in pks], key=key, actor=f.staff("coordinator"), now=f.NOW)[0]


@pytest.mark.django_db
def test_all_files_and_the_ledger_say_the_same_amount_also_after_a_line_went_back_and_it_was_paid():
    f.institution()
    bills.bill(1, ("ILL-B", "1234.56"), ("ILL-S", "0.01"), ("ILL-B", "0.10"), ("ILL-B", "0.20"))
    bills.bill(2, ("ILL-X", "99.99"))
    batch = forward(1, 2)
    assert set(amounts(batch).values()) == {Decimal("1334.86")} == {costs_of(batch)}
    wrong = batch.lines.get(fund="ILL-X")
    batch = actions.send_back(batch, [wrong.pk], "Wrong fund", version=0, actor=f.staff("budget"), now=f.NOW)
    assert set(amounts(batch).values()) == {Decimal("1234.87")} == {costs_of(batch)}
    batch = actions.pay(batch, day=f.NOW.date(), reference="55120", version=1, actor=f.staff("budget"), now=f.NOW)
    paid = Entry.objects.filter(credit__family="bank").values_list("amount", flat=True)
    assert set(amounts(batch).values()) == {Decimal("1234.87")} == {sum(paid)}


@pytest.mark.django_db
def test_the_cover_sheet_says_what_it_is_for_whom_and_by_which_fund():
    f.institution()
    bills.bill(7, ("ILL-B", "12.00"), ("ILL-S", "8.50"))
    batch = forward(7)
    text = pdf_text(files.pdf(queries.contents([queries.batches().get()]), now=f.NOW))
    for words in ("Riverside University Library", "Payment batch", batch.number, "College HIL", "USD 20.50", "2025–26",
                  "March 2026", "ILL-B", "12.00", "INV-7", "P-7", "M. Chen", "page 1 of 1",
                  "Library Planning & Budget"):
        assert words in text, words


@pytest.mark.nodb
def test_a_column_in_which_nothing_stands_is_not_printed():
    table = files._filled(paper.Table("x", ["a", "b", "c"], [["1", "", "2"], ["", "", "3"]], (1, 2, 3), (1, 2)))
    assert (table.head, table.rows, table.widths, table.right) == (["a", "c"], [["1", "2"], ["", "3"]], [1, 3], [1])


@pytest.mark.django_db
def test_a_long_batch_goes_over_several_pages_and_loses_no_line():
    f.institution()
    bills.bill(1, *[("ILL-B", f"{place}.01") for place in range(1, 90)])
    batch = forward(1)
    text = pdf_text(files.pdf(queries.contents([queries.batches().get()]), now=f.NOW))
    assert "page 1 of 4" in text and "page 4 of 4" in text and all(f"{place}.01" in text for place in range(1, 90))
    assert set(amounts(batch).values()) == {Decimal("4005.89")}


@pytest.mark.django_db
def test_many_go_into_one_file_of_each_form_and_into_one_archive():
    bills.bill(1, ("ILL-B", "12.00"))
    bills.bill(2, ("ILL-B", "5.00"))
    forward(1, key="a"), forward(2, key="b")
    found = queries.contents(list(queries.batches()))
    with files.zipped(found, now=f.NOW) as file, zipfile.ZipFile(file) as archive:
        names = archive.namelist()
    assert len(names) == 6 and {name.rpartition(".")[2] for name in names} == {"pdf", "xlsx", "csv"}
    text = pdf_text(files.pdf(found, now=f.NOW))
    assert "PB-2026-00001 · page 1 of 1" in text and "PB-2026-00002 · page 1 of 1" in text


@pytest.mark.django_db
def test_invoices_as_they_came_bear_their_own_names_and_one_that_was_split_stands_there_once():
    bills.bill(1, ("ILL-B", "12.00"))
    batch = forward(1)
    keys = [Attachment.objects.create(
        subject_kind="bill", subject_id=1, name=name, content_type="application/pdf", size=3, sha256=digest,
        file=f.default_storage.save("came", f.ContentFile(b"%PDF")), added=f.NOW).pk
        for name, digest in (("invoice.pdf", "a"), ("invoice.pdf", "a"), ("Invoice.pdf", "b"), ("note", "c"),
                             ("note", "d"))]
    batch.invoices.update(files=keys)
    found = queries.contents(list(queries.batches()))
    with files.zipped(found, now=f.NOW) as file, zipfile.ZipFile(file) as archive:
        names = {name.rpartition("/")[2] for name in archive.namelist()}
    assert names == {*(f"{batch.number}.{form}" for form in ("pdf", "xlsx", "csv")), "invoice.pdf", "Invoice (2).pdf",
                     "note", "note (2)"}


@pytest.mark.django_db
def test_a_formula_in_a_payees_number_is_defused():
    bills.bill(1, ("ILL-B", "12.00"))
    batch = forward(1)
    batch.invoices.update(number="=1+1")
    found = queries.contents(list(queries.batches()))
    assert "'=1+1" in files.csv_bytes(found).decode()
    with files.workbook(found) as book:
        assert sheet(book.read(), 2)[1][6] == "'=1+1"
