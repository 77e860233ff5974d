"""One of everything that the rooms of money share: a cost with its entry, a rate, a lent right, a number elsewhere."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from billing.costs import actions as costs
from billing.costs.actions import Booking
from billing.models import Booked, CostPolicy, Delegation, Fund, Rate
from illdesk import actors
from requests_app import references
from tests import factories as f


def build(world) -> None:
    by, day = world.people["coordinator"], f.NOW.date()
    fund = Fund.objects.get(code="ILL-R")
    CostPolicy.objects.create(pk=1, borrowing_fund=fund)
    Rate.objects.create(currency="EUR", on=day, rate=Decimal("1.08"), source="x", made_by=by)
    ill = world.ills["sent"]
    references.add(ill, "oclc", "198765432", now=f.NOW)
    bill = Booking(Booked.COST, "invoice", "charge", ("payable_line", 1), day, Decimal("15.00"), ill=ill.pk,
                   library=world.library.pk, number="x")
    costs.book("guard", bill, actor=actors.staff(by), now=f.NOW)
    lent = Delegation.objects.create(
        of=by, to=world.people["borrowing staff"], right="approve_payables", begins=timezone.localdate(),
        ends=timezone.localdate() + timedelta(9), why="x", made=f.NOW, made_by=by)
    world.values |= {"delegation": str(lent.pk)}
