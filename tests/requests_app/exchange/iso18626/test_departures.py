"""What we tell partners: valid, complete, discreet, in order, and what their answers do."""

import pytest

from illdesk import outbox
from illdesk.errors import AdapterError
from illdesk.models import OutboxMessage
from requests_app import lifecycle, queries
from requests_app.actions import perform, then
from requests_app.exchange.iso18626 import confirm
from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.xml import read, write
from requests_app.models import ILLRequest
from tests import factories as f
from tests.illdesk.post import office

from .partner import as_requester, fresh, server, tell
from .samples import assert_valid

pytestmark = pytest.mark.django_db

TOLD = [
    pytest.param(step, source, id=f"{step.action}-{source}")
    for step in lifecycle.STEPS
    if step.iso_out
    for source in step.sources
]
LONG = "Über \x0b<&>]]> 戦争 " * 300  # without NUL: the forms refuse it


@pytest.fixture
def far():
    """The partner's own server."""
    f.institution()
    with server() as far:
        yield far


def _messages(row) -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(channel="iso18626", subject_id=row.pk).order_by("id"))


def _last(row) -> m.Statement:
    message = _messages(row)[-1]
    assert_valid(message.payload["xml"].encode())
    return read(message.payload["xml"]).message


def _actor(step, row):
    if step.by == "patron":
        return f.actors.patron(row.patron.user)
    if step.by == "clock":
        return f.actors.CLOCK
    return f.actors.partner("HIL") if step.by == "partner" else f.staff()


@pytest.mark.parametrize(("step", "source"), TOLD)
@pytest.mark.parametrize("full", [False, True], ids=["bare", "full"])
def test_whatever_a_step_tells_is_valid_by_the_schema(step, source, full):
    partner = f.library(sends_patron_name=full)
    f.by_hand()
    row = f.make_fit(f.ill(source, partner=partner, service=step.service), step)
    if full:
        names = "title author edition series volume issue pages publisher place year isbn issn doi oclc"
        fields = dict.fromkeys([*names.split(), "part_title", "part_author"], LONG[:60])
        type(row.citation).objects.filter(pk=row.citation_id).update(**fields, any_edition=True)
        ILLRequest.objects.filter(pk=row.pk).update(need_by=f.DUE, pieces_text="2 vols.")
    else:
        f.institution(line1="", locality="", region="", postal_code="", country="", email="", department="")
        type(row.citation).objects.filter(pk=row.citation_id).update(author="", isbn="")
    row = ILLRequest.objects.get(pk=row.pk)
    before = len(_messages(row))
    answers = f.answers_for(step.action) | ({"note": LONG} if full and step.action in ("ship", "unfilled") else {})
    perform(row, step.action, actor=_actor(step, row), now=f.NOW, **answers)
    assert len(_messages(row)) == before + 1
    message = _last(row)
    assert message.header.timestamp == f.NOW
    assert message.header.requesting_agency_request_id == f.dialogue(row).request_id
    them = f.dialogue(row).library.agency_value
    agencies = (message.header.requesting_agency_id.value, message.header.supplying_agency_id.value)
    assert agencies == (("US-RIV", them) if row.kind == "borrowing" else (them, "US-RIV"))


def test_a_new_request_says_what_is_wanted_and_where_to(far):
    row = f.ill("borrowing.sent", need_by=f.DUE)
    message = _last(row)
    assert message.header.requesting_agency_request_id == f"{row.number}-1"
    assert message.bibliographic_info.title == "Middlemarch"
    assert message.bibliographic_info.bibliographic_item_id[0].identifier == "9780141439549"
    assert message.service_info.need_before_date.date() == f.DUE
    assert message.requested_delivery_info[0].address.physical_address.line1 == "1 River Road"


@pytest.mark.parametrize("told", [False, True])
def test_the_patrons_name_leaves_only_where_it_is_switched_on(told):
    row = f.ill("borrowing.sent", partner=f.library(sends_patron_name=told))
    perform(row, "receive", actor=f.staff(), now=f.NOW, barcode="1", due=f.DUE)
    everything = " ".join(message.payload["xml"] for message in _messages(row))
    assert ("Żak" in everything) is told
    assert ("Łucja" in everything) is told
    assert row.patron.email not in everything
    assert row.patron.card not in everything


