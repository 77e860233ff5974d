from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from illdesk import calendars


class Calendar(models.Model):
    """By which days a channel or a library counts: its zone, its working days, its closed days.

    Our own closed days do not stop another's clock, so each has its own.
    """

    AFTER, TODAY, HOURS = calendars.AFTER, calendars.TODAY, calendars.HOURS
    COUNTING = [
        (AFTER, _("from the next working day, until its end")),
        (TODAY, _("today is the first day, until midnight")),
        (HOURS, _("full days of 24 hours")),
    ]

    name = models.CharField(_("name"), max_length=100, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=60)
    # ISO weekdays, Monday is 1.
    weekdays = models.CharField(_("working days"), max_length=7, default="12345")
    counting = models.CharField(_("how a day is counted"), max_length=5, choices=COUNTING, default=AFTER)

    class Meta:
        ordering = ["name"]
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")

    def __str__(self):
        return self.name


class ClosedDay(models.Model):
    """Days on which a calendar's clock stands still."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="closed_days")
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    name = models.CharField(_("name"), max_length=100, blank=True)

    class Meta:
        ordering = ["first"]
        constraints = [
            models.CheckConstraint(condition=models.Q(last__gte=models.F("first")), name="closed_days_in_order")
        ]

    def __str__(self):
        return f"{self.first} {self.name}"


def days_of(calendar: Calendar | None) -> calendars.Days:
    """What `illdesk.calendars` counts by. Without a calendar: Monday to Friday in our own zone.

    One query for the closed days; none where they were prefetched.
    """
    if calendar is None:
        return calendars.Days(ZoneInfo(settings.TIME_ZONE))
    return calendars.Days(
        ZoneInfo(calendar.time_zone),
        frozenset(int(day) for day in calendar.weekdays),
        calendar.counting,
        frozenset((row.first, row.last) for row in calendar.closed_days.all()),
        name=calendar.name,
    )
