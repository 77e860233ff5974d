"""perform(): one transaction or nothing, and one winner."""

import re
import threading

import pytest
from django.db import connection

from illdesk import actors
from illdesk.errors import BadAnswer, NotAllowed, Stale
from illdesk.models import Event, OutboxMessage
from requests_app.actions import FUNCTIONS, TELL, perform
from requests_app.models import Dialogue, ILLRequest, Note
from tests import factories as f


@pytest.mark.django_db(transaction=True)
def test_of_two_clerks_at_one_moment_exactly_one_wins():
    """Both have read the request before either takes the step: no luck of timing is left."""
    row = f.ill("borrowing.in_review")
    oak, elm = f.library("OAK"), f.library("ELM")
    first, second = (f.staff("borrowing staff", last_name=name) for name in ("First", "Second"))
    clerks = [(first, oak), (second, elm)]
    both_have_read = threading.Barrier(2, timeout=20)
    said: dict[str, object] = {}

    def choose(actor, library):
        try:
            mine = ILLRequest.objects.select_related("partner").get(pk=row.pk)
            both_have_read.wait()
            perform(mine, "choose_lenders", actor=actor, seen_version=mine.version, libraries=[library])
            said[actor.user.last_name] = library
        except Exception as failure:
            said[actor.user.last_name] = failure
        finally:
            connection.close()

    threads = [threading.Thread(target=choose, args=clerk) for clerk in clerks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    losers = {name: result for name, result in said.items() if isinstance(result, Exception)}
    assert len(said) == 2
    assert len(losers) == 1, said
    (loser, failure), = losers.items()
    winner = ({"First", "Second"} - {loser}).pop()
    assert isinstance(failure, Stale)
    assert re.match(rf"R\. {winner} was faster: “Choose lenders” at \d\d:\d\d\. ", str(failure))
    assert "now Ready to send" in str(failure)
    row.refresh_from_db()
    assert row.partner == said[winner]
    assert f.events_of(row).count("request.choose_lenders") == 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once_send_a_request_once():
    row = f.ill("borrowing.ready_to_send")
    actor = f.staff()
    ready = threading.Barrier(6, timeout=20)
    failures = []

    def send():
        try:
            mine = ILLRequest.objects.select_related("partner").get(pk=row.pk)
            ready.wait()
            perform(mine, "send", actor=actor)
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [type(failure) for failure in failures] == [Stale] * 5, failures
    assert Dialogue.objects.filter(ill=row).count() == 1
    assert OutboxMessage.objects.filter(channel="iso18626").count() == 1


@pytest.mark.django_db
def test_second_clerk_is_told_the_page_is_stale():
    row = f.ill("borrowing.in_review")
    seen = row.version
    perform(row, "choose_lenders", actor=f.staff(last_name="Faster"), now=f.NOW, libraries=[f.library()])
    with pytest.raises(Stale) as told:
        perform(row, "cancel", actor=f.staff(), now=f.NOW, seen_version=seen, reason="own_it")
    # 15:00 UTC is 10:00 in the library's zone.
    assert str(told.value) == "R. Faster was faster: “Choose lenders” at 10:00. The request is now Ready to send."


@pytest.mark.django_db
def test_a_later_note_is_not_named_as_what_made_the_page_stale():
    row = f.ill("borrowing.in_review")
    seen = row.version
    perform(row, "choose_lenders", actor=f.staff(last_name="Faster"), now=f.NOW, libraries=[f.library()])
    perform(row, "note", actor=f.staff(last_name="Bystander"), now=f.NOW, text="By the way.")
    with pytest.raises(Stale, match="Faster was faster: “Choose lenders”"):
        perform(row, "cancel", actor=f.staff(), now=f.NOW, seen_version=seen, reason="own_it")


@pytest.mark.django_db
def test_a_partner_that_was_faster_is_named_by_its_symbol():
    row = f.ill("borrowing.sent")
    seen = row.version
    perform(row, "lender_shipped", actor=actors.partner("HIL"), now=f.NOW, due=f.DUE)
    with pytest.raises(Stale, match=r"HIL was faster: “Lender shipped” at 10:00\. The request is now Shipped\."):
        perform(row, "record_unfilled", actor=f.staff(), now=f.NOW, seen_version=seen)


@pytest.mark.django_db
def test_a_note_is_never_stale_and_makes_nobody_stale():
    row = f.ill("borrowing.in_review")
    seen = row.version
    perform(row, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library()])
    perform(row, "note", actor=f.staff(), now=f.NOW, seen_version=seen, text="Found a second copy.")
    assert row.version == seen + 1
    perform(row, "send", actor=f.staff(), now=f.NOW, seen_version=row.version)


@pytest.mark.django_db
def test_a_note_does_not_put_back_what_a_colleague_changed_meanwhile():
    mine = f.ill("borrowing.in_review")
    theirs = ILLRequest.objects.get(pk=mine.pk)
    perform(theirs, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library()])
    perform(mine, "note", actor=f.staff(), now=f.NOW, text="Mine is old.")
    theirs.refresh_from_db()
    assert (theirs.state, theirs.partner.symbol) == ("borrowing.ready_to_send", "HIL")


