"""Work of many parts, started by a person: each part its own transaction, with its own result.

A kind of job is a function (`@kind("name")`) that does one part and says in a few words what became of it; a
DeskError it raises is the reason why the part was not done. The part is marked in the same transaction as its
work, so whoever goes on after a worker that died does nothing twice.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from illdesk.errors import DeskError, NotAllowed
from illdesk.models import Job, JobItem, User

log = logging.getLogger(__name__)

SLICE = 10.0  # seconds a worker stays with one job before others have their turn
HELD = timedelta(seconds=60)  # a worker that says nothing for so long is taken for dead
KEPT = timedelta(days=30)

KINDS: dict[str, Callable[..., str]] = {}
AGAIN: dict[str, Callable[[list[JobItem]], list[dict]]] = {}
BEFORE: dict[str, Callable[..., dict[str, Any]]] = {}


@dataclass(frozen=True)
class Work:
    """One part: its name (unique in the job), where it can be looked at, and what its function needs.

    With `why` it is not even tried: it stands among the results with that reason.
    """

    name: str
    url: str = ""
    title: str = ""
    data: dict = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True)
class Counts:
    waiting: int
    done: int
    failed: int

    @property
    def over(self) -> int:
        return self.done + self.failed


def kind(name: str):
    """Register function(job, item, now=…) -> words for one part of such a job."""

    def add(function):
        KINDS[name] = function
        return function

    return add


def before(name: str):
    """Register function(job, item, now=…) -> what the part is given besides, asked of others while no transaction
    is open; a DeskError it raises is the reason why the part was not done."""

    def add(function):
        BEFORE[name] = function
        return function

    return add


def again(name: str):
    """Register function(items) -> their data for another try; without one they are tried as they were."""

    def add(function):
        AGAIN[name] = function
        return function

    return add


def start(
    name: str, *, by: User, label: str, items: Sequence[Work], data: dict, now: datetime, at_once: int = 0,
    once: bool = False,
) -> Job:
    """Store the job and hand it to the workers. Up to `at_once` parts are done before this returns. `once`: while
    this person has such a job with the same data under way, that one is returned and none is stored."""
    with transaction.atomic():
        if once:
            # Two clicks may arrive at one moment: the second waits here until the first has stored its job.
            list(User.objects.select_for_update(no_key=True).filter(pk=by.pk).values_list("pk"))
            if running := under_way(name, by=by, data=data):
                return running
        job = _store(Job(kind=name, label=label[:200], data=data, started_by=by, started=now), items)
    return _begin(job, at_once, now)


def under_way(name: str, *, by: User, data: dict) -> Job | None:
    """This person's open job of this kind with the same data, if there is one."""
    rows = Job.objects.filter(kind=name, started_by=by, state__in=[Job.WAITING, Job.RUNNING], stop_asked=None)
    return next((row for row in rows.order_by("-pk")[:50] if row.data == data), None)


def _store(job: Job, items: Sequence[Work]) -> Job:
    job.total = len(items)
    job.save()
    rows = [
        JobItem(
            job=job, name=row.name, url=row.url, title=row.title, data=row.data, words=row.why,
            state=JobItem.FAILED if row.why else JobItem.WAITING, at=job.started if row.why else None,
        )
        for row in items
    ]
    JobItem.objects.bulk_create(rows, batch_size=500)
    return job


def _begin(job: Job, at_once: int, now: datetime) -> Job:
    if job.total <= at_once:  # in the moment in which it was asked for
        go_on(job.pk, seconds=None, now=now)
    elif not settings.SEND_TASKS:
        go_on(job.pk, seconds=None)
    else:
        _send(job.pk)
    job.refresh_from_db()
    return job


def go_on(pk: int, *, seconds: float | None = SLICE, now: datetime | None = None) -> bool:
    """Do parts of the job until the slice is over (None: to the end); False when another worker has it."""
    given = now
    if not _hold(pk, given or timezone.now()):
        return False
    job = Job.objects.select_related("started_by").get(pk=pk)
    ends = None if seconds is None else time.monotonic() + seconds
    with translation.override(job.started_by.language or settings.LANGUAGE_CODE):
        for item in job.items.filter(state=JobItem.WAITING).order_by("pk"):
            moment = given or timezone.now()
            # One conditional update keeps it ours and notices a wish to stop.
            if not Job.objects.filter(pk=pk, stop_asked=None).update(held_until=moment + HELD):
                break
            _one(job, item, moment)
            if ends is not None and time.monotonic() > ends:
                break
    _let_go(pk, given or timezone.now())
    return True


