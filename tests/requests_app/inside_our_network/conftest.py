"""A server of the public internet stands on 127.0.0.2, which these tests alone take for public; what must never hear
a word listens on 127.0.0.1 and ::1."""

import socket
import threading
from contextlib import suppress

import pytest

from illdesk import outside
from requests_app.models import SourceSetting
from tests import factories as f
from tests.peers.web import peer
from tests.requests_app.verification.conftest import DOI, WORK

PUBLIC = "127.0.0.2"


class Inner:
    """Listens inside our network and notes everybody who comes."""

    def __init__(self):
        self.heard: list[bytes] = []
        self.came = 0
        self._open: list[socket.socket] = []
        self.port = 0
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            with suppress(OSError):  # a machine without IPv6
                listener = socket.create_server((host, self.port), family=family)
                self.port = listener.getsockname()[1]
                self._open.append(listener)
                threading.Thread(target=self._listen, args=(listener,), daemon=True).start()

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            self.came += 1
            with connection, suppress(OSError):
                connection.settimeout(2)
                if data := connection.recv(65536):
                    self.heard.append(data)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\n%PDF")

    def at(self, host: str, path: str = "/secret") -> str:
        return f"http://{host}:{self.port}{path}"

    def close(self) -> None:
        for listener in self._open:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()


@pytest.fixture(autouse=True)
def guarded(settings, monkeypatch):
    settings.ALLOW_PRIVATE_ADDRESSES = False
    is_public, look_up = outside.is_public, socket.getaddrinfo
    names = {"inner.example": "127.0.0.1", "inner.example.": "127.0.0.1", "moves.example": "127.0.0.1"}
    asked: list[str] = []

    def answers(host, port, *rest, **more):
        """Name servers of strangers; "moves.example" is public when it is looked at first."""
        name = host.decode() if isinstance(host, bytes) else host
        asked.append(name)
        if name == "moves.example" and asked.count(name) % 2:
            return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("8.8.8.8", int(port)))]
        return look_up(names.get(name.lower(), host), port, *rest, **more)

    monkeypatch.setattr(outside, "is_public", lambda address: address == PUBLIC or is_public(address))
    monkeypatch.setattr(socket, "getaddrinfo", answers)


@pytest.fixture
def inner():
    one = Inner()
    yield one
    one.close()


@pytest.fixture
def there():
    """The public servers: Crossref, Unpaywall and more, all on one."""
    f.institution()
    with peer(PUBLIC) as server:
        server.says(f"/works/{DOI}", {"status": "ok", "message": WORK})
        server.says("/works", {"status": "ok", "message": {"items": [WORK], "total-results": 1}})
        for code, base in (("crossref", server.url), ("unpaywall", f"{server.url}/v2")):
            SourceSetting.objects.create(code=code, on=True, url=base)
        yield server


@pytest.fixture
def patron(client):
    user = f.user("patron")
    f.patron(user=user)
    client.force_login(user)
    return client
