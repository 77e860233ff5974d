"""Mail fetched, kept, handed on; what people do with mail that nobody handles.

A message is stored in a transaction of its own, then handed on in another, and only then moved or marked on the
server: whatever dies in between is gone on with from what is stored. No socket is open in a transaction.
"""

import hashlib
import logging
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from illdesk import attachments, crash, events, registry, rows
from illdesk.actors import SYSTEM, Actor
from illdesk.errors import AdapterError, BadAnswer, NotAllowed, Stale
from illdesk.mailboxes import imap, parsing
from illdesk.mailboxes.models import Mail, Mailbox
from illdesk.models import Attachment

log = logging.getLogger(__name__)

SUBJECT = "mail"
MOST_BYTES = 60 * 1024 * 1024
AT_ONCE = 50  # messages of a mailbox in one run: the next comes soon
_CLAIM_EXPIRES = timedelta(minutes=15)
_SOON, _SELDOM = timedelta(minutes=2), timedelta(hours=1)


# --- fetching --------------------------------------------------------------------------------------------------------


def fetch_due(*, now: datetime) -> tuple[int, int]:
    """Every mailbox in use whose turn it is, and mail that a dead worker left. (taken in, failures)."""
    done = failed = 0
    for mailbox in Mailbox.objects.filter(Q(next_try=None) | Q(next_try__lte=now), active=True):
        try:
            done += fetch(mailbox, now=now)
        except AdapterError:
            failed += 1  # noted at the mailbox
    for row in Mail.objects.filter(state=Mail.NEW)[:AT_ONCE]:
        hand_on(row, now=now)
    return done, failed


def fetch(mailbox: Mailbox, *, now: datetime) -> int:
    """How many messages came. AdapterError where the server fails; what came before that is kept."""
    mine = Mailbox.objects.filter(Q(claimed=None) | Q(claimed__lt=now - _CLAIM_EXPIRES), pk=mailbox.pk)
    if not mine.update(claimed=now):
        return 0  # somebody else looks into it
    try:
        with imap.opened(mailbox) as folder:
            count = _take(mailbox, folder, now)
    except AdapterError as failure:
        _failed(mailbox, str(failure), now)
        raise
    finally:
        Mailbox.objects.filter(pk=mailbox.pk, claimed=now).update(claimed=None)
    Mailbox.objects.filter(pk=mailbox.pk).update(fetched=now, failures=0, failing_since=None, next_try=None, why="")
    return count


def _take(mailbox: Mailbox, folder: imap.Folder, now: datetime) -> int:
    known = dict(Mail.objects.filter(mailbox=mailbox, validity=folder.validity).values_list("uid", "settled"))
    copies = {name for some in Mail.objects.filter(mailbox=mailbox).exclude(also=[]).values_list("also", flat=True)
              for name in some}
    count = 0
    for uid in folder.uids(mailbox.since):
        if known.get(uid) is not None or f"{folder.validity}:{uid}" in copies:
            continue
        if uid not in known:
            if count >= AT_ONCE:
                break
            count += 1
            if not _one(mailbox, folder, uid, now):
                continue
        crash.point("mailboxes.before_settled")
        folder.settle(uid, mailbox.done_folder)
        Mail.objects.filter(mailbox=mailbox, validity=folder.validity, uid=uid).update(settled=now)
    return count


def _one(mailbox: Mailbox, folder: imap.Folder, uid: int, now: datetime) -> bool:
    """Whether we have it now, and it may be moved or marked there."""
    size = folder.size(uid)
    large = size > MOST_BYTES
    raw = b"" if large else folder.raw(uid)
    if raw is None:
        return False
    row = keep(mailbox, raw, validity=folder.validity, uid=uid, now=now, too_large=size if large else 0)
    if row is not None:
        hand_on(row, now=now)
    return not large  # one that we have not got stays as it is


def _failed(mailbox: Mailbox, why: str, now: datetime) -> None:
    pause = min(_SOON * 2 ** min(mailbox.failures, 8), _SELDOM)
    Mailbox.objects.filter(pk=mailbox.pk).update(
        failures=F("failures") + 1, failing_since=mailbox.failing_since or now, next_try=now + pause, why=why[:300])


def test(mailbox: Mailbox, *, now: datetime) -> tuple[bool, str]:
    """Opens the folder and counts what is in it; nothing is taken in."""
    try:
        with imap.opened(mailbox) as folder:
            count = len(folder.uids(mailbox.since))
        worked, words = True, _("The folder can be opened; messages since the first day: %(n)s.") % {"n": count}
    except AdapterError as failure:
        worked, words = False, str(failure)
    Mailbox.objects.filter(pk=mailbox.pk).update(tested=now, test_worked=worked, test_words=words[:300])
    if worked:
        Mailbox.objects.filter(pk=mailbox.pk).update(failures=0, failing_since=None, next_try=None, why="")
    return worked, words


# --- keeping ---------------------------------------------------------------------------------------------------------