def test_loaned_says_when_it_is_due_what_it_is_and_where_it_goes_back(far):
    row = f.ill("lending.preparing")
    perform(row, "ship", actor=f.staff(), now=f.NOW, due=f.DUE, barcode="39002", pieces_text="2 volumes",
            library_use_only=True, note="Handle with care")
    message = _last(row)
    assert message.message_info.reason_for_message == "RequestResponse"
    assert (message.status_info.status, message.status_info.due_date.date()) == ("Loaned", f.DUE)
    assert message.delivery_info.item_ids == ("39002",)
    assert message.delivery_info.date_sent == f.NOW
    assert message.delivery_info.loan_condition == "LibraryUseOnly"
    assert message.message_info.note == "2 volumes. Handle with care"
    assert message.return_info.physical_address.line1 == "1 River Road"
    assert message.return_info.name.startswith("Riverside University Library")


def test_the_first_answer_is_a_response_and_later_ones_are_changes():
    row = f.ill("lending.received")
    perform(row, "will_supply", actor=f.staff(), now=f.NOW)
    assert _last(row).message_info.reason_for_message == "RequestResponse"
    perform(row, "ship", actor=f.staff(), now=f.NOW, due=f.DUE, barcode="1")
    assert _last(row).message_info.reason_for_message == "StatusChange"


def test_unfilled_says_why_in_code_and_words():
    row = f.ill("lending.received")
    perform(row, "unfilled", actor=f.staff(), now=f.NOW, reason="bindery", note="Back in May")
    told = _last(row)
    assert (told.status_info.status, told.message_info.reason_unfilled) == ("Unfilled", "NotAvailableForILL")
    assert told.message_info.note == "At bindery. Back in May"


@pytest.mark.parametrize(
    ("pieces", "note", "told"),
    [("2 vols.", "Fragile", "2 vols. Fragile"), ("2 vols", "Fragile.", "2 vols. Fragile."), ("2 vols.", "", "2 vols."),
     ("", "Fragile", "Fragile"), (" ", "Is it heavy?", "Is it heavy?")],
)
def test_a_note_has_one_full_stop_between_its_sentences(pieces, note, told):
    row = f.ill("lending.preparing")
    perform(row, "ship", actor=f.staff(), now=f.NOW, due=f.DUE, barcode="1", pieces_text=pieces, note=note)
    assert _last(row).message_info.note == told


# --- sending ------------------------------------------------------------------------------------------


def _send() -> tuple[int, int]:
    return outbox.send_due(now=f.NOW)


def _sent_to(far, **fields) -> ILLRequest:
    return f.ill("borrowing.sent", partner=f.library(endpoint=far.url, **fields), patron=f.patron(email=""))


def test_messages_leave_in_order_with_the_secret_in_the_header(far):
    row = _sent_to(far)
    perform(row, "receive", actor=f.staff(), now=f.NOW, barcode="1", due=f.DUE)
    far.answers = [(503, b"busy")]
    assert _send() == (0, 1)
    assert outbox.send_due(now=f.later(minutes=1)) == (2, 0)
    assert far.said == ["Request", "Request", "Received"]
    assert far.got[0][2] == far.got[1][2], "a retry is the same bytes"
    _message, headers, body = far.got[0]
    assert headers["Authorization"] == "Bearer what-we-tell-them"
    assert headers["Content-Type"].startswith("application/xml")
    assert b"what-we-tell-them" not in body


def test_the_secret_stands_in_the_message_where_the_partner_wants_it_and_nowhere_in_the_outbox(far):
    row = _sent_to(far, secret_in_message=True)
    _send()
    message, headers, _body = far.got[0]
    assert message.header.requesting_agency_authentication.security_code == "what-we-tell-them"
    assert "Authorization" not in headers
    stored = " ".join(str(value) for values in OutboxMessage.objects.values() for value in values.values())
    assert "what-we-tell-them" not in stored
    assert fresh(row).state == "borrowing.sent"


def test_a_new_request_that_is_refused_is_unfilled_and_said_why(far):
    row = _sent_to(far)
    far.answers = ["requestingAgencyId: requesting agency not found"]
    _send()
    now = fresh(row)
    assert (now.state, f.dialogue(now).closed is not None) == ("borrowing.unfilled", True)
    assert "requesting agency not found" in now.notes.get().text
    message, = _messages(row)
    assert message.state == OutboxMessage.DROPPED
    assert outbox.send_due(now=f.later(days=1)) == (0, 0)


