"""What partners' messages do to requests: in order, out of order, late, twice, and from the wrong dialogue."""

import pytest

from illdesk.models import Event, OutboxMessage
from illdesk.models.calendar import days_of
from requests_app.actions import perform
from requests_app.exchange.iso18626.xml import read
from requests_app.models import Dialogue
from tests import factories as f

from .partner import as_requester, as_supplier, fresh, new_request, tell

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def desk():
    f.institution()
    f.library()


@pytest.fixture
def sent():
    return f.ill("borrowing.sent")


def id_of(row) -> str:
    return f.dialogue(row).request_id


# --- we borrow ----------------------------------------------------------------------------------------


def test_a_loan_goes_its_way_by_the_lenders_messages(client, sent):
    request_id = id_of(sent)
    tell(client, as_supplier(request_id, "WillSupply", reason="RequestResponse", at=f.later(hours=1)))
    assert fresh(sent).state == "borrowing.sent"
    shipped = {"due": f.later(days=160), "barcode": "B7", "note": "Fragile"}
    tell(client, as_supplier(request_id, "Loaned", at=f.later(hours=2), **shipped))
    row = fresh(sent)
    assert (row.state, row.barcode) == ("borrowing.shipped", "B7")
    assert row.due_lender == f.later(days=160).date()
    assert row.due_patron < row.due_lender
    assert [note.text for note in row.notes.all()] == ["Fragile"]
    actor = f.staff()
    for action, answers in (
        ("receive", {}), ("shelve", {}), ("check_out", {}), ("check_in", {}), ("ship_back", {}),
    ):
        perform(row, action, actor=actor, now=f.later(days=1), **answers)
    tell(client, as_supplier(request_id, "LoanCompleted", at=f.later(days=2)))
    row = fresh(sent)
    assert (row.state, row.attention) == ("borrowing.finished", None)
    assert f.dialogue(row).closed


def test_unfilled_carries_its_reason_and_closes_the_dialogue(client, sent):
    why = {"reason_unfilled": "NotOnShelf", "note": "Sorry"}
    tell(client, as_supplier(id_of(sent), "Unfilled", reason="RequestResponse", **why))
    row = fresh(sent)
    assert (row.state, row.reason) == ("borrowing.unfilled", "NotOnShelf")
    assert f.dialogue(row).closed
    assert row.notes.get().text == "Sorry"


def test_an_older_message_changes_nothing(client, sent):
    request_id = id_of(sent)
    tell(client, as_supplier(request_id, "WillSupply", at=f.later(hours=2)))
    tell(client, as_supplier(request_id, "Unfilled", at=f.later(hours=1), reason_unfilled="NotHeld"))
    row = fresh(sent)
    assert (row.state, row.attention) == ("borrowing.sent", None)
    assert f.events_of(row)[-1] == "request.message_in"


def test_two_messages_of_one_second_are_both_acted_upon(client, sent):
    tell(client, as_supplier(id_of(sent), "WillSupply", at=f.later(hours=1)))
    tell(client, as_supplier(id_of(sent), "Loaned", at=f.later(hours=1)))
    assert fresh(sent).state == "borrowing.shipped"


def test_a_lender_whose_clock_is_years_ahead_is_still_heard_afterwards(client, sent):
    tell(client, as_supplier(id_of(sent), "WillSupply", at=f.NOW.replace(year=2099)))
    tell(client, as_supplier(id_of(sent), "Loaned", at=f.NOW.replace(year=2098), due=f.later(days=30)))
    assert fresh(sent).state == "borrowing.shipped"


def test_loan_completed_too_early_is_marked_for_a_person(client, sent):
    tell(client, as_supplier(id_of(sent), "Loaned", at=f.later(hours=1), due=f.later(days=30)))
    tell(client, as_supplier(id_of(sent), "LoanCompleted", at=f.later(hours=2)))
    row = fresh(sent)
    assert (row.state, row.attention_why) == ("borrowing.shipped", "message_not_understood")


@pytest.mark.parametrize("steps", [("receive",), ("receive", "shelve"), ("receive", "shelve", "check_out")])
def test_loaned_after_we_received_it_by_hand_brings_the_due_date(client, sent, steps):
    for action in steps:
        perform(sent, action, actor=f.staff(), now=f.NOW, **({"barcode": "B7"} if action == "receive" else {}))
    assert sent.due_lender is None
    state = sent.state
    tell(client, as_supplier(id_of(sent), "Loaned", at=f.later(hours=1), due=f.later(days=60)))
    row = fresh(sent)
    assert (row.state, row.due_lender, row.attention) == (state, f.later(days=60).date(), None)
    assert row.due_patron is not None


