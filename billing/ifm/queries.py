"""What the reports of a network come to: month by month, and requests of which no report says anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, Sum, When

from billing.costs.models import Booked
from billing.fiscal import months_on
from billing.ifm import BACK, FEES, NUMBERS_OF
from billing.ifm.matching import SHIPPED
from billing.ifm.models import NetworkLine, NetworkStatement, NotCharged, Report
from illdesk.models import Event
from illdesk.money import cents
from requests_app import lifecycle
from requests_app.models import ExternalReference, ILLRequest, LibraryPolicy

NOTHING = Decimal("0.00")


@dataclass
class Month:
    """A month of a network. Amounts of lines in their own currency, less than nothing never; `net`: what the lines say
    that we pay (less than nothing: we are paid), of all but those replaced or set aside; `stated`: of its invoice."""

    month: date
    reports: int = 0
    count: int = 0
    open: int = 0
    ready: int = 0
    booked: int = 0
    cost: Decimal = NOTHING
    fees: Decimal = NOTHING
    income: Decimal = NOTHING
    aside: Decimal = NOTHING
    statements: list[NetworkStatement] = field(default_factory=list)

    @property
    def net(self) -> Decimal:
        return self.cost + self.fees - self.income

    @property
    def stated(self) -> Decimal:
        return sum((row.amount for row in self.statements), NOTHING)

    @property
    def difference(self) -> Decimal:
        return self.stated - self.net


_SIGNED = Case(When(kind__in=BACK, then=-F("amount")), default=F("amount"))


def months(system: str, *, only: date | None = None) -> list[Month]:
    """Newest first, from the first report on without gaps: a month without a report had no transactions. Three
    queries."""
    month = Q(month=only) if only else Q()
    found: dict[date, Month] = {}
    for row in Report.objects.filter(month, system=system, state=Report.READ).values("month").order_by().annotate(
            n=Count("pk")):
        found.setdefault(row["month"], Month(row["month"])).reports = row["n"]
    lines = NetworkLine.objects.filter(month, system=system).exclude(state=NetworkLine.REPLACED)
    for row in lines.values("month", "state", "kind").order_by().annotate(n=Count("pk"), sum=Sum(_SIGNED)):
        _add(found.setdefault(row["month"], Month(row["month"])), row)
    for statement in NetworkStatement.objects.filter(month, system=system).order_by("day", "pk"):
        found.setdefault(statement.month, Month(statement.month)).statements.append(statement)
    if only:
        return [found.get(only, Month(only))]
    if found:
        first, last = min(found), max(found)
        while first < last:
            first = months_on(first, 1)
            found.setdefault(first, Month(first))
    return [found[key] for key in sorted(found, reverse=True)]


def _add(month: Month, row: Mapping[str, Any]) -> None:
    amount = cents(row["sum"]) or NOTHING
    month.count += row["n"]
    if row["state"] == NetworkLine.ASIDE:
        month.aside += amount if row["kind"] in ("debit", "debit_back", *FEES) else -amount
        return
    if row["state"] == NetworkLine.OPEN:
        month.open += row["n"]
    elif row["state"] == NetworkLine.READY:
        month.ready += row["n"]
    else:
        month.booked += row["n"]
    if row["kind"] in FEES:
        month.fees += amount
    elif row["kind"] in ("debit", "debit_back"):
        month.cost += amount
    else:
        month.income += amount


def differences(system: str, month: date):
    """Lines that somebody has to decide on, by day."""
    return _lines(NetworkLine.objects.filter(system=system, month=month, state=NetworkLine.OPEN))


def lines_of(system: str, month: date):
    return _lines(NetworkLine.objects.filter(system=system, month=month))


def _lines(found):
    return found.select_related("ill", "library", "before", "before__network_line", "instead", "decided_by", "booked",
                                "report").order_by("day", "row", "pk")


def open_count() -> int:
    return NetworkLine.objects.filter(state=NetworkLine.OPEN).count()


def uncharged(system: str, month: date):
    """Shipped in the month, known to the network by number, something was agreed, and no report and no invoice says
    anything of the charge. That one is to come is known by any of three grounds, which stand with each row: `by_fee`,
    the network took its fee for this very request; `by_entry`, the library is entered as one that takes IFM;
    `by_lines`, charges with this library came by the network in the year before. A number alone is none: libraries
    send invoices for requests of OCLC too, and nothing that we store of a request says that it was flagged as IFM.
    One query."""
    after = months_on(month, 1)
    names = [name for some in SHIPPED.values() for name in some]
    shipped = Event.objects.filter(
        subject_kind="request", subject_id=OuterRef("pk"), name__in=names, at__date__gte=month, at__date__lt=after)
    before = Event.objects.filter(
        subject_kind="request", subject_id=OuterRef("pk"), name__in=names, at__date__lt=month)
    numbered = ExternalReference.objects.filter(ill=OuterRef("pk"), system=NUMBERS_OF[system], dummy=False)
    entry = LibraryPolicy.objects.filter(library=OuterRef("partner"), takes_ifm=True)
    others = NetworkLine.objects.filter(
        library=OuterRef("partner"), system=system, month__gte=months_on(month, -12), month__lte=month,
        state__in=[NetworkLine.READY, NetworkLine.BOOKED]).exclude(kind__in=FEES)
    fees = NetworkLine.objects.filter(ill=OuterRef("pk"), system=system, kind="fee", dummy=False)
    lines = NetworkLine.objects.filter(ill=OuterRef("pk")).exclude(kind__in=FEES)
    booked = Booked.objects.filter(ill=OuterRef("pk"), undone_by=None, undoes=None).exclude(what="fee")
    settled = NotCharged.objects.filter(ill=OuterRef("pk"), settled__isnull=False)
    return ILLRequest.objects.annotate(
        by_fee=Exists(fees), by_entry=Exists(entry), by_lines=Exists(others),
    ).filter(
        Q(by_fee=True) | Q(by_entry=True) | Q(by_lines=True),
        Exists(shipped), ~Exists(before), Exists(numbered), ~Exists(lines), ~Exists(booked),
        ~Exists(settled), kind__in=(lifecycle.BORROWING, lifecycle.LENDING), cost__gt=0,
    ).select_related("partner", "not_charged").order_by("pk")


def next_due(today: date) -> date:
    """The month whose report is the newest that can be there: it appears on the 11th of the next."""
    return months_on(today.replace(day=1), -1 if today.day >= 11 else -2)


def month_ends(month: date) -> date:
    return months_on(month, 1) - timedelta(days=1)


