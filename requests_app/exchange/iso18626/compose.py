"""From a request and the step just taken to the ISO 18626 message that tells the other library.

Status is always the status after the change (4.3). No patron name leaves unless switched on for the partner.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.utils import translation

from illdesk.models import Institution
from requests_app import lifecycle, reasons
from requests_app.actions import Doing
from requests_app.exchange.iso18626 import codes
from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.days import as_moment
from requests_app.exchange.iso18626.departing import address, new_request
from requests_app.models import Dialogue, ILLRequest

_STATUS_NOW = {
    "lending.received": codes.Status.REQUEST_RECEIVED,
    "lending.searching": codes.Status.EXPECT_TO_SUPPLY,
    "lending.conditional": codes.Status.RETRY_POSSIBLE,
    "lending.preparing": codes.Status.WILL_SUPPLY,
    "lending.shipped": codes.Status.LOANED,
    "lending.return_received": codes.Status.LOAN_COMPLETED,
    "lending.finished": codes.Status.LOAN_COMPLETED,
    "lending.unfilled": codes.Status.UNFILLED,
    "lending.cancelled": codes.Status.CANCELLED,
    "lending.lost": codes.Status.LOANED,
}
R = codes.ReasonForMessage


def message_for(doing: Doing, dialogue: Dialogue, institution: Institution) -> m.Statement:
    """The message for the step's `iso_out` code, in the standard's words; dialects.py turns it into others'."""
    kind, _sep, value = doing.step.iso_out.partition(":")
    header = header_for(dialogue, institution, now=doing.now)
    return _KINDS[kind](doing, header, institution, value)


def _request(doing: Doing, header: m.Header, institution: Institution, value: str) -> m.Request:
    message = new_request(doing.ill, header, institution)
    if value != codes.RequestType.RETRY:
        return message
    assert message.service_info is not None
    previous = doing.memo.get("previous")
    known = previous.request_id if previous else header.requesting_agency_request_id
    return replace(
        message,
        service_info=replace(
            message.service_info,
            request_type=codes.RequestType.RETRY,
            requesting_agency_previous_request_id=known,
            note=sentences(message.service_info.note, "Conditions accepted", doing.answers.get("note", "")),
        ),
    )


def _action(doing: Doing, header: m.Header, institution: Institution, value: str) -> m.RequestingAgencyMessage:
    return m.RequestingAgencyMessage(header=header, action=value, note=doing.answers.get("message_note", ""))


def _cancel(doing: Doing, header: m.Header, institution: Institution, value: str) -> m.SupplyingAgencyMessage:
    status = codes.Status.CANCELLED if value == "Y" else current_status(doing.ill)
    return _supplying(header, R.CANCEL_RESPONSE, status, doing, answer_yes_no=value)


def _renew(doing: Doing, header: m.Header, institution: Institution, value: str) -> m.SupplyingAgencyMessage:
    return _supplying(
        header, R.RENEW_RESPONSE, codes.Status.LOANED, doing, answer_yes_no=value, note=_own(doing),
        due_date=as_moment(doing.ill.due_lender),
    )


def _status(doing: Doing, header: m.Header, institution: Institution, value: str) -> m.SupplyingAgencyMessage:
    reason = R.REQUEST_RESPONSE if doing.memo.get("first_answer", False) else R.STATUS_CHANGE
    build = _STATUSES.get(value, _plain_status)
    return build(header, reason, doing, institution, value)


def _note(doing: Doing, header: m.Header, institution: Institution, value: str) -> m.Statement:
    """A Notification: a person's words, or one of the words that partners agree upon with ours behind it."""
    text = _own(doing) if value == "TEXT" else notification_words(doing, value)
    if doing.ill.kind == lifecycle.LENDING:
        return _supplying(header, R.NOTIFICATION, current_status(doing.ill), doing, note=text)
    return m.RequestingAgencyMessage(header=header, action=codes.Action.NOTIFICATION, note=text)


_KINDS: dict[str, Callable[[Doing, m.Header, Institution, str], m.Statement]] = {
    "request": _request, "action": _action, "cancel": _cancel, "renew": _renew, "status": _status, "note": _note,
}


def notification_words(doing: Doing, word: str) -> str:
    """'RESEND: pages are missing (40–41). Please send it again.'; REJECT stands alone, as partners read it."""
    if word == "REJECT":
        return word
    given = doing.answers
    said = {
        "RESEND": reasons.BAD_COPY_TOLD.get(given.get("problem", ""), "the copy is bad"),
        "LOST": "the item is lost",
        "FOUND": "the item has been found and comes back",
    }[word]
    if word == "RESEND" and (pages := given.get("pages", "").strip()):
        said = f"{said} ({pages})"
    own = given.get("note", "")
    return f"{word}: " + sentences(said, "Please send it again" if word == "RESEND" else "", own)


def _own(doing: Doing) -> str:
    return (doing.answers.get("text") or doing.answers.get("note") or "").strip()


def status_answer(ill: ILLRequest, dialogue: Dialogue, institution: Institution, *, now: datetime):
    """The answer to a StatusRequest: where it stands now."""
    return m.SupplyingAgencyMessage(
        header=header_for(dialogue, institution, now=now),
        message_info=m.MessageInfo(reason_for_message=codes.ReasonForMessage.STATUS_REQUEST_RESPONSE),
        status_info=m.StatusInfo(
            status=current_status(ill), due_date=as_moment(ill.due_lender), last_change=ill.changed
        ),
    )