@pytest.mark.parametrize("steps", [("receive",), ("receive", "shelve"), ("receive", "shelve", "check_out")])
def test_another_due_date_than_the_one_we_typed_is_shown_to_a_person_and_changes_nothing(client, sent, steps):
    for action in steps:
        answers = {"barcode": "B7", "due": f.DUE} if action == "receive" else {}
        perform(sent, action, actor=f.staff(), now=f.NOW, **answers)
    theirs, patrons = f.later(days=90), sent.due_patron
    tell(client, as_supplier(id_of(sent), "Loaned", at=f.later(hours=1), due=theirs, note="Fragile"))
    row = fresh(sent)
    assert (row.state, row.due_lender, row.due_patron) == (sent.state, f.DUE, patrons)
    assert row.attention_why == "due_differs"
    text = row.notes.get(kind="partner").text
    for word in (theirs.date().isoformat(), f.DUE.isoformat(), "Fragile"):
        assert word in text


def test_a_new_due_date_while_it_is_on_its_way_is_shown_too(client, sent):
    tell(client, as_supplier(id_of(sent), "Loaned", at=f.later(hours=1), due=f.later(days=60)))
    tell(client, as_supplier(id_of(sent), "Loaned", at=f.later(hours=2), due=f.later(days=70)))
    assert (fresh(sent).due_lender, fresh(sent).attention_why) == (f.later(days=60).date(), "due_differs")


@pytest.mark.parametrize("due", [f.DUE, None])
def test_the_same_due_date_or_none_is_no_news(client, sent, due):
    perform(sent, "receive", actor=f.staff(), now=f.NOW, barcode="B7", due=f.DUE)
    moment = f.NOW.replace(month=f.DUE.month, day=f.DUE.day) if due else None
    tell(client, as_supplier(id_of(sent), "Loaned", at=f.later(hours=1), due=moment))
    assert fresh(sent).attention is None


def test_a_date_that_comes_when_it_has_gone_back_is_no_news(client):
    row = f.ill("borrowing.return_shipped")
    tell(client, as_supplier(id_of(row), "Loaned", at=f.later(hours=1), due=f.later(days=90)))
    assert fresh(row).attention is None


@pytest.mark.parametrize(
    "written",
    [
        "2026-05-04", "2026-05-04T00:00:00Z", "2026-05-04T00:00:00", "2026-05-04T00:00:00+01:00",
        "2026-05-04T00:00:00-05:00", "2026-05-04T00:00:00.000+0000", "2026-05-04T23:59:59Z",
        "2026-05-04T23:59:59.999+01:00", "2026-05-04T23:59:00-05:00", "2026-05-04T24:00:00Z",
        # With a time of its own it is that moment, in our zone (New York).
        "2026-05-05T03:30:00Z", "2026-05-04T12:00:00+01:00",
    ],
)
def test_the_due_day_is_the_one_the_sender_wrote(client, sent, written):
    body = as_supplier(id_of(sent), "Loaned", due=f.NOW).replace(
        b"<dueDate>2026-03-02T15:00:00Z</dueDate>", f"<dueDate>{written}</dueDate>".encode()
    )
    assert written.encode() in body
    tell(client, body)
    assert fresh(sent).due_lender.isoformat() == "2026-05-04"


@pytest.mark.parametrize("said", ["No such book here", "x" * 41, "Müller hat es", "a<b"])
def test_a_reason_that_is_no_code_stands_in_a_note_and_not_in_the_event(client, sent, said):
    tell(client, as_supplier(id_of(sent), "Unfilled", reason_unfilled=said, note="Sorry"))
    row = fresh(sent)
    assert (row.state, row.reason) == ("borrowing.unfilled", "other")
    assert row.notes.get().text == f"{said}\nSorry"
    assert Event.objects.get(name="request.lender_unfilled").data["reason"] == "other"


def test_a_code_of_another_list_is_kept(client, sent):
    tell(client, as_supplier(id_of(sent), "Unfilled", reason_unfilled="on-order_2.1"))
    assert fresh(sent).reason == "on-order_2.1"


