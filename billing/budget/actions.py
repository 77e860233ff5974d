"""What changes money: budgets given and changed, amounts put aside, paid and released.

A year's totals change only by a conditional update on its version: of two who want the last money one is told.
Everything can be said twice; the second time nothing happens.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from billing.budget import queries
from billing.budget.models import BudgetChange, Commitment, Fund, FundYear
from illdesk import budgets, events, money, rows
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed, Stale

_TRIES = 50


def _change(pk: int, change: Callable[[FundYear], None]) -> FundYear:
    """`change` sets the row's totals from how they stand, or raises; it is called again when somebody was faster."""
    for _attempt in range(_TRIES):
        row = FundYear.objects.select_related("fund").get(pk=pk)
        seen = row.version
        change(row)
        changed = FundYear.objects.filter(pk=pk, version=seen).update(
            budget=row.budget, committed=row.committed, spent=row.spent, version=seen + 1
        )
        if changed:
            row.version = seen + 1
            return row
    raise Stale(_("This fund is changed by others at this moment. Nothing was changed; try again."))


# --- budgets -------------------------------------------------------------------------------------------------


def open_year(
    fund: Fund, *, label: str, begins: date, ends: date, amount: Decimal, key: str, actor: Actor, now: datetime
) -> FundYear:
    """A fund gets its fiscal year with a budget. Raises BadAnswer for days that another year has."""
    with transaction.atomic():
        done = BudgetChange.objects.filter(key=key).select_related("fund_year").first()
        if done is not None:
            return done.fund_year
        seen = Fund.objects.get(pk=fund.pk).version
        # Who adds another year at the same moment finds the version changed.
        if not Fund.objects.filter(pk=fund.pk, version=seen).update(version=seen + 1):
            raise Stale(_("Somebody changed this fund at the same moment. Nothing was stored; look at it again."))
        other = FundYear.objects.filter(fund=fund, begins__lte=ends, ends__gte=begins).first()
        if other is not None:
            raise BadAnswer(_("These days belong to %(year)s already.") % {"year": other.label}, field="begins")
        if FundYear.objects.filter(fund=fund, label=label).exists():
            raise BadAnswer(_("This fund has a year of this name already."), field="label")
        row = FundYear.objects.create(fund=fund, label=label, begins=begins, ends=ends, budget=amount)
        BudgetChange.objects.create(
            fund_year=row, amount=amount, why=_("Budget of the year"), at=now, by=actor.user, key=key
        )
        events.record("budget.year_opened", subject=("fund", fund.pk), actor=actor, now=now,
                      data={"year": row.pk, "amount": str(amount)})
        return row


def change_budget(row: FundYear, amount: Decimal, why: str, *, key: str, actor: Actor, now: datetime) -> FundYear:
    """`amount`: more (or less) than before. Once per `key`."""
    if not why.strip():
        raise BadAnswer(_("Say why the budget changes: it stays with the change."), field="why")
    if not amount:
        raise BadAnswer(_("Enter how much more or less it is."), field="amount")
    with transaction.atomic():
        change = BudgetChange(fund_year=row, amount=amount, why=why.strip()[:300], at=now, by=actor.user, key=key)
        if not rows.insert(change, unless_there=True):
            return FundYear.objects.select_related("fund").get(pk=row.pk)

        def more(found: FundYear) -> None:
            if found.budget + amount < 0:
                raise BadAnswer(_("A budget cannot be less than nothing."), field="amount")
            found.budget += amount

        changed = _change(row.pk, more)
        events.record("budget.changed", subject=("fund", row.fund_id), actor=actor, now=now,
                      data={"year": row.pk, "amount": str(amount)})
        return changed


# --- amounts put aside ---------------------------------------------------------------------------------------


def commit(
    key: str, *, fund: str, day: date, amount: Decimal, what: str, about: str, actor: Actor, now: datetime,
    over_reason: str = "",
) -> budgets.Fund:
    """As `budgets.Funds.commit`."""
    if amount < 0 or amount > money.MOST:
        raise BadAnswer(_("Enter an amount of money."), field="fund_amount")
    year = FundYear.objects.filter(
        fund__code=fund, fund__active=True, begins__lte=day, ends__gte=day
    ).select_related("fund").first()
    if year is None:
        raise BadAnswer(_("The fund %(fund)s has no budget on this day. Choose another one.") % {"fund": fund},
                        field="fund")
    may_exceed = bool(over_reason.strip()) and actor.kind == "staff" and actor.may("manage_budget")
    beyond: list[FundYear] = []

    def aside(found: FundYear) -> None:
        if amount > found.left:
            if not may_exceed:
                raise budgets.NotEnough(_not_enough(found, amount, asked=over_reason))
            beyond.append(found)
        found.committed += amount

    with transaction.atomic():
        row = Commitment(
            fund_year=year, key=key, what=what, about=about, amount=amount, currency=year.fund.currency, made=now,
            by=actor.user,
        )
        if not rows.insert(row, unless_there=True):
            return queries.as_told(year)
        changed = _change(year.pk, aside)
        if beyond:
            Commitment.objects.filter(pk=row.pk).update(over_reason=over_reason.strip()[:300])
        events.record("budget.committed", subject=("commitment", row.pk), actor=actor, now=now,
                      data={"year": year.pk, "amount": str(amount), "beyond": bool(beyond)})
        return queries.as_told(changed)


