"""Drawing the next number."""

from datetime import date

from django.db import transaction
from django.db.models import F

from billing.numbers.models import Series
from illdesk import rows


def draw(prefix: str, day: date) -> str:
    """The next one of this prefix and calendar year: "I-2026-00012". Raises outside a transaction: the number would be
    gone when the document is not stored. Whoever draws holds the series until the commit, so draw late."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("A number is drawn in the transaction that stores its document.")
    rows.insert(Series(prefix=prefix, year=day.year), unless_there=True)
    # The update takes the row, so that who draws at the same moment waits.
    Series.objects.filter(prefix=prefix, year=day.year).update(last=F("last") + 1)
    last = Series.objects.values_list("last", flat=True).get(prefix=prefix, year=day.year)
    return f"{prefix}-{day.year}-{last:05d}"
