"""What the clock does with electronic holdings: reload each night, loads left, titles that count no more."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from illdesk import clock
from illdesk.errors import NotAllowed
from requests_app.holdings import loads, spent
from requests_app.models import ElectronicLoad, ElectronicPackage

_FIRST_HOUR, _WITHIN_MINUTES = 2, 120
# Old entries of the list of loads; the one that counts stays.
KEPT = timedelta(days=60)
# One that waits for so long was sent to a worker and lost.
_LOST = timedelta(minutes=1)


def next_night(pk: int, *, now: datetime) -> datetime:
    """Between two and four in the morning, each package at its own minute."""
    local = timezone.localtime(now)
    night = local.replace(hour=_FIRST_HOUR, minute=0, second=0, microsecond=0)
    night += timedelta(minutes=pk * 7 % _WITHIN_MINUTES)
    return night if night > local else night + timedelta(days=1)


def _due(now: datetime):
    return ElectronicPackage.objects.filter(on=True, leaving=False, next_reload__lte=now).exclude(url="")


def _left(now: datetime):
    waiting = ElectronicLoad.objects.filter(state=ElectronicLoad.WAITING, moved__lt=now - _LOST)
    moving = ElectronicLoad.objects.filter(
        state__in=[ElectronicLoad.FETCHING, ElectronicLoad.READING], moved__lt=now - loads.ABANDONED)
    return waiting | moving


def _would_do(*, now: datetime) -> int:
    return _due(now).count() + _left(now).count()


@clock.register("holdings", label=_("Reload electronic holdings"), every=300, quick=False, dry=_would_do)
def reload_and_clear(*, now: datetime) -> tuple[int, int]:
    """(loads that went on, loads that failed)."""
    mine = list(_left(now).values_list("pk", flat=True)[:20])
    for package in list(_due(now)[:50]):
        # Before it starts: a package that always fails must not be tried every five minutes.
        night = next_night(package.pk, now=now)
        if ElectronicPackage.objects.filter(pk=package.pk, next_reload=package.next_reload).update(next_reload=night):
            try:
                mine.append(loads.start(package, by=None, now=now).pk)
            except NotAllowed:  # one is on its way, or waits for somebody's yes
                continue
    for pk in mine:
        loads.go_on(pk)
    spent.clear()
    spent.finish_leaving()
    old = ElectronicLoad.objects.filter(ended__lt=now - KEPT, cleared=True).exclude(state__in=ElectronicLoad.OPEN)
    old.delete()
    failed = ElectronicLoad.objects.filter(pk__in=mine, state=ElectronicLoad.FAILED).count()
    return len(mine) - failed, failed
