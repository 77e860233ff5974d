"""Days on the wire, where the standard knows moments only."""

from datetime import date, datetime, time

from django.utils import timezone

from requests_app.exchange.iso18626.values import Moment


def as_moment(day: date | None) -> datetime | None:
    """A day on the wire is its noon here: the same day in nearly every zone."""
    return timezone.make_aware(datetime.combine(day, time(12))) if day else None


def as_day(moment: datetime | None) -> date | None:
    """The day a partner means: midnight or the day's last minute, where it was written, is a date without
    a time; all else is read in our zone."""
    if moment is None:
        return None
    if isinstance(moment, Moment) and moment.whole_day is not None:
        return moment.whole_day
    return timezone.localtime(moment).date()
