"""The one door to other people's servers: bounded in size and time, never into our own network."""

import ipaddress
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from illdesk import hosts
from illdesk.errors import AdapterError

# Beyond the time for the answer: how long a connection may take to come about.
_CONNECT = 5
_CHUNK = 16 * 1024
# No server means them, and PostgreSQL keeps no NUL: said in a reason it would break whoever stores it.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True)
class Answer:
    """What a partner's server said; `content` is whole, names of `headers` are in small letters.

    `reason` and `headers` are without control characters.
    """

    status_code: int
    reason: str
    content: bytes
    headers: dict[str, str] = field(default_factory=dict)
    url: str = ""


@dataclass
class Call:
    """What one piece of work learns about the server it calls. `now`: the clock it goes by.

    `unreachable`: nobody answered there, whatever the message was. `wait_until`: nobody was even asked, since
    that server is down.
    """

    now: datetime
    unreachable: bool = False
    wait_until: datetime | None = None


_call: ContextVar[Call | None] = ContextVar("call", default=None)
# A server in front of the one that is meant says so when that one is away.
_AWAY = {502, 503, 504}
REDIRECTS = {301, 302, 303, 307, 308}


@contextmanager
def calling(now: datetime) -> Iterator[Call]:
    """Around work that may call an outside server: afterwards the caller knows whether it was there."""
    call = Call(now)
    token = _call.set(call)
    try:
        yield call
    finally:
        _call.reset(token)


def post(
    url: str, *, body: bytes, headers: dict[str, str], timeout: float | None = None, though_down: bool = False
) -> Answer:
    """POST to a partner's server; see `fetch`. `though_down`: a person wants to know it now."""
    return _remembered("POST", url, body, headers, timeout, settings.MAX_MESSAGE_BYTES, though_down=though_down)


def get(url: str, *, most: int, timeout: float | None = None) -> Answer:
    """GET a partner's file of `most` bytes at most; see `fetch`."""
    return _remembered("GET", url, None, {"Accept": "*/*"}, timeout, most)


def _remembered(
    method: str, url: str, body: bytes | None, headers: dict[str, str], timeout: float | None, most: int, *,
    though_down: bool = False,
) -> Answer:
    """How the server fares is remembered for all our processes: while it is down nobody is sent there but one
    probe at a time."""
    call = _call.get() or Call(timezone.now())
    host = hosts.of(url)
    until = None if though_down else hosts.wait_until(host, now=call.now)
    if until is not None:
        call.wait_until = until
        raise AdapterError(
            _("%(host)s does not answer at the moment; it is asked again later.") % {"host": host}, permanent=False
        )
    try:
        answer = fetch(url, method=method, body=body, headers=headers, timeout=timeout, most=most)
    except AdapterError as failure:
        if not failure.permanent:
            call.unreachable = True
            hosts.failed(host, str(failure), now=call.now)
        raise
    if answer.status_code in _AWAY:
        call.unreachable = True
        hosts.failed(host, f"{answer.status_code} {answer.reason}", now=call.now)
    else:
        hosts.worked(host, now=call.now)
    return answer


def fetch(
    url: str, *, most: int, method: str = "GET", body: bytes | None = None, headers: dict[str, str] | None = None,
    timeout: float | None = None, inside: bool = False, cut: bool = False,
) -> Answer:
    """One call that remembers nothing and touches no database: fit for a thread.

    Redirects are not followed. `timeout`: seconds for the whole answer. `inside`: the address was entered by an
    administrator and may lie in our own network; never true for what a person or a record brings along. `cut`:
    of a longer answer the first `most` bytes will do.
    The address is looked at twice: the name's, for a clear sentence, and that of the connection made, since
    a name may mean another address a moment later. An answer may neither be endless nor trickle for ever.
    Raises AdapterError: not permanent for everything that may be better later.
    """
    seconds = timeout or settings.OUTSIDE_TIMEOUT
    with asked(method, url, body, headers, seconds, seconds, inside) as (response, door):
        content = _whole(response, most, permanent=method == "GET", cut=cut)
        if not door.closed:  # cut off by the watch, an answer without a length only looks complete
            return said(response, content, url)
    raise too_late(seconds)


@contextmanager
def asked(
    method: str, url: str, body: bytes | None, headers: dict[str, str] | None, seconds: float, silent: float,
    inside: bool,
) -> Iterator[tuple[requests.Response, "_Door"]]:
    """An answer that begins to come, cut off after so many seconds; failures of the network become AdapterError."""
    refuse_private_address(url, inside=inside)
    connect = min(_CONNECT, seconds)
    door = _Door(inside=inside)
    late = threading.Timer(seconds + connect, door.close_for_good)
    late.daemon = True
    late.start()
    try:
        with requests.Session() as session:
            session.mount("http://", door)
            session.mount("https://", door)
            with session.request(
                method, url, data=body, headers=headers, timeout=(connect, silent), allow_redirects=False,
                stream=True,
            ) as response:
                yield response, door
    except requests.Timeout as failure:
        raise too_late(silent) from failure
    except requests.RequestException as failure:
        if door.closed:
            raise too_late(seconds) from failure
        raise AdapterError(_("Cannot be reached: %(why)s") % {"why": _short(failure)}, permanent=False) from failure
    finally:
        late.cancel()
        door.forget()


