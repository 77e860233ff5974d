"""How other systems' servers fare: remembered in a table, so that all processes stop knocking at a closed door.

After three failures in a row a server is taken to be down. Then one probe at a time goes there, after a minute
first and at last every quarter of an hour; messages wait meanwhile and lose no tries. The first answer opens
the door again, and what waits for that server goes at once.
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db.models import F, Q

from illdesk.models import OutboxMessage, OutsideHost

DOWN_AFTER = 3
SOON, SELDOM = timedelta(minutes=1), timedelta(minutes=15)
# How fresh the note of a server that works is kept: not every message writes it.
_NOTE_EVERY = timedelta(minutes=5)


def of(url: str) -> str:
    """Host and port of a web address; '' for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    return f"{parts.hostname}:{port}"[:260] if port else parts.hostname[:260]


def wait_until(host: str, *, now: datetime) -> datetime | None:
    """None: go. Else the server is down, and this is when somebody may try it again."""
    row = OutsideHost.objects.filter(host=host).first() if host else None
    if row is None or row.failures < DOWN_AFTER:
        return None
    if row.next_probe is not None and row.next_probe > now:
        return row.next_probe
    later = now + _pause(row.failures)
    # Of several who come at this moment, one goes.
    mine = OutsideHost.objects.filter(pk=row.pk, next_probe=row.next_probe).update(next_probe=later)
    return None if mine else later


def worked(host: str, *, now: datetime) -> None:
    if not host:
        return
    row, created = OutsideHost.objects.get_or_create(host=host, defaults={"worked": now})
    if created or (not row.failures and row.worked and row.worked > now - _NOTE_EVERY):
        return
    OutsideHost.objects.filter(pk=row.pk).update(
        worked=now, failures=0, failing_since=None, next_probe=None, why=""
    )
    if row.failures >= DOWN_AFTER:
        _waiting_for(host).update(next_try=now)


def failed(host: str, why: str, *, now: datetime) -> None:
    if not host:
        return
    row, _created = OutsideHost.objects.get_or_create(host=host)
    OutsideHost.objects.filter(pk=row.pk).update(
        failures=F("failures") + 1, failed=now, why=why[:500], failing_since=row.failing_since or now,
        next_probe=now + _pause(row.failures + 1),
    )


def try_now(host: str, *, now: datetime) -> None:
    """A person wants it tried: the next one to come may go."""
    if host:
        OutsideHost.objects.filter(host=host, next_probe__gt=now).update(next_probe=now)


def down():
    """Servers that are taken to be down, the longest first."""
    return OutsideHost.objects.filter(failing_since__isnull=False, failures__gte=DOWN_AFTER).order_by("failing_since")


def _pause(failures: int) -> timedelta:
    return min(SOON * 2 ** min(max(failures - DOWN_AFTER, 0), 10), SELDOM)


def _waiting_for(host: str):
    here = Q(recipient__startswith=f"https://{host}") | Q(recipient__startswith=f"http://{host}")
    return OutboxMessage.objects.filter(here, state=OutboxMessage.WAITING)
