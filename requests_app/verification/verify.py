"""Verify a stored request: ask first, outside any transaction, then keep what was said by one step."""

import logging
import time
from datetime import datetime, timedelta

from django.utils import timezone

from illdesk.actors import CLOCK, Actor
from illdesk.errors import DeskError
from requests_app import lifecycle
from requests_app.actions import perform
from requests_app.models import ILLRequest
from requests_app.verification import check, stored

log = logging.getLogger(__name__)

# Where it still matters how the citation reads; anywhere else a check that is due is forgotten.
AUTOMATIC = (
    "borrowing.submitted", "borrowing.in_review", "borrowing.awaiting_patron", "borrowing.copyright_review",
    "borrowing.ready_to_send", "borrowing.unfilled",
)
# While somebody has it in hand, nobody else begins.
_HELD = timedelta(minutes=5)
_AFTER_FAILURE = timedelta(hours=1)  # what we cannot do now we hardly can a minute later
_SWEEP_SECONDS = 50.0  # then the next beat goes on


def answers_for(ill: ILLRequest, *, now: datetime, fresh: bool = True) -> dict:
    """What the step "check" is to be given. Takes up to check.MOST_SECONDS; no transaction may be open.

    `fresh`: a person wants it known as it is now, whatever was answered lately.
    """
    wanted = stored.wanted_of(ill.citation)
    checked = check.look(wanted, now=now, any_edition=ill.citation.any_edition, fresh=fresh)
    return {"checked": checked, "asked_for": wanted}


def verify(ill: ILLRequest, *, actor: Actor, now: datetime | None = None, fresh: bool = False) -> check.Checked:
    now = now or timezone.now()
    answers = answers_for(ill, now=now, fresh=fresh)
    perform(ill, "check", actor=actor, now=now, **answers)
    return answers["checked"]


def verify_one(pk: int, *, now: datetime) -> bool:
    """A request whose check is due; False when it is not, or when another process has it in hand."""
    ill = ILLRequest.objects.select_related("citation", "patron", "partner", "branch").filter(pk=pk).first()
    if ill is None or ill.check_due is None or ill.check_due > now or not stored.switched_on():
        return False
    if ill.state not in AUTOMATIC or lifecycle.find(ill, "check") is None:
        stored.put_off(ill, None, was=ill.check_due)
        return False
    if not stored.put_off(ill, now + _HELD, was=ill.check_due):
        return False
    verify(ill, actor=CLOCK, now=now)
    return True


def verify_due(*, now: datetime, limit: int = 50) -> tuple[int, int]:
    """The sweep: (done, failed). Where no source is switched on nobody is asked, and what is due stays so."""
    if not stored.switched_on():
        return 0, 0
    stored.no_longer_due(now=now, states=AUTOMATIC)
    done = failed = 0
    began = time.monotonic()
    for ill in stored.due(now=now, limit=limit):
        passed = time.monotonic() - began
        if passed > _SWEEP_SECONDS:
            break
        moment = now + timedelta(seconds=passed)  # each check takes seconds, and writes down when
        try:
            done += verify_one(ill.pk, now=moment)
        except DeskError as refusal:
            log.warning("%s could not be verified: %s", ill.number, refusal)
            failed += 1
        except Exception:
            log.exception("%s could not be verified", ill.number)
            ILLRequest.objects.filter(pk=ill.pk).update(check_due=moment + _AFTER_FAILURE)
            failed += 1
    return done, failed
