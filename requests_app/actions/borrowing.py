"""Steps of a borrowing request that do more than move."""

import re
import secrets
from datetime import timedelta

from django.utils.translation import gettext as _

from illdesk.errors import BadAnswer
from requests_app import letters, reasons, search
from requests_app.actions import Doing, can_tell, does
from requests_app.models import Dialogue, ILLRequest, Library, LoanPolicy

# Neither 0/O nor 1/I/L: read aloud and typed at a desk.
_SHELF_LETTERS = "ABCDEFGHKMNPRSTUVWXY"
# What a lender's reason must look like to stand in an event: events hold codes, never words.
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")


@does("choose_lender")
def choose_lender(doing: Doing) -> None:
    library: Library | None = doing.answers.get("library")
    if library is None:
        raise BadAnswer(_("Choose a library."), field="library")
    if not library.active or library.suspended_on(doing.today):
        raise BadAnswer(_("%(library)s does not take requests now.") % {"library": library}, field="library")
    doing.ill.partner = library
    search.index(doing.ill)
    doing.data["library"] = library.pk


@does("send")
def send(doing: Doing) -> None:
    """Open a new dialogue: its id is our number plus the attempt, unique per supplier dialogue."""
    ill = doing.ill
    if ill.partner is None:
        raise BadAnswer(_("No lender is chosen. Choose one first."))
    if ill.partner.suspended_on(doing.today):
        raise BadAnswer(_("%(library)s is suspended now. Choose another lender.") % {"library": ill.partner})
    attempt = (ill.dialogues.order_by("-attempt").values_list("attempt", flat=True).first() or 0) + 1
    Dialogue.objects.create(
        ill=ill, library=ill.partner, role=Dialogue.REQUESTER, attempt=attempt,
        request_id=f"{ill.number}-{attempt}", opened=doing.now,
    )
    ill.reason = ""
    doing.data |= {"library": ill.partner.pk, "attempt": attempt}


@does("lender_shipped")
def lender_shipped(doing: Doing) -> None:
    """`answers`: due (date or None), barcode, pieces_text, library_use_only, note."""
    ill, given = doing.ill, doing.answers
    _set_due(doing, given.get("due"))
    if given.get("barcode"):
        ill.barcode = given["barcode"][:60]
    if given.get("library_use_only"):
        ill.library_use_only = True
    doing.note("partner", given.get("note", ""))


@does("lender_unfilled")
def lender_unfilled(doing: Doing) -> None:
    """`answers`: reason (ISO 18626's list is open: a code of any kind), note."""
    said = doing.answers.get("reason", "").strip()
    if said and not _CODE.fullmatch(said):
        _unfilled(doing, "other", "\n".join([said, doing.answers.get("note", "")]))
    else:
        _unfilled(doing, said, doing.answers.get("note", ""))


@does("record_unfilled")
def record_unfilled(doing: Doing) -> None:
    """`answers`: reason (a code of `reasons.UNFILLED`), note."""
    reason = doing.answers.get("reason", "")
    if reason not in reasons.UNFILLED:
        raise BadAnswer(_("Choose the reason from the list."), field="reason")
    _unfilled(doing, reason, doing.answers.get("note", ""))


@does("request_refused")
def request_refused(doing: Doing) -> None:
    _unfilled(doing, "", doing.answers.get("note", ""))


def _unfilled(doing: Doing, reason: str, note: str) -> None:
    doing.data["reason"] = reason
    doing.note("partner", note)
    _close_dialogue(doing)
    if doing.step.only == "cancel_asked":  # nothing is left to ask anybody for
        doing.ill.reason, doing.ill.cancel_asked = "cancel_granted", None
        _tell_patron(doing, "cancelled")
    else:
        doing.ill.reason = reason


@does("lender_will_supply", "lender_completed")
def with_note(doing: Doing) -> None:
    doing.note("partner", doing.answers.get("note", ""))
    if doing.step.action == "lender_completed":
        _close_dialogue(doing)


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
    _set_due(doing, given.get("due") or ill.due_lender)
    doing.data |= {"pieces": ill.pieces}
    if ill.cancel_asked:  # it came all the same: a person decides, perhaps to send it back unused
        ill.cancel_asked, ill.attention, ill.attention_why = None, doing.now, "cancel_refused"
    # A lender that had said no may have sent it after all: its later messages count again.
    newest = ill.dialogues.order_by("-attempt").first()
    if newest is not None and newest.closed:
        ill.dialogues.filter(pk=newest.pk).update(closed=None)


