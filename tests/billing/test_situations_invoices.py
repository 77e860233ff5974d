"""Cards of shared/SITUATIONS.md about invoices to libraries and vouchers, named after them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from billing.invoices import actions, payments, queries
from billing.invoices.models import Invoice, InvoiceLine, InvoicePolicy
from billing.invoices.payments import Received
from billing.ledger import actions as ledger
from billing.ledger import queries as books
from billing.ledger.actions import PeriodClosed, Transfer, Where
from billing.models import Booked, CostPolicy, Entry, Fund, Period, Series, VoucherChange, VoucherStock
from billing.vouchers import actions as vouchers
from billing.vouchers import stock
from illdesk.errors import NotAllowed
from tests import factories as f
from tests.billing.invoices import cast

pytestmark = pytest.mark.django_db


def test_situation_40_a_lost_bill_after_policy_is_approved_by_a_second_person():
    first, second = f.staff("lending staff"), f.staff("coordinator")
    ill = cast.shipped()  # due on 1 May 2026
    given = {"kind": "lost", "ill": ill, "amount": Decimal("120.00"), "why": "Replacement and processing", "key": "k"}
    early = datetime(2026, 6, 29, 15, tzinfo=UTC)
    with pytest.raises(NotAllowed, match="60 days after it was due"):
        actions.add_line(ill.partner, actor=first, now=early, **given)
    day = ill.due_lender + timedelta(days=60)
    now = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
    assert [row.pk for row in queries.losses(day, InvoicePolicy.current().lost_after)] == [ill.pk]
    line = actions.add_line(ill.partner, actor=first, now=now, **given)
    assert actions.add_line(ill.partner, actor=first, now=now, **given).pk == line.pk, "sent twice it is one"
    with pytest.raises(NotAllowed, match="billed already"):
        actions.add_line(ill.partner, actor=first, now=now, **given | {"key": "another"})
    assert not list(queries.losses(day, 60))
    actions.verify(line, actor=first, now=now)
    with pytest.raises(NotAllowed, match="You entered this"):
        cast.finish(line.invoice, first, now=now)
    assert not Series.objects.exists() and not Entry.objects.exists()
    done = cast.finish(line.invoice, second, now=now)
    assert (done.number, done.total) == ("IL-2026-00001", Decimal("120.00"))
    row = Booked.objects.get()
    assert (row.what, row.ill, row.side) == ("lost", ill, "income")
    assert books.balance(Where("patron", 1)) == 0, "nothing of it is a patron's"


def test_situation_40_an_item_that_they_declare_lost_can_be_billed_at_once():
    ill = f.ill("lending.lost")
    line = actions.add_line(ill.partner, kind="lost", ill=ill, amount=Decimal(90), why="Lost there", key="k",
                            actor=f.staff("lending staff"), now=cast.APRIL)
    assert line.title == "Walden"


def test_situation_48_one_and_a_half_are_asked_and_two_whole_ones_are_in_the_drawer():
    cast.rate(worth="1.00")
    CostPolicy.objects.create(pk=1, borrowing_fund=Fund.objects.create(code="ILL-B", name="Borrowing"))
    clerk, lender = f.staff("lending staff"), f.library("OAK", name="Oak Public Library")
    day, now = cast.TODAY, cast.APRIL
    vouchers.buy(2, 0, day=day, key="bought", actor=clerk, now=now)
    wholes, halves = vouchers.enough_for(Decimal("12.00"), day)
    assert (wholes, halves) == (2, 0)
    change = vouchers.spend(lender, Decimal("12.00"), wholes=2, halves=0, day=day, key="k", actor=clerk, now=now)
    # Credit noted: the cost is what was asked, the rest the lender owes us.
    assert (change.amount, change.state) == (Decimal("4.00"), VoucherChange.NOTED)
    assert Booked.objects.get().amount == Decimal("12.00")
    assert books.balance(Where("payable", lender.pk)) == Decimal("-4.00") and books.balance(Where("vouchers")) == 0
    with pytest.raises(stock.NotEnough):
        vouchers.spend(lender, Decimal("8.00"), wholes=1, halves=0, day=day, key="again", actor=clerk, now=now)
    # A half voucher comes back as change; the count at the month's end fits.
    vouchers.settle_change(change, "received", actor=clerk, now=now)
    with pytest.raises(NotAllowed, match="settled already"):
        vouchers.settle_change(change, "used", actor=clerk, now=now)
    assert VoucherStock.objects.get(kind="half").count == 1
    assert books.balance(Where("payable", lender.pk)) == 0 and books.balance(Where("vouchers")) == Decimal("4.00")
    counted = [vouchers.count(kind, many, holder=stock.holder().pk, day=date(2026, 3, 31), why="", actor=clerk, now=now)
               for kind, many in (("whole", 0), ("half", 1))]
    assert [row.difference for row in counted] == [0, 0]


def test_situation_48_the_credit_pays_another_request_instead():
    cast.rate(worth="1.00")
    CostPolicy.objects.create(pk=1, borrowing_fund=Fund.objects.create(code="ILL-B", name="Borrowing"))
    clerk, lender = f.staff("lending staff"), f.library("OAK", name="Oak Public Library")
    vouchers.buy(2, 0, day=cast.TODAY, key="bought", actor=clerk, now=cast.APRIL)
    change = vouchers.spend(lender, Decimal("12.00"), wholes=2, halves=0, day=cast.TODAY, key="k", actor=clerk,
                            now=cast.APRIL)
    vouchers.settle_change(change, "used", actor=clerk, now=cast.APRIL)
    assert books.balance(Where("payable", lender.pk)) == 0
    assert sum(row.amount for row in Booked.objects.filter(side="cost")) == Decimal("16.00")


def test_situation_60_months_are_frozen_open_items_carried_and_numbers_have_no_gap():
    """The money of the card, at the end of June and of December; CONTU, closures and IPEDS wait for their own work."""
    first, second = f.staff("lending staff"), f.staff("coordinator")
    june = datetime(2026, 6, 30, 15, tzinfo=UTC)
    old = cast.bill("30.00", first=first, second=second, now=june)
    owed = books.balance(Where("library", old.library_id), upto=date(2026, 6, 30))
    trial = [(row.account.pk, row.amount) for row in books.trial(upto=date(2026, 6, 30))]
    july = datetime(2026, 7, 3, 15, tzinfo=UTC)
    for period in Period.objects.filter(begins__lte=date(2026, 6, 1)).order_by("begins"):
        ledger.close(period, actor=second, now=july)
    with pytest.raises(PeriodClosed):
        ledger.post("late", Transfer(Where("bank"), Where("lending"), Decimal(1), "payment"), day=date(2026, 6, 30),
                    actor=second, now=july)
    # What is open is carried: paid in the new year, by a check of the old month, entered today with its day beside it.
    assert [row.number for row in queries.open_items()] == ["IL-2026-00001"] and owed == Decimal("30.00")
    payments.enter(old.library, Received(kind="cheque", day=date(2026, 6, 30), amount=Decimal("30.00")), key="p",
                   settles=[(old, Decimal("30.00"))], actor=first, now=july)
    entry = Entry.objects.get(what="payment")
    assert (entry.day, entry.of_day, entry.year.label) == (date(2026, 7, 3), date(2026, 6, 30), "2026–27")
    assert [(row.account.pk, row.amount) for row in books.trial(upto=date(2026, 6, 30))] == trial, "June is as it was"
    assert not queries.open_items().exists() and books.balance(Where("library", old.library_id)) == 0
    # December's last draft is refused, January's first follows: no number is lost.
    december = datetime(2026, 12, 31, 15, tzinfo=UTC)
    cast.bill("10.00", first=first, second=second, now=december)
    line = actions.add_line(f.library(), kind="other", amount=Decimal(9), why="x", key="x", actor=first, now=december)
    actions.verify(line, actor=first, now=december)
    with pytest.raises(NotAllowed):
        cast.finish(line.invoice, first, now=december)
    cast.finish(line.invoice, second, now=datetime(2027, 1, 2, 15, tzinfo=UTC))
    cast.bill("10.00", first=first, second=second, now=datetime(2027, 1, 3, 15, tzinfo=UTC))
    assert list(Invoice.objects.order_by("pk").values_list("number", flat=True)) == [
        "IL-2026-00001", "IL-2026-00002", "IL-2027-00001", "IL-2027-00002"]
    assert InvoiceLine.objects.count() == 4
