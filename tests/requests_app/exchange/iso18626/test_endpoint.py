"""POST /iso18626: every stranger, fault and attack gets a clear answer, and never a 500."""

import http.client
import threading
from urllib.parse import urlsplit

import pytest
import requests

from illdesk import outbox
from illdesk.models import InboxMessage, Institution, OutboxMessage
from requests_app import search
from requests_app.exchange.iso18626 import confirm
from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.xml import read, write
from requests_app.models import ILLRequest, Library
from tests import factories as f

from .partner import (
    as_requester,
    as_supplier,
    confirmation,
    fresh,
    new_request,
    post,
    refused,
    tell,
)
from .samples import SAMPLES

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def desk():
    f.institution()
    f.library()


# --- the door -----------------------------------------------------------------------------------------


def test_a_request_becomes_a_lending_request_and_is_confirmed(client):
    said = confirmation(post(client, new_request("HIL-7", title="Walden", author="Thoreau")))
    assert said.confirmation_header.message_status == "OK"
    assert said.confirmation_header.requesting_agency_request_id == "HIL-7"
    assert said.confirmation_header.timestamp_received == f.NOW
    row = ILLRequest.objects.get()
    assert (row.kind, row.state, row.partner.symbol) == ("lending", "lending.received", "HIL")
    assert (row.citation.title, row.citation.author) == ("Walden", "Thoreau")
    stored = InboxMessage.objects.get()
    assert (stored.partner, stored.what, stored.subject_id) == ("HIL", "Request", row.pk)


def test_every_answer_tells_its_length_and_meets_nothing_made_for_pages(client):
    """Simple clients read no chunks; a session or a page's headers cost a third of the time."""
    for response in (post(client, new_request()), client.get("/iso18626")):
        assert int(response["Content-Length"]) == len(response.content) > 0
        assert not response.cookies and "Content-Security-Policy" not in response


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch", "options"])
def test_only_post_is_answered(client, method):
    response = getattr(client, method)("/iso18626")
    assert (response.status_code, response["Allow"]) == (405, "POST")


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "application/x-www-form-urlencoded", ""])
def test_other_content_types_are_refused(client, kind):
    assert post(client, new_request(), content_type=kind).status_code == 415


@pytest.mark.parametrize("kind", ["text/xml", "application/xml; charset=utf-8", "Application/XML"])
def test_xml_by_any_of_its_names_is_taken(client, kind):
    tell(client, new_request(), content_type=kind)


def test_more_than_a_mebibyte_is_refused_before_it_is_read(client):
    body = new_request(title="x" * 1024 * 1024)
    assert post(client, body).status_code == 413
    assert post(client, body, CONTENT_LENGTH=str(2**40)).status_code == 413
    assert not InboxMessage.objects.exists()


@pytest.mark.parametrize("length", ["abc", "-1", ""])
def test_an_odd_length_is_no_failure_of_ours(client, length):
    assert post(client, new_request(), CONTENT_LENGTH=length).status_code in (200, 400)


@pytest.mark.parametrize(
    "body",
    [
        b" ", b"\x00", b"hello", b"<a><b></a>", b"<html><body/></html>", b"\xff\xfe\x00", b"<ISO18626Message/>",
        new_request().replace(b"Walden", b"Wal\x00den"),
        new_request().replace(b"Walden", b"Wal&#0;den"),
        new_request()[:-30],
    ],
)
def test_what_nobody_can_read_is_badly_formed(client, body):
    assert refused(client, body).startswith("BadlyFormedMessage|")


