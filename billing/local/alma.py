"""Fines and fees of Ex Libris Alma: POST and GET /users/{id}/fees, POST /users/{id}/fees/{fee}?op=….

Our number stands in `comment`, by which a fee is found again. Errors: errorsExist with errorList.error[]; a user that
is not known is 401861 (or 400 with that code); PER_SECOND_THRESHOLD may be better later. Source: PROTOCOLS.md (Alma
REST); codes of fees are a site's own table and can be set.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _

from billing.local import wire
from billing.local.system import Known, Placed, There, ToCollect
from illdesk import nested
from illdesk.errors import AdapterError

# Codes of Alma's table FineFeeTransactionType as delivered.
TYPES: Mapping[str, str] = {
    "overdue": "OVERDUEFINE", "lost": "LOSTITEMREPLACEMENTFEE", "damaged": "DAMAGEDITEMFINE", "rush": "SERVICEFEE",
    "share": "SERVICEFEE", "other": "OTHER",
}
_STATUSES = ("ACTIVE", "INDISPUTE", "EXPORTED", "CLOSED")
_LATER = {"PER_SECOND_THRESHOLD", "DAILY_THRESHOLD", "INTERNAL_SERVER_ERROR", "GENERAL_ERROR"}


@dataclass(frozen=True)
class Alma:
    """`base`: up to and with /almaws/v1. `owner`: code of the library that owns the fees."""

    base: str
    key: str
    owner: str
    types: Mapping[str, str] = field(default_factory=dict)
    timeout: float | None = None
    by_file = False

    def push(self, charge: ToCollect) -> Placed:
        body = {
            "type": {"value": self.types.get(charge.kind) or TYPES[charge.kind]}, "status": {"value": "ACTIVE"},
            # A number with the cents as they are, not a binary fraction.
            "original_amount": float(charge.amount), "balance": float(charge.amount),
            "owner": {"value": self.owner}, "comment": _comment(charge),
            "creation_time": f"{charge.day.isoformat()}T00:00:00Z",
        }
        return _placed(self._call("POST", f"/users/{_part(charge.card)}/fees", body))

    def find(self, charge: ToCollect) -> Placed | None:
        found = next((fee for fee in self._fees(charge.card) if _is(fee, charge.key)), None)
        return None if found is None else _placed(found)

    def take_off(self, known: Known, amount: Decimal, *, left: Decimal, paid: bool) -> None:
        stands = _money(self._fee(known).get("balance"))
        amount = min(amount, stands - left)
        if amount <= 0:
            return  # it was told before
        more = {"op": "pay", "method": "CASH"} if paid else {"op": "waive", "reason": "OTHER"}
        self._do(known, more | {"amount": f"{amount:.2f}", "comment": known.key})

    def dispute(self, known: Known) -> None:
        if _status(self._fee(known)) == "ACTIVE":
            self._do(known, {"op": "dispute", "comment": known.key})

    def restore(self, known: Known) -> None:
        if _status(self._fee(known)) == "INDISPUTE":
            self._do(known, {"op": "restore", "comment": known.key})

    def state(self, known: Sequence[Known]) -> list[There]:
        found = []
        for one in known:
            fee = self._fee(one)
            found.append(There(one.key, _money(fee.get("balance")), _paid(fee, one.key), _status(fee)))
        return found

    def test(self) -> str:
        self._call("GET", "/users?limit=1", None, though_down=True)
        return _("Alma answers and takes the key.")

    # --- one call ---

    def _fee(self, known: Known) -> dict[str, Any]:
        return self._call("GET", f"/users/{_part(known.card)}/fees/{_part(known.reference)}", None)

    def _fees(self, card: str) -> Iterator[dict[str, Any]]:
        for status in _STATUSES:
            said = self._call("GET", f"/users/{_part(card)}/fees?{urlencode({'status': status})}", None)
            yield from _list(said.get("fee"))

    def _do(self, known: Known, query: dict[str, str]) -> None:
        self._call("POST", f"/users/{_part(known.card)}/fees/{_part(known.reference)}?{urlencode(query)}", None)

    def _call(self, method: str, path: str, body: dict | None, *, though_down: bool = False) -> dict[str, Any]:
        headers = {"Authorization": f"apikey {self.key}", "Accept": "application/json"}
        sent = b"" if method == "POST" else None
        if body is not None:
            headers["Content-Type"], sent = "application/json", json.dumps(body).encode()
        answer = wire.call(method, f"{self.base.rstrip('/')}{path}", body=sent, headers=headers, timeout=self.timeout,
                           though_down=though_down)
        try:
            said = nested.loads(answer.content, parse_float=Decimal)
        except ValueError as failure:
            raise AdapterError(_("The answer (%(code)s) cannot be read.") % {"code": answer.status_code},
                               permanent=False) from failure
        if not isinstance(said, dict):
            raise AdapterError(_("The answer (%(code)s) cannot be read.") % {"code": answer.status_code},
                               permanent=False)
        if said.get("errorsExist") or answer.status_code >= 400:
            raise _refused(said, answer.status_code)
        return said


def _refused(said: dict, status: int) -> AdapterError:
    errors = _list((said.get("errorList") or {}).get("error")) if isinstance(said.get("errorList"), dict) else []
    codes = {str(one.get("errorCode", "")) for one in errors}
    words = "; ".join(f"{one.get('errorMessage', '')} ({one.get('errorCode', '')})" for one in errors)[:200]
    return AdapterError(_("Alma refused it: %(why)s") % {"why": words or status},
                        permanent=not codes & _LATER and status < 500)


def _comment(charge: ToCollect) -> str:
    return f"{charge.key} {charge.request}".strip()


def _is(fee: dict, key: str) -> bool:
    """Our number stands first in the comment; PC-2026-00012 must not be taken for PC-2026-00012-2."""
    return str(fee.get("comment") or "").split(" ")[0] == key


def _placed(fee: dict) -> Placed:
    reference = str(fee.get("id") or "")
    if not reference:
        raise AdapterError(_("Alma did not say under which number it stands there."), permanent=False)
    return Placed(reference, _money(fee.get("original_amount")))


def _paid(fee: dict, key: str) -> Decimal | None:
    """What was paid there; what we told of payments here has our number as its comment. None: it does not say."""
    if "transaction" not in fee:
        return None
    return sum((_money(row.get("amount")) for row in _list(fee["transaction"])
                if _code(row.get("type")) == "PAYMENT" and row.get("comment") != key), Decimal(0))


def _money(value: Any) -> Decimal:
    try:
        return Decimal(str(value if value is not None else 0)).quantize(Decimal("0.01"))
    except InvalidOperation as failure:
        raise AdapterError(_("Alma says an amount that is none."), permanent=False) from failure


def _status(fee: dict) -> str:
    return _code(fee.get("status"))


def _code(value: Any) -> str:
    return str(value.get("value", "")) if isinstance(value, dict) else str(value or "")


def _list(value: Any) -> list[dict]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _part(text: str) -> str:
    return quote(text, safe="")
