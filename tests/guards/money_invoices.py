"""Agreements, invoices to libraries and vouchers for the guards: one of everything, so that pages show something."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from billing.agreements import actions as agreements
from billing.agreements.models import Agreement, AgreementVersion, Term
from billing.costs.models import CostPolicy, Rate
from billing.invoices import actions, credit, disputes, payments, reminders, sending
from billing.invoices.models import Invoice, InvoiceLine, InvoicePolicy
from billing.invoices.payments import Received
from billing.invoices.refund_models import LibraryRefund
from billing.models import Fund
from billing.vouchers import actions as vouchers
from billing.vouchers import stock
from billing.vouchers.models import VoucherMovement, VoucherTerms
from illdesk import actors
from tests import factories as f

NOW = datetime(2026, 4, 2, 15, tzinfo=UTC)


def build(world) -> None:
    first, second = actors.staff(world.people["lending staff"]), actors.staff(world.people["coordinator"])
    library = world.library
    row = agreements.save(Agreement(name="Hills", library=library, note="x"), actor=second, now=NOW)
    # Straight into the tables: what `publish` costs in queries is no matter of the guards.
    version = AgreementVersion.objects.create(agreement=row, number=1, begins=date(2025, 7, 1), why="x", made=NOW,
                                              made_by=second.user)
    for service in ("loan", "copy"):
        Term.objects.create(version=version, service=service, flat=15, rush=5, per_page=Decimal("0.25"), from_page=51,
                            minimum=1, maximum=99, network="rapidill", patron_status="faculty", reciprocal=True)
    InvoicePolicy.objects.create(pk=1, how_to_pay="By check", account="x", tax_number="x")
    Rate.objects.get_or_create(currency="EUR", on=date(2026, 1, 1), defaults={"rate": Decimal("1.10")})
    if not CostPolicy.objects.exists():
        CostPolicy.objects.create(pk=1, borrowing_fund=Fund.objects.first())
    shipped = f.ill("lending.shipped", partner=library)
    draft = actions.add_line(library, kind="other", amount=Decimal(9), why="x", key="g1", ill=shipped, actor=first,
                             now=NOW)
    sent = _sent(library, "30.00", "g2", first, second)
    other = _sent(library, "40.00", "g3", first, second)
    paid = payments.enter(library, Received(kind="transfer", day=NOW.date(), amount=Decimal(10), reference="x",
                                            bank_charge=Decimal(1), note="x"), key="g4",
                          settles=[(sent, Decimal(5))], actor=first, now=NOW)
    undone = payments.enter(library, Received(kind="cheque", day=NOW.date(), amount=Decimal(3)), key="g5", actor=first,
                            now=NOW)
    payments.undo(undone, "x", actor=first, now=NOW)
    reminders.remind(sent, 1, now=NOW + timedelta(days=40))
    dispute = disputes.open_dispute(sent, reason="other", text="x", asked_on=NOW.date(), lines=list(sent.lines.all()),
                                    actor=first, now=NOW)
    decided = disputes.open_dispute(other, reason="other", text="x", asked_on=NOW.date(), lines=[], actor=first,
                                    now=NOW)
    note = disputes.uphold(decided, {other.lines.get().pk: Decimal(40)}, "x", actor=first, now=NOW)
    credit.draft(sent, {sent.lines.get().pk: Decimal(1)}, "x", actor=first, now=NOW)
    back = LibraryRefund.objects.create(payment=paid, amount=Decimal(1), why="x", key="g8", made=NOW,
                                        made_by=first.user)
    LibraryRefund.objects.create(
        payment=paid, amount=Decimal(1), why="x", key="g9", made=NOW, made_by=first.user, state="refused",
        decided=NOW, decided_by=second.user, decided_why="x", reference="x")
    drawer = stock.holder()
    vouchers.buy(4, 2, day=NOW.date(), key="g6", actor=first, now=NOW)
    change = vouchers.spend(library, Decimal(12), wholes=2, halves=0, day=NOW.date(), key="g7", actor=first, now=NOW,
                            note="x")
    vouchers.count("whole", 1, holder=drawer.pk, day=NOW.date(), why="x", actor=first, now=NOW)
    VoucherTerms.objects.create(begins=date(2026, 1, 1))
    Invoice.objects.filter(pk=note.pk).update(reason="x")
    world.values |= {
        "agreement": str(row.pk), "invoice": str(sent.pk), "invoice draft": str(draft.invoice_id),
        "invoice line": str(draft.pk), "library payment": str(paid.pk), "invoice dispute": str(dispute.pk),
        "voucher holder": str(drawer.pk), "voucher movement": str(VoucherMovement.objects.order_by("pk")[0].pk),
        "library refund": str(back.pk), "voucher change": str(change.pk) if change else "",
    }


def _sent(library, amount: str, key: str, first, second) -> Invoice:
    """A draft of its own: the one that waits stays as it is."""
    row = Invoice.objects.create(library=library, currency="USD", made=NOW, made_by=first.user)
    InvoiceLine.objects.create(invoice=row, library=library, kind="other", day=NOW.date(), amount=Decimal(amount),
                               proposed=Decimal(amount), currency="USD", why="x", title="x", key=key,
                               state="verified", made_by=first.user, verified_by=first.user)
    return sending.send(actions.approve(row, seen=row.version, actor=second, now=NOW), actor=second, now=NOW)
