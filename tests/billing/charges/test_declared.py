"""What charges make of a loan that is late, lost, damaged, back and found."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from billing.charges import declared, overdue, payments, sweeps
from billing.charges.models import Charge, PatronMoney
from billing.charges.overdue import Price
from billing.charges.payments import Paid
from billing.costs import actions as costs
from billing.costs.actions import Booking
from billing.ledger.models import Entry
from billing.models import Fund
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import Calendar, ClosedDay, OutboxMessage
from requests_app.actions import perform
from tests import factories as f
from tests.billing.charges.cast import TODAY, D, check, fresh, policy, terms, told

DUE = date(2026, 2, 20)


def loan(state="borrowing.checked_out", **fields):
    row = f.ill(state, patron=f.patron())
    fields = {"due_patron": DUE} | fields
    type(row).objects.filter(pk=row.pk).update(**fields)
    row.refresh_from_db()
    return row


# --- overdue, pure -------------------------------------------------------------------------------------------

A_DAY = Price(D("0.50"))


@pytest.mark.nodb
@pytest.mark.parametrize(("until", "price", "days", "amount"), [
    (DUE, A_DAY, 0, "0"), (DUE - timedelta(days=3), A_DAY, 0, "0"), (DUE + timedelta(days=1), A_DAY, 1, "0.50"),
    (DUE + timedelta(days=10), A_DAY, 10, "5.00"), (DUE + timedelta(days=10), Price(D(1), D(7)), 10, "7.00"),
    (DUE + timedelta(days=3), Price(D(1), grace=3), 3, "0"), (DUE + timedelta(days=4), Price(D(1), grace=3), 4, "4.00"),
    (DUE + timedelta(days=4), Price(D(1), free=3), 4, "1.00"),
    (DUE + timedelta(days=4), Price(D(1), grace=3, free=5), 4, "0"),
])
def test_days_grace_free_days_and_the_most(until, price, days, amount):
    found = overdue.owed(DUE, until, price)
    assert (found.days, found.amount) == (days, D(amount))


@pytest.mark.nodb
def test_closed_days_and_days_of_a_search_are_not_counted():
    until = DUE + timedelta(days=10)
    assert overdue.owed(DUE, until, A_DAY, counts=lambda day: day.isoweekday() < 6).days == 6
    held = [(DUE + timedelta(days=2), DUE + timedelta(days=4)), (DUE + timedelta(days=8), None)]
    assert overdue.owed(DUE, until, A_DAY, held=held).days == 4


@pytest.mark.nodb
@given(st.integers(-5, 400), st.integers(0, 400), st.integers(0, 9), st.integers(0, 9), st.integers(0, 3000))
def test_later_never_costs_less_and_never_more_than_the_most(days, more, grace, free, most):
    price = Price(D("0.35"), D(most) / 100, grace, free)
    first = overdue.owed(DUE, DUE + timedelta(days=days), price).amount
    second = overdue.owed(DUE, DUE + timedelta(days=days + more), price).amount
    assert 0 <= first <= second and (not most or second <= D(most) / 100)


# --- overdue, charged ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_clock_makes_one_overdue_charge_and_raises_it_by_what_was_missing():
    terms()
    ill = loan()
    for until, amount in ((TODAY, 10), (TODAY, 10), (TODAY + timedelta(days=5), 15), (TODAY + timedelta(days=99), 20)):
        row = declared.overdue_now(ill, until=until, actor=f.staff(), now=f.NOW)
        assert fresh(row).amount == D(amount)
    assert Charge.objects.count() == 1 and Entry.objects.count() == 3
    check(ill.patron)


@pytest.mark.django_db
def test_by_status_and_by_the_calendar_of_closed_days():
    calendar = Calendar.objects.create(name="Desk", time_zone="America/New_York", weekdays="12345")
    ClosedDay.objects.create(calendar=calendar, first=date(2026, 2, 23), last=date(2026, 2, 24))
    policy(calendar=calendar)
    terms(), terms("faculty", overdue_a_day=D("0.10"))
    ill = loan()
    assert declared.overdue_until(ill, TODAY).days == 4, "25 to 27 February and 2 March"
    ill.patron.status = "faculty"
    assert declared.overdue_until(ill, TODAY).amount == D("0.40")


@pytest.mark.django_db
def test_without_prices_nobody_is_charged():
    assert declared.overdue_now(loan(), until=TODAY, actor=f.staff(), now=f.NOW) is None


@pytest.mark.django_db
def test_a_check_in_after_the_due_date_is_charged_once_and_one_undone_is_not():
    terms()
    ill = loan()
    perform(ill, "check_in", actor=f.staff(), now=f.NOW)
    told(), told()
    row = Charge.objects.get()
    assert (row.kind, row.amount, row.reason) == ("overdue", D(10), "late")
    perform(ill, "undo", actor=f.staff(), now=f.later(minutes=5))
    told(f.later(minutes=6))
    assert fresh(row).state == "undone" and fresh(row).open == 0
    perform(ill, "check_in", actor=f.staff(), now=f.later(days=2))
    told(f.later(days=2))
    assert Charge.objects.exclude(state="undone").get().amount == D(12)
    check(ill.patron)


@pytest.mark.django_db
def test_a_check_in_in_time_costs_nothing():
    terms()
    ill = loan(due_patron=TODAY)
    perform(ill, "check_in", actor=f.staff(), now=f.NOW)
    told()
    assert not Charge.objects.exists()


# --- lost ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_lost_by_the_patron_is_charged_provisionally_when_it_is_reported():
    terms(lost=D("80.00"), lost_fee=D("20.00"))
    ill, clerk = loan(), f.staff()
    perform(ill, "report_lost", actor=clerk, now=f.NOW, where="lost_by_patron")
    told(), told()
    row = Charge.objects.get()
    assert (row.kind, row.state, row.amount, row.fee, row.made_by) == ("lost", "provisional", D(100), D(20), clerk.user)
    assert row.provisional_until == TODAY + timedelta(days=180)
    check(ill.patron)


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["lost_on_way_here", "lost_on_way_back", "lost_here", "lost_there", ""])
def test_lost_between_libraries_is_never_the_patrons(where):
    ill = loan()
    with pytest.raises(NotAllowed, match="never the patron"):
        declared.lost(ill, where, actor=f.staff(), now=f.NOW)
    if where:
        perform(ill, "report_lost", actor=f.staff(), now=f.NOW, where=where)
        told()
    assert not Charge.objects.exists()


@pytest.mark.django_db
def test_the_lenders_invoice_makes_it_final_by_itself_with_its_amount():
    terms(lost=D("80.00"), lost_fee=D("20.00"))
    ill = loan()
    row = declared.lost(ill, "lost_by_patron", actor=f.staff(), now=f.NOW)
    assert sweeps.follow_invoices(now=f.NOW) == (0, 0)
    fund = Fund.objects.create(code="LOST", name="Lost")
    booking = Booking("cost", "invoice", "lost", ("payable_line", 1), TODAY, D("95.00"), ill=ill.pk,
                      library=ill.partner_id, fund=fund.pk)
    costs.book("b", booking, actor=f.staff(), now=f.NOW)
    assert sweeps.follow_invoices(now=f.NOW) == (1, 0) and sweeps.follow_invoices(now=f.NOW) == (0, 0)
    assert (fresh(row).state, fresh(row).amount) == ("final", D(115))
    check(ill.patron)


@pytest.mark.django_db
def test_a_late_return_reverses_exactly_the_lost_charge_and_leaves_the_delay_once():
    terms(lost=D("80.00"), lost_fee=D("20.00"))
    ill = loan()
    perform(ill, "report_lost", actor=f.staff(), now=f.NOW, where="lost_by_patron")
    told()
    perform(ill, "found_again", actor=f.staff(), now=f.later(days=1))
    told(f.later(days=1)), told(f.later(days=1))
    declared.returned_late(ill, returned=TODAY + timedelta(days=1), actor=f.staff(), now=f.later(days=1))
    lost, late = Charge.objects.get(kind="lost"), Charge.objects.get(kind="overdue")
    assert (lost.state, lost.open, late.amount) == ("undone", D(0), D(11))
    assert Entry.objects.filter(reverses__isnull=False).count() == 1
    assert ill.patron.money.credit == 0
    check(ill.patron)


@pytest.mark.django_db
def test_found_after_it_was_paid_the_lender_is_asked_first_then_it_is_refunded_by_policy():
    terms(lost=D("80.00"), lost_fee=D("20.00"), overdue_a_day=D(0))
    policy(refund="less_fee")
    ill, clerk = loan(), f.staff()
    row = declared.lost(ill, "lost_by_patron", actor=clerk, now=f.NOW)
    payments.pay("p", ill.patron_id, Paid(D(100), "card", TODAY), actor=clerk, now=f.NOW)
    for _time in range(2):
        row = declared.found(row, actor=clerk, now=f.later(days=3))
    assert row.state == "asked" and OutboxMessage.objects.filter(what="lender_found").count() == 1
    assert "39001" in OutboxMessage.objects.get(what="lender_found").payload["body"]
    with pytest.raises(NotAllowed, match="Ask the lender first"):
        declared.refunded(row, actor=clerk, now=f.later(days=4))
    row = declared.lender_answered(row, D("80.00"), actor=clerk, now=f.later(days=4))
    with pytest.raises(NotAllowed, match="Scan the item"):
        declared.refunded(row, actor=clerk, now=f.later(days=4))
    row = declared.scanned(row, "39001", actor=clerk, now=f.later(days=5))
    for _time in range(2):
        row = declared.refunded(row, actor=clerk, now=f.later(days=5))
    assert (fresh(row).amount, fresh(row).open, PatronMoney.objects.get().credit) == (D(20), D(0), D(80))
    check(ill.patron)


@pytest.mark.django_db
@pytest.mark.parametrize(("refund", "refunds", "days", "keeps", "owns"), [
    ("full", "80.00", 5, "0.00", False), ("full", "50.00", 5, "30.00", False), ("less_fee", "0.00", 5, "100.00", True),
    ("none", "80.00", 5, "100.00", True), ("full", "80.00", 400, "100.00", True),
])
def test_refunds_by_policy(refund, refunds, days, keeps, owns):
    terms(lost=D("80.00"), lost_fee=D("20.00"))
    policy(refund=refund, becomes_owner=True, refund_days=365)
    ill, clerk, at = loan(), f.staff(), f.later(days=days)
    row = declared.lost(ill, "lost_by_patron", actor=clerk, now=f.NOW)
    payments.pay("p", ill.patron_id, Paid(D(100), "card", TODAY), actor=clerk, now=f.NOW)
    declared.found(row, actor=clerk, now=at)
    declared.scanned(row, ill.number, actor=clerk, now=at)
    declared.lender_answered(row, D(refunds), actor=clerk, now=at)
    row = fresh(declared.refunded(row, actor=clerk, now=at))
    assert (row.amount, row.patron_owns, PatronMoney.objects.get().credit) == (D(keeps), owns, D(100) - D(keeps))
    check(ill.patron)


@pytest.mark.django_db
def test_while_it_is_searched_for_nobody_is_charged_and_no_day_counts():
    terms()
    ill = loan()
    for _time in range(2):
        declared.hold(ill, actor=f.staff(), now=f.NOW)
    assert ill.charge_holds.count() == 1
    for deed in (lambda: declared.overdue_now(ill, until=TODAY, actor=f.staff(), now=f.NOW),
                 lambda: declared.lost(ill, "lost_by_patron", actor=f.staff(), now=f.NOW)):
        with pytest.raises(NotAllowed, match="stands still"):
            deed()
    perform(ill, "report_lost", actor=f.staff(), now=f.NOW, where="lost_by_patron")
    assert told()[1] == 0 and not Charge.objects.exists()
    declared.end_hold(ill, actor=f.staff(), now=f.later(days=10))
    assert declared.overdue_until(ill, TODAY + timedelta(days=12)).days == 11, "9 days before the search, 2 after it"


@pytest.mark.django_db(transaction=True)
def test_lost_and_returned_at_the_same_moment_leave_no_lost_charge_beside_a_return():
    terms(overdue_a_day=D(1))
    ill, actor, failed = loan(), f.staff(), []
    declared.lost(ill, "lost_by_patron", actor=actor, now=f.NOW)

    def run(deed):
        try:
            deed()
        except Exception as failure:
            failed.append(failure)
        finally:
            connection.close()

    def back():
        declared.returned_late(ill, returned=TODAY, actor=actor, now=f.NOW)

    def more():
        declared.overdue_now(ill, until=TODAY, actor=actor, now=f.NOW)

    threads = [threading.Thread(target=run, args=[deed]) for deed in (back, more, back, more)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    assert failed == []
    assert Charge.objects.get(kind="lost").state == "undone" and Charge.objects.get(kind="overdue").amount == D(10)
    check(ill.patron)


@pytest.mark.django_db
def test_a_lender_refunds_no_more_than_was_charged():
    row = declared.lost(f.ill("borrowing.checked_out", patron=f.patron()), "lost_by_patron", actor=f.staff(), now=f.NOW)
    declared.found(row, actor=f.staff(), now=f.NOW)
    with pytest.raises(BadAnswer, match="more than was charged"):
        declared.lender_answered(row, row.amount + D("0.01"), actor=f.staff(), now=f.NOW)
    assert declared.lender_answered(row, row.amount, actor=f.staff(), now=f.NOW).lender_refunds == row.amount
