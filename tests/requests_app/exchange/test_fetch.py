"""Fetching a partner's PDF from a real server that behaves in every way but well."""

import socket
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from illdesk import actors, outbox
from illdesk.errors import AdapterError
from illdesk.models import Attachment, OutboxMessage
from requests_app.actions import perform
from requests_app.actions.copies import FETCH
from requests_app.exchange import fetch
from requests_app.models import Delivery, ILLRequest, Library
from tests import factories as f
from tests.illdesk.paper import page_texts
from tests.requests_app.scans import pdfs

pytestmark = pytest.mark.django_db
PDF = pdfs.of_pages(2)


class Server:
    """`answer`: function(handler) that writes what comes; `asked`: paths in their order."""

    def __init__(self):
        self.answer, self.asked, self.url = sending(PDF), [], ""


def sending(body: bytes, *, status: int = 200, kind: str = "application/pdf", **headers):
    def answer(handler):
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"%PDF-1.4" + b"x" * 65536)


def trickling(handler):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b"%PDF-1.4\n")
    for _n in range(600):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)


@contextmanager
def serving():
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            server.asked.append(self.path)
            with suppress(OSError):  # they hung up
                server.answer(self)

        def log_message(self, *args):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    http.block_on_close = False
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


@pytest.fixture
def server():
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"default": files}
    return tmp_path


def lying(store) -> int:
    return sum(path.is_file() for path in store.rglob("*"))


def told(url: str, **fields) -> tuple[ILLRequest, OutboxMessage]:
    """A lender says where its file is; the row that is to fetch it."""
    row = f.ill("borrowing.sent", service="copy")
    Library.objects.filter(pk=row.partner_id).update(endpoint="http://127.0.0.1:9/iso18626", **fields)
    row = ILLRequest.objects.get(pk=row.pk)
    perform(row, "lender_sent_copy", actor=actors.partner(row.partner.symbol), now=f.NOW, url=url)
    return row, OutboxMessage.objects.get(channel=FETCH, subject_id=row.pk)


def fetched(message: OutboxMessage) -> OutboxMessage:
    outbox.send(message.pk, now=f.NOW)
    message.refresh_from_db()
    return message


def test_the_file_is_fetched_covered_stored_and_delivered(server, store):
    row, message = told(f"{server.url}/scan/abc/")
    assert fetched(message).state == OutboxMessage.SENT
    row.refresh_from_db()
    assert row.state == "borrowing.delivered" and server.asked == ["/scan/abc/"]
    delivery = Delivery.objects.get(ill=row)
    cover, *pages = page_texts(delivery.attachment.file.read())
    assert row.number in cover and [text.strip() for text in pages] == ["page 1", "page 2"]
    assert delivery.pages == 2 and lying(store) == 1


def test_what_acts_in_it_stays_behind(server):
    server.answer = sending(pdfs.acting())
    row, message = told(f"{server.url}/a")
    fetched(message)
    kept = Delivery.objects.get(ill=row).attachment.file.read()
    assert b"JavaScript" not in kept and b"evil.exe" not in kept


