"""The pages of the books: what the accounts hold, what was entered, months that close."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from billing.ledger import actions
from billing.ledger.actions import Foreign, Transfer, Where
from billing.ledger.models import Entry, Period
from tests import factories as f
from tests.billing.ledger.test_posting import DAY, moved, post

pytestmark = pytest.mark.django_db
PAGE = "/billing/books/"


@pytest.fixture
def clerk(client):
    row = f.user("coordinator")
    client.force_login(row)
    return row


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def some() -> None:
    library = Where("library", f.library("OAK").pk)
    post("1", moved("15.00", debit=library))
    post("2", Transfer(Where("bank"), library, Decimal("10.00"), "payment"), day=date(2026, 4, 1))
    euros = Foreign(Decimal("20.00"), "EUR", Decimal("1.0853"), DAY)
    row = post("3", Transfer(Where("lost", 3), Where("payable", library.subject), euros.own, "bill", foreign=euros))
    actions.reverse(row, key="4", day=DAY, actor=f.staff(), now=f.NOW)


def test_before_the_first_entry_it_says_so(client, clerk):
    page = text(client.get(PAGE))
    assert "Nothing is entered in this year" in page and "CSV" not in page


def test_the_columns_come_to_the_same_and_accounts_lead_to_their_entries(client, clerk):
    some()
    page = text(client.get(PAGE, {"year": "2025–26"}))
    assert "4 entries" in page and page.count("68.42") == 2, "both sums"
    assert 'href="/billing/books/library/"' in page and "Owed by a library" in page
    family = text(client.get(f"{PAGE}library/"))
    assert "Owed by a library: OAK" in family and "5.00" in family
    library = f.library("OAK").pk
    account = text(client.get(f"{PAGE}library/{library}/"))
    assert "2025–26 / 2" in account and "Payment" in account and 'href="/billing/books/bank/0/"' in account
    payable = text(client.get(f"{PAGE}payable/{library}/"))
    assert "EUR 20.00" in payable and "reversed by number 4" in payable and "reverses number 3" in payable
    assert client.get(f"{PAGE}bank/").url == "/billing/books/bank/0/"
    for gone in ("gold/", "bank/7/", "library/999999/"):
        assert client.get(PAGE + gone).status_code == 404


def test_a_year_as_a_list(client, clerk):
    some()
    answer = client.get(f"{PAGE}export.csv", {"year": "2025–26"})
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [line[0] for line in lines[1:]] == ["1", "2", "3", "4"] and lines[4][11] == "3"
    assert lines[1][4:7] == ["Owed by a library: OAK", "Lending", "15.00"]
    assert sum(Decimal(line[6]) for line in lines[1:]) == sum(row.amount for row in Entry.objects.all())
    assert client.get(f"{PAGE}export.pdf").status_code == 404


def test_months_are_closed_one_after_the_other(client, clerk):
    some()
    first = Period.objects.order_by("begins").first()
    page = text(client.get(PAGE, {"year": "2025–26"}))
    assert page.count("Close the month…") == 1 and "Close July 2025" in page
    later = Period.objects.get(begins=date(2025, 9, 1))
    assert "Close July 2025 first" in text(client.post(f"{PAGE}months/{later.pk}/close/", follow=True))
    assert "July 2025 is closed" in text(client.post(f"{PAGE}months/{first.pk}/close/", follow=True))
    page = text(client.get(PAGE, {"year": "2025–26"}))
    assert f"closed by {clerk.short_name}" in page and "Close August 2025" in page


@pytest.mark.parametrize("role", ["patron", "student", "borrowing staff", "budget"])
def test_others_see_no_books(client, role):
    some()
    client.force_login(f.user(role))
    assert {client.get(PAGE + way).status_code for way in ("", "bank/0/", "export.csv")} == {403}
    assert client.post(f"{PAGE}months/{Period.objects.first().pk}/close/").status_code == 403


def test_the_page_costs_the_same_with_many_accounts(client, clerk, django_assert_max_num_queries):
    for number in range(1, 70):
        post(f"k{number}", moved(debit=Where("patron", number)))
    with django_assert_max_num_queries(32):  # many of them count what waits on the pages beside it
        assert client.get(PAGE, {"year": "2025–26"}).status_code == 200
    with django_assert_max_num_queries(26):
        page = text(client.get(f"{PAGE}patron/"))
    assert page.count("Owed by a patron: number") == 50 and 'rel="next"' in page


def test_the_overview_says_what_the_accounts_hold_and_which_month_is_to_be_closed(client, clerk):
    answer = client.get("/billing/")
    assert answer.status_code == 200 and "Nothing waits" in text(answer)
    some()
    with_some = text(client.get("/billing/"))
    assert "Owed by a library" in with_some and "5.00" in with_some and "Close July 2025" in with_some


def test_money_leads_to_the_first_page_that_somebody_may_open(client):
    client.force_login(f.user("budget"))
    home = text(client.get("/"))
    assert 'href="/billing/batches/"' in home and 'href="/billing/"' not in home, "the budget office has its own places"
    client.force_login(f.user("lending staff"))
    assert 'href="/billing/invoices/"' in text(client.get("/"))
    client.force_login(f.user("patron"))
    assert "/billing/" not in text(client.get("/my/"))
