"""Which invoices came back from which batches, and when: a question asked in one place is read in the other."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from billing.batches import payable
from billing.batches.models import BatchLine, BatchStep


def of_batch(pk: int) -> list[tuple[str, int, datetime]]:
    """Invoices (kind and key) in which the lines that went back from it stand now, each with when the first did."""
    return [(kind, invoice, at) for (_batch, kind, invoice), at in _first(_gone().filter(batch=pk))]


def of_payable(kind: str, pk: int, parts: Iterable[str]) -> list[tuple[str, int, datetime]]:
    """Batches from which lines of an invoice came back, each with when the first did. `parts`: keys of its lines."""
    gone = _gone().filter(Q(payable=pk) | Q(part__in=list(parts)), kind=kind)
    return [("batch", batch, at) for (batch, _kind, invoice), at in _first(gone) if invoice == pk]


def _gone() -> QuerySet[BatchLine]:
    return BatchLine.objects.filter(state=BatchLine.BACK).order_by("pk")


def _first(gone: QuerySet[BatchLine]) -> list[tuple[tuple[int, str, int], datetime]]:
    """Lines bear no time, but the reason of the step by which they went back."""
    lines = list(gone)
    parts: dict[str, list[str]] = {}
    for line in lines:
        parts.setdefault(line.kind, []).append(line.part)
    homes: dict[str, dict[str, int]] = {}
    for kind, keys in parts.items():
        known = payable.KINDS.get(kind)
        homes[kind] = known.homes(keys) if known and known.homes else {}
    when: dict[tuple[int, str], datetime] = {}
    for step in BatchStep.objects.filter(batch__in={line.batch_id for line in lines}, what="back").order_by("pk"):
        when.setdefault((step.batch_id, step.why), step.at)
    found: dict[tuple[int, str, int], datetime] = {}
    for line in lines:
        key = (line.batch_id, line.kind, homes[line.kind].get(line.part, line.payable))
        at = when.get((line.batch_id, line.why))
        if at is not None:
            found[key] = min(at, found.get(key, at))
    return list(found.items())
