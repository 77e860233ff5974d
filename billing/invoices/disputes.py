"""Disputes from the other side: asked, talked over, upheld with a credit note or rejected."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.fiscal import refuse_far
from billing.invoices import credit
from billing.invoices.actions import who
from billing.invoices.dispute_models import DisputeNote, InvoiceDispute
from billing.invoices.models import Invoice, InvoiceLine, InvoicePolicy
from illdesk import events, rows
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed


def open_dispute(
    invoice: Invoice, *, reason: str, text: str, asked_on: date, lines: Sequence[InvoiceLine], actor: Actor,
    now: datetime,
) -> InvoiceDispute:
    """As they asked, in a letter or by telephone. While it is open nobody reminds them; one at a time."""
    if reason not in dict(InvoiceDispute.REASONS):
        raise BadAnswer(_("Choose the reason."), field="reason")
    if not text.strip():
        raise BadAnswer(_("Enter what they say."), field="text")
    refuse_far(asked_on, now=now, field="asked_on")
    if invoice.kind != Invoice.INVOICE or invoice.state != Invoice.SENT:
        raise NotAllowed(_("Only an invoice that has left can be disputed."))
    with transaction.atomic():
        row = InvoiceDispute(
            invoice=invoice, reason=reason, asked_on=asked_on, made=now, made_by=actor.user,
            settle_by=asked_on + timedelta(days=InvoicePolicy.current().settle_days))
        if not rows.insert(row, unless_there=True):
            raise NotAllowed(_("This invoice is disputed already: add a note there."))
        row.lines.set([line for line in lines if line.invoice_id == invoice.pk])
        DisputeNote.objects.create(dispute=row, text=text.strip(), theirs=True, at=now, by_id=who(actor))
        events.record("invoice.disputed", subject=("invoice", invoice.pk), actor=actor, now=now,
                      data={"dispute": row.pk, "reason": reason})
        return row


def note(dispute: InvoiceDispute, text: str, *, theirs: bool, actor: Actor, now: datetime) -> DisputeNote:
    if not text.strip():
        raise BadAnswer(_("Write something."), field="text")
    return DisputeNote.objects.create(dispute=dispute, text=text.strip(), theirs=theirs, at=now, by_id=who(actor))


def uphold(
    dispute: InvoiceDispute, amounts: Mapping[int, Decimal], outcome: str, *, actor: Actor, now: datetime
) -> Invoice:
    """They are right: a credit note of these amounts (by key of the line) is drafted, for somebody else to approve."""
    with transaction.atomic():
        _decide(dispute, InvoiceDispute.UPHELD, outcome, actor=actor, now=now)
        drafted = credit.draft(dispute.invoice, amounts, outcome, actor=actor, now=now)
        InvoiceDispute.objects.filter(pk=dispute.pk).update(credit_note=drafted)
        return drafted


def reject(dispute: InvoiceDispute, outcome: str, *, actor: Actor, now: datetime) -> InvoiceDispute:
    """It is owed as before; reminders go on."""
    with transaction.atomic():
        _decide(dispute, InvoiceDispute.REJECTED, outcome, actor=actor, now=now)
    return InvoiceDispute.objects.get(pk=dispute.pk)


def _decide(dispute: InvoiceDispute, state: str, outcome: str, *, actor: Actor, now: datetime) -> None:
    if not outcome.strip():
        raise BadAnswer(_("Say why: they read it."), field="outcome")
    row = InvoiceDispute.objects.filter(pk=dispute.pk, state=InvoiceDispute.OPEN)
    if not row.update(state=state, outcome=outcome.strip(), decided=now, decided_by=actor.user):
        raise NotAllowed(_("This dispute was decided already."))
    events.record("invoice.dispute_decided", subject=("invoice", dispute.invoice_id), actor=actor, now=now,
                  data={"dispute": dispute.pk, "state": state})
