"""Stored first, sent afterwards, in order, and stuck in the open."""

import threading
from datetime import timedelta

import pytest
from celery import Celery
from django.db import connection

from illdesk import outbox, tasks
from illdesk.errors import AdapterError, NotAllowed
from illdesk.models import Event, OutboxMessage
from tests import factories as f
from tests.ports import free_ports

W, SENDING, SENT = OutboxMessage.WAITING, OutboxMessage.SENDING, OutboxMessage.SENT
PARKED, UNCERTAIN, DROPPED = OutboxMessage.PARKED, OutboxMessage.UNCERTAIN, OutboxMessage.DROPPED


class Partner:
    """The far end of a channel: keeps what came, fails as told."""

    def __init__(self):
        self.got: list[str] = []
        self.fails: dict[str, Exception] = {}
        self.settling = None

    def send(self, row) -> str:
        if row.what in self.fails:
            raise self.fails[row.what]
        self.got.append(row.what)
        return f"thanks for {row.what}"

    def settled(self, row) -> None:
        if self.settling:
            self.settling(row)


@pytest.fixture
def partner():
    partner = Partner()
    for name, exactly_once in (("test", True), ("paper", False)):
        outbox.register(outbox.Channel(name, partner.send, exactly_once, partner.settled))
    yield partner
    del outbox.CHANNELS["test"], outbox.CHANNELS["paper"]


def put(what: str, *, lane: str = "", channel: str = "test", **more) -> OutboxMessage:
    more = {"payload": {"text": what}} | more
    return outbox.put(channel, key=f"key:{what}", recipient="somewhere", what=what, now=f.NOW, lane=lane, **more)


def states() -> dict[str, str]:
    return dict(OutboxMessage.objects.order_by("id").values_list("what", "state"))


pytestmark = pytest.mark.django_db


def test_what_waits_leaves_once_and_the_answer_is_kept(partner):
    row = put("a")
    assert outbox.send_due(now=f.NOW) == (1, 0)
    assert outbox.send_due(now=f.later(days=1)) == (0, 0)
    assert not outbox.send(row.pk, now=f.later(days=1))
    row.refresh_from_db()
    assert partner.got == ["a"]
    assert (row.state, row.answer, row.settled, row.attempts) == (SENT, "thanks for a", f.NOW, 1)


def test_the_same_key_again_is_the_same_message(partner):
    assert put("a").pk == put("a", payload={"text": "other"}).pk
    outbox.send_due(now=f.NOW)
    assert put("a").state == SENT
    assert partner.got == ["a"]


def test_a_lane_keeps_its_order_however_they_are_called(partner):
    _first, second, third = put("1", lane="x"), put("2", lane="x"), put("3", lane="x")
    assert not outbox.send(third.pk, now=f.NOW)
    assert not outbox.send(second.pk, now=f.NOW)
    assert outbox.send_due(now=f.NOW) == (3, 0)
    assert partner.got == ["1", "2", "3"]


def test_a_parked_message_holds_its_lane_and_no_other(partner):
    partner.fails["1"] = AdapterError("Never heard of you.", permanent=True)
    put("1", lane="x"), put("2", lane="x"), put("3", lane="y")
    outbox.send_due(now=f.NOW)
    assert states() == {"1": PARKED, "2": W, "3": SENT}
    assert outbox.send_due(now=f.later(days=30)) == (0, 0), "what waits behind it is no failure"
    assert states()["2"] == W


@pytest.mark.parametrize("decide", [outbox.drop, outbox.send_again])
def test_what_a_person_decides_about_a_parked_message_frees_its_lane(partner, decide):
    partner.fails["1"] = AdapterError("No.", permanent=True)
    row = put("1", lane="x")
    put("2", lane="x")
    outbox.send_due(now=f.NOW)
    partner.fails.clear()
    decide(row, actor=f.staff(), now=f.NOW)
    outbox.send_due(now=f.NOW)
    assert states() == {"1": DROPPED if decide is outbox.drop else SENT, "2": SENT}
    assert partner.got == (["2"] if decide is outbox.drop else ["1", "2"])


