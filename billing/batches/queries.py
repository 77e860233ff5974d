"""Batches as pages and files show them. No patron and no title is read here: batches hold none."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from billing.batches import payable
from billing.batches.models import Batch, BatchInvoice, BatchLine, BatchStep
from billing.ledger.models import Period
from illdesk import dates
from illdesk.money import cents

NOTHING = Decimal("0.00")
_LIVE = Q(state__in=BatchLine.LIVE)


@dataclass(frozen=True)
class Filters:
    """As the address says them; '' for all. `period`: "2026-11" for a month of the books, else the label of a fiscal
    year."""

    period: str = ""
    fund: str = ""
    payee: str = ""
    state: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Filters":
        return cls(**{name: asked.get(name, "")[:200] for name in ("period", "fund", "payee", "state")})


def batches(filters: Filters | None = None) -> QuerySet[Batch]:
    """Newest first; what they hold says `held`. `fund`, `period`: those with a line of it; `period` also those that
    were forwarded in it."""
    asked = filters or Filters()
    rows = Batch.objects.select_related("period__year", "forwarded_by", "paid_by")
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.payee:
        rows = rows.filter(payee=asked.payee)
    if asked.fund:
        rows = rows.filter(pk__in=BatchLine.objects.filter(fund=asked.fund, state__in=BatchLine.LIVE).values("batch"))
    if asked.period:
        months = _periods(asked.period)
        there = BatchLine.objects.filter(period__in=months, state__in=BatchLine.LIVE)
        rows = rows.filter(Q(period__in=months) | Q(pk__in=there.values("batch")))
    return rows.order_by("-pk")


@dataclass(frozen=True)
class Held:
    """What a batch holds: the sum of its live lines, how many invoices have one, how many lines were sent back."""

    total: Decimal = NOTHING
    invoices: int = 0
    gone: int = 0


def held(rows: Iterable[Batch]) -> dict[int, Held]:
    """By key of each batch. One query."""
    keys = [row.pk for row in rows]
    lines = BatchLine.objects.filter(batch__in=keys).order_by().values_list("batch").annotate(
        total=Sum("amount", filter=_LIVE), invoices=Count("invoice", filter=_LIVE, distinct=True),
        gone=Count("pk", filter=Q(state=BatchLine.BACK)))
    return dict.fromkeys(keys, Held()) | {
        pk: Held(cents(total) or NOTHING, invoices, gone) for pk, total, invoices, gone in lines}


def _periods(asked: str) -> QuerySet[Period]:
    return Period.objects.filter(pk__in=[
        row.pk for row in Period.objects.select_related("year") if asked in (str(row), row.year.label)])


def total_of(rows: QuerySet[Batch]) -> Decimal:
    """Of their live lines; one query, however many."""
    live = BatchLine.objects.filter(batch__in=rows.order_by().values("pk"), state__in=BatchLine.LIVE)
    return cents(live.aggregate(sum=Sum("amount"))["sum"]) or NOTHING


def sent_back(rows: Iterable[Batch]) -> dict[int, BatchStep]:
    """Batch → the newest step by which something of it went back. One query."""
    steps = BatchStep.objects.filter(batch__in=[row.pk for row in rows], what="back").order_by("pk")
    return {step.batch_id: step for step in steps}


def approved(rows: Iterable[Batch]) -> dict[int, tuple[list[str], datetime]]:
    """Batch → who approved its invoices, and when the last of them was. One query."""
    found: dict[int, tuple[list[str], datetime]] = {}
    for batch, name, at in BatchInvoice.objects.filter(batch__in=[row.pk for row in rows]).order_by(
            "pk").values_list("batch", "approved_by", "approved"):
        names, last = found.get(batch, ([], at))
        found[batch] = (names if name in names or not name else [*names, name], max(last, at))
    return found


def waiting_count() -> int:
    """Batches that the budget office has not paid yet."""
    return Batch.objects.filter(state=Batch.FORWARDED).count()


@dataclass(frozen=True)
class Choices:
    """What the filters offer: only what is there. `periods`: as the address has them, and in words."""

    periods: list[tuple[str, str]]
    years: list[str]
    funds: list[str]
    payees: list[str]


def choices() -> Choices:
    keys = set(Batch.objects.values_list("period", flat=True)) | set(
        BatchLine.objects.exclude(period=None).values_list("period", flat=True).distinct())
    periods = list(Period.objects.filter(pk__in=keys).select_related("year").order_by("-begins"))
    return Choices(
        periods=[(str(row), dates.month(row.begins)) for row in periods],
        years=list(dict.fromkeys(row.year.label for row in periods)),
        funds=list(BatchLine.objects.order_by("fund").values_list("fund", flat=True).distinct()),
        payees=list(Batch.objects.order_by("payee").values_list("payee", flat=True).distinct()),
    )


def made_good(batch: Batch) -> list[int]:
    """Keys of batches from which something of this one was sent back, where all that went back is in a later batch."""
    found = {row.pk for rows in came_from([batch]).values() for row in rows}
    gone = list(BatchLine.objects.filter(state=BatchLine.BACK, batch__in=found))
    again = mended(gone)
    return sorted(found - {line.batch_id for line in gone if line.pk not in again})


def mended(gone: Iterable[BatchLine]) -> dict[int, Batch]:
    """Line that went back → the later batch in which it stands corrected: it by itself, or its invoice, whose lines
    were entered anew. Two queries."""
    rows = list(gone)
    if not rows:
        return {}
    later = BatchLine.objects.filter(state__in=BatchLine.LIVE).filter(
        Q(part__in={row.part for row in rows}) | Q(payable__in={row.payable for row in rows})).select_related("batch")
    by_part: dict[tuple[str, str], BatchLine] = {}
    by_invoice: dict[tuple[str, int], BatchLine] = {}
    for line in later.order_by("pk"):
        by_part[line.kind, line.part] = line
        by_invoice[line.kind, line.payable] = line
    found = {}
    for row in rows:
        for now in (by_part.get((row.kind, row.part)), by_invoice.get((row.kind, row.payable))):
            if now is not None and now.batch_id > row.batch_id:
                found[row.pk] = now.batch
                break
    return found


def came_from(batches: Iterable[Batch]) -> dict[int, list[Batch]]:
    """Live line of these batches → earlier batches from which it, or its invoice, was sent back. Two queries."""
    live = BatchLine.objects.filter(batch__in=[row.pk for row in batches], state__in=BatchLine.LIVE).order_by()
    gone = list(BatchLine.objects.filter(state=BatchLine.BACK).filter(
        Q(part__in=live.values("part")) | Q(payable__in=live.values("payable"))).select_related("batch").order_by("pk"))
    if not gone:
        return {}
    by_part: dict[tuple[str, str], list[tuple[int, int]]] = {}
    by_invoice: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for pk, of, kind, part, invoice in live.values_list("pk", "batch", "kind", "part", "payable"):
        by_part.setdefault((kind, part), []).append((pk, of))
        by_invoice.setdefault((kind, invoice), []).append((pk, of))
    found: dict[int, list[Batch]] = {}
    for back in gone:
        for pk, of in by_part.get((back.kind, back.part)) or by_invoice.get((back.kind, back.payable), []):
            if back.batch_id < of and back.batch not in found.setdefault(pk, []):
                found[pk].append(back.batch)
    return {pk: rows for pk, rows in found.items() if rows}


# --- one batch -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Invoice:
    """An invoice of a batch with its lines; `amount`: of those that live."""

    row: BatchInvoice
    label: str
    lines: list[BatchLine]
    amount: Decimal


@dataclass(frozen=True)
class FundSum:
    """Of a fund in a month of the books."""

    fund: str
    period: Period
    amount: Decimal


@dataclass(frozen=True)
class Contents:
    """A batch with all it holds. `funds`: of live lines, by fund and by the month in which their cost stands in the
    books; their sum and that of the invoices is `total`. `months`: that month of each live line, by its key."""

    batch: Batch
    invoices: list[Invoice]
    funds: list[FundSum]
    total: Decimal
    months: dict[int, Period]
    gone: list[BatchLine] = field(default_factory=list)

    @property
    def other_years(self) -> list[tuple[str, Decimal]]:
        """What of it stands in the books of another fiscal year than the one it was forwarded in."""
        found: dict[str, Decimal] = {}
        for one in self.funds:
            if one.period.year_id != self.batch.period.year_id:
                found[one.period.year.label] = found.get(one.period.year.label, NOTHING) + one.amount
        return sorted(found.items())

    @property
    def live(self) -> list[BatchLine]:
        return [line for one in self.invoices for line in one.lines if line.state != BatchLine.BACK]


def contents(rows: Sequence[Batch]) -> list[Contents]:
    """In the order given; six queries at most, however many. Each line that went back says where it stands corrected
    (`again`, a Batch or None), each other one where it went back from (`before`, Batches)."""
    keys = [row.pk for row in rows]
    lines: dict[int, list[BatchLine]] = {}
    there = list(BatchLine.objects.filter(batch__in=keys).select_related("period__year").order_by("pk"))
    again, before = mended(line for line in there if line.state == BatchLine.BACK), came_from(rows)
    for line in there:
        line.again, line.before = again.get(line.pk), before.get(line.pk, [])  # type: ignore[attr-defined]
        lines.setdefault(line.invoice_id, []).append(line)
    invoices: dict[int, list[BatchInvoice]] = {}
    for row in BatchInvoice.objects.filter(batch__in=keys).order_by("pk"):
        invoices.setdefault(row.batch_id, []).append(row)
    return [_contents(row, invoices.get(row.pk, []), lines) for row in rows]


def _contents(batch: Batch, invoices: list[BatchInvoice], lines: dict[int, list[BatchLine]]) -> Contents:
    shown: list[Invoice] = []
    gone: list[BatchLine] = []
    funds: dict[tuple[str, Period], Decimal] = {}
    months: dict[int, Period] = {}
    for row in invoices:
        mine = lines.get(row.pk, [])
        live = [line for line in mine if line.state != BatchLine.BACK]
        gone += [line for line in mine if line.state == BatchLine.BACK]
        for line in live:
            month = months[line.pk] = line.period or _when_paid(batch)
            funds[line.fund, month] = funds.get((line.fund, month), NOTHING) + line.amount
        shown.append(Invoice(row, label(row.kind), mine, sum((line.amount for line in live), NOTHING)))
    by_fund = [FundSum(fund, month, amount) for (fund, month), amount in sorted(
        funds.items(), key=lambda item: (item[0][0], item[0][1].begins))]
    return Contents(batch, shown, by_fund, sum(funds.values(), NOTHING), months, gone)


def _when_paid(batch: Batch) -> Period:
    """The month in which a cost comes into the books when it is paid: that of the payment, of the day it was marked
    where that was closed; until then the one the batch was forwarded in."""
    if batch.paid_on is None or batch.paid is None:
        return batch.period
    open_then = Q(closed=None) | Q(closed__gt=batch.paid)
    for day in (batch.paid_on, timezone.localtime(batch.paid).date()):
        found = Period.objects.filter(open_then, begins__lte=day, ends__gte=day).select_related("year").first()
        if found is not None:
            return found
    return batch.period


def label(kind: str) -> str:
    known = payable.KINDS.get(kind)
    return str(known.label) if known else kind


# --- what waits ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Payee:
    """Approved invoices of a payee that wait to be forwarded."""

    name: str
    rows: list[payable.Payable]

    @property
    def amount(self) -> Decimal:
        return sum((row.amount for row in self.rows), NOTHING)


def waiting() -> list[Payee]:
    """By payee, each oldest first."""
    found: dict[str, list[payable.Payable]] = {}
    for kind in payable.KINDS.values():
        for one in kind.waiting():
            found.setdefault(one.payee, []).append(one)
    return [Payee(name, found[name]) for name in sorted(found)]


def to_forward() -> int:
    return sum(len(one.rows) for one in waiting())


def open_by_fund() -> dict[str, Decimal]:
    """Approved and not paid, by fund: in batches that the office has, and what waits to be forwarded."""
    rows = BatchLine.objects.filter(state=BatchLine.FORWARDED).order_by().values_list("fund").annotate(Sum("amount"))
    found = {fund: cents(sum_) or NOTHING for fund, sum_ in rows}
    for payee in waiting():
        for one in payee.rows:
            for part in one.parts:
                found[part.fund] = found.get(part.fund, NOTHING) + part.amount
    return found


def of_payable(kind: str, pk: int, parts: QuerySet | Sequence[str] = ()) -> list[Batch]:
    """Batches that an invoice is or was in, newest first, for the page of the invoice; each with `gone`, how many of
    its lines went back from it. `parts`: keys of its lines, which may have been in a batch before they were one."""
    mine = Q(kind=kind) & (Q(payable=pk) | Q(part__in=parts))
    lines = BatchLine.objects.filter(mine).order_by()
    gone = dict(lines.filter(state=BatchLine.BACK).values_list("batch").annotate(n=Count("pk")))
    found = list(Batch.objects.filter(pk__in=lines.values("batch")).order_by("-pk"))
    for row in found:
        row.gone = gone.get(row.pk, 0)  # type: ignore[attr-defined]
    return found
