"""The dialogue with one supplier: opened for each lender that is asked, closed when it is out of the play."""

from datetime import datetime, timedelta

from illdesk.calendars import NeverOpen
from illdesk.models import OutboxMessage
from illdesk.models.calendar import days_of
from requests_app.actions import Doing
from requests_app.models import Dialogue, ILLRequest, Library, LoanPolicy, RotaEntry


def newest(doing: Doing) -> Dialogue | None:
    return doing.ill.dialogues.order_by("-attempt").first()


def open_dialogue(doing: Doing, library: Library, *, role: str, request_id: str = "") -> Dialogue:
    """A new one, which becomes the one that counts. `request_id`: theirs when we supply; else our number with
    the attempt, unique for each dialogue."""
    ill = doing.ill
    last = newest(doing)
    attempt = (last.attempt if last else 0) + 1
    same = last if last is not None and last.library_id == library.pk else Dialogue()
    return Dialogue.objects.create(
        ill=ill, library=library, role=role, attempt=attempt, opened=doing.now,
        request_id=request_id or f"{ill.number}-{attempt}",
        agency_type=same.agency_type, agency_value=same.agency_value,
    )


def close_dialogue(doing: Doing) -> None:
    doing.ill.dialogues.filter(closed=None).update(closed=doing.now)


def settle_rota(doing: Doing, state: str, reason: str = "") -> None:
    """Note what came of the lender that is asked now."""
    doing.ill.rota.filter(state=RotaEntry.ASKED).update(state=state, reason=reason[:40], changed=doing.now)


def answer_until(doing: Doing, library: Library) -> datetime:
    """Until when this lender has to answer, by its own days and its own calendar."""
    return days_after(doing.now, _days_to_answer(doing.ill, library, doing.policy), library)


def days_from(doing: Doing, days: int, library: Library | None = None) -> datetime:
    """So many days from now; with a library, so many of its own working days, until their end."""
    return doing.now + timedelta(days=days) if library is None else days_after(doing.now, days, library)


def days_after(start: datetime, days: int, library: Library) -> datetime:
    try:
        return days_of(library.calendar).deadline(start, days)
    except NeverOpen:  # a calendar closed for good must not keep a request: then plain days count
        return start + timedelta(days=days)


def _days_to_answer(ill: ILLRequest, library: Library, policy: LoanPolicy) -> int:
    own = library.answer_days_copy if ill.service == "copy" else library.answer_days_loan
    return policy.lender_days if own is None else own


# It may leave any moment, as soon as the other server answers.
ON_ITS_WAY = (OutboxMessage.WAITING, OutboxMessage.SENDING)


def first_message(dialogue: Dialogue) -> OutboxMessage | None:
    """What asks the library; by index, of this request's messages."""
    rows = OutboxMessage.objects.filter(subject_kind="request", subject_id=dialogue.ill_id)
    return rows.filter(payload__dialogue=dialogue.pk).order_by("pk").first()


def still_has_days(ill: ILLRequest, *, now: datetime) -> datetime | None:
    """Until when the lender that is asked may still answer, since our request left late or has not left yet; None
    when it had its days. Its days begin when the request is with it, not when we took the step: while its server
    was down it could not answer."""
    dialogue = ill.dialogues.select_related("library__calendar").order_by("-attempt").first()
    message = first_message(dialogue) if dialogue is not None else None
    if dialogue is None or message is None:  # told by a person, or by nothing that we can look at
        return None
    begins = now if message.state in ON_ITS_WAY else message.settled or dialogue.opened
    until = days_after(begins, _days_to_answer(ill, dialogue.library, LoanPolicy.current()), dialogue.library)
    return until if until > now else None
