"""A partner library's system: writes messages to us, and has a real HTTP server for ours."""

import threading
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from requests_app.exchange.iso18626 import confirm
from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.xml import read, write
from requests_app.models import ILLRequest
from tests import factories as f

from .samples import assert_valid

US, THEM = m.AgencyId("ISIL", "US-RIV"), m.AgencyId("ISIL", "US-HIL")


def _header(request_id: str, at: datetime | None, *, supplier: m.AgencyId, requester: m.AgencyId, secret: str = ""):
    inside = m.RequestingAgencyAuthentication(security_code=secret) if secret else None
    return m.Header(
        supplying_agency_id=supplier, requesting_agency_id=requester, timestamp=at or f.NOW,
        requesting_agency_request_id=request_id, requesting_agency_authentication=inside,
    )


def new_request(
    request_id: str = "HIL-1", *, title: str = "Walden", kind: str = "New", service: str = "Loan",
    at: datetime | None = None, sender: m.AgencyId = THEM, to: m.AgencyId = US, secret: str = "", **info,
) -> bytes:
    return write(m.Request(
        header=_header(request_id, at, supplier=to, requester=sender, secret=secret),
        bibliographic_info=m.BibliographicInfo(title=title, **info),
        service_info=m.ServiceInfo(request_type=kind, service_type=service),
    ))


def as_requester(
    request_id: str, action: str, *, at: datetime | None = None, note: str = "", sender=THEM, to=US
) -> bytes:
    return write(m.RequestingAgencyMessage(
        header=_header(request_id, at, supplier=to, requester=sender), action=action, note=note
    ))


def as_supplier(
    request_id: str, status: str, *, reason: str = "StatusChange", at: datetime | None = None, due=None,
    barcode: str = "", sender=THEM, to=US, secret: str = "", **info,
) -> bytes:
    delivery = m.DeliveryInfo(date_sent=at or f.NOW, item_id=barcode) if barcode else None
    return write(m.SupplyingAgencyMessage(
        header=_header(request_id, at, supplier=sender, requester=to, secret=secret),
        message_info=m.MessageInfo(reason_for_message=reason, **info),
        status_info=m.StatusInfo(status=status, due_date=due, last_change=at or f.NOW),
        delivery_info=delivery,
    ))


def post(client, body: bytes, *, secret: str | None = f.SECRET, **more):
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    more = {"content_type": "application/xml"} | more
    return client.post("/iso18626", body, headers=headers, **more)


def confirmation(response) -> m.Confirmation:
    """What a 200 says; it must be valid by the schema."""
    assert response.status_code == 200, response.content
    assert response["Content-Type"].startswith("application/xml")
    assert_valid(response.content)
    message = read(response.content).message
    assert isinstance(message, m.Confirmation)
    return message


def tell(client, body: bytes, **more) -> None:
    """Post a message that must be confirmed OK."""
    said = confirmation(post(client, body, **more))
    assert said.confirmation_header.message_status == "OK", said.error_data


def refused(client, body: bytes, **more) -> str:
    """Post a message that must be answered ERROR; what is wrong with it."""
    said = confirmation(post(client, body, **more))
    assert said.confirmation_header.message_status == "ERROR"
    return f"{said.error_data.error_type}|{said.error_data.error_value}"


def fresh(row: ILLRequest) -> ILLRequest:
    return ILLRequest.objects.select_related("partner", "citation").get(pk=row.pk)


class Server:
    """`got`: messages that came, with their headers. `answers`: what is said instead of OK, one for each."""

    def __init__(self):
        self.got: list[tuple[m.Statement, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, bytes] | str] = []
        self.url = ""

    def answer(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        assert_valid(body)
        message = read(body).message
        self.got.append((message, headers, body))
        told = self.answers.pop(0) if self.answers else ""
        if isinstance(told, tuple):
            return told
        if told:
            return 200, write(confirm.error(message, "UnrecognisedDataValue", told, now=f.NOW))
        return 200, write(confirm.ok(message, now=f.NOW))

    @property
    def said(self) -> list[str]:
        """One word for each message that came."""
        words = []
        for message, _headers, _body in self.got:
            if isinstance(message, m.Request):
                words.append("Request")
            elif isinstance(message, m.RequestingAgencyMessage):
                words.append(message.action)
            else:
                words.append(message.status_info.status)
        return words


@contextmanager
def server():
    partner = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = partner.answer(dict(self.headers), body)
            self.send_response(status)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    partner.url = f"http://127.0.0.1:{http.server_address[1]}/iso18626"
    try:
        yield partner
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
