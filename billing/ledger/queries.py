"""What the books say: balances of accounts, the trial balance, an account's entries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from billing.ledger import chart
from billing.ledger.actions import Where
from billing.ledger.models import Account, Entry
from illdesk.money import CENT

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


def balance(where: Where, *, upto: date | None = None) -> Decimal:
    """What an account holds at the end of a day (of all days, without one); nothing where it was never used."""
    account = Account.objects.filter(family=where.family, subject=where.subject).first()
    return balances([account], upto=upto)[0].amount if account is not None else NOTHING


def balances(accounts: Iterable[Account], *, since: date | None = None, upto: date | None = None) -> list[Balance]:
    """Two queries, however many accounts. `since`: only what was entered from that day on, as reports of income and
    cost want it."""
    accounts = list(accounts)
    days = Q()
    if since is not None:
        days &= Q(day__gte=since)
    if upto is not None:
        days &= Q(day__lte=upto)
    pks = [account.pk for account in accounts]
    debited, credited = (
        dict(Entry.objects.filter(days, **{f"{side}__in": pks}).order_by().values_list(side).annotate(Sum("amount")))
        for side in ("debit", "credit")
    )
    return [Balance(account, _cents(debited.get(account.pk)), _cents(credited.get(account.pk))) for account in accounts]


def trial(*, since: date | None = None, upto: date | None = None) -> list[Balance]:
    """Every account that was used, by family and subject. Debits and credits of all of them are one sum."""
    found = balances(Account.objects.order_by("family", "subject"), since=since, upto=upto)
    return [one for one in found if one.debited or one.credited]


def entries_of(where: Where) -> QuerySet[Entry]:
    """Newest first."""
    mine = Account.objects.filter(family=where.family, subject=where.subject)
    return Entry.objects.filter(Q(debit__in=mine) | Q(credit__in=mine)).select_related(
        "debit", "credit", "year", "by").order_by("-day", "-pk")


def _cents(amount: Decimal | None) -> Decimal:
    """SQLite adds in binary fractions; a cent is exact far beyond what a department turns over."""
    return NOTHING if amount is None else Decimal(str(amount)).quantize(CENT)
