"""How it goes with one library: what it fills, how fast, what we fill. Over the last twelve months, by index."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q

from illdesk.models import Event, OutboxMessage
from illdesk.status import TROUBLED_AFTER
from requests_app import lifecycle
from requests_app.models import Dialogue, ILLRequest, Library

YEAR = timedelta(days=365)
# Where a request stands when its lender has supplied, and when we have.
SUPPLIED = (
    "borrowing.shipped", "borrowing.received", "borrowing.on_hold_shelf", "borrowing.checked_out",
    "borrowing.returned_by_patron", "borrowing.return_shipped", "borrowing.delivered", "borrowing.finished",
    "borrowing.lost",
)
WE_SUPPLIED = (
    "lending.shipped", "lending.return_received", "lending.delivered", "lending.finished", "lending.lost",
)
# A request has arrived when it first comes to one of these.
_HERE = ("borrowing.received", "borrowing.delivered")


@dataclass(frozen=True)
class Figures:
    """Per cent and days; None where there is nothing to count from."""

    they_fill: int | None
    days: float | None
    we_fill: int | None
    open: int
    asked: int
    asked_us: int


def of_library(library: Library, *, now: datetime) -> Figures:
    rows = Dialogue.objects.filter(library=library, opened__gte=now - YEAR)
    we_asked = rows.filter(role=Dialogue.REQUESTER)
    later = Dialogue.objects.filter(ill=OuterRef("ill"), attempt__gt=OuterRef("attempt"))
    # A Retry goes on with the same library under a new id: one request, not two.
    once = we_asked.filter(~Exists(later.filter(library=library)))
    asked = once.annotate(passed_on=Exists(later.exclude(library=library))).aggregate(
        filled=Count("pk", filter=Q(passed_on=False, ill__state__in=SUPPLIED)),
        not_filled=Count("pk", filter=Q(passed_on=True) | Q(ill__state="borrowing.unfilled")),
    )
    asked_us = rows.filter(role=Dialogue.SUPPLIER).aggregate(
        filled=Count("pk", filter=Q(ill__state__in=WE_SUPPLIED)),
        not_filled=Count("pk", filter=Q(ill__state="lending.unfilled")),
    )
    return Figures(
        they_fill=_per_cent(asked), days=_days(we_asked, library), we_fill=_per_cent(asked_us),
        open=ILLRequest.objects.filter(partner=library, state__in=lifecycle.open_states()).count(),
        asked=sum(asked.values()), asked_us=sum(asked_us.values()),
    )


def _per_cent(counts: dict[str, int]) -> int | None:
    known = counts["filled"] + counts["not_filled"]
    return round(100 * counts["filled"] / known) if known else None


def _days(we_asked, library: Library) -> float | None:
    """From sending to arrival here, on average."""
    opened: dict[int, datetime] = dict(we_asked.order_by("attempt").values_list("ill", "opened"))
    if not opened:
        return None
    arrivals: dict[int, datetime] = {}
    events = Event.objects.filter(
        subject_kind="request", subject_id__in=we_asked.values("ill"), data__to__in=_HERE, data__library=library.pk
    )
    for ill, at in events.order_by("-id").values_list("subject_id", "at"):
        arrivals[ill] = at  # the first one stays
    spans = [arrivals[ill] - opened[ill] for ill in arrivals if ill in opened and arrivals[ill] >= opened[ill]]
    return sum(spans, timedelta()).total_seconds() / 86400 / len(spans) if spans else None


def not_answering() -> set[str]:
    """Symbols of libraries to which messages were tried three times and more, or were given up."""
    state = OutboxMessage
    waiting = OutboxMessage.objects.filter(state=state.WAITING, attempts__gte=TROUBLED_AFTER, channel="iso18626")
    given_up = OutboxMessage.objects.filter(state__in=[state.PARKED, state.UNCERTAIN], channel="iso18626")
    return {*waiting.values_list("partner", flat=True), *given_up.values_list("partner", flat=True)} - {""}
