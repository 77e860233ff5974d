"""The one door to other people's servers: nothing endless, nothing inside our own network."""

import gzip
import socket
import threading
import time
from contextlib import contextmanager

import pytest
from django.conf import settings

from illdesk import outside
from illdesk.errors import AdapterError

pytestmark = pytest.mark.nodb


@contextmanager
def serving(answer):
    """A server on loopback that reads a request and lets `answer(socket)` say the rest; yields (url, requests)."""
    listener = socket.create_server(("127.0.0.1", 0))
    got: list[bytes] = []

    def serve():
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    got.append(connection.recv(65536))
                    answer(connection)
                    # Closed with something of the request unread, the kernel would take the answer back.
                    connection.shutdown(socket.SHUT_WR)
                    connection.settimeout(0.5)  # a client may keep its end for another request
                    while connection.recv(65536):
                        pass
                except OSError:
                    pass

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/iso18626", got
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def _says(head: str, body: bytes = b""):
    return lambda connection: connection.sendall(f"HTTP/1.1 {head}\r\n\r\n".encode() + body)


def _post(url: str, **more) -> outside.Answer:
    """`outside.post` without its memory, which is a table (tests/illdesk/test_hosts.py)."""
    headers = {"Content-Type": "application/xml"}
    return outside.fetch(url, method="POST", body=b"<x/>", headers=headers, most=settings.MAX_MESSAGE_BYTES, **more)


@pytest.mark.parametrize("zipped", [False, True])
def test_an_answer_comes_whole_with_its_code(zipped):
    body = gzip.compress("größer".encode()) if zipped else "größer".encode()
    coding = "\r\nContent-Encoding: gzip" if zipped else ""
    with serving(_says(f"503 Busy\r\nContent-Length: {len(body)}{coding}", body)) as (url, got):
        answer = _post(url)
    assert (answer.status_code, answer.reason, answer.content.decode()) == (503, "Busy", "größer")
    assert b"Host: 127.0.0.1:" in got[0]


@pytest.mark.parametrize("zipped", [False, True])
def test_an_answer_without_end_is_not_read_on(settings, zipped):
    settings.MAX_MESSAGE_BYTES = 100_000
    body = gzip.compress(b"x" * 5_000_000) if zipped else b"x" * 5_000_000
    head = "200 OK\r\nContent-Encoding: gzip" if zipped else "200 OK"
    with serving(_says(head, body)) as (url, _got), pytest.raises(AdapterError, match="longer than 100000") as refused:
        _post(url)
    assert not refused.value.permanent


def test_an_answer_may_be_as_long_as_a_message(settings):
    settings.MAX_MESSAGE_BYTES = 100_000
    with serving(_says("200 OK\r\nContent-Length: 100000", b"x" * 100_000)) as (url, _got):
        assert len(_post(url).content) == 100_000


@pytest.mark.parametrize("head", ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", ""])
def test_an_answer_that_trickles_is_cut_off(monkeypatch, head):
    monkeypatch.setattr(outside, "_CONNECT", 0.2)

    def trickle(connection):
        connection.sendall(head.encode())
        for _moment in range(100):
            connection.sendall(b"H")
            time.sleep(0.1)

    begun = time.monotonic()
    with serving(trickle) as (url, _got):
        with pytest.raises(AdapterError, match="No answer within") as refused:
            _post(url, timeout=0.5)
        assert time.monotonic() - begun < 4
    assert not refused.value.permanent


def test_silence_is_no_answer():
    with serving(lambda c: time.sleep(1)) as (url, _got), pytest.raises(AdapterError, match="No answer within"):
        _post(url, timeout=0.2)


def test_where_nobody_listens_it_may_be_better_later():
    with pytest.raises(AdapterError, match="Cannot be reached") as refused:
        _post("http://127.0.0.1:9/iso18626")
    assert not refused.value.permanent


def test_a_link_that_leads_on_and_on_slowly_takes_no_longer_than_it_may():
    """Somebody waits for the page on which the link is to stand."""
    def onward(connection):
        time.sleep(0.3)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /on\r\nContent-Length: 0\r\n\r\n")

    begun = time.monotonic()
    with serving(onward) as (url, got), pytest.raises(AdapterError, match="No answer within"):
        outside.peek(url, timeout=0.8)
    assert time.monotonic() - begun < 4 and len(got) < 5


def test_a_name_that_means_another_address_when_we_connect_gets_not_a_byte(settings, monkeypatch):
    """The name was public when it was looked up, and private a moment later, as a hostile name server answers."""
    settings.ALLOW_PRIVATE_ADDRESSES = False
    answers = iter(["8.8.8.8", "127.0.0.1"])

    def resolve(_name, port, *_rest, **_more):
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (next(answers), port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with serving(_says("200 OK\r\nContent-Length: 0")) as (url, got):
        port = url.rpartition(":")[2].strip("/")
        with pytest.raises(AdapterError, match="private network") as refused:
            _post(f"http://moves.example:{port}/")
        time.sleep(0.1)
    assert refused.value.permanent
    assert b"".join(got) == b""


def test_private_names_are_refused_before_anything_is_opened(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = False
    with pytest.raises(AdapterError, match="localhost is an address inside a private network"):
        _post("http://localhost:9/")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("192.0.2.1", False), ("127.0.0.1", False), ("10.1.2.3", False), ("169.254.169.254", False),
        ("0.0.0.0", False), ("100.64.0.1", False), ("224.0.0.1", False), ("::1", False), ("fe80::1%1", False),
        ("fd00::1", False), ("::ffff:127.0.0.1", False), ("::ffff:8.8.8.8", True), ("8.8.8.8", True),
        ("2606:4700::1", True), ("::", False), ("fec0::1", False),
        # An IPv4 address that a translator or a tunnel unwraps.
        ("64:ff9b::7f00:1", False), ("64:ff9b::a00:1", False), ("64:ff9b::808:808", True), ("2002:7f00:1::", False),
        ("2002:a00:1::1", False), ("2002:808:808::1", True), ("::127.0.0.1", False), ("::ffff:0:10.0.0.1", False),
    ],
)
def test_what_is_public(address, public):
    assert outside.is_public(address) is public


def test_control_characters_of_a_server_reach_nobody():
    head = "502 Bad\x00 \x1b[31mgateway\x00\r\nX-Note: a\x00b\x1bc\r\nContent-Length: 0"
    with serving(_says(head)) as (url, _got):
        answer = _post(url)
    assert (answer.reason, answer.headers["x-note"]) == ("Bad   [31mgateway", "a b c")
    with serving(_says("2\x0000 Odd\x00")) as (url, _got), pytest.raises(AdapterError) as failure:
        _post(url)
    assert "\x00" not in str(failure.value)
