"""The rules of invoices are changed: what was before stays in the history."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from billing import history
from billing.invoices.models import InvoicePolicy
from illdesk.actors import Actor
from illdesk.errors import NotAllowed

SUBJECT = ("invoice_policy", 1)
_NAMES = tuple(field.name for field in InvoicePolicy._meta.concrete_fields if not field.primary_key)


def store(row: InvoicePolicy, *, actor: Actor, now: datetime) -> bool:
    """They count from now on. False where nothing differs from what is stored."""
    if not actor.may("manage_money"):
        raise NotAllowed(_("The rules of invoices are changed by whoever may change the rules of money."))
    with transaction.atomic():
        before = history.values(InvoicePolicy.current(), _NAMES)
        row.pk = 1
        row.save()
        return history.record("invoice_policy.changed", row, before, subject=SUBJECT, actor=actor, now=now,
                              texts=("how_to_pay",))
