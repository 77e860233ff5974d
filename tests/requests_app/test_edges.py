"""At the edges of the loan: a second lender, a cancellation that crosses an answer, nobody to write to."""

import pytest

from illdesk import actors
from illdesk.errors import BadAnswer
from illdesk.models import Branch, Event, InboxMessage, OutboxMessage
from requests_app import queries, search
from requests_app.actions import perform, then
from requests_app.lifecycle import find
from requests_app.models import ILLRequest, Library
from tests import factories

pytestmark = pytest.mark.django_db


def headlines(ill) -> str:
    return " | ".join(f"{entry.headline} {entry.detail}" for day in queries.timeline(ill) for entry in day.entries)


def test_the_history_names_the_library_of_the_moment():
    ill = factories.ill("borrowing.unfilled", partner=factories.library("HIL"))
    perform(ill, "choose_lenders", actor=factories.staff(), libraries=[factories.library("OAK")])
    perform(ill, "send", actor=factories.staff())
    said = headlines(ill)
    assert "Send to HIL" in said and "Send to OAK" in said
    assert "Lender cannot supply, HIL" in said and "Lender cannot supply, OAK" not in said


def cancelled_while_sent() -> ILLRequest:
    ill = factories.ill("borrowing.sent")
    perform(ill, "patron_cancel", actor=actors.patron(ill.patron.user), text="I bought it.")
    assert ill.state == "borrowing.sent" and ill.cancel_asked
    return ill


def test_a_cancelled_request_that_cannot_be_supplied_ends():
    ill = cancelled_while_sent()
    perform(ill, "lender_unfilled", actor=actors.partner("HIL"), reason="NotHeld")
    assert ill.state == "borrowing.cancelled" and ill.cancel_asked is None
    assert OutboxMessage.objects.filter(what="cancelled").count() == 1


def test_a_cancelled_item_that_comes_all_the_same_is_looked_at_and_can_go_back_unused():
    ill = cancelled_while_sent()
    perform(ill, "lender_shipped", actor=actors.partner("HIL"), due=factories.DUE, barcode="39001", now=factories.NOW)
    perform(ill, "receive", actor=factories.staff(), barcode="39001", now=factories.NOW)
    assert ill.cancel_asked is None and ill.attention_why == "cancel_refused"
    perform(ill, "send_back", actor=factories.staff())
    assert ill.state == "borrowing.returned_by_patron"
    assert not OutboxMessage.objects.filter(what="arrived").exists()


def test_an_item_that_comes_after_a_no_can_be_received_and_its_lender_is_heard_again():
    ill = factories.ill("borrowing.unfilled")
    perform(ill, "receive", actor=factories.staff(), barcode="39001", now=factories.NOW)
    assert ill.state == "borrowing.received"
    assert factories.dialogue(ill).closed is None


def test_nobody_is_promised_a_letter_that_cannot_go():
    ill = factories.ill("borrowing.received", patron=factories.patron(email=""))
    assert "nobody is told by mail" in then(find(ill, "shelve"), ill)
    perform(ill, "shelve", actor=factories.staff(), now=factories.NOW)
    assert ill.attention_why == "no_email"
    assert Event.objects.get(name="request.shelve").data["untold"]
    with pytest.raises(BadAnswer, match="no e-mail address"):
        perform(ill, "write_patron", actor=factories.staff(), text="Hello")


def test_a_request_is_found_by_its_lender():
    ill = factories.ill("borrowing.in_review")
    oak = factories.library("OAK", name="Oakwood Seminary")
    perform(ill, "choose_lenders", actor=factories.staff(), libraries=[oak])
    assert search.matching("oakwood") == [ill.pk]


def test_received_told_three_times_makes_no_clerk_stale():
    ill = factories.ill("lending.shipped")
    seen = ill.version
    for _time in range(3):
        perform(ill, "borrower_received", actor=actors.partner("HIL"))
    perform(ill, "check_in", actor=factories.staff(), seen_version=seen)
    assert ill.state == "lending.return_received"


def test_a_year_that_cannot_be_meant_is_no_due_date():
    from datetime import date

    ill = factories.ill("borrowing.sent")
    perform(ill, "lender_shipped", actor=actors.partner("HIL"), due=date(1, 1, 1), barcode="39001")
    assert ill.state == "borrowing.shipped" and ill.due_lender is None


