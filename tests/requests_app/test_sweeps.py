"""The clock takes the rows of the table whose date has passed, once."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from illdesk.models import Attachment, Event, OutboxMessage
from requests_app import lifecycle, sweeps
from requests_app.actions import TELL, copies, perform
from requests_app.models import Delivery, ILLRequest, Library
from tests import factories as f

pytestmark = pytest.mark.django_db
WAITING = [
    ("borrowing.sent", "loan", {"respond_by": f.NOW}, "borrowing.unfilled", "request.lender_silent"),
    ("borrowing.sent", "loan", {"respond_by": f.NOW, "promised": f.NOW}, "borrowing.sent", "request.lender_late"),
    ("borrowing.sent", "loan", {"respond_by": f.NOW, "cancel_asked": f.NOW}, "borrowing.cancelled",
     "request.lender_silent"),
    ("borrowing.conditional", "loan", {"respond_by": f.NOW}, "borrowing.unfilled", "request.condition_lapsed"),
    ("borrowing.conditional", "loan", {"respond_by": f.NOW, "retry_on": f.NOW}, "borrowing.sent",
     "request.retry_on_day"),
    ("borrowing.return_shipped", "loan", {"respond_by": f.NOW}, "borrowing.return_shipped", "request.ask_return"),
    ("borrowing.return_shipped", "loan", {"respond_by": f.NOW, "return_asked": f.NOW}, "borrowing.finished",
     "request.close_unconfirmed"),
    ("borrowing.delivered", "copy", {"respond_by": f.NOW}, "borrowing.finished", "request.expire_delivery"),
    ("borrowing.delivered", "copy", {"respond_by": f.NOW, "resend_asked": f.NOW}, "borrowing.delivered",
     "request.resend_late"),
    ("borrowing.copyright_review", "copy", {"respond_by": f.NOW}, "borrowing.copyright_review", "request.wait_over"),
    ("documents.delivered", "copy", {"respond_by": f.NOW}, "documents.finished", "request.expire_delivery"),
    ("lending.conditional", "loan", {"respond_by": f.NOW}, "lending.unfilled", "request.condition_unanswered"),
    ("lending.shipped", "loan", {"due_lender": f.NOW.date()}, "lending.shipped", "request.overdue"),
]


def _left(*, at=f.NOW) -> None:
    """All messages have left: a lender that was never reached has not been silent."""
    OutboxMessage.objects.filter(state=OutboxMessage.WAITING).update(state=OutboxMessage.SENT, settled=at)


@pytest.mark.parametrize(("state", "service", "dates", "then", "event"), WAITING)
def test_what_waited_long_enough_moves_on_once(state, service, dates, then, event):
    row = f.ill(state, service=service)
    _left(at=f.later(days=-9))
    ILLRequest.objects.filter(pk=row.pk).update(**dates)
    assert sweeps.take_due(now=f.later(seconds=-1)) == (0, 0)
    moment = f.later(days=1)
    assert sweeps.take_due(now=moment) == (1, 0)
    assert (ILLRequest.objects.get(pk=row.pk).state, f.events_of(row)[-1]) == (then, event)
    assert sweeps.take_due(now=moment) == (0, 0)
    assert Event.objects.filter(name=event, actor_kind="clock").count() == 1


def test_every_row_of_the_clock_is_tried_here():
    tried = {event.removeprefix("request.") for *_rest, event in WAITING}
    assert {step.action for step in lifecycle.due_rows()} == tried


def test_a_request_that_fails_does_not_keep_the_others():
    """A channel that fails in the middle of telling the other library: its request stays as it was."""
    bad, good = f.ill("borrowing.sent"), f.ill("borrowing.sent")
    _left(at=f.later(days=-9))
    ILLRequest.objects.update(respond_by=f.NOW)
    ILLRequest.objects.filter(pk=bad.pk).update(respond_by=f.later(hours=-1))

    def broken(doing):
        if doing.ill.pk == bad.pk:
            raise RuntimeError("the disk is full")

    TELL.append(broken)
    try:
        assert sweeps.take_due(now=f.later(days=1)) == (1, 1)
    finally:
        TELL.remove(broken)
    assert ILLRequest.objects.get(pk=bad.pk).state == "borrowing.sent"
    assert ILLRequest.objects.get(pk=good.pk).state == "borrowing.unfilled"


def test_a_silent_lender_is_told_and_the_next_one_asked():
    row = f.ill("borrowing.in_review")
    perform(row, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library(), f.library("OAK")])
    perform(row, "send", actor=f.staff(), now=f.NOW)
    _left()
    sweeps.take_due(now=f.later(days=5))
    sent = OutboxMessage.objects.filter(channel="iso18626").order_by("pk").values_list("partner", "what")
    assert list(sent) == [("HIL", "Request"), ("HIL", "Cancel"), ("OAK", "Request")]
    assert ILLRequest.objects.get(pk=row.pk).partner == Library.objects.get(symbol="OAK")


def test_files_are_erased_when_their_time_is_over_and_the_row_stays():
    row = f.ill("borrowing.delivered")
    delivery = copies.current(row)
    path = delivery.attachment.file.name
    assert sweeps.erase_expired(now=delivery.until - timedelta(seconds=1)) == (0, 0)
    assert sweeps.erase_expired(now=delivery.until) == (1, 0)
    delivery.refresh_from_db()
    assert delivery.erased == f.NOW + timedelta(days=30) and delivery.attachment is None
    assert not default_storage.exists(path) and not Attachment.objects.exists()
    assert sweeps.erase_expired(now=delivery.until) == (0, 0)


def test_the_first_file_stays_until_the_second_comes():
    row = f.ill("borrowing.delivered")
    perform(row, "ask_resend", actor=f.staff(), now=f.NOW, problem="unreadable")
    assert sweeps.erase_expired(now=f.later(days=40)) == (0, 0)
    perform(row, "file_arrived", actor=f.actors.SYSTEM, now=f.later(days=41), file=f.stored())
    assert sweeps.erase_expired(now=f.later(days=41)) == (1, 0)
    assert Delivery.objects.filter(erased=None).count() == 1


def test_a_sweep_that_died_between_file_and_row_goes_on():
    row = f.ill("borrowing.delivered")
    delivery = copies.current(row)
    default_storage.delete(delivery.attachment.file.name)
    assert sweeps.erase_expired(now=delivery.until) == (1, 0)
