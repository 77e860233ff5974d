"""Credit notes: what was billed wrong is taken back line by line, by a document of its own with a second person."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.costs import actions as costs
from billing.costs.actions import Booking
from billing.costs.models import Booked
from billing.invoices import payments
from billing.invoices.actions import NOTHING, PREFIXES, approved, hold_draft, who
from billing.invoices.models import Invoice, InvoiceLine
from billing.ledger.actions import Foreign
from billing.numbers.actions import draw
from illdesk import events, money
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed


def draft(
    invoice: Invoice, amounts: Mapping[int, Decimal], reason: str, *, actor: Actor, now: datetime
) -> Invoice:
    """A credit note of these amounts (by key of the line), to be approved by somebody else. BadAnswer names its field:
    reason, amount, or amount_<key> of a line."""
    if not reason.strip():
        raise BadAnswer(_("Say why: it stands on the credit note."), field="reason")
    if invoice.kind != Invoice.INVOICE or invoice.state not in Invoice.COUNTS:
        raise NotAllowed(_("Only an invoice that was approved is credited; a draft is edited or discarded."))
    with transaction.atomic():
        payments.hold([invoice])
        note = Invoice.objects.create(
            kind=Invoice.CREDIT, of=invoice, library_id=invoice.library_id, currency=invoice.currency, made=now,
            made_by_id=who(actor), language=invoice.language, reason=reason.strip())
        left = credited(invoice)
        added = 0
        for line in invoice.lines.filter(state=InvoiceLine.VERIFIED):
            amount = amounts.get(line.pk, NOTHING)
            if not amount:
                continue
            if amount < 0 or amount != amount.quantize(money.CENT) or amount > line.amount - left.get(line.pk, NOTHING):
                raise BadAnswer(_("At most %(most)s of this line can be credited, to the cent.") % {
                    "most": money.shown(line.amount - left.get(line.pk, NOTHING), invoice.currency)},
                    field=f"amount_{line.pk}")
            InvoiceLine.objects.create(
                invoice=note, library_id=line.library_id, kind=line.kind, ill_id=line.ill_id, of=line, day=line.day,
                service=line.service, title=line.title, amount=-amount, proposed=-amount, currency=line.currency,
                words=[[reason.strip()[:200], str(-amount)]], state=InvoiceLine.VERIFIED, made_by=actor.user,
                verified_by=actor.user)
            added += 1
        if not added:
            raise BadAnswer(_("Enter what is credited, on one line at least."), field="amount")
        events.record("invoice.credit_drafted", subject=("invoice", note.pk), actor=actor, now=now,
                      data={"of": invoice.pk})
        return note


def credited(invoice: Invoice) -> dict[int, Decimal]:
    """Line to what approved credit notes took back of it."""
    rows = InvoiceLine.objects.filter(of__invoice=invoice, invoice__state__in=Invoice.COUNTS).order_by().values_list(
        "of").annotate(total=Sum("amount"))
    return {line: -(money.cents(total) or NOTHING) for line, total in rows}


def approve(note: Invoice, *, seen: int, actor: Actor, now: datetime) -> Invoice:
    """Who may was checked by `actions.approve`."""
    assert note.of is not None
    with transaction.atomic():
        payments.hold([note.of])  # before anything else: payments of it are held in this order
        row = hold_draft(note, seen=seen, actor=actor)
        assert row.of is not None
        lines, left = list(row.lines.select_related("of__booked", "ill")), credited(row.of)
        for line in lines:
            if line.of is None or -line.amount > line.of.amount - left.get(line.of_id or 0, NOTHING):
                raise NotAllowed(_("Another credit note took back a part of this meanwhile: discard this one."))
        total = sum((line.amount for line in lines), NOTHING)
        day = timezone.localtime(now).date()
        number = draw(PREFIXES[row.kind], day)
        own = NOTHING
        for line in lines:
            booked = _take_back(line, number, left.get(line.of_id or 0, NOTHING), day=day, actor=actor, now=now)
            own += booked.amount
            InvoiceLine.objects.filter(pk=line.pk).update(booked=booked)
        approved(row, number=number, day=day, total=total, own=own, due=day, actor=actor, now=now)
        fresh = Invoice.objects.select_related("of", "library").get(pk=row.pk)
        payments.from_credit_note(fresh, -own, actor=actor, now=now)
        return fresh


def _take_back(
    line: InvoiceLine, number: str, before: Decimal, *, day, actor: Actor, now: datetime
) -> Booked:
    """A line taken back as a whole is undone; a part is booked the other way, by the rate of the invoice, so that parts
    come to the whole."""
    first = line.of.booked if line.of is not None else None
    assert first is not None and line.of is not None
    if -line.amount == line.of.amount and not before:
        return costs.undo(first, key=f"credit_line:{line.pk}", day=day, actor=actor, now=now)
    whole, done = first.amount, _booked_back(line.of)
    last = -line.amount == line.of.amount - before
    own = whole - done if last else (whole * -line.amount / line.of.amount).quantize(money.CENT)
    foreign = None
    if first.foreign is not None and first.entry.rate is not None and first.entry.rate_on is not None:
        foreign = Foreign(-line.amount, first.foreign_currency, first.entry.rate, first.entry.rate_on)
    return costs.book(f"credit_line:{line.pk}", Booking(
        side=Booked.INCOME, way="invoice", what="credit", source=("invoice_line", line.pk), day=day, amount=-own,
        ill=line.ill_id, library=line.library_id, number=line.ill.number if line.ill else number,
        foreign=foreign if foreign is not None and foreign.own == own else None,
    ), actor=actor, now=now)


def _booked_back(line: InvoiceLine) -> Decimal:
    rows = Booked.objects.filter(invoice_line__of=line, invoice_line__invoice__state__in=Invoice.COUNTS)
    return -(money.cents(rows.aggregate(total=Sum("amount"))["total"]) or NOTHING)
