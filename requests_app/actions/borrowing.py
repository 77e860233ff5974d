"""The borrowed item, from its arrival to its way home; and the ends of a borrowing request."""

import secrets
from datetime import timedelta

from django.utils.translation import gettext as _

from illdesk.errors import BadAnswer
from requests_app import letters, reasons
from requests_app.actions import Doing, can_tell, does
from requests_app.actions.dialogues import close_dialogue, days_from, settle_rota
from requests_app.actions.patrons import set_due, tell_patron
from requests_app.models import ILLRequest, RotaEntry

# Neither 0/O nor 1/I/L: read aloud and typed at a desk.
_SHELF_LETTERS = "ABCDEFGHKMNPRSTUVWXY"


@does("lender_shipped")
def lender_shipped(doing: Doing) -> None:
    """`answers`: due (date or None), barcode, pieces_text, library_use_only, note."""
    ill, given = doing.ill, doing.answers
    set_due(doing, given.get("due"))
    if given.get("barcode"):
        ill.barcode = given["barcode"][:60]
    if given.get("library_use_only"):
        ill.library_use_only = True
    if given.get("no_renewals"):
        ill.no_renewals = True
    if given.get("cost") is not None:
        ill.cost, ill.currency = given["cost"], given.get("currency") or ill.currency
    doing.note("partner", given.get("note", ""))
    settle_rota(doing, RotaEntry.SUPPLIED)
    ill.respond_by = None


@does("lender_completed")
def lender_completed(doing: Doing) -> None:
    doing.note("partner", doing.answers.get("note", ""))
    close_dialogue(doing)
    doing.ill.respond_by = None


@does("receive")
def receive(doing: Doing) -> None:
    """`answers`: barcode, due (the lender's date), pieces, pieces_text, library_use_only."""
    ill, given = doing.ill, doing.answers
    barcode = (given.get("barcode") or ill.barcode or "").strip()
    if not barcode:
        raise BadAnswer(_("Scan or type the barcode of the item, or use the request number."), field="barcode")
    ill.barcode = barcode[:60]
    ill.pieces = given.get("pieces") or 1
    ill.pieces_text = given.get("pieces_text", "")[:200]
    ill.library_use_only = bool(given.get("library_use_only"))
    set_due(doing, given.get("due") or ill.due_lender)
    doing.data |= {"pieces": ill.pieces}
    arrived_after_all(doing)


def arrived_after_all(doing: Doing) -> None:
    """What comes although it was to be cancelled is looked at; a lender that had said no counts again."""
    ill = doing.ill
    ill.respond_by = None
    settle_rota(doing, RotaEntry.SUPPLIED)
    if ill.cancel_asked:  # a person decides, perhaps to send it back unused
        ill.cancel_asked = None
        doing.attend("cancel_refused")
    newest = ill.dialogues.order_by("-attempt").first()
    if newest is not None and newest.closed:
        ill.dialogues.filter(pk=newest.pk).update(closed=None)


@does("shelve")
def shelve(doing: Doing) -> None:
    """Give it a shelf code (random: it says nothing about the patron) and write to the patron."""
    ill = doing.ill
    if doing.answers.get("branch") is not None:
        ill.branch = doing.answers["branch"]
    ill.hold_until = doing.today + timedelta(days=doing.policy.hold_days)
    if ill.due_patron and ill.hold_until > ill.due_patron:
        ill.hold_until = ill.due_patron
    ill.shelf_code = _free_shelf_code()
    tell_patron(doing, "arrived")


@does("check_out", "hand_over")
def check_out(doing: Doing) -> None:
    """Its place on the hold shelf is free from now on."""
    _leave_shelf(doing)


@does("check_in", "send_back")
def check_in(doing: Doing) -> None:
    """Both sides' check-in. The patron is free from this moment; of what we lent, the lender's part ends."""
    ill = doing.ill
    _leave_shelf(doing)
    if ill.kind == "lending":
        close_dialogue(doing)
        ill.renewal_asked = ill.respond_by = None


@does("ship_back")
def ship_back(doing: Doing) -> None:
    """From now on the lender's confirmation is waited for, not for ever."""
    ill = doing.ill
    ill.tracking = doing.answers.get("tracking", "")[:60]
    ill.renewal_asked = ill.return_asked = None
    ill.respond_by = days_from(doing, doing.policy.return_days)


