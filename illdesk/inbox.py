"""What arrives: stored first, handled once, answered the same way each time.

Storing and handling are one transaction. A repeat finds the row's key and gets the stored answer; two
copies at the same moment meet at the unique key, and the second waits for the first one's commit. When our
own handling fails, what it did is rolled back and the message is stored, parked, for the sweep and a person.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F

from illdesk import crash, events, rows
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
    answer_when_parked: Callable[[], str],
) -> str:
    """Store and handle one message; returns the answer to give. Raises only what the database itself raises:
    then nothing is stored, and the sender must not be told otherwise."""
    fields: dict = {"channel": channel, "key": key, "partner": partner, "what": what, "body": body, "arrived": now}
    try:
        with transaction.atomic():
            row = InboxMessage(**fields)
            # Not a savepoint within: when handling fails all is rolled back, and the message is stored below.
            if not rows.insert(row, unless_there=True):
                return _answer_again(key)
            _keep(row, handle())
            crash.point("inbox.before_commit")
        return row.answer
    except (OperationalError, InterfaceError):
        raise  # the database is away or was too busy: the sender tries again
    except Exception as failure:
        log.exception("a message of %s could not be handled", partner)
        row = InboxMessage(**fields, state=InboxMessage.PARKED, outcome=_sentence(failure), answer=answer_when_parked())
    # A copy of the message may have been handled in between: then its answer counts.
    return row.answer if rows.insert(row, unless_there=True) else _answer_again(key)


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
        _handle_again(row, handler)
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


def _answer_again(key: str) -> str:
    """The answer that this message got when it came first."""
    InboxMessage.objects.filter(key=key).update(repeats=F("repeats") + 1)
    return InboxMessage.objects.values_list("answer", flat=True).get(key=key)


def _handle_again(row: InboxMessage, handler: Callable[[InboxMessage], Handled]) -> None:
    """What fails once more is rolled back alone; that it was tried stays."""
    try:
        with transaction.atomic():
            result = handler(row)
    except Exception as failure:
        log.exception("inbox message %s", row.pk)
        row.outcome = _sentence(failure)
        row.save(update_fields=["outcome"])
    else:
        _keep(row, result)


def _keep(row: InboxMessage, result: Handled) -> None:
    row.state = InboxMessage.REFUSED if result.refused else InboxMessage.HANDLED
    row.answer, row.outcome = result.answer, result.outcome
    if result.subject:
        row.subject_kind, row.subject_id = result.subject
    rows.update(row, "state", "answer", "outcome", "subject_kind", "subject_id")


def _sentence(failure: Exception) -> str:
    return f"{type(failure).__name__}: {failure}"[:2000]