def _not_enough(row: FundYear, amount: Decimal, *, asked: str) -> str:
    currency = row.fund.currency
    said = _("%(fund)s has %(left)s left in %(year)s; %(amount)s is more. Nothing was committed.") % {
        "fund": row.fund.code, "left": money.shown(row.left, currency), "year": row.label,
        "amount": money.shown(amount, currency),
    }
    more = _("Going beyond a budget needs somebody who may change budgets.") if asked.strip() else _(
        "Choose another fund, or somebody who may change budgets says why it goes beyond.")
    return f"{said} {more}"


def spend(key: str, amount: Decimal, *, actor: Actor, now: datetime) -> bool:
    """As `budgets.Funds.spend`. What is owed is paid, also beyond the budget: then less than nothing is left."""
    with transaction.atomic():
        row = Commitment.objects.filter(key=key).first()
        if row is None or row.state == Commitment.RELEASED or row.actual == amount:
            return False
        was = row.actual
        mine = Commitment.objects.filter(pk=row.pk, state=row.state, actual=was)
        if not mine.update(state=Commitment.SPENT, actual=amount, settled=now):
            return False  # somebody else settled it this moment

        def paid(found: FundYear) -> None:
            if was is None:
                found.committed -= row.amount
            found.spent += amount - (was or 0)

        _change(row.fund_year_id, paid)
        events.record("budget.spent", subject=("commitment", row.pk), actor=actor, now=now,
                      data={"amount": str(amount), "committed": str(row.amount)})
        return True


def unspend(key: str, *, actor: Actor, now: datetime) -> bool:
    """As `budgets.Funds.unspend`."""
    with transaction.atomic():
        row = Commitment.objects.filter(key=key, state=Commitment.SPENT).first()
        if row is None:
            return False
        was = row.actual or Decimal(0)
        mine = Commitment.objects.filter(pk=row.pk, state=Commitment.SPENT, actual=row.actual)
        if not mine.update(state=Commitment.COMMITTED, actual=None, settled=None):
            return False

        def aside(found: FundYear) -> None:
            found.spent -= was
            found.committed += row.amount

        _change(row.fund_year_id, aside)
        events.record("budget.unspent", subject=("commitment", row.pk), actor=actor, now=now,
                      data={"amount": str(was)})
        return True


def release(key: str, *, actor: Actor, now: datetime) -> bool:
    """As `budgets.Funds.release`."""
    with transaction.atomic():
        row = Commitment.objects.filter(key=key, state=Commitment.COMMITTED).first()
        if row is None:
            return False
        mine = Commitment.objects.filter(pk=row.pk, state=Commitment.COMMITTED)
        if not mine.update(state=Commitment.RELEASED, settled=now):
            return False

        def back(found: FundYear) -> None:
            found.committed -= row.amount

        _change(row.fund_year_id, back)
        return True


def count(fund: int, day: date, amount: Decimal) -> None:
    """What the books enter as a cost of a fund (its key) on a day is spent of its budget, also beyond it; less than
    nothing comes back. A fund without a budget on that day has nothing to count it against. Call inside the transaction
    of the entry."""
    year = FundYear.objects.filter(fund=fund, begins__lte=day, ends__gte=day).first()
    if year is None or not amount:
        return

    def more(found: FundYear) -> None:
        found.spent += amount

    _change(year.pk, more)


def save_fund(fund: Fund, *, fields: list[str], actor: Actor, now: datetime) -> Fund:
    """A new fund, or one that was changed: `fields` names which. The currency of one with money stays."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                fund.save(update_fields=fields if fund.pk else None)
        except IntegrityError as failure:
            raise BadAnswer(_("There is a fund of this code already."), field="code") from failure
        events.record("budget.fund_changed", subject=("fund", fund.pk), actor=actor, now=now,
                      data={"fields": sorted(fields)})
    return fund


def may_change_currency(fund: Fund) -> None:
    if FundYear.objects.filter(fund=fund).exists():
        raise NotAllowed(_("A fund with a budget keeps its currency. Make another fund for another currency."))
