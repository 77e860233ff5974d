"""Amounts and days as people read them: the true minus sign and days in words; files for programs keep their own."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from billing.batches import actions as batches
from billing.costs import actions as costs
from billing.invoices import credit, files
from billing.payables import words
from billing.payables.registered import KIND
from illdesk import money
from illdesk.errors import BadAnswer
from illdesk.templatetags.ill import amount
from tests import factories as f
from tests.billing.batches import bills
from tests.billing.invoices import cast
from tests.billing.invoices.test_files import text_of

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(("value", "said"), [
    ("1214", "1,214.00"), ("-4.5", f"{MINUS}4.50"), ("-1234567.891", f"{MINUS}1,234,567.89"), ("0", "0.00"),
    ("-0.00", "0.00"), ("0.005", "0.00"),
])
def test_figures_are_those_of_the_pages(value, said):
    assert money.figures(Decimal(value)) == said and money.shown(Decimal(value), "USD") == f"USD {said}"
    if value != "-0.00":
        assert amount(Decimal(said.replace(MINUS, "-").replace(",", ""))) == said


@pytest.mark.django_db
def test_a_credit_note_has_the_minus_on_paper_and_the_hyphen_in_files():
    first, second = f.staff("lending staff"), f.staff("coordinator")
    row = cast.bill("30.00", first=first, second=second)
    note = cast.finish(credit.draft(row, {row.lines.get().pk: Decimal("4.50")}, "Bad copy", actor=first,
                                    now=cast.APRIL), second)
    paper = text_of(files.draw_pdf(note, day=note.day))
    assert f"{MINUS}4.50" in paper and "-4.50" not in paper and "\N{WHITE SQUARE}" not in paper
    listed = b"".join(files.export(note, "csv").streaming_content).decode("utf-8-sig")
    assert "-4.50" in listed and MINUS not in listed
    assert MINUS not in files.draw_xml(note).decode()


@pytest.mark.django_db
def test_a_cover_sheet_of_a_batch_has_the_minus_and_its_table_the_hyphen():
    from billing.batches import files as covers
    from billing.batches import queries

    bills.register()
    try:
        bills.bill(1, ("ILL-B", "30.00"), ("ILL-B", "-4.50"))
        row = batches.forward([("bill", 1)], key="k", actor=f.staff("coordinator"), now=f.NOW)[0]
        found = queries.contents([row])
        assert f"{MINUS}4.50" in text_of(covers.pdf(found, now=f.NOW))
        table = list(csv.reader(io.TextIOWrapper(covers.made("csv", found, now=f.NOW), "utf-8-sig")))
        assert any("-4.50" in cells for cells in table) and not any(MINUS in cell for cells in table for cell in cells)
    finally:
        bills.unregister()


def test_where_it_was_charged_before_is_told_with_a_day_in_words():
    assert words.where({"before": {"way": "OCLC Fee Management", "day": "2026-10-14"}}) == (
        "OCLC Fee Management, 14 Oct 2026")
    assert words.where({"before": {"way": "EFTS"}}) == "EFTS" and words.where({}) == ""


@pytest.mark.django_db
def test_a_missing_rate_names_its_day_in_words():
    with pytest.raises(BadAnswer, match="No rate of CHF is known on 14 Oct 2026"):
        costs.foreign(Decimal("1.00"), "CHF", date(2026, 10, 14))


def test_a_line_of_a_batch_stands_on_one_invoice():
    assert str(KIND.label) == "Library invoice"
