"""What arrives: stored first, handled once, answered the same way each time.

Storing and handling are one transaction. A repeat finds the row's key and gets the stored answer; two
copies at the same moment meet at the unique key, and the second waits for the first one's commit. When our
own handling fails, only that part is rolled back: the message stays, parked, for the sweep and a person.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from illdesk import events
from illdesk.actors import Actor
from illdesk.models import InboxMessage

log = logging.getLogger(__name__)


@dataclass
class Handled:
    """What became of a message: the answer to give, a code for the log, and what it was about."""

    answer: str
    outcome: str = ""
    refused: bool = False
    subject: tuple[str, int] | None = None


# channel → function(row) that handles a parked message again
HANDLERS: dict[str, Callable[[InboxMessage], Handled]] = {}


def receive(
    channel: str,
    *,
    key: str,
    partner: str,
    what: str,
    body: str,
    now: datetime,
    handle: Callable[[], Handled],
    answer_when_parked: str,
) -> str:
    """Store and handle one message; returns the answer to give."""
    for _attempt in range(2):
        if (known := _known(key)) is not None:
            return known.answer
        try:
            with transaction.atomic():
                row = InboxMessage.objects.create(
                    channel=channel, key=key, partner=partner, what=what, body=body, arrived=now
                )
                _handle(row, handle, answer_when_parked)
                return row.answer
        except IntegrityError:
            continue  # the same message was stored a moment ago: answer as it was answered
    return answer_when_parked


def handle_again(row: InboxMessage, *, now: datetime, actor: Actor | None = None) -> bool:
    """Try a parked message again; True when it is handled now. `actor`: who asked for it, if not the clock."""
    handler = HANDLERS.get(row.channel)
    if handler is None:
        return False
    with transaction.atomic():
        if not InboxMessage.objects.filter(pk=row.pk, state=InboxMessage.PARKED).update(tries=F("tries") + 1):
            return False
        if actor is not None:
            _record("message.handle_again", row, actor=actor, now=now)
        _handle(row, lambda: handler(row), row.answer)
        return row.state != InboxMessage.PARKED


def set_aside(row: InboxMessage, *, actor: Actor, now: datetime) -> bool:
    """A person decided that this message needs nothing more; False when it is not parked any more."""
    with transaction.atomic():
        if not InboxMessage.objects.filter(pk=row.pk, state=InboxMessage.PARKED).update(state=InboxMessage.DROPPED):
            return False
        _record("message.set_aside", row, actor=actor, now=now)
        return True


def _record(name: str, row: InboxMessage, *, actor: Actor, now: datetime) -> None:
    events.record(name, subject=("inbox", row.pk), actor=actor, now=now)


def _known(key: str) -> InboxMessage | None:
    row = InboxMessage.objects.filter(key=key).first()
    if row is not None:
        InboxMessage.objects.filter(pk=row.pk).update(repeats=F("repeats") + 1)
    return row


def _handle(row: InboxMessage, handle: Callable[[], Handled], answer_when_parked: str) -> None:
    try:
        with transaction.atomic():
            result = handle()
    except Exception as failure:
        log.exception("inbox message %s", row.pk)
        row.state, row.answer = InboxMessage.PARKED, answer_when_parked
        row.outcome = f"{type(failure).__name__}: {failure}"[:2000]
    else:
        row.state = InboxMessage.REFUSED if result.refused else InboxMessage.HANDLED
        row.answer, row.outcome = result.answer, result.outcome
        if result.subject:
            row.subject_kind, row.subject_id = result.subject
    row.save(update_fields=["state", "answer", "outcome", "subject_kind", "subject_id"])
