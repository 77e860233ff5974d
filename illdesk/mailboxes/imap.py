"""A folder of an IMAP server: what stands in it, a message's bytes, and marking what we have. Never in a transaction.

Every failure is an AdapterError with a sentence.
"""

import imaplib
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date

import imap_tools
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from illdesk.errors import AdapterError
from illdesk.mailboxes.models import Mailbox

SECONDS = 20
_FAILURES = (imap_tools.errors.ImapToolsError, imaplib.IMAP4.error, OSError, EOFError, UnicodeError, ValueError)


class Folder:
    """An open folder. `validity`: UIDVALIDITY; where it changes, the server has numbered its messages anew."""

    def __init__(self, box: imap_tools.BaseMailBox, validity: int):
        self._box, self.validity = box, validity

    def uids(self, since: date) -> list[int]:
        with _told():
            return sorted(int(uid) for uid in self._box.uids(imap_tools.AND(date_gte=since)))

    def size(self, uid: int) -> int:
        with _told():
            _state, data = self._box.client.uid("fetch", str(uid), "(RFC822.SIZE)")
            words = b" ".join(one if isinstance(one, bytes) else one[0] for one in data if one).split()
            at = words.index(b"RFC822.SIZE") if b"RFC822.SIZE" in words else next(
                place for place, word in enumerate(words) if word.endswith(b"RFC822.SIZE"))
            return int(words[at + 1].strip(b")"))

    def raw(self, uid: int) -> bytes | None:
        """Whole, and not marked as read. None where somebody took it away meanwhile."""
        with _told():
            _state, data = self._box.client.uid("fetch", str(uid), "(BODY.PEEK[])")
            return next((one[1] for one in data if isinstance(one, tuple)), None)

    def settle(self, uid: int, done_folder: str) -> None:
        """We have it: moved away, or marked as read."""
        with _told():
            if done_folder:
                if not self._box.folder.exists(done_folder):
                    self._box.folder.create(done_folder)
                self._box.move(str(uid), done_folder)
            else:
                self._box.flag(str(uid), imap_tools.MailMessageFlags.SEEN, True)


@contextmanager
def opened(mailbox: Mailbox) -> Iterator[Folder]:
    if transaction.get_connection().in_atomic_block and not settings.TESTING:
        raise RuntimeError("A mailbox is opened outside of transactions only.")
    _refuse_in_demo(mailbox)
    box = None
    try:
        with _told():
            box = _connected(mailbox)
            box.login(mailbox.user, mailbox.password, initial_folder=None)
            box.folder.set(mailbox.folder)
            validity = int(box.folder.status(mailbox.folder, ["UIDVALIDITY"])["UIDVALIDITY"])
        yield Folder(box, validity)
    finally:
        if box is not None:
            with suppress(*_FAILURES):
                box.logout()


def _connected(mailbox: Mailbox) -> imap_tools.BaseMailBox:
    if mailbox.security == "none":
        return imap_tools.MailBoxUnencrypted(mailbox.host, mailbox.port, timeout=SECONDS)
    context = ssl.create_default_context()
    if mailbox.security == "starttls":
        return imap_tools.MailBoxStartTls(mailbox.host, mailbox.port, timeout=SECONDS, ssl_context=context)
    return imap_tools.MailBox(mailbox.host, mailbox.port, timeout=SECONDS, ssl_context=context)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except AdapterError:
        raise
    except imap_tools.errors.MailboxLoginError as failure:
        raise AdapterError(_("The server refused the user or the password."), permanent=True) from failure
    except imap_tools.errors.MailboxFolderSelectError as failure:
        raise AdapterError(_("There is no such folder in this mailbox."), permanent=True) from failure
    except ssl.SSLCertVerificationError as failure:
        raise AdapterError(_("The server’s certificate is not trusted here."), permanent=True) from failure
    except ssl.SSLError as failure:
        raise AdapterError(_("No encrypted connection came about: is it the right port and encryption?"),
                           permanent=True) from failure
    except TimeoutError as failure:
        raise AdapterError(_("The server did not answer in time."), permanent=False) from failure
    except socket.gaierror as failure:
        raise AdapterError(_("The name of the server is not known."), permanent=False) from failure
    except ConnectionError as failure:
        raise AdapterError(_("The server does not answer at this port, or broke off."), permanent=False) from failure
    except _FAILURES as failure:
        words = " ".join(str(failure).split())[:150]
        raise AdapterError(_("The server said something unexpected: %(words)s") % {"words": words}, permanent=False) \
            from failure


def _refuse_in_demo(mailbox: Mailbox) -> None:
    """Everybody knows the passwords of a demo: nobody is to point it at a server somewhere."""
    if not settings.DEMO:
        return
    with suppress(ValueError):
        if ipaddress.ip_address(mailbox.host).is_loopback:
            return
    if mailbox.host != "localhost":
        raise AdapterError(_("A demo looks into mailboxes of its own machine only."), permanent=True)
