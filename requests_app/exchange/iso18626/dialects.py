"""How partners' systems say what the standard says otherwise: read from everybody, written where it is agreed.

Every door reads all dialects, since a broker may stand between. What we write depends on the library's own
`dialect`. Sources: the vendor deviations collected from CrossLink's shim and ReShare's action service.
"""

import re
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from requests_app.exchange.iso18626 import codes
from requests_app.exchange.iso18626 import messages as m

R, S = codes.ReasonForMessage, codes.Status
_NOTE = "note:TEXT"
_SEQUENCE = re.compile(r"#seq:[0-9]+#")
_MARK = re.compile(r"#ReShare(\w+)#")
_ANSWER = re.compile(r"\W*(ACCEPT|REJECT)\W*", re.IGNORECASE)
# Words of our own desks in a Notification, since 1.2 has neither Lost nor a request to send a copy again.
_WORD = re.compile(r"(LOST|FOUND|RESEND)(?::|$)")
_PROMPT = re.compile(r"respond\W+ACCEPT\W+or\W+REJECT", re.IGNORECASE)
_CONDITION = re.compile(r"Condition:\s*([A-Za-z]+)")
_COST = re.compile(r"Cost:\s*([0-9]+(?:\.[0-9]{1,2})?)\s*([A-Z]{3})?")
_URL = re.compile(r"https?://\S+")
_RESHARE_ANSWERS = {
    "LoanConditionAgreeResponse": "note:ACCEPT", "LoanConditionRejectResponse": "note:REJECT",
    "AddLoanCondition": "status:RetryPossible", "SupplierAwaitingConditionConfirmation": "status:RetryPossible",
}
PROMPT = "Conditions pending approval, please respond `ACCEPT` or `REJECT`"


def shown(note: str) -> str:
    """A note as people read it, without the marks of machines and our desks' own words."""
    text = _MARK.sub("", _SEQUENCE.sub("", note or "")).strip(" ,\n\t")
    if _ANSWER.fullmatch(text):  # the step that it takes says it
        return ""
    word = _WORD.match(text)
    return text[word.end():].strip() if word else text


def requester_code(message: m.RequestingAgencyMessage) -> str:
    """The table's code for what a requester says."""
    if message.action == codes.Action.LOST:
        return "action:Lost"
    if message.action != codes.Action.NOTIFICATION:
        return f"action:{message.action}"
    return _note_code(message.note)


def supplier_code(message: m.SupplyingAgencyMessage, *, cancel_asked: bool) -> str:
    """The table's code for what a supplier says. `cancel_asked`: we asked it to cancel."""
    info, status = message.message_info, message.status_info.status
    if info.reason_for_message == R.NOTIFICATION:
        code = _note_code(info.note)
        # Alma asks its conditions so.
        return "status:RetryPossible" if code == _NOTE and _PROMPT.search(info.note) else code
    if info.reason_for_message == R.CANCEL_RESPONSE:
        return f"cancel:{info.answer_yes_no or ('Y' if status == S.CANCELLED else 'N')}"
    if info.reason_for_message == R.RENEW_RESPONSE:
        return f"renew:{info.answer_yes_no or 'N'}"
    if status == S.CANCELLED and cancel_asked:
        return "cancel:Y"  # some say it as a change of status only
    return f"status:{status}"


def _note_code(note: str) -> str:
    text = _SEQUENCE.sub("", note or "").strip()
    if (mark := _MARK.search(text)) and mark[1] in _RESHARE_ANSWERS:
        return _RESHARE_ANSWERS[mark[1]]
    if answer := _ANSWER.fullmatch(text):
        return f"note:{answer[1].upper()}"
    if word := _WORD.match(text):
        return f"note:{word[1]}"
    return _NOTE


def condition_of(message: m.SupplyingAgencyMessage) -> dict:
    """What a supplier asks, wherever its system puts it: answers of `lender_conditional`."""
    info, delivery, retry = message.message_info, message.delivery_info, message.retry_info
    named = _CONDITION.search(info.note)
    conditions = [
        *((delivery.loan_condition, *delivery.more_loan_conditions) if delivery else ()),
        *(retry.loan_condition if retry else ()), *([named[1]] if named else []),
    ]
    cost, currency = cost_of(message)
    return {
        "reason": info.reason_retry or ("LoanCondition" if any(conditions) else ""),
        "loan_condition": ",".join(dict.fromkeys(filter(None, conditions))),
        "cost": cost, "currency": currency,
        "retry_after": message.retry_after, "retry_before": message.retry_before,
    }


def cost_of(message: m.SupplyingAgencyMessage) -> tuple[Decimal | None, str]:
    """What it costs: offered, delivered, or told in the note ("Cost: 10.00 USD"). None when nothing is said."""
    delivery = message.delivery_info
    told = [*message.offered_costs, *([delivery.delivery_costs] if delivery and delivery.delivery_costs else [])]
    for money in told:
        if money.monetary_value is not None and 0 <= money.monetary_value < 10_000_000:
            return round(money.monetary_value, 2), str(money.currency_code)[:3]
    if found := _COST.search(message.message_info.note):
        try:
            return Decimal(found[1]).quantize(Decimal("0.01")), found[2] or ""
        except InvalidOperation:
            return None, ""
    return None, ""


def file_address(message: m.SupplyingAgencyMessage) -> str:
    """Where the supplier says the file is; "" when it sends none by link."""
    delivery = message.delivery_info
    if delivery is None:
        return ""
    for place in (delivery.url, *delivery.item_ids, message.message_info.note):
        if found := _URL.search(place or ""):
            return found[0].rstrip(".,;)>")
    return ""


