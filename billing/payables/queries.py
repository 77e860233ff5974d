"""What stands in the room of invoices from libraries."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, CharField, Count, Exists, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.batches import queries as batches
from billing.batches.models import Batch, BatchLine
from billing.batches.payable import Original, Part, Payable
from billing.costs.models import Booked
from billing.payables import lifecycle, results, words
from billing.payables.models import PayableInvoice, PayableLine
from illdesk import money

SOON = timedelta(days=30)
# Of an invoice: a line waits for an answer; something of it is to be paid.
_OPEN_LINE = Exists(PayableLine.objects.filter(invoice=OuterRef("pk"), answer="").exclude(result__in=results.FINE))
_OWED_LINE = Exists(PayableLine.objects.filter(Q(owed=None) | ~Q(owed=0), invoice=OuterRef("pk")))


def listed(*, state: str = "", text: str = "", library: int = 0) -> QuerySet[PayableInvoice]:
    """`state`: of the table ("entered" are those with a line to answer), "answered": those without, of which something
    is to be paid; "open" or "disputed". Open ones soonest out of time first (M5), others newest first."""
    rows = PayableInvoice.objects.select_related("library", "entered_by", "part_of")
    if state == "disputed":
        rows = rows.filter(pk__in=PayableLine.objects.filter(dispute__in=["to_tell", "told"]).values("invoice"))
    elif state == lifecycle.ENTERED:
        rows = rows.filter(_OPEN_LINE, state=state)
    elif state == "answered":
        rows = rows.filter(~_OPEN_LINE, _OWED_LINE, state=lifecycle.ENTERED)
    elif state in lifecycle.STATES:
        rows = rows.filter(state=state)
    elif state != "all":
        rows = rows.filter(state__in=lifecycle.OPEN)
    if library:
        rows = rows.filter(library=library)
    if text.strip():
        from billing.payables.actions.entry import number_key

        said = text.strip()[:60]
        which = Q(number__icontains=said) | Q(library__name__icontains=said) | Q(library__symbol__iexact=said)
        if number_key(said):
            which |= Q(number_key=number_key(said))
        which |= Q(pk__in=PayableLine.objects.filter(number__iexact=said).values("invoice"))
        rows = rows.filter(which)
    ended = state in lifecycle.STATES and lifecycle.STATES[state].ended
    return rows.order_by("-dated", "-pk") if ended or state == "all" else rows.order_by("dated", "pk")


def counts() -> dict[str, int]:
    """By state, as `listed` takes them, and "open" all together; how many have a dispute that waits. Four queries."""
    found = dict(PayableInvoice.objects.filter(state__in=lifecycle.OPEN).order_by().values_list("state").annotate(
        n=Count("pk")))
    found["open"] = sum(found.values())
    for state in (lifecycle.ENTERED, "answered"):
        found[state] = listed(state=state).count()
    found["disputed"] = PayableLine.objects.filter(dispute__in=["to_tell", "told"]).values("invoice").distinct().count()
    return found


@dataclass(frozen=True)
class Waiting:
    """Invoices that wait for who works on them: sent back, to key in, with lines to answer, answered."""

    back: int
    received: int
    entered: int
    answered: int


def waiting_for_work() -> Waiting:
    """One query: it is asked on each start page."""
    found = PayableInvoice.objects.filter(state__in=lifecycle.WORKS).aggregate(**{
        name: Count("pk", filter=which) for name, which in (
            ("back", Q(state=lifecycle.BACK)), ("received", Q(state=lifecycle.RECEIVED)),
            ("entered", Q(_OPEN_LINE, state=lifecycle.ENTERED)),
            ("answered", Q(~_OPEN_LINE, _OWED_LINE, state=lifecycle.ENTERED)))})
    return Waiting(**found)


def to_work() -> int:
    return PayableInvoice.objects.filter(state__in=lifecycle.WORKS).count()


def to_approve() -> int:
    return PayableInvoice.objects.filter(state=lifecycle.ASKED).count()


def open_lines(invoices: Sequence[PayableInvoice]) -> dict[int, int]:
    """How many lines of each need an answer. One query."""
    rows = PayableLine.objects.filter(invoice__in=[row.pk for row in invoices], answer="").exclude(
        result__in=results.FINE)
    return dict(rows.order_by().values_list("invoice").annotate(n=Count("pk")))


def owed(line: PayableLine) -> Decimal:
    """What of it is to be paid, as it stands answered: in the invoice's currency."""
    return line.amount if line.owed is None else line.owed