class TestPages:
    @pytest.fixture(autouse=True)
    def coordinator(self, client):
        factories.institution()
        row = factories.user("coordinator", "patron")
        client.force_login(row)
        return row

    def test_a_desk_without_a_named_place_takes_requests(self, client):
        Branch.objects.all().delete()
        key = client.get("/my/new/").context["form"]["form_key"].value()
        answer = client.post("/my/new/", {"kind": "book", "form_key": key, "title": "Walden"})
        assert answer.status_code == 302 and ILLRequest.objects.count() == 1

    def test_another_patrons_form_key_is_no_ones_but_theirs(self, client):
        other = factories.asked(form_key="0815")
        branch = factories.branch()
        answer = client.post(
            "/my/new/", {"kind": "book", "form_key": "0815", "title": "Walden", "branch": branch.pk}
        )
        assert answer.status_code == 302 and other.number not in answer.url

    @pytest.mark.parametrize("path,data", [
        ("/my/new/", {"kind": "a\x00b", "form_key": "1", "title": "Walden"}),
        ("/print/slips/", {"tick": "a\x00b"}), ("/print/bands/", {"tick": "a\x00b"}),
    ])
    def test_nul_bytes_are_no_failure_of_ours(self, client, path, data):
        factories.branch()
        assert client.post(path, data).status_code in (302, 409, 422)

    @pytest.mark.parametrize("symbol", ["A/B", ".", "..", "-A", "ÄÖ"])
    def test_a_symbol_that_breaks_addresses_is_refused(self, client, symbol):
        factories.library("HIL")
        answer = client.post("/settings/libraries/HIL/edit/", {"name": "Hill", "symbol": symbol})
        assert answer.status_code == 422 and "A symbol is made of" in answer.content.decode()

    def test_one_agency_in_two_spellings_and_our_own_are_refused(self, client):
        factories.library("HIL")
        data = {"name": "Hill", "symbol": "HI2", "agency_type": "isil", "agency_value": "us-hil", "dialect": "plain"}
        assert "agency symbol already" in client.post("/settings/libraries/new/", data).content.decode()
        answer = client.post("/settings/libraries/new/", data | {"agency_value": "us-riv"})
        assert "our own symbol" in answer.content.decode()

    def test_a_renamed_library_keeps_its_conversation(self, client):
        library = factories.library("HIL")
        InboxMessage.objects.create(channel="iso18626", key="1", partner="HIL", what="Loaned", body="<x/>",
                                    arrived=factories.NOW)
        client.post("/settings/libraries/HIL/edit/", {
            "name": library.name, "symbol": "HILL", "agency_type": "ISIL", "agency_value": "US-HIL", "dialect": "plain",
            "country": "US", "active": "on",
        })
        assert Library.objects.filter(symbol="HILL").exists()
        assert InboxMessage.objects.get().partner == "HILL"

    def test_titles_of_a_kind_one_may_not_see_stay_away_from_the_librarys_page(self, client):
        ill = factories.ill("borrowing.sent", title="A confidential title")
        client.force_login(factories.user("lending staff"))
        for tab in ("", "?tab=conversation"):
            page = client.get(f"/settings/libraries/{ill.partner.symbol}/{tab}").content.decode()
            assert "A confidential title" not in page

    @pytest.mark.parametrize("target", ["javascript:alert(1)", "https://evil.example/x", "//evil.example"])
    def test_no_page_links_to_where_a_stranger_says(self, client, target):
        ill = factories.asked()
        for path in (f"/requests/{ill.number}/", f"/requests/{ill.number}/act/cancel/"):
            page = client.get(path, {"next": target}).content.decode()
            assert f'href="{target}' not in page and f'value="{target}' not in page

    @pytest.mark.parametrize("after", ["0001-01-01T00:00:00+14:00_1", "9999-12-31T23:59:59-14:00_1"])
    def test_a_page_key_at_the_end_of_time_shows_the_first_page(self, client, after):
        assert client.get("/borrowing/submitted/", {"after": after}).status_code == 200

    def test_a_date_in_the_year_one_is_asked_about(self, client):
        ill = factories.ill("borrowing.shipped")
        answer = client.post(f"/requests/{ill.number}/act/receive/",
                             {"version": ill.version, "barcode": "1", "due": "0001-01-01"})
        assert answer.status_code == 422 and "Check the year" in answer.content.decode()

    def test_the_policy_forbids_scripts_and_styles_in_the_page(self, client):
        policy = client.get("/")["Content-Security-Policy"]
        assert "script-src 'self'" in policy and "unsafe" not in policy and "default-src 'none'" in policy