def said(response: requests.Response, content: bytes, url: str) -> Answer:
    names = {_line(name).lower(): _line(value) for name, value in response.headers.items()}
    return Answer(response.status_code, _line(response.reason or ""), content, names, url)


def _line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


def peek(url: str, *, headers: dict[str, str] | None = None, timeout: float = 5, hops: int = 5) -> Answer:
    """The first bytes of what a public address leads to; each redirect is looked at like the first address.

    `timeout`: seconds for all of it. Raises AdapterError when it leads into a private network, in circles or
    nowhere.
    """
    until = time.monotonic() + timeout
    for _hop in range(hops + 1):
        left = until - time.monotonic()
        if left <= 0.01:
            raise too_late(timeout)
        answer = fetch(url, most=2048, headers=headers, timeout=left, cut=True)
        onward = answer.headers.get("location", "")
        if answer.status_code not in REDIRECTS or not onward:
            return answer
        url = urljoin(url, onward)
    raise endless()


def endless() -> AdapterError:
    return AdapterError(_("This link leads from one address to the next without an end."), permanent=False)


def too_late(seconds: float) -> AdapterError:
    return AdapterError(_("No answer within %(seconds)s seconds.") % {"seconds": seconds}, permanent=False)


def _whole(response: requests.Response, most: int, *, permanent: bool, cut: bool) -> bytes:
    """`permanent`: a file that is too long today is so tomorrow; the answer to a message may be another then."""
    content = bytearray()
    for chunk in response.iter_content(_CHUNK):
        content += chunk
        if cut and len(content) >= most:
            return bytes(content[:most])
        if len(content) > most:
            raise too_long(most, permanent=permanent)
    return bytes(content)


def too_long(most: int, *, permanent: bool) -> AdapterError:
    return AdapterError(
        _("The answer is longer than %(bytes)s bytes; it was not read further.") % {"bytes": most},
        permanent=permanent,
    )


class _Door(HTTPAdapter):
    """One call's connections: each is checked before anything is written to it, and can be cut off."""

    def __init__(self, *, inside: bool = False):
        self.inside = inside
        # Second handles on the sockets: urllib3 gives its own away, to TLS or to the answer.
        self.opened: list[socket.socket] = []
        self.closed = False
        super().__init__()

    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, **kwargs)
        ours: dict[str, Any] = {"opened": self.opened, "inside": self.inside}
        self.poolmanager.pool_classes_by_scheme = {
            "http": partial(_HTTPPool, **ours), "https": partial(_HTTPSPool, **ours),
        }

    def close_for_good(self) -> None:
        self.closed = True
        for sock in self.opened:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def forget(self) -> None:
        for sock in self.opened:
            sock.close()


class _Checked:
    """Mixed into urllib3's connections: the address that was connected to is the one that counts."""

    def __init__(self, *args, opened: list, inside: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self._opened, self._inside = opened, inside

    def _new_conn(self):
        sock = super()._new_conn()  # type: ignore[misc]
        try:
            free = self._inside or settings.ALLOW_PRIVATE_ADDRESSES
            if not free and not is_public(sock.getpeername()[0]):
                raise _private(self.host)  # type: ignore[attr-defined]
        except BaseException:
            sock.close()
            raise
        self._opened.append(sock.dup())
        return sock


class _HTTPConnection(_Checked, HTTPConnection):
    pass


class _HTTPSConnection(_Checked, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


def refuse_private_address(url: str, *, inside: bool = False) -> None:
    """Partners are on the public internet; an address inside our own network would make us a tool."""
    no_address = AdapterError(_("%(url)s is not an http or https address.") % {"url": url}, permanent=True)
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError as failure:
        raise no_address from failure
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise no_address
    if inside or settings.ALLOW_PRIVATE_ADDRESSES:
        return
    try:
        found = socket.getaddrinfo(parts.hostname, port, proto=socket.IPPROTO_TCP)
    except OSError as failure:
        raise AdapterError(
            _("The name %(host)s is not known.") % {"host": parts.hostname}, permanent=False
        ) from failure
    for entry in found:
        if not is_public(str(entry[4][0])):
            raise _private(parts.hostname)


def is_public(address: str) -> bool:
    """Is this an address of the public internet, also when it is an IPv4 one written as IPv6?"""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        if found.is_site_local:
            return False
        found = _within(found)
    return found.is_global and not found.is_multicast


# An IPv4 address in the last 32 bits of an IPv6 one, where a network translates (RFC 4291 2.5.5.1, 2765 2.1, 6052 2.1).
_TRANSLATED = tuple(ipaddress.IPv6Network(one) for one in ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96"))


def _within(address: ipaddress.IPv6Address) -> ipaddress.IPv6Address | ipaddress.IPv4Address:
    """The IPv4 address that this one leads to, if it leads to one (6to4: RFC 3056)."""
    if other := address.ipv4_mapped or address.sixtofour:
        return other
    if address not in (ipaddress.IPv6Address("::"), ipaddress.IPv6Address("::1")) and any(
        address in network for network in _TRANSLATED
    ):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _private(host: str) -> AdapterError:
    return AdapterError(
        _("%(host)s is an address inside a private network; partners there are refused.") % {"host": host},
        permanent=True,
    )


def _short(failure: Exception) -> str:
    """The kind of failure, without addresses of memory and stack."""
    reason = getattr(failure.args[0], "reason", failure.args[0]) if failure.args else failure
    return _line(str(reason).rpartition(": ")[2])[:200] or type(failure).__name__
