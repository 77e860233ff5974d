"""The network's own invoice or credit memo of a month."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.fiscal import refuse_far
from billing.ifm import IFM
from billing.ifm.models import NetworkStatement
from billing.ledger import actions as ledger
from billing.ledger.actions import Transfer, Where
from illdesk import events
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed


def state_month(
    system: str, month: date, *, number: str, amount: Decimal, day: date, actor: Actor, now: datetime
) -> NetworkStatement:
    """The invoice (above nothing) or credit memo (below) of the network. The same number again is the same one; with
    another amount it is refused."""
    number = number.strip()[:60]
    if not number:
        raise BadAnswer(_("Enter the number of the invoice or credit memo."), field="number")
    if not amount:
        raise BadAnswer(_("Enter the amount; of a credit memo with a minus in front."), field="amount")
    refuse_far(day, now=now)
    with transaction.atomic():
        row, made = NetworkStatement.objects.get_or_create(
            system=system, month=month, number=number,
            defaults={"amount": amount, "day": day, "made": now, "by": actor.user})
        if not made and row.amount != amount:
            raise BadAnswer(_("This number was entered already, with another amount."), field="number")
        if made:
            events.record("network.stated", subject=("network_statement", row.pk), actor=actor, now=now,
                          data={"amount": str(amount)})
    return row


def settle_statement(
    row: NetworkStatement, *, day: date, reference: str, actor: Actor, now: datetime
) -> NetworkStatement:
    """It went through the bank: paid by us, or paid to us. Once."""
    if row.system != IFM:
        raise NotAllowed(_("EFTS is paid from the deposit account."))
    refuse_far(day, now=now)
    bank, network = Where("bank"), Where("ifm")
    debit, credit = (network, bank) if row.amount > 0 else (bank, network)
    with transaction.atomic():
        entry = ledger.post(
            f"network_statement:{row.pk}",
            Transfer(debit, credit, abs(row.amount), "payment", ("network_statement", row.pk)),
            day=day, actor=actor, now=now, or_later=True)
        mine = NetworkStatement.objects.filter(pk=row.pk, paid_on=None)
        if mine.update(paid_on=day, reference=reference.strip()[:100], entry=entry):
            events.record("network.settled", subject=("network_statement", row.pk), actor=actor, now=now)
    row.refresh_from_db()
    return row
