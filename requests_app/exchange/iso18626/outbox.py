"""ISO 18626 messages that leave: composed with the step, sent over HTTP, their confirmations read.

The stored XML holds no secret; it is added when the message leaves. A retry sends the same bytes, so the
partner recognises it. An ERROR confirmation is the partner's refusal: sending again cannot help, so the
message is settled as not sent, the request is marked for a person, and what comes after it goes on.
"""

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from illdesk import actors, events, outbox, outside, rows
from illdesk.errors import AdapterError, NotAllowed
from illdesk.models import Institution, OutboxMessage
from requests_app.actions import Doing, perform
from requests_app.exchange import not_sent
from requests_app.exchange.iso18626 import codes, compose, dialects
from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.blanking import blank_secrets
from requests_app.exchange.iso18626.xml import Unreadable, read, write
from requests_app.models import Dialogue, ILLRequest, Library

CHANNEL = "iso18626"
# How partners answer a New request whose id they have.
_ALREADY_THERE = "already exists"
_ASKED = {"Cancel": "cancel_asked", "Renew": "renewal_asked", "Resend": "resend_asked"}
# Answers after which the same content will never be taken; all others may be better later.
_PERMANENT = {400, 401, 403, 405, 406, 410, 413, 415, 422}


# The table's code → the word for the conversation, where it is not the message's own (reasons.MESSAGES).
LABELS = {
    "request:New": "Request", "cancel:Y": "Cancelled", "cancel:N": "Cancel refused", "renew:Y": "Renewal granted",
    "renew:N": "Renewal refused", "note:TEXT": "Notification", "note:REJECT": "Condition declined",
    "note:LOST": "Lost", "note:FOUND": "Found", "note:RESEND": "Resend",
}


def tell(doing: Doing) -> None:
    """Put the step's message into the outbox, in the dialogue's lane."""
    ill = doing.ill
    newest = "SELECT max(attempt) FROM requests_app_dialogue WHERE ill_id = %s"
    dialogue = rows.one(Dialogue, f"ill_id = %s AND attempt = ({newest})", ill.pk, ill.pk)
    institution = rows.one(Institution, "id = 1")
    if dialogue is None:
        return
    dialogue.ill = ill
    if ill.partner is not None and ill.partner_id == dialogue.library_id:
        dialogue.library = ill.partner
    if institution is None or not institution.agency_value:
        raise NotAllowed(
            _("Our own library has no ISO 18626 symbol yet. An administrator enters it under Settings, Our library.")
        )
    message = dialects.spoken(compose.message_for(doing, dialogue, institution), dialogue.library.dialect)
    put(message, dialogue, what=LABELS.get(doing.step.iso_out, doing.step.iso_out.partition(":")[2]),
        key=str(doing.data["event"]), now=doing.now)


def put(message: m.Statement, dialogue: Dialogue, *, what: str, key: str, now: datetime) -> OutboxMessage:
    return outbox.put(
        CHANNEL,
        key=f"{CHANNEL}:{dialogue.pk}:{key}",
        lane=f"{CHANNEL}:{dialogue.pk}",
        recipient=dialogue.library.endpoint,
        partner=dialogue.library.symbol,
        what=what,
        payload={"xml": write(message).decode(), "library": dialogue.library_id, "dialogue": dialogue.pk},
        subject=("request", dialogue.ill_id),
        now=now,
    )


def send(row: OutboxMessage) -> str:
    """POST one message; returns the confirmation's XML. Raises AdapterError."""
    library = Library.objects.get(pk=row.payload["library"])
    if not library.endpoint:
        raise AdapterError(_("This library has no ISO 18626 address any more."), permanent=True)
    body = row.payload["xml"].encode()
    headers = {"Content-Type": "application/xml; charset=utf-8", "Accept": "application/xml"}
    if library.secret_sent and library.secret_in_message:
        body = _with_secret(body, library.secret_sent)
    elif library.secret_sent:
        headers["Authorization"] = f"Bearer {library.secret_sent}"
    response = outside.post(library.endpoint, body=body, headers=headers)
    if response.status_code != 200:
        raise AdapterError(
            _("The other system answered %(code)s %(reason)s.")
            % {"code": response.status_code, "reason": response.reason or ""},
            permanent=response.status_code in _PERMANENT,
        )
    try:
        confirmation = read(response.content).message
    except Unreadable as failure:
        raise AdapterError(
            _("The other system's answer is no ISO 18626 confirmation: %(why)s") % {"why": failure}, permanent=False
        ) from failure
    if not isinstance(confirmation, m.Confirmation):
        raise AdapterError(_("The other system answered with something else than a confirmation."), permanent=False)
    return blank_secrets(response.content)


def settled(row: OutboxMessage) -> None:
    """Read the confirmation, in the transaction that settles the message."""
    confirmation = read(row.answer).message
    if not isinstance(confirmation, m.Confirmation):
        return
    if confirmation.confirmation_header.message_status != codes.MessageStatus.ERROR:
        return
    error = confirmation.error_data or m.ErrorData("", "")
    if row.what in ("Request", "Retry") and row.attempts > 1 and _ALREADY_THERE in error.error_value.casefold():
        # Our earlier try arrived and its confirmation was lost on the way.
        OutboxMessage.objects.filter(pk=row.pk).update(last_error=_("It had arrived at an earlier try."))
        return
    sentence = _("The other system refused it: %(type)s %(value)s") % {
        "type": error.error_type, "value": error.error_value,
    }
    OutboxMessage.objects.filter(pk=row.pk).update(state=OutboxMessage.DROPPED, last_error=sentence[:2000])
    assert row.settled is not None
    _refused(row, sentence, now=row.settled)


def _refused(row: OutboxMessage, sentence: str, *, now: datetime) -> None:
    ill = ILLRequest.objects.select_related("partner", "patron", "citation").get(pk=row.subject_id or 0)
    # What an earlier lender refuses says nothing about the one that is asked now.
    superseded = ill.dialogues.filter(attempt__gt=Dialogue.objects.get(pk=row.payload["dialogue"]).attempt).exists()
    if row.what in ("Request", "Retry") and ill.state == "borrowing.sent" and not superseded:
        perform(ill, "request_refused", actor=actors.SYSTEM, now=now, note=sentence)
        return
    if not superseded:
        # A Cancel or Renew that was refused asks nothing any more: somebody may ask again.
        answered = {_ASKED[row.what]: None} if row.what in _ASKED else {}
        ILLRequest.objects.filter(pk=ill.pk).update(attention=now, attention_why="refused", **answered)
    events.record(
        "request.message_failed", subject=ill.subject, actor=actors.SYSTEM, now=now, data={"message": row.pk}
    )


def _with_secret(body: bytes, secret: str) -> bytes:
    message = read(body).message
    assert not isinstance(message, m.Confirmation)
    header = replace(
        message.header, requesting_agency_authentication=m.RequestingAgencyAuthentication(security_code=secret)
    )
    return write(replace(message, header=header))


outbox.register(outbox.Channel(name=CHANNEL, send=send, exactly_once=True, settled=settled, parked=not_sent.mark))
