"""Money paid into a deposit account, its balance compared, and lending reported to the network by two persons."""

from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from billing.approval import rule
from billing.costs.models import Booked
from billing.efts.models import Deposit, DepositBalance, OutgoingLine, OutgoingList
from billing.fiscal import refuse_far
from billing.ifm.matching import SHIPPED
from billing.ledger import actions as ledger
from billing.ledger import queries as books
from billing.ledger.actions import Transfer, Where
from billing.numbers.actions import draw
from illdesk import events
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, Stale
from illdesk.models import Event
from requests_app import lifecycle
from requests_app.models import ExternalReference, ILLRequest, LoanPolicy

RIGHT = "approve_payables"


def pay_in(deposit: Deposit, amount: Decimal, *, day: date, key: str, actor: Actor, now: datetime) -> None:
    """From the bank into the account; with a minus, taken out again. Once per `key`."""
    if not amount:
        raise BadAnswer(_("Enter what was paid in."), field="amount")
    refuse_far(day, now=now)
    bank, account = Where("bank"), Where("deposit", deposit.pk)
    debit, credit = (account, bank) if amount > 0 else (bank, account)
    with transaction.atomic():
        ledger.post(f"deposit:{key}", Transfer(debit, credit, abs(amount), "deposit", ("deposit", deposit.pk)), day=day,
                    actor=actor, now=now, or_later=True)


def state_balance(deposit: Deposit, day: date, amount: Decimal, *, actor: Actor, now: datetime) -> DepositBalance:
    """What the network says it held at the end of a day; entered again, it is put right."""
    refuse_far(day, now=now)
    row, _made = DepositBalance.objects.update_or_create(
        deposit=deposit, day=day, defaults={"amount": amount, "made": now, "by": actor.user})
    return row


def compared(deposit: Deposit) -> list[tuple[DepositBalance, Decimal]]:
    """Each balance that was stated, with what the books had at the end of its day."""
    return [(row, books.balance(Where("deposit", deposit.pk), upto=row.day))
            for row in deposit.balances.select_related("by")[:24]]


def to_report(first: date, last: date):
    """Lending with a DOCLINE number and a price, shipped in these days, neither reported nor charged any other way."""
    names = SHIPPED[lifecycle.LENDING]
    shipped = Event.objects.filter(subject_kind="request", name__in=names, at__date__gte=first, at__date__lte=last)
    numbered = ExternalReference.objects.filter(system="docline", dummy=False)
    charged = Booked.objects.filter(side=Booked.INCOME, undone_by=None, undoes=None, ill__isnull=False)
    return ILLRequest.objects.filter(
        kind=lifecycle.LENDING, cost__gt=0, partner__isnull=False, currency=LoanPolicy.current().currency,
        pk__in=shipped.values("subject_id"),
    ).filter(pk__in=numbered.values("ill")).exclude(pk__in=charged.values("ill")).exclude(
        pk__in=OutgoingLine.objects.filter(holds=True).values("ill")).select_related("partner").order_by("pk")


def make_list(
    deposit: Deposit, first: date, last: date, *, key: str, actor: Actor, now: datetime
) -> OutgoingList:
    """A list of what is to be reported; it holds its requests. Once per `key`. BadAnswer where there is nothing."""
    there = OutgoingList.objects.filter(key=key).first()
    if there is not None:
        return there
    if last < first:
        raise BadAnswer(_("The last day comes after the first."), field="last")
    try:
        with transaction.atomic():
            found = list(to_report(first, last).prefetch_related("references"))
            if not found:
                raise BadAnswer(_("Nothing of these days is to be reported."), field="first")
            row = OutgoingList(deposit=deposit, first=first, last=last, made=now, by=actor.user, key=key)
            row.number = draw("E", last)
            row.save()
            OutgoingLine.objects.bulk_create(OutgoingLine(
                list=row, ill=ill, library=ill.partner, day=last, amount=ill.cost or 0,
                number=next((one.number for one in ill.references.all() if one.system == "docline"), ""),
            ) for ill in found)
            events.record("efts.list_made", subject=("outgoing_list", row.pk), actor=actor, now=now,
                          data={"lines": len(found)})
    except IntegrityError as other:
        raise Stale(_("Somebody made a list of the same requests at this moment. Nothing was stored.")) from other
    return row


def approve(row: OutgoingList, *, actor: Actor, now: datetime) -> None:
    """By somebody else than who made it; from then on its file can be sent to the network."""
    rule.check(actor, RIGHT, entered_by=[row.by_id], subject=("outgoing_list", row.pk), now=now)
    _decide(row, OutgoingList.APPROVED, actor, now)


def discard(row: OutgoingList, *, actor: Actor, now: datetime) -> None:
    """Its requests can stand in another list."""
    with transaction.atomic():
        _decide(row, OutgoingList.DISCARDED, actor, now)
        row.lines.update(holds=False)


def _decide(row: OutgoingList, state: str, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        mine = OutgoingList.objects.filter(pk=row.pk, state=OutgoingList.DRAFT)
        if not mine.update(state=state, decided=now, decided_by=actor.user):
            raise Stale(_("Somebody decided on this list already."))
        events.record(f"efts.list_{state}", subject=("outgoing_list", row.pk), actor=actor, now=now)
