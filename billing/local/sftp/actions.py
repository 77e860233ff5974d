"""What is exchanged with the SFTP server, and what people decide about it. No socket is open in a transaction.

A file is put there under another name and renamed when it is whole; an acknowledgement is read when it has stood
still. Whatever dies in between is gone on with from what stands in our tables and in the folders.
"""

import logging
import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.local import files
from billing.local.models import LocalFile
from billing.local.sftp import connection
from billing.local.sftp.connection import Folders, OtherKey, Place, Refusal, Seen
from billing.local.sftp.models import SftpArrival, SftpServer
from illdesk import attachments, crash, events
from illdesk.actors import CLOCK, Actor
from illdesk.errors import AdapterError, BadAnswer, Stale

log = logging.getLogger(__name__)
SUBJECT = "sftp_arrival"
ENDINGS = (".csv", ".txt")
AT_ONCE = 100  # acknowledgements in one run: the next comes soon
MOST_BYTES = 10 * 1024 * 1024
_SOON, _SELDOM = timedelta(minutes=2), timedelta(hours=1)
_CLAIM_EXPIRES = timedelta(seconds=2 * connection.WHOLE)
# A file that stood still this long is whole; one whose last line has no end may be half of it, and waits longer.
STILL, STILL_WITHOUT_END = timedelta(seconds=50), timedelta(minutes=10)
# By its own time it is as old as this: whole, though nobody looked before (clocks may differ by minutes).
OLD = timedelta(minutes=15)
# Seconds that somebody waits for at a page.
AT_A_PAGE = 25


@dataclass
class Done:
    """`waiting`: acknowledgements that may still be being written."""

    sent: int = 0
    read: int = 0
    bad: int = 0
    waiting: int = 0
    problems: list[str] = field(default_factory=list)


def place(server: SftpServer) -> Place:
    return Place(server.host, server.port, server.user, server.password, server.private_key, server.public_key,
                 server.key_kind, server.fingerprint)


def unsent():
    """Files that are to be put there."""
    return LocalFile.objects.filter(written=None, by_sftp=True)


# --- exchanging --------------------------------------------------------------------------------------------------


def by_the_clock(*, now: datetime) -> tuple[int, int]:
    """A file an hour at most; what failed is tried again with pauses."""
    files.write(f"clock:{timezone.localtime(now):%Y-%m-%dT%H}", actor=CLOCK, now=now)
    server = SftpServer.current()
    if not server.fingerprint or (server.next_try is not None and server.next_try > now):
        return 0, 0
    done = exchange(server, now=now)
    if done is None:
        return 0, 0
    return done.sent + done.read, done.bad + len(done.problems)


def exchange(
    server: SftpServer, *, actor: Actor = CLOCK, now: datetime, limit: float = connection.WHOLE,
) -> Done | None:
    """Put there what is to go, read what came. None where somebody else is at it. What fails is noted at the server,
    at the file or at the arrival, and stands in `problems`."""
    mine = SftpServer.objects.filter(Q(claimed=None) | Q(claimed__lt=now - _CLAIM_EXPIRES), pk=server.pk)
    if not mine.update(claimed=now):
        return None
    done = Done()
    try:
        with connection.opened(place(server), limit=limit) as folders:
            _send(server, folders, done, actor, now)
            refusal = _fetch(server, folders, done, actor, now)
        if refusal:
            done.problems.append(refusal)
            _failed(server, refusal, now=now, permanent=True)
        else:
            SftpServer.objects.filter(pk=server.pk).update(
                worked=now, failures=0, failing_since=None, next_try=None, why="")
    except AdapterError as failure:
        if isinstance(failure, OtherKey) and failure.fingerprint:
            _saw(server, failure.kind, failure.fingerprint, now)
        done.problems.append(str(failure))
        _failed(server, str(failure), now=now, permanent=failure.permanent)
    except (OperationalError, InterfaceError):
        raise  # our own database: it is tried again
    except Exception as failure:
        log.exception("files by SFTP")
        done.problems.append(type(failure).__name__)
        _failed(server, type(failure).__name__, now=now, permanent=False)
    finally:
        SftpServer.objects.filter(pk=server.pk, claimed=now).update(claimed=None)
    return done


def _failed(server: SftpServer, why: str, *, now: datetime, permanent: bool) -> None:
    """A wrong password tried every two minutes would lock the user out there: then an hour passes."""
    pause = _SELDOM if permanent else min(_SOON * 2 ** min(server.failures, 8), _SELDOM)
    SftpServer.objects.filter(pk=server.pk).update(
        failures=F("failures") + 1, failing_since=server.failing_since or now, next_try=now + pause, why=why[:400])