def owed_beside(invoices: Sequence[PayableInvoice]) -> dict[int, Decimal]:
    """What is to be paid of those of which that is not all they bill, in their currency: what is disputed or credited
    is not. One query."""
    asked = [row.pk for row in invoices if row.state not in (lifecycle.READING, lifecycle.REJECTED)]
    found = PayableLine.objects.filter(invoice__in=asked).order_by().values_list("invoice").annotate(
        billed=Sum("amount"), to_pay=Sum(Coalesce("owed", "amount")))
    owing = {pk: money.cents(to_pay) for pk, billed, to_pay in found if money.cents(billed) != money.cents(to_pay)}
    return {pk: to_pay for pk, to_pay in owing.items() if to_pay is not None}


def parts(invoices: Sequence[PayableInvoice]) -> dict[int, str]:
    """Those of them that are parts of an invoice, and its lines that each consists of: "line 2". One query."""
    places: dict[int, list[int]] = {row.pk: [] for row in invoices if row.part_of_id}
    if places:
        for pk, place in PayableLine.objects.filter(invoice__in=places).order_by("place", "pk").values_list(
                "invoice", "place"):
            places[pk].append(place)
    return {pk: words.lines(found) if found else _("part") for pk, found in places.items()}


def names(invoices: Sequence[PayableInvoice]) -> dict[int, str]:
    """How each is called: by its number, a part also by its lines, since all parts have the number of the whole."""
    found = parts(invoices)
    return {row.pk: ", ".join(filter(None, (row.number, found.get(row.pk)))) for row in invoices}


@dataclass(frozen=True)
class Sums:
    """`billed`: of all lines; `open`: of those without an answer; `disputed`: not paid meanwhile;
    `owed`: what an approval books, of `owed_lines` lines."""

    lines: int
    billed: Decimal
    agreed: Decimal
    open: Decimal
    open_lines: int
    disputed: Decimal
    owed: Decimal
    owed_lines: int


def sums(invoice: PayableInvoice) -> Sums:
    """One query."""
    waiting = Q(answer="") & ~Q(result__in=results.FINE)
    found = invoice.lines.aggregate(
        n=Count("pk"), billed=Sum("amount"), agreed=Sum("agreed"), open=Sum("amount", filter=waiting),
        open_lines=Count("pk", filter=waiting), disputed=Sum("disputed", filter=~Q(dispute="ended")),
        to_pay=Sum(Coalesce("owed", "amount")), owed_lines=Count("pk", filter=Q(owed=None) | ~Q(owed=0)))
    none = Decimal("0.00")
    return Sums(
        lines=found["n"], billed=money.cents(found["billed"]) or none, agreed=money.cents(found["agreed"]) or none,
        open=money.cents(found["open"]) or none, open_lines=found["open_lines"],
        disputed=money.cents(found["disputed"]) or none, owed=money.cents(found["to_pay"]) or none,
        owed_lines=found["owed_lines"])


def entered_by(invoice: PayableInvoice) -> list[int | None]:
    """Everybody who entered something of it, and so does not approve it."""
    found = {invoice.entered_by_id, invoice.asked_by_id}
    if invoice.file_id:
        found.add(invoice.file.by_id if invoice.file else None)
    found |= set(invoice.lines.exclude(answered_by=None).order_by().values_list("answered_by", flat=True).distinct())
    return [pk for pk in found if pk is not None]


