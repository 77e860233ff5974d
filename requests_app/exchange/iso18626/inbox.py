"""ISO 18626 messages that arrive: who sends, whether it is news, which step of the table it takes.

Out of order is told by timestamp and state: a message older than the newest one acted upon in its dialogue
changes nothing; one that no row of the table takes is noted and, if it matters, marked for a person. It is
confirmed OK either way: a confirmation only says that the message was received (4.1).
"""

from datetime import date, datetime

from django.utils.translation import gettext as _

from illdesk import actors, events, inbox, rows
from illdesk.errors import NotAllowed, Stale
from illdesk.inbox import Handled
from illdesk.models import InboxMessage, Institution
from requests_app import lifecycle
from requests_app.actions import intake, perform
from requests_app.exchange.iso18626 import arriving, codes, compose, confirm, dialects, outbox
from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.days import as_day
from requests_app.exchange.iso18626.xml import read, write
from requests_app.models import Dialogue, ILLRequest, Library, Note

R = codes.ReasonForMessage
_UNRECOGNISED = codes.ErrorType.UNRECOGNISED_DATA_VALUE
# Statuses that say nothing new to staff when no step takes them.
_QUIET = {codes.Status.REQUEST_RECEIVED, codes.Status.EXPECT_TO_SUPPLY, codes.Status.WILL_SUPPLY}
_ATTENTION = {
    "status:Overdue": "overdue", "status:Recalled": "recalled", "action:Renew": "renew_asked",
    "note:TEXT": "partner_wrote", "note:LOST": "partner_wrote", "note:FOUND": "partner_wrote",
    "note:RESEND": "bad_copy",
}
# Where a repeat of what we know already is no news.
_KNOWN_ALREADY = {
    "status:Loaned": {"borrowing.shipped", "borrowing.received", "borrowing.on_hold_shelf",
                      "borrowing.checked_out", "borrowing.returned_by_patron", "borrowing.return_shipped",
                      "borrowing.finished"},
    "status:Unfilled": {"borrowing.unfilled"},
    "status:LoanCompleted": {"borrowing.finished"},
    "status:Cancelled": {"borrowing.cancelled"},
    "cancel:Y": {"borrowing.cancelled"},
    "action:Received": {"lending.return_received", "lending.finished"},
    "action:ShippedReturn": {"lending.return_received", "lending.finished"},
    "action:Cancel": {"lending.cancelled", "lending.unfilled"},
    "status:CopyCompleted": {"borrowing.shipped", "borrowing.received", "borrowing.delivered", "borrowing.finished"},
    "status:RetryPossible": {"borrowing.conditional"},
    "status:CompletedWithoutReturn": {"borrowing.finished"},
    "request:Retry": {"lending.searching", "lending.preparing"},
    "note:ACCEPT": {"lending.searching", "lending.preparing"},
    "note:REJECT": {"lending.cancelled", "lending.unfilled"},
    "note:LOST": {"lending.lost"},
    "note:RESEND": {"lending.preparing"},
}
# Where another due date than ours must be looked at: before the item is on its way back.
_DUE_MATTERS = {
    "borrowing.shipped", "borrowing.received", "borrowing.on_hold_shelf", "borrowing.checked_out",
}
# No news from a lender when another one has been asked since. All else is: two items may be on their way.
_OVER = {"status:Unfilled", "status:Cancelled", "status:LoanCompleted", "cancel:Y", "status:RetryPossible"}


def sender_of(message: m.Statement) -> m.AgencyId:
    """The agency that wrote it: the supplier of a supplyingAgencyMessage, else the requester."""
    if isinstance(message, m.SupplyingAgencyMessage):
        return message.header.supplying_agency_id
    return message.header.requesting_agency_id


def addressee_of(message: m.Statement) -> m.AgencyId:
    if isinstance(message, m.SupplyingAgencyMessage):
        return message.header.requesting_agency_id
    return message.header.supplying_agency_id


