"""/api/v1: by token or session; refusals are sentences in JSON; said twice, nothing happens twice."""

import json

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from billing.api import schema, tokens, urls
from billing.batches import actions
from billing.batches.models import Batch, Download
from billing.models import Token
from illdesk.models import User
from tests import factories as f
from tests.billing import royalty_lists
from tests.billing.batches import bills

TODAY = timezone.localdate().isoformat()


@pytest.fixture(autouse=True)
def _fresh():
    bills.register()
    cache.clear()
    yield
    bills.unregister()


def program(actor) -> dict:
    """Headers of a program that has a token of this person."""
    return {"Authorization": f"Bearer {tokens.make(actor.user, 'test', actor=actor, now=f.NOW)}"}


def ask(url, headers=None, **more):
    return Client().get(f"/api/v1/{url}", headers=headers or {}, **more)


def send(url, body, headers=None):
    return Client().post(f"/api/v1/{url}", json.dumps(body), content_type="application/json", headers=headers or {})


def forwarded(pk=1):
    bills.bill(pk, ("ILL-B", "12.00"), ("ILL-S", "8.50"))
    return actions.forward([("bill", pk)], key=f"k{pk}", actor=f.staff("coordinator"), now=f.NOW)[0]


@pytest.mark.django_db
def test_a_program_lists_reads_downloads_and_marks_paid_once():
    batch, headers = forwarded(), program(f.staff("budget"))
    found = ask("batches/?state=forwarded", headers).json()
    assert [(row["number"], row["amount"], row["version"]) for row in found["batches"]] == [(batch.number, "20.50", 0)]
    one = ask(f"batches/{batch.number}/", headers).json()
    month = {"fiscal_year": "2025–26", "month": "2026-03"}
    assert one["funds"] == [{"fund": "ILL-B", "amount": "12.00"} | month, {"fund": "ILL-S", "amount": "8.50"} | month]
    for form in ("pdf", "xlsx", "csv", "zip"):
        assert ask(f"batches/{batch.number}/file.{form}", headers).status_code == 200
    assert Download.objects.count() == 4
    paid = {"reference": "55120", "day": TODAY, "version": 0}
    for _time in range(2):
        answer = send(f"batches/{batch.number}/paid/", paid, headers)
        assert (answer.status_code, answer.json()["state"], answer.json()["version"]) == (200, "paid", 1)
    answer = send(f"batches/{batch.number}/paid/", paid | {"reference": "other"}, headers)
    assert answer.status_code == 409 and answer.json()["stale"] is True


@pytest.mark.django_db
def test_a_program_sends_a_line_back_and_then_the_rest():
    batch, headers = forwarded(), program(f.staff("budget"))
    line = batch.lines.get(fund="ILL-S")
    for _time in range(2):
        answer = send(f"batches/{batch.number}/back/", {"lines": [line.pk], "reason": "Fund", "version": 0}, headers)
        assert (answer.status_code, answer.json()["amount"]) == (200, "12.00")
    for _time in range(2):
        answer = send(f"batches/{batch.number}/back/", {"reason": "All", "version": 1}, headers)
        assert (answer.status_code, answer.json()["state"]) == (200, "back")


@pytest.mark.django_db
def test_a_list_is_refused_with_a_reason_and_stays_waiting_at_another_version():
    row, headers = royalty_lists.made("38.00"), program(f.staff("coordinator"))
    waiting = ask("approvals/", headers).json()["waiting"]
    assert [(one["kind"], one["id"], one["state"]) for one in waiting] == [("royalty", row.pk, "waiting")]
    for _time in range(2):
        answer = send(f"approvals/royalty/{row.pk}/refuse/", {"reason": "Price?", "version": 0}, headers)
        assert (answer.status_code, answer.json()["version"]) == (200, 1)
    answer = send(f"approvals/royalty/{row.pk}/approve/", {"version": 0}, headers)
    assert answer.status_code == 409 and answer.json()["stale"] is True
    assert send(f"approvals/royalty/{row.pk}/approve/", {"version": 1}, headers).json()["state"] == "approved"


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer"}, {"Authorization": "Bearer illdesk_nothing"},
                                     {"Authorization": "Bearer a b"}, {"Authorization": "Bearer \xff"}])
