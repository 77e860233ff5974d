"""The pages of budgets: what the budget office reads, and what only who manages budgets changes."""

import csv
import io
import re
from decimal import Decimal

import pytest
from django.utils import timezone

from billing import fiscal
from billing.budget import actions
from billing.budget.models import BudgetChange, Commitment, Fund, FundYear
from tests import factories as f

pytestmark = pytest.mark.django_db
URL = "/billing/budget/"


@pytest.fixture
def present():
    row = Fund.objects.create(code="ILL-R", name="Royalties")
    label, begins, ends = fiscal.year_of(timezone.localdate())
    year = actions.open_year(row, label=label, begins=begins, ends=ends, amount=Decimal("2000"), key="k",
                             actor=f.staff("coordinator"), now=timezone.now())
    actions.commit("royalty:B-2026-00001:1", fund="ILL-R", day=timezone.localdate(), amount=Decimal("786"),
                   what="royalty", about="B-2026-00001", actor=f.staff("borrowing staff"), now=timezone.now())
    return year


def as_(client, *roles):
    client.force_login(f.user(*roles))
    return client


def key_of(page) -> str:
    return re.search(r'name="key" value="([0-9a-f-]{36})"', page.content.decode())[1]


def test_the_budget_office_reads_what_is_left_and_changes_nothing(client, present):
    page = as_(client, "budget").get(URL).content.decode()
    assert "ILL-R" in page and "2,000.00" in page and "1,214.00" in page
    assert 'aria-current="page">Year' in page
    assert "Add a fund" not in page
    page = client.get(f"{URL}funds/ILL-R/").content.decode()
    assert "B-2026-00001" in page and "Copyright royalty" in page and "Change the budget" not in page
    assert client.get(f"{URL}funds/add/").status_code == 403


@pytest.mark.parametrize("role", ["borrowing staff", "student", "lending staff", "patron"])
def test_others_do_not_see_budgets(client, present, role):
    assert as_(client, role).get(URL).status_code == 403


def test_a_list_for_a_spreadsheet(client, present):
    as_(client, "budget")
    text = b"".join(client.get(f"{URL}export.csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0]["Fund"] == "ILL-R" and Decimal(rows[0]["Left"]) == Decimal("1214")
    assert b"".join(client.get(f"{URL}export.xlsx").streaming_content)[:2] == b"PK"
    text = b"".join(client.get(f"{URL}funds/ILL-R/export.csv").streaming_content).decode("utf-8-sig")
    assert "B-2026-00001" in text and "786" in text


def test_a_fund_is_added_with_its_budget_and_a_form_sent_twice_is_one(client):
    as_(client, "coordinator")
    answer = client.post(f"{URL}funds/add/", {"code": "ill-x", "name": "More", "currency": "usd", "active": "on"})
    assert answer.status_code == 302 and Fund.objects.get().code == "ILL-X"
    page = client.get(f"{URL}funds/ILL-X/years/add/")
    label, begins, ends = fiscal.year_of(timezone.localdate())
    sent = {"key": key_of(page), "label": label, "begins": begins, "ends": ends, "amount": "500"}
    for _time in range(2):
        assert client.post(f"{URL}funds/ILL-X/years/add/", sent).status_code == 302
    assert FundYear.objects.get().budget == 500


def test_what_is_wrong_comes_back_with_what_was_typed(client, present):
    as_(client, "coordinator")
    answer = client.post(f"{URL}funds/add/", {"code": "ILL-R", "name": "Twice", "currency": "USD"})
    assert answer.status_code == 422 and "a fund of this code already" in answer.content.decode()
    assert 'value="Twice"' in answer.content.decode()
    page = client.get(f"{URL}funds/ILL-R/years/add/")
    sent = {"key": key_of(page), "label": "x", "begins": present.begins, "ends": present.ends, "amount": "5"}
    answer = client.post(f"{URL}funds/ILL-R/years/add/", sent)
    assert answer.status_code == 422 and "These days belong to" in answer.content.decode()


def test_a_change_needs_its_reason_and_is_a_row(client, present):
    as_(client, "coordinator")
    url = f"{URL}funds/ILL-R/years/{present.pk}/change/"
    key = key_of(client.get(url))
    assert client.post(url, {"key": key, "amount": "-100", "why": ""}).status_code == 422
    for _time in range(2):
        assert client.post(url, {"key": key, "amount": "-100", "why": "Cut"}).status_code == 302
    present.refresh_from_db()
    assert present.budget == 1900 and BudgetChange.objects.count() == 2
    assert "Cut" in client.get(f"{URL}funds/ILL-R/").content.decode()


def test_a_fund_of_many_commitments_is_read_in_slices_with_as_many_queries(
    client, present, django_assert_max_num_queries
):
    Commitment.objects.bulk_create(
        Commitment(fund_year=present, key=f"k{n}", what="royalty", about=f"B-{n:05d}", amount=1, currency="USD",
                   made=f.NOW) for n in range(120))
    as_(client, "budget")
    with django_assert_max_num_queries(14):
        page = client.get(f"{URL}funds/ILL-R/").content.decode()
    assert "B-00119" in page and "B-00010" not in page
    before = re.search(r"before=(\d+)", page)[1]
    assert "B-00060" in client.get(f"{URL}funds/ILL-R/?before={before}").content.decode()
