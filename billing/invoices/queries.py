"""What libraries owe: open items, ageing, an account with all that happened in it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from billing.invoices.dispute_models import InvoiceDispute
from billing.invoices.models import Invoice, InvoiceLine
from billing.invoices.payment_models import Payment
from billing.invoices.refund_models import LibraryRefund
from requests_app.models import ILLRequest, Library

NOTHING = Decimal("0.00")
# Days since the day of the invoice, the last bucket without an end.
BUCKETS = (30, 60, 90)


@dataclass
class Aged:
    """A library's open items in our currency, by age; `credit`: what it paid beyond them. `open`: what the account
    "library" of the books holds."""

    library: Library
    buckets: list[Decimal] = field(default_factory=lambda: [NOTHING] * (len(BUCKETS) + 1))
    credit: Decimal = NOTHING
    disputed: Decimal = NOTHING

    @property
    def billed(self) -> Decimal:
        return sum(self.buckets, NOTHING)

    @property
    def open(self) -> Decimal:
        return self.billed - self.credit


def open_items(library: Library | None = None) -> QuerySet[Invoice]:
    """Invoices of which something is open, the oldest first."""
    found = Invoice.objects.filter(kind=Invoice.INVOICE, state__in=Invoice.COUNTS).exclude(
        settled=F("total"), settled_own=F("own"))
    if library is not None:
        found = found.filter(library=library)
    return found.select_related("library").annotate(disputed=Exists(InvoiceDispute.objects.filter(
        invoice=OuterRef("pk"), state=InvoiceDispute.OPEN))).order_by("day", "pk")


def unused(library: Library | None = None) -> QuerySet[Payment]:
    """Payments of which something is left, the oldest first."""
    found = Payment.objects.filter(undone=None).exclude(used=F("amount"), used_own=F("own"))
    if library is not None:
        found = found.filter(library=library)
    return found.select_related("library").order_by("day", "pk")


def refunds_waiting() -> QuerySet[LibraryRefund]:
    """Credit that somebody proposed to pay back, the longest waiting first."""
    return LibraryRefund.objects.filter(state=LibraryRefund.PROPOSED).select_related(
        "payment__library", "made_by").order_by("pk")


def bucket_of(invoice: Invoice, day: date) -> int:
    age = (day - invoice.day).days if invoice.day else 0
    return next((place for place, most in enumerate(BUCKETS) if age <= most), len(BUCKETS))


def ageing(day: date) -> list[Aged]:
    """Two queries, however many libraries; by symbol."""
    found: dict[int, Aged] = {}
    for invoice in open_items():
        row = found.setdefault(invoice.library_id, Aged(invoice.library))
        row.buckets[bucket_of(invoice, day)] += invoice.open_own
        if invoice.disputed:  # type: ignore[attr-defined]  # annotated
            row.disputed += invoice.open_own
    for payment in unused():
        found.setdefault(payment.library_id, Aged(payment.library)).credit += payment.rest_own
    return sorted(found.values(), key=lambda row: row.library.symbol)


@dataclass(frozen=True)
class Moved:
    """A line of a statement: what was billed or came in, in its currency and in ours (payments less than nothing)."""

    day: date
    words: str
    number: str
    amount: Decimal
    currency: str
    own: Decimal


def account(library: Library, since: date, upto: date) -> list[Moved]:
    """Invoices, payments and what was paid back in these days, by day, the invoices of a day before its payments.
    Credit notes stand among the payments."""
    rows = [
        Moved(one.day or upto, str(one.get_kind_display()), one.number or "", one.total, one.currency, one.own)
        for one in Invoice.objects.filter(library=library, kind=Invoice.INVOICE, state__in=Invoice.COUNTS,
                                          day__gte=since, day__lte=upto)
    ]
    rows += [
        Moved(one.day, str(one.get_kind_display()), one.reference, -one.amount, one.currency, -one.own)
        for one in Payment.objects.filter(library=library, undone=None, day__gte=since, day__lte=upto)
    ]
    rows += [
        Moved(one.day or upto, str(one.get_state_display()), one.reference, one.amount, one.payment.currency, one.own)
        for one in LibraryRefund.objects.filter(payment__library=library, state=LibraryRefund.PAID, day__gte=since,
                                                day__lte=upto).select_related("payment")
    ]
    return sorted(rows, key=lambda row: (row.day, row.own < 0, row.number))


def received_since(library: Library, day: date, currency: str) -> Decimal:
    found = Payment.objects.filter(library=library, undone=None, day__gte=day, currency=currency).exclude(
        kind=Payment.WRITTEN_OFF)
    return sum((row.amount for row in found), NOTHING)


def listed(state: str, *, day: date) -> QuerySet[Invoice]:
    """`state`: draft, approved, open, overdue, disputed, settled, credit, discarded; else all."""
    rows = Invoice.objects.select_related("library", "made_by", "approved_by", "of").annotate(
        lines_count=Count("lines"), open_lines=Count("lines", filter=Q(lines__state=InvoiceLine.OPEN)),
        disputed=Exists(InvoiceDispute.objects.filter(invoice=OuterRef("pk"), state=InvoiceDispute.OPEN)),
    ).order_by("-pk")
    unpaid = Q(kind=Invoice.INVOICE, state__in=Invoice.COUNTS, settled__lt=F("total"))
    found = {
        "draft": Q(state=Invoice.DRAFT), "approved": Q(state=Invoice.APPROVED), "open": unpaid,
        "overdue": unpaid & Q(due__lt=day), "disputed": unpaid & Q(disputed=True),
        "settled": Q(kind=Invoice.INVOICE, state__in=Invoice.COUNTS, settled=F("total")),
        "credit": Q(kind=Invoice.CREDIT), "discarded": Q(state=Invoice.DISCARDED),
    }.get(state)
    return rows.filter(found) if found is not None else rows


def waiting() -> int:
    """Drafts to verify or approve, what was approved and has not left, and what is overdue: what stands beside the
    entry of the column."""
    late = Q(kind=Invoice.INVOICE, state__in=Invoice.COUNTS, settled__lt=F("total"), due__lt=timezone.localdate())
    return Invoice.objects.filter(Q(state__in=[Invoice.DRAFT, Invoice.APPROVED]) | late).count()


@dataclass(frozen=True)
class Waiting:
    """Invoices that wait for who works on them: drafts with a line to check, approved and not sent, overdue."""

    drafts: int
    approved: int
    overdue: int


def waiting_for_work(*, day: date) -> Waiting:
    """One query: it is asked on each start page."""
    lines = InvoiceLine.objects.filter(invoice=OuterRef("pk"), state=InvoiceLine.OPEN)
    late = Q(kind=Invoice.INVOICE, state__in=Invoice.COUNTS, settled__lt=F("total"), due__lt=day)
    return Waiting(**Invoice.objects.filter(Q(state__in=[Invoice.DRAFT, Invoice.APPROVED]) | late).aggregate(
        drafts=Count("pk", filter=Q(Exists(lines), state=Invoice.DRAFT)),
        approved=Count("pk", filter=Q(state=Invoice.APPROVED)), overdue=Count("pk", filter=late)))


def open_disputes() -> int:
    return InvoiceDispute.objects.filter(state=InvoiceDispute.OPEN).count()


def losses(day: date, after: int) -> Iterable[ILLRequest]:
    """Lending requests whose item is lost, or overdue for so many days, and not billed as lost yet."""
    billed = InvoiceLine.objects.filter(ill=OuterRef("pk"), kind=InvoiceLine.LOST, live=True, of=None)
    late = Q(state="lending.shipped", due_lender__lte=day - timedelta(days=after))
    return ILLRequest.objects.filter(Q(state="lending.lost") | late, partner__isnull=False).filter(
        ~Exists(billed)).select_related("partner", "citation").order_by("due_lender", "pk")
