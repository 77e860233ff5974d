"""What leaves the house (letters, messages to partner libraries): stored first, sent afterwards.

`put()` writes the row in the transaction of the change. After commit a task sends it; the sweep
`send_due()` takes what a dead worker left. No socket is open inside a transaction: a row is claimed by a
conditional update, sent, and then settled.

HTTP is at least once, with a key that the receiver honours. SMTP has no such thing: a letter whose
sender died between the server's 250 and our commit is *uncertain* and parked for a person.
"""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.translation import gettext as _

from illdesk import crash, events, hosts, outside, rows
from illdesk.actors import Actor
from illdesk.errors import AdapterError, NotAllowed
from illdesk.models import OutboxMessage

log = logging.getLogger(__name__)

# Seconds to the next try after the first, second … failure; afterwards the row is parked.
RETRY_AFTER = (15, 60, 300, 900, 3600, 3600, 7200, 7200, 14400, 14400, 28800, 28800)
# A server that is down for days gets its messages when it is back; after two weeks a person decides.
AWAY_FOR = timedelta(days=14)
# A row claimed for longer than this belonged to a worker that died.
CLAIM_EXPIRES = timedelta(minutes=3)


@dataclass(frozen=True)
class Channel:
    """How a kind of message is sent. `send(row)` returns the answer's text or raises AdapterError."""

    name: str
    send: Callable[[OutboxMessage], str]
    exactly_once: bool  # the receiver recognises a repeat, so it may be sent again after a crash
    settled: Callable[[OutboxMessage], None] | None = None  # called in the transaction that settles the row
    # (row, now), called in the transaction that gives the row up: who cares learns that it did not leave
    parked: Callable[[OutboxMessage, datetime], None] | None = None


CHANNELS: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    CHANNELS[channel.name] = channel


def put(
    channel: str,
    *,
    key: str,
    recipient: str,
    what: str,
    payload: dict,
    now: datetime,
    lane: str = "",
    partner: str = "",
    subject: tuple[str, int] | None = None,
    confidential: bool = False,
) -> OutboxMessage:
    """Store a message to be sent after commit. The same key again changes nothing and returns the row."""
    row = OutboxMessage(
        key=key,
        channel=channel,
        lane=lane or key,
        recipient=recipient,
        partner=partner,
        what=what,
        payload=payload,
        confidential=confidential,
        subject_kind=subject[0] if subject else "",
        subject_id=subject[1] if subject else None,
        next_try=now,
        created=now,
    )
    if not rows.insert(row, unless_there=True):
        return OutboxMessage.objects.get(key=key)
    _call_task(row.pk)
    return row


def send(pk: int, *, now: datetime | None = None) -> bool | None:
    """Send one row if it is its turn; True when it was settled, None when its server is down and was not asked."""
    now = now or timezone.now()
    row = OutboxMessage.objects.filter(pk=pk).first()
    if row is None or not _claim(row, now=now):
        return False
    row.refresh_from_db()
    channel = CHANNELS.get(row.channel)
    try:
        if channel is None:
            raise AdapterError(f"Nothing here can send by {row.channel!r}.", permanent=True)
        with outside.calling(now) as call:
            answer = channel.send(row)
    except AdapterError as failure:
        if channel is not None and call.wait_until is not None:
            _wait(row, str(failure), until=call.wait_until)
            return None
        away = channel is not None and call.unreachable
        _failed(row, str(failure), permanent=failure.permanent, now=now, away=away)
        return False
    except Exception as failure:
        log.exception("outbox row %s", row.pk)
        _failed(row, f"{type(failure).__name__}: {failure}", permanent=False, now=now)
        return False
    crash.point("outbox.answered")
    try:
        settled = _settle(row, channel, answer, now=now)
    except Exception as failure:
        log.exception("outbox row %s left, but its answer %r could not be settled", row.pk, answer[:200])
        _failed(row, f"{type(failure).__name__}: {failure}", permanent=False, now=now, left=True)
        return False
    if settled:
        _wake_next(row)
    return settled


