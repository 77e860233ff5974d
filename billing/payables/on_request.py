"""What the lender charged for a request, on the staff page of the request."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _

from billing.batches.models import Batch, BatchLine
from billing.costs.models import Booked
from billing.payables import lifecycle, queries
from billing.payables.models import PayableLine
from illdesk import dates, money, registry
from requests_app.models import ILLRequest, LoanPolicy


@dataclass(frozen=True)
class Charged:
    """A line of an invoice, or what came another way. `amount`: in words; `state`: how it stands, as a badge."""

    amount: str
    state: lifecycle.State
    words: str
    invoice: int | None = None
    number: str = ""
    batch: Batch | None = None


def part(request, ill: ILLRequest) -> registry.RequestPart | None:
    """None for who sees no payables, for what we lend, and where nobody charged anything."""
    if ill.kind == "lending" or not request.user.may("see_payables"):
        return None
    rows = [*_billed(ill), *_otherwise(ill)]
    if not rows:
        return None
    return registry.RequestPart("billing/payables/_on_request.html", {
        "rows": rows, "booked": money.shown(booked(ill), LoanPolicy.current().currency),
        "sees_batches": request.user.may("see_batches"),
    })


def booked(ill: ILLRequest) -> Decimal:
    """What all of it together cost, in our currency, as far as it is approved; what was undone counts nothing."""
    found = Booked.objects.filter(ill=ill, side=Booked.COST).aggregate(sum=Sum("amount"))["sum"]
    return money.cents(found) or Decimal("0.00")


def _billed(ill: ILLRequest) -> list[Charged]:
    lines = list(PayableLine.objects.filter(ill=ill).exclude(invoice__state=lifecycle.REJECTED).select_related(
        "invoice").order_by("pk"))
    standings = queries.standings([line.invoice for line in lines])
    batches = {line.part: line.batch for line in BatchLine.objects.filter(
        kind="payable", part__in=[str(line.pk) for line in lines], state__in=BatchLine.LIVE).select_related("batch")}
    return [_of_line(line, standings[line.invoice_id], batches.get(str(line.pk))) for line in lines]


def _of_line(line: PayableLine, standing: lifecycle.State, batch: Batch | None) -> Charged:
    words = ""
    if line.paid:  # other lines of its invoice may wait still
        standing = lifecycle.STATES[lifecycle.PAID]
        words = _("on %(day)s, reference %(reference)s") % {
            "day": dates.in_words(line.paid), "reference": line.reference}
    elif line.disputed and line.dispute in (PayableLine.TO_TELL, PayableLine.TOLD):
        words = _("%(amount)s of it disputed") % {"amount": money.shown(line.disputed, line.invoice.currency)}
    return Charged(
        amount=money.shown(queries.owed(line) if line.booked_id else line.amount, line.invoice.currency), words=words,
        state=standing, invoice=line.invoice_id, number=line.invoice.number, batch=batch)


def _otherwise(ill: ILLRequest) -> list[Charged]:
    rows = Booked.objects.filter(ill=ill, side=Booked.COST, undone_by=None, undoes=None).exclude(
        way="invoice").order_by("day", "pk")
    currency = LoanPolicy.current().currency
    return [Charged(
        amount=money.shown(row.amount, currency), state=lifecycle.STATES[lifecycle.PAID],
        words=_("%(what)s by %(way)s, %(day)s") % {
            "what": row.get_what_display(), "way": row.get_way_display(), "day": dates.in_words(row.day)},
    ) for row in rows]
