"""What arrives: handled once, answered the same way each time, kept when we fail."""

import threading
import time

import pytest
from django.db import OperationalError, connection

from illdesk import inbox, sweeps
from illdesk.inbox import Handled
from illdesk.models import Branch, Event, InboxMessage
from tests import factories as f


@pytest.fixture
def desk():
    """Counts how often it handled; parked messages come back to `again`."""

    class Desk:
        handled = 0
        fails = False

        def handle(self):
            type(self).handled += 1
            Branch.objects.create(code=f"made{self.handled}", name="what the message did")
            if self.fails:
                raise RuntimeError("our own fault")
            return Handled(f"answer {self.handled}", "done", subject=("request", 7))

        def receive(self, key="k", now=f.NOW):
            return inbox.receive(
                "test", key=key, partner="HIL", what="Loaned", body="<xml/>", now=now, handle=self.handle,
                answer_when_parked=lambda: "we have it",
            )

    desk = Desk()
    inbox.HANDLERS["test"] = lambda row: desk.handle()
    yield desk
    del inbox.HANDLERS["test"]


@pytest.mark.django_db
def test_the_same_message_twice_is_handled_once_and_answered_alike(desk):
    assert desk.receive() == desk.receive() == "answer 1"
    row = InboxMessage.objects.get()
    assert (desk.handled, row.repeats, row.state, row.outcome) == (1, 1, "handled", "done")
    assert (row.subject_kind, row.subject_id) == ("request", 7)
    assert desk.receive("other") == "answer 2"


@pytest.mark.django_db(transaction=True)
def test_the_same_message_twice_at_once_is_handled_once_and_answered_alike(desk):
    """The second arrives while the first is being handled, and waits for its answer."""
    answers, own = [], desk.handle

    def slowly():
        time.sleep(0.2)
        return own()

    desk.handle = slowly
    barrier = threading.Barrier(4, timeout=20)

    def partner():
        try:
            barrier.wait()
            answers.append(desk.receive())
        finally:
            connection.close()

    threads = [threading.Thread(target=partner) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == ["answer 1"] * 4
    assert desk.handled == 1
    assert InboxMessage.objects.count() == Branch.objects.count() == 1


@pytest.mark.django_db
def test_a_message_we_fail_on_is_kept_and_answered_and_leaves_nothing_half_done(desk):
    desk.fails = True
    assert desk.receive() == "we have it"
    row = InboxMessage.objects.get()
    assert (row.state, row.body, row.outcome) == ("parked", "<xml/>", "RuntimeError: our own fault")
    assert not Branch.objects.exists()
    assert desk.receive() == "we have it"
    assert desk.handled == 1


@pytest.mark.django_db(transaction=True)
def test_what_fails_only_at_the_commit_is_kept_as_well(desk):
    """A missing row that a foreign key points to shows when the transaction ends."""
    def handle():
        Event.objects.create(
            name="x", subject_kind="y", subject_id=1, actor_kind="system", cause_id=10**12, at=f.NOW
        )
        return Handled("it seemed to work")

    desk.handle = handle
    assert desk.receive() == "we have it"
    row = InboxMessage.objects.get()
    assert row.state == "parked" and row.outcome.startswith("IntegrityError")
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_a_database_that_goes_away_is_no_fault_of_the_message(desk):
    """Then nothing can be stored, and the sender must hear that it was not."""
    def handle():
        raise OperationalError("server closed the connection unexpectedly")

    desk.handle = handle
    with pytest.raises(OperationalError):
        desk.receive()
    assert not InboxMessage.objects.exists()


@pytest.mark.django_db
def test_a_parked_message_is_handled_again_by_the_sweep(desk):
    desk.fails = True
    desk.receive()
    assert sweeps.try_parked(now=f.NOW) == (0, 1)
    desk.fails = False
    assert sweeps.try_parked(now=f.NOW) == (1, 0)
    row = InboxMessage.objects.get()
    assert (row.state, row.answer) == ("handled", "answer 3")
    assert sweeps.try_parked(now=f.NOW) == (0, 0)
    assert desk.receive() == "answer 3"


@pytest.mark.django_db
def test_what_the_partner_repeats_does_not_use_up_our_own_tries(desk):
    desk.fails = True
    desk.receive()
    for _repeat in range(30):
        desk.receive()
    assert sweeps.try_parked(now=f.NOW) == (0, 1)
    row = InboxMessage.objects.get()
    assert (row.repeats, row.tries) == (30, 1)
    InboxMessage.objects.update(tries=20)
    assert sweeps.try_parked(now=f.NOW) == (0, 0)


@pytest.mark.django_db
def test_a_person_may_try_again_and_that_is_recorded(desk):
    desk.fails = True
    desk.receive()
    InboxMessage.objects.update(tries=20)
    desk.fails = False
    actor = f.staff()
    assert inbox.handle_again(InboxMessage.objects.get(), actor=actor, now=f.NOW)
    event = Event.objects.get()
    assert (event.name, event.subject_kind, event.actor) == ("message.handle_again", "inbox", actor.user)


@pytest.mark.django_db
def test_what_a_person_set_aside_is_not_handled_again(desk):
    desk.fails = True
    desk.receive()
    row = InboxMessage.objects.get()
    actor = f.staff()
    assert inbox.set_aside(row, actor=actor, now=f.NOW)
    assert not inbox.set_aside(row, actor=actor, now=f.NOW)
    assert list(Event.objects.values_list("name", "subject_id")) == [("message.set_aside", row.pk)]
    assert not inbox.handle_again(row, now=f.NOW)
    assert desk.handled == 1


@pytest.mark.django_db
def test_a_channel_without_a_handler_leaves_it_parked(desk):
    row = InboxMessage.objects.create(channel="none", key="x", state="parked", body="", arrived=f.NOW)
    assert not inbox.handle_again(row, now=f.NOW)
    assert InboxMessage.objects.get().state == "parked"
