import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from illdesk import actors, events
from illdesk.models import Event, Handling
from tests import factories as f


@pytest.fixture
def subscriber():
    """Subscribes a function for the length of one test."""
    added = []

    def add(function, *, pattern="request.*", key="test"):
        events.subscribe(pattern, key=key)(function)
        added.append(key)

    yield add
    for key in added:
        del events.SUBSCRIBERS[key]


def _record(name="request.ship") -> Event:
    return events.record(name, subject=("request", 1), actor=actors.CLOCK, now=f.NOW, data={"v": 1})


@pytest.mark.django_db
def test_who_asked_for_a_kind_of_event_is_told_once(subscriber):
    told = []
    subscriber(lambda event: told.append(event.name))
    subscriber(lambda event: told.append("other"), pattern="invoice.*", key="other")
    event = _record()
    assert told == []  # tell after, never during
    assert events.handle(event.pk, now=f.NOW) == 1
    assert events.handle(event.pk, now=f.NOW) == 0
    assert events.handle_due(now=f.later(days=1)) == (0, 0)
    assert told == ["request.ship"]


@pytest.mark.django_db
def test_the_sweep_takes_what_a_dead_worker_left(subscriber):
    told = []
    subscriber(lambda event: told.append(event.pk))
    some = [_record().pk for _ in range(3)]
    assert events.handle_due(now=f.NOW, limit=2) == (2, 0)
    assert events.handle_due(now=f.NOW) == (1, 0)
    assert told == some


@pytest.mark.django_db
def test_work_whose_subscriber_is_gone_is_left_and_counted(subscriber):
    told = []
    subscriber(lambda event: told.append(event.pk))
    event = _record()
    own = events.SUBSCRIBERS.pop("test")
    assert events.handle(event.pk, now=f.NOW) == 0
    row = Handling.objects.get()
    assert (row.done, row.attempts) == (None, 1)
    assert "nobody handles this any more" in row.last_error
    events.SUBSCRIBERS["test"] = own
    assert events.handle_due(now=f.later(hours=1)) == (1, 0)
    assert told == [event.pk]


@pytest.mark.django_db
def test_an_event_that_was_rolled_back_owes_nobody_anything(subscriber):
    subscriber(lambda event: None)

    class _Oops(Exception):
        pass

    with pytest.raises(_Oops), transaction.atomic():
        _record()
        raise _Oops
    assert not Handling.objects.exists()


@pytest.mark.django_db
def test_a_failing_subscriber_leaves_nothing_and_is_tried_again_later_and_later(subscriber):
    def fail(event):
        Event.objects.create(name="half", subject_kind="x", subject_id=1, actor_kind="clock", at=f.NOW)
        raise ValueError("the ledger is closed")

    subscriber(fail)
    _record()
    now, waits = f.NOW, []
    for attempt in range(1, events.GIVE_UP_AFTER + 1):
        assert events.handle_due(now=now) == (0, 1)
        row = Handling.objects.get()
        assert (row.attempts, row.done) == (attempt, None)
        assert events.handle_due(now=row.next_try - timedelta(seconds=1)) == (0, 0)
        waits.append(row.next_try - now)
        now = row.next_try
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=30)
    assert waits[-1] > timedelta(days=3000), "it gives up"
    assert row.last_error == "ValueError: the ledger is closed"
    assert not Event.objects.filter(name="half").exists()


@pytest.mark.django_db
def test_one_failing_subscriber_does_not_hold_up_the_others(subscriber):
    told = []

    def fail(event):
        raise ValueError

    subscriber(fail, key="a")
    subscriber(lambda event: told.append(event.pk), key="b")
    first, second = _record(), _record()
    assert events.handle_due(now=f.NOW) == (2, 2)
    assert told == [first.pk, second.pk]


@pytest.mark.django_db
def test_a_subscriber_that_recovers_is_done(subscriber):
    answers = [ValueError("busy"), None]

    def work(event):
        if (failure := answers.pop(0)) is not None:
            raise failure

    subscriber(work)
    _record()
    events.handle_due(now=f.NOW)
    assert events.handle_due(now=f.later(minutes=1)) == (1, 0)
    assert Handling.objects.get().done == f.later(minutes=1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_do_the_work_once(subscriber):
    """The second comes while the first is in the middle of the work."""
    told, in_the_middle, go_on = [], threading.Event(), threading.Event()

    def work(event):
        told.append(event.pk)
        in_the_middle.set()
        assert go_on.wait(20)

    subscriber(work)
    event = _record()

    def worker():
        try:
            events.handle(event.pk, now=f.NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    threads[0].start()
    assert in_the_middle.wait(20)
    threads[1].start()
    threads[1].join(0.3)
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert told == [event.pk]
    assert Handling.objects.get().done == f.NOW


@pytest.mark.django_db(transaction=True)
def test_when_the_first_worker_fails_the_one_that_waited_does_the_work_and_no_fault_is_left(subscriber):
    told, in_the_middle, go_on = [], threading.Event(), threading.Event()

    def work(event):
        told.append(event.pk)
        if len(told) == 1:
            in_the_middle.set()
            assert go_on.wait(20)
            raise ValueError("died")

    subscriber(work)
    event = _record()

    def worker():
        try:
            events.handle(event.pk, now=f.NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    threads[0].start()
    assert in_the_middle.wait(20)
    threads[1].start()
    threads[1].join(0.3)
    go_on.set()
    for thread in threads:
        thread.join(30)
    row = Handling.objects.get()
    assert told == [event.pk] * 2
    assert row.done == f.NOW
