"""CreateUserFiscalTransaction of NCIP 2.02 (Z39.83), and LookupUser to see what is there.

NCIP knows no repeats: a transaction sent twice is two. So before anything is sent again the user's fiscal account is
looked up for our number; where a system does not tell, a person must look (CannotTell). MonetaryValue is in the
currency's smallest unit. HTTP 200 holds errors, too: Problem. Source: PROTOCOLS.md §2, ncip_v2_02.xsd.

The codes of FiscalActionType and FiscalTransactionType are schemes that systems choose; those written here can be set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from billing.local import wire
from billing.local.system import CannotTell, Known, Placed, There, ToCollect
from illdesk.errors import AdapterError

NS = "http://www.niso.org/2008/ncip"
VERSION = "http://www.niso.org/schemas/ncip/v2_02/ncip_v2_02.xsd"
TYPES: Mapping[str, str] = {
    "overdue": "Fine", "lost": "Replacement Fee", "damaged": "Replacement Fee", "rush": "Service Charge",
    "share": "Service Charge", "other": "Service Charge",
}
ASSESS, CANCEL, PAY = "Assess", "Cancel", "Payment"
# Currencies whose smallest unit is no hundredth (ISO 4217).
_PLACES = {"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3}
_PERMANENT = {"Unknown User", "Needed Data Missing", "Unsupported Service", "Invalid Message Syntax Error",
              "Missing Version", "User Blocked", "Unknown Agency"}
_NAMES: dict[Any, str] = {None: NS, "ncip": NS}
_XML = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)


@dataclass(frozen=True)
class Ncip:
    url: str
    ours: str
    theirs: str
    types: Mapping[str, str] = field(default_factory=dict)
    timeout: float | None = None
    by_file = False

    def push(self, charge: ToCollect) -> Placed:
        said = self._call(self.transaction(charge))
        reference = _text(said, "FiscalTransactionIdentifierValue") or charge.key
        return Placed(reference, charge.amount)

    def find(self, charge: ToCollect) -> Placed | None:
        for one in self._account(charge.card, charge.currency):
            if charge.key in one.numbers and one.action != PAY and one.action != CANCEL:
                return Placed(one.numbers[0], one.amount)
        return None

    def take_off(self, known: Known, amount: Decimal, *, left: Decimal, paid: bool) -> None:
        try:
            stands = self.state([known])
        except CannotTell:
            stands = []
        if stands and stands[0].open is not None:
            amount = min(amount, stands[0].open - left)
        if amount <= 0:
            return
        self._call(self.less(known, amount, left=left, paid=paid))

    def dispute(self, known: Known) -> None:
        """NCIP has no word for it: the list of what differs says that it is appealed here."""

    def restore(self, known: Known) -> None:
        """As dispute."""

    def state(self, known: Sequence[Known]) -> list[There]:
        found = []
        for card in dict.fromkeys(one.card for one in known):
            mine = [one for one in known if one.card == card]
            account = self._account(card, mine[0].currency)
            for one in mine:
                rows = [row for row in account if one.key in row.numbers or one.reference in row.numbers]
                if rows:
                    charged = sum((row.amount for row in rows if row.action not in (PAY, CANCEL)), Decimal(0))
                    paid = sum((row.amount for row in rows if row.action == PAY and not row.ours), Decimal(0))
                    less = sum((row.amount for row in rows if row.action in (PAY, CANCEL)), Decimal(0))
                    found.append(There(one.key, charged - less, paid, rows[-1].action))
        return found

    def test(self) -> str:
        """A user of no name: any answer that is NCIP shows that somebody is there."""
        try:
            self._call(self.lookup("ill-desk-test"), though_down=True)
        except AdapterError as failure:
            if not failure.permanent or not isinstance(failure, Refused):
                raise
        return _("The NCIP responder answers.")

    # --- messages ---

    def transaction(self, charge: ToCollect) -> bytes:
        root, body = self._message("CreateUserFiscalTransaction")
        _user(body, charge.card)
        info = _add(body, "FiscalTransactionInformation")
        _add(info, "FiscalActionType", ASSESS)
        self._number(info, "FiscalTransactionReferenceId", charge.key)
        _add(info, "FiscalTransactionType", self.types.get(charge.kind) or TYPES[charge.kind])
        _amount(info, charge.amount, charge.currency)
        _add(info, "FiscalTransactionDescription", f"{charge.key} {charge.request}".strip())
        if charge.request:
            request = _add(info, "RequestId")
            _add(request, "AgencyId", self.ours)
            _add(request, "RequestIdentifierValue", charge.request)
        return _bytes(root)

    def less(self, known: Known, amount: Decimal, *, left: Decimal, paid: bool) -> bytes:
        """The number says what remains: told twice, the other side can see that it is the same."""
        root, body = self._message("CreateUserFiscalTransaction")
        _user(body, known.card)
        info = _add(body, "FiscalTransactionInformation")
        _add(info, "FiscalActionType", PAY if paid else CANCEL)
        self._number(info, "FiscalTransactionReferenceId", f"{known.key}/{left:.2f}")
        self._number(info, "RelatedFiscalTransactionReferenceId", known.key)
        _add(info, "FiscalTransactionType", "Service Charge")
        _amount(info, amount, known.currency)
        _add(info, "FiscalTransactionDescription", known.key)
        return _bytes(root)

    def lookup(self, card: str) -> bytes:
        root, body = self._message("LookupUser")
        _user(body, card)
        _add(body, "UserFiscalAccountDesired")
        return _bytes(root)

    def _message(self, name: str):
        root = etree.Element(_tag("NCIPMessage"), nsmap=_NAMES)
        root.set(f"{{{NS}}}version", VERSION)
        body = _add(root, name)
        header = _add(body, "InitiationHeader")
        _add(_add(header, "FromAgencyId"), "AgencyId", self.ours)
        _add(_add(header, "ToAgencyId"), "AgencyId", self.theirs)
        return root, body

    def _number(self, parent, name: str, value: str) -> None:
        number = _add(parent, name)
        _add(number, "AgencyId", self.ours)
        _add(number, "FiscalTransactionIdentifierValue", value)

    def _account(self, card: str, currency: str) -> "list[_Row]":
        said = self._call(self.lookup(card))
        account = _first(said, "UserFiscalAccount")
        if account is None:
            raise CannotTell(_("The NCIP responder does not show fiscal accounts."))
        rows = []
        for info in account.iter(_tag("FiscalTransactionInformation"), "FiscalTransactionInformation"):
            numbers = [node.text.strip() for node in info.iter(
                _tag("FiscalTransactionIdentifierValue"), "FiscalTransactionIdentifierValue") if node.text]
            words = _text(info, "FiscalTransactionDescription").split(" ")[0]
            rows.append(_Row(_text(info, "FiscalActionType"), [*numbers, *([words] if words else [])],
                             _read_amount(info, currency), any("/" in number for number in numbers)))
        return rows

    def _call(self, message: bytes, *, though_down: bool = False):
        answer = wire.call("POST", self.url, body=message, timeout=self.timeout, though_down=though_down,
                           headers={"Content-Type": "application/xml; charset=utf-8", "Accept": "application/xml"})
        try:
            root = etree.fromstring(answer.content, _XML)
        except (etree.XMLSyntaxError, ValueError) as failure:
            raise AdapterError(_("The answer (%(code)s) cannot be read.") % {"code": answer.status_code},
                               permanent=False) from failure
        problem = _first(root, "Problem")
        if problem is not None:
            kind, detail = _text(problem, "ProblemType"), _text(problem, "ProblemDetail")
            raise Refused(_("NCIP problem: %(why)s") % {"why": f"{kind} {detail}".strip()[:200]},
                          permanent=kind in _PERMANENT)
        if answer.status_code >= 400:
            raise AdapterError(_("It failed: %(code)s %(reason)s.") % {
                "code": answer.status_code, "reason": answer.reason[:100]}, permanent=True)
        return root


class Refused(AdapterError):
    """Somebody was there, and said no."""


@dataclass(frozen=True)
class _Row:
    action: str
    numbers: list[str]
    amount: Decimal
    ours: bool


def _tag(name: str) -> str:
    return f"{{{NS}}}{name}"


def _add(parent, name: str, text: str | None = None):
    node = etree.SubElement(parent, _tag(name))
    if text is not None:
        node.text = "".join(sign for sign in text if sign >= " ")
    return node


def _user(body, card: str) -> None:
    _add(_add(body, "UserId"), "UserIdentifierValue", card)


def _amount(info, amount: Decimal, currency: str) -> None:
    node = _add(info, "Amount")
    _add(node, "CurrencyCode", currency)
    _add(node, "MonetaryValue", str(int((amount * 10 ** _PLACES.get(currency, 2)).to_integral_value())))


def _read_amount(info, currency: str) -> Decimal:
    amount = _first(info, "Amount")
    said = _text(amount, "CurrencyCode") if amount is not None else ""
    try:
        units = int(_text(amount, "MonetaryValue")) if amount is not None else 0
    except ValueError as failure:
        raise AdapterError(_("NCIP says an amount that is none."), permanent=False) from failure
    return (Decimal(units) / 10 ** _PLACES.get(said or currency, 2)).quantize(Decimal("0.01"))


def _first(node, name: str):
    """With or without the namespace, as senders are."""
    return next(node.iter(_tag(name), name), None)


def _text(node, name: str) -> str:
    found = _first(node, name)
    return (found.text or "").strip() if found is not None else ""


def _bytes(root) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
