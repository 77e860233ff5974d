"""Cards of the situations, as far as patrons' money plays in them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from billing.appeals import actions as appeals
from billing.appeals.actions import Decision
from billing.charges import blocks, declared, payments, queries, sweeps
from billing.charges.models import Charge, PatronMoney
from billing.charges.payments import Paid
from billing.costs import actions as costs
from billing.costs.actions import Booking
from billing.ledger import actions as ledger
from billing.ledger.models import Entry, Period
from billing.local import sweeps as local
from billing.models import Fund, LocalPart, LocalSystem
from illdesk import actors
from illdesk.errors import NotAllowed
from illdesk.models import OutboxMessage
from requests_app.actions import perform
from tests import factories as f
from tests.billing.charges.cast import D, check, fresh, policy, terms, told

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("America/New_York")


def at(year, month, day) -> datetime:
    return datetime(year, month, day, 12, tzinfo=ZONE)


def test_situation_16_patron_says_he_returned_it_and_nobody_is_billed_during_the_search():
    """Pending: the shelf searches, the lists of them, and asking the lender (borrowing)."""
    terms()
    policy(block_above=D(5))
    LocalSystem.objects.create(pk=1, kind="file", after_days=0)
    ill, clerk = f.ill("borrowing.checked_out", patron=f.patron()), f.staff()
    type(ill).objects.filter(pk=ill.pk).update(due_patron=date(2026, 2, 20))
    ill.refresh_from_db()
    early = declared.overdue_now(ill, until=date(2026, 3, 2), actor=clerk, now=f.NOW)
    declared.hold(ill, actor=clerk, now=f.later(days=1), note="In the book drop, he says.")
    during = f.later(days=40)
    with pytest.raises(NotAllowed, match="stands still"):
        declared.overdue_now(ill, until=during.date(), actor=actors.CLOCK, now=during)
    perform(ill, "report_lost", actor=clerk, now=during, where="lost_by_patron")
    told(during)
    assert list(ill.charges.all()) == [early] and fresh(early).amount == D(10)
    assert list(blocks.of(ill.patron)) == [], "no block"
    assert sweeps.remind(now=during) == (0, 0), "no letter"
    local.exchange(now=during)
    assert not LocalPart.objects.exists(), "no collection"
    # It stood on the shelf: the search ends, and only the days before it ever counted.
    declared.end_hold(ill, actor=clerk, now=during)
    perform(ill, "found_again", actor=clerk, now=during)
    told(during)
    assert fresh(early).amount == D(10) and ill.charges.count() == 1
    check(ill.patron)


@pytest.mark.parametrize("state", ["borrowing.returned_by_patron", "borrowing.return_shipped"])
def test_situation_17_the_courier_loses_it_and_the_library_pays(state):
    """Pending: tracing and the claim against the courier (courier)."""
    terms()
    policy(block_above=D(1))
    ill, clerk = f.ill(state, patron=f.patron()), f.staff()
    perform(ill, "report_lost", actor=clerk, now=f.NOW, where="lost_on_way_back")
    told()
    fund = Fund.objects.create(code="LOST", name="Lost")
    booking = Booking("cost", "invoice", "lost", ("payable_line", 1), f.NOW.date(), D("95.00"), ill=ill.pk,
                      library=ill.partner_id, fund=fund.pk)
    costs.book("b", booking, actor=clerk, now=f.NOW)
    sweeps.follow_invoices(now=f.NOW)
    with pytest.raises(NotAllowed, match="never the patron"):
        declared.lost(ill, ill.reason, actor=clerk, now=f.NOW)
    assert not Charge.objects.exists() and list(blocks.of(ill.patron)) == []
    assert queries.has_open_money([ill.patron_id]) == set(), "the record is clear"
    assert Entry.objects.get().debit.family == "lost", "the library pays the lender"


def test_situation_45_appeal_denied_paid_found_in_august_and_refunded_by_policy():
    policy(refund="less_fee", refund_days=365)
    terms(lost=D("80.00"), lost_fee=D("20.00"), overdue_a_day=D(0))
    ill = f.ill("borrowing.checked_out", patron=f.patron())
    clerk, boss = f.staff(), f.staff("coordinator")
    perform(ill, "report_lost", actor=clerk, now=at(2026, 3, 20), where="lost_by_patron")
    told(at(2026, 3, 20))
    row = Charge.objects.get()
    fund = Fund.objects.create(code="LOST", name="Lost")
    booking = Booking("cost", "invoice", "lost", ("payable_line", 1), date(2026, 4, 1), D("90.00"), ill=ill.pk,
                      library=ill.partner_id, fund=fund.pk)
    costs.book("b", booking, actor=clerk, now=at(2026, 4, 1))
    sweeps.follow_invoices(now=at(2026, 4, 1))
    assert fresh(row).amount == D(110)
    mine = appeals.appeal(row, "I brought it back.", key="a", actor=actors.patron(ill.patron.user), now=at(2026, 4, 3))
    appeals.decide(mine, Decision("denied", "No scan shows it."), actor=boss, now=at(2026, 4, 10))
    payments.pay("p", ill.patron_id, Paid(D(110), "card", date(2026, 4, 20)), actor=clerk, now=at(2026, 4, 20))
    perform(ill, "close_lost", actor=clerk, now=at(2026, 5, 1), text="Paid.")
    before = list(Entry.objects.order_by("pk").values())
    # The fiscal year ends in June, and its months are closed.
    ledger.year_of(date(2026, 8, 1))
    for period in Period.objects.filter(ends__lte=date(2026, 6, 30)).order_by("begins"):
        ledger.close(period, actor=boss, now=at(2026, 7, 15))
    # August: he finds the book.
    august = at(2026, 8, 12)
    row = declared.found(row, actor=clerk, now=august)
    assert OutboxMessage.objects.filter(what="lender_found").count() == 1, "the lender is asked"
    declared.lender_answered(row, D("90.00"), actor=clerk, now=august + timedelta(days=3))
    with pytest.raises(NotAllowed, match="Scan the item"):
        declared.refunded(row, actor=clerk, now=august + timedelta(days=3))
    assert fresh(row).paid == D(110) and not PatronMoney.objects.filter(credit__gt=0).exists()
    declared.scanned(row, ill.barcode, actor=clerk, now=august + timedelta(days=4))
    declared.refunded(row, actor=clerk, now=august + timedelta(days=4))
    assert (fresh(row).amount, PatronMoney.objects.get().credit) == (D(20), D(90)), "less the processing fee"
    payments.pay_back("back", ill.patron_id, Paid(D(90), "cheque", date(2026, 8, 17)), actor=clerk,
                      now=august + timedelta(days=5))
    after = list(Entry.objects.order_by("pk").values())
    assert after[: len(before)] == before, "no old entry was edited"
    undone = Entry.objects.filter(reverses__isnull=False).select_related("year", "reverses__year")
    assert {(one.year.label, one.reverses.year.label) for one in undone} == {("2026–27", "2025–26")}
    assert sum(one.amount for one in undone) == D(110)
    check(ill.patron)


def test_situation_15_a_graduate_with_open_money_is_not_taken_out():
    """Names are not taken out of old requests yet: whoever does asks `has_open_money`. Pending: the nightly load."""
    terms()
    ill = f.ill("borrowing.checked_out", patron=f.patron())
    other = f.ill("borrowing.finished", patron=f.patron())
    declared.lost(ill, "lost_by_patron", actor=f.staff(), now=f.NOW)
    both = [ill.patron_id, other.patron_id]
    assert queries.has_open_money(both) == {ill.patron_id}
    assert queries.requests_with_open_money([ill.pk, other.pk]) == {ill.pk}
    payments.pay("p", other.patron_id, Paid(D(5), "cash", f.NOW.date()), actor=f.staff(), now=f.NOW)
    assert queries.has_open_money(both) == set(both), "we owe the other one"


def test_situation_40_what_we_lent_is_never_a_charge_to_a_patron_of_theirs():
    """Pending: notices and the lost bill to the library (lending, invoices)."""
    ill = f.ill("lending.shipped")
    perform(ill, "declare_lost", actor=f.staff(), now=f.NOW, where="lost_there")
    told()
    with pytest.raises(NotAllowed, match="no patron"):
        declared.lost(ill, "lost_by_patron", actor=f.staff(), now=f.NOW)
    assert not Charge.objects.exists()