def stop(job: Job, *, now: datetime) -> None:
    """No further part is begun; what is done stays done."""
    Job.objects.filter(pk=job.pk, state__in=[Job.WAITING, Job.RUNNING], stop_asked=None).update(stop_asked=now)
    Job.objects.filter(pk=job.pk, state=Job.WAITING).update(state=Job.STOPPED, ended=now, held_until=None)


def retry(job: Job, *, by: User, now: datetime, at_once: int = 0) -> Job:
    """A new job with what was not done of this one; once, so that nobody does it twice by clicking twice."""
    rows = list(job.items.exclude(state=JobItem.DONE).order_by("pk"))
    if job.is_open or not rows:
        raise NotAllowed(_("Nothing of this job is left to try again."))
    data = AGAIN[job.kind](rows) if job.kind in AGAIN else [row.data for row in rows]
    items = [Work(row.name, row.url, row.title, some) for row, some in zip(rows, data, strict=True)]
    with transaction.atomic():
        more = _store(Job(kind=job.kind, label=job.label, data=job.data, started_by=by, started=now), items)
        if not Job.objects.filter(pk=job.pk, followed_by=None).update(followed_by=more):
            raise NotAllowed(_("This was tried again already: see the newest of your jobs."))
    return _begin(more, at_once, now)


def counts(job: Job) -> Counts:
    row = job.items.aggregate(**{
        state: Count("pk", filter=Q(state=state)) for state in (JobItem.WAITING, JobItem.DONE, JobItem.FAILED)
    })
    return Counts(**row)


def sweep(*, now: datetime, limit: int = 20) -> tuple[int, int]:
    """Go on with what no worker has: sent and lost, or left by one that died."""
    free = Q(held_until=None, started__lte=now - timedelta(seconds=15)) | Q(held_until__lte=now)
    rows = Job.objects.filter(free, state__in=[Job.WAITING, Job.RUNNING]).order_by("pk").values_list("pk", flat=True)
    return sum(go_on(pk, now=now) for pk in rows[:limit]), 0


def forget_old(*, now: datetime) -> int:
    gone, _rows = Job.objects.filter(ended__lt=now - KEPT).delete()
    return gone


def _send(pk: int) -> None:
    from illdesk.tasks import go_on_with_job

    transaction.on_commit(lambda: go_on_with_job.delay(pk), robust=True)


def _hold(pk: int, now: datetime) -> bool:
    free = Q(held_until=None) | Q(held_until__lte=now)
    return bool(
        Job.objects.filter(free, pk=pk, state__in=[Job.WAITING, Job.RUNNING]).update(
            state=Job.RUNNING, held_until=now + HELD
        )
    )


def _let_go(pk: int, now: datetime) -> None:
    job = Job.objects.get(pk=pk)
    left = counts(job).waiting
    if not left:
        Job.objects.filter(pk=pk).update(state=Job.FINISHED, ended=now, held_until=None)
    elif job.stop_asked:
        Job.objects.filter(pk=pk).update(state=Job.STOPPED, ended=now, held_until=None)
    else:
        Job.objects.filter(pk=pk).update(held_until=None)
        if settings.SEND_TASKS:
            _send(pk)


def _one(job: Job, item: JobItem, now: datetime) -> None:
    try:
        given = BEFORE[job.kind](job, item, now=now) if job.kind in BEFORE else {}
        with transaction.atomic():
            # Marking first makes a second worker wait, or find nothing to mark.
            if not JobItem.objects.filter(pk=item.pk, state=JobItem.WAITING).update(state=JobItem.DONE, at=now):
                return
            words = KINDS[job.kind](job, item, now=now, **given)
            JobItem.objects.filter(pk=item.pk).update(words=words)
    except DeskError as refusal:
        _not_done(item, str(refusal), now)
    except Exception:
        log.exception("job %s: %s failed", job.pk, item.name)
        _not_done(item, _("Something failed on our side; nothing was changed. Try it again later."), now)


def _not_done(item: JobItem, why: str, now: datetime) -> None:
    JobItem.objects.filter(pk=item.pk, state=JobItem.WAITING).update(state=JobItem.FAILED, words=why, at=now)
