"""Whatever happens to patrons' money: what is open is what the books say, the statement is the ledger, and nothing is
edited."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from billing.appeals import actions as appeals
from billing.appeals.actions import Decision
from billing.appeals.models import Appeal
from billing.charges import actions, payments
from billing.charges.actions import New
from billing.charges.models import Charge, ChargeMove, ChargePayment, Waiver
from billing.charges.payments import Paid
from billing.ledger.models import Entry, FiscalYear
from billing.local import actions as local
from billing.local.models import LocalPart, LocalSystem
from billing.local.system import Placed, There
from illdesk import actors
from illdesk.errors import DeskError
from tests import factories as f
from tests.billing.charges.cast import check, check_local

STEPS = st.lists(st.tuples(
    st.sampled_from(["charge", "charge", "lost", "final", "pay", "pay", "credit", "back", "waive", "decide", "cancel",
                     "appeal", "appeal", "rule", "rule", "unpay", "push", "push", "hear", "off", "again"]),
    st.integers(1, 30_000), st.integers(0, 400), st.booleans(),
), max_size=25)


class Crash(Exception):
    """The process dies before the commit."""


class Fake:
    """Another system that takes everything, for the steps of a history: the wire itself is played elsewhere."""

    by_file = False

    def push(self, charge):
        return Placed(f"X-{charge.key}", charge.amount)

    def find(self, charge):
        return Placed(f"X-{charge.key}", charge.amount)

    def take_off(self, known, amount, *, left, paid):
        pass

    def dispute(self, known):
        pass

    restore = dispute

    def state(self, known):
        return []

    def test(self):
        return ""


class Histories(TestCase):
    @settings(max_examples=20, deadline=None)
    @given(STEPS)
    def test_patrons_money_stays_true(self, steps):
        self.people = [f.patron(), f.patron()]
        self.clerk, self.bosses = f.staff("coordinator"), [f.staff("coordinator"), f.staff("coordinator")]
        LocalSystem.objects.update_or_create(pk=1, defaults={"kind": "alma", "after_days": 0})
        kept: list = []
        for place, (what, cents, days, crash) in enumerate(steps):
            now = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("America/New_York")) + timedelta(days=place, hours=1)
            before = list(Entry.objects.order_by("pk").values())
            with suppress(DeskError, Crash):
                self._step(what, place, cents, days, crash, now)
            after = list(Entry.objects.order_by("pk").values())
            assert after[: len(before)] == before, "nothing is edited"
            kept.append(what)
        for patron in self.people:
            check(patron)
        check_local()
        for year in FiscalYear.objects.all():
            numbers = list(year.entries.order_by("number").values_list("number", flat=True))
            assert numbers == list(range(1, year.last + 1))
        for model, prefix in ((Charge, "PC"), (ChargePayment, "RC")):
            found = sorted(model.objects.values_list("number", flat=True))
            assert found == [f"{prefix}-2026-{n:05d}" for n in range(1, len(found) + 1)], "no gap"

    def _step(self, what, place, cents, days, crash, now):
        from django.db import transaction

        amount, key = Decimal(cents) / 100, f"s{place}"
        patron = self.people[days % 2]
        rows = list(Charge.objects.filter(patron=patron).order_by("pk"))
        row = rows[cents % len(rows)] if rows else None
        with transaction.atomic():
            getattr(self, f"_{what}")(patron, row, amount, key, days, now)
            if crash and days % 3 == 0:
                raise Crash

    def _charge(self, patron, row, amount, key, days, now):
        actions.charge(key, patron.pk, New("other", amount, "other"), actor=self.clerk, now=now)

    def _lost(self, patron, row, amount, key, days, now):
        new = New("lost", amount + 5, "lost_by_patron", fee=Decimal(5), provisional=True)
        actions.charge(key, patron.pk, new, actor=self.clerk, now=now)

    def _final(self, patron, row, amount, key, days, now):
        if row:
            actions.finalise(row, amount, key=key, actor=self.clerk, now=now)

    def _pay(self, patron, row, amount, key, days, now):
        chosen = [row.pk] if row and days % 3 == 1 else []
        payments.pay(key, patron.pk, Paid(amount, "cash", date(2026, 3, 2)), charges=chosen, actor=self.clerk, now=now)

    def _credit(self, patron, row, amount, key, days, now):
        payments.use_credit(key, patron.pk, actor=self.clerk, now=now)

    def _back(self, patron, row, amount, key, days, now):
        payments.pay_back(key, patron.pk, Paid(amount, "cash", date(2026, 3, 2)), actor=self.clerk, now=now)

    def _waive(self, patron, row, amount, key, days, now):
        if row:
            actions.waive(row, min(amount, row.open) or amount, "small", key=key, actor=self.clerk, now=now)

    def _decide(self, patron, row, amount, key, days, now):
        for waiver in Waiver.objects.filter(state="proposed")[:1]:
            actions.decide_waiver(waiver, granted=days % 3 > 0, actor=self.bosses[0], now=now)

    def _cancel(self, patron, row, amount, key, days, now):
        if row:
            actions.cancel(row, "mistake", key=key, actor=self.clerk, now=now)

    def _appeal(self, patron, row, amount, key, days, now):
        if row:
            appeals.appeal(row, "No.", key=key, actor=actors.patron(patron.user), now=now)

    def _rule(self, patron, row, amount, key, days, now):
        for one in Appeal.objects.filter(state="open")[:1]:
            outcome = ("granted", "partly", "denied")[days % 3]
            appeals.decide(one, Decision(outcome, "So.", amount), actor=self.bosses[one.level - 1], now=now)

    def _unpay(self, patron, row, amount, key, days, now):
        for one in ChargePayment.objects.filter(patron=patron, undone=None).order_by("-pk")[:1]:
            payments.undo(one, actor=self.clerk, now=now)

    def _push(self, patron, row, amount, key, days, now):
        local.prepare(now=now)
        local.push_due(Fake(), now=now)

    def _off(self, patron, row, amount, key, days, now):
        local.tell_changes(Fake(), now=now)

    def _hear(self, patron, row, amount, key, days, now):
        for part in LocalPart.objects.filter(state="there", charge__patron=patron).order_by("pk")[:1]:
            local.hear(part, There(part.number, None, part.paid + amount, "x"), now=now)

    def _again(self, patron, row, amount, key, days, now):
        """What was said is said once more."""
        move = ChargeMove.objects.filter(patron=patron, what="paid").first()
        if move is not None and move.payment is not None:
            count = ChargeMove.objects.count()
            paid = Paid(move.payment.amount, move.payment.way, move.payment.day)
            payments.pay(move.payment.key, patron.pk, paid, actor=self.clerk, now=now)
            assert ChargeMove.objects.count() == count
