"""Fiscal years open by themselves; months close in their order, and nothing is entered in a closed one."""

import threading
import time
from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction

from billing.ledger import actions, queries
from billing.ledger.models import Entry, FiscalYear, Period
from illdesk.errors import NotAllowed
from illdesk.models import Event
from tests import factories as f
from tests.billing.ledger.test_posting import DAY, OAK, moved, post


def month(day: date) -> Period:
    actions.year_of(day)
    return Period.objects.get(begins=day)


def close(day: date, *, now=datetime(2026, 9, 1, 12, tzinfo=UTC)) -> Period:
    return actions.close(month(day), actor=f.staff(), now=now)


def close_upto(last: date) -> None:
    for row in Period.objects.filter(ends__lt=last).order_by("begins"):
        close(row.begins)


@pytest.mark.django_db
def test_a_year_has_its_months_and_opens_once():
    year = actions.year_of(date(2026, 3, 2))
    assert (year.label, year.begins, year.ends) == ("2025–26", date(2025, 7, 1), date(2026, 6, 30))
    assert [str(row) for row in year.periods.all()][::11] == ["2025-07", "2026-06"] and year.periods.count() == 12
    assert month(date(2026, 2, 1)).ends == date(2026, 2, 28)
    assert actions.year_of(date(2025, 7, 1)) == year and actions.year_of(date(2026, 7, 1)).label == "2026–27"


@pytest.mark.django_db
def test_a_library_that_changes_its_year_gets_a_short_one_between(settings):
    actions.year_of(date(2026, 3, 2))
    settings.FISCAL_YEAR_MONTH = 1
    short = actions.year_of(date(2026, 10, 1))
    assert (short.begins, short.ends, short.periods.count()) == (date(2026, 7, 1), date(2026, 12, 31), 6)
    assert (actions.year_of(date(2027, 5, 5)).label, actions.year_of(date(2024, 5, 5)).label) == ("2027", "2024")
    early = actions.year_of(date(2025, 5, 5))
    assert (early.begins, early.ends) == (date(2025, 1, 1), date(2025, 6, 30))
    assert FiscalYear.objects.values("label").distinct().count() == FiscalYear.objects.count() == 5


@pytest.mark.django_db
def test_each_year_counts_from_one():
    assert [post(f"k{day}", day=day).number for day in (DAY, date(2026, 7, 1), date(2026, 6, 30))] == [1, 1, 2]


@pytest.mark.django_db
def test_months_close_in_their_order_when_they_are_over():
    post()
    with pytest.raises(NotAllowed, match="Close July 2025 first"):
        close(date(2026, 3, 1))
    close_upto(date(2026, 3, 1))
    with pytest.raises(NotAllowed, match="not over"):
        close(date(2026, 3, 1), now=f.NOW)
    row = close(date(2026, 3, 1))
    assert row.closed_by is not None and close(date(2026, 3, 1), now=f.later(days=900)).closed == row.closed
    assert Event.objects.filter(name="books.closed").latest("pk").data == {"last": 1}


@pytest.mark.django_db
def test_in_a_closed_month_nothing_is_entered_or_it_is_entered_today_with_its_day():
    row = post()
    close_upto(date(2026, 7, 2))
    with pytest.raises(actions.PeriodClosed, match="March 2026 is closed"):
        post("late")
    august = datetime(2026, 8, 20, 12, tzinfo=UTC)
    late = actions.post("late", moved(), day=DAY, actor=f.staff(), now=august, or_later=True)
    assert (late.day, late.of_day, late.year.label, late.number) == (date(2026, 8, 20), DAY, "2026–27", 1)
    back = actions.reverse(row, key="undo", day=DAY, actor=f.staff(), now=august)
    assert (back.year.label, back.number, back.of_day) == ("2026–27", 2, DAY)
    assert queries.balance(OAK, upto=date(2026, 6, 30)) == 15, "the closed year stays as it was"


@pytest.mark.django_db(transaction=True)
def test_a_month_closes_after_whoever_enters_something_in_it():
    post()
    close_upto(date(2026, 3, 1))
    closed: list[object] = []

    def closes() -> None:
        try:
            closed.append(close(date(2026, 3, 1)))
        except BaseException as failure:
            closed.append(failure)
        finally:
            connection.close()

    other = threading.Thread(target=closes)
    with transaction.atomic():
        post("second")
        other.start()
        time.sleep(0.4)
        assert closed == []
    other.join(timeout=20)
    assert isinstance(closed[0], Period) and Event.objects.get(
        name="books.closed", subject_id=closed[0].pk).data == {"last": 2}
    with pytest.raises(actions.PeriodClosed):
        post("third")
    assert Entry.objects.count() == 2
