"""Steps of a lending request that do more than move."""

from django.utils.translation import gettext as _

from illdesk.errors import BadAnswer
from requests_app.actions import Doing, does
from requests_app.actions.dialogues import close_dialogue
from requests_app.reasons import UNFILLED


@does("will_supply")
def will_supply(doing: Doing) -> None:
    """The other library waits no more for an answer: what still does stands before it in the list."""
    answered(doing)
    doing.ill.respond_by = None


@does("ship")
def ship(doing: Doing) -> None:
    """`answers`: due (date), barcode, pieces, pieces_text, library_use_only, note."""
    ill, given = doing.ill, doing.answers
    due, barcode = given.get("due"), (given.get("barcode") or "").strip()
    if due is None:
        raise BadAnswer(_("Enter the due date."), field="due")
    if due <= doing.today:
        raise BadAnswer(_("The due date must lie in the future."), field="due")
    if not barcode:
        raise BadAnswer(_("Scan or type the barcode of the item."), field="barcode")
    ill.due_lender, ill.barcode = due, barcode[:60]
    ill.pieces = given.get("pieces") or 1
    ill.pieces_text = given.get("pieces_text", "")[:200]
    ill.library_use_only = bool(given.get("library_use_only"))
    answered(doing)
    ill.respond_by = None
    doing.data |= {"due_lender": due.isoformat(), "pieces": ill.pieces}


@does("unfilled")
def unfilled(doing: Doing) -> None:
    """`answers`: reason (a code of `reasons.UNFILLED`), note."""
    reason = doing.answers.get("reason", "")
    if reason not in UNFILLED:
        raise BadAnswer(_("Choose the reason: the other library decides by it."), field="reason")
    doing.ill.reason = reason
    doing.data["reason"] = reason
    answered(doing)
    doing.note("reason", doing.answers.get("note", ""))
    doing.ill.respond_by = doing.ill.resend_asked = None
    close_dialogue(doing)


@does("borrower_received", "borrower_returned")
def with_note(doing: Doing) -> None:
    doing.note("partner", doing.answers.get("note", ""))


@does("borrower_cancels")
def borrower_cancels(doing: Doing) -> None:
    doing.note("partner", doing.answers.get("note", ""))
    if doing.step.target:
        doing.ill.reason = "borrower"
        doing.ill.respond_by = None
        close_dialogue(doing)


def answered(doing: Doing) -> None:
    """The first answer to a request is a RequestResponse on the wire, later ones are StatusChanges."""
    doing.memo["first_answer"] = doing.ill.answered_at is None
    doing.ill.answered_at = doing.ill.answered_at or doing.now
