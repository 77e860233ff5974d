"""`POST /iso18626`: the one door for partners' systems. Never a 500, nothing lost.

Not POST 405, other content type 415, over 1 MiB 413, all before parsing. XML that nobody can read: 200 with
BadlyFormedMessage. Unknown agency: 200 with ERROR. Wrong secret of a known one: 401. No database: 503.
"""

import hashlib
import ipaddress
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from illdesk import crash, secrets
from illdesk import inbox as stored
from illdesk.http import client_address, open_page
from requests_app.exchange.iso18626 import codes, confirm, inbox
from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.blanking import blank_secrets
from requests_app.exchange.iso18626.outbox import CHANNEL
from requests_app.exchange.iso18626.xml import Unreadable, read, write
from requests_app.models import Library

log = logging.getLogger(__name__)


@csrf_exempt
@open_page
def endpoint(request):
    if request.method != "POST":
        answer = _plain(405, "Send ISO 18626 messages here by POST.")
        answer["Allow"] = "POST"
        return answer
    if not (request.content_type or "").startswith(("application/xml", "text/xml")):
        return _plain(415, "Send application/xml or text/xml.")
    limit = settings.MAX_MESSAGE_BYTES
    promised = request.META.get("CONTENT_LENGTH") or ""
    if promised.isdecimal() and int(promised) > limit:
        return _plain(413, "A message can have 1 MiB at most.")
    body = request.read(limit + 1)
    if len(body) > limit:
        return _plain(413, "A message can have 1 MiB at most.")
    return _with_the_database(lambda: _take(request, body, timezone.now()))


def _with_the_database(work: Callable[[], HttpResponse]) -> HttpResponse:
    """503 while the database is away: the sender tries again, with the same bytes.

    A connection kept from earlier may have died with the server of then: on a new one it is tried once more.
    That makes Django's own look at it (SELECT 1 before every message, 0.15 ms) unnecessary.
    """
    connection.health_check_done = True  # type: ignore[attr-defined]
    kept = connection.connection is not None
    try:
        return work()
    except (OperationalError, InterfaceError) as failure:
        log.warning("the database failed under an ISO 18626 message: %s", failure)
        if not connection.in_atomic_block:
            connection.close()
    if kept:
        with suppress(OperationalError, InterfaceError):
            return work()
    answer = _plain(503, "The database does not answer. Nothing was stored; send the same message again.")
    answer["Retry-After"] = "30"
    return answer


def _take(request, body: bytes, now: datetime) -> HttpResponse:
    try:
        message = read(body).message
    except Unreadable as failure:
        return _unreadable(request, body, str(failure), now)
    if isinstance(message, m.Confirmation):
        return _unreadable(request, body, "A confirmation came without a message of ours before it.", now)
    return _answer(request, message, body, now)


def _answer(request, message: m.Statement, body: bytes, now):
    library = inbox.library_of(inbox.sender_of(message))
    side = "supplying" if isinstance(message, m.SupplyingAgencyMessage) else "requesting"
    if library is None:
        log.warning("ISO 18626 message of an unknown agency from %s", client_address(request))
        return _xml(_error(message, f"{side}AgencyId: {side} agency not found", now))
    if not _is_authentic(request, message, library):
        log.warning("ISO 18626 message in the name of %s refused: wrong secret or address", library.symbol)
        return _plain(401, "This agency is known here, but not by this secret or address.")
    if not inbox.is_us(inbox.addressee_of(message), vars(library)["our_agency"]):
        other = "requesting" if side == "supplying" else "supplying"
        value = f"{other}AgencyId: {other} agency not found or invalid"
        return _refuse(library, body, _error(message, value, now), what=inbox.what_of(message), why=value, now=now)
    answer = stored.receive(
        CHANNEL,
        key=f"{CHANNEL}:{library.pk}:{hashlib.sha256(body).hexdigest()}",
        partner=library.symbol,
        what=inbox.what_of(message),
        body=blank_secrets(body),
        now=now,
        handle=lambda: inbox.handle(message, library, now=now),
        # Stored but not yet handled: it is received, and that is all a confirmation says (4.1).
        answer_when_parked=lambda: write(confirm.ok(message, now=now)).decode(),
    )
    crash.point("inbox.after_commit")
    return _xml(answer.encode())


def _unreadable(request, body: bytes, why: str, now):
    """Of a partner it is kept, for somebody will ask what became of it; of a stranger there is a line in the log."""
    answer = write(confirm.badly_formed(now))
    library = _library_at_the_door(request)
    if library is None:
        log.warning("unreadable ISO 18626 message from %s: %s", client_address(request), why)
        return _xml(answer)
    return _refuse(library, body, answer, what="", why=why, now=now)


def _refuse(library: Library, body: bytes, answer: bytes, *, what: str, why: str, now):
    """Store what a partner sent with the refusal it got. Under a key of its own: what is wrong may be on our
    side, and the same message may be right tomorrow."""
    text = answer.decode()
    return _xml(stored.receive(
        CHANNEL,
        key=f"{CHANNEL}:{library.pk}:refused:{hashlib.sha256(body).hexdigest()}",
        partner=library.symbol,
        what=what,
        body=blank_secrets(body),
        now=now,
        handle=lambda: stored.Handled(text, why, refused=True),
        answer_when_parked=lambda: text,
    ).encode())


def _library_at_the_door(request) -> Library | None:
    """Who sends it, by what stands outside the message: the secret in the header, or the address."""
    if given := _bearer(request):
        return Library.objects.filter(secret_expected=secrets.hashed(given)).first()
    address = client_address(request)
    listed = Library.objects.filter(secret_expected="").exclude(allowed_addresses="").order_by("pk")
    return next((library for library in listed if _is_listed(address, library.allowed_addresses)), None)


def _bearer(request) -> str:
    scheme, _sep, given = request.headers.get("Authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else ""


def _is_authentic(request, message: m.Statement, library: Library) -> bool:
    if library.secret_expected:
        if secrets.matches(_bearer(request), library.secret_expected):
            return True
        inside = message.header.requesting_agency_authentication
        return inside is not None and secrets.matches(inside.security_code, library.secret_expected)
    return _is_listed(client_address(request), library.allowed_addresses)


def _is_listed(address: str, allowed: str) -> bool:
    """Is the sender's address one of the lines (addresses or networks)?"""
    try:
        sender = ipaddress.ip_address(address)
    except ValueError:
        return False
    for line in allowed.split():
        try:
            if sender in ipaddress.ip_network(line, strict=False):
                return True
        except ValueError:
            continue
    return False


def _error(message: m.Statement, value: str, now) -> bytes:
    return write(confirm.error(message, codes.ErrorType.UNRECOGNISED_DATA_VALUE, value, now=now))


def _xml(body: bytes) -> HttpResponse:
    return HttpResponse(body, content_type="application/xml; charset=utf-8")


def _plain(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(sentence + "\n", status=status, content_type="text/plain; charset=utf-8")
