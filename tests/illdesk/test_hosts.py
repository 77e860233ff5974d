"""A server that is down is left in peace; what is meant for it waits and loses no tries."""

import socket
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.utils import timezone

from illdesk import actors, hosts, outbox, outside
from illdesk.errors import AdapterError
from illdesk.models import OutboxMessage, OutsideHost

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
URL = "http://dbu.example:8443/iso18626"
HOST = "dbu.example:8443"


def later(**delta):
    return NOW + timedelta(**delta)


def fail(times: int, at=NOW) -> None:
    for _time in range(times):
        hosts.failed(HOST, "No answer within 20 seconds.", now=at)


@pytest.mark.parametrize(
    "url, host",
    [(URL, HOST), ("http://a.example/x", "a.example"), ("mail@a.example", ""), ("https://[", ""), ("ftp://a/", ""),
     ("https://a.example:99999/", "")],
)
def test_what_counts_is_host_and_port(url, host):
    assert hosts.of(url) == host


def test_two_failures_are_weather_and_three_are_down():
    fail(2)
    assert hosts.wait_until(HOST, now=NOW) is None and not hosts.down().exists()
    fail(1, later(seconds=30))
    assert hosts.wait_until(HOST, now=later(seconds=31)) == later(seconds=90)
    row = hosts.down().get()
    assert (row.failing_since, row.why) == (NOW, "No answer within 20 seconds.")


def test_one_probe_a_period_and_ever_more_seldom():
    fail(3)
    assert hosts.wait_until(HOST, now=later(seconds=61)) is None  # the probe
    assert hosts.wait_until(HOST, now=later(seconds=61)) == later(seconds=121)  # who comes second waits
    fail(10, later(hours=1))
    assert hosts.wait_until(HOST, now=later(hours=1, minutes=1)) == later(hours=1) + hosts.SELDOM


def test_an_answer_opens_the_door_and_wakes_what_waits():
    fail(5)
    waiting = put(recipient=URL, next_try=later(hours=1))
    other = put(key="other", recipient="https://else.example/", next_try=later(hours=1))
    hosts.worked(HOST, now=later(minutes=2))
    assert hosts.wait_until(HOST, now=later(minutes=2)) is None
    waiting.refresh_from_db()
    other.refresh_from_db()
    assert (waiting.next_try, other.next_try) == (later(minutes=2), later(hours=1))


def test_a_server_that_works_is_not_written_down_each_time(django_assert_num_queries):
    hosts.worked(HOST, now=NOW)
    with django_assert_num_queries(1):
        hosts.worked(HOST, now=later(seconds=5))


def put(*, key: str = "a", **fields) -> OutboxMessage:
    base = {
        "channel": "test", "key": key, "lane": key, "recipient": URL, "what": "x", "payload": {}, "next_try": NOW,
        "created": NOW,
    }
    return OutboxMessage.objects.create(**base | fields)


@pytest.fixture
def server(monkeypatch):
    """A server on loopback whose answer the test sets, found under the name of URL; counts how often it was
    called. Without an answer it hangs up."""

    class Server(BaseHTTPRequestHandler):
        answer: tuple[int, str] | None = None
        calls = 0

        def do_POST(self):
            Server.calls += 1
            if Server.answer is None:
                return
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(*Server.answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format, *args):
            """Nothing on the terminal."""

    listener = HTTPServer(("127.0.0.1", 0), Server)
    look_up = socket.getaddrinfo

    def name_service(host, port, *args, **kwargs):
        if host == "dbu.example":
            host, port = listener.server_address
        return look_up(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", name_service)

    def send(row):
        answer = outside.post(row.recipient, body=b"", headers={})
        if answer.status_code != 200:
            raise AdapterError(f"answered {answer.status_code}", permanent=False)
        return "ok"

    monkeypatch.setitem(outbox.CHANNELS, "test", outbox.Channel("test", send, exactly_once=True))
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield Server
    listener.shutdown()
    listener.server_close()
    thread.join(10)


def run(*, hours: float, start=NOW, every=timedelta(minutes=1)) -> None:
    now = start
    while now < start + timedelta(hours=hours):
        outbox.send_due(now=now)
        now += every


def test_a_library_that_is_away_for_days_gets_its_messages_when_it_is_back(server):
    rows = [put(key=str(number)) for number in range(5)]
    run(hours=72, every=timedelta(minutes=10))
    assert server.calls < 72 * 6 + 20  # one probe a period, not one a message
    assert {row.state for row in OutboxMessage.objects.all()} == {"waiting"}
    server.answer = (200, "OK")
    run(hours=1, start=later(hours=72))
    assert [row.state for row in OutboxMessage.objects.filter(pk__in=[r.pk for r in rows])] == ["sent"] * 5


def test_what_waits_behind_a_closed_door_is_no_try(server):
    fail(3)
    row = put()
    assert outbox.send(row.pk, now=later(seconds=1)) is None
    row.refresh_from_db()
    assert (row.state, row.attempts, server.calls) == ("waiting", 0, 0)
    assert "dbu.example:8443 does not answer at the moment" in row.last_error
    assert row.next_try > later(seconds=59)
    assert outbox.send_due(now=later(seconds=2)) == (0, 0)


def test_a_proxy_that_stands_before_nothing_counts_as_away(server):
    server.answer = (503, "Busy")
    for number in range(3):
        outbox.send(put(key=str(number)).pk, now=NOW)
    assert hosts.down().get().why == "503 Busy"


def test_a_server_that_answers_with_nonsense_is_not_away_and_exhausts_its_tries(server):
    server.answer = (500, "Oops")
    row = put()
    now = NOW
    for _time in range(len(outbox.RETRY_AFTER) + 1):
        outbox.send(row.pk, now=now)
        now += timedelta(days=1)
    row.refresh_from_db()
    assert row.state == "parked" and not hosts.down().exists()


def test_after_two_weeks_a_person_decides(server):
    row = put(created=NOW - outbox.AWAY_FOR - timedelta(hours=1), attempts=len(outbox.RETRY_AFTER))
    outbox.send(row.pk, now=NOW)
    row.refresh_from_db()
    assert row.state == "parked"


def test_a_person_who_sends_again_has_it_tried_now(server):
    from tests import factories

    fail(4)
    row = put(next_try=later(hours=1))
    server.answer = (200, "OK")
    outbox.send_again(row, actor=actors.staff(factories.user("coordinator")), now=later(seconds=5))
    assert outbox.send(row.pk, now=later(seconds=5)) is True
    assert OutsideHost.objects.get().failures == 0


def test_the_test_button_knocks_at_a_closed_door(server):
    fail(4)
    server.answer = (200, "OK")
    assert outside.post(URL, body=b"", headers={}, though_down=True).status_code == 200
    assert not hosts.down().exists()
