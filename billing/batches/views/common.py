"""What pages of batches share: how many on one, a batch by its number, those that were ticked."""

from django.shortcuts import get_object_or_404

from billing.batches import queries
from billing.batches.models import Batch

A_PAGE = 50
FAMILIES = {Batch.FORWARDED: "decision", Batch.BACK: "others", Batch.PAID: "ended_ok"}


def batch_of(number: str) -> Batch:
    return get_object_or_404(queries.batches(), number=number)


def ticked_batches(data) -> list[Batch]:
    """Batches by their numbers, as `tick` says, oldest first; at most as many as a page shows twice."""
    numbers = data.getlist("tick")[: 2 * A_PAGE]
    return list(queries.batches().filter(number__in=numbers).order_by("pk"))