BILLION_LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]><request>&d;</request>"""
EXTERNAL = b"""<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><request><header>&x;</header></request>"""


@pytest.mark.parametrize("body", [BILLION_LAUGHS, EXTERNAL], ids=["billion laughs", "external entity"])
def test_hostile_xml_is_badly_formed_and_read_no_further(client, body):
    response = post(client, body)
    assert b"BadlyFormedMessage" in response.content
    assert b"root:" not in response.content
    assert not ILLRequest.objects.exists()


def test_a_confirmation_is_no_message(client):
    answer = post(client, new_request()).content
    assert refused(client, answer).startswith("BadlyFormedMessage|")


# --- who is there -------------------------------------------------------------------------------------


def test_an_unknown_agency_is_told_so(client):
    stranger = m.AgencyId("ISIL", "XX-NO")
    assert refused(client, new_request(sender=stranger)) == (
        "UnrecognisedDataValue|requestingAgencyId: requesting agency not found"
    )
    assert refused(client, as_supplier("B-1", "Loaned", sender=stranger)) == (
        "UnrecognisedDataValue|supplyingAgencyId: supplying agency not found"
    )
    assert not InboxMessage.objects.exists()


def test_an_agency_without_a_name_is_no_partner_without_a_symbol(client):
    Library.objects.create(name="Paper only", symbol="PAP", agency_value="")
    assert "agency not found" in refused(client, new_request(sender=m.AgencyId("ISIL", "")))


@pytest.mark.parametrize("secret", [None, "", "wrong", f.SECRET + "x"])
def test_a_wrong_secret_of_a_known_agency_is_401_and_leaves_nothing(client, secret):
    assert post(client, new_request(), secret=secret).status_code == 401
    assert not InboxMessage.objects.exists()
    assert not ILLRequest.objects.exists()


@pytest.mark.parametrize("scheme", ["Basic", "", "bearers"])
def test_a_secret_under_another_scheme_is_no_secret(client, scheme):
    response = client.post(
        "/iso18626", new_request(), content_type="text/xml", headers={"Authorization": f"{scheme} {f.SECRET}"}
    )
    assert response.status_code == 401


def test_the_secret_may_stand_in_the_message_and_is_blanked_in_what_is_stored(client):
    tell(client, new_request(secret=f.SECRET), secret=None)
    assert post(client, new_request("HIL-2", secret="wrong"), secret=None).status_code == 401
    body = InboxMessage.objects.get().body
    assert f.SECRET not in body
    assert "•••" in body


@pytest.mark.parametrize(
    ("allowed", "sender", "status"),
    [
        ("192.0.2.7", "192.0.2.7", 200),
        ("198.51.100.1\n192.0.2.0/24", "192.0.2.7", 200),
        ("2001:db8::/32", "2001:db8::7", 200),
        ("192.0.2.7", "192.0.2.8", 401),
        ("", "192.0.2.7", 401),
        ("anything", "192.0.2.7", 401),
    ],
)
def test_without_a_secret_only_listed_addresses_are_heard(client, allowed, sender, status):
    Library.objects.update(secret_expected="", allowed_addresses=allowed)
    assert post(client, new_request(), secret=None, REMOTE_ADDR=sender).status_code == status


def test_a_message_for_somebody_else_is_refused(client):
    other = m.AgencyId("ISIL", "US-ELSEWHERE")
    assert refused(client, new_request(to=other)) == (
        "UnrecognisedDataValue|supplyingAgencyId: supplying agency not found or invalid"
    )


def test_a_message_for_somebody_else_is_kept_with_the_refusal_and_is_taken_when_our_name_is_right(client):
    Institution.objects.update(agency_value="US-OLD")
    body = new_request(secret=f.SECRET)
    first = post(client, body)
    assert post(client, body).content == first.content
    row = InboxMessage.objects.get()
    assert (row.state, row.partner, row.what, row.repeats) == ("refused", "HIL", "Request", 1)
    assert row.answer.encode() == first.content
    assert "agency not found or invalid" in row.outcome
    assert f.SECRET not in row.body
    Institution.objects.update(agency_value="US-RIV")
    tell(client, body)


UNREADABLE = [new_request()[:-30], b"<html/>", b"\x00\xff", write(confirm.badly_formed(f.NOW))]


@pytest.mark.parametrize("body", UNREADABLE, ids=["cut short", "html", "bytes", "a confirmation"])
@pytest.mark.parametrize("how", ["by its secret", "by its address"])
def test_what_nobody_can_read_is_kept_when_a_partner_sent_it(client, body, how):
    secret = f.SECRET
    if how == "by its address":
        Library.objects.update(secret_expected="", allowed_addresses="127.0.0.1")
        secret = None
    first, second = post(client, body, secret=secret), post(client, body, secret=secret)
    assert first.content == second.content
    row = InboxMessage.objects.get()
    assert (row.state, row.partner, row.repeats) == ("refused", "HIL", 1)
    assert row.answer.encode() == first.content
    assert row.outcome


@pytest.mark.parametrize("body", UNREADABLE, ids=["cut short", "html", "bytes", "a confirmation"])
@pytest.mark.parametrize("secret", [None, "wrong"])
def test_what_a_stranger_sends_leaves_a_line_in_the_log_and_nothing_else(client, caplog, body, secret):
    Library.objects.update(allowed_addresses="127.0.0.1")  # one that has a secret is not known by its address
    assert refused(client, body, secret=secret).startswith("BadlyFormedMessage|")
    assert not InboxMessage.objects.exists()
    assert "unreadable ISO 18626 message from 127.0.0.1" in caplog.text


def test_a_library_switched_off_asks_nothing_new_and_goes_on_with_what_there_is(client):
    asked, lent = f.ill("borrowing.sent"), f.ill("lending.shipped")
    Library.objects.update(active=False)
    assert refused(client, new_request("HIL-9")) == (
        "UnrecognisedDataValue|requestingAgencyId: requesting agency not found"
    )
    assert InboxMessage.objects.get().state == "refused"
    tell(client, as_supplier(f.dialogue(asked).request_id, "Loaned", due=f.later(days=30)))
    tell(client, as_requester(f.dialogue(lent).request_id, "Received"))
    tell(client, new_request(f.dialogue(lent).request_id, kind="Reminder"))
    assert fresh(asked).state == "borrowing.shipped"
    assert f.events_of(lent)[-2:] == ["request.borrower_received", "request.message_in"]
    assert post(client, new_request("HIL-9"), secret="wrong").status_code == 401


def test_a_desk_that_has_no_name_yet_takes_nothing(client):
    Institution.objects.all().delete()
    assert "not found or invalid" in refused(client, new_request())


@pytest.mark.parametrize(
    "body", [as_supplier("B-2026-99999-1", "Loaned"), as_requester("HIL-404", "Received")]
)
def test_a_message_about_a_request_nobody_knows_is_refused(client, body):
    assert refused(client, body) == (
        "UnrecognisedDataValue|requestingAgencyRequestId: request with a given ID not found"
    )


def test_one_partner_cannot_speak_about_anothers_request(client):
    f.library("OAK", secret_expected="", allowed_addresses="127.0.0.1")
    row = f.ill("borrowing.sent")
    oak = m.AgencyId("ISIL", "US-OAK")
    body = as_supplier(f.dialogue(row).request_id, "Loaned", sender=oak)
    assert "not found" in refused(client, body, secret=None)
    assert fresh(row).state == "borrowing.sent"


# --- twice --------------------------------------------------------------------------------------------


def test_the_same_bytes_again_get_the_same_confirmation(client):
    body = new_request()
    first, second = post(client, body), post(client, body)
    assert first.content == second.content
    assert ILLRequest.objects.count() == 1
    assert InboxMessage.objects.get().repeats == 1


def test_a_taken_id_with_other_content_is_an_error(client):
    tell(client, new_request("HIL-1", title="Walden"))
    assert refused(client, new_request("HIL-1", title="Civil disobedience")) == (
        "UnrecognisedDataValue|requestingAgencyRequestId: request with a given ID already exists"
    )
    assert ILLRequest.objects.count() == 1


def test_two_partners_may_use_the_same_id(client):
    f.library("OAK")
    tell(client, new_request("1"))
    tell(client, new_request("1", sender=m.AgencyId("ISIL", "US-OAK")))
    assert ILLRequest.objects.count() == 2


def test_a_reminder_is_noted_and_seen(client):
    tell(client, new_request("HIL-1"))
    tell(client, new_request("HIL-1", kind="Reminder"))
    row = ILLRequest.objects.get()
    assert (row.state, row.attention_why) == ("lending.received", "partner_wrote")


def test_a_retry_we_never_asked_for_is_refused(client):
    said = refused(client, new_request("HIL-2", kind="Retry"))
    assert said == "UnrecognisedDataValue|requestType: Retry not possible"


def test_an_id_without_end_is_refused_and_an_empty_one_too(client):
    assert "requestingAgencyRequestId: too long" in refused(client, new_request("x" * 121))
    assert "cannot be empty" in refused(client, new_request(""))
    tell(client, new_request("x" * 120))


def test_a_latin_1_message_that_was_parked_keeps_its_letters(client):
    """What was stored is text; its declaration still says latin-1."""
    from illdesk import inbox as stored
    from requests_app.exchange.iso18626 import inbox

    body = new_request(title="Über Müßiggang").decode().replace("UTF-8", "ISO-8859-1").encode("latin-1")
    own, inbox.handle = inbox.handle, None
    try:
        tell(client, body)
    finally:
        inbox.handle = own
    row = InboxMessage.objects.get()
    assert row.state == "parked"
    assert stored.handle_again(row, now=f.NOW)
    assert ILLRequest.objects.get().citation.title == "Über Müßiggang"


# --- every script, every length -----------------------------------------------------------------------

TITLES = [
    "Война и мир", "戦争と平和", "전쟁과 평화", "الحرب والسلام", "מלחמה ושלום", "Πόλεμος και ειρήνη",
    "யுத்தமும் அமைதியும்",
    "สงครามและสันติภาพ", "युद्ध और शान्ति", "Chiến tranh và hòa bình", "Łódź & <Żółć> \"x\" 'y'", "𝔚𝔞𝔯 𝔞𝔫𝔡 🕊️",
    "\u202eright to left override\u202c", "combining e\u0301 and é", "zero\u200bwidth", "O'Reilly; DROP TABLE--",
]


@pytest.mark.parametrize("title", TITLES)
def test_titles_in_every_script_are_stored_as_sent_and_found(client, title):
    tell(client, new_request(title=title))
    row = ILLRequest.objects.get()
    assert row.citation.title == title
    assert search.matching(title) == [row.pk]


def test_a_title_of_a_hundred_thousand_characters_is_kept_whole(client):
    title = "Война " * 16667
    tell(client, new_request(title=title, author="x" * 5000, edition="9" * 5000))
    row = ILLRequest.objects.get()
    assert row.citation.title == title.strip()
    assert search.matching("voyna") == [row.pk]


def test_every_other_field_may_be_too_long_as_well(client):
    long = "ö" * 4000
    ids = (m.BibliographicItemId(long, "ISBN"), m.BibliographicItemId(long, "ISSN"), m.BibliographicItemId(long, "DOI"))
    tell(client, new_request(
        title="x", subtitle=long, volume=long, issue=long, pages_requested=long, series_title=long,
        title_of_component=long, bibliographic_item_id=ids,
    ))
    row = f.ill("borrowing.sent")
    request_id = f.dialogue(row).request_id
    tell(client, as_supplier(request_id, "Loaned", barcode=long, note=long, due=f.later(days=30)))
    other = f.ill("borrowing.sent")
    tell(client, as_supplier(f.dialogue(other).request_id, "Unfilled", reason_unfilled=long))
    assert fresh(row).barcode == long[:60]
    assert fresh(other).reason == "other"


# --- asked and told -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("lending.received", "RequestReceived"), ("lending.searching", "ExpectToSupply"),
        ("lending.preparing", "WillSupply"), ("lending.shipped", "Loaned"), ("lending.finished", "LoanCompleted"),
        ("lending.unfilled", "Unfilled"), ("lending.cancelled", "Cancelled"),
    ],
)
def test_a_status_request_is_answered_with_where_it_stands(client, state, status):
    row = f.ill(state)
    tell(client, as_requester(f.dialogue(row).request_id, "StatusRequest", at=f.later(minutes=5)))
    sent = OutboxMessage.objects.filter(what="Status").get()
    told = read(sent.payload["xml"].encode()).message
    assert told.message_info.reason_for_message == "StatusRequestResponse"
    assert told.status_info.status == status
    assert fresh(row).state == state


@pytest.mark.parametrize("status", ["RequestReceived", "Loaned", "Unfilled", ""])
def test_a_suppliers_notification_never_changes_the_state(client, status):
    row = f.ill("borrowing.sent")
    tell(client, as_supplier(f.dialogue(row).request_id, status, reason="Notification", note="Is any edition fine?"))
    row = fresh(row)
    assert (row.state, row.attention_why) == ("borrowing.sent", "partner_wrote")
    assert row.notes.get().text == "Is any edition fine?"


def test_a_requesters_notification_never_changes_the_state(client):
    row = f.ill("lending.shipped")
    tell(client, as_requester(f.dialogue(row).request_id, "Notification", note="#seq:3# It is lost."))
    row = fresh(row)
    assert (row.state, row.attention_why) == ("lending.shipped", "partner_wrote")
    assert row.notes.get().text == "It is lost."


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (as_requester("HIL-1", "Dance"), "UnsupportedActionType|Dance"),
        (as_supplier("B-1", "Eaten"), "UnrecognisedDataValue|status: Eaten"),
        (as_supplier("B-1", "Loaned", reason="Whim"), "UnsupportedReasonForMessageType|Whim"),
    ],
)
def test_words_that_no_edition_has_are_refused(client, body, wrong):
    assert refused(client, body) == wrong


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("messages/**/*.xml")) or [None], ids=str)
def test_the_public_samples_get_a_clear_answer(client, path):
    if path is None:
        pytest.skip("the public samples are not here")
    said = confirmation(post(client, path.read_bytes()))
    assert said.confirmation_header.message_status == "ERROR"


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("messages/**/*req*.xml")) or [None], ids=str)
def test_the_public_samples_are_taken_from_a_partner(client, path):
    """The same messages, where both agencies are known: taken or refused with a reason, never lost."""
    if path is None:
        pytest.skip("the public samples are not here")
    message = read(path.read_bytes()).message
    if isinstance(message, m.Confirmation):
        return
    ours, theirs = message.header.supplying_agency_id, message.header.requesting_agency_id
    f.institution(agency_type=ours.type, agency_value=ours.value)
    f.library("SAM", agency_type=theirs.type, agency_value=theirs.value)
    said = confirmation(post(client, path.read_bytes()))
    stored = InboxMessage.objects.get()
    assert stored.state in ("handled", "refused"), stored.outcome
    assert (stored.state == "handled") == (said.confirmation_header.message_status == "OK")


# --- over real HTTP -----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_same_request_at_once_over_real_http_is_one_request(live_server):
    f.institution(), f.library()
    body, answers, barrier = new_request(), [], threading.Barrier(5, timeout=20)

    def send():
        barrier.wait()
        headers = {"Authorization": f"Bearer {f.SECRET}", "Content-Type": "application/xml"}
        answers.append(requests.post(f"{live_server.url}/iso18626", data=body, headers=headers, timeout=30))

    threads = [threading.Thread(target=send) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [answer.status_code for answer in answers] == [200] * 5
    assert len({answer.content for answer in answers}) == 1
    assert ILLRequest.objects.count() == InboxMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_sender_that_promises_too_much_is_refused_before_it_sends(live_server):
    address = urlsplit(live_server.url)
    wire = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
    wire.putrequest("POST", "/iso18626")
    wire.putheader("Content-Type", "application/xml")
    wire.putheader("Content-Length", str(10**12))
    wire.endheaders()
    assert wire.getresponse().status == 413
    wire.close()


@pytest.mark.django_db(transaction=True)
def test_a_whole_exchange_with_ourselves_over_real_http(live_server):
    """Our own desk answers what our own outbox sends: each side takes what the other writes."""
    us = f.institution()
    them = f.library("RIV2", endpoint=f"{live_server.url}/iso18626", secret_sent=f.SECRET)
    f.ill("borrowing.sent", partner=them)
    row = ILLRequest.objects.get()
    # Nobody asks itself: between sending and arriving the two change their names, and we are who was asked.
    Library.objects.filter(pk=them.pk).update(agency_value=us.agency_value)
    Institution.objects.filter(pk=us.pk).update(agency_value=them.agency_value)
    assert outbox.send_due(now=f.NOW)[0] >= 1
    lent = ILLRequest.objects.get(kind="lending")
    assert lent.citation.title == row.citation.title
    message = OutboxMessage.objects.get(channel="iso18626")
    assert (message.state, message.what) == ("sent", "Request")