ANSWERS = {
    "gone": (sending(b"", status=410), "answered 410", True),
    "not there": (sending(b"", status=404), "answered 404", True),
    "not for us": (sending(b"", status=403), "answered 403", True),
    "leads on": (sending(b"", status=302, Location="http://169.254.169.254/latest/"), "leads on to another", True),
    "busy": (sending(b"", status=503), "answered 503", False),
    "a page of the web": (sending(b"<!doctype html><p>Sign in", kind="text/html"), "not a PDF", True),
    "a page that says it is a PDF": (sending(b"<!doctype html><script>1</script>"), "not a PDF", True),
    "nothing": (sending(b""), "empty", True),
    "locked": (sending(pdfs.locked(user="secret")), "locked with a password", True),
    "damaged": (sending(pdfs.of_pages(30)[:9000]), "damaged", True),
    "endless": (endless, "longer than", True),
    "trickling": (trickling, "No answer within", False),
    "cut off": (lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n%PDF-1.4"),
                "Cannot be reached", False),
    "no HTTP": (lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH\r\n" * 9), "Cannot be reached", False),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_what_is_no_file_is_told_in_a_sentence_and_nothing_is_kept(server, store, settings, what):
    settings.OUTSIDE_TIMEOUT, settings.MAX_UPLOAD_BYTES = 1, 2_000_000
    server.answer, words, for_good = ANSWERS[what]
    row, message = told(f"{server.url}/a")
    began = time.monotonic()
    message = fetched(message)
    assert time.monotonic() - began < 20
    assert words in message.last_error
    assert message.state == (OutboxMessage.PARKED if for_good else OutboxMessage.WAITING)
    row.refresh_from_db()
    assert row.state == "borrowing.shipped" and bool(row.attention) is for_good
    assert lying(store) == 0 and not Attachment.objects.exists() and len(server.asked) == 1


def test_nobody_at_the_address_is_tried_again():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        _row, message = told(f"http://127.0.0.1:{free.getsockname()[1]}/a")
        assert fetched(message).state == OutboxMessage.WAITING


LINKS = [
    "http://evil.example/a.pdf", "http://127.0.0.1.evil.example/a.pdf", "http://127.0.0.1@evil.example/a.pdf",
    "http://evil.example\\@127.0.0.1/a.pdf", "http://evil.example#@127.0.0.1/a.pdf", "http://evil.example?@127.0.0.1/",
    "http://[::1]/a.pdf", "http:///a.pdf", "file:///etc/passwd", "ftp://127.0.0.1/a.pdf", "javascript:alert(1)",
    "//127.0.0.1/a.pdf", "not an address", "http://127.0.0.1\r\n.evil.example/", "http://127.0.0.1 .evil.example/",
    "http://evil.example\t@127.0.0.1/", "http://127.0.0.1:x/a.pdf",
]


@pytest.mark.parametrize("link", LINKS)
def test_only_the_librarys_own_hosts_are_asked(link, monkeypatch, store):
    """Whatever the link does to be read in two ways."""
    monkeypatch.setattr(socket, "create_connection", lambda *args, **more: pytest.fail(f"{args} was connected"))
    row, message = told("http://127.0.0.1/a")
    OutboxMessage.objects.filter(pk=message.pk).update(payload=message.payload | {"url": link})
    message = fetched(message)
    assert message.state == OutboxMessage.PARKED and message.last_error
    row.refresh_from_db()
    assert row.attention and lying(store) == 0


@pytest.mark.parametrize("link", LINKS)
def test_our_reading_of_the_host_is_the_one_that_is_connected_to(link):
    """What urlsplit and urllib3 read differently must not come through."""
    from urllib3.util import parse_url

    try:
        host = fetch.host_of(link)
    except AdapterError:
        return
    assert (parse_url(link).host or "").strip("[]").lower() == host != "127.0.0.1"


def test_a_registered_host_of_files_is_asked(server):
    port = server.url.rpartition(":")[2]
    _row, message = told(f"http://localhost:{port}/a", file_hosts="files.hill.example\n LocalHost ")
    assert fetched(message).state == OutboxMessage.SENT


def test_fetched_twice_it_lies_there_once(server, store, monkeypatch):
    """The worker died between the store and the database: the second fetch takes the same place."""
    row, message = told(f"{server.url}/a")
    message.created = f.NOW
    first, second = fetch.send(message), fetch.send(message)
    assert first == second and lying(store) == 1
    fetched(message)
    assert lying(store) == 1 and Delivery.objects.filter(ill=row).count() == 1


def test_a_file_that_was_added_by_hand_meanwhile_wins(server, store):
    row, message = told(f"{server.url}/a")
    f.by_hand()
    perform(row, "receive_copy", actor=f.staff(), now=f.NOW, file=f.stored())
    message = fetched(message)
    assert message.state == OutboxMessage.DROPPED and "not possible" in message.last_error
    assert lying(store) == 1 and Delivery.objects.filter(ill=row).count() == 1


def test_a_lender_that_is_not_one_of_the_demo_is_never_on_our_own_network(server, settings, store):
    settings.ALLOW_PRIVATE_ADDRESSES = False
    _row, message = told(f"{server.url}/a")
    message = fetched(message)
    assert message.state == OutboxMessage.PARKED and "private network" in message.last_error
    assert server.asked == [] and lying(store) == 0