def _settle(row: OutboxMessage, channel: Channel, answer: str, *, now: datetime) -> bool:
    """False when the claim was given up meanwhile: then whoever has the row now settles it."""
    changes = {"state": OutboxMessage.SENT, "answer": answer, "settled": now, "last_error": ""}
    if row.confidential:
        changes["payload"] = {}  # a password link must not lie about after it has left
    with transaction.atomic():
        if not _mine(row).update(**changes):
            return False
        row.state, row.answer, row.settled = OutboxMessage.SENT, answer, now
        if channel.settled:
            channel.settled(row)
    return True


def send_due(*, now: datetime, limit: int = 500) -> tuple[int, int]:
    """The sweep: settle dead claims, then send what is due, oldest first; (sent, failed)."""
    release_dead_claims(now=now)
    sent = failed = waited = 0
    while sent + failed + waited < limit:
        batch = list(
            OutboxMessage.objects.filter(state=OutboxMessage.WAITING, next_try__lte=now)
            .filter(~Exists(_earlier_in_lane()))
            .order_by("id")
            .values_list("pk", flat=True)[:50]
        )
        if not batch:
            break
        before = (sent, failed, waited)
        for pk in batch:
            done = send(pk, now=now)
            sent, failed, waited = sent + (done is True), failed + (done is False), waited + (done is None)
            crash.point("sweep.between")
        if before == (sent, failed, waited):
            break
    return sent, failed


def release_dead_claims(*, now: datetime) -> None:
    for row in OutboxMessage.objects.filter(state=OutboxMessage.SENDING, claimed__lt=now - CLAIM_EXPIRES):
        channel = CHANNELS.get(row.channel)
        mine = OutboxMessage.objects.filter(pk=row.pk, state=OutboxMessage.SENDING, claimed=row.claimed)
        if channel is not None and channel.exactly_once:
            mine.update(state=OutboxMessage.WAITING, next_try=now)
        else:
            mine.update(
                state=OutboxMessage.UNCERTAIN,
                last_error=_("The program stopped while this was being sent: it may have left or not."),
            )


def send_again(row: OutboxMessage, *, actor: Actor, now: datetime) -> None:
    """A person sends a stuck row again. For messages to libraries it cannot act twice: the key is the same."""
    with transaction.atomic():
        # One earlier try is remembered: the next one is a repeat, and its answer is read as such.
        changed = OutboxMessage.objects.filter(
            pk=row.pk, state__in=[OutboxMessage.PARKED, OutboxMessage.UNCERTAIN, OutboxMessage.WAITING]
        ).update(state=OutboxMessage.WAITING, next_try=now, attempts=Least(F("attempts"), 1))
        if not changed:
            raise NotAllowed(_("This message has left or was set aside meanwhile. Nothing was sent again."))
        hosts.try_now(hosts.of(row.recipient), now=now)
        _record("message.send_again", row, actor=actor, now=now)
        _call_task(row.pk)


def drop(row: OutboxMessage, *, actor: Actor, now: datetime) -> None:
    """A person decides that a stuck row shall not leave; what waits behind it goes on."""
    forget: dict = {"payload": {}} if row.confidential else {}
    with transaction.atomic():
        changed = OutboxMessage.objects.filter(
            pk=row.pk, state__in=[OutboxMessage.PARKED, OutboxMessage.UNCERTAIN, OutboxMessage.WAITING]
        ).update(state=OutboxMessage.DROPPED, settled=now, **forget)
        if not changed:
            raise NotAllowed(_("This message has left or was set aside meanwhile. Nothing was changed."))
        _record("message.set_aside", row, actor=actor, now=now)
        _wake_next(row)


def park(row: OutboxMessage, *, actor: Actor, now: datetime) -> None:
    """A person stops the retries; the row stays, in its place."""
    with transaction.atomic():
        if not OutboxMessage.objects.filter(pk=row.pk, state=OutboxMessage.WAITING).update(state=OutboxMessage.PARKED):
            raise NotAllowed(_("This message is not waiting any more. Nothing was changed."))
        _record("message.park", row, actor=actor, now=now)


def repeat(row: OutboxMessage, *, actor: Actor, now: datetime) -> str:
    """Send a message that has left once more: the same bytes, the same key, so it cannot act twice. Returns
    the answer, which is read by a person only; the row stays as it is. Raises AdapterError."""
    channel = CHANNELS.get(row.channel)
    if row.state != OutboxMessage.SENT or channel is None or not channel.exactly_once or not row.payload:
        raise NotAllowed(_("Only a message that has left, and whose receiver knows repeats, can be repeated."))
    _record("message.repeat", row, actor=actor, now=now)
    return channel.send(row)


