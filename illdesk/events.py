"""What happened: one append-only row each, written in the transaction of the change itself.

Subscribers (`@subscribe("request.shipped", key="…")`) run after commit. Their work is stored with the
event as a Handling row, so what a dead worker left is taken up by the sweep, and it is done once: the row
is marked in the transaction in which the subscriber works.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from illdesk import rows
from illdesk.actors import Actor
from illdesk.models import Event, Handling

log = logging.getLogger(__name__)

SUBSCRIBERS: dict[str, tuple[str, Callable[[Event], None]]] = {}
GIVE_UP_AFTER = 10


def subscribe(pattern: str, *, key: str):
    """Register a function(event) for event names that match `pattern` ("request.*")."""

    def register(function: Callable[[Event], None]) -> Callable[[Event], None]:
        SUBSCRIBERS[key] = (pattern, function)
        return function

    return register


def record(
    name: str,
    *,
    subject: tuple[str, int],
    actor: Actor,
    now: datetime,
    data: dict | None = None,
    cause: Event | None = None,
    along: Iterable[rows.Statement] = (),
) -> Event:
    """Write the event and its subscribers' work; call inside the transaction of the change.

    `along`: what else the change writes, in one round trip with it.
    """
    event = Event(
        name=name,
        subject_kind=subject[0],
        subject_id=subject[1],
        actor_kind=actor.kind,
        actor=actor.user,
        data=data or {},
        cause=cause,
        at=now,
    )
    rows.insert(event, along=along)
    wanted = [key for key, (pattern, _) in SUBSCRIBERS.items() if fnmatchcase(name, pattern)]
    if wanted:
        Handling.objects.bulk_create(
            [Handling(event=event, subscriber=key, next_try=now) for key in wanted]
        )
        if settings.SEND_TASKS:
            from illdesk.tasks import handle_event

            transaction.on_commit(lambda: handle_event.delay(event.pk), robust=True)
    return event


def handle(event_id: int, *, now: datetime | None = None) -> int:
    """Do what subscribers owe one event; returns how many were done."""
    now = now or timezone.now()
    owed = Handling.objects.filter(event_id=event_id, done__isnull=True, next_try__lte=now)
    return sum(_handle_one(row, now=now) for row in owed.select_related("event"))


def handle_due(*, now: datetime, limit: int = 500) -> tuple[int, int]:
    """The sweep: (done, failed) of what is due."""
    done = failed = 0
    rows = Handling.objects.filter(done__isnull=True, next_try__lte=now).order_by("next_try", "pk")
    for row in rows.select_related("event")[:limit]:
        if _handle_one(row, now=now):
            done += 1
        else:
            failed += 1
    return done, failed


def handle_again(row: Handling, *, actor: Actor, now: datetime) -> bool:
    """A person tries work that failed again; True when it is done now."""
    record("work.again", subject=("handling", row.pk), actor=actor, now=now)
    return _handle_one(row, now=now)


class NobodyHandlesIt(Exception):
    """The subscriber that owes this work is not registered (any more): it stays owed and is seen."""


def _handle_one(row: Handling, *, now: datetime) -> bool:
    _, function = SUBSCRIBERS.get(row.subscriber, ("", None))
    try:
        with transaction.atomic():
            # Marking first makes a second worker wait or find nothing to mark.
            if not Handling.objects.filter(pk=row.pk, done__isnull=True).update(done=now):
                return True
            if function is None:
                raise NobodyHandlesIt("nobody handles this any more")
            function(row.event)
        return True
    except Exception as failure:
        log.exception("subscriber %s failed on event %s", row.subscriber, row.event_id)
        attempts = row.attempts + 1
        wait = timedelta(days=3650) if attempts >= GIVE_UP_AFTER else timedelta(seconds=30 * 2**row.attempts)
        Handling.objects.filter(pk=row.pk, done__isnull=True).update(
            attempts=attempts, last_error=f"{type(failure).__name__}: {failure}"[:2000], next_try=now + wait
        )
        return False
