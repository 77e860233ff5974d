"""Reports are what the books say, however one looks at them."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as s

from billing.budget.models import Fund
from billing.costs import actions as costs
from billing.costs.actions import Booking
from billing.ledger import actions as ledger
from billing.ledger.models import Account, Entry
from billing.ledger.queries import balances as books
from billing.reports import queries
from billing.reports.models import BalanceLimit
from billing.reports.queries import DIMENSIONS, Period
from requests_app.models import ILLRequest, LibraryGroup, Patron, Royalty, RoyaltyList
from tests import factories as f
from tests.billing.ifm import cast as c

pytestmark = pytest.mark.django_db
DAY = f.NOW.date()
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture(autouse=True)
def _books():
    c.books()


def booked(key: str, amount: str, ill: ILLRequest | None = None, *, day: date = DAY, now=c.APRIL, **more):
    given_ = {"side": "cost", "way": "ifm", "what": "charge", "source": ("x", 1), "library": ill and ill.partner_id}
    return costs.book(key, Booking(day=day, amount=Decimal(amount), ill=ill and ill.pk, **(given_ | more)),
                      actor=f.staff(), now=now)


def ours(**patron) -> ILLRequest:
    row = f.ill("borrowing.received")
    Patron.objects.filter(pk=row.patron_id).update(**patron)
    return row


def by(code: str, period: Period = MARCH) -> dict[str, tuple[Decimal, Decimal, int]]:
    return {row.label: (row.spent, row.income, row.requests) for row in queries.by(DIMENSIONS[code], period)}


def test_by_department_status_service_way_library_and_month():
    history = ours(department="History", status="faculty")
    nobody = ours(department="", status="other")
    theirs = f.ill("lending.shipped", partner=f.library("OAK", name="Oak"))
    booked("1", "15.00", history)
    booked("2", "0.26", history, what="fee")
    booked("3", "20.00", nobody, way="invoice")
    booked("4", "9.00", theirs, side="income")
    assert by("department") == {"History": (Decimal("15.26"), 0, 1), "No department": (Decimal("20.00"), Decimal(9), 2)}
    assert by("status")["Faculty"][0] == Decimal("15.26") and by("status")["No patron"][1] == 9
    assert by("service") == {"Loan": (Decimal("35.26"), Decimal(9), 3)}
    assert by("way")["Invoice"] == (Decimal(20), 0, 1)
    assert by("library")["Oak (OAK)"] == (0, Decimal(9), 1)
    assert by("month") == {"March 2026": (Decimal("35.26"), Decimal(9), 3)}
    assert by("fund")["ILL-B"][0] == Decimal("35.00")


def test_a_library_of_two_groups_stands_in_both_and_the_total_counts_it_once():
    row = ours()
    for name in ("East", "West"):
        LibraryGroup.objects.create(name=name).libraries.add(row.partner)
    booked("1", "15.00", row)
    assert by("group") == {"East": (15, 0, 1), "West": (15, 0, 1)}
    assert queries.total(MARCH).spent == 15


def test_what_was_undone_comes_to_nothing_and_counts_no_request():
    row = booked("1", "15.00", ours())
    costs.undo(row, key="1:undone", day=f.NOW.date(), actor=f.staff(), now=c.APRIL)
    assert by("department") == {"No department": (0, 0, 0)}


def test_what_belongs_to_a_closed_month_stands_where_the_books_have_it():
    period = ledger.year_of(f.NOW.date()).periods
    for one in period.filter(begins__lte=MARCH.first).order_by("begins"):
        ledger.close(one, actor=f.staff(), now=c.APRIL)
    booked("1", "15.00", ours())
    assert queries.total(MARCH).spent == 0
    assert queries.total(Period(date(2026, 4, 1), date(2026, 4, 30))).spent == 15


def test_the_report_is_the_books_and_what_is_entered_beside_requests_is_told():
    booked("1", "15.00", ours())
    assert queries.tie(MARCH, queries.total(MARCH))["cost"].beside == 0
    ledger.post("bank fee", ledger.Transfer(ledger.Where("fees"), ledger.Where("bank"), Decimal(3), "fee"),
                day=f.NOW.date(), actor=f.staff(), now=c.APRIL)
    tied = queries.tie(MARCH, queries.total(MARCH))
    assert (tied["cost"].report, tied["cost"].books, tied["cost"].beside) == (15, 18, 3)


_BOOKING = s.tuples(
    s.sampled_from(["charge", "fee", "refund", "lost", "damaged"]), s.sampled_from(["cost", "income"]),
    s.sampled_from(["ifm", "invoice", "voucher"]), s.integers(1, 5000), s.integers(1, 60), s.integers(0, 2),
    s.booleans(), s.booleans())


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=s.lists(_BOOKING, max_size=10))
def test_over_any_history_every_report_adds_up_to_the_accounts(history):
    from datetime import timedelta

    from django.db import transaction

    with transaction.atomic():
        rows = [f.ill("borrowing.received"), f.ill("lending.shipped"), None]
        library = f.library().pk
        for number, (what, side, way, amount, days, place, dummy, undone) in enumerate(history):
            sum_ = Decimal(amount) / 100 * (-1 if what == "refund" else 1)
            row = booked(str(number), str(sum_), rows[place], day=date(2026, 2, 1) + timedelta(days=days), what=what,
                         side=side, way=way, dummy=dummy, library=library)
            if undone:
                costs.undo(row, key=f"{number}:undone", day=c.APRIL.date(), actor=f.staff(), now=c.APRIL)
        for period in (MARCH, Period(date(2026, 1, 1), date(2026, 12, 31))):
            total = queries.total(period)
            for code, dimension in DIMENSIONS.items():
                found = queries.by(dimension, period)
                if code != "group":
                    assert sum((row.spent for row in found), Decimal(0)) == total.spent
                    assert sum((row.income for row in found), Decimal(0)) == total.income
            moved = {family: sum((one.amount for one in books(Account.objects.filter(family__in=families),
                                                               since=period.first, upto=period.last)), Decimal(0))
                     for family, families in (("cost", queries.COST_OF), ("income", queries.INCOME_OF))}
            assert (total.spent, total.income) == (moved["cost"], moved["income"])
        transaction.set_rollback(True)


def test_reciprocity_counts_what_was_shipped_in_the_period_both_ways_and_tells_what_is_beyond_a_limit():
    hill = f.library()
    for _one in range(3):
        f.ill("lending.shipped", partner=hill)
    borrowed = f.ill("borrowing.received", partner=hill)
    f.ill("lending.finished", service="copy", partner=hill)
    f.ill("lending.received", partner=hill)  # not shipped yet
    booked("1", "15.00", borrowed)
    one, = queries.balances(MARCH)
    assert (one.lent, one.borrowed, one.more, one.money) == ({"loan": 3, "copy": 1}, {"loan": 1}, 3, Decimal("-15.00"))
    assert one.told is None
    assert queries.balances(Period(date(2026, 4, 1), date(2026, 4, 30))) == []
    limit = BalanceLimit.objects.create(service="loan", requests=2)
    assert queries.balances(MARCH)[0].told is None
    limit.requests = 1
    limit.save()
    assert queries.balances(MARCH)[0].told == limit
    group = LibraryGroup.objects.create(name="East")
    group.libraries.add(hill)
    assert queries.balances(MARCH, group=True)[0].more == 3
    money = BalanceLimit.objects.create(group=group, money=Decimal("14.99"))
    assert queries.balances(MARCH, group=True)[0].told == money


def test_a_limit_is_of_something_and_of_one_thing():
    for given_ in ({}, {"library": f.library(), "group": LibraryGroup.objects.create(name="East"), "requests": 1}):
        with pytest.raises(ValidationError):
            BalanceLimit(**given_).full_clean()


def test_a_filled_request_costs_what_was_charged_with_fees_by_all_that_were_filled():
    paid, _free, lost = ours(), ours(), ours()
    booked("1", "15.00", paid)
    booked("2", "0.26", paid, what="fee")
    booked("3", "80.00", lost, what="lost", dummy=True)
    ways, everything = queries.per_request(MARCH)
    assert [(one.way, one.requests, one.each) for one in ways] == [("ifm", 1, Decimal("15.26"))]
    assert (everything.requests, everything.together, everything.each) == (3, Decimal("15.26"), Decimal("5.09"))


def test_royalties_that_were_paid_by_fund():
    given_ = {"number": "B-2026-00001", "title": "x", "year": 2026, "price": 38, "currency": "USD", "source": "entered",
              "source_on": f.NOW.date(), "fund": "ILL-R", "agreed": f.NOW,
              "used_on": DAY}
    made = RoyaltyList.objects.create(number="R-1", first=DAY, last=DAY, made=f.NOW, key="x")
    Royalty.objects.create(state="paid", list=made, paid=Decimal("38.00"), paid_on=f.NOW.date(), **given_)
    Royalty.objects.create(state="owed", **(given_ | {"number": "B-2026-00002"}))
    found, = queries.royalties(MARCH)
    assert (found.fund, found.copies, found.paid) == ("ILL-R", 1, Decimal("38.00"))


@pytest.mark.parametrize(("code", "most"), [("library", 2), ("group", 2), ("department", 2), ("month", 2)])
def test_a_report_costs_the_same_queries_however_much_was_booked(django_assert_max_num_queries, code, most):
    for number in range(12):
        booked(str(number), "15.00", ours(department=f"D{number}"))
    with django_assert_max_num_queries(most):
        queries.by(DIMENSIONS[code], MARCH)
    with django_assert_max_num_queries(6):
        queries.balances(MARCH)


# --- pages -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("report", [*DIMENSIONS, "balance", "group-balance", "request", "royalties"])
def test_every_report_is_shown_full_and_empty_and_downloaded(client, report):
    client.force_login(f.user("coordinator"))
    url = f"/billing/reports/{report}/"
    assert client.get(f"{url}?first=2020-01-01&last=2020-01-31").status_code == 200
    row = ours(department="History")
    booked("1", "15.00", row)
    booked("2", "9.00", f.ill("lending.shipped"), side="income", day=date(2026, 2, 3))
    asked = "?first=2026-02-01&last=2026-03-31"
    assert client.get(url + asked).status_code == 200
    text = b"".join(client.get(f"{url}export.csv{asked}").streaming_content).decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(text)))
    assert b"".join(client.get(f"{url}export.xlsx{asked}").streaming_content)[:2] == b"PK"


def test_the_page_says_that_it_is_the_books(client):
    client.force_login(f.user("coordinator"))
    booked("1", "15.00", ours())
    page = client.get("/billing/reports/?first=2026-03-01&last=2026-03-31").content.decode()
    assert "15.00" in page and "These are the sums of four accounts" in page
    assert "No royalties and no other cost were entered" in page


def test_royalties_and_other_cost_stand_beside_the_sums_so_that_all_of_it_is_what_the_year_says(client):
    """Else a reader takes the sums for all that was spent."""
    client.force_login(f.user("coordinator"))
    booked("1", "15.00", ours())
    fund = Fund.objects.create(code="ILL-R", name="Royalties")
    bank = ledger.Where("bank")
    for key, where, amount in (("r", ledger.Where("royalties", fund.pk), "32.00"),
                               ("v", ledger.Where("vouchers_used"), "24.41")):
        ledger.post(key, ledger.Transfer(where, bank, Decimal(amount), "royalty"), day=DAY, actor=f.staff(),
                    now=c.APRIL)
    found = queries.beside(MARCH)
    assert [(one.family, one.fund, one.amount) for one in found] == [
        ("royalties", "ILL-R", Decimal("32.00")), ("vouchers_used", "", Decimal("24.41"))]
    assert queries.total(MARCH).spent == 15 and queries.beside(Period(date(2026, 1, 1), date(2026, 1, 31))) == []
    page = client.get("/billing/reports/fund/?first=2026-03-01&last=2026-03-31").content.decode()
    assert "Also cost, not in these sums" in page and "All cost in the books" in page and "71.41" in page
    ledger.reverse(Entry.objects.get(key="r"), key="back", day=DAY, actor=f.staff(), now=c.APRIL)
    assert [one.family for one in queries.beside(MARCH)] == ["vouchers_used"]


def test_a_request_that_counts_in_two_rows_is_explained_under_their_sum(client):
    client.force_login(f.user("coordinator"))
    row = ours()
    booked("1", "15.00", row)
    url, said = "/billing/reports/fund/?first=2026-03-01&last=2026-03-31", "counts in each; the sum counts it once"
    assert said not in client.get(url).content.decode()
    booked("2", "0.26", row, what="fee")
    assert said in client.get(url).content.decode()


def test_the_chart_says_what_it_shows(client):
    client.force_login(f.user("coordinator"))
    booked("1", "15.00", ours(department="History"))
    booked("2", "20.00", ours(department="Law"))
    page = client.get("/billing/reports/department/?first=2026-03-01&last=2026-03-31").content.decode()
    assert "Most was spent: Law, USD 20.00 of USD 35.00" in page


@pytest.mark.parametrize(("query", "said"), [
    ("?first=x&last=y", "Enter two days"), ("?first=2026-03-31", "Enter two days"),
    ("?first=2026-03-31&last=2026-03-01", "The first day is after the last"),
    ("?first=1990-01-01&last=2100-01-01", "At most ten years")])
def test_days_that_cannot_be_shown_are_told_and_stay_as_typed(client, query, said):
    client.force_login(f.user("coordinator"))
    page = client.get(f"/billing/reports/{query}")
    text = page.content.decode()
    assert page.status_code == 422 and said in text and "Below is the fiscal year" in text
    typed = query.split("first=")[1].split("&")[0]
    assert f'id="id_first" value="{typed}" aria-invalid' in text


@pytest.mark.parametrize("query", ["?year=0000-00-00", "?year=9999-01-01", "?first=&last="])
def test_days_that_are_none_are_the_present_fiscal_year(client, query):
    client.force_login(f.user("coordinator"))
    assert client.get(f"/billing/reports/{query}").status_code == 200


@pytest.mark.parametrize("role", ["patron", "student", "borrowing staff", "lending staff", "budget", "administrator"])
def test_only_who_sees_the_books_sees_reports(client, role):
    client.force_login(f.user(role))
    assert client.get("/billing/reports/").status_code == 403
    assert client.get("/billing/reports/limits/").status_code == 403


def test_limits_are_added_refused_and_removed(client):
    client.force_login(f.user("coordinator"))
    assert client.post("/billing/reports/limits/", {"requests": "", "money": ""}).status_code == 422
    client.post("/billing/reports/limits/", {"requests": "20", "service": "loan"})
    row = BalanceLimit.objects.get()
    client.post(f"/billing/reports/limits/{row.pk}/remove/")
    assert not BalanceLimit.objects.exists() and client.get("/billing/reports/nothing/").status_code == 404


def test_where_only_loans_went_the_copies_are_nought():
    one = queries.Balance(1, lent={"loan": 6}, borrowed={"loan": 2})
    assert (one.loans, one.copies) == ("6 / 2", "0 / 0")
