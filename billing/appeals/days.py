"""Until when a charge can be appealed."""

from datetime import date, timedelta

from django.utils import timezone

from billing.charges.models import Charge, ChargePolicy


def last_day(charge: Charge, policy: ChargePolicy) -> date | None:
    """Counted from the day the patron last learned what the charge is, or how an appeal of it was decided. None while
    it is provisional: the days begin with its final amount."""
    if charge.state == Charge.PROVISIONAL:
        return None
    decided = charge.appeals.filter(decided__isnull=False).order_by("-level").values_list("decided", flat=True).first()
    since = max(charge.told, decided) if decided else charge.told
    return timezone.localtime(since).date() + timedelta(days=policy.appeal_days)