def _send(server: SftpServer, folders: Folders, done: Done, actor: Actor, now: datetime) -> None:
    due = unsent().filter(Q(next_try=None) | Q(next_try__lte=now)) if actor.kind == "clock" else unsent()
    for file in due.order_by("pk"):
        mine = LocalFile.objects.filter(pk=file.pk, written=None)

        def naming(begins: bool, mine=mine) -> None:
            mine.update(naming=now if begins else None)

        try:
            how = folders.put(server.out_folder, f"{file.number}.csv", files.content(file),
                              tried=file.naming is not None, naming=naming)
        except Refusal as failure:
            pause = min(_SOON * 2 ** min(file.tries, 8), _SELDOM)
            mine.update(why=str(failure)[:400], tries=F("tries") + 1, next_try=now + pause)
            done.problems.append(f"{file.number}: {failure}")
            continue
        crash.point("sftp.before_written")
        if mine.update(written=now, naming=None, why="", next_try=None, taken=how == connection.TAKEN):
            events.record("local.file_sent", subject=(files.SUBJECT, file.pk), actor=actor, now=now, data={"how": how})
            done.sent += 1
        crash.point("sweep.between")


# --- acknowledgements --------------------------------------------------------------------------------------------


def _fetch(server: SftpServer, folders: Folders, done: Done, actor: Actor, now: datetime) -> str:
    """Why the folder could not be looked into; '' when it could."""
    try:
        lying = [one for one in folders.files(server.in_folder) if one.name.lower().endswith(ENDINGS)]
    except Refusal as failure:
        return str(failure)
    known = {(row.name, row.size, row.modified): row
             for row in SftpArrival.objects.filter(name__in=[one.name for one in lying])}
    for one in lying:
        row = known.get((one.name, one.size, one.modified))
        if row is not None and row.moved is not None:
            # What we moved away lies there again: a server that tells no times, or somebody who put it back. What it
            # holds may be new; what is the same counts once.
            SftpArrival.objects.filter(pk=row.pk).update(state=SftpArrival.SEEN, looked=now, moved=None)
            row.refresh_from_db()
        if row is not None and row.state != SftpArrival.SEEN:
            if server.done_folder and row.state == SftpArrival.READ:
                _move(server, folders, row, now)  # read, and we died or were refused before it was moved
            continue
        if done.read + done.bad >= AT_ONCE:
            break
        try:
            _one(server, folders, one, row, done, actor, now)
        except Refusal as failure:  # somebody took it away, or closed it to us
            done.problems.append(f"{one.name}: {failure}")
        crash.point("sweep.between")
    return ""


def _one(server: SftpServer, folders: Folders, one: Seen, row: SftpArrival | None, done: Done, actor: Actor,
         now: datetime) -> None:
    # As it looked before is no file any more.
    SftpArrival.objects.filter(name=one.name, state=SftpArrival.SEEN).exclude(
        size=one.size, modified=one.modified).delete()
    if row is None:
        row, _new = SftpArrival.objects.get_or_create(
            name=one.name, size=one.size, modified=one.modified, defaults={"looked": now})
    stood = now - row.looked
    old = 0 < one.modified < (now - OLD).timestamp()
    if not old and stood < STILL:
        done.waiting += 1
        return
    if one.size > MOST_BYTES:
        _bad(row, b"", _("This file is too large for acknowledgements. Nothing was read."), done, actor, now)
        return
    data = folders.read(server.in_folder, one.name, most=one.size + 1)
    if len(data) != one.size or (not old and stood < STILL_WITHOUT_END and not _ends(data)):
        done.waiting += 1
        return
    try:
        answer = files.read(one.name, data, actor=actor, now=now)
    except BadAnswer as refusal:
        _bad(row, data, str(refusal), done, actor, now)
        return
    crash.point("sftp.before_read")
    if SftpArrival.objects.filter(pk=row.pk, state=SftpArrival.SEEN).update(
            state=SftpArrival.READ, at=now, answer=answer, why=""):
        done.read += 1
    if server.done_folder:
        _move(server, folders, row, now)


def _ends(data: bytes) -> bool:
    """UTF-16 too, of either order."""
    return data.endswith((b"\n", b"\r", b"\n\x00", b"\r\x00"))


def _bad(row: SftpArrival, data: bytes, why: str, done: Done, actor: Actor, now: datetime) -> None:
    """It stays there, and what came is kept here for a person."""
    kept = attachments.keep((SUBJECT, row.pk), row.name, data, "application/octet-stream", by=None, now=now) \
        if data else None
    if SftpArrival.objects.filter(pk=row.pk, state=SftpArrival.SEEN).update(
            state=SftpArrival.BAD, at=now, why=why[:400], file=kept):
        events.record("local.answer_bad", subject=(SUBJECT, row.pk), actor=actor, now=now, data={"size": row.size})
        done.bad += 1


