"""May the budget office have the paper of an invoice? Libraries print titles and patrons' names on theirs, and the
budget office sees neither: it has our cover sheet until somebody has looked at the paper."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.payables.models import PayableInvoice
from illdesk import events
from illdesk.actors import Actor
from illdesk.errors import NotAllowed, Stale

RIGHT = "work_payables"


def pass_on(invoice: PayableInvoice, *, paper: int | None, actor: Actor, now: datetime) -> None:
    """`paper`: the key of what was looked at; where it was exchanged meanwhile, nobody has looked at it (Stale). Also
    for parts of the invoice with the same paper. Said twice, the first said it."""
    with transaction.atomic():
        if _change(invoice, paper, actor, {"paper_passed": None}, paper_passed=now, paper_passed_by=actor.user):
            events.record("payable.paper_passed", subject=invoice.subject, actor=actor, now=now,
                          data={"file": paper})


def keep_back(invoice: PayableInvoice, *, paper: int | None, actor: Actor, now: datetime) -> None:
    """It bears a name after all. What was downloaded meanwhile is out of our hands: the log of downloads says who has
    it."""
    with transaction.atomic():
        if _change(invoice, paper, actor, {"paper_passed__isnull": False}, paper_passed=None, paper_passed_by=None):
            events.record("payable.paper_kept_back", subject=invoice.subject, actor=actor, now=now,
                          data={"file": paper})


def _change(
    invoice: PayableInvoice, paper: int | None, actor: Actor, only: dict[str, Any], **changes: Any,
) -> bool:
    if not actor.may(RIGHT):
        raise NotAllowed(_("You may not do this."))
    there = PayableInvoice.objects.filter(pk=invoice.pk).values_list("paper", flat=True).get()
    if there is None:
        raise NotAllowed(_("No paper is kept with this invoice."))
    if there != paper:
        raise Stale(_("Another paper stands beside this invoice now. Nothing was changed; look at it first."))
    # The paper is asked for again where it is changed: somebody may exchange it at this moment.
    return bool(PayableInvoice.objects.filter(paper=paper, **only).update(**changes))
