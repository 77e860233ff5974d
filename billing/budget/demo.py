"""Funds for royalties with their budgets of the present fiscal year, for a first look."""

from datetime import datetime, time
from decimal import Decimal

from django.utils import timezone

from billing import fiscal
from billing.budget import actions
from billing.budget.models import Fund
from illdesk import actors
from illdesk.models import User

CODE = "ILL-R"
# code | name | budget: of the first little is left once the demo's requests have theirs.
FUNDS = ((CODE, "Copyright royalties", 185), ("ILL-S", "Royalties of the science departments", 1500))


def load(now: datetime) -> None:
    """Once: what is there stays."""
    by = actors.staff(User.objects.get(username="budget"))
    label, begins, ends = fiscal.year_of(timezone.localtime(now).date())
    for code, name, budget in FUNDS:
        row, made = Fund.objects.get_or_create(code=code, defaults={"name": name})
        if made:
            actions.open_year(row, label=label, begins=begins, ends=ends, amount=Decimal(budget), key=f"demo {code}",
                              actor=by, now=timezone.make_aware(datetime.combine(begins, time())))