def library_of(agency: m.AgencyId) -> Library | None:
    """The partner of this name, by any of its symbols; one that was switched off too: what we have with it
    goes on.

    Its `our_agency` is what our own library is called at the same moment; None when it has no name yet.
    Its `our_answer_days` are the policy's; None where nobody has changed it yet.
    """
    # As the unique indexes of the two tables have them.
    same = "lower(agency_type) = lower(%s) AND lower(agency_value) = lower(%s) AND agency_value <> ''"
    return rows.one(
        Library,
        f"id IN (SELECT id FROM requests_app_library WHERE {same} "  # noqa: S608 - no value stands in it
        f"UNION SELECT library_id FROM requests_app_librarysymbol WHERE {same})",
        agency.type, agency.value, agency.type, agency.value,
        our_agency="(SELECT agency_value FROM illdesk_institution WHERE id = 1)",
        our_answer_days="(SELECT answer_days FROM requests_app_loanpolicy WHERE id = 1)",
    )


def is_us(agency: m.AgencyId, our_agency: str | None) -> bool:
    return our_agency is not None and agency.value.casefold() == our_agency.casefold()


def what_of(message: m.Statement) -> str:
    """One word for the conversation: Loaned, Received, Request …"""
    if isinstance(message, m.Request):
        return "Request"
    if isinstance(message, m.RequestingAgencyMessage):
        return message.action[:100]
    info = message.message_info
    if info.reason_for_message == R.NOTIFICATION:
        return "Notification"
    if info.reason_for_message in (R.CANCEL_RESPONSE, R.RENEW_RESPONSE):
        return f"{info.reason_for_message} {info.answer_yes_no}"[:100]
    return message.status_info.status[:100]


def handle(message: m.Statement, library: Library, *, now: datetime) -> Handled:
    """Act upon one message of a known, authenticated partner; runs in the inbox's transaction."""
    found = m.problems(message)
    if found:
        return _error(message, found[0].error_type, found[0].error_value, now=now)
    if isinstance(message, m.Request):
        return _request(message, library, now=now)
    role = Dialogue.REQUESTER if isinstance(message, m.SupplyingAgencyMessage) else Dialogue.SUPPLIER
    dialogue = (
        Dialogue.objects.filter(
            library=library, role=role, request_id=message.header.requesting_agency_request_id
        )
        .select_related("library")
        .first()
    )
    if dialogue is None:
        return _error(
            message, _UNRECOGNISED, "requestingAgencyRequestId: request with a given ID not found", now=now
        )
    if isinstance(message, m.SupplyingAgencyMessage):
        return _from_supplier(message, dialogue, now=now)
    return _from_requester(message, dialogue, now=now)


def handle_parked(row: InboxMessage) -> Handled:
    """Try a stored message again (its secret is blanked; it was checked when it arrived)."""
    message = read(row.body).message
    library = Library.objects.get(symbol=row.partner)
    assert not isinstance(message, m.Confirmation)
    return handle(message, library, now=row.arrived)


inbox.HANDLERS[outbox.CHANNEL] = handle_parked


def _request(message: m.Request, library: Library, *, now: datetime) -> Handled:
    request_id = message.header.requesting_agency_request_id
    service = message.service_info or m.ServiceInfo()
    kind = service.request_type or codes.RequestType.NEW
    known = rows.one(
        Dialogue, "library_id = %s AND role = %s AND request_id = %s", library.pk, Dialogue.SUPPLIER, request_id[:120]
    )
    if kind == codes.RequestType.RETRY:
        return _retry(message, library, known, now=now)
    if known is not None and kind == codes.RequestType.REMINDER:
        _mark(known.ill, "partner_wrote", now=now)
        _noted(known.ill, message, library, "reminder", now=now)
        return _ok(message, "reminder", known.ill, now=now)
    if known is not None:
        return _error(
            message, _UNRECOGNISED, "requestingAgencyRequestId: request with a given ID already exists", now=now
        )
    if not library.active:
        return _error(message, _UNRECOGNISED, "requestingAgencyId: requesting agency not found", now=now)
    if len(request_id) > 120:
        return _error(message, _UNRECOGNISED, "requestingAgencyRequestId: too long", now=now)
    ill = intake.arrive(
        library=library,
        request_id=request_id,
        citation=arriving.citation(message),
        typed={"xml": "see messages"},
        actor=actors.partner(library.symbol),
        now=now,
        heard=message.header.timestamp,
        agency=arriving.asks_as(message.header.requesting_agency_id, library),
        answer_days=arriving.answer_days(library),
        service=lifecycle.COPY if service.service_type == codes.ServiceType.COPY else lifecycle.LOAN,
        need_by=as_day(service.need_before_date),
        note=dialects.shown(service.note),
        compliance=str(service.copyright_compliance)[:40],
        **arriving.most(message),
        call_number=next((info.call_number for info in message.supplier_info if info.call_number), ""),
    )
    return _ok(message, f"state:{ill.state}", ill, now=now)