def keep(
    mailbox: Mailbox, raw: bytes, *, validity: int, uid: int, now: datetime, too_large: int = 0
) -> Mail | None:
    """A message with its bytes and attachments, once; None where it is there already, under this number or another."""
    found = parsing.parse(raw)
    if too_large:
        found.problems = ["large"]
        found.key = hashlib.sha256(f"{validity}:{uid}".encode()).hexdigest()
    there = Mail.objects.filter(mailbox=mailbox, key=found.key).first()
    if there is not None:
        _copy(there, validity, uid)
        return None
    stored: list[Attachment] = []
    try:
        with transaction.atomic():
            row = Mail(
                mailbox=mailbox, validity=validity, uid=uid, key=found.key, message_id=found.message_id,
                sender=found.sender, to=found.to, subject=found.subject, sent=found.sent, text=found.text,
                size=too_large or len(raw), problems=list(dict.fromkeys(found.problems)), arrived=now,
                purpose=mailbox.purpose)
            if not rows.insert(row, unless_there=True):
                return None
            if raw:
                row.raw = _file(row, raw, now)
                stored.append(row.raw)
            row.parts = [_part(row, part, stored, now) for part in found.parts]
            row.save(update_fields=["raw", "parts"])
            events.record("mail.came", subject=(SUBJECT, row.pk), actor=SYSTEM, now=now,
                          data={"mailbox": mailbox.pk, "parts": len(row.parts)})
            crash.point("mailboxes.before_commit")
    except BaseException:
        for one in stored:
            one.file.delete(save=False)
        raise
    return row


def _copy(there: Mail, validity: int, uid: int) -> None:
    """The server has it under another number too: it numbered anew, somebody moved it back, or it came twice."""
    name = f"{validity}:{uid}"
    if (there.validity, there.uid) != (validity, uid) and name not in there.also:
        Mail.objects.filter(pk=there.pk).update(also=[*there.also, name][-200:])


def _file(row: Mail, raw: bytes, now: datetime) -> Attachment:
    kept = Attachment(subject_kind=SUBJECT, subject_id=row.pk, name=f"mail-{row.pk}.eml",
                      content_type="application/octet-stream", size=len(raw), sha256=hashlib.sha256(raw).hexdigest(),
                      added=now)
    kept.file.save(kept.name, ContentFile(raw), save=False)
    kept.save()
    return kept


def _part(row: Mail, part: parsing.Part, stored: list[Attachment], now: datetime) -> dict:
    """Kinds that we know become files of their own; everything else stays in the message."""
    said = {"name": part.name, "type": part.content_type, "size": len(part.content), "file": None}
    try:
        file = attachments.store(
            (SUBJECT, row.pk), SimpleUploadedFile(part.name or "file", part.content), by=None, now=now)
    except BadAnswer:
        return said
    stored.append(file)
    return said | {"file": file.pk}


def parts_of(row: Mail) -> list[parsing.Part]:
    """Every attachment with its bytes, also of kinds that we do not know: for whoever handles it."""
    if row.raw is None:
        return []
    with row.raw.file.open("rb") as file:
        return parsing.parse(file.read()).parts


# --- handing on ------------------------------------------------------------------------------------------------------


def hand_on(row: Mail, *, now: datetime, actor: Actor = SYSTEM, purpose: str = "") -> bool:
    """To whoever its mailbox is for, or who a person chose (`purpose`). False where nobody handles it, or it failed:
    then it waits. The handler works in one transaction with the mark that it has it, so it is asked once."""
    purpose = purpose or row.purpose
    handler = registry.MAIL.get(purpose)
    asked = Mail.objects.filter(pk=row.pk, state__in=[Mail.NEW, Mail.WAITING, Mail.FAILED, Mail.ASIDE])
    if handler is None or "large" in row.problems:
        asked.filter(state=Mail.NEW).update(state=Mail.WAITING)
        return False
    try:
        with transaction.atomic():
            if not asked.update(state=Mail.HANDLED, purpose=purpose, tries=F("tries") + 1):
                return False
            row.refresh_from_db()
            about = handler(row, now)
            Mail.objects.filter(pk=row.pk).update(
                outcome="", about_kind=about[0] if about else "", about_id=about[1] if about else None)
            events.record("mail.handed_on", subject=(SUBJECT, row.pk), actor=actor, now=now, data={"to": purpose})
            crash.point("mailboxes.before_handled")
        return True
    except (OperationalError, InterfaceError):
        raise  # the database is away or too busy: it is tried again
    except Exception as failure:
        log.exception("mail %s could not be handed to %s", row.pk, purpose)
        words = str(failure) if isinstance(failure, (BadAnswer, NotAllowed)) else f"{type(failure).__name__}: {failure}"
        Mail.objects.filter(pk=row.pk).update(state=Mail.FAILED, outcome=words.replace("\x00", "")[:300],
                                              tries=F("tries") + 1)
        return False


def assign(row: Mail, purpose: str, *, actor: Actor, now: datetime) -> None:
    """A person says whose it is. BadAnswer for nobody; NotAllowed where it could not be handed on."""
    if purpose not in registry.MAIL:
        raise BadAnswer(_("Choose who is to have it."), field="purpose")
    if not hand_on(row, now=now, actor=actor, purpose=purpose):
        row.refresh_from_db()
        if row.state == Mail.HANDLED:
            raise Stale(_("Somebody handed it on already."))
        raise NotAllowed(row.outcome or _("It could not be handed on."))


def set_aside(row: Mail, *, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        mine = Mail.objects.filter(pk=row.pk, state__in=[Mail.NEW, Mail.WAITING, Mail.FAILED])
        if not mine.update(state=Mail.ASIDE):
            raise Stale(_("Somebody handed it on or set it aside already."))
        events.record("mail.aside", subject=(SUBJECT, row.pk), actor=actor, now=now)


def save(mailbox: Mailbox, fields: list[str], *, actor: Actor, now: datetime) -> Mailbox:
    """A changed one is tried at once."""
    with transaction.atomic():
        mailbox.next_try, mailbox.failures, mailbox.failing_since, mailbox.why = None, 0, None, ""
        mailbox.save()
        events.record("mailbox.changed", subject=("mailbox", mailbox.pk), actor=actor, now=now,
                      data={"fields": sorted(fields)})
    return mailbox


