"""A message or letter about a request that could not leave: the request is marked, the history tells it."""

from datetime import datetime

from illdesk import actors, events, registry
from illdesk.models import OutboxMessage
from requests_app.exchange import mail
from requests_app.models import Dialogue, ILLRequest


def mark(row: OutboxMessage, now: datetime) -> None:
    """Called in the transaction that parks the row."""
    ill = ILLRequest.objects.filter(pk=row.subject_id or 0).first()
    if ill is None:
        return
    if not _for_an_earlier_lender(ill, row):
        why = "file_not_fetched" if row.channel == "fetch" else "send_failed"
        ILLRequest.objects.filter(pk=ill.pk).update(attention=now, attention_why=why)
    events.record(
        "request.message_failed", subject=ill.subject, actor=actors.SYSTEM, now=now,
        data={"message": row.pk, "why": _what_failed(row)},
    )


def _what_failed(row: OutboxMessage) -> str:
    if row.channel == "fetch":
        return "file_not_fetched"
    if row.channel != "mail":
        return "message_not_sent"
    return "library_letter_not_sent" if row.what in mail.SAYS else "letter_not_sent"


def _for_an_earlier_lender(ill: ILLRequest, row: OutboxMessage) -> bool:
    """What an earlier lender is not told says nothing about the one that is asked now."""
    dialogue = Dialogue.objects.filter(pk=row.payload.get("dialogue") or 0).first()
    return dialogue is not None and ill.dialogues.filter(attempt__gt=dialogue.attempt).exists()


registry.LETTER_PARKED["request"] = mark
