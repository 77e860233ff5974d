"""Pages that go by calendar years: their entries in the column, the year an address says, and the others."""

from django.http import Http404
from django.utils import timezone

from requests_app.copyright import report
from requests_app.models import RecordDeletion


def real(year: int) -> int:
    """404 for what no request can have."""
    if not 1900 <= year <= 2999:
        raise Http404
    return year


def of(request) -> int:
    """The year asked for, else this one."""
    asked = request.GET.get("year") or str(timezone.localdate().year)
    if not (asked.isascii() and asked.isdigit() and len(asked) == 4):
        raise Http404
    return real(int(asked))


def shown(year: int) -> list[int]:
    """Years with records, or with a record of their deletion, this one and the one asked for; newest first."""
    deleted = RecordDeletion.objects.order_by().values_list("year", flat=True).distinct()
    return sorted({*report.years(), *deleted, timezone.localdate().year, year}, reverse=True)
