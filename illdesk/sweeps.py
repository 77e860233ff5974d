from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.utils.translation import gettext_lazy as _

from illdesk import clock, events, inbox, jobs, outbox
from illdesk.models import Handling, InboxMessage, OutboxMessage


def _would_send(*, now: datetime) -> int:
    return OutboxMessage.objects.filter(state=OutboxMessage.WAITING, next_try__lte=now).count()


def _would_finish(*, now: datetime) -> int:
    return Handling.objects.filter(done__isnull=True, next_try__lte=now).count()


def _parked():
    return InboxMessage.objects.filter(state=InboxMessage.PARKED, tries__lt=20)


def _would_try(*, now: datetime) -> int:
    return min(_parked().count(), 100)


def _old_sessions(*, now: datetime) -> int:
    return Session.objects.filter(expire_date__lt=now).count()


# Not quick: other people's servers may let us wait, and a web process killed meanwhile leaves letters of
# which nobody knows whether they left.
@clock.register("outbox", label=_("Send what waits"), every=10, quick=False, dry=_would_send)
def send_what_waits(*, now: datetime) -> tuple[int, int]:
    return outbox.send_due(now=now)


@clock.register("events", label=_("Finish what events started"), every=15, dry=_would_finish)
def finish_events(*, now: datetime) -> tuple[int, int]:
    # Fresh events belong to the task that was sent with them.
    return events.handle_due(now=now - timedelta(seconds=10))


@clock.register("inbox", label=_("Try parked messages again"), every=300, dry=_would_try)
def try_parked(*, now: datetime) -> tuple[int, int]:
    done = failed = 0
    for row in _parked()[:100]:
        if inbox.handle_again(row, now=now):
            done += 1
        else:
            failed += 1
    return done, failed


@clock.register("sessions", label=_("Forget old sessions"), every=6 * 3600, dry=_old_sessions)
def forget_sessions(*, now: datetime) -> tuple[int, int]:
    gone, _rows = Session.objects.filter(expire_date__lt=now).delete()
    return gone, 0


# Not quick: a job may hold some hundred requests.
@clock.register("jobs", label=_("Go on with jobs that were left"), every=30, quick=False)
def go_on_with_jobs(*, now: datetime) -> tuple[int, int]:
    return jobs.sweep(now=now)


@clock.register("old_jobs", label=_("Forget jobs of last month"), every=24 * 3600)
def forget_old_jobs(*, now: datetime) -> tuple[int, int]:
    return jobs.forget_old(now=now), 0
