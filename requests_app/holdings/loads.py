"""A file on its way into a package: fetched or uploaded, read in slices beside what counts, then swapped.

Nothing that patrons see changes before the last row is stored. A worker that died leaves a load that the clock
takes up behind its last slice; two workers at one load notice each other by the line that was reached.
"""

import logging
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from illdesk import actors, events
from illdesk.downloads import download
from illdesk.errors import AdapterError, NotAllowed
from requests_app.holdings import spent, titles
from requests_app.models import ElectronicLoad, ElectronicPackage, ElectronicProblem
from requests_app.verification import kbart

log = logging.getLogger(__name__)

MOST_BYTES = 600 * 1024 * 1024
# So many rows are one transaction: some 50 ms, for which others may have to wait on SQLite.
SLICE = 1000
PROBLEMS_KEPT = 10_000
# Nobody has moved it for so long: its worker is gone.
ABANDONED = timedelta(minutes=3)
MOST_TRIES = 5
_TOLD_EVERY = 2.0  # seconds
_AGAIN_SOON = timedelta(hours=2)

Tick = Callable[[], datetime]


class _Stopped(Exception):
    """Somebody stopped the load, or another worker has it."""


def start(package: ElectronicPackage, *, by, now: datetime, file: File | None = None) -> ElectronicLoad:
    """A load of an uploaded file or of the package's address; whoever calls hands it to `go_on`.

    A person's new file takes the place of one that is held back. Raises NotAllowed while another is on its way.
    """
    stored = ElectronicLoad(package=package, started=now, moved=now, by=by, source=package.url)
    if file is not None:
        stored.source, stored.bytes = (file.name or "")[-500:].replace("\x00", ""), file.size
        stored.file.save("", file, save=False)
    try:
        with transaction.atomic():
            if by is not None:
                package.loads.filter(state=ElectronicLoad.HELD).update(state=ElectronicLoad.DISCARDED, ended=now)
            newest = package.loads.aggregate(newest=Max("generation"))["newest"] or package.generation
            stored.generation = newest + 1
            stored.save()
            events.record(
                "holdings.load_started", subject=("holdings", package.pk), actor=_actor(by), now=now,
                data={"load": stored.pk},
            )
    except IntegrityError as failure:
        spent.drop_file(stored)
        raise NotAllowed(_("A file of %(name)s is being loaded already. Stop it, or wait for its end.") % {
            "name": package}) from failure
    return stored


def go_on(pk: int, *, tick: Tick = timezone.now) -> None:
    """Bring a load as far as it goes: loaded, held back, not changed or failed with a sentence."""
    load = ElectronicLoad.objects.select_related("package").get(pk=pk)
    if not _claim(load, tick()):
        return
    try:
        if load.state == ElectronicLoad.FETCHING and not _fetch(load, tick):
            return
        _read(load, tick)
    except _Stopped:
        return
    except AdapterError as failure:
        soon = None if failure.permanent else tick() + _AGAIN_SOON
        _fail(load, str(failure), tick(), again=soon)
        return
    except kbart.NotReadable as failure:
        _fail(load, _UNREADABLE[failure.code]() % {"about": failure.about[:100]}, tick())
        return
    except OSError as failure:  # the disk is full, the storage away
        why = _("The file could not be kept or read: %(why)s") % {"why": failure}
        _fail(load, why, tick(), again=tick() + _AGAIN_SOON)
        return
    except Exception:
        log.exception("load %s of electronic holdings", pk)
        _fail(load, _("Something failed on our side. What was loaded before counts on."), tick())
        return
    _finish(load, tick)


_UNREADABLE = {
    "empty": lambda: _("The file is empty."),
    "no_header": lambda: _(
        "The file names no column “publication_title” in its first lines, so it is no KBART file. It begins: %(about)s"
    ),
}