@does("ask_return")
def ask_return(doing: Doing) -> None:
    doing.ill.return_asked = doing.now
    doing.ill.respond_by = days_from(doing, max(doing.policy.return_days // 2, 1))


@does("close_unconfirmed")
def close_unconfirmed(doing: Doing) -> None:
    doing.ill.reason = doing.data["reason"] = "not_confirmed"
    doing.ill.respond_by = None
    close_dialogue(doing)


@does("close_return", "ask_cancel", "close_lost")
def with_reason(doing: Doing) -> None:
    text = doing.answers.get("text", "").strip()
    if not text:
        raise BadAnswer(_("Write a reason: colleagues will read it."), field="text")
    doing.note("reason", text)
    if doing.step.action == "ask_cancel":
        doing.ill.cancel_asked = doing.now
    else:
        doing.ill.respond_by = None
        close_dialogue(doing)


@does("cancel")
def cancel(doing: Doing) -> None:
    """`answers`: reason (code), text (added to the letter), letter (False: write to nobody)."""
    ill = doing.ill
    reason = doing.answers.get("reason", "")
    if reason not in reasons.CANCELLED:
        raise BadAnswer(_("Choose the reason from the list."), field="reason")
    ill.reason = reason
    doing.data["reason"] = reason
    doing.note("reason", doing.answers.get("text", ""))
    _leave_shelf(doing)
    _nobody_is_asked(doing)
    if doing.answers.get("letter", True):
        tell_patron(doing, "cancelled", added=doing.answers.get("text", ""))


@does("patron_cancel")
def patron_cancel(doing: Doing) -> None:
    ill = doing.ill
    if doing.step.target:
        ill.reason = "patron"
        _nobody_is_asked(doing)
    else:
        ill.cancel_asked = doing.now
        if not can_tell(ill):  # then only a person can ask the lender
            doing.attend("patron_wrote")
    doing.note("patron", doing.answers.get("text", ""))


@does("lender_cancelled", "record_cancelled")
def lender_cancelled(doing: Doing) -> None:
    ill = doing.ill
    ill.reason = ill.reason or "cancel_granted"
    ill.cancel_asked = None
    settle_rota(doing, RotaEntry.UNFILLED, "cancel_granted")
    _nobody_is_asked(doing)
    tell_patron(doing, "cancelled")


@does("lender_refused_cancel")
def lender_refused_cancel(doing: Doing) -> None:
    """It has left already: the request goes on; who waits for the answer is told, if we still wait for it."""
    ill = doing.ill
    doing.note("partner", doing.answers.get("note", ""))
    if ill.cancel_asked is None:
        return
    ill.cancel_asked = None
    doing.attend("cancel_refused")
    if ill.state in ("borrowing.sent", "borrowing.shipped"):
        letters.to_patron(ill, "cancel_refused", now=doing.now, event_key=str(ill.version))


@does("patron_message")
def patron_message(doing: Doing) -> None:
    if not doing.answers.get("text", "").strip():
        raise BadAnswer(_("Write your message first."), field="text")
    doing.note("patron", doing.answers["text"])
    doing.attend("patron_wrote")


@does("write_patron")
def write_patron(doing: Doing) -> None:
    text = doing.answers.get("text", "").strip()
    if not text:
        raise BadAnswer(_("Write your letter first."), field="text")
    if doing.ill.patron is None or not doing.ill.patron.email:
        raise BadAnswer(_("The patron has no e-mail address. Nothing was sent."), field="text")
    doing.note("to_patron", text)
    letters.to_patron(
        doing.ill, "message", now=doing.now, values={"text": text}, event_key=str(doing.ill.version)
    )


@does("write_partner")
def write_partner(doing: Doing) -> None:
    """A Notification: never changes a state on either side (ISO 18626 4.3)."""
    text = doing.answers.get("text", "").strip()
    if not text:
        raise BadAnswer(_("Write something first."), field="text")
    if not can_tell(doing.ill):
        raise BadAnswer(
            _("This library has neither an ISO 18626 address nor an e-mail. Nothing was sent; telephone it."),
            field="text",
        )
    doing.note("to_partner", text)


def _nobody_is_asked(doing: Doing) -> None:
    """An ended request has no open dialogue, no rota and no date."""
    ill = doing.ill
    close_dialogue(doing)
    ill.rota.filter(state=RotaEntry.WAITING).update(state=RotaEntry.SKIPPED, changed=doing.now)
    ill.rota_left = 0
    ill.respond_by = ill.retry_on = ill.promised = None


def _leave_shelf(doing: Doing) -> None:
    doing.ill.shelf_code, doing.ill.hold_until = "", None


def _free_shelf_code() -> str:
    """'K7-27', not in use on the shelf now."""
    for _attempt in range(50):
        code = f"{secrets.choice(_SHELF_LETTERS)}{secrets.randbelow(9) + 1}-{secrets.randbelow(90) + 10}"
        if not ILLRequest.objects.filter(shelf_code=code).exists():
            return code
    return f"Z{secrets.randbelow(9)}-{secrets.randbelow(9000) + 1000}"
