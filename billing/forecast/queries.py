"""The year of each fund from the books and the budget. Amounts in the library's own currency."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from billing import fiscal
from billing.batches import queries as batches
from billing.budget.models import Fund, FundYear
from billing.forecast.project import NOTHING, Projection, project
from billing.ledger import chart
from billing.ledger.models import Entry, FiscalYear
from illdesk.money import cents
from requests_app.models import LoanPolicy


@dataclass(frozen=True)
class Line:
    """A fund's year, or all funds together (`code` ''). `spent`: what was entered as cost, by month; `open`: approved
    and not paid yet, which is part of what was spent or committed and not added again. `budgeted`: a budget was
    entered for this year, so that there is something to compare with."""

    code: str
    name: str
    budget: Decimal
    months: tuple[Decimal, ...]
    before: tuple[Decimal, ...]
    committed: Decimal
    open: Decimal
    projection: Projection
    budgeted: bool = True

    @property
    def spent(self) -> Decimal:
        return sum(self.months, NOTHING)

    @property
    def forecast(self) -> Decimal:
        return self.spent + self.projection.rest

    @property
    def difference(self) -> Decimal:
        """What is left in the end, by the forecast; below nothing: that much too little."""
        return self.budget - self.forecast

    @property
    def percent(self) -> int:
        return min(100, int(self.spent * 100 / self.budget)) if self.budget > 0 else 100 if self.spent > 0 else 0


@dataclass(frozen=True)
class Year:
    """`all`: the funds that have a budget in this year; what the others cost must not count against it. Where no fund
    has one, all of them."""

    label: str
    begins: date
    ends: date
    firsts: tuple[date, ...]
    currency: str
    all: Line
    funds: tuple[Line, ...]

    @property
    def without(self) -> list[Line]:
        """Funds that cost something and have no budget in this year."""
        return [line for line in self.funds if not line.budgeted]


def labels() -> list[str]:
    """Fiscal years with a budget or an entry, newest first."""
    found = dict(FundYear.objects.values_list("label", "begins"))
    found |= dict(FiscalYear.objects.filter(last__gt=0).values_list("label", "begins"))
    return sorted(found, key=lambda label: found[label], reverse=True)


def year(label: str, *, today: date) -> Year:
    begins, ends = _days(label, today)
    firsts = tuple(_months(begins, ends))
    currency = LoanPolicy.current().currency
    spent = _costs(begins, ends)
    before = _costs(fiscal.months_on(begins, -12), date.fromordinal(begins.toordinal() - 1))
    years = {row.fund_id: row for row in FundYear.objects.filter(label=label, fund__currency=currency)}
    open_, lines = batches.open_by_fund(), []
    for fund in Fund.objects.filter(currency=currency).order_by("code"):
        row = years.get(fund.pk)
        months = tuple(spent.get((fund.pk, first), NOTHING) for first in firsts)
        earlier = tuple(before.get((fund.pk, fiscal.months_on(first, -12)), NOTHING) for first in firsts)
        if row is None and not any(months):
            continue
        committed = row.committed if row else NOTHING
        lines.append(Line(
            fund.code, fund.name, row.budget if row else NOTHING, months, earlier, committed,
            open_.get(fund.code, NOTHING) if begins <= today <= ends else NOTHING,
            project(months, earlier, firsts, ends, today, committed), budgeted=row is not None))
    budgeted = [line for line in lines if line.budgeted]
    return Year(label, begins, ends, firsts, currency, _all(budgeted or lines, firsts), tuple(lines))


def _all(lines: list[Line], firsts: tuple[date, ...]) -> Line:
    """Each fund by its own method, added up."""
    methods = {line.projection.method for line in lines if line.projection.method != "none"}
    coming = tuple(_sum(line.projection.months[place] for line in lines) for place in range(len(firsts)))
    return Line(
        "", "", _sum(line.budget for line in lines),
        tuple(_sum(line.months[place] for line in lines) for place in range(len(firsts))),
        tuple(_sum(line.before[place] for line in lines) for place in range(len(firsts))),
        _sum(line.committed for line in lines), _sum(line.open for line in lines),
        Projection(coming, methods.pop() if len(methods) == 1 else "mixed" if methods else "none"),
        budgeted=any(line.budgeted for line in lines))


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, NOTHING)


def _days(label: str, today: date) -> tuple[date, date]:
    row: FiscalYear | FundYear | None = FiscalYear.objects.filter(label=label).first()
    row = row or FundYear.objects.filter(label=label).order_by("begins").first()
    if row is not None:
        return row.begins, row.ends
    _label, begins, ends = fiscal.year_of(today)
    return begins, ends


def _months(begins: date, ends: date) -> Iterable[date]:
    first = begins.replace(day=1)
    while first <= ends:
        yield first
        first = fiscal.months_on(first, 1)


def _costs(begins: date, ends: date) -> dict[tuple[int, date], Decimal]:
    """(fund, first of the month) → what its cost accounts took in; two queries."""
    families = [family.code for family in chart.FAMILIES.values() if family.kind == chart.COST and family.of == "fund"]
    found: dict[tuple[int, date], Decimal] = {}
    for side, sign in (("debit", 1), ("credit", -1)):
        rows = Entry.objects.filter(**{f"{side}__family__in": families}, day__gte=begins, day__lte=ends)
        for fund, first, amount in rows.order_by().values_list(f"{side}__subject", "period__begins").annotate(
                Sum("amount")):
            key = (fund, first.replace(day=1))
            found[key] = found.get(key, NOTHING) + sign * (cents(amount) or NOTHING)
    return found


def meters(label: str, *, today: date | None = None) -> list[dict]:
    """The year and the two funds that are used most, for the top of the list of batches. The year's names what has no
    budget (`without`)."""
    from django.utils import timezone

    found = year(label, today=today or timezone.localdate())
    most = sorted((line for line in found.funds if line.budget > 0), key=lambda line: -line.percent)[:2]
    return [{"label": label if not line.code else f"{line.code} {line.name}", "year": not line.code, "line": line,
             "currency": found.currency, "without": () if line.code else found.without}
            for line in (found.all, *most) if line.budget > 0]
