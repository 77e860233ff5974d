"""Backward through the library's working hours: a demo of any moment has a past that nobody worked at night."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

OPENS, CLOSES = time(8, 40), time(16, 50)
HOURS_A_DAY = 8 + 10 / 60


def hours_before(now: datetime, hours: float) -> datetime:
    """The moment so many working hours (Monday to Friday) before `now`."""
    local = timezone.localtime(now)
    day, left = local.date(), timedelta(hours=hours)
    end = min(local, _at(day, CLOSES))
    while True:
        opens = _at(day, OPENS)
        if day.weekday() < 5 and end > opens:
            if end - opens > left:
                return end - left
            left -= end - opens
        day -= timedelta(days=1)
        end = _at(day, CLOSES)


def evening_before(moment: datetime, minutes: int) -> datetime:
    """When patrons sit at home: the evening before, so many minutes after 18:30."""
    day = timezone.localtime(moment).date() - timedelta(days=1)
    return _at(day, time(18, 30)) + timedelta(minutes=minutes)


def _at(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))
