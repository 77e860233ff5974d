"""Calls of the local billing system: through the shared door, whose memory of servers that are down counts here, too.
The address was entered by whoever may change the rules of money, and may lie in our own network."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from illdesk import hosts, outside
from illdesk.errors import AdapterError

MOST = 4 * 1024 * 1024
_AWAY = {502, 503, 504}


def call(
    method: str, url: str, *, body: bytes | None = None, headers: dict[str, str] | None = None,
    timeout: float | None = None, now: datetime | None = None, though_down: bool = False,
) -> outside.Answer:
    """Raises AdapterError where nobody answers, and for 429 and 5xx, which may be better later."""
    now, host = now or timezone.now(), hosts.of(url)
    if not though_down and hosts.wait_until(host, now=now) is not None:
        raise AdapterError(_("%(host)s does not answer at the moment; it is asked again later.") % {"host": host},
                           permanent=False)
    try:
        answer = outside.fetch(url, method=method, body=body, headers=headers, most=MOST, inside=True,
                               timeout=timeout or settings.OUTSIDE_TIMEOUT)
    except AdapterError as failure:
        if not failure.permanent:
            hosts.failed(host, str(failure), now=now)
        raise
    if answer.status_code in _AWAY:
        hosts.failed(host, f"{answer.status_code} {answer.reason}", now=now)
    else:
        hosts.worked(host, now=now)
    if answer.status_code == 429:
        raise AdapterError(_("It is asked too often (429); it is asked again later."), permanent=False)
    if answer.status_code >= 500:
        raise AdapterError(_("It failed: %(code)s %(reason)s.") % {
            "code": answer.status_code, "reason": answer.reason[:100]}, permanent=False)
    return answer
