"""Saying something in a conversation, and whose turn it is."""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from billing.batches.models import BatchSettings
from billing.talk import subjects
from billing.talk.models import Message, Reading, Thread
from illdesk import attachments, events, notices, rows
from illdesk.actors import Actor
from illdesk.errors import BadAnswer
from illdesk.models import Institution, User

FILES, LETTER = "talk_message", "talk_message"
ILL, BUDGET = "ill", "budget"


def side_of(user: User | None) -> str:
    """For whom a person speaks."""
    return BUDGET if user is not None and user.may("pay_batches") else ILL


def thread_of(kind: str, pk: int) -> Thread:
    row = Thread(subject_kind=kind, subject=pk)
    if rows.insert(row, unless_there=True):
        return row
    return Thread.objects.get(subject_kind=kind, subject=pk)


def say(
    subject: tuple[str, int], text: str, *, key: str, actor: Actor, now: datetime, waiting_for: str | None = None,
    until: date | None = None, files: Iterable[UploadedFile] = (), notice: bool = True,
) -> Message:
    """A message, once per `key`; the other side, where it reads this subject, gets a letter that there is one, without
    its text. `waiting_for`: whose turn it is from now on, by the day `until`; None leaves it. BadAnswer for an empty
    one, for a bad file, and where the budget office is to answer what it does not read."""
    text = text.strip()
    if not text:
        raise BadAnswer(_("Write the message."), field="text")
    side, shared = side_of(actor.user), subjects.office_reads(*subject)
    if waiting_for == BUDGET and not shared:
        raise BadAnswer(_("The budget office does not read this."), field="waiting_for")
    with transaction.atomic():
        thread = thread_of(*subject)
        row = Message(thread=thread, side=side, text=text[:5000], made=now, by=actor.user, key=key)
        if not rows.insert(row, unless_there=True):
            return Message.objects.get(key=key)
        for file in files:
            attachments.store((FILES, row.pk), file, by=actor.user, now=now)
        Thread.objects.filter(pk=thread.pk).update(last=now)
        if waiting_for is not None:
            wait(thread, waiting_for, until=until, now=now)
        if side == ILL and shared and waiting_for != ILL:
            _answered(*subject)
        if actor.user is not None:
            read(thread, actor.user, upto=row.pk)
        events.record("talk.said", subject=subject, actor=actor, now=now, data={"message": row.pk})
        if notice and shared:
            _write_to_other_side(row, subject, now=now)
        return row


def wait(thread: Thread, waiting_for: str, *, until: date | None, now: datetime) -> None:
    """Since when stays where the same side waits on."""
    if not waiting_for:
        Thread.objects.filter(pk=thread.pk).update(waiting_for="", since=None, until=None)
        return
    same = Thread.objects.filter(pk=thread.pk, waiting_for=waiting_for)
    if not same.update(until=until):
        Thread.objects.filter(pk=thread.pk).update(waiting_for=waiting_for, since=now, until=until)


def after(user: User, thread: Thread | None) -> dict:
    """What the form of a message offers as whose turn it is then: as it is, and nobody's where this person's side was
    waited for and speaks now."""
    if thread is None or thread.waiting_for in (Thread.NOBODY, side_of(user)):
        return {}
    return {"waiting_for": thread.waiting_for, "until": thread.until}


def _answered(kind: str, pk: int) -> None:
    """What the budget office asked in a batch is answered as soon as something was said, since then, on the page of
    each invoice that came back from it."""
    for other, key, _at in subjects.returned(kind, pk):
        thread = Thread.objects.filter(subject_kind=other, subject=key, waiting_for=ILL).first()
        if thread is None or not subjects.SUBJECTS[other].heard:
            continue
        if all(Message.objects.filter(thread__subject_kind=there, thread__subject=one, side=ILL, made__gte=max(
                at, thread.since or at)).exists() for there, one, at in subjects.returned(other, key)):
            settle(other, [key], ILL)


def settle(kind: str, subjects_: Iterable[int], side: str) -> None:
    """What this side was to answer is done without an answer; whoever else is waited for stays."""
    Thread.objects.filter(subject_kind=kind, subject__in=list(subjects_), waiting_for=side).update(
        waiting_for="", since=None, until=None)


def read(thread: Thread, user: User, *, upto: int) -> None:
    rows.insert(Reading(thread=thread, user=user, upto=upto), unless_there=True)
    Reading.objects.filter(thread=thread, user=user, upto__lt=upto).update(upto=upto)


def address_of(side: str) -> str:
    if side == BUDGET:
        return BatchSettings.current().email
    ours = Institution.objects.filter(pk=1).first()
    return ours.email if ours else ""


def _write_to_other_side(row: Message, subject: tuple[str, int], *, now: datetime) -> None:
    label, url = subjects.link(*subject) if row.side == BUDGET else subjects.link_for_office(*subject)
    notices.letter(
        LETTER, to=address_of(ILL if row.side == BUDGET else BUDGET), language="en", key=f"talk:{row.pk}", now=now,
        values={"about": label, "link": f"{notices.everywhere()['base_url']}{url}"}, subject=subject,
    )
