"""Requests of which no report says anything."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from billing.ifm.models import NotCharged
from illdesk import events
from illdesk.actors import Actor
from illdesk.errors import BadAnswer
from requests_app.models import ILLRequest


def no_charge(ill: ILLRequest, reason: str, *, actor: Actor, now: datetime) -> NotCharged:
    """No charge is to come for this request, and why. Once; the first reason stays."""
    if not reason.strip():
        raise BadAnswer(_("Say why no charge is to come: it stays with the request."), field="reason")
    with transaction.atomic():
        row, _made = NotCharged.objects.get_or_create(ill=ill)
        if NotCharged.objects.filter(pk=row.pk, settled=None).update(
                reason=reason.strip()[:300], settled=now, by=actor.user):
            events.record("network.not_charged", subject=ill.subject, actor=actor, now=now)
    row.refresh_from_db()
    return row
