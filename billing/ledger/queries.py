"""What the books say: balances of accounts, the trial balance, an account's entries."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from billing.ledger import chart
from billing.ledger.actions import Where
from billing.ledger.models import Account, Entry, FiscalYear, Period
from illdesk.money import cents

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Balance:
    """An account up to a day. `debited`, `credited`: sums of its entries; `amount`: what it holds, in the direction in
    which its family grows."""

    account: Account
    debited: Decimal
    credited: Decimal

    @property
    def amount(self) -> Decimal:
        less = self.debited - self.credited
        return less if chart.FAMILIES[self.account.family].grows_by_debit else -less


def _days(since: date | None, upto: date | None) -> Q:
    return (Q(day__gte=since) if since else Q()) & (Q(day__lte=upto) if upto else Q())


def balance(where: Where, *, upto: date | None = None) -> Decimal:
    """What an account holds at the end of a day (of all days, without one); nothing where it was never used."""
    account = Account.objects.filter(family=where.family, subject=where.subject).first()
    return balances([account], upto=upto)[0].amount if account is not None else NOTHING


def balances(accounts: Iterable[Account], *, since: date | None = None, upto: date | None = None) -> list[Balance]:
    """Two queries, however many accounts. `since`: only what was entered from that day on, as reports of income and
    cost want it."""
    accounts = list(accounts)
    days = _days(since, upto)
    pks = [account.pk for account in accounts]
    return _balances(accounts, days, lambda side: {f"{side}__in": pks})


def _balances(accounts: Iterable[Account], days: Q, only: Callable[[str], dict]) -> list[Balance]:
    debited, credited = (
        dict(Entry.objects.filter(days, **only(side)).order_by().values_list(side).annotate(Sum("amount")))
        for side in ("debit", "credit")
    )
    return [Balance(account, _sum(debited.get(account.pk)), _sum(credited.get(account.pk))) for account in accounts]


def trial(*, since: date | None = None, upto: date | None = None) -> list[Balance]:
    """Every account that was used, by family and subject. Debits and credits of all of them are one sum."""
    every = Account.objects.order_by("family", "subject")
    found = _balances(every, _days(since, upto), lambda _side: {})
    return [one for one in found if one.debited or one.credited]


@dataclass(frozen=True)
class FamilySum:
    """All accounts of a family: what was debited and credited in the days asked for, and what they hold after them."""

    family: chart.Family
    debited: Decimal
    credited: Decimal
    holds: Decimal


def families(since: date, upto: date) -> list[FamilySum]:
    """Families that were ever used until then, in the chart's order; four queries."""
    moved = {side: _by_family(side, day__gte=since, day__lte=upto) for side in ("debit", "credit")}
    ever = {side: _by_family(side, day__lte=upto) for side in ("debit", "credit")}
    found = []
    for code, family in chart.FAMILIES.items():
        if code not in ever["debit"] and code not in ever["credit"]:
            continue
        less = ever["debit"].get(code, NOTHING) - ever["credit"].get(code, NOTHING)
        found.append(FamilySum(family, moved["debit"].get(code, NOTHING), moved["credit"].get(code, NOTHING),
                               less if family.grows_by_debit else -less))
    return found


def _by_family(side: str, **days: date) -> dict[str, Decimal]:
    rows = Entry.objects.filter(**days).order_by().values_list(f"{side}__family").annotate(Sum("amount"))
    return {family: _sum(amount) for family, amount in rows}


def months(year: FiscalYear) -> list[Period]:
    """With `count` and `total` of what was entered in each."""
    return list(year.periods.select_related("closed_by").annotate(count=Count("entries"), total=Sum("entries__amount")))


def year_on(day: date) -> FiscalYear | None:
    """Of that day, where it is open already; else the newest one before it."""
    return FiscalYear.objects.filter(begins__lte=day).order_by("-begins").first()


def next_to_close(day: date) -> Period | None:
    """The oldest open month, where it is over on that day."""
    first = Period.objects.filter(closed=None).order_by("begins").first()
    return first if first is not None and first.ends < day else None


def entries_of(where: Where) -> QuerySet[Entry]:
    """Newest first."""
    mine = Account.objects.filter(family=where.family, subject=where.subject)
    return Entry.objects.filter(Q(debit__in=mine) | Q(credit__in=mine)).select_related(
        "debit", "credit", "year", "by").order_by("-day", "-pk")


def _sum(amount: Decimal | None) -> Decimal:
    return cents(amount) or NOTHING
