"""Whatever happens to batches: files, pages and books say the same, a part lives once, numbers have no gap."""

from collections import Counter
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from billing.batches import actions
from billing.batches.models import Batch, BatchLine
from billing.ledger import queries as books
from billing.ledger.actions import Where
from illdesk.errors import DeskError
from tests import factories as f
from tests.billing.batches import bills
from tests.billing.batches.test_files import amounts, costs_of

STEPS = st.lists(st.tuples(
    st.sampled_from(["bill", "bill", "forward", "forward", "back", "whole", "pay", "pay", "unpay", "correct", "again",
                     "stale"]),
    st.integers(1, 99_999), st.integers(0, 50),
), max_size=25)
FUNDS = ("ILL-B", "ILL-S", "ILL-X")


class Histories(TestCase):
    def setUp(self):
        bills.register()

    def tearDown(self):
        bills.unregister()

    @settings(max_examples=8, deadline=None)
    @given(STEPS)
    def test_batches_stay_true(self, steps):
        bills.HANDS.clear()
        f.institution()
        staff, office = f.staff("coordinator"), f.staff("budget")
        given_ = {"actor": office, "now": f.NOW}
        bill, last = 0, None
        for place, (what, cents, chosen) in enumerate(steps):
            rows = list(Batch.objects.order_by("pk"))
            batch = rows[chosen % len(rows)] if rows else None
            try:
                if what == "bill":
                    bill += 1
                    bills.bill(bill, *[(FUNDS[(chosen + part) % 3], f"{cents + part}.{chosen:02d}")
                                       for part in range(1 + chosen % 3)], payee=f"L{chosen % 2}")
                elif what == "forward":
                    waiting = [("bill", one.pk) for one in bills.waiting()][: 1 + chosen % 3]
                    last = (waiting, f"step {place}")
                    actions.forward(waiting, key=last[1], actor=staff, now=f.NOW)
                elif what == "again" and last:
                    actions.forward(last[0], key=last[1], actor=staff, now=f.NOW)
                elif batch is None:
                    continue
                elif what == "back":
                    live = list(batch.lines.filter(state="forwarded").order_by("pk"))
                    actions.send_back(batch, [live[chosen % len(live)].pk] if live else [], "Wrong fund",
                                      version=batch.version, **given_)
                elif what == "whole":
                    actions.send_back(batch, None, "All of it", version=batch.version, **given_)
                elif what in ("pay", "stale"):
                    actions.pay(batch, day=f.NOW.date(), reference=f"R{place}",
                                version=batch.version - (what == "stale"), **given_)
                elif what == "unpay":
                    actions.unpay(batch, "No", version=batch.version, **given_)
                elif what == "correct":
                    gone = BatchLine.objects.filter(batch=batch, state="back").order_by("pk").first()
                    if gone is not None:
                        bills.bill(gone.payable, (FUNDS[chosen % 3], f"{gone.amount}"),
                                   payee=f"L{chosen % 2}")
            except DeskError:
                pass
        self._true()

    def _true(self):
        rows = list(Batch.objects.order_by("pk"))
        assert [row.number for row in rows] == [f"PB-2026-{place:05d}" for place in range(1, len(rows) + 1)]
        live = BatchLine.objects.filter(state__in=BatchLine.LIVE)
        assert max(Counter(live.values_list("kind", "payable", "part")).values(), default=1) == 1
        for row in rows:
            assert set(amounts(row).values()) == {costs_of(row)}, amounts(row)
            assert set(row.lines.exclude(state="back").values_list("state", flat=True)) <= {row.state}
        paid = sum(live.filter(state="paid").values_list("amount", flat=True), Decimal(0))
        assert books.balance(Where("bank")) == -paid
