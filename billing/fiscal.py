"""Fiscal years, which begin in the month of the settings, and days that may be entered in them."""

from datetime import date, datetime, timedelta

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from illdesk.errors import BadAnswer

# A day further back is a slip of the pen: it would make a fiscal year that nobody wants to close.
FAR = 400
# An invoice may be dated some days ahead; years ahead is a slip that would keep it from ever being late.
AHEAD = 7


def year_of(day: date) -> tuple[str, date, date]:
    """Label, first and last day of the fiscal year of a day."""
    month = settings.FISCAL_YEAR_MONTH
    first = date(day.year if day.month >= month else day.year - 1, month, 1)
    return label_of(first), first, months_on(first, 12) - timedelta(days=1)


def label_of(first: date) -> str:
    """2026, or 2026–27 where it does not begin with the calendar's."""
    return str(first.year) if first.month == 1 else f"{first.year}–{(first.year + 1) % 100:02d}"


def months_on(day: date, more: int) -> date:
    """The first of a month so many months on (or back)."""
    year, month = divmod(day.year * 12 + day.month - 1 + more, 12)
    return date(year, month + 1, 1)


def refuse_far(day: date, *, now: datetime, field: str = "day") -> None:
    """BadAnswer for a day on which nothing that is entered today was paid, charged or counted."""
    if far_back(day, now=now) or day > timezone.localtime(now).date():
        raise BadAnswer(_("Enter a day that is not in the future and at most %(days)s days back.") % {"days": FAR},
                        field=field)


def far_back(day: date, *, now: datetime) -> bool:
    return day < timezone.localtime(now).date() - timedelta(days=FAR)


def refuse_ahead(dated: date, *, now: datetime, field: str = "dated") -> None:
    """BadAnswer for the date of somebody's paper that lies further ahead than papers are dated."""
    if dated > timezone.localtime(now).date() + timedelta(days=AHEAD):
        raise BadAnswer(_("This date is more than a week ahead: enter the date that stands on the invoice."),
                        field=field)


class NearDay(forms.DateField):
    """The day of something that happened: not to come, not far back."""

    def __init__(self, **more):
        super().__init__(**{"widget": forms.DateInput(attrs={"type": "date"})} | more)

    def clean(self, value):
        day = super().clean(value)
        if day:
            try:
                refuse_far(day, now=timezone.now())
            except BadAnswer as refusal:
                raise ValidationError(str(refusal)) from None
        return day