def current_status(ill: ILLRequest) -> str:
    if ill.state == "lending.finished" and ill.service == lifecycle.COPY:
        return codes.Status.COPY_COMPLETED
    if ill.state in ("lending.searching", "lending.received") and ill.answered_at:
        return codes.Status.WILL_SUPPLY
    return _STATUS_NOW.get(ill.state, codes.Status.REQUEST_RECEIVED)


def header_for(dialogue: Dialogue, institution: Institution, *, now: datetime) -> m.Header:
    ours = m.AgencyId(institution.agency_type, institution.agency_value)
    library = dialogue.library
    theirs = m.AgencyId(
        dialogue.agency_type or library.agency_type, dialogue.agency_value or library.agency_value
    )
    we_ask = dialogue.role == Dialogue.REQUESTER
    return m.Header(
        supplying_agency_id=theirs if we_ask else ours,
        requesting_agency_id=ours if we_ask else theirs,
        timestamp=now,
        requesting_agency_request_id=dialogue.request_id,
        supplying_agency_request_id=dialogue.their_number if we_ask else dialogue.ill.number,
    )


def sentences(*parts: str) -> str:
    """The parts as sentences, with one full stop between them: '2 vols. Fragile'."""
    words = [part.strip() for part in parts if part.strip()]
    return " ".join([*(word if word[-1] in ".!?" else f"{word}." for word in words[:-1]), *words[-1:]])


def _loaned(header, reason, doing: Doing, institution: Institution, value: str) -> m.SupplyingAgencyMessage:
    ill = doing.ill
    return _supplying(
        header, reason, value, doing, note=sentences(ill.pieces_text, doing.answers.get("note", "")),
        due_date=as_moment(ill.due_lender),
        delivery_info=m.DeliveryInfo(
            date_sent=doing.now,
            item_id=ill.barcode,
            sent_via="Mail",
            loan_condition="LibraryUseOnly" if ill.library_use_only else "NoRenewals" if ill.no_renewals else "",
            delivery_costs=_cost(ill),
        ),
        return_info=m.ReturnInfo(
            return_agency_id=m.AgencyId(institution.agency_type, institution.agency_value),
            name=f"{institution.name}, {institution.department}",
            physical_address=address(institution),
        ),
    )


def _copy_completed(header, reason, doing: Doing, institution: Institution, value: str) -> m.SupplyingAgencyMessage:
    """By a link, which alone opens the file; or on paper."""
    link = doing.memo.get("link", "")
    return _supplying(
        header, reason, value, doing, note=_own(doing),
        delivery_info=m.DeliveryInfo(
            date_sent=doing.now, item_id=link, sent_via="URL" if link else "Mail",
            delivered_format="PDF" if link else "PaperCopy", delivery_costs=_cost(doing.ill),
        ),
    )


def _unfilled(header, reason, doing: Doing, institution: Institution, value: str) -> m.SupplyingAgencyMessage:
    why = reasons.unfilled(doing.ill.reason)
    note = sentences(why.note if why else "", doing.answers.get("note", ""))
    return _supplying(header, reason, value, doing, reason_unfilled=why.iso if why else "", note=note)


def _conditional(header, reason, doing: Doing, institution: Institution, value: str) -> m.SupplyingAgencyMessage:
    """RetryPossible with what we ask; a LoanCondition of ours stands in deliveryInfo, where all systems read it."""
    row = doing.memo["condition"]
    label, iso, condition = reasons.CONDITIONS[row.reason]
    cost = m.Money(row.currency or doing.ill.currency, row.cost) if row.cost is not None else None
    with translation.override("en"):
        said = "" if iso == "OnLoan" else str(label)
    return _supplying(
        header, reason, value, doing, reason_retry=iso, offered_costs=cost, retry_after=row.retry_after,
        retry_before=doing.ill.respond_by, note=sentences(said, doing.answers.get("note", "")),
        delivery_info=m.DeliveryInfo(date_sent=doing.now, loan_condition=condition) if condition else None,
    )


def _with_due(header, reason, doing: Doing, institution: Institution, value: str) -> m.SupplyingAgencyMessage:
    return _supplying(header, reason, value, doing, due_date=as_moment(doing.ill.due_lender), note=_own(doing))


def _plain_status(header, reason, doing: Doing, institution: Institution, value: str) -> m.SupplyingAgencyMessage:
    return _supplying(header, reason, value, doing)


_STATUSES: dict[str, Callable[..., m.SupplyingAgencyMessage]] = {
    codes.Status.LOANED: _loaned, codes.Status.COPY_COMPLETED: _copy_completed, codes.Status.UNFILLED: _unfilled,
    codes.Status.RETRY_POSSIBLE: _conditional, codes.Status.RECALLED: _with_due, codes.Status.OVERDUE: _with_due,
}


def _cost(ill: ILLRequest) -> m.Money | None:
    return m.Money(ill.currency, ill.cost) if ill.cost is not None else None


def _supplying(
    header, reason, status, doing: Doing, *, due_date=None, delivery_info=None, return_info=None, **info
) -> m.SupplyingAgencyMessage:
    return m.SupplyingAgencyMessage(
        header=header,
        message_info=m.MessageInfo(reason_for_message=reason, **info),
        status_info=m.StatusInfo(status=status, due_date=due_date, last_change=doing.now),
        delivery_info=delivery_info,
        return_info=return_info,
    )
