"""Agreements entered and their versions published. A version is never changed: another takes its place from its day."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import formats
from django.utils.translation import gettext as _

from billing.agreements.models import Agreement, AgreementVersion, Term
from illdesk import events
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed, Stale

_AMOUNTS = ("flat", "per_page", "rush", "international", "minimum", "maximum")


class Earlier(BadAnswer):
    """The version would begin before another one. As text: what that changes."""


def save(agreement: Agreement, *, actor: Actor, now: datetime) -> Agreement:
    _may(actor)
    if agreement.library_id and agreement.group_id:
        raise BadAnswer(_("Choose a library or a group, not both."), field="group")
    with transaction.atomic():
        try:
            with transaction.atomic():
                agreement.save()
        except IntegrityError as failure:
            raise BadAnswer(_("There is an agreement of this name already."), field="name") from failure
        events.record("agreement.saved", subject=("agreement", agreement.pk), actor=actor, now=now)
    return agreement


def publish(
    agreement: Agreement, *, begins: date, terms: Iterable[Mapping[str, Any]], why: str, based_on: int, actor: Actor,
    now: datetime, earlier: bool = False,
) -> AgreementVersion:
    """A new version with these terms. `based_on`: number of the newest one that was looked at (0: none), so that of two
    who publish at once the second is told. Without terms the agreement says nothing from that day on. `earlier`:
    it is meant to hold from before another version; else Earlier."""
    _may(actor)
    rows = [Term(place=place, **term) for place, term in enumerate(terms)]
    _checked(rows)
    with transaction.atomic():
        last = AgreementVersion.objects.filter(agreement=agreement).aggregate(last=Max("number"))["last"] or 0
        if last != based_on:
            raise Stale(_("Somebody published version %(number)s while you were writing. Your terms are kept "
                          "below.") % {"number": last})
        latest = AgreementVersion.objects.filter(agreement=agreement).order_by("-begins", "-number").first()
        if latest is not None and begins < latest.begins and not earlier:
            raise Earlier(_("Version %(number)s holds from %(later)s. This one would hold from %(day)s and end the day "
                            "before the next version begins: what was priced in those days by an older version would "
                            "be priced anew where it is not billed yet.") % {
                "number": latest.number, "later": formats.date_format(latest.begins, "j M Y"),
                "day": formats.date_format(begins, "j M Y")}, field="earlier")
        try:
            with transaction.atomic():
                version = AgreementVersion.objects.create(
                    agreement=agreement, number=last + 1, begins=begins, why=why.strip()[:300], made=now,
                    made_by_id=_who(actor))
        except IntegrityError as failure:
            raise Stale(_("Somebody published a version at the same moment. Your terms are kept below.")) from failure
        for row in rows:
            row.version = version
        Term.objects.bulk_create(rows)
        events.record("agreement.published", subject=("agreement", agreement.pk), actor=actor, now=now,
                      data={"version": version.pk, "begins": begins.isoformat(), "terms": len(rows)})
        return version


def _who(actor: Actor) -> int:
    if actor.user is None:
        raise NotAllowed(_("Somebody who is signed in does this."))
    return actor.user.pk


def _checked(rows: list[Term]) -> None:
    seen = set()
    for row in rows:
        what = (row.direction, row.service, row.network, row.patron_status)
        if what in seen:
            raise BadAnswer(_("Two rows say something for the same requests: %(what)s.") % {
                "what": f"{row.get_direction_display()}, {row.get_service_display()}"})
        seen.add(what)
        if any((getattr(row, name) or 0) < 0 for name in _AMOUNTS):
            raise BadAnswer(_("An amount cannot be less than nothing."))
        if row.minimum is not None and row.maximum is not None and row.minimum > row.maximum:
            raise BadAnswer(_("The least is more than the most."))


def _may(actor: Actor) -> None:
    if not actor.may("manage_money"):
        raise NotAllowed(_("Fee agreements are changed by whoever may change the rules of money."))
