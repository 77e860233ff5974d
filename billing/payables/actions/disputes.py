"""Disputing lines: what is questioned, what is paid meanwhile, and the letter, which a person reads before it goes."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.payables.actions.moving import move
from billing.payables.models import PayableInvoice, PayableLine
from illdesk import events, money, notices
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed


def dispute(
    invoice: PayableInvoice, lines: Mapping[int, Decimal], *, to: str, subject: str, body: str, actor: Actor,
    now: datetime, key: str, seen: int | None = None,
) -> PayableInvoice:
    """`lines`: key of a line -> what of it is paid all the same (what was agreed, or nothing). With `to` the letter
    goes out after the commit, once per `key`; without, the lines wait for it or are told by other means."""
    found = list(invoice.lines.filter(pk__in=lines).order_by("place"))
    if not found:
        raise BadAnswer(_("Choose at least one line."), field="lines")
    if to and not (subject.strip() and body.strip()):
        raise BadAnswer(_("The letter has no text."), field="body")
    for line in found:
        paid = lines[line.pk]
        if line.booked_id or line.dispute in (PayableLine.TOLD, PayableLine.ENDED):
            raise NotAllowed(_("Line %(line)s is booked or disputed already.") % {"line": line.place})
        if not could_be_paid(line, paid):
            raise BadAnswer(
                _("Of line %(line)s less than it bills can be paid meanwhile.") % {"line": line.place}, field="lines")
    with transaction.atomic():
        row = move(invoice, "answer", actor=actor, now=now, seen=seen,
                   data={"disputed": [line.pk for line in found], "letter": bool(to)})
        for line in found:
            PayableLine.objects.filter(pk=line.pk, booked=None).update(
                answer=PayableLine.DISPUTED, answered=now, answered_by=actor.user, owed=lines[line.pk],
                disputed=line.amount - lines[line.pk], credited=None,
                dispute=PayableLine.TOLD if to else PayableLine.TO_TELL)
        if to:
            notices.mail(to=to, subject=" ".join(subject.split())[:150], body=body, what="payable_dispute",
                         now=now, key=f"payable-dispute:{key}", about=row.subject)
    return row


def could_be_paid(line: PayableLine, paid: Decimal) -> bool:
    """Meanwhile, of what is questioned: less than it bills, in whole cents."""
    return 0 <= paid < line.amount and paid == paid.quantize(money.CENT)


def told(invoice: PayableInvoice, *, actor: Actor, now: datetime) -> int:
    """They were told on paper or by telephone."""
    with transaction.atomic():
        done = PayableLine.objects.filter(invoice=invoice, dispute=PayableLine.TO_TELL).update(
            dispute=PayableLine.TOLD)
        if done:
            events.record("payable.told", subject=invoice.subject, actor=actor, now=now, data={"lines": done})
    return done