def test_a_failure_is_tried_again_at_growing_intervals_and_then_parked(partner):
    partner.fails["a"] = AdapterError("Busy.", permanent=False)
    row = put("a")
    now = f.NOW
    for seconds in outbox.RETRY_AFTER:
        assert outbox.send_due(now=now) == (0, 1)
        row.refresh_from_db()
        wait = (row.next_try - now).total_seconds()
        assert row.state == W
        assert 0.9 * seconds <= wait <= 1.1 * seconds
        assert outbox.send_due(now=row.next_try - timedelta(seconds=1)) == (0, 0)
        now = row.next_try
    assert outbox.send_due(now=now) == (0, 1)
    row.refresh_from_db()
    assert (row.state, row.last_error) == (PARKED, "Busy.")


def test_a_fault_of_ours_is_no_permanent_failure_and_does_not_stop_the_others(partner):
    partner.fails["a"] = KeyError("xml")
    put("a"), put("b")
    assert outbox.send_due(now=f.NOW) == (1, 1)
    assert states() == {"a": W, "b": SENT}
    assert "KeyError" in OutboxMessage.objects.get(what="a").last_error


def test_an_answer_that_cannot_be_settled_does_not_stop_the_others_and_is_seen(partner):
    """The message has left; its receiver knows a repeat, so it is tried again and not forgotten."""

    def broken(row):
        if row.what == "a":
            OutboxMessage.objects.filter(pk=row.pk).update(what="half")
            raise ValueError("odd answer")

    partner.settling = broken
    put("a"), put("b")
    outbox.send_due(now=f.NOW)
    assert states() == {"a": W, "b": SENT}
    row = OutboxMessage.objects.get(what="a")
    assert row.last_error == "ValueError: odd answer"
    partner.settling = None
    outbox.send_due(now=row.next_try)
    assert states() == {"a": SENT, "b": SENT}


def test_a_letter_that_left_but_could_not_be_settled_is_uncertain(partner):
    def broken(row):
        raise ValueError("the disk is full")

    partner.settling = broken
    put("a", channel="paper")
    outbox.send_due(now=f.NOW)
    assert states() == {"a": UNCERTAIN}
    outbox.send_due(now=f.later(days=1))
    assert partner.got == ["a"]


def test_a_channel_nobody_has_parks(partner):
    put("a", channel="pigeon")
    outbox.send_due(now=f.NOW)
    assert states() == {"a": PARKED}


@pytest.mark.parametrize(("channel", "state"), [("paper", UNCERTAIN), ("test", W), ("pigeon", UNCERTAIN)])
def test_what_a_dead_worker_held_may_have_left(partner, channel, state):
    row = put("a", channel=channel)
    OutboxMessage.objects.filter(pk=row.pk).update(state=SENDING, claimed=f.NOW, attempts=1)
    outbox.release_dead_claims(now=f.later(minutes=2))
    assert states() == {"a": SENDING}
    outbox.release_dead_claims(now=f.later(minutes=4))
    assert states() == {"a": state}


def test_an_answer_that_comes_after_the_claim_was_given_up_acts_once(partner):
    """Our POST took longer than a claim lives; another worker has the row now and will settle it."""
    acted = []
    row = put("a")

    def slow(sent):
        OutboxMessage.objects.filter(pk=row.pk).update(claimed=f.later(minutes=9))  # claimed by another meanwhile
        return "late"

    outbox.register(outbox.Channel("test", slow, True, lambda row: acted.append(row.pk)))
    assert not outbox.send(row.pk, now=f.NOW)
    assert acted == []
    assert states() == {"a": SENDING}


@pytest.mark.parametrize("state", [PARKED, UNCERTAIN, W])
def test_what_is_stuck_can_be_sent_again_or_dropped(partner, state):
    again, not_again = put("a"), put("b")
    OutboxMessage.objects.update(state=state, next_try=f.later(days=1), attempts=13)
    outbox.send_again(again, actor=f.staff(), now=f.NOW)
    outbox.drop(not_again, actor=f.staff(), now=f.NOW)
    outbox.send_due(now=f.NOW)
    assert states() == {"a": SENT, "b": DROPPED}


