"""How an invoice changes: a conditional update on its state and version, and its event."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from billing.payables import lifecycle
from billing.payables.models import PayableInvoice
from illdesk import dates, events
from illdesk.actors import Actor
from illdesk.errors import NotAllowed, Stale


def move(
    invoice: PayableInvoice, step: str, *, actor: Actor, now: datetime, seen: int | None = None,
    data: dict[str, Any] | None = None, **changes: Any,
) -> PayableInvoice:
    """Take a step of the table, inside the caller's transaction. `seen`: the version the person had before their
    eyes. NotAllowed where the table has no such step from its state; Stale where somebody was faster."""
    assert transaction.get_connection().in_atomic_block
    row = lifecycle.STEPS[step]
    found = PayableInvoice.objects.get(pk=invoice.pk)
    if step == "approve" and found.approved is not None and found.approved_by is not None:
        raise NotAllowed(_("%(who)s approved it on %(day)s at %(time)s.") % {
            "who": found.approved_by.short_name, "day": dates.in_words(found.approved),
            "time": formats.time_format(timezone.localtime(found.approved), "H:i")})
    if found.state not in row.sources:
        raise NotAllowed(_("“%(step)s” is not possible while the invoice is: %(state)s.") % {
            "step": row.label, "state": found.state_row.label})
    if row.right and not may_take(actor, row.right):
        raise NotAllowed(_("You may not do this."))
    version = found.version if seen is None else seen
    target = row.target or found.state
    done = PayableInvoice.objects.filter(pk=found.pk, state=found.state, version=version).update(
        version=F("version") + 1, state=target, **changes)
    if not done:
        raise Stale(_("Somebody changed this invoice since you opened it. Nothing was changed; look at it again."))
    events.record(f"payable.{step}", subject=found.subject, actor=actor, now=now,
                  data={"from": found.state, "to": target} | (data or {}))
    return PayableInvoice.objects.select_related("library").get(pk=found.pk)


def may_take(actor: Actor, right: str) -> bool:
    """Rights of approval can be lent: `approval.rule` looks at them before."""
    return right == "approve_payables" or actor.may(right)
