import imaplib
import shutil
from collections.abc import Iterator
from datetime import date
from itertools import count

import pytest

from illdesk.mailboxes.models import Mailbox
from tests.peers import dovecot

_users = count(1)


@pytest.fixture(scope="session")
def imap_server() -> Iterator[tuple[str, int]]:
    if not shutil.which("dovecot"):
        pytest.skip("dovecot is not installed (Debian: dovecot-imapd)")
    with dovecot.server() as (host, port, _tls):
        yield host, port


class Post:
    """What a library's mail server would do, and what is in the mailbox afterwards."""

    def __init__(self, host: str, port: int, user: str):
        self.host, self.port, self.user = host, port, user
        self.client = imaplib.IMAP4(host, port, timeout=10)
        self.client.login(user, dovecot.PASSWORD)

    def put(self, raw: bytes, folder: str = "INBOX") -> None:
        assert self.client.append(folder, "", imaplib.Time2Internaldate(1772463600), raw)[0] == "OK"

    def seen(self, folder: str = "INBOX") -> tuple[int, int]:
        """How many messages, and how many of them are marked as read."""
        if self.client.select(folder, readonly=True)[0] != "OK":
            return 0, 0
        every = self.client.search(None, "ALL")[1][0].split()
        return len(every), len(self.client.search(None, "SEEN")[1][0].split())

    def number_anew(self) -> None:
        """The server loses its numbering: a folder of the same messages with another UIDVALIDITY."""
        for command in (self.client.create("Old"), self.client.select("INBOX"), self.client.copy("1:*", "Old"),
                        self.client.store("1:*", "+FLAGS", "\\Deleted"), self.client.expunge()):
            assert command[0] == "OK", command
        self.client.unselect()


@pytest.fixture
def post(imap_server) -> Iterator[Post]:
    """A mailbox of its own for each test: the server knows every user."""
    found = Post(*imap_server, f"user{next(_users)}")
    yield found
    found.client.logout()


@pytest.fixture
def mailbox(post, db) -> Mailbox:
    return Mailbox.objects.create(name="Invoices", host=post.host, port=post.port, security="none", user=post.user,
                                  password=dovecot.PASSWORD, purpose="invoices", since=date(2026, 1, 1))
