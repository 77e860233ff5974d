"""PostgreSQL and Redis stop under load for half a minute: nothing is lost, and all goes on without a hand.

A library sends new requests all the time, each until it is confirmed, with the same bytes (PROTOCOLS 1.1).
"""

import http.client
import os
import shutil
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from illdesk.desks import Desks
from requests_app.exchange.iso18626 import codes
from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.xml import write
from tests.ports import free_ports
from tests.walks.processes import do
from tests.walks.servers import MISSING, Servers

pytestmark = [
    pytest.mark.walk, pytest.mark.nodb, pytest.mark.timeout(420), pytest.mark.skipif(bool(MISSING), reason=MISSING)
]
ROOT = Path(__file__).resolve().parents[2]
SECONDS = float(os.environ.get("ILLDESK_OUTAGE_SECONDS", "30"))
RECOVERED_WITHIN = 60
SECRET = "a-secret-of-the-outage-0123456789abcdef"
BATCH = "OUTAGE"


class Sender(threading.Thread):
    """One after the other, each repeated until the desk says OK."""

    def __init__(self, port: int, us: str, name: str):
        super().__init__(name=name, daemon=True)
        self.port, self.us = port, us
        self.confirmed: list[tuple[str, float]] = []
        self.statuses: dict[object, int] = {}
        self.sentence = ""
        self.over = threading.Event()

    def run(self) -> None:
        number = 0
        while not self.over.is_set():
            number += 1
            self._until_confirmed(f"{BATCH}-{self.name}-{number}")
            time.sleep(0.05)

    def _until_confirmed(self, request_id: str) -> None:
        body = write(m.Request(
            header=m.Header(
                supplying_agency_id=m.AgencyId("ISIL", self.us), requesting_agency_id=m.AgencyId("ISIL", "US-OUT"),
                timestamp=datetime.now(UTC), requesting_agency_request_id=request_id,
            ),
            bibliographic_info=m.BibliographicInfo(title=f"Out of power, {request_id}"),
            service_info=m.ServiceInfo(request_type=codes.RequestType.NEW, service_type=codes.ServiceType.LOAN),
        ))
        while True:
            status, answer = self._post(body)
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status == 200:
                assert b"<messageStatus>OK<" in answer, answer
                self.confirmed.append((request_id, time.time()))
                return
            if status == 503:
                self.sentence = answer.decode()
            time.sleep(0.5)

    def _post(self, body: bytes) -> tuple[object, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            head = {"Content-Type": "application/xml", "Authorization": f"Bearer {SECRET}"}
            line.request("POST", "/iso18626", body, head)
            answer = line.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as failure:
            return type(failure).__name__, b""
        finally:
            line.close()


def soon(condition, what: str, *, since: float) -> float:
    """Seconds from `since` until the condition held."""
    while not condition():
        assert time.time() < since + RECOVERED_WITHIN, f"{what}: not within {RECOVERED_WITHIN} s"
        time.sleep(1)
    return time.time() - since


@pytest.fixture
def place():
    """Not pytest's own folder, which the user postgres may not enter."""
    folder = Path(tempfile.mkdtemp(prefix="illdesk-outage-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_half_a_minute_without_database_and_broker_loses_nothing(place):
    servers = Servers(place / "servers")
    try:
        servers.start()
        with Desks(ROOT, free_ports(), place / "var", servers.surroundings) as desks:
            before = [child.process.pid for child in desks.children.values()]
            us = do(desks, "b", "partner", "OUT", SECRET)
            sent = do(desks, "a", "ready", "12")
            senders = [Sender(desks.ports["b"], us, name) for name in "xyz"]
            for sender in senders:
                sender.start()
            time.sleep(3)
            do(desks, "a", "send", *sent[:6])  # some of it is on its way when the power goes

            servers.kill()
            stopped = time.time()
            time.sleep(SECONDS)
            assert not [at for sender in senders for _id, at in sender.confirmed if stopped < at]
            servers.start()
            back = time.time()

            def confirmed_again() -> bool:
                return all(any(at > back for _id, at in sender.confirmed) for sender in senders)

            took = {"confirming": soon(confirmed_again, "confirming", since=back)}
            do(desks, "a", "send", *sent[6:])

            def works(desk: str) -> bool:
                seen = do(desks, desk, "beats")
                return seen["waiting"] == 0 and all(
                    seen["clock"].get(name, 0) > back for name in ("outbox", "events")
                )

            for desk in "ab":
                took[f"clock and outbox of desk {desk}"] = soon(lambda d=desk: works(d), f"desk {desk}", since=back)
            for sender in senders:
                sender.over.set()
                sender.join(40)
                assert not sender.is_alive()

            confirmed = sorted(request_id for sender in senders for request_id, _at in sender.confirmed)
            found = do(desks, "b", "arrived", BATCH)
            print(f"recovered after {took}; {len(confirmed)} confirmed; {[sender.statuses for sender in senders]}")
            assert found["ids"] == confirmed
            assert [found[kind] for kind in ("requests", "numbers", "events", "messages")] == [len(confirmed)] * 4
            assert found["stuck"] == 0
            mine, there = do(desks, "a", "ours", *sent), do(desks, "b", "theirs", *sent)
            for number in sent:
                assert mine[number]["state"] == "borrowing.sent"
                assert [row["state"] for row in mine[number]["messages"]] == ["sent"], mine[number]
                assert (there[number]["requests"], there[number]["messages"]) == (1, 1), number
            for sender in senders:
                assert set(sender.statuses) <= {200, 503}, sender.statuses
                assert sender.statuses[503] and sender.sentence.startswith("The database does not answer.")
            assert [child.process.pid for child in desks.children.values()] == before, "something had to be restarted"
    finally:
        servers.close()