def test_a_granted_cancel_ends_it_and_tells_the_patron(client, sent):
    perform(sent, "ask_cancel", actor=f.staff(), now=f.NOW, text="Bought it")
    tell(client, as_supplier(id_of(sent), "Cancelled", reason="CancelResponse", answer_yes_no="Y"))
    row = fresh(sent)
    assert (row.state, row.reason) == ("borrowing.cancelled", "cancel_granted")
    assert OutboxMessage.objects.filter(what="cancelled").count() == 1


def test_a_refused_cancel_goes_on_and_is_seen(client, sent):
    perform(sent, "ask_cancel", actor=f.staff(), now=f.NOW, text="Bought it")
    tell(client, as_supplier(id_of(sent), "WillSupply", reason="CancelResponse", answer_yes_no="N", note="Packed"))
    row = fresh(sent)
    assert (row.state, row.attention_why, row.cancel_asked) == ("borrowing.sent", "cancel_refused", None)


_AFTER_SENT = [
    "shipped", "received", "on_hold_shelf", "checked_out", "returned_by_patron", "return_shipped", "finished",
]


@pytest.mark.parametrize("state", _AFTER_SENT)
@pytest.mark.parametrize("asked", [True, False])
def test_a_late_no_to_a_cancel_is_news_only_while_we_wait_for_it(client, state, asked):
    row = f.ill(f"borrowing.{state}")
    type(row).objects.filter(pk=row.pk).update(cancel_asked=f.NOW if asked else None)
    tell(client, as_supplier(id_of(row), "Loaned", reason="CancelResponse", answer_yes_no="N", at=f.later(days=1)))
    now = fresh(row)
    assert now.state == f"borrowing.{state}"
    if asked and state != "finished":
        assert (now.attention_why, now.cancel_asked) == ("cancel_refused", None)
    else:
        assert now.attention is None


@pytest.mark.parametrize(("status", "state"), [("Cancelled", "borrowing.cancelled"), ("Loaned", "borrowing.sent")])
def test_a_cancel_response_without_yes_or_no_is_told_by_its_status(client, sent, status, state):
    tell(client, as_supplier(id_of(sent), status, reason="CancelResponse"))
    assert fresh(sent).state == state


@pytest.mark.parametrize(("status", "why"), [("Overdue", "overdue"), ("Recalled", "recalled")])
def test_what_needs_a_person_is_marked(client, status, why):
    row = f.ill("borrowing.checked_out")
    tell(client, as_supplier(id_of(row), status, at=f.later(days=30)))
    assert (fresh(row).state, fresh(row).attention_why) == ("borrowing.checked_out", why)


def _sent_again(row, symbol: str = "OAK"):
    """The first lender could not; another one is asked."""
    perform(row, "record_unfilled", actor=f.staff(), now=f.NOW, reason="not_owned")
    perform(row, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library(symbol)])
    perform(row, "send", actor=f.staff(), now=f.NOW)
    return row


@pytest.mark.parametrize("status", ["WillSupply", "Loaned", "Unfilled", "LoanCompleted"])
def test_a_closed_earlier_dialogue_does_not_move_the_request(client, sent, status):
    old = id_of(sent)
    row = _sent_again(sent)
    assert id_of(row) == old[:-1] + "2"
    tell(client, as_supplier(old, status, at=f.later(days=1), due=f.later(days=30)))
    now = fresh(row)
    assert (now.state, now.version, now.due_lender) == ("borrowing.sent", row.version, None)


def test_a_second_copy_that_is_on_its_way_is_seen(client, sent):
    """The first lender ships after all, when the second one has shipped too: two items for one request."""
    old = id_of(sent)
    row = _sent_again(sent)
    perform(row, "lender_shipped", actor=f.actors.partner("OAK"), now=f.NOW, due=f.DUE)
    tell(client, as_supplier(old, "Loaned", at=f.later(days=1), due=f.later(days=30)))
    now = fresh(row)
    assert (now.state, now.due_lender, now.attention_why) == ("borrowing.shipped", f.DUE, "message_not_understood")


@pytest.mark.parametrize("status", ["Unfilled", "WillSupply", "LoanCompleted"])
def test_what_an_earlier_lender_repeats_is_no_news(client, sent, status):
    old = id_of(sent)
    row = _sent_again(sent)
    tell(client, as_supplier(old, status, at=f.later(days=1)))
    assert fresh(row).attention is None


