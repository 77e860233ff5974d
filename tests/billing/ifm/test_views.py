"""Pages of fee management: who may, what they show, the second time, bad input."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from billing.ifm.forms import LineForm
from billing.ifm.models import NetworkLine, NetworkStatement, Report
from requests_app import references
from requests_app.models import LibraryPolicy
from tests import factories as f
from tests.billing.ifm import cast as c

pytestmark = pytest.mark.django_db
HOME, MONTH = "/billing/ifm/", "/billing/networks/ifm/202603/"


@pytest.fixture(autouse=True)
def _books():
    c.books()


def as_(client, *roles):
    client.force_login(f.user(*(roles or ("borrowing staff",))))
    return client


def upload(client, data: bytes, **more):
    given = {"file": SimpleUploadedFile("ifm.csv", data), "month": "2026-03", "side": ""} | more
    return client.post("/billing/networks/ifm/read/", given)


def test_a_report_is_read_named_looked_at_and_booked(client):
    c.known("198765432")
    as_(client)
    page = upload(client, c.file(c.line("198765432"), c.line("1999")))
    assert page.status_code == 302
    columns = client.get(page.url)
    assert "Name the columns" in columns.content.decode() and "ILL Request Number" in columns.content.decode()
    named = client.post(page.url, dict(c.COLUMNS), follow=True).content.decode()
    assert "Look at the month" in named
    month = client.get(MONTH)
    text = month.content.decode()
    assert "1 line does not fit" in text and "No request of ours has this number" in text and "Book 1 line" in text
    done = client.post(f"{MONTH}book/", {"seen": month.context["ready"].seen}, follow=True).content.decode()
    assert "1 line is booked" in done and "Book 1 line" not in done
    assert "Link to a request" in done


def test_a_second_click_and_an_old_page_book_nothing(client):
    c.known("198765432")
    as_(client)
    c.read(c.line("198765432"))
    seen = client.get(MONTH).context["ready"].seen
    client.post(f"{MONTH}book/", {"seen": seen})
    again = client.post(f"{MONTH}book/", {"seen": seen})
    assert again.status_code == 409 and "Nothing was booked" in again.content.decode()


@pytest.mark.parametrize("role", ["patron", "student", "lending staff", "budget", "administrator"])
def test_others_see_nothing_of_it(client, role):
    as_(client, role)
    for url in (HOME, MONTH, "/billing/networks/ifm/read/"):
        assert client.get(url).status_code == 403


def test_the_rules_are_changed_by_who_manages_money(client):
    assert as_(client).get("/billing/networks/rules/").status_code == 403
    as_(client, "coordinator")
    page = client.post("/billing/networks/rules/", {"fee": "0.30", "fee_currency": "us", "ask_email": ""})
    assert page.status_code == 422
    assert client.post("/billing/networks/rules/", {"fee": "0.30", "fee_currency": "usd", "ask_email": ""}
                       ).status_code == 302


@pytest.mark.parametrize(("data", "said"), [
    (b"", "empty"), (b"PK\x03\x04x", "no workbook"), (b"1;2\n", "No row with names"),
])
def test_a_file_that_is_no_report_is_said_beside_the_field(client, data, said):
    page = upload(as_(client), data)
    assert page.status_code == 422 and said in page.content.decode()
    assert not Report.objects.exists()


def test_a_month_that_is_none_is_refused(client):
    page = upload(as_(client), c.file(c.line("1")), month="March")
    assert page.status_code == 422 and "year and month" in page.content.decode()


@pytest.mark.parametrize("url", ["/billing/networks/ifm/202613/", "/billing/networks/gold/202603/",
                                 "/billing/networks/ifm/1/", "/billing/networks/reports/999/",
                                 "/billing/networks/lines/999/accept/"])
def test_what_there_is_not_is_not_found(client, url):
    assert as_(client).get(url).status_code == 404


def test_a_decision_needs_its_reason_and_keeps_what_was_typed(client):
    c.read(c.line("1999"))
    row = NetworkLine.objects.get()
    url = f"/billing/networks/lines/{row.pk}/"
    as_(client)
    assert client.get(f"{url}accept/").status_code == 200
    assert client.post(f"{url}accept/", {"reason": ""}).status_code == 422
    wrong = client.post(f"{url}link/", {"request": "B-1999-00001"})
    assert wrong.status_code == 422 and "B-1999-00001" in wrong.content.decode()
    client.post(f"{url}accept/", {"reason": "Old request."})
    assert "Old request." in client.get(MONTH).content.decode()
    assert client.get(f"{url}nothing/").status_code == 404


def test_no_report_means_no_transactions_and_no_error(client):
    page = as_(client).get(MONTH)
    assert page.status_code == 200 and "no transactions" in page.content.decode()
    assert "No report was read yet" in client.get(HOME).content.decode()


def test_the_invoice_of_the_network_is_entered_and_paid(client):
    c.known("198765432")
    as_(client)
    c.read(c.line("198765432"))
    client.post(f"{MONTH}invoice/", {"number": "INV-1", "amount": "16.00", "day": timezone.localdate().isoformat()})
    assert "differ by 1.00" in client.get(MONTH).content.decode()
    row = NetworkStatement.objects.get()
    today = timezone.localdate().isoformat()
    client.post(f"/billing/networks/invoices/{row.pk}/paid/", {"day": today, "reference": "7781"})
    assert "7781" in client.get(MONTH).content.decode()
    assert client.post(f"{MONTH}invoice/", {"number": "", "amount": "x", "day": ""}).status_code == 422


def test_a_request_that_no_report_has_is_listed_with_its_step(client):
    ours = c.known("198765432")
    LibraryPolicy.objects.update_or_create(library=ours.partner, defaults={"takes_ifm": True})
    c.read(c.line("1999"))
    text = as_(client).get(MONTH).content.decode()
    assert "Shipped, and not in the report" in text and ours.number in text
    client.post(f"{MONTH}requests/{ours.pk}/", {"reason": "By invoice."})
    assert "Shipped, and not in the report" not in client.get(MONTH).content.decode()


def test_a_list_for_a_spreadsheet_in_which_no_formula_runs(client):
    c.read(c.line("1999").replace("Hill College", "=1+1 Hill"))
    text = b"".join(as_(client).get("/billing/networks/ifm/export.csv?month=202603").streaming_content).decode(
        "utf-8-sig")
    row = next(csv.DictReader(io.StringIO(text)))
    assert row["Number"] == "1999" and row["Library"].startswith("'=")
    assert b"".join(client.get("/billing/networks/ifm/export.xlsx").streaming_content)[:2] == b"PK"


def test_the_page_costs_the_same_queries_however_many_lines(client, django_assert_max_num_queries):
    c.read(*(c.line(str(number)) for number in range(1, 120)))
    as_(client).get(MONTH)
    with django_assert_max_num_queries(32):
        client.get(MONTH)


def test_the_file_of_a_report_is_fetched_by_who_sees_it_only(client):
    row = c.read(c.line("1"))
    assert as_(client).get(f"/files/{row.file_id}/").status_code == 200
    assert as_(client, "student").get(f"/files/{row.file_id}/").status_code == 404


def test_the_newest_month_without_a_report_is_told(client):
    c.read(c.line("1"), month=timezone.localdate().replace(year=2020, day=1))
    assert "can be there since the 11th" in as_(client).get(HOME).content.decode()


def test_an_answer_that_is_missing_is_asked_for_by_its_name():
    assert LineForm({}, asks="reason").errors["reason"] == ["Enter this: Reason."]


def test_a_number_entered_on_the_request_meanwhile_is_seen_when_the_month_is_compared_again(client):
    ill = f.ill("borrowing.received")
    c.read(c.line("198700303", "15.00"))
    assert "No request of ours has this number" in as_(client).get(MONTH).content.decode()
    references.add(ill, "oclc", "198700303", now=f.NOW)
    page = client.post(f"{MONTH}compare/", follow=True).content.decode()
    assert "1 line stands otherwise now." in page and "No request of ours has this number" not in page
    assert "nothing has changed" in client.post(f"{MONTH}compare/", follow=True).content.decode()
    assert as_(client, "budget").post(f"{MONTH}compare/").status_code == 403


def test_the_very_file_sent_again_is_told(client):
    given = {"file": SimpleUploadedFile("ifm.csv", c.file(c.line("1"))), "month": "2026-03"}
    as_(client).post("/billing/networks/ifm/read/", given)
    given["file"] = SimpleUploadedFile("ifm.csv", c.file(c.line("1")))
    page = client.post("/billing/networks/ifm/read/", given, follow=True).content.decode()
    assert "This very file was read already" in page and Report.objects.count() == 1
