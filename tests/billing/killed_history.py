"""What a child of tests/billing/killed.py does until it is killed."""

import contextlib
import os
import random
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import F

from billing.charges import actions as charges
from billing.charges import payments
from billing.charges.actions import New
from billing.charges.models import Charge
from billing.charges.payments import Paid
from billing.invoices import actions as invoices
from billing.invoices import credit, sending
from billing.invoices import payments as of_libraries
from billing.invoices.models import Invoice
from billing.invoices.payment_models import Payment
from billing.invoices.payments import Received
from illdesk import actors
from illdesk.errors import DeskError
from illdesk.models import User
from requests_app.models import Library, Patron


class History:
    STEPS = ("charge", "charge", "lost", "final", "waive", "cancel", "pay", "pay", "credit", "unpay", "bill", "euros",
             "settle", "settle", "settle", "abroad", "abroad", "take_back", "bounce")

    def __init__(
        self, who: dict, say: Callable[[str], None], *, round: int, again: list[int] | None, dies_at: int | None
    ):
        self.say, self.round, self.again, self.dies_at, self.seed = say, round, again, dies_at, who["seed"]
        self.first, self.second = (actors.staff(User.objects.get(pk=pk)) for pk in who["staff"])
        self.patrons = [Patron.objects.get(pk=pk) for pk in who["patrons"]]
        self.libraries = [Library.objects.get(pk=pk) for pk in who["libraries"]]
        self.statements = 0

    def run(self) -> None:
        with connection.execute_wrapper(self._count):
            if self.again:
                self._step(*self.again)
            step = 0
            while True:
                self.say(f"step {step}")
                self._step(self.round, step)
                step += 1

    def _count(self, execute, sql, params, many, context):
        self.statements += 1
        if self.statements == self.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    def _step(self, round: int, step: int) -> None:
        # What is done depends on its number alone, so that it can be done again.
        dice = random.Random(f"{self.seed}:{round}:{step}")
        self.now = datetime(2026, 4, 2, 15, tzinfo=UTC) + timedelta(days=round, minutes=step)
        what, self.key = dice.choice(self.STEPS), f"{round}:{step}"
        self.dice, self.amount = dice, Decimal(dice.randint(1, 9_999)) / 100
        self.patron, self.library = dice.choice(self.patrons), dice.choice(self.libraries)
        with contextlib.suppress(DeskError):  # refused: nothing was changed
            getattr(self, f"_{what}")()

    # --- patrons

    def _one(self, **only):
        return self._any(Charge.objects.filter(patron=self.patron, **only))

    def _any(self, rows):
        found = list(rows.order_by("pk"))
        return self.dice.choice(found) if found else None

    def _charge(self):
        new = New("other", self.amount, "other", note="Hm.")
        charges.charge(self.key, self.patron.pk, new, actor=self.first, now=self.now)

    def _lost(self):
        new = New("lost", self.amount + 5, "lost_by_patron", fee=Decimal(5), provisional=True)
        charges.charge(self.key, self.patron.pk, new, actor=self.first, now=self.now)

    def _final(self):
        if row := self._one(state="provisional"):
            charges.finalise(row, self.amount, key=self.key, actor=self.first, now=self.now)

    def _waive(self):
        if row := self._one(open__gt=0):
            charges.waive(row, min(self.amount, row.open), "small", key=self.key, actor=self.first, now=self.now)

    def _cancel(self):
        if row := self._one():
            charges.cancel(row, "mistake", key=self.key, actor=self.first, now=self.now)

    def _pay(self):
        payments.pay(self.key, self.patron.pk, Paid(self.amount, "cash", self.now.date()), actor=self.first,
                     now=self.now)

    def _credit(self):
        payments.use_credit(self.key, self.patron.pk, actor=self.first, now=self.now)

    def _unpay(self):
        if row := self.patron.payments.filter(undone=None).order_by("-pk").first():
            payments.undo(row, actor=self.first, now=self.now)

    # --- libraries

    def _bill(self, currency="USD"):
        line = invoices.add_line(self.library, kind="other", amount=self.amount, why="Copies", key=self.key,
                                 currency=currency, actor=self.first, now=self.now)
        draft = Invoice.objects.get(pk=line.invoice_id)
        invoices.verify_all(draft, actor=self.first, now=self.now)
        draft.refresh_from_db()
        if draft.state == Invoice.DRAFT:
            invoices.approve(draft, seen=draft.version, actor=self.second, now=self.now)
        for row in Invoice.objects.filter(state=Invoice.APPROVED):
            sending.send(row, actor=self.second, now=self.now)

    def _euros(self):
        self._bill("EUR")

    def _settle(self, currency="USD"):
        invoice = self._any(Invoice.objects.filter(library=self.library, currency=currency, kind="invoice",
                                                   state="sent", settled__lt=F("total")))
        settles = [(invoice, min(self.amount, invoice.open))] if invoice else []
        of_libraries.enter(self.library, Received(
            kind="transfer", day=self.now.date(), amount=self.amount, currency=currency, reference=self.key,
            bank_charge=Decimal("0.01") if self.amount > 1 else Decimal(0),
        ), key=self.key, settles=settles, actor=self.first, now=self.now, another=True)

    def _abroad(self):
        self._settle("EUR")

    def _take_back(self):
        if invoice := self._any(Invoice.objects.filter(library=self.library, kind="invoice", state="sent")):
            line = invoice.lines.filter(state="verified").first()
            amounts = {line.pk: (line.amount / 2).quantize(Decimal("0.01"))}
            note = credit.draft(invoice, amounts, "Wrong", actor=self.first, now=self.now)
            note = invoices.approve(note, seen=note.version, actor=self.second, now=self.now)
            sending.send(note, actor=self.second, now=self.now)

    def _bounce(self):
        if row := self._any(Payment.objects.filter(library=self.library, undone=None).exclude(kind="credit")):
            of_libraries.undo(row, "Bounced", actor=self.first, now=self.now)
