"""What the values of a library must look like, for forms and for files alike. Each raises ValidationError."""

import ipaddress
import re

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from illdesk.models import Institution

_HOST = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_web = URLValidator(schemes=["http", "https"])


def symbol(value: str) -> str:
    value = value.strip().upper()
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9 ._-]*", value):
        raise ValidationError(_("A symbol is made of letters, digits, spaces, points and hyphens."))
    return value


def agency_value(value: str, *, ours: str | None = None) -> str:
    """`ours`: our own symbol where the caller has it at hand."""
    value = value.strip()
    if ours is None:
        ours = our_agency()
    if value and ours and value.casefold() == ours.casefold():
        raise ValidationError(_("This is our own symbol: we do not borrow from ourselves."))
    return value


def our_agency() -> str:
    return Institution.objects.filter(pk=1).values_list("agency_value", flat=True).first() or ""


def networks(value: str) -> str:
    lines = value.split()
    for line in lines:
        try:
            ipaddress.ip_network(line, strict=False)
        except ValueError:
            raise ValidationError(
                _("%(line)s is not a network address, such as 192.0.2.7 or 192.0.2.0/24."),
                params={"line": line[:80]},
            ) from None
    return "\n".join(lines)


def hosts(value: str) -> str:
    lines = value.lower().split()
    for line in lines:
        if not _HOST.fullmatch(line):
            raise ValidationError(
                _("%(line)s is not the name of a server, such as files.example.org."), params={"line": line[:80]}
            )
    return "\n".join(lines)


def endpoint(value: str) -> str:
    value = value.strip()
    if value:
        # Our own network's names and demo desks have no point in them, so Django's check is not the only one.
        if not re.match(r"https?://[^\s/?#@]+", value, re.IGNORECASE):
            raise ValidationError(_("Enter a whole address, such as https://ill.example.org/iso18626."))
        _web(value)
    return value


def country(value: str) -> str:
    value = value.strip().upper()
    if value and not re.fullmatch("[A-Z]{2}", value):
        raise ValidationError(_("Enter the country as two letters, for example US."))
    return value


def currency(value: str) -> str:
    value = value.strip().upper()
    if not re.fullmatch("[A-Z]{3}", value):
        raise ValidationError(_("Enter the currency as three letters, for example USD."))
    return value
