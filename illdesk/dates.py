"""Days within sentences that staff read."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext


def in_words(value: date) -> str:
    """14 Mar 2024, always with its year: a sentence is read long after it was written."""
    if isinstance(value, datetime):
        value = (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return date_format(value, pgettext("date of another year, Django format", "j M Y"))


def in_letters(value: date) -> str:
    """18 Nov 2026, as on pages; in other languages than English the long form that letters are written in."""
    return in_words(value) if (get_language() or "en").startswith("en") else date_format(value, "DATE_FORMAT")


def month(value: date) -> str:
    """March 2024, the whole of it."""
    return date_format(value, "YEAR_MONTH_FORMAT")
