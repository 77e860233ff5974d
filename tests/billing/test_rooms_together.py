"""An invoice of a library on its way through all rooms: approved, forwarded, paid by mistake, taken back, paid."""

from datetime import date
from decimal import Decimal

import pytest

from billing.batches import actions as batches
from billing.batches import queries as batch_queries
from billing.budget.models import FundYear
from billing.costs import actions as costs
from billing.ledger import queries as books
from billing.ledger.actions import Where
from billing.payables import queries
from billing.payables.models import PayableInvoice
from illdesk import actors
from illdesk.errors import NotAllowed
from tests import factories as f
from tests.billing.payables.cast import DAY, Cast, line

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    f.institution()
    return Cast()


def forwarded(cast, invoice, key="k1"):
    return batches.forward([("payable", invoice.pk)], key=key, actor=cast.chen, now=f.NOW)[0]


def pay(batch):
    batch.refresh_from_db()
    return batches.pay(batch, day=f.NOW.date(), reference="55121", version=batch.version, actor=f.staff("budget"),
                       now=f.NOW)


def test_what_is_in_a_batch_waits_nowhere_else(cast):
    invoice = cast.approved(line("15.00", cast.ill().number), line("8.00", cast.ill(cost="8.00").number))
    assert [one.pk for one in queries.waiting()] == [invoice.pk]
    forwarded(cast, invoice)
    assert queries.waiting() == [] and batch_queries.to_forward() == 0
    assert batch_queries.open_by_fund() == {"ILL-B": Decimal("23.00")}
    with pytest.raises(NotAllowed, match="in a batch already"):
        forwarded(cast, invoice, "k2")


def test_paid_by_mistake_it_is_owed_again_and_can_be_paid(cast):
    invoice = cast.approved(line("15.00", cast.ill().number))
    owed, bank = Where("payable", cast.delta.pk), Where("bank")
    batch = pay(forwarded(cast, invoice))
    assert (books.balance(owed), books.balance(bank)) == (Decimal("0.00"), Decimal("-15.00"))
    batch = batches.unpay(batch, "Wrong account", version=batch.version, actor=f.staff("budget"), now=f.NOW)
    assert PayableInvoice.objects.get(pk=invoice.pk).state == "approved" and queries.waiting() == []
    assert (books.balance(owed), books.balance(bank)) == (Decimal("15.00"), Decimal("0.00"))
    pay(batch)
    assert PayableInvoice.objects.get(pk=invoice.pk).state == "paid"
    assert (books.balance(owed), books.balance(bank)) == (Decimal("0.00"), Decimal("-15.00"))


def test_who_entered_or_approved_it_does_not_mark_it_paid(cast):
    invoice = cast.approved(line("15.00", cast.ill().number))
    batch = forwarded(cast, invoice)
    for actor in (cast.clerk, cast.chen):
        cashier = actors.staff(actor.user)
        cashier.user.groups.add(*f.user("budget").groups.all())
        with pytest.raises(NotAllowed):
            batches.pay(batch, day=f.NOW.date(), reference="1", version=batch.version, actor=cashier, now=f.NOW)


def test_what_a_library_charges_is_spent_of_its_funds_budget(cast):
    year = FundYear.objects.create(fund=cast.fund, label="2025–26", begins=date(2025, 7, 1), ends=date(2026, 6, 30),
                                   budget=100)
    invoice = cast.approved(line("15.00", cast.ill().number))
    year.refresh_from_db()
    assert year.spent == Decimal("15.00") == books.balance(Where("borrowing", cast.fund.pk))
    booked = invoice.lines.get().booked
    costs.undo(booked, key="back", day=DAY, actor=cast.chen, now=f.NOW)
    year.refresh_from_db()
    assert year.spent == 0