@pytest.mark.parametrize("state", [SENT, SENDING, DROPPED])
def test_what_has_left_is_neither_sent_again_nor_dropped_nor_parked(partner, state):
    row = put("a")
    OutboxMessage.objects.update(state=state)
    for decide in (outbox.send_again, outbox.drop, outbox.park):
        with pytest.raises(NotAllowed, match=r"Nothing was (sent again|changed)\."):
            decide(row, actor=f.staff(), now=f.NOW)
    assert states() == {"a": state}


def test_a_person_stops_the_retries(partner):
    row = put("a")
    outbox.park(row, actor=f.staff(), now=f.NOW)
    assert outbox.send_due(now=f.later(days=1)) == (0, 0)
    assert states() == {"a": PARKED}


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_does_not_undo_what_happened(partner, settings, monkeypatch):
    """The sweep sends what no task was told about."""
    # The real task of a Celery whose Redis is not there.
    away = Celery("away", broker=f"redis://127.0.0.1:{free_ports()[0]}/0", set_as_current=False)
    away.conf.update(  # as the settings have it of one that is there
        task_publish_retry=False, broker_transport_options={"max_retries": 1, "interval_start": 0})
    monkeypatch.setattr(tasks, "send_message", away.task(tasks.send_message.run, name="illdesk.tasks.send_message"))
    settings.SEND_TASKS = True
    row = put("1", lane="x")
    put("2", lane="x")
    outbox.park(row, actor=f.staff(), now=f.NOW)
    outbox.send_again(row, actor=f.staff(), now=f.NOW)
    assert outbox.send_due(now=f.NOW) == (2, 0)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_once(partner):
    row, barrier = put("a"), threading.Barrier(2, timeout=20)
    results = []

    def worker():
        try:
            barrier.wait()
            results.append(outbox.send(row.pk, now=f.NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results) == [False, True]
    assert partner.got == ["a"]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_inside_a_transaction(partner):
    """A socket that is open inside a transaction would hold the whole desk up."""
    inside = []
    outbox.register(outbox.Channel("test", lambda row: inside.append(connection.in_atomic_block) or "ok", True))
    put("a")
    outbox.send_due(now=f.NOW)
    assert inside == [False]


def test_whoever_cares_is_told_when_a_message_is_given_up(partner):
    told = []
    outbox.register(outbox.Channel("test", partner.send, True, parked=lambda row, now: told.append((row.what, now))))
    partner.fails = {"a": AdapterError("No.", permanent=True), "b": AdapterError("Busy.", permanent=False)}
    put("a"), put("b"), put("c")
    outbox.send_due(now=f.NOW)
    assert told == [("a", f.NOW)]


def test_a_fault_in_telling_leaves_the_message_parked(partner):
    def broken(row, now):
        OutboxMessage.objects.filter(pk=row.pk).update(what="half")
        raise ValueError("no such request")

    outbox.register(outbox.Channel("test", partner.send, True, parked=broken))
    partner.fails["a"] = AdapterError("No.", permanent=True)
    put("a")
    outbox.send_due(now=f.NOW)
    assert states() == {"a": PARKED}


@pytest.mark.parametrize(
    ("decide", "name"),
    [(outbox.send_again, "message.send_again"), (outbox.drop, "message.set_aside"), (outbox.park, "message.park")],
)
def test_what_a_person_decides_is_recorded_once(partner, decide, name):
    row, actor = put("a"), f.staff()
    decide(row, actor=actor, now=f.NOW)
    event = Event.objects.get()
    assert (event.name, event.subject_kind, event.subject_id, event.actor) == (name, "outbox", row.pk, actor.user)


def test_what_is_sent_again_by_a_person_counts_as_a_repeat_if_it_was_tried(partner):
    tried, fresh = put("a"), put("b")
    OutboxMessage.objects.filter(pk=tried.pk).update(state=PARKED, attempts=13)
    for row in (tried, fresh):
        outbox.send_again(row, actor=f.staff(), now=f.NOW)
        row.refresh_from_db()
    assert (tried.attempts, fresh.attempts) == (1, 0)
