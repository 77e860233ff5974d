"""A server on loopback in place of all public ones: says what it was told to, in good and in bad ways.

    with peer() as there:
        there.says("/works/10.1/x", {"message": …})
        there.behaves("/works", "limited")
"""

import gzip
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

LONG = 50 * 1024 * 1024
JSON, XML, HTML = "application/json", "application/xml", "text/html"
A_DATE = "Wed, 21 Oct 2065 07:28:00 GMT"


@dataclass(frozen=True)
class Seen:
    method: str
    path: str  # decoded
    raw: str  # path and question as they came
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Saying:
    code: int = 200
    body: bytes = b""
    type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Peer:
    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    _sayings: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    _ways: dict[str, str] = field(default_factory=dict)

    def says(self, path: str, what: Any, *, code: int = 200, type: str = JSON, method: str = "GET", headers=(),
        **params):
        """`path`: decoded, as a regular expression for its whole; `what`: bytes, text, JSON or a function of what
        was seen; `params`: those of the question that must be there. The latest that fits counts."""
        self._sayings.insert(0, (method, path, params, what if callable(what) else saying(what, code, type, headers)))

    def behaves(self, prefix: str, way: str) -> None:
        """From now on, for all paths that begin so."""
        assert way in WAYS, way
        self._ways[prefix] = way

    def forget(self) -> None:
        """All that it was told and asked."""
        for one in (self.seen, self._sayings, self._ways):
            one.clear()

    def paths(self) -> list[str]:
        return [one.path for one in self.seen]

    def answer_to(self, seen: Seen) -> Saying:
        for method, path, params, what in self._sayings:
            fits = method == seen.method and re.fullmatch(path, seen.path)
            if fits and all(seen.params.get(name) == value for name, value in params.items()):
                return what(seen) if callable(what) else what
        return Saying(404, b"Resource not found.", "text/plain")

    def way_of(self, path: str) -> str:
        return next((way for prefix, way in self._ways.items() if path.startswith(prefix)), "")


def saying(what: Any, code: int, type: str, headers) -> Saying:
    if isinstance(what, str):
        what = what.encode()
    body = what if isinstance(what, bytes) else json.dumps(what).encode()
    return Saying(code, body, type, tuple(headers))


@contextmanager
def peer(host: str = "127.0.0.1") -> Iterator[Peer]:
    there = Peer()

    class Handler(_Handler):
        peer = there

    server = _Server((host, 0), Handler)
    there.url = f"http://{host}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield there
    finally:
        there.over.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_where):
        """Clients that hang up early are what is tried here."""


class _Handler(BaseHTTPRequestHandler):
    peer: Peer
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self._answer()

    def do_POST(self):
        self._answer()

    def _answer(self):
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen = Seen(
            self.command, unquote(parts.path), self.path, dict(parse_qsl(parts.query)),
            {name.lower(): value for name, value in self.headers.items()}, body,
        )
        self.peer.seen.append(seen)
        saying = self.peer.answer_to(seen)
        way = self.peer.way_of(seen.path)
        with suppress(OSError):
            WAYS[way](self, saying) if way else self.send(saying)

    def send(self, saying: Saying, *, length: int | None = None):
        self.send_response(saying.code)
        self.send_header("Content-Type", saying.type)
        self.send_header("Content-Length", str(len(saying.body) if length is None else length))
        for name, value in saying.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(saying.body)

    def hang_up(self):
        self.close_connection = True

    def log_message(self, *_rest):
        pass


def _always(code: int = 200, body: bytes = b"", type: str = JSON, **headers: str) -> Callable:
    names = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return lambda handler, _saying: handler.send(Saying(code, body, type, names))


def _slow(handler: _Handler, saying: Saying):
    handler.peer.over.wait(20)
    handler.hang_up()


def _trickling(handler: _Handler, saying: Saying):
    handler.send(Saying(200, b"{"), length=10_000)
    while not handler.peer.over.wait(0.05):
        handler.wfile.write(b" ")
    handler.hang_up()


def _enormous(handler: _Handler, saying: Saying):
    handler.send(Saying(200, b'{"message": ["'), length=LONG)
    for _chunk in range(LONG // 65536):
        handler.wfile.write(b"x" * 65536)
    handler.hang_up()


def _bomb(handler: _Handler, saying: Saying):
    handler.send(Saying(200, gzip.compress(b'["' + b"x" * LONG), JSON, (("Content-Encoding", "gzip"),)))


def _truncated(handler: _Handler, saying: Saying):
    handler.send(Saying(200, saying.body[: len(saying.body) // 2], saying.type), length=len(saying.body) + 7)
    handler.hang_up()


def _cut(handler: _Handler, saying: Saying):
    handler.send(Saying(200, saying.body[: max(len(saying.body) // 2, 1)], saying.type))


def _hung_up(handler: _Handler, saying: Saying):
    handler.hang_up()


def _garbage(handler: _Handler, saying: Saying):
    handler.wfile.write(b"\x00\x01 this is no HTTP\r\n\r\n")
    handler.hang_up()


def _unprintable(handler: _Handler, saying: Saying):
    handler.wfile.write(b"HTTP/1.1 502 Bad\x00gate\x1bway\r\nContent-Length: 0\r\n\r\n")
    handler.hang_up()


def _not_gzip(handler: _Handler, saying: Saying):
    handler.send(Saying(200, b"not compressed at all", JSON, (("Content-Encoding", "gzip"),)))


def _redirect(handler: _Handler, saying: Saying):
    handler.send(Saying(302, b"", HTML, (("Location", f"{handler.peer.url}/inside"),)))


PAGE = b"<!doctype html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>"

WAYS: dict[str, Callable] = {
    "slow": _slow,
    "trickling": _trickling,
    "broken": _always(500, PAGE, HTML),
    "away": _always(502, PAGE, HTML),
    "unavailable": _always(503, b"", HTML),
    "limited": _always(429, b"slow down", "text/plain", Retry_After="7"),
    "limited until": _always(429, b"slow down", "text/plain", Retry_After=A_DATE),
    "unprintable": _unprintable,
    "refusing": _always(403, PAGE, HTML),
    "bad question": _always(400, b'{"error": "bad"}'),
    "redirecting": _redirect,
    "empty": _always(200, b""),
    "null": _always(200, b"null"),
    "a number": _always(200, b"17"),
    "a list": _always(200, b'[{"title": "x"}]'),
    "an empty object": _always(200, b"{}"),
    "HTML": _always(200, PAGE, HTML),
    "wrong encoding": _always(200, '{"message": {"title": "größer"}}'.encode("latin-1")),
    "deep": _always(200, b'{"message":' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
    "long number": _always(200, b'{"message": ' + b"9" * 20_000 + b"}"),
    "truncated": _truncated,
    "cut": _cut,
    "enormous": _enormous,
    "bomb": _bomb,
    "not gzip": _not_gzip,
    "hung up": _hung_up,
    "garbage": _garbage,
}
