"""Which lending requests became billable in a period, and what each costs: loans that were shipped, copies that were
delivered. What stands on an invoice already, or was looked at, is not found again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count
from django.utils import timezone

from billing.agreements.charge import Explained
from billing.agreements.models import Term
from billing.agreements.queries import Agreed, explain
from billing.invoices.models import InvoiceLine
from illdesk.models import Event
from requests_app.models import ILLRequest

# With these steps of lending we have done what is paid for.
EVENTS = ("request.ship", "request.deliver_scan", "request.mail_copy")
INVOICE, FREE, ELSEWHERE, UNKNOWN = "invoice", "free", "elsewhere", "unknown"


@dataclass(frozen=True)
class Planned:
    """A request with what it costs. `outcome`: it comes on an invoice, nothing is charged, it is charged elsewhere, or
    nothing is agreed (UNKNOWN): then it is found again."""

    ill: ILLRequest
    day: date
    found: Explained
    outcome: str


def plan(begins: date, ends: date) -> list[Planned]:
    """By library and day; the same order each time. A few queries for any number of requests."""
    days = _days(begins, ends)
    billed = set(InvoiceLine.objects.filter(live=True, kind=InvoiceLine.CHARGE, of=None, ill__in=days)
                 .values_list("ill", flat=True))
    ills = ILLRequest.objects.filter(pk__in=set(days) - billed, kind="lending", partner__isnull=False).select_related(
        "partner", "citation", "patron").prefetch_related("deliveries", "references")
    agreed, counts = Agreed(), _Counts()
    planned = []
    for ill in sorted(ills, key=lambda ill: (ill.partner.symbol, days[ill.pk], ill.pk)):  # type: ignore[union-attr]
        day = days[ill.pk]
        found = explain(ill, direction=Term.LENDING, day=day, earlier=counts.of(ill, day), agreed=agreed)
        planned.append(Planned(ill, day, found, _outcome(found)))
    return planned


def _outcome(found: Explained) -> str:
    if found.version is None:
        return UNKNOWN
    if not found.total:
        return FREE
    return INVOICE if found.pay_way in Term.ON_INVOICES else ELSEWHERE


def _days(begins: date, ends: date) -> dict[int, date]:
    """Key of the request to the day of its step; the first, where a scan was sent again."""
    since = timezone.make_aware(datetime.combine(begins, time()))
    before = timezone.make_aware(datetime.combine(ends + timedelta(days=1), time()))
    rows = Event.objects.filter(name__in=EVENTS, subject_kind="request", at__gte=since, at__lt=before).order_by(
        "at", "pk").values_list("subject_id", "at")
    days: dict[int, date] = {}
    for pk, at in rows:
        days.setdefault(pk, timezone.localtime(at).date())
    return days


class _Counts:
    """How many requests of a service a library had before one in its calendar year; one query a year."""

    def __init__(self):
        self.known: dict[int, dict[tuple[int, str], int]] = {}

    def of(self, ill: ILLRequest, day: date) -> int:
        if day.year not in self.known:
            rows = InvoiceLine.objects.filter(
                live=True, kind=InvoiceLine.CHARGE, of=None, day__year=day.year,
            ).order_by().values_list("library", "service").annotate(n=Count("pk"))
            self.known[day.year] = {(library, service): n for library, service, n in rows}
        year, key = self.known[day.year], (ill.partner_id or 0, ill.service)
        year[key] = year.get(key, 0) + 1
        return year[key] - 1


def earlier_than(line: InvoiceLine) -> int:
    """Requests of its service that the library had before this one in the year."""
    return InvoiceLine.objects.filter(
        live=True, kind=InvoiceLine.CHARGE, of=None, library=line.library_id, service=line.service,
        day__year=line.day.year, day__lte=line.day, pk__lt=line.pk).count()


def summed(planned: Iterable[Planned]) -> list[dict]:
    """For the preview: by library and currency, how many and how much."""
    found: dict[tuple[str, str], dict] = {}
    for one in planned:
        if one.outcome != INVOICE or one.ill.partner is None:
            continue
        row = found.setdefault((one.ill.partner.symbol, one.found.currency), {
            "library": one.ill.partner, "currency": one.found.currency, "count": 0, "total": 0, "rows": []})
        row["count"] += 1
        row["total"] += one.found.total
        row["rows"].append(one)
    return [found[key] for key in sorted(found)]
