"""Fiscal years, which begin in the month of the settings. Pure but for that."""

from datetime import date, timedelta

from django.conf import settings


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
