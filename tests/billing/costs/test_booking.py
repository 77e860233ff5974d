"""What libraries charge us, and we them: a row and its entry together, once, undone by another pair."""

from datetime import date
from decimal import Decimal

import pytest

from billing.budget.models import Fund
from billing.costs import actions, queries
from billing.costs.actions import Booking
from billing.costs.models import Booked, CostPolicy
from billing.ledger import actions as ledger
from billing.ledger import queries as books
from billing.ledger.actions import Where
from billing.ledger.models import Entry, Period
from illdesk.errors import BadAnswer, NotAllowed
from tests import factories as f

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)


@pytest.fixture
def fund():
    row = Fund.objects.create(code="ILL-B", name="Borrowing")
    CostPolicy.objects.create(pk=1, borrowing_fund=row)
    return row


def bill(amount="15.00", **more) -> Booking:
    fields = {"side": Booked.COST, "way": "invoice", "what": "charge", "source": ("payable_line", 1), "day": DAY}
    return Booking(**fields | {"amount": Decimal(amount), "library": f.library("OAK").pk} | more)


def book(key="1", booking=None) -> Booked:
    return actions.book(key, booking or bill(), actor=f.staff(), now=f.NOW)


def held(family: str, subject: int = 0) -> Decimal:
    return books.balance(Where(family, subject))


def test_a_lenders_bill_is_a_cost_of_the_fund_and_owed_to_the_library(fund):
    row = book()
    assert held("borrowing", fund.pk) == held("payable", row.library_id) == Decimal("15.00")
    assert row.entry.key == "booked:1" and row.fund == fund
    assert book() == row and Entry.objects.count() == 1, "said again, it is there already"


@pytest.mark.parametrize(("booking", "account"), [
    ({"what": "lost"}, "lost"), ({"way": "ifm"}, "borrowing"), ({"way": "ifm", "what": "fee"}, "fees"),
    ({"side": Booked.INCOME, "way": "ifm"}, "lending"),
])
def test_each_way_has_its_accounts(fund, booking, account):
    book("1", bill("0.26", **booking))
    subject = fund.pk if account in ("lost", "borrowing") else 0
    assert held(account, subject) == Decimal("0.26")
    other = held("ifm") if booking.get("way") else held("payable", Booked.objects.get().library_id)
    assert abs(other) == Decimal("0.26")


def test_what_comes_back_goes_the_other_way(fund):
    book("1", bill("15.00", way="ifm"))
    row = book("2", bill("-5.00", way="ifm", what="refund"))
    assert row.amount == -5 and held("borrowing", fund.pk) == Decimal("10.00") and held("ifm") == Decimal("-10.00")


def test_undone_once_by_a_row_and_an_entry_of_the_opposite(fund):
    row = book()
    back = actions.undo(row, key="1 back", day=DAY, actor=f.staff(), now=f.NOW)
    assert actions.undo(row, key="other", day=DAY, actor=f.staff(), now=f.NOW) == back
    assert back.amount == -row.amount and back.entry.reverses == row.entry
    assert held("borrowing", fund.pk) == 0 and Entry.objects.count() == 2
    with pytest.raises(NotAllowed, match="undoes another"):
        actions.undo(back, key="back again", day=DAY, actor=f.staff(), now=f.NOW)


def test_what_stands_for_a_request_is_told_so_that_nobody_pays_it_twice(fund):
    ill = f.ill("borrowing.sent")
    kept = book("1", bill(ill=ill.pk, way="ifm"))
    gone = book("2", bill(ill=ill.pk))
    actions.undo(gone, key="2 back", day=DAY, actor=f.staff(), now=f.NOW)
    assert queries.charged([ill.pk]) == {ill.pk: [kept]} and queries.charged([]) == {}
    assert queries.charged([ill.pk], side=Booked.INCOME) == {}


def test_in_a_closed_month_it_is_entered_today_with_its_day_beside_it(fund):
    ledger.year_of(DAY)
    Period.objects.filter(begins__lte=DAY).update(closed=f.NOW)
    Period.objects.filter(begins__gte=date(2026, 3, 1)).update(closed=None)
    row = book("1", bill(day=date(2026, 2, 20)))
    assert row.entry.of_day == date(2026, 2, 20) and row.entry.day >= date(2026, 3, 1)


def test_a_cost_without_a_fund_or_a_library_is_refused_and_nothing_is_entered():
    with pytest.raises(BadAnswer, match="fund"):
        book()
    CostPolicy.objects.create(pk=1, borrowing_fund=Fund.objects.create(code="X", name="X"))
    with pytest.raises(BadAnswer, match="library"):
        book("1", bill(library=None))
    assert not Entry.objects.exists() and not Booked.objects.exists()


def test_foreign_money_has_the_newest_rate_of_its_day(fund):
    by = f.staff()
    actions.set_rate("eur", date(2026, 2, 1), Decimal("1.08"), source="ECB", actor=by)
    actions.set_rate("EUR", date(2026, 3, 1), Decimal("1.10"), source="ECB", actor=by)
    actions.set_rate("EUR", date(2026, 3, 3), Decimal("1.20"), source="ECB", actor=by)
    euros = actions.foreign(Decimal("35.00"), "EUR", DAY)
    assert (euros.rate, euros.on, euros.own) == (Decimal("1.10"), date(2026, 3, 1), Decimal("38.50"))
    row = book("1", bill("38.50", foreign=euros))
    assert (row.foreign, row.foreign_currency, row.entry.rate) == (Decimal("35.00"), "EUR", Decimal("1.10"))
    with pytest.raises(BadAnswer, match="No rate of CHF"):
        actions.foreign(Decimal("1.00"), "CHF", DAY)
    for code, rate in (("EURO", "1"), ("€€€", "1"), ("EUR", "0"), ("EUR", "-1")):
        with pytest.raises(BadAnswer):
            actions.set_rate(code, DAY, Decimal(rate), source="", actor=by)
