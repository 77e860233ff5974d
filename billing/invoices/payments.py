"""What comes in, and which invoices it settles.

Rows are held in one order (payment, invoices by key, then the books), each by an update of its version: of two who
settle the same invoice one waits and sees what the other left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from billing.costs import actions as costs
from billing.fiscal import refuse_far
from billing.invoices.models import Invoice, InvoicePolicy
from billing.invoices.payment_models import Allocation, Payment
from billing.invoices.refund_models import LibraryRefund
from billing.ledger import actions as ledger
from billing.ledger.actions import Transfer, Where
from billing.ledger.models import Entry
from billing.vouchers import stock
from billing.vouchers.models import CURRENCY as VOUCHER_CURRENCY
from illdesk import events, money, rows
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed
from requests_app.models import Library, LoanPolicy

NOTHING = Decimal("0.00")


class Twice(BadAnswer):
    """Looks like a payment that was entered already. As text: the question."""


@dataclass(frozen=True)
class Received:
    """As it came. `amount`: in `currency`; of vouchers it follows from `wholes` and `halves`. `bank_charge`: what the
    bank kept, in our currency. `holder`: key of who keeps the vouchers."""

    kind: str
    day: date
    currency: str = ""
    amount: Decimal = NOTHING
    reference: str = ""
    bank_charge: Decimal = NOTHING
    wholes: int = 0
    halves: int = 0
    holder: int | None = None
    note: str = ""


def enter(
    library: Library, received: Received, *, key: str, actor: Actor, now: datetime,
    settles: Sequence[tuple[Invoice, Decimal]] = (), another: bool = False,
) -> Payment:
    """Once per `key`; Twice where one like it came that day, unless it is said to be `another`. `settles`: invoices
    with the amount of each, in the invoice's currency; what is left is the library's credit. BadAnswer or NotAllowed,
    and then nothing was entered."""
    if received.kind not in Payment.BY_HAND:
        raise BadAnswer(_("Choose how it was paid."), field="kind")
    refuse_far(received.day, now=now)
    _not_before(settles, received.day)
    vouchers = received.kind == Payment.VOUCHER
    own_currency = LoanPolicy.current().currency
    currency = VOUCHER_CURRENCY if vouchers else (received.currency or own_currency)
    amount = stock.face(received.wholes, received.halves, received.day) if vouchers else received.amount
    if amount <= 0 or amount > money.MOST or amount != amount.quantize(money.CENT):
        raise BadAnswer(_("Enter an amount above nothing, to the cent."), field="wholes" if vouchers else "amount")
    foreign = costs.foreign(amount, currency, received.day) if currency != own_currency else None
    own = foreign.own if foreign else amount
    if received.bank_charge < 0 or received.bank_charge >= own:
        raise BadAnswer(_("The bank kept less than was paid."), field="bank_charge")
    there = None if another else _like(library, received, amount, currency).first()
    if there is not None and not Payment.objects.filter(key=key).exists():
        raise Twice(_("%(amount)s with this reference was entered for %(day)s already. If another payment came, tick "
                      "that it is one.") % {"amount": money.shown(amount, currency),
                                            "day": formats.date_format(there.day, "j M Y")}, field="another")
    with transaction.atomic():
        row = Payment(
            library=library, kind=received.kind, reference=received.reference.strip()[:100], day=received.day,
            currency=currency, amount=amount, own=own, bank_charge=received.bank_charge, wholes=received.wholes,
            halves=received.halves, note=received.note[:300], key=key, made=now, made_by=actor.user,
        )
        if not rows.insert(row, unless_there=True):
            return Payment.objects.get(key=key)
        hold(invoice for invoice, _amount in settles)
        where = Where("vouchers" if vouchers else "bank")
        if vouchers:
            stock.receive(received.wholes, received.halves, own, holder=received.holder, day=received.day,
                          library=library, key=f"payment:{row.pk}", actor=actor, now=now)
        row.entry = _post(row, "in", Transfer(
            where, _of(library), own, "payment", ("library_payment", row.pk), foreign), actor=actor, now=now)
        Payment.objects.filter(pk=row.pk).update(entry=row.entry)
        if received.bank_charge:
            _post(row, "bank", Transfer(Where("fees"), Where("bank"), received.bank_charge, "fee",
                                        ("library_payment", row.pk)), actor=actor, now=now)
        for invoice, some in settles:
            _allocate(row.pk, invoice.pk, some, actor=actor, now=now)
        events.record("library.paid", subject=("library_payment", row.pk), actor=actor, now=now,
                      data={"library": library.pk, "amount": str(amount), "currency": currency})
        return Payment.objects.get(pk=row.pk)


def _not_before(settles: Sequence[tuple[Invoice, Decimal]], day: date) -> None:
    """Money that came before an invoice was written did not pay it: it was credit that settles it later."""
    dated = [(invoice.day, invoice.number) for invoice, _amount in settles if invoice.day]
    first, number = min(dated, default=(day, None))
    if day < first:
        raise BadAnswer(_("%(number)s is dated %(day)s: it was not paid before. Correct the day, or keep the payment "
                          "as credit.") % {"number": number or "",
                                           "day": formats.date_format(first, "j M Y")}, field="day")


def _like(library: Library, received: Received, amount: Decimal, currency: str) -> QuerySet[Payment]:
    return Payment.objects.filter(library=library, kind=received.kind, day=received.day, amount=amount,
                                  currency=currency, reference__iexact=received.reference.strip()[:100], undone=None)


def hold(invoices: Iterable[Invoice]) -> None:
    for pk in sorted({invoice.pk for invoice in invoices}):
        Invoice.objects.filter(pk=pk).update(version=F("version") + 1)


def hold_payment(pk: int) -> Payment:
    Payment.objects.filter(pk=pk).update(version=F("version") + 1)
    return Payment.objects.get(pk=pk)


def _of(library: Library) -> Where:
    return Where("library", library.pk)


def _post(payment: Payment, what: str, transfer: Transfer, *, actor: Actor, now: datetime) -> Entry:
    return ledger.post(f"library_payment:{payment.pk}:{what}", transfer, day=payment.day, actor=actor, now=now,
                       or_later=True)


# --- settling ------------------------------------------------------------------------------------------------


def allocate(payment: Payment, settles: Sequence[tuple[Invoice, Decimal]], *, actor: Actor, now: datetime) -> Payment:
    """What is left of a payment settles more invoices."""
    with transaction.atomic():
        hold_payment(payment.pk)
        hold(invoice for invoice, _amount in settles)
        for invoice, amount in settles:
            _allocate(payment.pk, invoice.pk, amount, actor=actor, now=now)
        return Payment.objects.get(pk=payment.pk)


def _allocate(payment_pk: int, invoice_pk: int, amount: Decimal, *, actor: Actor, now: datetime) -> Allocation:
    """Both are held."""
    payment, invoice = Payment.objects.get(pk=payment_pk), Invoice.objects.get(pk=invoice_pk)
    if payment.undone is not None:
        raise NotAllowed(_("This payment was undone."))
    if invoice.library_id != payment.library_id:
        raise BadAnswer(_("This invoice is another library's."), field="amount")
    if amount <= 0 or amount != amount.quantize(money.CENT):
        raise BadAnswer(_("Enter an amount above nothing, to the cent."), field="amount")
    if amount > invoice.open:
        raise NotAllowed(_("%(number)s has %(open)s open: no more can be settled.") % {
            "number": invoice.number or "", "open": money.shown(invoice.open, invoice.currency)})
    own = invoice.open_own if amount == invoice.open else min(
        invoice.open_own, (invoice.own * amount / invoice.total).quantize(money.CENT))
    used, used_own = _taken(payment, invoice, amount)
    if used > payment.rest:
        raise NotAllowed(_("Only %(rest)s of this payment is left.") % {
            "rest": money.shown(payment.rest, payment.currency)})
    row = Allocation.objects.create(payment=payment, invoice=invoice, amount=amount, own=own, used=used,
                                    used_own=used_own, made=now, made_by=actor.user)
    if used_own != own:
        library, exchange = _of(payment.library), Where("exchange")
        debit, credit = (library, exchange) if used_own > own else (exchange, library)
        entry = ledger.post(f"allocation:{row.pk}:exchange", Transfer(
            debit, credit, abs(used_own - own), "exchange", ("library_invoice", invoice.pk),
        ), day=payment.day, actor=actor, now=now, or_later=True)
        Allocation.objects.filter(pk=row.pk).update(exchange=entry)
    Payment.objects.filter(pk=payment.pk).update(used=payment.used + used, used_own=payment.used_own + used_own)
    Invoice.objects.filter(pk=invoice.pk).update(settled=invoice.settled + amount,
                                                 settled_own=invoice.settled_own + own)
    return row


def _taken(payment: Payment, invoice: Invoice, amount: Decimal) -> tuple[Decimal, Decimal]:
    """What an amount of the invoice takes of the payment, in its currency and in ours. Of another currency than the
    invoice's by the rates of the day it came; a rest of a cent that rounding leaves goes with it."""
    if payment.currency == invoice.currency:
        used = amount
    else:
        own_currency = LoanPolicy.current().currency
        worth = amount if invoice.currency == own_currency else costs.foreign(
            amount, invoice.currency, payment.day).own
        used = (worth * payment.amount / payment.own).quantize(money.CENT)
        used = payment.rest if abs(payment.rest - used) <= money.CENT else used
        used = max(used, money.CENT)
    if used == payment.rest:
        return used, payment.rest_own
    return used, min(payment.rest_own, (payment.own * used / payment.amount).quantize(money.CENT))


