"""Fetching a partner's PDF: a GET that waits in the outbox, with its retries, its parking, its Send again.

Only from the hosts that the library is known to use, since the link stands in a message. What comes is looked
at, gets our cover, and is stored at a place made from the row's key: fetched twice, it lies there once.
"""

import hashlib
import io
import json
import re
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from urllib3.util import parse_url

from illdesk import actors, outbox, outside
from illdesk.errors import AdapterError, BadAnswer, NotAllowed
from illdesk.models import OutboxMessage
from requests_app.actions import perform
from requests_app.actions.copies import FETCH
from requests_app.exchange import not_sent
from requests_app.models import ILLRequest, Library
from requests_app.scans import stored
from requests_app.scans.covers import cover_of
from requests_app.scans.stored import StoredFile

# The file is gone or not for us; all other answers may be better later.
_PERMANENT = {400, 401, 403, 404, 405, 406, 410, 451}


def send(row: OutboxMessage) -> str:
    """Fetch, check and store the file; returns what `settled` needs, as JSON. Raises AdapterError."""
    library = Library.objects.get(pk=row.payload["library"])
    url = row.payload["url"]
    if (host := host_of(url)) not in hosts_of(library):
        raise AdapterError(
            _("The link leads to %(host)s, which is none of this library's hosts. Add it there if it is right.")
            % {"host": host or url[:60]},
            permanent=True,
        )
    answer = outside.get(url, most=settings.MAX_UPLOAD_BYTES)
    if 300 <= answer.status_code < 400:
        raise AdapterError(
            _("The link leads on to another address (%(code)s), which is not followed. Ask the library for the file.")
            % {"code": answer.status_code},
            permanent=True,
        )
    if answer.status_code != 200:
        raise AdapterError(
            _("The other system answered %(code)s %(reason)s.")
            % {"code": answer.status_code, "reason": answer.reason},
            permanent=answer.status_code in _PERMANENT,
        )
    ill = ILLRequest.objects.select_related("citation", "partner", "patron").get(pk=row.subject_id or 0)
    place = hashlib.sha256(row.key.encode()).hexdigest()
    try:
        file = stored.store(
            io.BytesIO(answer.content), cover=cover_of(ill, now=row.created), path=f"fetched/{place[:40]}"
        )
    except BadAnswer as refusal:
        raise AdapterError(str(refusal), permanent=True) from refusal
    return json.dumps({"path": file.path, "size": file.size, "sha256": file.sha256, "pages": file.pages})


# Where two programs read a host differently, the one that is checked is not the one that is asked.
_DOUBTFUL = re.compile(r"[\x00-\x20\x7f\\]|^[^/]*//[^/?#]*@")


def host_of(url: str) -> str:
    """The host that would be asked, in small letters. Raises AdapterError for what is no plain http address."""
    try:
        parts = urlsplit(url)
        plain = parts.scheme in ("http", "https") and parts.hostname and not _DOUBTFUL.search(url)
        host = (parse_url(url).host or "").lower().strip("[]") if plain else ""
    except ValueError:  # urllib3's LocationParseError is one too
        plain, host = False, ""
    if not plain or host != (parts.hostname or "").lower():
        raise AdapterError(_("%(url)s is not a plain http or https address.") % {"url": url[:200]}, permanent=True)
    return host


def hosts_of(library: Library) -> set[str]:
    listed = {line.strip().lower() for line in library.file_hosts.split() if line.strip()}
    own = (urlsplit(library.endpoint).hostname or "").lower()
    return listed | ({own} if own else set())


def settled(row: OutboxMessage) -> None:
    """In the transaction that settles the row: the file is the request's from now on."""
    assert row.settled is not None
    ill = ILLRequest.objects.select_related("partner", "patron", "citation", "branch").get(pk=row.subject_id or 0)
    file = StoredFile(**json.loads(row.answer))
    try:
        perform(ill, "file_arrived", actor=actors.SYSTEM, now=row.settled, file=file)
    except NotAllowed as refusal:  # somebody added the PDF by hand meanwhile, or it ended
        OutboxMessage.objects.filter(pk=row.pk).update(state=OutboxMessage.DROPPED, last_error=str(refusal))
        file.forget()


def parked(row: OutboxMessage, now: datetime) -> None:
    not_sent.mark(row, now)


outbox.register(outbox.Channel(name=FETCH, send=send, exactly_once=True, settled=settled, parked=parked))
