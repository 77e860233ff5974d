"""Large files from outside: piece by piece, bounded, and never from inside our own network by a detour."""

import gzip
import io
import time

import pytest

from illdesk import outside
from illdesk.downloads import download
from illdesk.errors import AdapterError
from tests.illdesk.test_outside import _says, serving

pytestmark = pytest.mark.nodb


@pytest.mark.parametrize("zipped", [False, True])
def test_a_file_comes_whole_and_is_told_while_it_comes(zipped):
    body, told, file = b"0123456789" * 200_000, [], io.BytesIO()
    sent = gzip.compress(body) if zipped else body
    coding = "\r\nContent-Encoding: gzip" if zipped else ""
    with serving(_says(f'200 OK\r\nETag: "a"\r\nContent-Length: {len(sent)}{coding}', sent)) as (url, got):
        answer = download(url, file, most=3_000_000, headers={"If-None-Match": '"b"'}, told=told.append)
    assert file.getvalue() == body and told == sorted(told) and told[-1] == len(body) and len(told) > 3
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (200, b"", '"a"')
    assert b'If-None-Match: "b"' in got[0]


def test_what_is_not_200_is_not_written():
    file = io.BytesIO()
    with serving(_says("404 Not Found\r\nContent-Length: 4", b"gone")) as (url, _got):
        assert download(url, file, most=100).status_code == 404
    with serving(_says("304 Not Modified")) as (url, _got):
        assert download(url, file, most=100).status_code == 304
    assert file.getvalue() == b""


@pytest.mark.parametrize("zipped", [False, True])
def test_more_than_was_allowed_is_not_read(zipped):
    body = gzip.compress(b"x" * 50_000_000) if zipped else b"x" * 5_000_000
    coding = "\r\nContent-Encoding: gzip" if zipped else ""
    file = io.BytesIO()
    endless = _says(f"200 OK{coding}", body)
    with serving(endless) as (url, _got), pytest.raises(AdapterError, match="longer than 1000000"):
        download(url, file, most=1_000_000)
    assert len(file.getvalue()) <= 1_000_000


def test_half_a_file_is_none():
    half = _says("200 OK\r\nContent-Length: 1000", b"half")
    with serving(half) as (url, _got), pytest.raises(AdapterError, match="Cannot be reached") as refused:
        download(url, io.BytesIO(), most=2000)
    assert not refused.value.permanent


def test_one_that_falls_silent_is_left():
    def half(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        time.sleep(1)

    begun = time.monotonic()
    with serving(half) as (url, _got), pytest.raises(AdapterError):
        download(url, io.BytesIO(), most=2000, silent=0.2)
    assert time.monotonic() - begun < 4


def test_one_that_trickles_is_cut_off(monkeypatch):
    monkeypatch.setattr(outside, "_CONNECT", 0.2)

    def trickle(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _moment in range(100):
            connection.sendall(b"x" * 100)
            time.sleep(0.05)

    with serving(trickle) as (url, _got), pytest.raises(AdapterError, match="No answer within"):
        download(url, io.BytesIO(), most=10**9, timeout=0.5)


def test_who_follows_it_may_end_it():
    class Enough(Exception):
        pass

    def enough(size):
        raise Enough

    with serving(_says("200 OK\r\nContent-Length: 4", b"file")) as (url, _got), pytest.raises(Enough):
        download(url, io.BytesIO(), most=100, told=enough)


def test_it_follows_a_redirect_but_not_in_circles():
    file = io.BytesIO()
    with (
        serving(_says("200 OK\r\nContent-Length: 4", b"file")) as (there, _got),
        serving(_says(f"302 Found\r\nLocation: {there}\r\nContent-Length: 0")) as (url, _got),
    ):
        answer = download(url, file, most=100)
    assert (answer.url, file.getvalue()) == (there, b"file")
    with serving(_says("302 Found\r\nLocation: /again\r\nContent-Length: 0")) as (url, got):
        with pytest.raises(AdapterError, match="without an end"):
            download(url, io.BytesIO(), most=100)
        assert len(got) == 6


def test_the_address_entered_may_lie_inside_but_leads_nowhere_else_inside(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = False
    with serving(_says("200 OK\r\nContent-Length: 4", b"file")) as (there, got):
        with pytest.raises(AdapterError, match="private network"):
            download(there, io.BytesIO(), most=100)
        away = _says(f"302 Found\r\nLocation: {there}\r\nContent-Length: 0")
        with serving(away) as (url, _got), pytest.raises(AdapterError, match="private network"):
            download(url, io.BytesIO(), most=100, inside=True)
        assert got == []
        assert download(there, io.BytesIO(), most=100, inside=True).status_code == 200
