"""A third library's system in a walk: it has an address and a secret, and answers when the test says so."""

from contextlib import contextmanager
from datetime import UTC, datetime

import requests

from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.xml import read, write
from tests.requests_app.exchange.iso18626.partner import server
from tests.walks.people import Person, until

SECRET = "a-secret-of-the-walks-0123456789abcdef"


class Peer:
    """`desk`: address of the desk that asks it; `us`: that desk's agency."""

    def __init__(self, far, desk: str, symbol: str, us: str):
        self.far, self.desk, self.symbol = far, desk, symbol
        self.me, self.us = m.AgencyId("ISIL", f"US-{symbol}"), m.AgencyId("ISIL", us)

    def got(self, *, kind: type, about: str = "", within: float = 45):
        """Wait for the newest message of this kind that is about this request's number."""
        def look():
            found = [
                message for message, _headers, _body in self.far.got
                if isinstance(message, kind) and about in message.header.requesting_agency_request_id
            ]
            return found[-1] if found else None

        return until(look, f"{self.symbol} got no {kind.__name__} about {about}; it got {self.far.said}", within=within)

    def heard(self, word: str) -> None:
        until(lambda: word in self.far.said, f"{self.symbol} did not hear {word}, but {self.far.said}")

    def says(self, request_id: str, status: str, *, reason: str = "RequestResponse", delivery=None, due=None, **info):
        now = datetime.now(UTC)
        body = write(m.SupplyingAgencyMessage(
            header=m.Header(
                supplying_agency_id=self.me, requesting_agency_id=self.us, timestamp=now,
                requesting_agency_request_id=request_id,
            ),
            message_info=m.MessageInfo(reason_for_message=reason, **info),
            status_info=m.StatusInfo(status=status, due_date=due, last_change=now),
            delivery_info=delivery,
        ))
        answer = requests.post(
            f"{self.desk}/iso18626", data=body, timeout=30,
            headers={"Content-Type": "application/xml", "Authorization": f"Bearer {SECRET}"},
        )
        assert answer.status_code == 200, answer.text
        said = read(answer.content).message
        assert said.confirmation_header.message_status == "OK", answer.text


@contextmanager
def peer(desks, people, symbol: str, *, dialect: str = "plain"):
    """Such a library, in desk a's directory: entered by a coordinator, as at a real desk."""
    coordinator: Person = people("a", "coordinator")
    with server() as far:
        page = coordinator.get("/settings/libraries/new/")
        answer = coordinator.submit(
            page, name=f"Peer {symbol}", symbol=symbol, agency_type="ISIL", agency_value=f"US-{symbol}", country="US",
            endpoint=far.url, secret_from_them=SECRET, secret_to_them=SECRET, dialect=dialect, active="on",
        )
        assert answer.status_code == 200 and f"Peer {symbol}" in answer.text, answer.text[:2000]
        yield Peer(far, desks.url("a"), symbol, "US-ALD")
