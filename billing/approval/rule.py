"""Who may approve: somebody with the right, or a deputy, who entered nothing of it."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.approval.models import Delegation
from illdesk import events
from illdesk.accounts import roles
from illdesk.actors import Actor
from illdesk.errors import NotAllowed
from illdesk.models import User


class NeedsAnother(NotAllowed):
    """Not by this person. `can`: names of who could."""

    def __init__(self, sentence: str, can: list[str]):
        super().__init__(sentence)
        self.can = can


# Rights that can be lent.
RIGHTS = ("approve_payables", "approve_invoices", "decide_appeals")


def has(user: User, right: str, *, day: date) -> bool:
    """By a role, or lent on this day by somebody who has it by a role."""
    return user.may(right) or any(row.of.may(right) and row.of.is_active for row in _lent(user, right, day))


def _lent(user: User, right: str, day: date):
    return Delegation.objects.filter(
        to=user, right=right, begins__lte=day, ends__gte=day, ended=None).select_related("of")


def may_approve(user: User, right: str, *, entered_by: Iterable[int | None], day: date) -> bool:
    return has(user, right, day=day) and user.pk not in set(entered_by)


def check(
    actor: Actor, right: str, *, entered_by: Iterable[int | None], subject: tuple[str, int], now: datetime
) -> None:
    """NeedsAnother, with who could do it, for whoever lacks the right or entered it. What is refused is recorded, so
    call it before the transaction that approves."""
    day, mine = timezone.localtime(now).date(), set(entered_by)
    user = actor.user
    if user is not None and has(user, right, day=day) and user.pk not in mine:
        return
    events.record("approval.refused", subject=subject, actor=actor, now=now, data={"right": right})
    own = user is not None and user.pk in mine
    said = _("You entered this: somebody else approves it.") if own else _("You may not approve this.")
    can = [one.short_name for one in others(right, mine, day=day)]
    raise NeedsAnother(f"{said} {others_in_words(right, mine, day=day)}", can)


def others_in_words(right: str, entered_by: Iterable[int | None], *, day: date) -> str:
    """ "M. Chen or L. Ortiz can do it." Or how somebody gets the right where nobody is left."""
    names = [user.short_name for user in others(right, entered_by, day=day)]
    if not names:
        return _("Nobody else has this right now: somebody who has it can lend it to a deputy, or a role gives it.")
    return _("%(names)s can do it.") % {"names": _(" or ").join(names[:4])}


def others(right: str, entered_by: Iterable[int | None], *, day: date) -> list[User]:
    """Who could approve, by name. Two queries."""
    by_role = [role for role, rights in roles.ROLES.items() if right in rights]
    able = User.objects.filter(is_active=True).filter(Q(groups__name__in=by_role) | Q(
        delegations_taken__right=right, delegations_taken__begins__lte=day, delegations_taken__ends__gte=day,
        delegations_taken__ended=None, delegations_taken__of__groups__name__in=by_role,
        delegations_taken__of__is_active=True,
    ))
    mine = {pk for pk in entered_by if pk is not None}
    return list(able.exclude(pk__in=mine).distinct().order_by("last_name", "first_name", "username"))