def test_a_later_message_that_is_refused_is_marked_and_the_next_one_leaves(far):
    row = _sent_to(far)
    actor = f.staff()
    for action, answers in (
        ("receive", {"barcode": "1", "due": f.DUE}), ("shelve", {}), ("check_in", {}), ("ship_back", {}),
    ):
        perform(row, action, actor=actor, now=f.NOW, **answers)
    far.answers = ["", "action: not now"]
    _send()
    assert far.said == ["Request", "Received", "ShippedReturn"]
    assert [message.state for message in _messages(row)] == ["sent", "dropped", "sent"]
    now = fresh(row)
    assert (now.state, now.attention_why) == ("borrowing.return_shipped", "refused")
    assert "request.message_failed" in f.events_of(row)


def test_a_refusal_from_an_earlier_lender_does_not_end_the_present_one(far):
    """Its server was away; meanwhile staff asked another library. Then it comes back and says no."""
    row = _sent_to(far)
    far.answers = [(503, b"")]
    _send()
    perform(row, "record_unfilled", actor=f.staff(), now=f.NOW, reason="not_owned")
    perform(row, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library("OAK", endpoint=far.url)])
    perform(row, "send", actor=f.staff(), now=f.NOW)
    far.answers = ["requestingAgencyId: requesting agency not found"]
    outbox.send(_messages(row)[0].pk, now=f.later(minutes=1))
    now = fresh(row)
    assert (now.state, now.partner.symbol) == ("borrowing.sent", "OAK")
    assert f.dialogue(now).closed is None


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ((400, b"no"), "parked"), ((401, b""), "parked"), ((413, b""), "parked"), ((404, b""), "waiting"),
        ((500, b"oops"), "waiting"), ((302, b""), "waiting"), ((200, b"<html>hello</html>"), "waiting"),
        ((200, b""), "waiting"), ((200, b"\x00\xff"), "waiting"), ((204, b""), "waiting"),
    ],
)
def test_other_answers_are_told_apart(far, answer, state):
    row = _sent_to(far)
    far.answers = [answer]
    _send()
    message, = _messages(row)
    assert message.state == state
    assert message.last_error
    assert fresh(row).state == "borrowing.sent"


def test_an_answer_that_is_a_message_of_its_own_is_no_confirmation(far):
    row = _sent_to(far)
    far.answers = [(200, as_requester("x", "Received"))]
    _send()
    assert "something else than a confirmation" in _messages(row)[0].last_error


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1"])
def test_a_confirmation_in_any_encoding_is_understood(far, encoding):
    row = _sent_to(far)
    xml = write(confirm.error(_last(row), "UnrecognisedDataValue", "größer", now=f.NOW)).decode()
    far.answers = [(200, xml.replace("UTF-8", encoding).encode(encoding))]
    _send()
    assert "größer" in _messages(row)[0].last_error
    assert fresh(row).state == "borrowing.unfilled"


def test_a_secret_that_comes_back_in_a_confirmation_is_not_stored(far):
    row = _sent_to(far, secret_in_message=True)
    xml = write(confirm.ok(_last(row), now=f.NOW)).decode()
    echo = xml.replace("<messageStatus>", "<securityCode>what-we-tell-them</securityCode><messageStatus>")
    far.answers = [(200, echo.encode())]
    _send()
    message, = _messages(row)
    assert message.state == "sent"
    assert "what-we-tell-them" not in message.answer


@pytest.mark.parametrize("how", ["tried by the clock", "sent again by a person"])
def test_already_exists_in_answer_to_a_repeat_means_that_it_arrived(far, how):
    row = _sent_to(far)
    taken = "requestingAgencyRequestId: request with a given ID already exists"
    far.answers = [(503, b""), taken]
    _send()
    if how == "sent again by a person":
        outbox.send_again(_messages(row)[0], actor=f.staff(), now=f.NOW)
    outbox.send_due(now=f.later(minutes=1))
    message, = _messages(row)
    assert (message.state, message.last_error) == ("sent", "It had arrived at an earlier try.")
    now = fresh(row)
    assert (now.state, now.attention) == ("borrowing.sent", None)
    assert f.dialogue(now).closed is None


