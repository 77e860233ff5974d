"""Local billing systems over loopback: an Alma and an NCIP responder that keep what they are sent, and can fail."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from lxml import etree

NS = "{http://www.niso.org/2008/ncip}"


class Alma:
    """`mood`: "" or how it fails next; `lose`: it does what is asked and hangs up before it says so."""

    def __init__(self):
        self.fees: dict[str, dict] = {}
        self.users: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        self.mood, self.lose, self.url = "", False, ""

    def posts(self) -> list[str]:
        return [path for method, path in self.asked if method == "POST"]

    def answer(self, method: str, path: str, body: bytes, key: str) -> tuple[int, bytes]:
        self.asked.append((method, path))
        if self.mood == "slow":
            time.sleep(2)
        if self.mood == "429":
            return 429, _errors("PER_SECOND_THRESHOLD", "HTTP requests are more than allowed per second")
        if self.mood == "500":
            return 500, b"oops"
        if self.mood == "broken":
            return 200, b'{"fee": ['
        if self.mood == "endless":
            return 200, b'{"fee": ' + b"[" * 100_000
        if self.mood == "threshold":
            return 400, _errors("PER_SECOND_THRESHOLD", "HTTP requests are more than allowed per second")
        if key != "apikey secret":
            return 400, _errors("UNAUTHORIZED", "API-key not defined or not configured to allow this API.")
        parts = urlsplit(path)
        steps = [unquote(step) for step in parts.path.strip("/").split("/")]
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if steps == ["users"]:
            return 200, b'{"user": [], "total_record_count": 0}'
        card = steps[1]
        if card not in self.users:
            return 400, _errors("401861", f"User with identifier {card} was not found.")
        if len(steps) == 3 and method == "GET":
            mine = [fee for fee in self.fees.values()
                    if fee["card"] == card and fee["status"]["value"] == query.get("status", "ACTIVE")]
            return 200, json.dumps({"fee": mine or None, "total_record_count": len(mine)}).encode()
        if len(steps) == 3:
            sent = json.loads(body)
            fee = sent | {"id": str(1000 + len(self.fees)), "card": card, "balance": sent["original_amount"],
                          "transaction": []}
            self.fees[fee["id"]] = fee
            return 200, json.dumps(fee).encode()
        fee = self.fees.get(steps[3])
        if fee is None:
            return 400, _errors("401873", "Fee not found")
        if method == "POST":
            self._do(fee, query)
        return 200, json.dumps(fee).encode()

    def _do(self, fee: dict, query: dict) -> None:
        if query["op"] in ("pay", "waive"):
            amount = float(query["amount"])
            fee["balance"] = round(fee["balance"] - amount, 2)
            kind = {"pay": "PAYMENT", "waive": "WAIVE"}[query["op"]]
            fee["transaction"].append({"type": {"value": kind}, "amount": amount, "comment": query.get("comment")})
            if not fee["balance"]:
                fee["status"] = {"value": "CLOSED"}
        else:
            fee["status"] = {"value": {"dispute": "INDISPUTE", "restore": "ACTIVE"}[query["op"]]}

    def pays(self, fee_id: str, amount: float) -> None:
        """The patron pays at the bursar's window."""
        self._do(self.fees[fee_id], {"op": "pay", "amount": str(amount)})


def _errors(code: str, words: str) -> bytes:
    return json.dumps({"errorsExist": True, "errorList": {"error": [
        {"errorCode": code, "errorMessage": words, "trackingId": "x"}]}, "result": None}).encode()


class Ncip:
    def __init__(self):
        self.messages: list[bytes] = []
        self.rows: list[tuple[str, str, str, str, str, str]] = []  # card, action, number, related, currency, units
        self.users: set[str] = set()
        self.mood, self.lose, self.url, self.shows = "", False, "", True

    def made(self) -> list[bytes]:
        return [one for one in self.messages if b"CreateUserFiscalTransaction" in one]

    def answer(self, method: str, path: str, body: bytes, key: str) -> tuple[int, bytes]:
        self.messages.append(body)
        if self.mood == "500":
            return 500, b"oops"
        if self.mood == "broken":
            return 200, b"<NCIPMessage"
        root = etree.fromstring(body)
        card = root.findtext(f".//{NS}UserIdentifierValue")
        if card not in self.users:
            return 200, _ncip("<LookupUserResponse><Problem><ProblemType>Unknown User</ProblemType></Problem>"
                              "</LookupUserResponse>")
        if root.find(f"{NS}LookupUser") is not None:
            return 200, _ncip(f"<LookupUserResponse><UserId><UserIdentifierValue>{card}</UserIdentifierValue></UserId>"
                              f"{self._account(card) if self.shows else ''}</LookupUserResponse>")
        numbers = [node.text for node in root.iter(f"{NS}FiscalTransactionIdentifierValue")]
        self.rows.append((card, root.findtext(f".//{NS}FiscalActionType"), numbers[0],
                          numbers[1] if len(numbers) > 1 else "", root.findtext(f".//{NS}CurrencyCode"),
                          root.findtext(f".//{NS}MonetaryValue")))
        return 200, _ncip(
            "<CreateUserFiscalTransactionResponse><UserId><UserIdentifierValue>"
            f"{card}</UserIdentifierValue></UserId><FiscalTransactionReferenceId><AgencyId>LIB</AgencyId>"
            f"<FiscalTransactionIdentifierValue>T{len(self.rows)}</FiscalTransactionIdentifierValue>"
            "</FiscalTransactionReferenceId></CreateUserFiscalTransactionResponse>")

    def _account(self, card: str) -> str:
        found = "".join(
            "<AccountDetails><AccrualDate>2026-03-02T00:00:00Z</AccrualDate><FiscalTransactionInformation>"
            f"<FiscalActionType>{action}</FiscalActionType><FiscalTransactionReferenceId><AgencyId>ILL</AgencyId>"
            f"<FiscalTransactionIdentifierValue>{number}</FiscalTransactionIdentifierValue>"
            "</FiscalTransactionReferenceId>"
            + ("<RelatedFiscalTransactionReferenceId><AgencyId>ILL</AgencyId>"
               f"<FiscalTransactionIdentifierValue>{related}</FiscalTransactionIdentifierValue>"
               "</RelatedFiscalTransactionReferenceId>" if related else "")
            + "<FiscalTransactionType>Fine</FiscalTransactionType><Amount><CurrencyCode>"
            f"{currency}</CurrencyCode><MonetaryValue>{units}</MonetaryValue></Amount>"
            "</FiscalTransactionInformation></AccountDetails>"
            for whose, action, number, related, currency, units in self.rows if whose == card)
        return ("<UserFiscalAccount><AccountBalance><CurrencyCode>USD</CurrencyCode><MonetaryValue>0</MonetaryValue>"
                f"</AccountBalance>{found}</UserFiscalAccount>")


def _ncip(inner: str) -> bytes:
    return (f'<NCIPMessage xmlns="http://www.niso.org/2008/ncip" xmlns:ncip="http://www.niso.org/2008/ncip" '
            f'ncip:version="http://www.niso.org/schemas/ncip/v2_02/ncip_v2_02.xsd">{inner}</NCIPMessage>').encode()


@contextmanager
def serving(one):
    class Handler(BaseHTTPRequestHandler):
        def _go(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            code, said = one.answer(self.command, self.path, body, self.headers.get("Authorization", ""))
            if one.lose:
                self.close_connection = True
                return
            self.send_response(code)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = _go

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    one.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