def _retry(message: m.Request, library: Library, known: Dialogue | None, *, now: datetime) -> Handled:
    """The borrower accepts our condition: with the id we know, or with a new one that names it (4.4)."""
    service = message.service_info or m.ServiceInfo()
    request_id = message.header.requesting_agency_request_id
    previous = known or Dialogue.objects.filter(
        library=library, role=Dialogue.SUPPLIER, request_id=service.requesting_agency_previous_request_id[:120]
    ).first()
    if previous is None or len(request_id) > 120:
        return _error(message, _UNRECOGNISED, "requestType: Retry not possible", now=now)
    if previous.ill.state != "lending.conditional":
        return _error(message, _UNRECOGNISED, "requestType: Retry not possible", now=now)
    answers = {
        "note": dialects.shown(service.note), "compliance": str(service.copyright_compliance)[:40],
        "request_id": "" if known else request_id,
    } | arriving.most(message)
    return _act(message, previous, "request:Retry", answers, now=now)


def _from_supplier(message: m.SupplyingAgencyMessage, dialogue: Dialogue, *, now: datetime) -> Handled:
    info, delivery = message.message_info, message.delivery_info
    if message.header.supplying_agency_request_id and not dialogue.their_number:
        dialogue.their_number = message.header.supplying_agency_request_id[:120]
        dialogue.save(update_fields=["their_number"])
    code = dialects.supplier_code(message, cancel_asked=dialogue.ill.cancel_asked is not None)
    if code == "note:TEXT":
        return _notification(message, dialogue, info.note, now=now)
    asked = dialects.condition_of(message)
    conditions = asked["loan_condition"].casefold()
    answers: dict = {
        "note": dialects.shown(info.note),
        "reason": info.reason_unfilled,
        "due": as_day(message.status_info.due_date),
        "barcode": delivery.item_ids[0] if delivery and delivery.item_ids else "",
        "library_use_only": "libraryuseonly" in conditions,
        "no_renewals": "norenewal" in conditions,
        "url": dialects.file_address(message),
        "cost": asked["cost"], "currency": asked["currency"],
    }
    if code == "status:RetryPossible":
        answers |= asked
    return _act(message, dialogue, code, answers, now=now)


def _from_requester(message: m.RequestingAgencyMessage, dialogue: Dialogue, *, now: datetime) -> Handled:
    code = dialects.requester_code(message)
    if code == "note:TEXT":
        return _notification(message, dialogue, message.note, now=now)
    if message.action == codes.Action.STATUS_REQUEST:
        institution = Institution.objects.get(pk=1)
        outbox.put(
            compose.status_answer(dialogue.ill, dialogue, institution, now=now), dialogue,
            what="Status", key=f"status:{message.header.timestamp}", now=now,
        )
        return _ok(message, "status_told", dialogue.ill, now=now)
    return _act(message, dialogue, code, {"note": dialects.shown(message.note)}, now=now)