def waits(invoice: PayableInvoice) -> list[str]:
    """Why approval cannot be asked for yet, as sentences."""
    found, said = sums(invoice), []
    if found.open_lines:
        said.append(ngettext("%(n)s line needs an answer.", "%(n)s lines need an answer.", found.open_lines) % {
            "n": found.open_lines})
    if found.lines and not found.owed_lines:
        said.append(_("Nothing of this invoice is to be paid. It stays here until the library answers.")
                    if found.disputed else _("Nothing of this invoice is owed any more: refuse it, with the reason."))
    if invoice.total is None or found.billed != invoice.total:
        said.append(_("The lines come to %(lines)s, the invoice says %(total)s.") % {
            "lines": money.shown(found.billed, invoice.currency),
            "total": money.shown(invoice.total, invoice.currency) or "—"})
    if not invoice.twin_answer and (others := twins(invoice)):
        said.append(_("It looks like invoice %(number)s: compare them first.") % {"number": others[0][0].number})
    return said


def batches_of(pk: int) -> list[Batch]:
    """Batches that its lines are or were in, also before they left another invoice as a part; newest first."""
    parts = PayableLine.objects.filter(invoice=pk).annotate(part=Cast("pk", CharField())).values("part")
    return batches.of_payable("payable", pk, parts)


def homes(parts: Iterable[str]) -> dict[str, int]:
    """Line (as batches know it) → the invoice in which it stands now."""
    keys = [int(part) for part in parts if part.isascii() and part.isdigit()]
    return {str(pk): invoice for pk, invoice in PayableLine.objects.filter(pk__in=keys).values_list("pk", "invoice")}


def standings(invoices: Sequence[PayableInvoice]) -> dict[int, lifecycle.State]:
    """How each stands, for lists and pages: its state, or where it is entered what its lines make of it. One query."""
    entered = PayableInvoice.objects.filter(
        pk__in=[row.pk for row in invoices if row.state == lifecycle.ENTERED]).annotate(
        opens=_OPEN_LINE, owes=_OWED_LINE, billed=Sum("lines__amount"), twin=Exists(_alike(OuterRef)))
    found = {row.pk: _standing(row) for row in entered}
    return {row.pk: found.get(row.pk, row.state_row) for row in invoices}


def _standing(row) -> lifecycle.State:
    if row.opens or row.billed is None:
        return row.state_row
    if not row.owes:
        waits = row.lines.filter(dispute__in=["to_tell", "told"]).exists()
        return lifecycle.STANDINGS[lifecycle.QUESTIONED if waits else lifecycle.HELD]
    right = money.cents(row.billed) == row.total and (row.twin_answer or not row.twin)
    return lifecycle.STANDINGS[lifecycle.READY if right else lifecycle.HELD]


def _alike(of: Callable[[str], Any]) -> QuerySet[PayableInvoice]:
    """Those that an invoice looks like, newest first, each with its `whole`; `of` gives the invoice's value of a field.
    Refused ones and parts of the same are none."""
    which = (Q(dated=of("dated"), total=of("total"), currency=of("currency"))
             | Q(number_key=of("number_key")) & ~Q(number_key="") | Q(lines_key=of("lines_key")) & ~Q(lines_key=""))
    rows = PayableInvoice.objects.filter(which, library=of("library")).annotate(whole=Coalesce("part_of", "pk"))
    same = Coalesce(of("part_of"), of("pk"))
    return rows.exclude(whole=same).exclude(state__in=["rejected", "received"]).order_by("-pk")