@pytest.mark.django_db
def test_a_mark_set_meanwhile_outlives_the_step():
    """Marks are set without a new version (a partner's note, a refusal): the step must not wipe them out."""
    row = ILLRequest.objects.get(pk=f.ill("borrowing.in_review").pk)
    ILLRequest.objects.filter(pk=row.pk).update(attention=f.NOW, attention_why="partner_wrote")
    perform(row, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library()])
    stored = ILLRequest.objects.get(pk=row.pk)
    assert stored.attention_why == "partner_wrote"
    assert stored.partner is not None


@pytest.mark.django_db
def test_a_failure_at_the_very_end_leaves_nothing():
    row = f.ill("borrowing.shipped")
    row.due_lender = row.due_patron = None
    row.save()
    memory = {key: value for key, value in row.__dict__.items() if not key.startswith("_")}
    events, letters, notes = Event.objects.count(), OutboxMessage.objects.count(), Note.objects.count()

    def broken(doing):
        raise RuntimeError("the disk is full")

    TELL.append(broken)
    try:
        with pytest.raises(RuntimeError):
            perform(row, "receive", actor=f.staff(), now=f.later(hours=1), barcode="777", due=f.DUE, pieces=3)
    finally:
        TELL.remove(broken)
    assert (Event.objects.count(), OutboxMessage.objects.count(), Note.objects.count()) == (events, letters, notes)
    assert {key: value for key, value in row.__dict__.items() if not key.startswith("_")} == memory
    stored = ILLRequest.objects.get(pk=row.pk)
    assert (stored.state, stored.barcode, stored.pieces) == ("borrowing.shipped", "39001", 1)


@pytest.mark.django_db
def test_a_failure_in_the_steps_function_leaves_nothing():
    row = f.ill("borrowing.in_review")
    own = FUNCTIONS["choose_lenders"]

    def broken(doing):
        own(doing)
        doing.note("staff", "half done")
        raise RuntimeError("the catalogue fell over")

    FUNCTIONS["choose_lenders"] = broken
    try:
        with pytest.raises(RuntimeError):
            perform(row, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library()])
    finally:
        FUNCTIONS["choose_lenders"] = own
    assert (row.state, row.partner, row.partner_id) == ("borrowing.in_review", None, None)
    assert not Note.objects.exists()
    perform(row, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library()])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "action", "answers", "field", "sentence"),
    [
        ("borrowing.in_review", "choose_lenders", {}, "libraries", "Choose a library."),
        ("borrowing.shipped", "receive", {"barcode": " "}, "barcode", "barcode of the item"),
        ("borrowing.return_shipped", "close_return", {"text": "  "}, "text", "Write a reason"),
        ("borrowing.sent", "ask_cancel", {}, "text", "Write a reason"),
        ("borrowing.in_review", "write_patron", {"text": ""}, "text", "Write your letter first."),
        ("borrowing.in_review", "note", {"text": "\n"}, "text", "Write something first."),
        ("borrowing.in_review", "refer", {}, "text", "Write something first."),
        ("lending.preparing", "ship", {"barcode": "1"}, "due", "Enter the due date."),
        ("lending.preparing", "ship", {"barcode": "1", "due": f.NOW.date()}, "due", "must lie in the future"),
        ("lending.preparing", "ship", {"due": f.DUE}, "barcode", "barcode of the item"),
        ("lending.received", "unfilled", {"reason": "no idea"}, "reason", "Choose the reason"),
    ],
)
def test_a_missing_answer_is_asked_for_by_a_sentence(state, action, answers, field, sentence):
    row = f.ill(state)
    if action == "receive":
        row.barcode = ""
    with pytest.raises(BadAnswer, match=sentence) as asked:
        perform(row, action, actor=f.staff("supervisor"), now=f.NOW, **answers)
    assert asked.value.field == field
    assert ILLRequest.objects.get(pk=row.pk).state == row.state == state


@pytest.mark.django_db
def test_a_suspended_lender_takes_no_requests():
    oak = f.library("OAK")
    oak.suspensions.create(first=f.NOW.date())
    row = f.ill("borrowing.in_review")
    with pytest.raises(BadAnswer, match="does not take requests now"):
        perform(row, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[oak])
    ready = f.ill("borrowing.ready_to_send", partner=f.library())
    ready.partner = oak
    with pytest.raises(BadAnswer, match="is suspended now"):
        perform(ready, "send", actor=f.staff(), now=f.NOW)


@pytest.mark.django_db
def test_the_patrons_date_is_the_lenders_less_the_margin():
    row = f.ill("borrowing.received")
    assert (f.DUE - row.due_patron).days == 7
    soon = f.NOW.date().replace(day=5)
    tight = f.ill("borrowing.sent")
    perform(tight, "receive", actor=f.staff(), now=f.NOW, barcode="1", due=soon)
    assert tight.due_patron == f.NOW.date()


@pytest.mark.django_db
def test_a_patron_cancels_once_and_then_waits_for_the_lender():
    row = f.ill("borrowing.sent")
    own = actors.patron(row.patron.user)
    perform(row, "patron_cancel", actor=own, now=f.NOW)
    assert row.state == "borrowing.sent"
    with pytest.raises(NotAllowed):
        perform(row, "patron_cancel", actor=own, now=f.NOW)