def test_already_exists_at_the_first_try_is_a_refusal(far):
    row = _sent_to(far)
    far.answers = ["requestingAgencyRequestId: request with a given ID already exists"]
    _send()
    assert fresh(row).state == "borrowing.unfilled"


def test_a_cancel_that_is_refused_is_marked_and_can_be_asked_again(far):
    row = _sent_to(far)
    perform(row, "ask_cancel", actor=f.staff(), now=f.NOW, text="Bought it")
    far.answers = ["", "action: Cancel not supported"]
    _send()
    now = fresh(row)
    assert (now.state, now.cancel_asked, now.attention_why) == ("borrowing.sent", None, "refused")
    perform(now, "ask_cancel", actor=f.staff(), now=f.NOW, text="Bought it")


def test_a_message_that_cannot_leave_marks_its_request_and_stands_in_its_history(far):
    row = _sent_to(far)
    far.answers = [(403, b"")]
    _send()
    now = fresh(row)
    assert (now.state, now.attention_why) == ("borrowing.sent", "send_failed")
    assert f.events_of(row)[-1] == "request.message_failed"
    told = [entry.headline for day in queries.timeline(now) for entry in day.entries]
    assert "A message to HIL could not be sent" in told


def test_what_an_earlier_lender_cannot_be_told_does_not_mark_the_request(far):
    row = _sent_to(far)
    far.answers = [(503, b""), (403, b"")]
    _send()
    perform(row, "record_unfilled", actor=f.staff(), now=f.NOW, reason="not_owned")
    perform(row, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library("OAK", endpoint=far.url)])
    perform(row, "send", actor=f.staff(), now=f.NOW)
    outbox.send(_messages(row)[0].pk, now=f.later(minutes=1))
    assert _messages(row)[0].state == "parked"
    assert fresh(row).attention is None


@pytest.mark.parametrize("reader", ["the patron", "a library"])
def test_a_letter_that_is_refused_marks_its_request(settings, reader):
    if reader == "the patron":
        row, words = f.asked(), "A letter to the patron could not be sent"
    else:
        paper = f.library("PAP", endpoint="", email="ill@paper.example")
        row = f.ill("borrowing.sent", partner=paper, patron=f.patron(email=""))
        words = "A letter to PAP could not be sent"
    with office() as post:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", post.port
        post.to_data = "554 no"
        outbox.send_due(now=f.NOW)
    assert OutboxMessage.objects.get(channel="mail").state == "parked"
    now = fresh(row)
    assert now.attention_why == "send_failed"
    assert words in [entry.headline for day in queries.timeline(now) for entry in day.entries]


def test_a_partner_that_lost_its_address_parks_the_message(far):
    row = _sent_to(far)
    type(row.partner).objects.update(endpoint="")
    _send()
    assert _messages(row)[0].state == "parked"


def test_private_addresses_are_refused_where_the_desk_is_real(far, settings):
    row = _sent_to(far)
    settings.ALLOW_PRIVATE_ADDRESSES = False
    _send()
    assert (far.got, _messages(row)[0].state) == ([], "parked")
    assert "private network" in _messages(row)[0].last_error


@pytest.mark.parametrize("url", ["ftp://x.example/", "http://", "file:///etc/passwd", "http://[::1", "gopher:x", "http://x:99999/"])
def test_odd_addresses_are_refused_for_good(url):
    from illdesk import outside

    with pytest.raises(AdapterError) as refused:
        outside.post(url, body=b"", headers={})
    assert refused.value.permanent


# --- libraries without a system -----------------------------------------------------------------------


def test_a_library_without_an_address_gets_letters():
    paper = f.library("PAP", endpoint="", email="ill@paper.example")
    row = f.ill("borrowing.sent", partner=paper, patron=f.patron(email=""))
    letter = OutboxMessage.objects.get(channel="mail")
    assert letter.recipient == "ill@paper.example"
    assert "We ask you for an interlibrary loan" in letter.payload["body"]
    assert "Title: Middlemarch" in letter.payload["body"]
    assert f"Number: {row.number}-1" in letter.payload["body"]
    assert "Middlemarch" not in letter.payload["subject"]
    assert "Żak" not in letter.payload["body"]
    assert not OutboxMessage.objects.filter(channel="iso18626").exists()


