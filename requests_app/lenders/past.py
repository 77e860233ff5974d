"""What came of our requests to each lender, counted from rotas and arrivals. One query, whatever their number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, Count, F, OuterRef, Q, Subquery

from illdesk.models import Event
from requests_app.models import RotaEntry

# A condition that we declined is nobody's failure, and whoever is still asked has not failed yet.
_FAILED = (RotaEntry.UNFILLED, RotaEntry.NO_ANSWER, RotaEntry.REFUSED)
_NEVER_ASKED = (RotaEntry.WAITING, RotaEntry.SKIPPED)
# Steps by which something from a lender comes to be here (figures._HERE are the states they lead to).
_ARRIVALS = ("request.receive", "request.receive_copy", "request.file_arrived")


@dataclass(frozen=True)
class Record:
    """`days`: from asking to arrival, on average over `arrived` requests. `lately`: how often asked."""

    supplied: int = 0
    failed: int = 0
    arrived: int = 0
    days: float = 0.0
    lately: int = 0


@dataclass(frozen=True)
class Past:
    by_library: Mapping[int, Record]

    @property
    def average_fill(self) -> float:
        """Share of answers that were a yes; a half where there were none."""
        supplied = sum(row.supplied for row in self.by_library.values())
        answers = supplied + sum(row.failed for row in self.by_library.values())
        return supplied / answers if answers else 0.5

    @property
    def average_days(self) -> float:
        arrived = sum(row.arrived for row in self.by_library.values())
        return sum(row.days * row.arrived for row in self.by_library.values()) / arrived if arrived else 0.0


def outcomes(*, now: datetime, months: int, lately_days: int) -> Past:
    """Of rotas that moved within so many months (of 30.4 days)."""
    since, lately = now - timedelta(days=months * 30.4), now - timedelta(days=lately_days)
    first = Event.objects.filter(subject_kind="request", subject_id=OuterRef("ill_id"), name__in=_ARRIVALS)
    arrival = Subquery(first.order_by("id").values("at")[:1])
    here = Q(state=RotaEntry.SUPPLIED, arrival__gte=F("dialogue__opened"))
    rows = (
        RotaEntry.objects.filter(changed__gte=min(since, lately)).exclude(state__in=_NEVER_ASKED)
        .annotate(arrival=arrival).order_by().values("library")
        .annotate(
            supplied=Count("pk", filter=Q(state=RotaEntry.SUPPLIED, changed__gte=since)),
            failed=Count("pk", filter=Q(state__in=_FAILED, changed__gte=since)),
            arrived=Count("pk", filter=here & Q(changed__gte=since)),
            took=Avg(F("arrival") - F("dialogue__opened"), filter=here & Q(changed__gte=since)),
            lately=Count("pk", filter=Q(dialogue__opened__gte=lately)),
        )
    )
    return Past({
        row["library"]: Record(
            row["supplied"], row["failed"], row["arrived"], row["took"].total_seconds() / 86400 if row["took"] else 0.0,
            row["lately"],
        )
        for row in rows
    })
