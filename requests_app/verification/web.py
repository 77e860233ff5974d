"""The network as a source sees it: every call within the time that is left, and an account of how servers fared."""

import math
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from lxml import etree

from illdesk import hosts, nested, outside
from illdesk.errors import AdapterError

MOST = 4 * 1024 * 1024
# Who is silent for less than this is slow, not down: a patron's form waits two seconds, staff wait eight.
PATIENT = 4.0
# A server in front of the one that is meant says so when that one is away.
_AWAY = {502, 503, 504}
_XML = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)


class Web:
    """Used by one source in one thread. `until`: a moment of time.monotonic().

    `fared`: host -> '' where it answered, else why not. `not_before`: host -> seconds for which it wants to be left
    alone. `gap`: seconds between two calls. `kept`: what the source wants handed to it again next time (a token).
    """

    def __init__(
        self, *, until: float, agent: str, inside: bool = False, down: Mapping[str, str] | None = None,
        kept: dict[str, Any] | None = None, gap: float = 0.0,
    ):
        self.until, self.agent, self.inside, self.gap = until, agent, inside, gap
        self._last = self._asked_at = 0.0
        self.down = dict(down or {})
        self.kept: dict[str, Any] = dict(kept or {})
        self.fared: dict[str, str] = {}
        self.not_before: dict[str, float] = {}
        self.calls = 0

    @property
    def seconds_left(self) -> float:
        return self.until - time.monotonic()

    def _is_its_fault(self, host: str, given: float) -> bool:
        """A server is down when it refuses, or is silent for long; not when we had no time for it, nor when it
        answered a moment ago."""
        if self.fared.get(host) == "":
            return False
        return given >= PATIENT or time.monotonic() - self._asked_at < 0.8 * given

    def pause(self, seconds: float) -> None:
        """Between two calls of one source, as long as its operator asks for. Raises AdapterError without time."""
        if self.seconds_left <= seconds:
            raise AdapterError(_("No time was left to ask."), permanent=False)
        time.sleep(seconds)

    def get(
        self, url: str, params: Mapping[str, Any] | list[tuple[str, str]] | None = None, *,
        headers: Mapping[str, str] | None = None, most: int = MOST, fine: tuple[int, ...] = (404,),
    ) -> outside.Answer:
        """`fine`: codes besides 200 that the source itself understands; others raise AdapterError."""
        if params:
            url += ("&" if "?" in url else "?") + urlencode(params, errors="replace")
        return self._call("GET", url, None, headers, most, fine)

    def post(
        self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None, most: int = MOST,
        fine: tuple[int, ...] = (),
    ) -> outside.Answer:
        return self._call("POST", url, body, headers, most, fine)

    def _call(self, method, url, body, headers, most, fine) -> outside.Answer:
        host = hosts.of(url)
        if why := self.down.get(host):
            raise AdapterError(why, permanent=False)
        pause = self._last + self.gap - time.monotonic() if self._last else 0.0
        left = self.seconds_left - max(pause, 0.0)
        if left <= 0.05:
            raise AdapterError(_("No time was left to ask."), permanent=False)
        if pause > 0:
            time.sleep(pause)
        self._last = time.monotonic()
        self.calls += 1
        names = {"User-Agent": self.agent, **(headers or {})}
        try:
            answer = outside.fetch(
                url, method=method, body=body, headers=names, timeout=max(round(left, 1), 0.1), most=most,
                inside=self.inside,
            )
        except AdapterError as failure:
            if not failure.permanent and self._is_its_fault(host, left):
                self.fared[host] = str(failure)
            raise
        # Headers are Latin-1, parts of a server's name at most 63 long: neither is one of requests' own errors.
        except ValueError as failure:
            raise AdapterError(
                _("The address or the key has signs that cannot be sent."), permanent=True
            ) from failure
        self.fared[host] = f"{answer.status_code} {answer.reason}" if answer.status_code in _AWAY else ""
        if answer.status_code in (429, 503):
            self.not_before[host] = _seconds(answer.headers.get("retry-after", ""))
            raise AdapterError(
                _("It asks us to wait: %(code)s %(reason)s.")
                % {"code": answer.status_code, "reason": answer.reason}, permanent=False,
            )
        if answer.status_code != 200 and answer.status_code not in fine:
            raise AdapterError(
                _("It answered %(code)s %(reason)s.") % {"code": answer.status_code, "reason": answer.reason},
                permanent=answer.status_code < 500,
            )
        return answer


def _seconds(retry_after: str) -> float:
    """Retry-After as seconds or as a date (RFC 9110 10.2.3), between a second and an hour; else a minute."""
    from email.utils import parsedate_to_datetime

    try:
        wait = float(retry_after)
    except ValueError:
        try:
            wait = parsedate_to_datetime(retry_after).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            wait = 60.0
    if math.isnan(wait):
        wait = 60.0
    return min(max(wait, 1.0), 3600.0)


def json_of(answer: outside.Answer) -> Any:
    """Raises AdapterError for what is no JSON: HTML of a proxy, something cut off, a wrong encoding."""
    try:
        return nested.loads(answer.content)
    except ValueError as failure:
        raise AdapterError(_("Its answer is not JSON."), permanent=False) from failure


def xml_of(answer: outside.Answer) -> etree._Element:
    """Without entities, DTDs and huge trees. Raises AdapterError for what is no XML."""
    try:
        return etree.fromstring(answer.content, _XML)
    except (etree.XMLSyntaxError, ValueError) as failure:
        raise AdapterError(_("Its answer is not XML."), permanent=False) from failure
