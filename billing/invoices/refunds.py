"""A library's credit that settles nothing is paid back by transfer: proposed by one, approved and entered by another.

It takes its part of the payment as an invoice would, so that ageing, account and books go on agreeing. What a foreign
amount costs more or less on the day of the transfer than when it came is an exchange difference (RULES M8).
"""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import fiscal
from billing.approval import rule
from billing.costs import actions as costs
from billing.invoices import queries
from billing.invoices.payment_models import Payment
from billing.invoices.payments import hold_payment
from billing.invoices.refund_models import LibraryRefund
from billing.ledger import actions as ledger
from billing.ledger.actions import Transfer, Where
from billing.ledger.models import Entry
from illdesk import events, money, rows
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed
from requests_app.models import LoanPolicy

RIGHT = "approve_invoices"


def propose(payment: Payment, amount: Decimal, why: str, *, key: str, actor: Actor, now: datetime) -> LibraryRefund:
    """Once per `key`. Nothing moves yet."""
    if not actor.may("work_invoices"):
        raise NotAllowed(_("Credit is paid back by whoever works on invoices."))
    if not why.strip():
        raise BadAnswer(_("Say why it is paid back: who approves it reads it."), field="why")
    if amount <= 0 or amount != amount.quantize(money.CENT):
        raise BadAnswer(_("Enter an amount above nothing, to the cent."), field="amount")
    with transaction.atomic():
        there = LibraryRefund.objects.filter(key=key).first()
        if there is not None:
            return there
        held = hold_payment(payment.pk)
        _refuse(held, amount)
        row = LibraryRefund(payment=held, amount=amount, why=why.strip()[:300], key=key, made=now, made_by=actor.user)
        if not rows.insert(row, unless_there=True):
            raise NotAllowed(_("A refund of this payment waits to be approved already."))
        events.record("library.refund_proposed", subject=("library_payment", held.pk), actor=actor, now=now,
                      data={"amount": str(amount), "currency": held.currency})
        return row


def _refuse(payment: Payment, amount: Decimal) -> None:
    if payment.undone is not None:
        raise NotAllowed(_("This payment was undone."))
    if amount > payment.rest:
        raise NotAllowed(_("Only %(rest)s of this payment is left.") % {
            "rest": money.shown(payment.rest, payment.currency)})
    open_ = next((one for one in queries.open_items(payment.library)
                  if one.open > 0 and not one.disputed), None)  # type: ignore[attr-defined]  # annotated
    if open_ is not None:
        raise NotAllowed(_("%(number)s has %(open)s open: settle it with this credit first.") % {
            "number": open_.number or "", "open": money.shown(open_.open, open_.currency)})


def entered_by(row: LibraryRefund) -> list[int | None]:
    """Who proposed it, and who entered the money; of a credit note that is who approved it, who may."""
    found = [row.made_by_id]
    if row.payment.kind != Payment.CREDIT:
        found.append(row.payment.made_by_id)
    return found


def approve(
    row: LibraryRefund, *, day: date, reference: str, actor: Actor, now: datetime
) -> LibraryRefund:
    """The transfer with its reference, by somebody who entered nothing of it (NeedsAnother). Said again with the same
    day and reference, nothing happens."""
    reference = reference.strip()[:100]
    if not reference:
        raise BadAnswer(_("Enter the reference of the transfer."), field="reference")
    fiscal.refuse_far(day, now=now)
    if day < row.payment.day:
        raise BadAnswer(_("The money came after this day."), field="day")
    rule.check(actor, RIGHT, entered_by=entered_by(row), subject=("library_payment", row.payment_id), now=now)
    with transaction.atomic():
        payment = hold_payment(row.payment_id)
        found = LibraryRefund.objects.get(pk=row.pk)
        if found.state == LibraryRefund.PAID and (found.day, found.reference) == (day, reference):
            return found
        own = payment.rest_own if found.amount == payment.rest else min(
            payment.rest_own, (payment.own * found.amount / payment.amount).quantize(money.CENT))
        if not LibraryRefund.objects.filter(pk=row.pk, state=LibraryRefund.PROPOSED).update(
                state=LibraryRefund.PAID, day=day, reference=reference, own=own, decided=now, decided_by=actor.user):
            raise NotAllowed(_("It is not waiting to be approved any more: “%(state)s”.") % {
                "state": found.get_state_display()})
        _refuse(payment, found.amount)
        Payment.objects.filter(pk=payment.pk).update(used=payment.used + found.amount,
                                                     used_own=payment.used_own + own)
        _enter(found, payment, own, day=day, actor=actor, now=now)
        events.record("library.refunded", subject=("library_payment", payment.pk), actor=actor, now=now,
                      data={"amount": str(found.amount), "currency": payment.currency})
        return LibraryRefund.objects.get(pk=row.pk)


