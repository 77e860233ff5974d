"""Numbers under which other systems know our requests."""

import re
from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from illdesk import rows
from illdesk.errors import BadAnswer
from requests_app.models import ExternalReference, ILLRequest


def plain(number: str) -> str:
    """As it is kept and looked for: without the spaces, signs and zeros in front with which people and spreadsheets
    write it ("ILL# 0198 765 432", "198765432.0")."""
    text = re.sub(r"\.0+$", "", number.strip().upper())
    text = re.sub(r"^(?:OCLC|ILL|RAPID|TN|NO|NR)[\s.:#-]*", "", text)
    text = re.sub(r"[^A-Z0-9-]", "", text).strip("-")
    return text.lstrip("0") if text.isdigit() else text


def add(ill: ILLRequest, system: str, number: str, *, now: datetime, dummy: bool = False) -> ExternalReference:
    """Once; BadAnswer for a system nobody knows, or no number."""
    kept = plain(number)[:60]
    if system not in dict(ExternalReference.SYSTEMS):
        raise BadAnswer(_("Choose the system."), field="system")
    if not kept:
        raise BadAnswer(_("Enter the number."), field="number")
    row = ExternalReference(ill=ill, system=system, number=kept, dummy=dummy, made=now)
    if not rows.insert(row, unless_there=True):
        return ExternalReference.objects.get(ill=ill, system=system, number=kept)
    return row


def find(numbers: Iterable[str], *, system: str = "") -> dict[str, list[ExternalReference]]:
    """By plain number, with their requests; newest first. One query a thousand numbers."""
    wanted = sorted({plain(number) for number in numbers} - {""})
    found: dict[str, list[ExternalReference]] = {}
    for at in range(0, len(wanted), 1000):
        some = ExternalReference.objects.filter(number__in=wanted[at:at + 1000])
        if system:
            some = some.filter(system=system)
        for row in some.select_related("ill").order_by("-pk"):
            found.setdefault(row.number, []).append(row)
    return found