def _claim(load: ElectronicLoad, now: datetime) -> bool:
    mine = ElectronicLoad.objects.filter(pk=load.pk, state=load.state, moved=load.moved)
    if load.state == ElectronicLoad.WAITING:
        state = ElectronicLoad.READING if load.file else ElectronicLoad.FETCHING
    elif load.is_moving and load.moved < now - ABANDONED:
        state = load.state
    else:
        return False
    if load.tries >= MOST_TRIES:
        _fail(load, _("It was tried %(n)s times and never came to its end.") % {"n": load.tries}, now)
        return False
    if not mine.update(state=state, moved=now, tries=F("tries") + 1):
        return False
    load.state = state
    return True


# --- fetching --------------------------------------------------------------------------------------------


def _fetch(load: ElectronicLoad, tick: Tick) -> bool:
    """False: the file has not changed. It is fetched beside the storage, which may be far away."""
    package = load.package
    headers = {"Accept": "*/*"}
    if package.generation and package.etag:
        headers["If-None-Match"] = package.etag
    if package.generation and package.modified:
        headers["If-Modified-Since"] = package.modified
    last = monotonic()

    def told(size: int) -> None:
        nonlocal last
        if monotonic() - last >= _TOLD_EVERY:
            last = monotonic()
            _move(load, tick(), bytes_read=size)

    with tempfile.TemporaryFile(dir=settings.VAR, prefix="holdings-") as file:
        answer = download(package.url, file, most=MOST_BYTES, headers=headers, inside=True, told=told)
        if answer.status_code == 304:
            _end(load, ElectronicLoad.SAME, tick(), cleared=True)
            return False
        if answer.status_code != 200:
            raise AdapterError(_("It answered %(code)s %(reason)s.") % {
                "code": answer.status_code, "reason": answer.reason}, permanent=400 <= answer.status_code < 500)
        size = file.tell()
        load.file.save("", File(file), save=False)
    fetched = {
        "file": load.file.name, "bytes": size, "bytes_read": 0, "etag": answer.headers.get("etag", "")[:300],
        "modified": answer.headers.get("last-modified", "")[:60], "state": ElectronicLoad.READING,
    }
    try:
        _move(load, tick(), **fetched)
    except _Stopped:
        spent.drop_file(load)
        raise
    for name, value in fetched.items():
        setattr(load, name, value)
    return True


def _move(load: ElectronicLoad, now: datetime, **changes) -> None:
    if not ElectronicLoad.objects.filter(pk=load.pk, state=load.state, line=load.line).update(moved=now, **changes):
        raise _Stopped


# --- reading ---------------------------------------------------------------------------------------------


def _read(load: ElectronicLoad, tick: Tick) -> None:
    with load.file.open("rb") as opened:
        file = cast(BinaryIO, opened)
        reading = kbart.read(file)
        if load.ignored != reading.ignored:
            ElectronicLoad.objects.filter(pk=load.pk).update(ignored=reading.ignored[:50])
        kept = load.problems.count()
        for rows, problems, line in _slices(reading, behind=load.line):
            kept_now = problems[: max(0, PROBLEMS_KEPT - kept)]
            kept += len(kept_now)
            rejected, now = sum(not one.kept for one in problems), tick()
            with transaction.atomic():
                _move(
                    load, now, line=line, rows=F("rows") + len(rows), rejected=F("rejected") + rejected,
                    remarks=F("remarks") + len(problems) - rejected, bytes_read=file.tell(),
                )
                titles.store(load.package_id, load.generation, rows)
                ElectronicProblem.objects.bulk_create(
                    ElectronicProblem(load=load, **one._asdict()) for one in kept_now
                )
            load.line = line
            sleep(spent.PAUSE)


