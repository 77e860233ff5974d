"""What a fund spends stands in the books: once, put right by a reversal, taken back."""

from decimal import Decimal

import pytest

from billing.budget.models import Fund
from billing.costs.models import Rate
from billing.ledger import queries as books
from billing.ledger.actions import Where
from billing.ledger.models import Entry
from illdesk import budgets
from illdesk.errors import BadAnswer
from tests import factories as f
from tests.billing.budget.test_actions import fund as fund_year

pytestmark = pytest.mark.django_db
DAY = f.NOW.date()


def spent(fund: Fund) -> Decimal:
    return books.balance(Where("royalties", fund.pk))


def answering() -> budgets.Funds:
    found = budgets.funds()
    assert found is not None
    return found


def put_aside(code: str, amount: str = "38.00") -> None:
    answering().commit("royalty:1", fund=code, day=DAY, amount=Decimal(amount), what="royalty", about="B-2026-00001",
                       actor=f.staff(), now=f.NOW)


def test_what_was_put_aside_and_is_paid_is_a_cost_of_its_fund():
    fund = fund_year().fund
    put_aside(fund.code)
    assert spent(fund) == 0, "put aside, it is not spent"
    assert answering().spend("royalty:1", Decimal("40.00"), actor=f.staff(), now=f.NOW)
    assert spent(fund) == -books.balance(Where("bank")) == Decimal("40.00")
    assert not answering().spend("royalty:1", Decimal("40.00"), actor=f.staff(), now=f.NOW)
    assert Entry.objects.count() == 1, "said again, nothing is entered"


def test_paid_otherwise_after_all_the_first_entry_is_reversed():
    fund = fund_year().fund
    put_aside(fund.code)
    for amount in ("40.00", "36.50"):
        answering().spend("royalty:1", Decimal(amount), actor=f.staff(), now=f.NOW)
    assert spent(fund) == Decimal("36.50") and Entry.objects.count() == 3
    assert answering().unspend("royalty:1", actor=f.staff(), now=f.NOW)
    assert spent(fund) == 0 and Entry.objects.count() == 4
    answering().spend("royalty:1", Decimal("36.50"), actor=f.staff(), now=f.NOW)
    assert spent(fund) == Decimal("36.50") and Entry.objects.count() == 5


def test_a_fund_in_another_currency_needs_its_rate_and_nothing_is_spent_without():
    fund = fund_year().fund
    Fund.objects.filter(pk=fund.pk).update(currency="EUR")
    put_aside(fund.code)
    with pytest.raises(BadAnswer, match="No rate of EUR"):
        answering().spend("royalty:1", Decimal("40.00"), actor=f.staff(), now=f.NOW)
    assert not Entry.objects.exists()
    Rate.objects.create(currency="EUR", on=DAY, rate=Decimal("1.10"))
    answering().spend("royalty:1", Decimal("40.00"), actor=f.staff(), now=f.NOW)
    assert spent(fund) == Decimal("44.00") and Entry.objects.get().foreign == Decimal("40.00")
