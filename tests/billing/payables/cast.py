"""A library that bills us, requests it filled, and who enters and approves."""

from datetime import date
from decimal import Decimal

from billing.budget.models import Fund
from billing.costs.models import CostPolicy
from billing.payables import actions
from billing.payables.actions import Head, Typed
from requests_app.models import Dialogue, ILLRequest
from tests import factories as f

DAY = date(2026, 3, 9)


class Cast:
    def __init__(self):
        self.delta = f.library("DEF", name="Delta Bay University", email="ill@delta.example", country="US")
        self.fund = Fund.objects.create(code="ILL-B", name="Borrowing")
        self.other_fund = Fund.objects.create(code="ILL-X", name="Other")
        CostPolicy.objects.update_or_create(pk=1, defaults={"borrowing_fund": self.fund, "lost_fund": self.fund})
        self.clerk = f.staff("borrowing staff", first_name="A.", last_name="Staff")
        self.chen = f.staff("coordinator", first_name="M.", last_name="Chen")

    def ill(self, title="Handbook of peat hydrology", *, state="borrowing.shipped", cost="15.00", currency="USD",
            library=None) -> ILLRequest:
        row = f.ill(state, partner=library or self.delta, title=title)
        ILLRequest.objects.filter(pk=row.pk).update(
            cost=None if cost is None else Decimal(cost), currency=currency)
        row.refresh_from_db()
        return row

    def head(self, total, number="88213", **more) -> Head:
        return Head(**{"library": self.delta.pk, "number": number, "dated": DAY, "currency": "USD",
                       "total": Decimal(total)} | more)

    def invoice(self, *lines: Typed, number="88213", key="", total=None, now=f.NOW, **more):
        summed = sum((line.amount for line in lines), Decimal(0)) if total is None else total
        return actions.enter(self.head(summed, number, **more), lines, key=key or f"k{number}", actor=self.clerk,
                             now=now)

    def approved(self, *lines: Typed, **more):
        invoice = self.invoice(*lines, **more)
        for line in invoice.lines.all():
            if line.needs_answer:
                if line.ill_id:
                    actions.accept(line, "as agreed by telephone", actor=self.clerk, now=f.NOW)
                else:
                    actions.general(line, "postage", actor=self.clerk, now=f.NOW)
        return self.approve(invoice)

    def approve(self, invoice, by=None):
        actions.ask(invoice, actor=self.clerk, now=f.NOW)
        return actions.approve(invoice, actor=by or self.chen, now=f.NOW)


def line(amount="15.00", number="", **more) -> Typed:
    return Typed(amount=Decimal(amount), number=number, **more)


def dialogue(ill: ILLRequest) -> Dialogue:
    return ill.dialogues.get()
