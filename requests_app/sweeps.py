"""What the clock does with requests: takes the rows of the table whose date has passed, and erases files.

Each request is a short transaction of its own; one that fails is told by number, and the others go on.
"""

import logging
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from illdesk import actors, clock
from illdesk.errors import DeskError
from requests_app import lifecycle
from requests_app.actions import perform
from requests_app.actions.dialogues import still_has_days
from requests_app.copyright import waits
from requests_app.models import Delivery, ILLRequest
from requests_app.verification import stored, verify

log = logging.getLogger(__name__)
MOST = 500


def _due(now: datetime) -> Iterator[tuple[lifecycle.Step, ILLRequest]]:
    """What is due, row by row of the table; a request that a row moved is not due for the next one."""
    today = timezone.localtime(now).date()
    for step in lifecycle.due_rows():
        passed = today if step.when == "due_lender" else now
        rows = ILLRequest.objects.filter(state__in=step.sources, **{f"{step.when}__lt": passed})
        for ill in rows.select_related("partner", "patron", "citation", "branch").order_by(step.when, "pk")[:MOST]:
            # The table decides which of its rows it is: another one may stand for the same date.
            if step.fits(ill) and lifecycle.is_due(ill, step, now=now, today=today):
                yield _or_waits(step, ill, now), ill


def _or_waits(step: lifecycle.Step, ill: ILLRequest, now: datetime) -> lifecycle.Step:
    """A lender whose server was down did not have its days yet: it is waited for, not passed over."""
    if step.action != "lender_silent" or still_has_days(ill, now=now) is None:
        return step
    return lifecycle.find(ill, "lender_not_reached") or step


def _would_move(*, now: datetime) -> int:
    return sum(1 for _row in _due(now))


def _would_erase(*, now: datetime) -> int:
    return Delivery.objects.filter(erased=None, until__lte=now).count()


@clock.register("dates", label=_("Move on what waited long enough"), every=60, dry=_would_move)
def take_due(*, now: datetime) -> tuple[int, int]:
    """Lenders that did not answer, conditions, downloads, returns, overdue notices: (done, failed)."""
    done = failed = 0
    for step, ill in _due(now):
        try:
            perform(ill, step.action, actor=actors.CLOCK, now=now)
            done += 1
        except DeskError as refusal:
            log.warning("%s of %s: %s", step.action, ill.number, refusal)
            failed += 1
        except Exception:
            log.exception("%s of %s", step.action, ill.number)
            failed += 1
    return done, failed


@clock.register("places", label=_("Tell who waits for a place of a title"), every=60,
                dry=lambda *, now: len(waits.uneven(now=now)))
def tell_of_places(*, now: datetime) -> tuple[int, int]:
    """What a dead process left uncounted, and what a limit that begins today changes."""
    return waits.recount_all(now=now), 0


@clock.register("erase", label=_("Erase scans whose time is over"), every=900, dry=_would_erase)
def erase_expired(*, now: datetime) -> tuple[int, int]:
    """A copy is never kept to fill another request (17 USC 108(d)(1)); the row stays and says that there was one."""
    done = failed = 0
    rows = Delivery.objects.filter(erased=None, until__lte=now).select_related("attachment", "ill")
    for row in rows.order_by("until")[:MOST]:
        if row.to == Delivery.PATRON and row.ill.resend_asked and row == _newest(row):
            continue  # the first file stays until the second comes
        attachment = row.attachment
        try:
            # The file first: nobody may fetch it any more, and a sweep that died goes on where it stood.
            if attachment is not None:
                attachment.file.storage.delete(attachment.file.name or "")
            with transaction.atomic():
                Delivery.objects.filter(pk=row.pk).update(erased=now, attachment=None)
                if attachment is not None:
                    attachment.delete()
            done += 1
        except Exception:
            log.exception("the file of delivery %s could not be erased", row.pk)
            failed += 1
    return done, failed


def _newest(row: Delivery) -> Delivery | None:
    return row.ill.deliveries.filter(to=row.to, erased=None).order_by("-pk").first()


@clock.register("verify", label=_("Check citations with catalogues and other sources"), every=60, quick=False,
                dry=lambda *, now: ILLRequest.objects.filter(check_due__lte=now).count())
def verify_due(*, now: datetime) -> tuple[int, int]:
    return verify.verify_due(now=now)


@clock.register("source_answers", label=_("Forget old answers of outside sources"), every=3600)
def forget_source_answers(*, now: datetime) -> tuple[int, int]:
    return stored.forget_old_answers(now=now), 0