def oldest_first(library: Library, currency: str, amount: Decimal) -> list[tuple[Invoice, Decimal]]:
    """How a payment settles open invoices of its currency when nobody says which: the oldest first."""
    found, left = [], amount
    for invoice in Invoice.objects.filter(library=library, currency=currency, kind=Invoice.INVOICE,
                                          state__in=Invoice.COUNTS, settled__lt=F("total")).order_by("day", "pk"):
        if left <= 0:
            break
        some = min(left, invoice.open)
        found.append((invoice, some))
        left -= some
    return found


# --- undone, written off -------------------------------------------------------------------------------------


def undo(payment: Payment, why: str, *, actor: Actor, now: datetime) -> Payment:
    """A check that bounced, an amount entered wrong: entries are reversed, its invoices are open again. Once."""
    if not why.strip():
        raise BadAnswer(_("Say why it is undone: it stays with the payment."), field="why")
    if payment.kind == Payment.CREDIT:
        raise NotAllowed(_("A credit note is not undone: bill anew what is owed after all."))
    day = timezone.localtime(now).date()
    with transaction.atomic():
        row = hold_payment(payment.pk)
        if row.undone is not None:
            return row
        if LibraryRefund.objects.filter(payment=row, state=LibraryRefund.PAID).exists():
            raise NotAllowed(_("Part of it was paid back to the library: undo that first."))
        LibraryRefund.objects.filter(payment=row, state=LibraryRefund.PROPOSED).update(
            state=LibraryRefund.REFUSED, decided=now, decided_by=actor.user, decided_why=why.strip()[:300])
        allocations = list(row.allocations.filter(undone=None).select_related("invoice", "exchange"))
        hold(one.invoice for one in allocations)
        if row.kind == Payment.VOUCHER:
            stock.give_back(day=day, key=f"payment:{row.pk}", actor=actor, now=now)
        for entry in Entry.objects.filter(about_kind="library_payment", about=row.pk, reverses=None):
            ledger.reverse(entry, key=f"undo:{entry.key}", day=day, actor=actor, now=now)
        for one in allocations:
            if one.exchange is not None:
                ledger.reverse(one.exchange, key=f"undo:{one.exchange.key}", day=day, actor=actor, now=now)
            found = Invoice.objects.get(pk=one.invoice_id)
            Invoice.objects.filter(pk=found.pk).update(settled=found.settled - one.amount,
                                                       settled_own=found.settled_own - one.own)
        row.allocations.filter(undone=None).update(undone=now)
        Payment.objects.filter(pk=row.pk).update(undone=now, undone_by=actor.user, undone_why=why.strip()[:300])
        events.record("library.payment_undone", subject=("library_payment", row.pk), actor=actor, now=now)
        return Payment.objects.get(pk=row.pk)