def test_an_item_from_a_lender_who_said_no_is_seen(client, sent):
    tell(client, as_supplier(id_of(sent), "Unfilled", at=f.later(hours=1)))
    tell(client, as_supplier(id_of(sent), "Loaned", at=f.later(hours=2), due=f.later(days=30)))
    assert (fresh(sent).state, fresh(sent).attention_why) == ("borrowing.unfilled", "message_not_understood")


def test_the_lenders_own_number_is_kept(client, sent):
    body = as_supplier(id_of(sent), "WillSupply").replace(
        b"</requestingAgencyRequestId>",
        b"</requestingAgencyRequestId><supplyingAgencyRequestId>OAK-99</supplyingAgencyRequestId>",
    )
    tell(client, body)
    assert f.dialogue(sent).their_number == "OAK-99"


# --- we lend ------------------------------------------------------------------------------------------


def _answers(row) -> list[tuple[str, str, str]]:
    """What we told the borrower: (reason for message, answer, status)."""
    rows = OutboxMessage.objects.filter(channel="iso18626", subject_id=row.pk).order_by("id")
    said = [read(message.payload["xml"]).message for message in rows]
    return [
        (one.message_info.reason_for_message, one.message_info.answer_yes_no, one.status_info.status) for one in said
    ]


@pytest.mark.parametrize("state", ["lending.received", "lending.searching", "lending.preparing"])
def test_a_cancel_before_we_ship_is_granted_on_the_wire(client, state):
    row = f.ill(state)
    tell(client, as_requester(id_of(row), "Cancel", at=f.later(hours=1), note="Found it"))
    assert (fresh(row).state, fresh(row).reason) == ("lending.cancelled", "borrower")
    assert _answers(row) == [("CancelResponse", "Y", "Cancelled")]
    assert f.dialogue(row).closed
    tell(client, as_requester(id_of(row), "Cancel", at=f.later(hours=2)))
    assert len(_answers(row)) == 1
    assert fresh(row).attention is None


def test_a_cancel_after_we_shipped_is_refused_on_the_wire(client):
    row = f.ill("lending.shipped")
    tell(client, as_requester(id_of(row), "Cancel", at=f.later(hours=1)))
    assert fresh(row).state == "lending.shipped"
    assert _answers(row)[-1] == ("CancelResponse", "N", "Loaned")


def test_received_and_shipped_back_are_noted_and_we_check_it_in(client):
    row = f.ill("lending.shipped")
    tell(client, as_requester(id_of(row), "Received", at=f.later(days=3)))
    tell(client, as_requester(id_of(row), "ShippedReturn", at=f.later(days=30), note="Cover was torn"))
    row = fresh(row)
    assert (row.state, row.attention) == ("lending.shipped", None)
    assert f.events_of(row)[-2:] == ["request.borrower_received", "request.borrower_returned"]
    perform(row, "check_in", actor=f.staff("lending staff"), now=f.later(days=33))
    assert _answers(row)[-1] == ("StatusChange", "", "LoanCompleted")


def test_shipped_back_after_we_have_it_is_no_news(client):
    row = f.ill("lending.finished")
    tell(client, as_requester(id_of(row), "ShippedReturn", at=f.later(days=30)))
    assert (fresh(row).state, fresh(row).attention) == ("lending.finished", None)


def test_a_renewal_waits_for_a_person(client):
    row = f.ill("lending.shipped")
    tell(client, as_requester(id_of(row), "Renew", at=f.later(days=30)))
    assert (fresh(row).state, fresh(row).attention_why) == ("lending.shipped", "renew_asked")


def test_a_request_arrives_with_what_it_says(client):
    body = new_request("HIL-5", title="Sein und Zeit", subtitle="Erste Hälfte", author="Heidegger", service="Copy")
    tell(client, body)
    row = fresh(Dialogue.objects.get(request_id="HIL-5").ill)
    assert (row.citation.title, row.service) == ("Sein und Zeit: Erste Hälfte", "copy")
    assert row.respond_by == days_of(None).deadline(row.created, 4), "four working days, until the end of the last"


def test_a_request_without_a_title_still_stands_in_the_queue(client):
    tell(client, new_request("HIL-6", title="", supplier_unique_record_id="oc123"))
    assert "oc123" in fresh(Dialogue.objects.get(request_id="HIL-6").ill).citation.title
