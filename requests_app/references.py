"""Numbers under which other systems know our requests."""

import re
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from illdesk import events, rows
from illdesk.actors import Actor
from illdesk.errors import BadAnswer
from requests_app.models import ExternalReference, ILLRequest


def plain(number: str) -> str:
    """As it is kept and looked for: without the spaces, signs and zeros in front with which people and spreadsheets
    write it ("ILL# 0198 765 432", "198765432.0")."""
    text, before = re.sub(r"\.0+$", "", number.strip().upper()), None
    while text != before:  # "OCLC ILL# 7": what is kept is found again by itself
        before = text
        text = re.sub(r"^\W*(?:OCLC|ILL|RAPID|TN|NO|NR)(?![A-Z])[\s.:#-]*", "", text)
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


# As people write it; what a file brings is taken as it comes.
_OCLC = re.compile(r"(?:\W*(?:OCLC|ILL|NO|NR)[\s.:#-]*)*[\d\s-]+(?:\.0+)?")


def enter(ill: ILLRequest, system: str, number: str, *, actor: Actor, now: datetime, dummy: bool = False,
          shared: bool = True) -> bool:
    """Somebody says under which number another system knows it, or the money of it; False where it stood there
    already. BadAnswer also where it stands there as the other kind of number, for what is no number of OCLC, and where
    another request has it, unless it may be `shared`."""
    if system == ExternalReference.OCLC and plain(number) and not _OCLC.fullmatch(number.strip().upper()):
        raise BadAnswer(_("A number of OCLC has digits only, for example 198765432."), field="number")
    if not shared:
        _not_another_s(ill, system, plain(number)[:60])
    with transaction.atomic():
        before = set(ill.references.values_list("pk", flat=True))
        row = add(ill, system, number, now=now, dummy=dummy)
        if row.dummy != dummy:
            raise BadAnswer(_("This number stands there already, as one made only to carry money.") if row.dummy else
                            _("This number stands there already, as the request’s own."), field="number")
        if row.pk in before:
            return False
        events.record("request.reference_added", subject=ill.subject, actor=actor, now=now,
                      data={"system": row.system, "number": row.number, "dummy": row.dummy})
        return True


def _not_another_s(ill: ILLRequest, system: str, number: str) -> None:
    known = ExternalReference.objects.filter(system=system, number=number)
    there = known.exclude(ill=ill).select_related("ill").first()
    if there is not None and not known.filter(ill=ill).exists():
        raise BadAnswer(_("%(number)s is the number of %(request)s already. If it belongs to both, tick that it does.")
                        % {"number": number, "request": there.ill.number}, field="shared")


def remove(ill: ILLRequest, pk: int, *, actor: Actor, now: datetime) -> bool:
    """It was wrong. False where it is not there any more."""
    with transaction.atomic():
        row = ill.references.filter(pk=pk).first()
        if row is None or not ExternalReference.objects.filter(pk=pk).delete()[0]:
            return False
        events.record("request.reference_removed", subject=ill.subject, actor=actor, now=now,
                      data={"system": row.system, "number": row.number, "dummy": row.dummy})
        return True


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