def test_nobody_is_told_to_sign_in_in_json(headers):
    for url in ("batches/", "approvals/", "schema/", "no/such/thing/"):
        answer = ask(url, headers)
        assert answer.status_code == 401 and answer.json()["error"], (url, answer.content)
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.django_db
def test_refusals_are_sentences_in_json_with_their_status():
    batch, office = forwarded(), program(f.staff("budget"))
    student = program(f.staff("student"))
    refused = [
        (ask("batches/", student), 403), (send(f"batches/{batch.number}/paid/", {}, student), 403),
        (ask("approvals/", student), 403), (ask("batches/PB-1999-00001/", office), 404),
        (ask(f"batches/{batch.number}/file.exe", office), 404), (ask("approvals/gold/1/", office), 404),
        (ask("no/such/thing/", office), 404), (ask(f"batches/{batch.number}/paid/", office), 405),
        (Client().delete("/api/v1/batches/", headers=office), 405),
        (Client().post(f"/api/v1/batches/{batch.number}/paid/", "<a/>", content_type="text/xml", headers=office), 415),
        *((Client().post(f"/api/v1/batches/{batch.number}/paid/", body, content_type="application/json",
                         headers=office), 400)
          for body in ("{", '{"version": NaN}', b'{"a": "\xf6"}', "[" * 100_000, '{"a":' * 100_000,
                       "[9" + "9" * 9999 + "]")),
        *((send(f"batches/{batch.number}/paid/", body, office), 422) for body in (
            {}, [], "x", {"reference": "A", "day": "yesterday", "version": 0}, {"reference": 5, "day": TODAY},
            {"reference": "A", "day": TODAY, "version": "0"}, {"reference": "A", "day": TODAY, "version": True},
            {"reference": "a\x00b", "day": TODAY, "version": 0}, {"reference": "\ud800", "day": TODAY, "version": 0},
            {"reference": "A", "day": TODAY, "version": 10**40}, {"reference": " ", "day": TODAY, "version": 0},
            {"reference": "A", "day": "2999-01-01", "version": 0})),
        *((send(f"batches/{batch.number}/back/", body, office), 422) for body in (
            {"reason": "", "version": 0}, {"reason": "x", "version": 0, "lines": ["1"]}, {"reason": "x"},
            {"reason": "x", "version": 0, "lines": [10**40]}, {"reason": "\x00", "version": 0, "lines": [1]})),
    ]
    for answer, status in refused:
        assert answer.status_code == status, (answer.request["PATH_INFO"], answer.status_code, answer.content)
        assert answer.headers["Content-Type"].startswith("application/json") and answer.json()["error"]
    assert Batch.objects.get().version == 0


@pytest.mark.django_db
@pytest.mark.parametrize("day", ["2018-07-03", "2999-01-01"])
def test_a_program_that_sends_a_day_far_off_reads_the_sentence_of_the_page(day):
    batch = forwarded()
    answer = send(f"batches/{batch.number}/paid/", {"reference": "A", "day": day, "version": 0},
                  program(f.staff("budget")))
    assert answer.status_code == 422 and Batch.objects.get().state == "forwarded"
    assert "not in the future and at most 400 days back" in answer.json()["error"], answer.json()


@pytest.mark.django_db
def test_a_session_posts_only_with_its_form_token():
    batch, office = forwarded(), f.staff("budget")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(office.user, backend="illdesk.accounts.backend.RoleBackend")
    body = json.dumps({"reference": "A", "day": TODAY, "version": 0})
    answer = browser.post(f"/api/v1/batches/{batch.number}/paid/", body, content_type="application/json")
    assert answer.status_code == 403 and "CSRF" in answer.json()["error"] and Batch.objects.get().state == "forwarded"


@pytest.mark.django_db
def test_asked_too_often_it_says_so(settings):
    settings.API_RATE = "2/min"
    headers = program(f.staff("budget"))
    assert [ask("batches/", headers).status_code for _time in range(3)] == [200, 200, 429]
    assert ask("batches/", program(f.staff("budget"))).status_code == 200, "another person is another matter"


@pytest.mark.django_db
def test_a_token_is_shown_once_kept_as_a_digest_and_taken_back():
    office = f.staff("budget")
    page = Client()
    page.force_login(office.user, backend="illdesk.accounts.backend.RoleBackend")
    shown = page.post("/billing/tokens/", {"name": "Payments"}).content.decode()
    token = shown.partition("illdesk_")[2].partition("<")[0]
    row = Token.objects.get()
    assert len(token) > 40 and token not in page.get("/billing/tokens/").content.decode()
    assert row.digest == tokens.digest(f"illdesk_{token}") and token not in str(vars(row))
    headers = {"Authorization": f"Bearer illdesk_{token}"}
    assert ask("batches/", headers).status_code == 200
    other = Client()
    other.force_login(f.user("budget"), backend="illdesk.accounts.backend.RoleBackend")
    assert other.post(f"/billing/tokens/{row.pk}/revoke/").status_code == 404
    page.post(f"/billing/tokens/{row.pk}/revoke/")
    assert ask("batches/", headers).status_code == 401


@pytest.mark.django_db
def test_who_may_not_sign_in_any_more_does_not_by_token_either():
    office = f.staff("budget")
    headers = program(office)
    User.objects.filter(pk=office.user.pk).update(is_active=False)
    assert ask("batches/", headers).status_code == 401


@pytest.mark.django_db
def test_the_description_has_every_address_and_no_other():
    found = ask("schema/", program(f.staff("budget"))).json()
    said = {path.replace("{", "<").replace("}", ">") for path in found["paths"]}
    there = {"/" + str(one.pattern).replace("slug:", "").replace("int:", "") for one in urls.urlpatterns
             if one.name != "api_nothing"}
    assert said == there and found["openapi"] == "3.1.0"
    assert all(len(operation) == 5 for operation in schema.OPERATIONS)
