"""The dialogue with one supplier: opened for each lender that is asked, closed when it is out of the play."""

from datetime import datetime, timedelta

from illdesk.calendars import NeverOpen
from illdesk.models.calendar import days_of
from requests_app.actions import Doing
from requests_app.models import Dialogue, Library, RotaEntry


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
    own = library.answer_days_copy if doing.ill.service == "copy" else library.answer_days_loan
    return days_from(doing, own if own is not None else doing.policy.lender_days, library)


def days_from(doing: Doing, days: int, library: Library | None = None) -> datetime:
    """So many days from now; with a library, so many of its own working days, until their end."""
    if library is None:
        return doing.now + timedelta(days=days)
    try:
        return days_of(library.calendar).deadline(doing.now, days)
    except NeverOpen:  # a calendar closed for good must not keep a request: then plain days count
        return doing.now + timedelta(days=days)
