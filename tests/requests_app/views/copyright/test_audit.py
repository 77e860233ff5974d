"""The audit's page and lists."""

import csv
import io

import pytest

from requests_app.copyright import audit
from requests_app.models import CopyrightUse
from requests_app.views.copyright import audit as view
from tests import factories as f
from tests.requests_app.copyright.stories import sent

pytestmark = pytest.mark.django_db
PAGE = "/copyright/audit/"


@pytest.fixture
def clerk(client):
    row = f.user("borrowing staff")
    client.force_login(row)
    return row


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_the_page_says_what_holds_and_lists_every_request(client, clerk):
    first, second = sent(), sent(year="1990")
    page = text(client.get(PAGE, {"year": 2026}))
    assert "Everything that was checked holds." in page and "Calendar year 2026" in page
    assert f'href="/requests/{first.number}/"' in page and second.number in page
    assert "US-CCL" in page and "Żak" not in page and "201.14" in page
    CopyrightUse.objects.filter(ill=second).delete()
    page = text(client.get(PAGE, {"year": 2026}))
    assert "1 of these does not hold." in page and "Not in the ledger" in page and second.number in page


def test_pages_begin_behind_the_last_row(client, clerk, monkeypatch):
    monkeypatch.setattr(view, "A_PAGE", 2)
    rows = [sent() for _time in range(3)]
    page = client.get(PAGE, {"year": 2026})
    assert rows[1].number in text(page) and rows[2].number not in text(page)
    after = client.get(PAGE, {"year": 2026, "after": page.context["next"]})
    assert rows[2].number in text(after) and rows[0].number not in text(after) and after.context["next"] is None


def test_lists_hold_every_request_and_the_checks(client, clerk):
    ill = sent()
    answer = client.get(f"{PAGE}2026.csv")
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert lines[0] == audit.head() and lines[1][0] == ill.number and len(lines) == 2
    assert client.get(f"{PAGE}2026.xlsx").status_code == 200
    assert client.get(f"{PAGE}2026.pdf").status_code == client.get(f"{PAGE}9026.csv").status_code == 404


def test_a_year_without_requests_and_who_may_look(client, clerk):
    assert "No copy request left in this year" in text(client.get(PAGE))
    for role, status in (("patron", 403), ("lending staff", 403), ("administrator", 200)):
        client.force_login(f.user(role))
        assert client.get(PAGE).status_code == status


def test_the_page_costs_the_same_with_many_requests(client, clerk, django_assert_max_num_queries):
    for _time in range(8):
        sent(year="1990")
    with django_assert_max_num_queries(34):
        client.get(PAGE, {"year": 2026})
