"""A fund for royalties with its budget of the present fiscal year, for a first look."""

from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from billing.budget import actions, queries
from billing.budget.models import Fund
from illdesk.actors import SYSTEM

CODE = "ILL-R"


def load(now: datetime) -> None:
    """Once: what is there stays."""
    row, made = Fund.objects.get_or_create(code=CODE, defaults={"name": "Copyright royalties"})
    if not made:
        return
    label, begins, ends = queries.fiscal_year(timezone.localtime(now).date())
    actions.open_year(row, label=label, begins=begins, ends=ends, amount=Decimal(2000), key=f"demo {CODE}",
                      actor=SYSTEM, now=now)
