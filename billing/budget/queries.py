"""What stands in the budget: funds on a day, years, commitments by slices."""

from datetime import date

from billing.budget.models import Commitment, Fund, FundYear
from illdesk import budgets


def on(day: date) -> list[budgets.Fund]:
    """Funds that can be used on this day. One query."""
    rows = FundYear.objects.filter(fund__active=True, begins__lte=day, ends__gte=day).select_related("fund")
    return [as_told(row) for row in rows.order_by("fund__code")]


def as_told(row: FundYear) -> budgets.Fund:
    fund = row.fund
    return budgets.Fund(fund.code, fund.name, fund.currency, row.label, row.budget, row.left)


def labels() -> list[str]:
    """Fiscal years that any fund has, newest first."""
    rows = FundYear.objects.order_by("-begins").values_list("label", flat=True)
    return list(dict.fromkeys(rows))


def years(label: str) -> list[FundYear]:
    return list(FundYear.objects.filter(label=label).select_related("fund").order_by("fund__code"))


def without_year(label: str) -> list[Fund]:
    """Funds in use that have no budget in this fiscal year."""
    return list(Fund.objects.filter(active=True).exclude(years__label=label))


def commitments(row: FundYear, *, before: int = 0, most: int = 0):
    """Newest first, by key; all where `most` is 0."""
    rows = Commitment.objects.filter(fund_year=row).select_related("by").order_by("-pk")
    if before:
        rows = rows.filter(pk__lt=before)
    return rows[:most] if most else rows
