"""Money of a fund that is really spent stands in the books too, whichever page paid it: budgets and books say the same.

What was put aside (`billing.budget`) has at most one entry that stands: paid with another amount after all, the first
is reversed and another written.
"""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from billing.budget import actions as budget
from billing.budget.models import Commitment
from billing.costs.actions import foreign
from billing.ledger import actions as ledger
from billing.ledger.actions import Transfer, Where
from billing.ledger.models import Entry
from illdesk.actors import Actor
from requests_app.models import LoanPolicy

# Of a commitment's `what`, the family of accounts that it costs.
_COSTS = {"royalty": "royalties"}


def spend(key: str, amount: Decimal, *, actor: Actor, now: datetime) -> bool:
    """As `budgets.Funds.spend`. Raises BadAnswer where the fund has another currency whose rate nobody entered."""
    with transaction.atomic():
        if not budget.spend(key, amount, actor=actor, now=now):
            return False
        _enter(Commitment.objects.select_related("fund_year").get(key=key), actor=actor, now=now)
        return True


def unspend(key: str, *, actor: Actor, now: datetime) -> bool:
    """As `budgets.Funds.unspend`."""
    with transaction.atomic():
        if not budget.unspend(key, actor=actor, now=now):
            return False
        _enter(Commitment.objects.select_related("fund_year").get(key=key), actor=actor, now=now)
        return True


def entry_of(row: Commitment) -> Entry | None:
    """The one that stands."""
    return Entry.objects.filter(key__startswith=_key(row), reverses=None, reversed_by=None).first()


def _key(row: Commitment) -> str:
    return f"spent:{row.pk}:"


def _enter(row: Commitment, *, actor: Actor, now: datetime) -> None:
    day, there = timezone.localtime(now).date(), entry_of(row)
    if there is not None:
        ledger.reverse(there, key=f"{there.key}:back", day=day, actor=actor, now=now)
    if row.what not in _COSTS or not row.actual:
        return
    other = foreign(row.actual, row.currency, day) if row.currency != LoanPolicy.current().currency else None
    cost = Where(_COSTS[row.what], row.fund_year.fund_id)
    before = Entry.objects.filter(key__startswith=_key(row), reverses=None).count()
    ledger.post(
        f"{_key(row)}{before + 1}",
        Transfer(cost, Where("bank"), other.own if other else row.actual, "royalty", ("commitment", row.pk), other),
        day=day, actor=actor, now=now, or_later=True)
