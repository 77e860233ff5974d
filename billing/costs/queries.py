"""What was charged for a request, so that nobody pays it twice."""

from collections.abc import Iterable

from billing.costs.models import Booked


def charged(ills: Iterable[int], *, side: str = Booked.COST) -> dict[int, list[Booked]]:
    """Amounts that stand (not undone, nor undoing), by request, oldest first. One query."""
    found: dict[int, list[Booked]] = {}
    for row in Booked.objects.filter(ill__in=set(ills), side=side, undone_by=None, undoes=None).select_related(
            "library").order_by("day", "pk"):
        if row.ill_id is not None:
            found.setdefault(row.ill_id, []).append(row)
    return found
