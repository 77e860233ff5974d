"""Money put aside, paid and released: once, whoever clicks twice; of two who want the last of it one is told."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing import fiscal
from billing.budget import actions, queries
from billing.budget.models import BudgetChange, Commitment, Fund, FundYear
from illdesk import actors, budgets
from illdesk.errors import BadAnswer
from tests import factories as f

DAY = date(2026, 3, 2)


def fund(amount="100.00", code="ILL-R", currency="USD") -> FundYear:
    row = Fund.objects.create(code=code, name="Royalties", currency=currency)
    label, begins, ends = fiscal.year_of(DAY)
    return actions.open_year(row, label=label, begins=begins, ends=ends, amount=Decimal(amount), key=f"open {code}",
                             actor=f.staff("coordinator"), now=f.NOW)


def commit(amount, key="royalty:B-1:1", *, actor=None, code="ILL-R", over_reason=""):
    return actions.commit(key, fund=code, day=DAY, amount=Decimal(amount), what="royalty", about="B-1", now=f.NOW,
                          actor=actor or f.staff("borrowing staff"), over_reason=over_reason)


def totals(row: FundYear) -> tuple[Decimal, Decimal, Decimal]:
    row.refresh_from_db()
    return row.committed, row.spent, row.left


def test_a_fiscal_year_begins_in_july():
    assert fiscal.year_of(date(2026, 6, 30)) == ("2025–26", date(2025, 7, 1), date(2026, 6, 30))
    assert fiscal.year_of(date(2026, 7, 1)) == ("2026–27", date(2026, 7, 1), date(2027, 6, 30))


def test_a_library_whose_year_is_the_calendars(settings):
    settings.FISCAL_YEAR_MONTH = 1
    assert fiscal.year_of(date(2026, 3, 2)) == ("2026", date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.django_db
def test_what_is_put_aside_is_paid_with_what_it_really_was():
    row = fund()
    after = commit("38.00")
    assert (after.code, after.left, after.year) == ("ILL-R", Decimal("62.00"), "2025–26")
    assert actions.spend("royalty:B-1:1", Decimal("41.50"), actor=f.staff(), now=f.NOW)
    assert totals(row) == (Decimal(0), Decimal("41.50"), Decimal("58.50"))


@pytest.mark.django_db
def test_said_twice_it_is_done_once():
    row = fund()
    commit("38.00")
    commit("38.00")
    assert totals(row)[0] == Decimal("38.00")
    assert actions.spend("royalty:B-1:1", Decimal("38.00"), actor=f.staff(), now=f.NOW)
    assert not actions.spend("royalty:B-1:1", Decimal("38.00"), actor=f.staff(), now=f.NOW)
    assert not actions.release("royalty:B-1:1", actor=f.staff(), now=f.NOW)
    assert totals(row) == (Decimal(0), Decimal("38.00"), Decimal("62.00"))
    # The payee's statement says another amount: it is put right.
    assert actions.spend("royalty:B-1:1", Decimal("30.00"), actor=f.staff(), now=f.NOW)
    assert totals(row) == (Decimal(0), Decimal("30.00"), Decimal("70.00"))


@pytest.mark.django_db
def test_what_is_released_can_be_used_again():
    row = fund("40.00")
    commit("38.00")
    assert actions.release("royalty:B-1:1", actor=actors.CLOCK, now=f.NOW)
    assert not actions.release("royalty:B-1:1", actor=actors.CLOCK, now=f.NOW)
    commit("38.00", "royalty:B-2:1")
    assert totals(row)[0] == Decimal("38.00")


@pytest.mark.django_db
def test_more_than_is_left_is_refused_in_a_sentence():
    row = fund("30.00")
    with pytest.raises(budgets.NotEnough, match=r"ILL-R has USD 30\.00 left in 2025–26; USD 38\.00 is more"):
        commit("38.00")
    assert totals(row)[0] == 0 and not Commitment.objects.exists()


@pytest.mark.django_db
def test_only_who_may_change_budgets_goes_beyond_and_says_why():
    row = fund("30.00")
    with pytest.raises(budgets.NotEnough, match="somebody who may change budgets"):
        commit("38.00", over_reason="The last week of the year")
    commit("38.00", actor=f.staff("coordinator"), over_reason="The last week of the year")
    assert totals(row)[2] == Decimal("-8.00")
    assert Commitment.objects.get().over_reason == "The last week of the year"


@pytest.mark.django_db
def test_a_fund_without_a_budget_on_the_day_cannot_be_chosen():
    fund()
    with pytest.raises(BadAnswer, match="no budget on this day"):
        commit("1.00", code="NONE")
    Fund.objects.update(active=False)
    with pytest.raises(BadAnswer, match="no budget on this day"):
        commit("1.00")
    assert queries.on(DAY) == []


@pytest.mark.django_db
def test_days_belong_to_one_year_of_a_fund():
    row = fund()
    with pytest.raises(BadAnswer, match="belong to 2025–26"):
        actions.open_year(row.fund, label="another", begins=date(2026, 6, 1), ends=date(2027, 5, 31), key="x",
                          amount=Decimal(1), actor=f.staff(), now=f.NOW)


@pytest.mark.django_db
def test_a_budget_changes_by_a_row_with_its_reason_once():
    row, actor = fund(), f.staff("coordinator")
    for _time in range(2):
        actions.change_budget(row, Decimal("-25.00"), "Cut in March", key="form 1", actor=actor, now=f.NOW)
    row.refresh_from_db()
    assert row.budget == Decimal("75.00")
    assert list(BudgetChange.objects.order_by("pk").values_list("amount", flat=True)) == [100, -25]
    with pytest.raises(BadAnswer, match="Say why"):
        actions.change_budget(row, Decimal("5"), " ", key="form 2", actor=actor, now=f.NOW)
    with pytest.raises(BadAnswer, match="less than nothing"):
        actions.change_budget(row, Decimal("-500"), "Typing", key="form 3", actor=actor, now=f.NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_want_the_last_money_at_once_one_is_told():
    row = fund("50.00")
    people = [f.staff("borrowing staff"), f.staff("borrowing staff")]
    start, outcomes = threading.Barrier(2), []

    def want(place: int) -> None:
        start.wait()
        try:
            commit("38.00", f"royalty:B-{place}:1", actor=people[place])
            outcomes.append("has it")
        except budgets.NotEnough as refusal:
            outcomes.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=want, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[1] == "has it" and "USD 12.00 left" in sorted(outcomes)[0]
    assert totals(row)[0] == Decimal("38.00")


_CENTS = st.integers(0, 6000).map(lambda cents: Decimal(cents) / 100)
_DEED = st.tuples(st.sampled_from(["commit", "spend", "release", "change"]), st.integers(0, 5), _CENTS)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(_DEED, max_size=25))
def test_totals_are_what_the_rows_say_whatever_happened(deeds):
    from django.db import transaction

    actor = f.staff("coordinator")
    with transaction.atomic():
        row = fund("120.00")
        for turn, (deed, place, amount) in enumerate(deeds):
            key = f"royalty:B-{place}:1"
            try:
                if deed == "commit":
                    commit(amount, key, actor=actor, over_reason="" if turn % 3 else "Said so")
                elif deed == "spend":
                    actions.spend(key, amount, actor=actor, now=f.NOW)
                elif deed == "release":
                    actions.release(key, actor=actor, now=f.NOW)
                else:
                    actions.change_budget(row, amount - 30, "Because", key=str(turn), actor=actor, now=f.NOW)
            except (budgets.NotEnough, BadAnswer):
                pass
        row.refresh_from_db()
        rows = list(row.commitments.all())
        assert row.committed == sum((one.amount for one in rows if one.state == "committed"), Decimal(0))
        assert row.spent == sum((one.actual for one in rows if one.state == "spent"), Decimal(0))
        assert row.budget == sum((one.amount for one in row.changes.all()), Decimal(0))
        transaction.set_rollback(True)
