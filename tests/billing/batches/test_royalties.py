"""Lists of royalties go the same way as invoices: a second person approves, the office pays, its own room marks it."""

from decimal import Decimal

import pytest

from billing.approval.rule import NeedsAnother
from billing.batches import actions, royalties
from billing.ledger import queries as books
from billing.ledger.actions import Where
from billing.models import FundYear
from illdesk.errors import NotAllowed, Stale
from requests_app.copyright import payment
from requests_app.models import Royalty
from tests import factories as f
from tests.billing import royalty_lists

DAY = f.NOW.date()


def approved(*prices, **more):
    row = royalty_lists.made(*prices, **more)
    royalties.approve(row, seen=0, actor=f.staff("coordinator"), now=f.NOW)
    return row


def forward(row, key="k"):
    return actions.forward([("royalty", row.pk)], key=key, actor=f.staff("coordinator"), now=f.NOW)[0]


def pay(batch):
    return actions.pay(batch, day=DAY, reference="55120", version=batch.version, actor=f.staff("budget"), now=f.NOW)


@pytest.mark.django_db
def test_who_made_a_list_does_not_approve_it_and_somebody_else_does_once():
    maker = f.staff("coordinator")
    row = royalty_lists.made("38.00", "12.00", actor=maker)
    assert royalties.waiting() == [] and [one.pk for one in royalties.unapproved()] == [row.pk]
    with pytest.raises(NeedsAnother, match="somebody else approves"):
        royalties.approve(row, seen=0, actor=maker, now=f.NOW)
    other = f.staff("supervisor")
    royalties.approve(row, seen=0, actor=other, now=f.NOW)
    royalties.approve(row, seen=0, actor=other, now=f.NOW)
    one = royalties.waiting()[0]
    assert (one.amount, one.approved_by, sorted(one.hands)) == (
        Decimal("50.00"), other.user.short_name, sorted([maker.user.pk, other.user.pk]))
    assert royalties.unapproved() == []


@pytest.mark.django_db
def test_paid_in_a_batch_is_paid_in_its_list_in_the_fund_and_in_the_books():
    row = approved("38.00", "12.00")
    batch = pay(forward(row))
    assert set(row.lines.values_list("state", "paid_on", "reference")) == {("paid", DAY, "55120")}
    fund = royalty_lists.fund()
    assert books.balance(Where("royalties", fund.pk)) == Decimal("50.00") and books.balance(Where("bank")) == -50
    year = FundYear.objects.get(fund=fund)
    assert (year.committed, year.spent) == (Decimal("0.00"), Decimal("50.00"))
    assert royalties.waiting() == [] and batch.state == "paid"


@pytest.mark.django_db
def test_not_paid_after_all_it_is_owed_and_put_aside_as_before_and_can_be_paid_again():
    row = approved("38.00")
    batch = pay(forward(row))
    batch = actions.unpay(batch, "Wrong account", version=batch.version, actor=f.staff("budget"), now=f.NOW)
    line, year = row.lines.get(), FundYear.objects.get()
    assert (line.state, line.paid, line.reference) == (Royalty.LISTED, None, "")
    assert (year.committed, year.spent) == (Decimal("38.00"), Decimal("0.00"))
    assert books.balance(Where("bank")) == 0
    pay(batch)
    assert books.balance(Where("bank")) == -38 and FundYear.objects.get().spent == 38


@pytest.mark.django_db
def test_a_line_sent_back_is_approved_anew_before_it_is_forwarded_again():
    row = approved("38.00", "12.00")
    batch = forward(row)
    line = batch.lines.get(amount=Decimal("12.00"))
    actions.send_back(batch, [line.pk], "Wrong fund", version=0, actor=f.staff("budget"), now=f.NOW)
    assert royalties.waiting() == [] and royalties.unapproved()[0].amount == Decimal("12.00")
    with pytest.raises(Stale):
        royalties.approve(row, seen=0, actor=f.staff("supervisor"), now=f.NOW)
    royalties.approve(row, seen=royalties.version(row.pk), actor=f.staff("supervisor"), now=f.NOW)
    again = forward(row, key="k2")
    assert actions.total(again) == 12 and actions.total(batch) == 38
    pay(again)
    assert row.lines.filter(state="paid").count() == 1, "of the first batch nothing is paid yet"


@pytest.mark.django_db
def test_what_was_paid_or_taken_apart_outside_of_the_batch_is_not_paid_by_it():
    row = approved("38.00")
    batch = forward(row)
    payment.pay(row, {row.lines.get().pk: Decimal(38)}, paid_on=DAY, reference="x", actor=f.staff("budget"), now=f.NOW)
    with pytest.raises(NotAllowed, match="outside of the batch"):
        pay(batch)
    other = approved("5.00")
    held = forward(other, key="k2")
    payment.take_apart(other, actor=f.staff("coordinator"), now=f.NOW)
    with pytest.raises(NotAllowed, match="taken apart"):
        pay(held)
    assert books.balance(Where("bank")) == Decimal("-38.00"), "what was paid outside stands in the books, once"
