"""Who works on what now, as colleagues see it. A claim locks nobody out and never counts as a change.

It is shown while it is young and the request still stands where it was claimed; so nothing has to take it
away when a person goes home or a partner's message moves the request. Taking it over tells the other.
"""

from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from illdesk.models import User
from requests_app.models import ILLRequest

LASTS = timedelta(hours=2)


def claim(ill: ILLRequest, user: User, *, now: datetime) -> bool:
    """Write this person beside the request, unless a colleague works on it: False then.

    Who claims again keeps the time at which the work began.
    """
    free = (
        Q(claimed_by=None) | Q(claimed_at__lte=now - LASTS) | Q(claimed_at=None) | ~Q(claimed_state=F("state"))
    )
    taken = ILLRequest.objects.filter(free, pk=ill.pk).update(
        claimed_by=user, claimed_at=now, claimed_state=F("state")
    )
    _read_again(ill)
    return bool(taken) or ill.claimed_by_id == user.pk


def take_over(ill: ILLRequest, user: User, *, now: datetime) -> User | None:
    """Claim it whoever has it; the colleague who had it is told on the next page, and returned."""
    other = holder(ill, now)
    ILLRequest.objects.filter(pk=ill.pk).update(claimed_by=user, claimed_at=now, claimed_state=F("state"))
    _read_again(ill)
    if other is None or other.pk == user.pk:
        return None
    with translation.override(other.language or None):
        other.tell(
            _("%(who)s took over %(number)s from you at %(time)s.")
            % {"who": user.short_name, "number": ill.number, "time": timezone.localtime(now).strftime("%H:%M")}
        )
    return other


def release(ill: ILLRequest, user: User) -> None:
    """Only one's own."""
    ILLRequest.objects.filter(pk=ill.pk, claimed_by=user).update(claimed_by=None, claimed_at=None, claimed_state="")
    _read_again(ill)


def holder(ill: ILLRequest, now: datetime) -> User | None:
    """Who works on it, if the claim still counts."""
    if not ill.claimed_by_id or not ill.claimed_at or ill.claimed_state != ill.state:
        return None
    return ill.claimed_by if ill.claimed_at > now - LASTS else None


def held_by(user, now: datetime) -> QuerySet[ILLRequest]:
    return ILLRequest.objects.filter(claimed_by=user, claimed_at__gt=now - LASTS, claimed_state=F("state"))


def _read_again(ill: ILLRequest) -> None:
    ill.refresh_from_db(fields=["claimed_by", "claimed_at", "claimed_state"])
