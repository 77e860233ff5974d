"""From a cell to the value a library keeps, and back: one row of the table a column."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from requests_app.directory import checks
from requests_app.models import (
    Contact,
    Library,
    LibraryAddress,
    LibraryGroup,
    LibraryPolicy,
    LibrarySymbol,
    Suspension,
)

_YES, _NO = {"yes", "y", "true", "1", "x"}, {"no", "n", "false", "0"}
# Stricter than the columns of the database, as the forms are.
_EXTRA: dict[str, Callable[[str], str]] = {
    "symbol": checks.symbol, "country": checks.country, "currency": checks.currency, "endpoint": checks.endpoint,
    "allowed_addresses": checks.networks, "file_hosts": checks.hosts,
}
# Names of the file for fields that are called otherwise here.
FIELDS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "agency": (LibrarySymbol, ("agency_type", "agency_value", "note")),
    "contact": (Contact, ("kind", "name", "email", "phone", "note")),
    "suspension": (Suspension, ("first", "last", "reason")),
    "group": (LibraryGroup, ("name", "kind")),
}


def field_of(column: str) -> tuple[Any, str]:
    """Model and field of a single column."""
    for kind, _label in LibraryAddress.KINDS:
        if column.startswith(f"{kind}_"):
            return LibraryAddress, column.removeprefix(f"{kind}_")
    if column.startswith("policy_"):
        return LibraryPolicy, column.removeprefix("policy_")
    return Library, column


def cleaned(model: Any, name: str, text: str) -> Any:
    """The value for that field. ValidationError with a sentence where the text is none."""
    field = model._meta.get_field(name)
    if "\x00" in text:
        raise ValidationError(_("This holds a NUL byte, which no text may."))
    if isinstance(field, models.BooleanField):
        return _truth(text, default=bool(field.default))
    if isinstance(field, models.DateField):
        return _day(text) if text else None
    if isinstance(field, models.DecimalField):
        value: Any = _amount(text) if text else None
    elif isinstance(field, models.IntegerField):
        value = _number(text) if text else None
    else:
        value = _EXTRA[name](text) if name in _EXTRA and (text or name == "symbol") else text
        if field.choices:
            value = value.lower()
        if not value and not field.blank and field.has_default():
            value = field.get_default()
    value = field.clean(value, None)
    if name in ("answer_days_loan", "answer_days_copy") and value is not None and not 1 <= value <= 366:
        raise ValidationError(_("Enter a number of days from 1 to 366."))
    return value


def text_of(value: Any) -> str:
    """As the file has it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


def _truth(text: str, *, default: bool) -> bool:
    word = text.lower()
    if word in _YES or word in _NO:
        return word in _YES
    if not word:
        return default
    raise ValidationError(_("“%(text)s” is neither yes nor no."), params={"text": text[:40]})


def _day(text: str) -> date:
    """ISO, or as spreadsheets write it: 11/26/2026 in the United States, 26.11.2026 elsewhere."""
    orders = ((r"(\d{4})-(\d\d?)-(\d\d?)", (0, 1, 2)), (r"(\d\d?)/(\d\d?)/(\d{4})", (2, 0, 1)),
              (r"(\d\d?)\.(\d\d?)\.(\d{4})", (2, 1, 0)))
    for pattern, order in orders:
        if found := re.fullmatch(pattern, text, re.ASCII):
            parts = [int(found.groups()[place]) for place in order]
            try:
                return date(*parts)
            except ValueError:
                break
    raise ValidationError(_("“%(text)s” is no date, such as 2026-11-26."), params={"text": text[:40]})


def _number(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise ValidationError(_("“%(text)s” is no whole number."), params={"text": text[:40]})
    return int(text)


def _amount(text: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", ".") if "." not in text else text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise ValidationError(_("“%(text)s” is no amount, such as 12.50."), params={"text": text[:40]})
    return value