@pytest.mark.parametrize(("step", "source"), TOLD)
def test_every_step_that_tells_has_its_letter(step, source):
    paper = f.library("PAP", endpoint="", email="ill@paper.example")
    f.by_hand()
    row = f.make_fit(f.ill(source, partner=paper, service=step.service), step)
    if step.action == "next_lender":  # the one asked is the next of the rota
        row.rota.update(library=paper)
    before = OutboxMessage.objects.filter(recipient=paper.email).count()
    perform(row, step.action, actor=_actor(step, row), now=f.NOW, **f.answers_for(step.action))
    assert OutboxMessage.objects.filter(recipient=paper.email).count() == before + 1
    body = OutboxMessage.objects.filter(recipient=paper.email).order_by("-id")[0].payload["body"]
    assert "Riverside University Library" in body


def _letter_to(partner) -> str:
    return OutboxMessage.objects.filter(recipient=partner.email).order_by("-id")[0].payload["body"]


def test_the_letter_says_what_the_message_would():
    paper = f.library("PAP", endpoint="", email="ill@paper.example")
    row = f.ill("lending.preparing", partner=paper)
    perform(row, "ship", actor=f.staff(), now=f.NOW, due=f.DUE, barcode="39002", pieces_text="2 volumes",
            library_use_only=True, note="Handle with care")
    body = _letter_to(paper)
    for words in ("1 May 2026", "39002", "2 volumes", "Library use only", "Handle with care", "Please return it to:\n"
                  "Riverside University Library, Interlibrary Loan\n1 River Road"):
        assert words in body
    no = f.ill("lending.received", partner=paper)
    perform(no, "unfilled", actor=f.staff(), now=f.NOW, reason="bindery", note="Back in May")
    assert "at bindery.\nBack in May" in _letter_to(paper)
    assert "return it to" not in _letter_to(paper)


# To write to a library that cannot be written to is refused instead.
_BY_STAFF = [row for row in TOLD if row.values[0].by == "staff" and row.values[0].action != "write_partner"]


@pytest.mark.parametrize(("step", "source"), _BY_STAFF)
def test_nobody_claims_to_have_told_a_library_that_cannot_be_told(step, source):
    silent = f.library("SIL", endpoint="", email="")
    f.by_hand()
    row = f.make_fit(f.ill(source, partner=silent, service=step.service), step)
    row.rota.update(library=silent)
    sentence = then(step, row)
    assert sentence.endswith("Nobody is told: this library has neither an ISO 18626 address nor an e-mail.")
    assert "SIL" not in sentence and "{" not in sentence
    event = perform(row, step.action, actor=f.staff(), now=f.NOW, **f.answers_for(step.action))
    assert event.data["untold"] is True
    assert "nobody was told" in queries.timeline(row)[0].entries[0].detail
    assert not OutboxMessage.objects.filter(subject_id=row.pk).exclude(channel="mail").exists()


def test_a_library_that_can_be_told_is_named():
    row = f.ill("borrowing.shipped")
    step = lifecycle.find(row, "receive")
    assert then(step, row) == "Goes to Received and prints the book band. HIL is told that it arrived."
    assert "untold" not in perform(row, "receive", actor=f.staff(), now=f.NOW, barcode="1").data


def test_a_patrons_wish_to_cancel_is_seen_where_the_lender_cannot_be_told():
    row = f.ill("borrowing.sent", partner=f.library("SIL", endpoint="", email=""))
    perform(row, "patron_cancel", actor=f.actors.patron(row.patron.user), now=f.NOW)
    assert (row.cancel_asked, row.attention_why) == (f.NOW, "patron_wrote")


def test_a_status_request_of_a_library_without_an_address_is_not_lost(client):
    """It writes to us but cannot be written to: the answer is parked, where people see it."""
    partner = f.library(endpoint="")
    row = f.ill("lending.received", partner=partner)
    tell(client, as_requester(f.dialogue(row).request_id, "StatusRequest"))
    outbox.send_due(now=f.later(days=101))
    assert OutboxMessage.objects.get(what="Status").state == OutboxMessage.PARKED
