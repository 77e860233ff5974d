"""Appeals that wait, and those that were decided."""

from django.db.models import QuerySet

from billing.appeals.models import Appeal


def waiting() -> QuerySet[Appeal]:
    """Soonest first."""
    return _all().filter(state=Appeal.OPEN).order_by("due", "pk")


def decided() -> QuerySet[Appeal]:
    return _all().exclude(state=Appeal.OPEN).order_by("-decided", "-pk")


def of_charge(charge: int) -> QuerySet[Appeal]:
    return _all().filter(charge=charge).order_by("level")


def count() -> int:
    return Appeal.objects.filter(state=Appeal.OPEN).count()


def _all() -> QuerySet[Appeal]:
    return Appeal.objects.select_related("charge__patron", "charge__ill", "made_by", "decided_by").prefetch_related(
        "charge__moves__undone_by")
