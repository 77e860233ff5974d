"""Lending a right of approval for some days, and taking it back."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.approval import rule
from billing.approval.models import Delegation
from illdesk import events
from illdesk.accounts import roles
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import User

# What a deputy must be able to see already: a right that is lent opens no page.
SEES = {"approve_payables": "see_payables", "approve_invoices": "see_invoices", "decide_appeals": "see_charges"}
MOST_DAYS = 366


def may_manage(user: User) -> bool:
    """Sees everybody's, and takes back what others lent."""
    return user.may("manage_people") or user.may("manage_money")


def may_lend(user: User) -> bool:
    return any(user.may(right) for right in rule.RIGHTS)


def deputies(right: str) -> list[User]:
    """Who could be one: sees that part of money, and has the right not anyway."""
    by_role = [role for role, rights in roles.ROLES.items() if SEES[right] in rights]
    rows = User.objects.filter(is_active=True, groups__name__in=by_role).distinct().order_by("last_name", "first_name")
    return [user for user in rows if not user.may(right)]


def lend(
    to: User, right: str, *, begins: date, ends: date, why: str, actor: Actor, now: datetime
) -> Delegation:
    """`actor` lends a right of their own. BadAnswer for what cannot be; the same twice is one."""
    of, today = actor.user, timezone.localtime(now).date()
    if right not in rule.RIGHTS:
        raise BadAnswer(_("Choose a right."), field="right")
    if of is None or not of.may(right):
        raise NotAllowed(_("You can lend only a right that a role of yours gives."))
    if to.pk == of.pk or not to.is_active:
        raise BadAnswer(_("Choose somebody else."), field="to")
    if not to.may(SEES[right]):
        raise BadAnswer(_("%(name)s does not see that part of money.") % {"name": to.short_name}, field="to")
    if ends < begins:
        raise BadAnswer(_("The last day comes after the first."), field="ends")
    if ends < today:
        raise BadAnswer(_("The last day is over already."), field="ends")
    if (ends - begins).days > MOST_DAYS:
        raise BadAnswer(_("Lend it for a year at most."), field="ends")
    with transaction.atomic():
        # Who clicks twice waits here, and finds the first one.
        list(User.objects.select_for_update(no_key=True).filter(pk=of.pk).values_list("pk"))
        same = Delegation.objects.filter(of=of, to=to, right=right, begins=begins, ends=ends, ended=None).first()
        if same is not None:
            return same
        row = Delegation.objects.create(of=of, to=to, right=right, begins=begins, ends=ends, why=why.strip()[:200],
                                        made=now, made_by=of)
        events.record("delegation.given", subject=("delegation", row.pk), actor=actor, now=now,
                      data={"right": right, "of": of.pk, "to": to.pk, "begins": begins.isoformat(),
                            "ends": ends.isoformat()})
    return row


def take_back(row: Delegation, *, actor: Actor, now: datetime) -> None:
    """By who lent it, or who manages people or money; from this moment on."""
    if actor.user is None or not (actor.user.pk == row.of_id or may_manage(actor.user)):
        raise NotAllowed(_("You may not do this."))
    with transaction.atomic():
        if Delegation.objects.filter(pk=row.pk, ended=None).update(ended=now):
            events.record("delegation.ended", subject=("delegation", row.pk), actor=actor, now=now,
                          data={"right": row.right})
