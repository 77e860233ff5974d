"""Figures of a period, each by a few set-based queries however much was booked.

Days are those of the entries in the books (what belongs to a closed month was entered later), so that every sum is the
one of the accounts. What was undone stands on both sides and comes to nothing. Dummy requests carry money and are no
requests: their amounts count, they do not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Min, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.budget.models import Fund
from billing.costs.models import Booked
from billing.ifm.matching import SHIPPED
from billing.ledger import chart
from billing.ledger.models import Entry
from billing.reports.models import BalanceLimit
from illdesk import dates
from illdesk.models import Event
from illdesk.money import CENT, cents
from requests_app import lifecycle
from requests_app.models import ILLRequest, Library, LibraryGroup, Patron, Royalty

NOTHING = Decimal("0.00")
# Accounts that booked amounts of requests go to.
INCOME_OF, COST_OF = ("lending",), ("borrowing", "lost", "fees")
# Cost that is in no bill for a request: named beside the sums, so that nobody takes them for all that was spent.
BESIDE = ("royalties", "vouchers_used", "written_off", "exchange")


@dataclass(frozen=True)
class Period:
    first: date
    last: date

    @property
    def begins(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.first, time()))

    @property
    def after(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.last + timedelta(days=1), time()))


@dataclass
class Row:
    """`key`: what it is grouped by, None for what has none; `requests`: with an amount that stands, both ways."""

    key: Any
    label: str = ""
    cost: Decimal = NOTHING
    lost: Decimal = NOTHING
    fees: Decimal = NOTHING
    income: Decimal = NOTHING
    requests: int = 0

    @property
    def spent(self) -> Decimal:
        return self.cost + self.lost + self.fees

    @property
    def net(self) -> Decimal:
        return self.income - self.spent


# --- income and cost ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dimension:
    """`by`: the column, or an expression; `label`: of keys, by one query at most."""

    code: str
    name: str | Promise
    by: Any
    labels: Callable[[set], Mapping[Any, Any]]
    none: str | Promise


def _plain(keys: set) -> Mapping[Any, Any]:
    return {key: key for key in keys}


def _libraries(keys: set) -> Mapping[Any, Any]:
    return {pk: f"{name} ({symbol})" for pk, name, symbol in
            Library.objects.filter(pk__in=keys).values_list("pk", "name", "symbol")}


def _groups(keys: set) -> Mapping[Any, Any]:
    return dict(LibraryGroup.objects.filter(pk__in=keys).values_list("pk", "name"))


def _months(keys: set) -> Mapping[Any, Any]:
    return {key: dates.month(key) for key in keys}


DIMENSIONS: Mapping[str, Dimension] = {one.code: one for one in (
    Dimension("month", _("Month"), TruncMonth("entry__day"), _months, "—"),
    Dimension("library", _("Library"), F("library"), _libraries, _("No library")),
    Dimension("group", _("Consortium or group"), F("library__groups"), _groups, _("In no group")),
    Dimension("department", _("Department"), F("ill__patron__department"), _plain, _("No department")),
    Dimension("status", _("Patron status"), F("ill__patron__status"), lambda keys: dict(Patron.STATUSES),
              _("No patron")),
    Dimension("service", _("Service"), F("ill__service"), lambda keys: dict(ILLRequest.SERVICES), _("No request")),
    Dimension("way", _("Way of payment"), F("way"), lambda keys: Booked.WAYS, "—"),
    Dimension("fund", _("Fund"), F("fund__code"), _plain, _("No fund: income and fees")),
)}


def _sums() -> dict[str, Any]:
    standing = Q(undone_by=None, undoes=None, dummy=False)
    cost, lost = Q(side=Booked.COST), Q(what__in=("lost", "damaged"))
    return {
        "cost": Sum("amount", filter=cost & ~Q(what="fee") & ~lost), "lost": Sum("amount", filter=cost & lost),
        "fees": Sum("amount", filter=cost & Q(what="fee")), "income": Sum("amount", filter=Q(side=Booked.INCOME)),
        "requests": Count("ill", distinct=True, filter=standing),
    }


def _booked(period: Period):
    return Booked.objects.filter(entry__day__gte=period.first, entry__day__lte=period.last)


def by(dimension: Dimension, period: Period) -> list[Row]:
    """Largest first, months in their order; two queries. A library of two groups stands in both, so that groups do not
    add up to the total."""
    found = _booked(period).annotate(grouped=dimension.by).values("grouped").order_by().annotate(**_sums())
    rows = [_row(one) for one in found]
    merged: dict[Any, Row] = {}
    for row in rows:  # '' and nothing are the same department
        row.key = row.key or None
        there = merged.get(row.key)
        if there is None:
            merged[row.key] = row
        else:
            for name in ("cost", "lost", "fees", "income", "requests"):
                setattr(there, name, getattr(there, name) + getattr(row, name))
    labels = dimension.labels({key for key in merged if key is not None})
    for row in merged.values():
        row.label = str(labels.get(row.key, row.key)) if row.key is not None else str(dimension.none)
    if dimension.code == "month":
        return sorted(merged.values(), key=lambda row: row.key)
    return sorted(merged.values(), key=lambda row: (-(abs(row.spent) + abs(row.income)), row.label))


def _row(one: Mapping[str, Any]) -> Row:
    cost, lost, fees, income = (cents(one[name]) or NOTHING for name in ("cost", "lost", "fees", "income"))
    return Row(one.get("grouped"), cost=cost, lost=lost, fees=fees, income=income, requests=one["requests"])


def total(period: Period) -> Row:
    return _row(_booked(period).aggregate(**_sums()))


@dataclass(frozen=True)
class Tie:
    """The report beside the accounts: `beside` is what was entered there without a request (bank fees and the like)."""

    report: Decimal
    books: Decimal

    @property
    def beside(self) -> Decimal:
        return self.books - self.report


def tie(period: Period, found: Row) -> dict[str, Tie]:
    """Income and cost against the accounts of the books; two queries."""
    moved: dict[str, dict[str, Decimal]] = {}
    for side in ("debit", "credit"):
        entries = Entry.objects.filter(
            day__gte=period.first, day__lte=period.last, **{f"{side}__family__in": INCOME_OF + COST_OF})
        moved[side] = {family: cents(amount) or NOTHING for family, amount in
                       entries.order_by().values_list(f"{side}__family").annotate(Sum("amount"))}

    def holds(families: tuple[str, ...]) -> Decimal:
        return sum((moved["debit"].get(one, NOTHING) - moved["credit"].get(one, NOTHING) for one in families), NOTHING)

    return {"income": Tie(found.income, -holds(INCOME_OF)), "cost": Tie(found.spent, holds(COST_OF))}


@dataclass(frozen=True)
class Beside:
    """Cost of a family of accounts that the reports leave out, with the fund where the family has funds."""

    family: str
    label: str
    fund: str
    amount: Decimal


def beside(period: Period) -> list[Beside]:
    """In the order of the chart, by fund; what comes to nothing is left out. Three queries."""
    moved: dict[tuple[str, int | None], Decimal] = {}
    for side, sign in (("debit", 1), ("credit", -1)):
        entries = Entry.objects.filter(day__gte=period.first, day__lte=period.last, **{f"{side}__family__in": BESIDE})
        for family, subject, amount in entries.order_by().values_list(f"{side}__family", f"{side}__subject").annotate(
                Sum("amount")):
            key = (family, subject if chart.FAMILIES[family].of == "fund" else None)
            moved[key] = moved.get(key, NOTHING) + sign * (cents(amount) or NOTHING)
    funds = dict(Fund.objects.filter(pk__in=[pk for _family, pk in moved if pk]).values_list("pk", "code"))
    found = [Beside(family, str(chart.FAMILIES[family].label), funds.get(pk, "") if pk else "", amount)
             for (family, pk), amount in moved.items() if amount]
    return sorted(found, key=lambda one: (BESIDE.index(one.family), one.fund))


# --- who owes whom --------------------------------------------------------------------------------------------


@dataclass
class Balance:
    """With a library or a group: requests that we filled for it and it for us, by service, and money both ways.
    `told`: the limit that is passed."""

    key: int | None
    label: str = ""
    lent: dict[str, int] = field(default_factory=dict)
    borrowed: dict[str, int] = field(default_factory=dict)
    income: Decimal = NOTHING
    spent: Decimal = NOTHING
    told: BalanceLimit | None = None
    groups: set[int] = field(default_factory=set)

    def difference(self, service: str = "") -> int:
        """More lent than borrowed; less than nothing the other way round."""
        if service:
            return self.lent.get(service, 0) - self.borrowed.get(service, 0)
        return sum(self.lent.values()) - sum(self.borrowed.values())

    # A template's "lent.copy" would call the dictionary's own copy() where nothing was lent.
    @property
    def loans(self) -> str:
        return f"{self.lent.get('loan', 0)} / {self.borrowed.get('loan', 0)}"

    @property
    def copies(self) -> str:
        return f"{self.lent.get('copy', 0)} / {self.borrowed.get('copy', 0)}"

    @property
    def more(self) -> int:
        return self.difference()

    @property
    def money(self) -> Decimal:
        return self.income - self.spent


def filled(period: Period):
    """Requests first shipped in the period, as their events say: a subquery of keys."""
    names = [name for some in SHIPPED.values() for name in some]
    first = Event.objects.filter(subject_kind="request", name__in=names, at__lt=period.after).order_by().values(
        "subject_id").annotate(first=Min("at")).filter(first__gte=period.begins)
    return ILLRequest.objects.filter(pk__in=first.values("subject_id"))


def balances(period: Period, *, group: bool = False) -> list[Balance]:
    """Of libraries, or of groups of them; the largest difference first. Five queries."""
    place = "partner__groups" if group else "partner"
    found: dict[int | None, Balance] = {}
    rows = filled(period).order_by().values(place, "kind", "service").annotate(n=Count("pk"))
    for row in rows:
        if row["kind"] not in (lifecycle.BORROWING, lifecycle.LENDING):
            continue
        one = found.setdefault(row[place], Balance(row[place]))
        ways = one.lent if row["kind"] == lifecycle.LENDING else one.borrowed
        ways[row["service"]] = ways.get(row["service"], 0) + row["n"]
    money = by(DIMENSIONS["group" if group else "library"], period)
    for sums in money:
        one = found.setdefault(sums.key, Balance(sums.key))
        one.income, one.spent = sums.income, sums.spent
    found.pop(None, None)
    labels = (_groups if group else _libraries)(set(found))
    if not group:
        for library, number in LibraryGroup.libraries.through.objects.filter(
                library__in=list(found)).values_list("library_id", "librarygroup_id"):
            found[library].groups.add(number)
    limits = list(BalanceLimit.objects.all())
    for one in found.values():
        one.label = labels.get(one.key, "—")
        one.told = next((limit for limit in limits if _passed(limit, one, group=group)), None)
    return sorted(found.values(), key=lambda one: (one.told is None, -abs(one.more), -abs(one.money), one.label))


def _passed(limit: BalanceLimit, one: Balance, *, group: bool) -> bool:
    if group:
        holds = limit.group_id == one.key
    else:
        holds = limit.library_id == one.key or (limit.library_id is None and limit.group_id is None)
    if not holds:
        return False
    many = limit.requests is not None and abs(one.difference(limit.service)) > limit.requests
    return many or (limit.money is not None and abs(one.money) > limit.money)


# --- what a filled request costs ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """`requests`: charged this way; `cost` with `fees` of them. Lost and damaged items are no cost of filling."""

    way: str
    label: str
    requests: int
    cost: Decimal
    fees: Decimal

    @property
    def together(self) -> Decimal:
        return self.cost + self.fees

    @property
    def each(self) -> Decimal | None:
        return (self.together / self.requests).quantize(CENT) if self.requests else None


def per_request(period: Period) -> tuple[list[Way], Way]:
    """By way of payment, and of all that were filled for us, also without a charge. Two queries."""
    rows = _booked(period).filter(side=Booked.COST, dummy=False).exclude(what__in=("lost", "damaged"))
    standing = Q(undone_by=None, undoes=None) & ~Q(what="fee")
    ways = [
        Way(one["way"], str(Booked.WAYS.get(one["way"], one["way"])), one["n"], cents(one["cost"]) or NOTHING,
            cents(one["fees"]) or NOTHING)
        for one in rows.order_by("way").values("way").annotate(
            n=Count("ill", distinct=True, filter=standing), cost=Sum("amount", filter=~Q(what="fee")),
            fees=Sum("amount", filter=Q(what="fee")))
    ]
    count = filled(period).filter(kind=lifecycle.BORROWING).count()
    everything = Way("", "", count, sum((one.cost for one in ways), NOTHING), sum((one.fees for one in ways), NOTHING))
    return ways, everything


# --- royalties ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RoyaltySum:
    fund: str
    currency: str
    copies: int
    paid: Decimal


def royalties(period: Period) -> list[RoyaltySum]:
    """What was paid in the period, by fund and currency. One query."""
    rows = Royalty.objects.filter(state=Royalty.PAID, paid_on__gte=period.first, paid_on__lte=period.last)
    return [RoyaltySum(one["fund"] or "—", one["currency"], one["n"], cents(one["sum"]) or NOTHING)
            for one in rows.order_by("fund", "currency").values("fund", "currency").annotate(
                n=Count("pk"), sum=Sum("paid"))]
