"""Bills of a library as a kind of payable, over the table of booked costs: each booked cost is a part of the bill whose
key is its source. A part sent back is undone in the books; corrected, it is booked anew under its new fund."""

from decimal import Decimal

from billing.batches import payable
from billing.batches.models import BatchLine
from billing.batches.payable import Kind, Part, Payable
from billing.costs import actions as costs
from billing.costs.actions import Booking
from billing.ledger import actions as ledger
from billing.ledger.actions import Transfer, Where
from billing.models import Booked, Entry, Fund
from illdesk import actors
from requests_app.models import Library
from tests import factories as f

CODE = "bill"
# Who entered the bills of a test, by their keys; and who approved them.
HANDS: dict[int, list[int]] = {}


def fund(code: str) -> Fund:
    return Fund.objects.get_or_create(code=code, defaults={"name": code})[0]


def bill(pk: int, *parts: tuple[str, str], payee: str = "HIL", number: str = "", hands=(), now=f.NOW) -> int:
    """A bill with parts (fund, amount), approved. Called again for the same one: further parts."""
    library = Library.objects.filter(symbol=payee).first() or f.library(payee, name=f"College {payee}")
    HANDS.setdefault(pk, list(hands))
    for code, amount in parts:
        place = Booked.objects.filter(source_kind=CODE, source=pk).count() + 1
        costs.book(f"bill:{pk}:{place}", Booking(
            side=Booked.COST, way="invoice", what="charge", source=(CODE, pk), day=f.NOW.date(), amount=Decimal(amount),
            library=library.pk, fund=fund(code).pk, number=f"B-2026-{place:05d}"), actor=actors.SYSTEM, now=now)
    return pk


def _rows(**more):
    return Booked.objects.filter(source_kind=CODE, undone_by=None, undoes=None, **more).select_related(
        "library", "fund", "entry").order_by("source", "pk")


def _payables(rows) -> list[Payable]:
    found: dict[int, list[Booked]] = {}
    for row in rows:
        found.setdefault(row.source, []).append(row)
    return [Payable(
        kind=CODE, pk=pk, number=f"INV-{pk}", ours=f"P-{pk}", payee=mine[0].library.name, day=mine[0].day,
        amount=sum(row.amount for row in mine), approved_by="M. Chen", approved=f.NOW, hands=HANDS.get(pk, []),
        parts=[Part(str(row.pk), row.fund.code, row.amount, "Copy", row.number, row.entry.day) for row in mine],
    ) for pk, mine in found.items()]


def waiting():
    held = {int(part) for part in BatchLine.objects.filter(kind=CODE, state__in=BatchLine.LIVE).values_list(
        "part", flat=True)}
    return _payables(row for row in _rows() if row.pk not in held)


def read(keys):
    return {one.pk: one for one in _payables(_rows(source__in=keys))}


def paid(pk, parts, day, reference, actor, now):
    for row in Booked.objects.filter(pk__in=parts).order_by("pk"):
        debit, credit = Where("payable", row.library_id), Where("bank")
        if row.amount < 0:
            debit, credit = credit, debit
        ledger.post(f"bill-paid:{row.pk}:{_payments(row).count()}", Transfer(
            debit, credit, abs(row.amount), "payment", (CODE, pk)), day=day, actor=actor, now=now, or_later=True)


def _payments(row):
    return Entry.objects.filter(key__startswith=f"bill-paid:{row.pk}:", reverses=None)


def back(pk, parts, why, actor, now):
    for row in Booked.objects.filter(pk__in=parts):
        costs.undo(row, key=f"bill-back:{row.pk}", day=f.NOW.date(), actor=actor, now=now)


def unpaid(pk, parts, why, actor, now):
    for row in Booked.objects.filter(pk__in=parts):
        entry = _payments(row).order_by("-pk").first()
        ledger.reverse(entry, key=f"{entry.key}:undo", day=entry.day, actor=actor, now=now)


KIND = Kind(CODE, "Bills", waiting, read, paid, back, unpaid)


def register():
    HANDS.clear()
    payable.register(KIND)


def unregister():
    payable.KINDS.pop(CODE, None)
