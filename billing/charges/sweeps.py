"""What the clock does for charges: lenders' invoices are followed, patrons reminded."""

import logging
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from billing.charges import actions, queries
from billing.charges.models import Charge, ChargePolicy
from billing.costs.queries import charged
from illdesk import actors, clock, crash
from illdesk.errors import DeskError

log = logging.getLogger(__name__)
_MOST = 500


def _provisional():
    return Charge.objects.filter(state=Charge.PROVISIONAL, ill__isnull=False, kind__in=["lost", "damaged"])


def _billed() -> dict[int, Decimal]:
    """Request to what its lender charges for what was lost or damaged."""
    ills = list(_provisional().values_list("ill", flat=True)[:_MOST])
    found = {}
    for ill, lines in charged(ills).items():
        amounts = [line.amount for line in lines if line.what in ("lost", "damaged")]
        if amounts and sum(amounts) >= 0:
            found[ill] = sum(amounts, Decimal(0))
    return found


def _would_follow(*, now: datetime) -> int:
    return len(_billed())


@clock.register("charges_final", label=_("Make charges final by lenders' invoices"), every=900, dry=_would_follow)
def follow_invoices(*, now: datetime) -> tuple[int, int]:
    done = failed = 0
    billed = _billed()
    for row in _provisional().filter(ill__in=billed).select_related("patron", "ill"):
        try:
            actions.finalise(row, billed[row.ill_id], key="invoice", actor=actors.CLOCK, now=now)
            done += 1
        except DeskError:
            log.exception("charge %s could not be made final", row.number)
            failed += 1
        crash.point("sweep.between")
    return done, failed


def _would_remind(*, now: datetime) -> int:
    return queries.to_remind(now, ChargePolicy.current()).count()


@clock.register("charges_remind", label=_("Remind patrons of open charges"), every=6 * 3600, dry=_would_remind)
def remind(*, now: datetime) -> tuple[int, int]:
    done = 0
    for row in queries.to_remind(now, ChargePolicy.current()).select_related("patron", "ill__citation")[:_MOST]:
        done += actions.remind(row, now=now)
        crash.point("sweep.between")
    return done, 0
