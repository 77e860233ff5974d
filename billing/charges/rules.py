"""The rules and prices of charges are changed: what was before stays in the history."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing import history
from billing.charges.models import ChargePolicy, ChargeTerms
from illdesk.actors import Actor
from illdesk.errors import NotAllowed

SUBJECT = ("charge_policy", 1)
EVERYBODY = "everybody"
_NAMES = tuple(field.name for field in ChargePolicy._meta.concrete_fields if not field.primary_key)


def store(row: ChargePolicy, *, actor: Actor, now: datetime) -> bool:
    """They hold for what happens from now on. False where nothing differs from what is stored."""
    _may(actor)
    with transaction.atomic():
        before = history.values(ChargePolicy.current(), _NAMES)
        row.pk = 1
        row.save()
        return history.record("charge_policy.changed", row, before, subject=SUBJECT, actor=actor, now=now,
                              texts=("how_to_pay",))


def store_terms(status: str, given: dict[str, Any], *, actor: Actor, now: datetime) -> bool:
    """Prices for patrons of a status; "" is everybody else. Before a status has prices of its own, those of everybody
    else hold."""
    _may(actor)
    with transaction.atomic():
        there = ChargeTerms.objects.filter(status=status).first()
        before = history.values(there or ChargeTerms.of(""), given)
        stored = ChargeTerms.objects.update_or_create(status=status, defaults=given)[0]
        return history.record("charge_terms.changed", stored, before, subject=SUBJECT, actor=actor, now=now,
                              of=status or EVERYBODY, added=there is None)


def _may(actor: Actor) -> None:
    if not actor.may("manage_money"):
        raise NotAllowed(_("The rules of charges are changed by whoever may change the rules of money."))
