"""Whatever happens between us and libraries: the trial balance is zero, ageing is the open items is the account of the
books, numbers have no gap, and every paper says what the books say."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pypdfium2
from django.db import transaction
from django.db.models import F, Sum
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from billing.invoices import actions, credit, disputes, files, payments, queries, refunds, reminders, sending, ubl
from billing.invoices.models import Invoice, InvoiceLine
from billing.invoices.payment_models import Payment
from billing.invoices.payments import Received
from billing.invoices.refund_models import LibraryRefund
from billing.ledger import queries as books
from billing.ledger.actions import Where
from billing.models import Booked, Entry, VoucherStock
from illdesk import money
from illdesk.errors import DeskError
from tests import factories as f
from tests.billing.invoices import cast

BEGINS = datetime(2026, 4, 2, 15, tzinfo=UTC)
STEPS = st.lists(st.tuples(
    st.sampled_from(["bill", "bill", "euros", "run", "pay", "pay", "pay abroad", "vouchers", "credit", "part",
                     "write off", "dispute", "reject", "uphold", "undo", "again", "crash",
                     "crash of approval", "remind", "settle", "refund", "refund back"]),
    st.integers(1, 9_999), st.integers(0, 40),
), min_size=5, max_size=18)


class Boom(Exception):
    pass


class Histories(TestCase):
    # Without shrinking: each example takes seconds, and what failed is short enough to read.
    @settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
    @given(STEPS)
    def test_accounts_of_libraries_stay_true(self, steps):
        self.first, self.second = f.staff("lending staff"), f.staff("coordinator")
        f.institution()
        self.libraries = [f.library(), f.library("OAK", name="Oak Public Library")]
        cast.agreed()
        for place, worth in enumerate(("1.0853", "1.1", "1.0499", "1.2345", "1.0177")):  # up and down within weeks
            cast.rate(worth=worth, on=date(2026, 3, 30) + timedelta(days=place * 9))
        self.now = BEGINS
        for place, (currency, cents) in enumerate((("USD", 4_500), ("EUR", 3_201), ("EUR", 1_000))):
            self._bill(f"first {place}", cents, currency)
        for place, (what, cents, days) in enumerate(steps):
            self.now += timedelta(days=days)
            try:
                getattr(self, f"_{what.replace(' ', '_')}")(place, cents)
            except (DeskError, Boom):
                continue
        self._true()

    # --- what can happen

    @property
    def day(self) -> date:
        return self.now.date()

    def _invoice(self, cents, **only) -> Invoice:
        rows = list(Invoice.objects.filter(kind="invoice", state="sent", **only).order_by("pk"))
        if not rows:
            raise Boom
        return rows[cents % len(rows)]

    def _bill(self, place, cents, currency="USD"):
        cast.bill(str(Decimal(cents) / 100), library=self.libraries[cents % 2], key=f"bill:{place}", currency=currency,
                  first=self.first, second=self.second, now=self.now)

    def _euros(self, place, cents):
        self._bill(place, cents, "EUR")

    def _run(self, _place, cents):
        cast.shipped(self.libraries[cents % 2])
        for draft in cast.run(self.first, now=self.now):
            actions.verify_all(draft, actor=self.first, now=self.now)
            cast.finish(draft, self.second, now=self.now)

    def _pay(self, place, cents, kind="cheque", currency="USD", of=None):
        invoice = self._invoice(cents, settled__lt=F("total"), **(of or {}))
        amount = Decimal(cents) / 100
        settle = min(amount, invoice.open) if currency == invoice.currency else invoice.open / 3
        settles = [(invoice, settle.quantize(Decimal("0.01")))] if settle >= Decimal("0.01") else []
        payments.enter(invoice.library, Received(
            kind=kind, day=self.day, amount=amount, currency=currency, reference="r",
            bank_charge=Decimal(cents % 7) / 100 if amount > 1 else Decimal(0)), key=f"pay:{place}", settles=settles,
            actor=self.first, now=self.now, another=True)

    def _pay_abroad(self, place, cents):
        self._pay(place, cents, "transfer", "EUR", {"currency": "EUR"} if cents % 4 else None)  # or for dollars

    def _vouchers(self, place, cents):
        library = self.libraries[cents % 2]
        payments.enter(library, Received(kind="voucher", day=self.day, wholes=cents % 3, halves=cents % 2),
                       key=f"v:{place}", actor=self.first, now=self.now, another=True)

    def _settle(self, _place, cents):
        payment = queries.unused().first()
        if payment is None:
            raise Boom
        invoice = self._invoice(cents, library=payment.library, settled__lt=F("total"))
        payments.allocate(payment, [(invoice, min(invoice.open, payment.rest))], actor=self.first, now=self.now)

    def _credit(self, _place, cents, part=1):
        invoice = self._invoice(cents)
        line = invoice.lines.filter(state="verified").first()
        amount = (line.amount / part).quantize(Decimal("0.01"))
        note = credit.draft(invoice, {line.pk: amount}, "Wrong", actor=self.first, now=self.now)
        cast.finish(note, self.second, now=self.now)

    def _part(self, place, cents):
        self._credit(place, cents, 3)

    def _write_off(self, _place, cents):
        payments.write_off(self._invoice(cents, settled__lt=F("total")), "Small", actor=self.first, now=self.now)

    def _dispute(self, _place, cents):
        invoice = self._invoice(cents)
        disputes.open_dispute(invoice, reason="other", text="No", asked_on=self.day, lines=list(invoice.lines.all()),
                              actor=self.first, now=self.now)

    def _reject(self, _place, cents):
        dispute = self._invoice(cents, disputes__state="open").disputes.get(state="open")
        disputes.reject(dispute, "It is right", actor=self.first, now=self.now)

    def _uphold(self, _place, cents):
        dispute = self._invoice(cents, disputes__state="open").disputes.get(state="open")
        amounts = {line.pk: line.amount for line in dispute.lines.all()}
        cast.finish(disputes.uphold(dispute, amounts, "It is wrong", actor=self.first, now=self.now), self.second,
                    now=self.now)

    def _undo(self, _place, cents):
        rows = list(Payment.objects.filter(undone=None).order_by("pk"))
        if rows:
            payments.undo(rows[cents % len(rows)], "Bounced", actor=self.first, now=self.now)

    def _refund(self, place, cents):
        """What is left of a payment goes back, once the library has paid what is open; the first person may not."""
        payment = queries.unused().filter(amount__gt=F("used")).first()
        if payment is None:
            raise Boom
        for invoice in queries.open_items(payment.library):
            if invoice.open > 0:
                payments.enter(payment.library, Received(kind="cheque", day=self.day, amount=invoice.open,
                                                         currency=invoice.currency),
                               key=f"pay:{place}:{invoice.pk}", settles=[(invoice, invoice.open)], actor=self.first,
                               now=self.now, another=True)
        amount = min(payment.rest, Decimal(cents) / 100)
        row = refunds.propose(payment, amount, "Asked for", key=f"r:{place}", actor=self.first, now=self.now)
        for actor in (self.first, self.second):
            try:
                refunds.approve(row, day=self.day, reference="r", actor=actor, now=self.now)
            except DeskError:
                assert actor == self.first

    def _refund_back(self, _place, cents):
        rows = list(LibraryRefund.objects.filter(state="paid").order_by("pk"))
        if rows:
            refunds.undo(rows[cents % len(rows)], "Came back", actor=self.first, now=self.now)

    def _again(self, _place, cents):
        """Everything that was said is said again."""
        for payment in Payment.objects.filter(key__startswith="pay:", undone=None):
            payments.enter(payment.library, Received(kind=payment.kind, day=payment.day, amount=payment.amount,
                                                     currency=payment.currency), key=payment.key, actor=self.first,
                           now=self.now)
        for invoice in Invoice.objects.filter(state="sent"):
            sending.send(invoice, actor=self.first, now=self.now)

    def _crash(self, place, cents):
        with transaction.atomic():
            self._pay(place, cents)
            raise Boom

    def _crash_of_approval(self, place, cents):
        line = actions.add_line(self.libraries[0], kind="other", amount=Decimal(cents) / 100, why="x", key=f"c:{place}",
                                actor=self.first, now=self.now)
        actions.verify(line, actor=self.first, now=self.now)
        draft = Invoice.objects.get(pk=line.invoice_id)
        with transaction.atomic():
            actions.approve(draft, seen=draft.version, actor=self.second, now=self.now)
            raise Boom

    def _remind(self, _place, _cents):
        reminders.remind_all(now=self.now)

    # --- what holds after it

    def _true(self) -> None:
        trial = books.trial()
        assert sum(row.debited for row in trial) == sum(row.credited for row in trial)
        aged = {row.library.pk: row for row in queries.ageing(self.day)}
        for library in self.libraries:
            held = books.balance(Where("library", library.pk))
            items = sum((row.open_own for row in queries.open_items(library)), Decimal(0))
            rest = sum((row.rest_own for row in queries.unused(library)), Decimal(0))
            assert held == items - rest == (aged[library.pk].open if library.pk in aged else 0)
        for prefix, kind in (("IL", "invoice"), ("CN", "credit")):
            rows = Invoice.objects.filter(kind=kind, number__isnull=False).order_by("pk")
            for year in {row.day.year for row in rows}:
                numbers = sorted(row.number for row in rows if row.day.year == year)
                assert numbers == [f"{prefix}-{year}-{place:05d}" for place in range(1, len(numbers) + 1)]
        for row in Invoice.objects.filter(kind="invoice", number__isnull=False):
            parts = row.allocations.filter(undone=None).aggregate(a=Sum("amount"), b=Sum("own"))
            assert row.settled == (parts["a"] or 0) and row.settled_own == (parts["b"] or 0)
            assert 0 <= row.open <= row.total
            assert row.open or not row.open_own, "what is settled is settled in the books"
        assert books.balance(Where("vouchers")) == sum((row.book for row in VoucherStock.objects.all()), Decimal(0))
        self._papers()

    def _papers(self) -> None:
        for row in Invoice.objects.filter(number__isnull=False).order_by("pk")[:3]:
            kept = files.stored(row)
            with kept.file.open("rb") as opened:
                document = pypdfium2.PdfDocument(opened.read())
            said = "".join(page.get_textpage().get_text_bounded() for page in document)
            assert money.shown(row.total, row.currency) in said and row.number in said
            root = ElementTree.fromstring(files.draw_xml(row))
            sign = -1 if row.kind == "credit" else 1
            payable = f"{{{ubl.CAC}}}LegalMonetaryTotal/{{{ubl.CBC}}}PayableAmount"
            assert Decimal(root.findtext(payable)) * sign == row.total
            listed = b"".join(files.export(row, "csv").streaming_content).decode("utf-8-sig")
            assert sum(Decimal(line[6]) for line in list(csv.reader(io.StringIO(listed)))[1:]) == row.total
            booked = Booked.objects.filter(invoice_line__invoice=row)
            assert sum(one.amount for one in booked) == row.own
            for line in InvoiceLine.objects.filter(invoice=row, booked__isnull=False):
                assert Entry.objects.get(booked=line.booked).amount == abs(line.booked.amount)


