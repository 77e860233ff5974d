"""Staff enter a request for a patron: whose it is, who entered it, and how the patron saw the warning."""

import re

import pytest

from illdesk import registry
from illdesk.models import Event, OutboxMessage
from requests_app.actions import perform
from requests_app.copyright import notices
from requests_app.models import ILLRequest
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client):
    row = f.user("borrowing staff")
    client.force_login(row)
    f.institution()
    return row


def form_of(client, patron, kind: str = "article", **more) -> tuple[str, dict]:
    url = f"/borrowing/new/?patron={patron.pk}"
    page = client.get(f"{url}&kind={kind}").content.decode()
    key = re.search(r'name="form_key" value="(\w+)"', page)[1]
    given = {"kind": kind, "form_key": key, "came": "phone"}
    if kind == "article":
        given |= {"title": "Marine Letters", "part_title": "On tides", "year": "2024",
                  "warning_shown": "phone_read_out"}
    else:
        given |= {"title": "Walden", "branch": f.branch().pk}
    return url, given | more


def test_the_request_is_the_patrons_and_the_event_the_clerks(client, clerk):
    patron = f.patron()
    url, given = form_of(client, patron, need_by="2030-01-02", note="For her thesis.")
    answer = client.post(url, given)
    row = ILLRequest.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/requests/{row.number}/")
    assert (row.patron, row.state, row.service, row.asker_note) == (patron, "borrowing.submitted", "copy",
                                                                   "For her thesis.")
    assert (row.warning_shown, row.warning_version) == ("phone_read_out", notices.VERSION)
    event = Event.objects.get(name="request.ask")
    assert (event.actor, event.actor_kind) == (clerk, "staff")
    assert (event.data["warning"], event.data["came"]) == ("phone_read_out", "phone")
    letter = OutboxMessage.objects.get(channel="mail")
    assert (letter.recipient, letter.what) == (patron.email, "asked")
    page = client.get(f"/requests/{row.number}/").content.decode()
    assert "read out on the telephone, 201.14" in page and "Asked, by telephone" in page


def test_a_patron_is_found_by_name_e_mail_or_card_and_a_stranger_is_told(client, clerk):
    patron = f.patron(first_name="Amina", last_name="Okafor")
    other = f.patron(first_name="Bo", last_name="Lind")
    for wanted in ("okaf", "amina okafor", patron.email.upper(), patron.card):
        page = client.get("/borrowing/new/", {"find": wanted}).content.decode()
        assert f"?patron={patron.pk}" in page and f"?patron={other.pk}" not in page, wanted
    page = client.get("/borrowing/new/", {"find": "Nobody"}).content.decode()
    assert "Nobody here is called" in page
    assert client.get("/borrowing/new/?patron=999999").status_code == 404
    assert client.get("/borrowing/new/?patron=x").status_code == 404


def test_without_how_it_was_shown_no_copy_is_asked_for_but_a_loan_is(client, clerk):
    patron = f.patron()
    url, given = form_of(client, patron)
    answer = client.post(url, {name: value for name, value in given.items() if name != "warning_shown"})
    assert answer.status_code == 422 and "Say how the patron saw the warning" in answer.content.decode()
    assert 'value="On tides"' in answer.content.decode(), "what was typed is kept"
    # The web is where patrons ask themselves: staff cannot have seen that.
    assert client.post(url, given | {"warning_shown": "web"}).status_code == 422
    assert not ILLRequest.objects.exists()
    url, given = form_of(client, patron, "book")
    assert client.post(url, given).status_code == 302
    row = ILLRequest.objects.get()
    assert (row.service, row.warning_shown, row.warning_version) == ("loan", "", "")


def test_clicked_twice_is_one_request_and_the_same_again_is_asked_about(client, clerk):
    patron = f.patron()
    url, given = form_of(client, patron)
    client.post(url, given)
    client.post(url, given)
    assert ILLRequest.objects.count() == 1
    url, again = form_of(client, patron)
    answer = client.post(url, again)
    assert answer.status_code == 422 and "The patron already asked for this" in answer.content.decode()
    assert client.post(url, again | {"again": "on"}).status_code == 302
    assert ILLRequest.objects.count() == 2


def test_a_blocked_patron_is_refused_in_a_sentence(client, clerk, monkeypatch):
    monkeypatch.setattr(registry, "PATRON_BLOCKS", [lambda patron: ["USD 40.00 is unpaid."]])
    patron = f.patron()
    url, given = form_of(client, patron)
    assert "USD 40.00 is unpaid." in client.get(url).content.decode(), "told before anything is typed"
    answer = client.post(url, given)
    assert answer.status_code == 422 and "USD 40.00 is unpaid." in answer.content.decode()
    assert not ILLRequest.objects.exists()


def test_only_who_works_borrowing_enters_requests(client):
    for role in ("lending staff", "student", "patron", "budget", "administrator"):
        client.force_login(f.user(role))
        assert client.get("/borrowing/new/").status_code == 403, role


def test_what_was_pasted_fills_the_form_for_that_patron(client, clerk):
    patron = f.patron()
    url = f"/borrowing/new/?patron={patron.pk}"
    page = client.post(url, {"find": "1", "what": "Okafor, N. (2024). On tides. Marine Letters, 12(3), 41-58."})
    text = page.content.decode()
    assert page.status_code == 200 and "On tides" in text and f"patron={patron.pk}" in text
    assert "How did the patron see the warning" in text


def test_the_patrons_own_form_says_web_and_document_delivery_keeps_it(client):
    """C9: what becomes document delivery was asked for under the same warning."""
    f.institution()
    patron = f.patron()
    client.force_login(patron.user)
    page = client.get("/my/new/?kind=article").content.decode()
    key = re.search(r'name="form_key" value="(\w+)"', page)[1]
    client.post("/my/new/", {"kind": "article", "form_key": key, "title": "Marine Letters", "part_title": "On tides",
                             "year": "2024"})
    row = ILLRequest.objects.get()
    perform(row, "to_documents", actor=f.staff(), now=f.NOW)
    row.refresh_from_db()
    assert (row.kind, row.warning_shown, row.warning_version) == ("documents", "web", notices.VERSION)