# --- writing ----------------------------------------------------------------------------------------


def spoken(message: m.Statement, dialect: str) -> m.Statement:
    """Our message as the partner's system understands it."""
    return _DIALECTS.get(dialect, _plain)(message)


def _plain(message: m.Statement) -> m.Statement:
    return message


def _alma(message: m.Statement) -> m.Statement:
    """Alma's staff see only notes: conditions, costs, links and addresses are repeated there; WillSupply must be
    a RequestResponse, with a condition a Notification; acceptance is a Notification."""
    if isinstance(message, m.Request):
        if _is_retry(message):
            return _notification(message, "ACCEPT")
        return _with_request_note(message, _block("SHIP_TO", _delivery_lines(message)))
    if not isinstance(message, m.SupplyingAgencyMessage):
        return message
    info, status = message.message_info, message.status_info.status
    note, reason = [info.note], info.reason_for_message
    if status == S.EXPECT_TO_SUPPLY:
        message = replace(message, status_info=replace(message.status_info, status=S.WILL_SUPPLY))
        status = S.WILL_SUPPLY
    if status == S.RETRY_POSSIBLE:
        note += [*_said(message), PROMPT]
        message = replace(message, status_info=replace(message.status_info, status=S.WILL_SUPPLY))
        reason, info = R.NOTIFICATION, replace(info, reason_retry="")
    elif status in (S.WILL_SUPPLY, S.LOAN_COMPLETED) and reason == R.STATUS_CHANGE:
        reason = R.REQUEST_RESPONSE
    elif status in (S.LOANED, S.COPY_COMPLETED):
        note += [*_said(message), _link(message), _block("RETURN_TO", _return_lines(message))]
        if status == S.LOANED and reason == R.REQUEST_RESPONSE:
            reason = R.STATUS_CHANGE
    return replace(
        message, message_info=replace(info, reason_for_message=reason, note=", ".join(part for part in note if part))
    )


def _reshare(message: m.Statement) -> m.Statement:
    """ReShare reads conditions and their answers from marks in Notifications; rejecting one is a Cancel."""
    if isinstance(message, m.Request) and _is_retry(message):
        return _notification(message, "#ReShareLoanConditionAgreeResponse#")
    if isinstance(message, m.RequestingAgencyMessage) and message.note.startswith("REJECT"):
        return replace(message, action=codes.Action.CANCEL, note="")
    if isinstance(message, m.SupplyingAgencyMessage) and message.status_info.status == S.RETRY_POSSIBLE:
        info, delivery = message.message_info, message.delivery_info or m.DeliveryInfo()
        # Costs are shown only beside a loan condition.
        delivery = replace(delivery, loan_condition=delivery.loan_condition or "other")
        return replace(
            message, delivery_info=delivery,
            status_info=replace(message.status_info, status=S.REQUEST_RECEIVED),
            message_info=replace(
                info, reason_for_message=R.NOTIFICATION, reason_retry="",
                note=f"#ReShareAddLoanCondition# {info.note}".strip(),
            ),
        )
    return message


_DIALECTS = {"alma": _alma, "reshare": _reshare}


def _is_retry(message: m.Request) -> bool:
    return bool(message.service_info and message.service_info.request_type == codes.RequestType.RETRY)


def _notification(message: m.Request, note: str) -> m.RequestingAgencyMessage:
    """In place of a Retry: these systems go on with the id they know."""
    previous = message.service_info.requesting_agency_previous_request_id if message.service_info else ""
    header = replace(message.header, requesting_agency_request_id=previous) if previous else message.header
    return m.RequestingAgencyMessage(header=header, action=codes.Action.NOTIFICATION, note=note)


def _with_request_note(message: m.Request, block: str) -> m.Request:
    if message.service_info is None or not block:
        return message
    note = "\n".join(part for part in (message.service_info.note, block) if part)
    return replace(message, service_info=replace(message.service_info, note=note))


def _said(message: m.SupplyingAgencyMessage) -> list[str]:
    delivery, offered = message.delivery_info, message.message_info.offered_costs
    cost = offered or (delivery.delivery_costs if delivery else None)
    said = [f"Condition: {delivery.loan_condition}"] if delivery and delivery.loan_condition else []
    if cost is not None and cost.monetary_value is not None:
        said.append(f"Cost: {cost.monetary_value} {cost.currency_code}")
    return said


def _link(message: m.SupplyingAgencyMessage) -> str:
    delivery = message.delivery_info
    return f"URL: {delivery.item_id}" if delivery and delivery.sent_via == "URL" else ""


def _lines(address: m.PhysicalAddress | None) -> list[str]:
    if address is None:
        return []
    town = " ".join(part for part in (address.locality, address.region, address.postal_code) if part)
    return [line for line in (address.line1, address.line2, town, address.country) if line]


def _return_lines(message: m.SupplyingAgencyMessage) -> list[str]:
    back = message.return_info
    return [line for line in (back.name, *_lines(back.physical_address)) if line] if back else []


def _delivery_lines(message: m.Request) -> list[str]:
    who = message.requesting_agency_info.name if message.requesting_agency_info else ""
    for wanted in message.requested_delivery_info:
        if wanted.address and wanted.address.physical_address:
            return [line for line in (who, *_lines(wanted.address.physical_address)) if line]
    return []


def _block(name: str, lines: list[str]) -> str:
    """Alma's block of an address in a note."""
    end = {"RETURN_TO": "RT_END", "SHIP_TO": "ST_END"}[name]
    return "\n".join([f"#{name}#", *lines, f"#{end}#"]) if lines else ""
