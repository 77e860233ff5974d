"""Whatever happens to invoices: what is owed to each library is what was approved and not yet paid; nothing twice."""

import itertools
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from billing.batches.payable import KINDS
from billing.costs.models import Booked, Rate
from billing.ledger import queries as books
from billing.ledger.actions import Where
from billing.payables import actions, queries
from billing.payables.models import PayableInvoice, PayableLine
from illdesk.errors import DeskError
from requests_app.models import ILLRequest, Library
from tests import factories as f
from tests.billing.payables.cast import DAY, Cast, line

STEPS = st.lists(st.tuples(
    st.sampled_from(["import", "import", "mail", "accept", "dispute", "settle", "ask", "approve", "approve", "back",
                     "pay", "pay", "refuse", "crash", "withdraw"]),
    st.integers(0, 10_000), st.integers(1, 4)), min_size=5, max_size=30)


class Histories(TestCase):
    @settings(max_examples=8, deadline=None)
    @given(STEPS)
    def test_the_payable_account_is_what_was_approved_less_what_was_paid(self, steps):
        cast = Cast()
        Rate.objects.create(currency="EUR", on=DAY, rate=Decimal("1.0853"))
        Rate.objects.create(currency="EUR", on=DAY + timedelta(days=20), rate=Decimal("1.1111"))
        oak = f.library("OAK", name="Oak")
        libraries = [cast.delta, oak]
        ills = [cast.ill(library=libraries[at % 2]).number for at in range(4)]
        names = itertools.count(1)
        for what, dice, many in steps:
            try:
                self.one(cast, libraries, ills, names, what, dice, many)
            except (DeskError, ZeroDivisionError):
                continue
            finally:
                self.check(libraries)
        assert ILLRequest.objects.count() == 4

    def one(self, cast, libraries, ills, names, what, dice, many):
        invoices = list(PayableInvoice.objects.order_by("pk"))
        invoice = invoices[dice % len(invoices)] if invoices else None
        how = {"actor": cast.clerk, "now": f.NOW}
        if what == "import":
            library, currency = libraries[dice % 2], "EUR" if dice % 3 == 0 else "USD"
            typed = [line(f"{(dice * (at + 1)) % 3000 / 100 + 0.01:.2f}", ills[(dice + at) % 4] if at % 2 else "",
                          title="x") for at in range(many)]
            number = f"N{next(names)}"
            made = actions.enter(actions.Head(library.pk, number, DAY, currency, sum(one.amount for one in typed)),
                                 typed, key=number, **how)
            actions.say_no_twin(made, "y", **how)
            if dice % 2:
                for row in made.lines.all():
                    if row.needs_answer:
                        (actions.accept if row.ill_id else actions.general)(row, "y", **how)
                actions.ask(made, **how)
        elif what == "mail":
            actions.from_mail("ill@delta.example", "x", [], key=f"{dice % 3}", now=f.NOW)
        elif invoice is None:
            return
        elif what in ("accept", "dispute", "settle", "withdraw"):
            rows = list(invoice.lines.order_by("pk"))
            row = rows[dice % len(rows)] if rows else None
            if row is None:
                return
            if what == "accept":
                (actions.accept if row.ill_id else actions.general)(row, "y", **how)
            elif what == "dispute":
                actions.dispute(invoice, {row.pk: (row.amount / 2).quantize(Decimal("0.01"))}, to="", subject="",
                                body="", key=str(dice), **how)
            elif what == "settle":
                actions.settle_dispute(row, ((row.disputed or Decimal(0)) / many).quantize(Decimal("0.01")), "y", **how)
            else:
                actions.withdraw(row, **how)
        elif what == "ask":
            actions.ask(invoice, **how)
        elif what == "approve":
            asked = [one for one in invoices if one.state == "asked"]
            actions.approve(asked[dice % len(asked)] if asked else invoice, actor=cast.chen, now=f.NOW)
        elif what == "crash":
            with transaction.atomic():
                actions.approve(invoice, actor=cast.chen, now=f.NOW)
                raise ZeroDivisionError
        elif what == "refuse":
            actions.reject(invoice, "y", **how)
        else:
            waiting = KINDS["payable"].waiting()
            if not waiting:
                return
            one = waiting[dice % len(waiting)]
            parts = [part.key for part in one.parts][:many]
            with transaction.atomic():
                if what == "pay":
                    for _turn in range(dice % 2 + 1):
                        KINDS["payable"].paid(one.pk, parts, DAY + timedelta(days=dice % 40), "r", cast.chen, f.NOW)
                else:
                    KINDS["payable"].back(one.pk, parts, "y", cast.chen, f.NOW)

    def check(self, libraries: list[Library]):
        rows = books.trial()
        assert sum(one.debited for one in rows) == sum(one.credited for one in rows)
        for library in libraries:
            lines = PayableLine.objects.filter(invoice__library=library).exclude(booked=None).select_related("booked")
            owed = sum((row.booked.amount for row in lines if row.paid is None), Decimal(0))
            assert books.balance(Where("payable", library.pk)) == owed
        for one in queries.waiting():
            assert one.amount == sum(part.amount for part in one.parts)
        standing = Booked.objects.filter(undone_by=None, undoes=None).values_list("source", flat=True)
        assert len(standing) == len(set(standing)), "no line is booked twice"