def write_off(invoice: Invoice, why: str, *, actor: Actor, now: datetime) -> Payment:
    """A small rest that nobody runs after (RULES M8); more than the rule's amount is for a credit note."""
    if not why.strip():
        raise BadAnswer(_("Say why it is written off: it stays with the invoice."), field="why")
    policy, day = InvoicePolicy.current(), timezone.localtime(now).date()
    with transaction.atomic():
        hold([invoice])
        row = Invoice.objects.select_related("library").get(pk=invoice.pk)
        if row.open <= 0:
            raise NotAllowed(_("Nothing is open of this invoice."))
        if row.open_own > policy.small_amount:
            raise NotAllowed(_("More than %(most)s is open: a credit note takes it back, with a second person.") % {
                "most": money.shown(policy.small_amount, LoanPolicy.current().currency)})
        payment = Payment.objects.create(
            library=row.library, kind=Payment.WRITTEN_OFF, day=day, currency=row.currency, amount=row.open,
            own=row.open_own, note=why.strip()[:300], key=f"write_off:{row.pk}:{row.version}", made=now,
            made_by=actor.user)
        if row.open_own:
            payment.entry = _post(payment, "off", Transfer(
                Where("written_off"), _of(row.library), row.open_own, "written_off",
                ("library_payment", payment.pk)), actor=actor, now=now)
            Payment.objects.filter(pk=payment.pk).update(entry=payment.entry)
        _allocate(payment.pk, row.pk, row.open, actor=actor, now=now)
        events.record("invoice.written_off", subject=("invoice", row.pk), actor=actor, now=now,
                      data={"amount": str(payment.amount)})
        return Payment.objects.get(pk=payment.pk)


def from_credit_note(note: Invoice, own: Decimal, *, actor: Actor, now: datetime) -> Payment:
    """In the transaction that approves it: its money settles what is open of its invoice; the rest is the library's
    credit. The books have it already, from its lines."""
    assert note.of is not None and note.day is not None
    row = Payment.objects.create(
        library=note.library, kind=Payment.CREDIT, reference=note.number or "", day=note.day, currency=note.currency,
        amount=-note.total, own=own, credit_note=note, key=f"credit_note:{note.pk}", made=now, made_by=actor.user)
    open_now = Invoice.objects.get(pk=note.of.pk).open
    if open_now > 0:
        _allocate(row.pk, note.of.pk, min(open_now, row.amount), actor=actor, now=now)
    return Payment.objects.get(pk=row.pk)


