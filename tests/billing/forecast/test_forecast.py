"""The year against its budget: from the books, by the same months of last year or by what a day cost."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from billing import fiscal
from billing.budget import actions as budget
from billing.forecast import picture, queries
from billing.forecast.project import LAST_YEAR, NONE, OVER, RUN_RATE, project
from billing.ledger import actions as ledger
from billing.ledger.actions import Transfer, Where
from billing.models import Fund
from tests import factories as f

BEGINS, ENDS = date(2025, 7, 1), date(2026, 6, 30)
FIRSTS = [fiscal.months_on(BEGINS, place) for place in range(12)]
NOTHING = [Decimal(0)] * 12


def months(**amounts) -> list[Decimal]:
    """By the month's place in the year: m0=…"""
    return [Decimal(amounts.get(f"m{place}", 0)) for place in range(12)]


@pytest.mark.nodb
def test_what_is_to_come_is_what_the_same_months_cost_a_year_before():
    before = [Decimal(100)] * 12
    found = project(months(m0=90, m8=30), before, FIRSTS, ENDS, date(2026, 3, 10))
    assert found.method == LAST_YEAR
    assert found.months[:8] == (0,) * 8 and found.months[8] == Decimal("67.74"), "21 of its 31 days are to come"
    assert found.months[9:] == (100,) * 3
    paid = project(months(m8=60), before, FIRSTS, ENDS, date(2026, 3, 10))
    assert paid.months[8] == 40, "of the present month what is missing of it"


@pytest.mark.nodb
def test_within_the_last_day_of_a_month_the_forecast_does_not_jump():
    before = [Decimal(100)] * 12
    last, next_ = (project(months(m0=90), before, FIRSTS, ENDS, day, Decimal(50))
                   for day in (date(2026, 3, 31), date(2026, 4, 1)))
    assert last.months[8] == 0 and last.rest - next_.rest < 5
    committed = project(NOTHING, NOTHING, FIRSTS, ENDS, date(2026, 3, 31), committed=Decimal(91))
    assert committed.months[8:] == (0, 30, 31, 30), "by days, and nothing of it today"
    on_the_last_day = project(NOTHING, NOTHING, FIRSTS, ENDS, ENDS, committed=Decimal(91))
    assert on_the_last_day.months[11] == 91 == on_the_last_day.rest


@pytest.mark.nodb
def test_what_is_known_is_drawn_up_to_today_and_months_are_named_in_their_middle():
    spent = [Decimal(90)] * 3 + [Decimal(0)] * 9
    drawn = picture.draw(spent, [Decimal(0)] * 3 + [Decimal(10)] * 9, Decimal(500), done=3, share=0.5)
    wide = (picture.RIGHT - picture.LEFT) / 12
    assert drawn.spent[-1][0] == drawn.coming[0][0] == round(picture.LEFT + 2.5 * wide)
    assert drawn.coming[1][0] > drawn.coming[0][0] and drawn.months[0] == round(picture.LEFT + wide / 2)


@pytest.mark.nodb
def test_without_a_year_before_a_day_goes_on_costing_what_it_did():
    found = project(months(m0=365), NOTHING, FIRSTS, ENDS, date(2025, 7, 31))
    assert found.method == RUN_RATE and found.months[0] == 0
    assert found.months[1] == Decimal("365.00") and abs(found.rest - Decimal(365) / 31 * 334) < Decimal("0.10")


@pytest.mark.nodb
def test_what_is_committed_comes_at_least_and_a_year_that_is_over_is_what_it_cost():
    found = project(NOTHING, NOTHING, FIRSTS, ENDS, date(2026, 3, 10), committed=Decimal(50))
    assert (found.method, found.rest) == (NONE, 50) and found.months[:8] == (0,) * 8
    assert project(months(m0=9), NOTHING, FIRSTS, ENDS, date(2026, 7, 1), committed=Decimal(5)).method == OVER
    assert project(NOTHING, [Decimal(1)] * 12, FIRSTS, ENDS, date(2025, 6, 1)).rest == 12, "before it begins"


@pytest.mark.nodb
@given(st.lists(st.integers(-500, 90_000), min_size=12, max_size=12), st.lists(st.integers(0, 9_000), min_size=12,
       max_size=12), st.integers(0, 400), st.integers(0, 100_000))
def test_the_picture_stays_inside_its_frame(spent, before, days, committed):
    today = date.fromordinal(BEGINS.toordinal() + days)
    done = sum(1 for first in FIRSTS if first <= today)
    amounts = [Decimal(amount if place < done else 0) for place, amount in enumerate(spent)]
    found = project(amounts, [Decimal(one) for one in before], FIRSTS, ENDS, today, Decimal(committed))
    assert all(one >= 0 for one in found.months)
    drawn = picture.draw(amounts, found.months, Decimal(committed), done=done)
    for x, y in (*drawn.spent, *drawn.coming):
        assert picture.LEFT <= x <= picture.RIGHT and picture.TOP - 1 <= y <= picture.BOTTOM
    assert 2 <= len(drawn.ticks) <= 7
    places = sorted(drawn.names.values())
    assert all(after - before_ >= 15 for before_, after in pairwise(places))


def _fund(code="ILL-B", amount=1000) -> Fund:
    row = Fund.objects.create(code=code, name="x")
    budget.open_year(row, label="2025–26", begins=BEGINS, ends=ENDS, amount=Decimal(amount), key=code,
                     actor=f.staff("coordinator"), now=f.NOW)
    return row