def twins(invoice: PayableInvoice, most: int = 5) -> list[tuple[PayableInvoice, tuple[str, ...]]]:
    """Invoices that this one looks like, with codes of `words.TWINS`: one of each whole, since its parts are one paper.
    """
    if invoice.library_id is None:
        return []
    values = {"part_of": Value(invoice.part_of_id, BigIntegerField()), "pk": Value(invoice.pk, BigIntegerField()),
              "library": invoice.library_id}
    rows = _alike(lambda name: values.get(name, getattr(invoice, name)))[:50]
    by_whole: dict[int, PayableInvoice] = {}
    for row in rows:
        if by_whole.setdefault(row.whole, row).part_of_id:  # type: ignore[attr-defined]  # annotated
            by_whole[row.whole] = row  # type: ignore[attr-defined]
    return [(row, tuple(
        code for code, same in (
            ("number", row.number_key and row.number_key == invoice.number_key),
            ("amount", row.dated == invoice.dated and row.total == invoice.total),
            ("lines", row.lines_key and row.lines_key == invoice.lines_key),
        ) if same)) for row in list(by_whole.values())[:most]]


# --- for batches ---------------------------------------------------------------------------------------------


def waiting() -> list[Payable]:
    """Approved, not paid and in no batch, the longest approved first."""
    return _payables(PayableInvoice.objects.filter(state=lifecycle.APPROVED).order_by("approved", "pk"), waiting=True)


def read(pks: Sequence[int]) -> dict[int, Payable]:
    return {row.pk: row for row in _payables(PayableInvoice.objects.filter(pk__in=list(pks)))}


def _payables(rows: QuerySet[PayableInvoice], *, waiting: bool = False) -> list[Payable]:
    """`waiting`: only lines that are not paid and in no batch, and invoices that have some."""
    invoices = list(rows.select_related("library", "approved_by"))
    lines: dict[int, list[PayableLine]] = {}
    booked = PayableLine.objects.filter(invoice__in=[row.pk for row in invoices]).exclude(booked=None)
    if waiting:
        held = BatchLine.objects.filter(
            kind="payable", state__in=BatchLine.LIVE, payable__in=[row.pk for row in invoices])
        booked = booked.filter(paid=None).exclude(pk__in=[int(part) for part in held.values_list("part", flat=True)])
    for line in booked.select_related("booked__entry", "fund", "ill").order_by("invoice", "place", "pk"):
        lines.setdefault(line.invoice_id, []).append(line)
    return [_payable(row, lines.get(row.pk, [])) for row in invoices if lines.get(row.pk)]


def _payable(row: PayableInvoice, lines: list[PayableLine]) -> Payable:
    whats = dict(Booked.WHATS)
    parts = tuple(Part(
        key=str(line.pk), fund=line.fund.code if line.fund else "", amount=line.booked.amount,  # type: ignore[union-attr]
        what=str(line.ill.get_service_display() if line.ill and line.what == "charge" else whats[line.what]),
        number=line.ill.number if line.ill else "", entered=line.booked.entry.day)  # type: ignore[union-attr]
        for line in lines)
    foreign = lines[0].booked.foreign is not None if lines[0].booked else False
    return Payable(
        kind="payable", pk=row.pk, number=row.number, ours="", payee=row.library.name if row.library else "",
        day=row.dated or row.entered.date(), amount=sum((part.amount for part in parts), Decimal(0)), parts=parts,
        approved_by=row.approved_by.short_name if row.approved_by else "", approved=row.approved or row.entered,
        foreign=sum((line.owed or Decimal(0) for line in lines), Decimal(0)) if foreign else None,
        currency=row.currency if foreign else "", due=row.due, url=reverse("payable", args=[row.pk]),
        hands=tuple(pk for pk in {row.entered_by_id, row.asked_by_id, row.approved_by_id} if pk is not None))


def originals(keys: Sequence[int]) -> dict[int, Original]:
    """For `batches.payable.Kind`. One query."""
    rows = PayableInvoice.objects.filter(pk__in=keys).exclude(paper=None)
    return {pk: Original(paper, passed is not None) for pk, paper, passed in rows.values_list(
        "pk", "paper", "paper_passed") if paper is not None}


def late(row: PayableInvoice, day: date) -> str:
    """"late" beyond the six months of M5, "soon" in their last thirty days, else ""."""
    if row.clock is None or row.state_row.ended or row.state == lifecycle.APPROVED:
        return ""
    return "late" if row.clock < day else "soon" if row.clock <= day + SOON else ""