def _enter(row: LibraryRefund, payment: Payment, own: Decimal, *, day: date, actor: Actor, now: datetime) -> None:
    really = own if payment.currency == LoanPolicy.current().currency else costs.foreign(
        row.amount, payment.currency, day).own
    bank, exchange = Where("bank"), Where("exchange")
    difference = (exchange, bank) if really > own else (bank, exchange)
    for what, (debit, credit), amount in (("refund", (Where("library", payment.library_id), bank), own),
                                          ("exchange", difference, abs(really - own))):
        if amount:
            ledger.post(f"library_refund:{row.pk}:{what}", Transfer(
                debit, credit, amount, what, ("library_refund", row.pk)), day=day, actor=actor, now=now, or_later=True)


def refuse(row: LibraryRefund, why: str, *, actor: Actor, now: datetime) -> LibraryRefund:
    """It is not paid back after all: said by who could approve it, or by who works on invoices."""
    user = actor.user
    if user is None or not (actor.may("work_invoices") or rule.has(user, RIGHT, day=timezone.localtime(now).date())):
        raise NotAllowed(_("You may not approve this."))
    if not why.strip():
        raise BadAnswer(_("Say why it is not paid back: it stays with the payment."), field="why")
    with transaction.atomic():
        if not LibraryRefund.objects.filter(pk=row.pk, state=LibraryRefund.PROPOSED).update(
                state=LibraryRefund.REFUSED, decided=now, decided_by=user, decided_why=why.strip()[:300]):
            found = LibraryRefund.objects.get(pk=row.pk)
            if found.state == LibraryRefund.REFUSED:
                return found
            raise NotAllowed(_("It is not waiting to be approved any more: “%(state)s”.") % {
                "state": found.get_state_display()})
        events.record("library.refund_refused", subject=("library_payment", row.payment_id), actor=actor, now=now)
        return LibraryRefund.objects.get(pk=row.pk)


def undo(row: LibraryRefund, why: str, *, actor: Actor, now: datetime) -> LibraryRefund:
    """The transfer came back, or was entered wrong: its entries are reversed, the credit stands again. Once."""
    if not actor.may("work_invoices"):
        raise NotAllowed(_("Credit is paid back by whoever works on invoices."))
    if not why.strip():
        raise BadAnswer(_("Say why it is undone: it stays with the payment."), field="why")
    day = timezone.localtime(now).date()
    with transaction.atomic():
        payment = hold_payment(row.payment_id)
        found = LibraryRefund.objects.get(pk=row.pk)
        if found.state == LibraryRefund.UNDONE:
            return found
        if not LibraryRefund.objects.filter(pk=row.pk, state=LibraryRefund.PAID).update(
                state=LibraryRefund.UNDONE, decided_why=why.strip()[:300]):
            raise NotAllowed(_("Nothing of it was paid back."))
        Payment.objects.filter(pk=payment.pk).update(used=payment.used - found.amount,
                                                     used_own=payment.used_own - found.own)
        for entry in Entry.objects.filter(about_kind="library_refund", about=row.pk, reverses=None):
            ledger.reverse(entry, key=f"undo:{entry.key}", day=day, actor=actor, now=now)
        events.record("library.refund_undone", subject=("library_payment", payment.pk), actor=actor, now=now)
        return LibraryRefund.objects.get(pk=row.pk)
