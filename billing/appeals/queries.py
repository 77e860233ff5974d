"""Appeals that wait, and those that were decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from billing.appeals.models import Appeal
from billing.charges.queries import charged_at


def waiting() -> QuerySet[Appeal]:
    """Soonest first."""
    return _all().filter(state=Appeal.OPEN).order_by("due", "pk")


def decided() -> QuerySet[Appeal]:
    return _all().exclude(state=Appeal.OPEN).order_by("-decided", "-pk")


def of_charge(charge: int) -> QuerySet[Appeal]:
    return _all().filter(charge=charge).order_by("level")


@dataclass(frozen=True)
class Appealed:
    """`amount`: what was charged when it was appealed, whatever was taken away since."""

    row: Appeal
    amount: Decimal


def with_amounts(rows: Iterable[Appeal]) -> list[Appealed]:
    """`rows`: of `waiting` or `decided`, which bring the moves along."""
    return [Appealed(row, charged_at(row.charge, row.made)) for row in rows]


def count() -> int:
    return Appeal.objects.filter(state=Appeal.OPEN).count()


def _all() -> QuerySet[Appeal]:
    return Appeal.objects.select_related("charge__patron", "charge__ill", "made_by", "decided_by").prefetch_related(
        "charge__moves__undone_by")