def _move(server: SftpServer, folders: Folders, row: SftpArrival, now: datetime) -> None:
    """Under its own name, or where that is taken under one with our number. Not moved is no harm: it is remembered."""
    stem, ending = posixpath.splitext(row.name)
    why = ""
    for name in (row.name, f"{stem}-{row.pk}{ending}"):
        try:
            folders.move(server.in_folder, row.name, server.done_folder, name)
        except Refusal as failure:
            why = str(failure)
            continue
        SftpArrival.objects.filter(pk=row.pk).update(moved=now, why="")
        return
    words = _("Read, but it could not be moved: %(why)s") % {"why": why}
    SftpArrival.objects.filter(pk=row.pk).update(why=words[:400])


# --- what people decide --------------------------------------------------------------------------------------------


def save(server: SftpServer, *, moved: bool) -> SftpServer:
    """A changed one is tried at once. `moved`: another server: its key is to be confirmed anew."""
    server.pk = 1
    server.next_try, server.failures, server.failing_since, server.why = None, 0, None, ""
    if moved:
        server.key_kind = server.fingerprint = server.seen_kind = server.seen_fingerprint = ""
        server.confirmed, server.confirmed_by_id, server.seen_at = None, None, None
        server.tested, server.test_steps = None, []
    server.save()
    return server


def fetch_key(server: SftpServer, *, now: datetime) -> None:
    """Look which key it shows; a person compares and confirms it. Raises AdapterError."""
    kind, fingerprint = connection.shown_key(place(server))
    _saw(server, kind, fingerprint, now)


def _saw(server: SftpServer, kind: str, fingerprint: str, now: datetime) -> None:
    SftpServer.objects.filter(pk=server.pk, host=server.host, port=server.port).update(
        seen_kind=kind[:40], seen_fingerprint=fingerprint[:80], seen_at=now)


def confirm_key(server: SftpServer, fingerprint: str, *, actor: Actor, now: datetime) -> None:
    """`fingerprint`: the one that stood on the page. Stale where another was seen since."""
    mine = SftpServer.objects.filter(pk=server.pk, seen_fingerprint=fingerprint).exclude(seen_fingerprint="")
    if not mine.update(key_kind=F("seen_kind"), fingerprint=F("seen_fingerprint"), confirmed=now,
                       confirmed_by=actor.user, next_try=None, failures=0, failing_since=None, why=""):
        raise Stale(_("The server has shown another key since. Nothing was confirmed; look at it again."))
    events.record("local.key_confirmed", subject=("sftp_server", 1), actor=actor, now=now,
                  data={"fingerprint": fingerprint})


def set_aside(row: SftpArrival, *, actor: Actor, now: datetime) -> None:
    """A person has looked after what could not be read."""
    if not SftpArrival.objects.filter(pk=row.pk, state=SftpArrival.BAD).update(state=SftpArrival.ASIDE):
        raise Stale(_("Somebody has set it aside already."))
    events.record("local.answer_aside", subject=(SUBJECT, row.pk), actor=actor, now=now)


def test(server: SftpServer, *, actor: Actor, now: datetime) -> list[tuple[bool, str]]:
    """Each step with a sentence, until one fails. Writes a small file and removes it."""
    steps: list[tuple[bool, str]] = []
    said = {
        "key": _("It shows the key that was confirmed."), "user": _("It lets the user %(user)s in.") % {
            "user": server.user},
    }

    def worked(words: str) -> None:
        steps.append((True, words))

    try:
        connection.reached(place(server))
        worked(_("%(host)s answers at port %(port)s.") % {"host": server.host, "port": server.port})
        with connection.opened(place(server), limit=AT_A_PAGE, signed_in=lambda step: worked(said[step])) as folders:
            _try_folders(server, folders, worked)
    except AdapterError as failure:
        if isinstance(failure, OtherKey) and failure.fingerprint:
            _saw(server, failure.kind, failure.fingerprint, now)
        steps.append((False, str(failure)))
    SftpServer.objects.filter(pk=server.pk).update(tested=now, test_steps=[list(one) for one in steps])
    if all(ok for ok, _words in steps):
        SftpServer.objects.filter(pk=server.pk).update(failures=0, failing_since=None, next_try=None, why="")
    events.record("local.tested", subject=("sftp_server", 1), actor=actor, now=now,
                  data={"ok": all(ok for ok, _words in steps)})
    return steps


def _try_folders(server: SftpServer, folders: Folders, worked: Callable[[str], None]) -> None:
    def named(folder: str) -> str:
        return folder or _("the user’s own folder")

    folders.may_write(server.out_folder, ".ill-desk-trial")
    worked(_("Files can be written into %(folder)s and named.") % {"folder": named(server.out_folder)})
    lying = [one for one in folders.files(server.in_folder) if one.name.lower().endswith(ENDINGS)]
    worked(_("Acknowledgements can be looked for in %(folder)s; files there: %(n)s.") % {
        "folder": named(server.in_folder), "n": len(lying)})
    if server.done_folder:
        folders.may_write(server.done_folder, ".ill-desk-trial")
        worked(_("What was read can be moved to %(folder)s.") % {"folder": server.done_folder})
