"""Lists of royalties, the first kind that programs may approve."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy

from billing.api import approvals
from billing.batches import royalties
from billing.batches.payable import Payable
from illdesk.actors import Actor
from requests_app.models import LoanPolicy, RoyaltyList


def _item(one: Payable, *, state: str) -> approvals.Item:
    row = RoyaltyList.objects.select_related("by").get(pk=one.pk)
    return approvals.Item(
        pk=one.pk, number=one.number, who=one.payee, amount=one.amount, currency=LoanPolicy.current().currency,
        day=one.day, version=royalties.version(one.pk), state=state, entered_by=row.by.short_name if row.by else "",
        url=one.url, lines=[{"request": part.number, "fund": part.fund, "amount": part.amount} for part in one.parts])


def _waiting() -> Sequence[approvals.Item]:
    return [_item(one, state="waiting") for one in royalties.unapproved()]


def _get(pk: int) -> approvals.Item | None:
    one = royalties.read([pk]).get(pk)
    return _item(one, state="approved" if royalties.is_approved(pk) else "waiting") if one else None


def _approve(pk: int, version: int, actor: Actor, now: datetime) -> None:
    royalties.approve(RoyaltyList.objects.get(pk=pk), seen=version, actor=actor, now=now)


def _refuse(pk: int, why: str, version: int, actor: Actor, now: datetime) -> None:
    royalties.refuse(RoyaltyList.objects.get(pk=pk), why, seen=version, actor=actor, now=now)


approvals.register(approvals.Kind(
    royalties.CODE, gettext_lazy("Royalties"), "see_payables", _waiting, _get, _approve, _refuse))