def _act(message: m.Statement, dialogue: Dialogue, code: str, answers: dict, *, now: datetime) -> Handled:
    """Take the step that the table has for this message, or note the message."""
    library = dialogue.library
    said = message.header.timestamp
    for _attempt in range(5):
        ill = ILLRequest.objects.select_related("partner", "patron", "citation", "branch").get(pk=dialogue.ill_id)
        late = bool(said and dialogue.heard and said < dialogue.heard)
        superseded = ill.dialogues.filter(attempt__gt=dialogue.attempt).exists()
        current = dialogue.closed is None and not superseded
        step = lifecycle.step_for_message(ill, code) if current and not late else None
        if step is None:
            known = (code in _OVER and not current) or (
                not superseded and ill.state in _KNOWN_ALREADY.get(code, ())
            )
            moot = code == "cancel:N" and (ill.cancel_asked is None or not ill.is_open)
            quiet = late or known or moot or code.partition(":")[2] in _QUIET
            if current and not late and code == "status:Loaned" and _due_differs(ill, answers["due"]):
                return _other_due(message, ill, answers, library=library, now=now)
            return _not_taken(message, ill, code, answers, late=late, quiet=quiet, library=library, now=now)
        try:
            perform(ill, step.action, actor=actors.partner(library.symbol), now=now, **answers)
        except Stale:
            continue  # a person was faster by a moment: look again
        except NotAllowed:
            return _not_taken(message, ill, code, answers, late=late, quiet=False, library=library, now=now)
        # A clock that is years ahead must not make everything after it look old.
        if said and (dialogue.heard is None or said > dialogue.heard):
            Dialogue.objects.filter(pk=dialogue.pk).update(heard=min(said, now))
        return _ok(message, f"state:{ill.state}", ill, now=now)
    raise Stale(_("The request changed five times while the message was read."))


def _not_taken(
    message, ill, code, answers, *, late: bool, quiet: bool, library: Library, now: datetime
) -> Handled:
    if not quiet:
        _mark(ill, _ATTENTION.get(code, "message_not_understood"), now=now)
    _noted(ill, message, library, answers.get("note", ""), now=now)
    return _ok(message, "late" if late else "noted", ill, now=now)


def _due_differs(ill: ILLRequest, due: date | None) -> bool:
    return due is not None and ill.due_lender not in (None, due) and ill.state in _DUE_MATTERS


def _other_due(message, ill: ILLRequest, answers: dict, *, library: Library, now: datetime) -> Handled:
    """The patron may have been told our date: nothing changes by itself, a person sees both dates."""
    words = _("The lender's message says %(theirs)s; the date here is %(ours)s.") % {
        "theirs": answers["due"].isoformat(), "ours": ill.due_lender.isoformat() if ill.due_lender else "",
    }
    _mark(ill, "due_differs", now=now)
    _noted(ill, message, library, "\n".join([words, answers["note"]]), now=now)
    return _ok(message, "due_differs", ill, now=now)


def _notification(message: m.Statement, dialogue: Dialogue, text: str, *, now: datetime) -> Handled:
    """Never changes the state; somebody reads it."""
    _noted(dialogue.ill, message, dialogue.library, dialects.shown(text), now=now)
    _mark(dialogue.ill, "partner_wrote", now=now)
    return _ok(message, "note_for_staff", dialogue.ill, now=now)


def _noted(ill: ILLRequest, message: m.Statement, library: Library, text: str, *, now: datetime) -> None:
    data: dict = {"what": what_of(message), "library": library.pk}
    if text.strip():
        data["note"] = Note.objects.create(ill=ill, kind="partner", text=text.strip(), at=now).pk
    events.record(
        "request.message_in", subject=ill.subject, actor=actors.partner(library.symbol), now=now, data=data
    )


def _mark(ill: ILLRequest, why: str, *, now: datetime) -> None:
    ILLRequest.objects.filter(pk=ill.pk).update(attention=now, attention_why=why)


def _ok(message: m.Statement, outcome: str, ill: ILLRequest, *, now: datetime) -> Handled:
    """`outcome`: a code of `reasons.OUTCOMES` or "state:‹code›"; readers see it in their own language."""
    return Handled(write(confirm.ok(message, now=now)).decode(), outcome, subject=ill.subject)


def _error(message: m.Statement, kind: str, value: str, *, now: datetime) -> Handled:
    return Handled(write(confirm.error(message, kind, value, now=now)).decode(), value, refused=True)