@does("shelve")
def shelve(doing: Doing) -> None:
    """Give it a shelf code (random: it says nothing about the patron) and write to the patron."""
    ill = doing.ill
    if doing.answers.get("branch") is not None:
        ill.branch = doing.answers["branch"]
    ill.hold_until = doing.today + timedelta(days=LoanPolicy.current().hold_days)
    if ill.due_patron and ill.hold_until > ill.due_patron:
        ill.hold_until = ill.due_patron
    ill.shelf_code = _free_shelf_code()
    _tell_patron(doing, "arrived")


@does("check_out")
def check_out(doing: Doing) -> None:
    """Its place on the hold shelf is free from now on."""
    _leave_shelf(doing)


@does("check_in", "send_back")
def check_in(doing: Doing) -> None:
    """Both sides' check-in. The patron is free from this moment; of what we lent, the lender's part ends."""
    _leave_shelf(doing)
    if doing.ill.kind == "lending":
        _close_dialogue(doing)


@does("ship_back")
def ship_back(doing: Doing) -> None:
    doing.ill.tracking = doing.answers.get("tracking", "")[:60]


@does("close_return", "ask_cancel")
def with_reason(doing: Doing) -> None:
    if doing.step.action == "ask_cancel":
        doing.ill.cancel_asked = doing.now
    text = doing.answers.get("text", "").strip()
    if not text:
        raise BadAnswer(_("Write a reason: colleagues will read it."), field="text")
    doing.note("reason", text)


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
    if doing.answers.get("letter", True):
        _tell_patron(doing, "cancelled", added=doing.answers.get("text", ""))


@does("patron_cancel")
def patron_cancel(doing: Doing) -> None:
    if doing.step.target:
        doing.ill.reason = "patron"
    else:
        doing.ill.cancel_asked = doing.now
        if not can_tell(doing.ill):  # then only a person can ask the lender
            doing.ill.attention, doing.ill.attention_why = doing.now, "patron_wrote"
    doing.note("patron", doing.answers.get("text", ""))


@does("lender_cancelled")
def lender_cancelled(doing: Doing) -> None:
    ill = doing.ill
    ill.reason = ill.reason or "cancel_granted"
    ill.cancel_asked = None
    _close_dialogue(doing)
    _tell_patron(doing, "cancelled")


@does("lender_refused_cancel")
def lender_refused_cancel(doing: Doing) -> None:
    """It has left already: the request goes on, and somebody looks at it, if we still wait for the answer."""
    if doing.ill.cancel_asked is not None:
        doing.ill.attention, doing.ill.attention_why = doing.now, "cancel_refused"
    doing.ill.cancel_asked = None
    doing.note("partner", doing.answers.get("note", ""))


@does("patron_message")
def patron_message(doing: Doing) -> None:
    if not doing.answers.get("text", "").strip():
        raise BadAnswer(_("Write your message first."), field="text")
    doing.note("patron", doing.answers["text"])
    doing.ill.attention, doing.ill.attention_why = doing.now, "patron_wrote"


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


def _tell_patron(doing: Doing, code: str, *, added: str = "") -> None:
    """Write the letter; without an address somebody at the desk has to tell the patron."""
    ill = doing.ill
    if letters.to_patron(ill, code, now=doing.now, added=added, event_key=str(ill.version)) is None and ill.patron:
        doing.data["untold"] = True
        ill.attention, ill.attention_why = doing.now, "no_email"


def _set_due(doing: Doing, due) -> None:
    """One rule: the patron's date is the lender's less the margin, but never before today.

    A date that cannot be meant (a partner's year 1) is left out; its message keeps it.
    """
    if due is None or abs((due - doing.today).days) > 3660:
        return
    ill = doing.ill
    ill.due_lender = due
    ill.due_patron = max(due - timedelta(days=LoanPolicy.current().margin_days), min(due, doing.today))
    doing.data |= {"due_lender": due.isoformat(), "due_patron": ill.due_patron.isoformat()}


def _leave_shelf(doing: Doing) -> None:
    doing.ill.shelf_code, doing.ill.hold_until = "", None


def _close_dialogue(doing: Doing) -> None:
    doing.ill.dialogues.filter(closed=None).update(closed=doing.now)


def _free_shelf_code() -> str:
    """'K7-27', not in use on the shelf now."""
    for _attempt in range(50):
        code = f"{secrets.choice(_SHELF_LETTERS)}{secrets.randbelow(9) + 1}-{secrets.randbelow(90) + 10}"
        if not ILLRequest.objects.filter(shelf_code=code).exists():
            return code
    return f"Z{secrets.randbelow(9)}-{secrets.randbelow(9000) + 1000}"