def cost(fund, amount, day, family="borrowing"):
    return ledger.post(f"{fund.pk} {amount} {day}", Transfer(Where(family, fund.pk), Where("bank"), Decimal(amount),
                                                             "bill"), day=day, actor=f.staff(), now=f.NOW)


@pytest.mark.django_db
def test_a_year_is_read_from_the_books_by_fund_and_month_reversals_taken_off():
    one, two = _fund(), _fund("ILL-R", 200)
    cost(one, "100.00", date(2025, 8, 5)), cost(one, "50.00", date(2026, 3, 1), "lost")
    wrong = cost(two, "70.00", date(2026, 2, 1), "royalties")
    ledger.reverse(wrong, key="undo", day=date(2026, 3, 2), actor=f.staff(), now=f.NOW)
    cost(one, "80.00", date(2025, 5, 5))  # of the year before
    found = queries.year("2025–26", today=date(2026, 3, 2))
    line = found.funds[0]
    assert (line.code, line.spent, line.months[1], line.months[8]) == ("ILL-B", 150, 100, 50)
    assert line.before[10] == 80 and line.projection.method == LAST_YEAR
    assert (line.forecast, line.difference) == (Decimal(230), Decimal(770))
    assert found.funds[1].spent == 0 and found.funds[1].months[7] == 70 and found.funds[1].months[8] == -70
    assert (found.all.spent, found.all.budget) == (150, 1200)
    assert found.all.forecast == sum(line.forecast for line in found.funds)


@pytest.mark.django_db
def test_the_page_has_its_finding_a_chart_with_words_a_table_and_lists():
    fund = _fund(amount=100)
    from django.utils import timezone

    label, begins, ends = fiscal.year_of(timezone.localdate())
    budget.open_year(fund, label=label, begins=begins, ends=ends, amount=Decimal(100), key="now",
                     actor=f.staff("coordinator"), now=f.NOW) if label != "2025–26" else None
    ledger.post("now", Transfer(Where("borrowing", fund.pk), Where("bank"), Decimal("300.00"), "bill"),
                day=timezone.localdate(), actor=f.staff(), now=timezone.now())
    page = Client()
    page.force_login(f.user("budget"), backend="illdesk.accounts.backend.RoleBackend")
    text = page.get("/billing/year/").content.decode()
    assert "more than its budget" in text and '<svg class="ill-chart"' in text and "Spent 300" in text
    assert "<desc" in text and "what a day cost so far" in text and "By month" in text
    assert {page.get(f"/billing/year/?{asked}").status_code for asked in ("fund=ILL-B", "fund=x&year=y")} == {200}
    listed = b"".join(page.get("/billing/year/export.csv").streaming_content).decode("utf-8-sig")
    assert "300.00" in listed and page.get("/billing/year/export.xlsx").status_code == 200
    assert page.get("/billing/year/export.exe").status_code == 404


@pytest.mark.django_db
def test_what_a_fund_without_a_budget_costs_is_named_and_not_counted_against_the_others():
    from django.utils import timezone

    label, begins, ends = fiscal.year_of(timezone.localdate())
    rich = Fund.objects.create(code="ILL-A", name="x")
    budget.open_year(rich, label=label, begins=begins, ends=ends, amount=Decimal(1000), key="now",
                     actor=f.staff("coordinator"), now=f.NOW)
    bare = Fund.objects.create(code="ILL-B", name="x")
    for fund, amount in ((rich, "100.00"), (bare, "305.00")):
        ledger.post(fund.code, Transfer(Where("borrowing", fund.pk), Where("bank"), Decimal(amount), "bill"),
                    day=timezone.localdate(), actor=f.staff(), now=timezone.now())
    found = queries.year(label, today=timezone.localdate())
    assert (found.all.spent, found.all.budget) == (100, 1000) and [one.code for one in found.without] == ["ILL-B"]
    page = Client()
    page.force_login(f.user("budget"), backend="illdesk.accounts.backend.RoleBackend")
    for url in ("/billing/year/", "/billing/batches/"):
        assert "Without a budget: ILL-B 305.00" in page.get(url).content.decode(), url
    text = page.get("/billing/year/").content.decode()
    assert "The funds with a budget will probably come to" in text.split('id="finding"')[1].split("</h2>")[0]
    text = page.get("/billing/year/?fund=ILL-B").content.decode()
    assert "No budget is entered for ILL-B." in text and "more than its budget" not in text
    assert "line class=\"is-budget\"" not in text
    text = page.get(reverse("fund", args=["ILL-B"])).content.decode()
    assert "No budget yet" in text and "Give this fund" not in text


@pytest.mark.django_db
def test_where_no_fund_has_a_budget_the_year_says_so():
    from django.utils import timezone

    bare = Fund.objects.create(code="ILL-B", name="x")
    ledger.post("1", Transfer(Where("borrowing", bare.pk), Where("bank"), Decimal("5.00"), "bill"),
                day=timezone.localdate(), actor=f.staff(), now=timezone.now())
    page = Client()
    page.force_login(f.user("budget"), backend="illdesk.accounts.backend.RoleBackend")
    text = page.get("/billing/year/").content.decode()
    assert "No budget is entered for this fiscal year." in text and "Without a budget:" not in text