def _record(name: str, row: OutboxMessage, *, actor: Actor, now: datetime) -> None:
    events.record(name, subject=("outbox", row.pk), actor=actor, now=now)


def _earlier_in_lane():
    return OutboxMessage.objects.filter(
        lane=OuterRef("lane"), id__lt=OuterRef("id"), state__in=OutboxMessage.UNSETTLED
    )


def _claim(row: OutboxMessage, *, now: datetime) -> bool:
    if OutboxMessage.objects.filter(
        lane=row.lane, id__lt=row.pk, state__in=OutboxMessage.UNSETTLED
    ).exists():
        return False
    return bool(
        OutboxMessage.objects.filter(pk=row.pk, state=OutboxMessage.WAITING, next_try__lte=now).update(
            state=OutboxMessage.SENDING, claimed=now, attempts=F("attempts") + 1
        )
    )


def _mine(row: OutboxMessage):
    """The row while this claim of it holds."""
    return OutboxMessage.objects.filter(pk=row.pk, state=OutboxMessage.SENDING, claimed=row.claimed)


def _wait(row: OutboxMessage, sentence: str, *, until: datetime) -> None:
    """Nobody was asked, so it was no try."""
    spread = timedelta(seconds=random.uniform(1, 30))  # noqa: S311 - spread, not secrecy
    _mine(row).update(
        state=OutboxMessage.WAITING, attempts=F("attempts") - 1, next_try=until + spread, last_error=sentence
    )


def _failed(
    row: OutboxMessage, sentence: str, *, permanent: bool, now: datetime, left: bool = False, away: bool = False
) -> None:
    """`left`: it was handed over, and what failed is ours. `away`: the other server is not there at all, which
    says nothing against the message: it waits for days."""
    tries = row.attempts
    if left and not CHANNELS[row.channel].exactly_once:
        changes: dict = {"state": OutboxMessage.UNCERTAIN}
    elif away and not permanent and row.created > now - AWAY_FOR:
        wait = min(RETRY_AFTER[min(tries, len(RETRY_AFTER)) - 1], hosts.SELDOM.total_seconds())
        changes = {"state": OutboxMessage.WAITING, "next_try": now + timedelta(seconds=wait)}
    elif permanent or tries > len(RETRY_AFTER):
        changes = {"state": OutboxMessage.PARKED}
    else:
        wait = RETRY_AFTER[tries - 1] * random.uniform(0.9, 1.1)  # noqa: S311 - spread, not secrecy
        changes = {"state": OutboxMessage.WAITING, "next_try": now + timedelta(seconds=wait)}
    with transaction.atomic():
        if not _mine(row).update(last_error=sentence[:2000], **changes):
            return
        row.state, row.last_error = changes["state"], sentence[:2000]
        if row.state == OutboxMessage.PARKED:
            _tell_parked(row, now=now)


def _tell_parked(row: OutboxMessage, *, now: datetime) -> None:
    """A fault in telling must not keep the row from being parked: the status page shows it all the same."""
    channel = CHANNELS.get(row.channel)
    if channel is None or channel.parked is None:
        return
    try:
        with transaction.atomic():
            channel.parked(row, now)
    except Exception:
        log.exception("outbox row %s is parked, but what it was about could not be marked", row.pk)


def _wake_next(row: OutboxMessage) -> None:
    if not settings.SEND_TASKS:
        return
    following = (
        OutboxMessage.objects.filter(lane=row.lane, id__gt=row.pk, state=OutboxMessage.WAITING)
        .order_by("id")
        .values_list("pk", flat=True)
        .first()
    )
    if following is not None:
        _call_task(following)


def _call_task(pk: int) -> None:
    """A broker that is away only costs time: the sweep sends what no task was told about."""
    if settings.SEND_TASKS:
        from illdesk.tasks import send_message

        def hand_over() -> None:
            crash.point("outbox.before_broker")
            send_message.delay(pk)

        transaction.on_commit(hand_over, robust=True)
