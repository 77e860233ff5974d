"""A batch and the fiscal period of what it holds: what stands in the books of another year is shown under that year."""

import csv
import io
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from billing.batches import actions, files, queries, royalties
from billing.ledger import actions as ledger
from billing.ledger.models import Entry, Period
from billing.models import Batch, FundYear
from billing.payables import queries as payables
from tests import factories as f
from tests.billing import royalty_lists
from tests.billing.batches import bills
from tests.billing.batches.test_files import pdf_text
from tests.billing.payables.cast import Cast, line

pytestmark = pytest.mark.django_db
AUGUST = timezone.make_aware(datetime(2026, 8, 20, 10))


def forwarded(*pks, now=AUGUST) -> Batch:
    return actions.forward([("bill", pk) for pk in pks], key=f"k{pks}", actor=f.staff("coordinator"), now=now)[0]


def in_books(batch: Batch) -> dict[tuple[str, str], Decimal]:
    """(fund, month) as the ledger has the cost of its lines."""
    found: dict[tuple[str, str], Decimal] = {}
    for one in batch.lines.all():
        entry = Entry.objects.select_related("period", "debit").get(booked=int(one.part))
        key = (one.fund, str(entry.period))
        found[key] = found.get(key, Decimal(0)) + (entry.amount if entry.debit.family == "borrowing" else -entry.amount)
    return found


def said(batch: Batch) -> dict[tuple[str, str], Decimal]:
    return {(one.fund, str(one.period)): one.amount for one in queries.contents([batch])[0].funds}


def test_of_an_invoice_of_last_year_the_sheet_says_so_and_ties_to_its_months():
    """March belongs to 2025–26, August to 2026–27."""
    bills.bill(1, ("ILL-B", "30.00"), ("ILL-S", "12.50"), ("ILL-B", "-4.00"))
    batch = forwarded(1)
    assert str(batch.period) == "2026-08"
    assert said(batch) == in_books(batch) == {("ILL-B", "2026-03"): Decimal("26.00"), ("ILL-S", "2026-03"): 12.5}
    found = queries.contents([batch])
    assert found[0].other_years == [("2025–26", Decimal("38.50"))]
    paper = pdf_text(files.pdf(found, now=AUGUST))
    assert "USD 38.50 of it stands in the books of fiscal year 2025–26" in " ".join(paper.split())
    assert "March 2026" in paper
    rows = list(csv.reader(io.StringIO(files.csv_bytes(found).decode("utf-8-sig"))))[1:]
    assert {(row[2], row[3]) for row in rows} == {("2025–26", "2026-03")}


def test_what_belongs_to_a_closed_month_stands_where_it_was_entered():
    ledger.year_of(f.NOW.date())
    for month in Period.objects.filter(ends__lt=AUGUST.date()).order_by("begins"):
        ledger.close(month, actor=f.staff("coordinator"), now=AUGUST)
    bills.bill(1, ("ILL-B", "30.00"), now=AUGUST)
    batch = forwarded(1)
    assert said(batch) == in_books(batch) == {("ILL-B", "2026-08"): Decimal("30.00")}
    assert queries.contents([batch])[0].other_years == []


def test_the_budget_that_is_charged_is_that_of_the_year_in_whose_books_it_stands():
    fund = bills.fund("ILL-B")
    for label, first in (("2025–26", 2025), ("2026–27", 2026)):
        FundYear.objects.create(fund=fund, label=label, begins=f"{first}-07-01", ends=f"{first + 1}-06-30",
                                budget=Decimal("500.00"))
    ledger.year_of(f.NOW.date())
    for month in Period.objects.filter(ends__lt=AUGUST.date()).order_by("begins"):
        ledger.close(month, actor=f.staff("coordinator"), now=AUGUST)
    bills.bill(1, ("ILL-B", "30.00"), now=AUGUST)
    spent = dict(FundYear.objects.values_list("label", "spent"))
    assert spent == {"2025–26": Decimal("0.00"), "2026–27": Decimal("30.00")}
    bills.back(1, [str(bills._rows().get().pk)], "x", f.staff("coordinator"), AUGUST)
    assert set(FundYear.objects.values_list("spent", flat=True)) == {Decimal("0.00")}


def test_the_filter_of_a_year_finds_it_by_both_and_the_page_says_it(client):
    bills.bill(1, ("ILL-B", "30.00"))
    bills.bill(2, ("ILL-B", "7.00"), payee="OAK")
    late, early = forwarded(1), forwarded(2, now=f.NOW)
    client.force_login(f.user("budget"))
    both = {late, early}
    for period, there in (("2025–26", both), ("2026–27", {late}), ("2026-03", both), ("2026-08", {late})):
        found = set(queries.batches(queries.Filters(period=period)))
        assert found == there, period
    text = client.get("/billing/batches/").content.decode()
    assert "2025–26" in text and "2026–27" in text
    page = client.get(f"/billing/batches/{late.number}/").content.decode()
    assert "USD 30.00 of it stands in the books of fiscal year 2025–26" in page and "2025–26, March 2026" in page
    assert "stands in the books of fiscal year" not in client.get(f"/billing/batches/{early.number}/").content.decode()


def test_royalties_come_into_the_books_when_they_are_paid():
    row = royalty_lists.made("38.00")
    royalties.approve(row, seen=0, actor=f.staff("coordinator"), now=f.NOW)
    batch = actions.forward([("royalty", row.pk)], key="r", actor=f.staff("coordinator"), now=f.NOW)[0]
    assert said(batch) == {("ILL-R", "2026-03"): Decimal("38.00")}
    batch = actions.pay(batch, day=f.NOW.date() + timedelta(days=40), reference="1", version=0,
                        actor=f.staff("budget"), now=f.NOW + timedelta(days=45))
    entry = Entry.objects.select_related("period").get(debit__family="royalties")
    assert said(batch) == {("ILL-R", str(entry.period)): Decimal("38.00")}


def test_an_invoice_from_a_library_dated_before_the_fiscal_year_ends_in_that_year():
    owed = Cast()
    owed.approved(line("15.00", owed.ill().number), dated=date(2025, 6, 20))
    batch = actions.forward([("payable", payables.waiting()[0].pk)], key="p", actor=owed.clerk, now=f.NOW)[0]
    assert batch.period.year.label == "2025–26"
    assert said(batch) == {("ILL-B", "2025-06"): Decimal("15.00")}
    assert queries.contents([batch])[0].other_years == [("2024–25", Decimal("15.00"))]
