"""Whatever happens to the books: debits are credits, what is owed is what was charged less what was paid, no gaps."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from billing.ledger import actions, queries
from billing.ledger.actions import Foreign, PeriodClosed, Transfer, Where
from billing.ledger.models import Entry, FiscalYear, Period
from illdesk.errors import BadAnswer, NotAllowed
from tests import factories as f

PATRON = Where("patron", 17)
STEPS = st.lists(st.tuples(
    st.sampled_from(["charge", "charge", "pay", "waive", "undo", "abroad", "crash", "close", "again"]),
    st.integers(1, 99_999), st.integers(0, 500), st.booleans(),
), max_size=30)


class Histories(TestCase):
    @settings(max_examples=12, deadline=None)
    @given(STEPS)
    def test_the_books_stay_true(self, steps):
        actor, owed, written = f.staff(), Decimal(0), []
        for place, (what, cents, days, later) in enumerate(steps):
            amount, day = Decimal(cents) / 100, date(2025, 9, 1) + timedelta(days=days)
            now = datetime(2027, 2, 1, 12, tzinfo=UTC)
            posted = {"actor": actor, "now": now, "day": day, "or_later": later}
            transfer = {
                "charge": Transfer(PATRON, Where("charges"), amount, "charge"),
                "pay": Transfer(Where("bank"), PATRON, amount, "payment"),
                "waive": Transfer(Where("written_off"), PATRON, amount, "waiver"),
                "crash": Transfer(PATRON, Where("charges"), amount, "charge"),
            }.get(what)
            if what == "abroad":
                euros = Foreign(amount, "EUR", Decimal("1.0853"), day)
                if not euros.own:
                    continue
                transfer = Transfer(Where("lost", 3), Where("payable", 4), euros.own, "bill", foreign=euros)
            try:
                if transfer is not None:
                    with transaction.atomic():
                        row = actions.post(f"step:{place}", transfer, **posted)
                        if what == "crash":
                            raise ZeroDivisionError
                    written.append(row)
                elif what == "undo" and written:
                    actions.reverse(written[cents % len(written)], key=f"step:{place}", day=day, actor=actor, now=now)
                elif what == "again" and written:
                    known = written[cents % len(written)]
                    same = Transfer(Where(known.debit.family, known.debit.subject),
                                    Where(known.credit.family, known.credit.subject), known.amount, known.what)
                    assert actions.post(known.key, same, day=known.day, actor=actor, now=now) == known
                elif what == "close":
                    first = Period.objects.filter(closed=None).order_by("begins").first()
                    if first is not None:
                        actions.close(first, actor=actor, now=now)
            except (ZeroDivisionError, PeriodClosed, NotAllowed, BadAnswer):  # a month closed, a day far back
                continue
        for row in Entry.objects.all():
            owed += row.amount if row.debit.family == "patron" else 0
            owed -= row.amount if row.credit.family == "patron" else 0
        trial = queries.trial()
        assert sum(one.debited for one in trial) == sum(one.credited for one in trial)
        assert queries.balance(PATRON) == owed
        for year in FiscalYear.objects.all():
            numbers = list(year.entries.order_by("number").values_list("number", flat=True))
            assert numbers == list(range(1, year.last + 1))
        assert all(row.period.begins <= row.day <= row.period.ends for row in Entry.objects.select_related("period"))
