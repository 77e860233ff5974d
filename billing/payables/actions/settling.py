"""What the budget office does with an approved invoice: paid, or lines sent back. As `billing.batches.payable.Kind`
says, both are called inside the batch's own transaction."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from billing.costs import actions as costs
from billing.ledger import actions as ledger
from billing.ledger.actions import Transfer, Where
from billing.ledger.models import Entry
from billing.payables import lifecycle
from billing.payables.actions.moving import move
from billing.payables.models import PayableInvoice, PayableLine
from illdesk import events
from illdesk.actors import Actor
from illdesk.errors import NotAllowed
from requests_app.models import LoanPolicy


def _lines(invoice: int, parts: Sequence[str]) -> list[PayableLine]:
    keys = [int(part) for part in parts]
    found = list(PayableLine.objects.filter(pk__in=keys, invoice=invoice).select_related("booked").order_by("pk"))
    if len(found) != len(set(keys)):
        raise NotAllowed(_("Lines of this invoice are no longer in it: look at the batch again."))
    if any(line.booked is None for line in found):
        raise NotAllowed(_("Lines of this invoice are not approved."))
    return found


def paid(pk: int, parts: Sequence[str], day: date, reference: str, actor: Actor, now: datetime) -> None:
    """The library's account is debited, the bank credited. Money of another currency that cost more or less on the
    day it was paid than on the day of the invoice makes an exchange difference (M8)."""
    invoice = PayableInvoice.objects.get(pk=pk)
    lines = []
    for line in _lines(pk, parts):
        # Who is told twice finds them paid.
        if PayableLine.objects.filter(pk=line.pk, paid=None).update(paid=day, reference=reference[:100]):
            lines.append(line)
    if not lines:
        return
    key = f"payable-paid:{lines[0].pk}:{lines[0].round}"
    owed = sum((line.booked.amount for line in lines if line.booked), Decimal(0))
    assert invoice.library_id is not None
    payable, bank = Where("payable", invoice.library_id), Where("bank")
    _post(key, payable, bank, owed, "payment", invoice, day=day, actor=actor, now=now)
    if invoice.currency != LoanPolicy.current().currency:
        billed = sum((line.owed or Decimal(0) for line in lines), Decimal(0))
        rate = costs.rate_on(invoice.currency, day)
        if rate is not None and billed:
            really = costs.foreign(billed, invoice.currency, day).own.copy_sign(billed)
            _post(f"{key}:exchange", Where("exchange"), bank, really - owed, "exchange", invoice, day=day, actor=actor,
                  now=now)
    if not invoice.lines.filter(paid=None).exclude(booked=None).exists():
        move(invoice, "paid", actor=actor, now=now, data={"reference": reference[:100]})


def unpaid(pk: int, parts: Sequence[str], why: str, actor: Actor, now: datetime) -> None:
    """They were marked paid by mistake: what `paid` entered for them is reversed, and they are owed as before. Lines
    that were paid together are taken back together: NotAllowed otherwise."""
    invoice = PayableInvoice.objects.get(pk=pk)
    lines = [line for line in _lines(pk, parts) if line.paid]
    if not lines:
        return
    keys = [f"payable-paid:{line.pk}:{line.round}" for line in lines]
    entries = list(Entry.objects.filter(key__in=[*keys, *(f"{key}:exchange" for key in keys)], reversed_by=None))
    back = sum((_of_payable(entry) for entry in entries), Decimal(0))
    if back != sum((line.booked.amount for line in lines if line.booked), Decimal(0)):
        raise NotAllowed(_("These lines were paid together with others: take the whole payment back."))
    day = timezone.localtime(now).date()
    for entry in entries:
        ledger.reverse(entry, key=f"{entry.key}:unpaid", day=day, actor=actor, now=now)
    for line in lines:  # paid again, it is entered under another key
        PayableLine.objects.filter(pk=line.pk).update(paid=None, reference="", round=line.round + 1)
    if invoice.state == lifecycle.PAID:
        move(invoice, "unpaid", actor=actor, now=now, why=why.strip()[:300])


def _of_payable(entry: Entry) -> Decimal:
    """How much of what we owe to a library an entry settled."""
    if entry.debit.family == "payable":
        return entry.amount
    return -entry.amount if entry.credit.family == "payable" else Decimal(0)


def _post(
    key: str, debit: Where, credit: Where, amount: Decimal, what: str, invoice: PayableInvoice, *, day: date,
    actor: Actor, now: datetime,
) -> None:
    if not amount:
        return
    if amount < 0:
        debit, credit = credit, debit
    ledger.post(key, Transfer(debit, credit, abs(amount), what, invoice.subject), day=day, actor=actor, now=now,
                or_later=True)


def back(pk: int, parts: Sequence[str], why: str, actor: Actor, now: datetime) -> None:
    """What was booked for these lines is undone; they leave the invoice as a part of their own, to be corrected and
    approved again. The others stay approved as they are. Where all are sent back, the invoice itself is."""
    invoice = PayableInvoice.objects.get(pk=pk)
    lines = _lines(pk, parts)
    if any(line.paid for line in lines):
        raise NotAllowed(_("Lines of this invoice are paid already."))
    for line in lines:
        assert line.booked is not None
        costs.undo(line.booked, key=f"payable:{line.pk}:{line.round}:back", day=line.booked.day, actor=actor, now=now)
    changes: dict[str, Any] = {"asked": None, "asked_by": None, "approved": None, "approved_by": None,
                               "why": why.strip()[:300]}
    keys = [line.pk for line in lines]
    if not invoice.lines.exclude(pk__in=keys).exclude(booked=None).exists():
        _free(keys, invoice.pk)
        move(invoice, "back", actor=actor, now=now, data={"lines": len(keys)}, **changes)
        return
    amount = sum((line.amount for line in lines), Decimal(0))
    part = PayableInvoice.objects.create(
        library_id=invoice.library_id, number=invoice.number, number_key=invoice.number_key, dated=invoice.dated,
        due=invoice.due, currency=invoice.currency, total=amount, how=invoice.how, state=lifecycle.BACK,
        key=f"back:{keys[0]}:{lines[0].round}", entered=invoice.entered, entered_by_id=invoice.entered_by_id,
        part_of_id=invoice.part_of_id or invoice.pk, file_id=invoice.file_id, paper_id=invoice.paper_id,
        paper_passed=invoice.paper_passed, paper_passed_by_id=invoice.paper_passed_by_id,
        twin_answer=invoice.twin_answer, why=why.strip()[:300])
    _free(keys, part.pk)
    assert invoice.total is not None
    PayableInvoice.objects.filter(pk=invoice.pk).update(total=invoice.total - amount, version=invoice.version + 1)
    events.record("payable.split", subject=invoice.subject, actor=actor, now=now,
                  data={"part": part.pk, "lines": keys, "amount": str(amount)})
    events.record("payable.back", subject=part.subject, actor=actor, now=now, data={"of": invoice.pk})


def _free(keys: list[int], invoice: int) -> None:
    """Booked anew it gets another key."""
    for line in PayableLine.objects.filter(pk__in=keys):
        PayableLine.objects.filter(pk=line.pk).update(booked=None, round=line.round + 1, invoice=invoice)