def _slices(
    reading: kbart.Reading, *, behind: int
) -> Iterator[tuple[list[kbart.Row], list[kbart.Problem], int]]:
    """Rows and problems of some lines, and the last of these lines; those up to `behind` are stored already."""
    rows: list[kbart.Row] = []
    problems: list[kbart.Problem] = []
    line = behind
    for one in reading.rows:
        begins = one.line if isinstance(one, kbart.Row) else one[0].line
        if begins <= behind:
            continue
        # What was wrong with a row comes behind it and belongs to the same slice.
        if begins > line and (len(rows) >= SLICE or len(problems) >= SLICE):
            yield rows, problems, line
            rows, problems = [], []
        line = begins
        if isinstance(one, kbart.Row):
            rows.append(one)
        else:
            problems += one
    if rows or problems:
        yield rows, problems, line


# --- the end ---------------------------------------------------------------------------------------------


def _finish(load: ElectronicLoad, tick: Tick) -> None:
    load.refresh_from_db()
    package = load.package
    if load.state != ElectronicLoad.READING:
        return
    if not load.rows:
        _fail(load, _("No row of the file could be read as a title."), tick())
    elif load.rows < package.titles * (100 - package.most_lost) / 100:
        why = _("The file has %(new)s titles; %(old)s are there now. It waits for somebody's yes.") % {
            "new": load.rows, "old": package.titles}
        _end(load, ElectronicLoad.HELD, tick(), why=why)
    else:
        swap(load, by=None, now=tick())
        spent.clear(load.package_id)


def swap(load: ElectronicLoad, *, by, now: datetime) -> None:
    """From now on this generation counts. Of two who say so, one does it. The clock deletes the old titles."""
    with transaction.atomic():
        mine = ElectronicLoad.objects.filter(
            pk=load.pk, state__in=[ElectronicLoad.READING, ElectronicLoad.HELD]
        ).update(state=ElectronicLoad.DONE, ended=now, moved=now, decided_by=by, why="")
        if not mine:
            raise NotAllowed(_("This file was loaded or thrown away meanwhile. Nothing was changed."))
        ElectronicPackage.objects.filter(pk=load.package_id).update(
            generation=load.generation, titles=load.rows, etag=load.etag, modified=load.modified
        )
        events.record(
            "holdings.loaded", subject=("holdings", load.package_id), actor=_actor(by), now=now,
            data={"load": load.pk, "rows": load.rows, "rejected": load.rejected},
        )
    spent.drop_file(load)


def discard(load: ElectronicLoad, *, by, now: datetime) -> None:
    """Stop it, or throw away what is held back; what was loaded before counts on."""
    with transaction.atomic():
        gone = ElectronicLoad.objects.filter(pk=load.pk, state__in=ElectronicLoad.OPEN).update(
            state=ElectronicLoad.DISCARDED, ended=now, decided_by=by
        )
        if not gone:
            raise NotAllowed(_("This file was loaded or thrown away meanwhile. Nothing was changed."))
        events.record(
            "holdings.load_discarded", subject=("holdings", load.package_id), actor=_actor(by), now=now,
            data={"load": load.pk},
        )
    spent.drop_file(load)


def _fail(load: ElectronicLoad, why: str, now: datetime, *, again: datetime | None = None) -> None:
    _end(load, ElectronicLoad.FAILED, now, why=why)
    if again is not None and load.package.url and not load.by_id:
        ElectronicPackage.objects.filter(pk=load.package_id, next_reload__gt=again).update(next_reload=again)


def _end(load: ElectronicLoad, state: str, now: datetime, **more) -> None:
    with transaction.atomic():
        mine = ElectronicLoad.objects.filter(pk=load.pk, state__in=ElectronicLoad.MOVING)
        if not mine.update(state=state, moved=now, ended=now, **more):
            return
        events.record(
            f"holdings.load_{state}", subject=("holdings", load.package_id), actor=actors.SYSTEM, now=now,
            data={"load": load.pk, "rows": load.rows},
        )
    spent.drop_file(load)


def _actor(by):
    return actors.staff(by) if by is not None else actors.SYSTEM
