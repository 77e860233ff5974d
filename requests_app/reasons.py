"""Why something ends or needs a look: codes with their words, and what ISO 18626 calls them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from requests_app.lifecycle import STATES


@dataclass(frozen=True)
class Reason:
    label: str | Promise
    iso: str  # reasonUnfilled code
    note: str = ""  # what the code cannot say goes into the message's note, in English


# "Not owned" (we never had it) is not "lacking" (we have the title, not this volume).
UNFILLED: dict[str, Reason] = {
    "in_use": Reason(_("In use"), "NotAvailableForILL", "In use"),
    "not_on_shelf": Reason(_("Not on shelf"), "NotOnShelf"),
    "not_owned": Reason(_("Not owned"), "NotHeld"),
    "lacking": Reason(_("Lacking this volume or issue"), "NotHeld", "Title held, this volume or issue lacking"),
    "non_circulating": Reason(_("Non-circulating"), "NonCirculating"),
    "bindery": Reason(_("At bindery"), "NotAvailableForILL", "At bindery"),
    "poor_condition": Reason(_("Poor condition"), "PoorCondition"),
    "policy": Reason(_("Policy"), "PolicyProblem"),
    "cost": Reason(_("Cost exceeds limit"), "PolicyProblem", "Cost exceeds limit"),
    "not_as_cited": Reason(_("Cannot find as cited"), "NotHeld", "Cannot find as cited"),
    "bad_citation": Reason(_("Bad citation"), "NotHeld", "Bad citation"),
    "on_order": Reason(_("On order"), "NotAvailableForILL", "On order"),
    "not_published": Reason(_("Not yet published"), "NotAvailableForILL", "Not yet published"),
    "technical": Reason(_("In technical processing"), "NotAvailableForILL", "In technical processing"),
    "lost": Reason(pgettext_lazy("of an item", "Lost"), "NotAvailableForILL", "Lost"),
    "embargo": Reason(_("Embargo"), "PolicyProblem", "Embargo"),
    "licence": Reason(_("Licence forbids"), "PolicyProblem", "Licence forbids"),
    "prefers_not": Reason(_("Prefers not to lend"), "PolicyProblem", "Prefers not to lend"),
    "delivery": Reason(_("Required delivery not possible"), "PolicyProblem", "Required delivery not possible"),
}

# How a request ends without anybody choosing a reason; on the wire as given here.
UNFILLED_BY_ITSELF: dict[str, Reason] = {
    "condition_lapsed": Reason(_("Condition not answered in time"), "PolicyProblem", "Condition not answered in time"),
}

# Rota and endings: why a lender, or a request, is out.
OUT: dict[str, str | Promise] = {
    "no_answer": _("No answer in time"),
    "never_came": _("It never came"),
    "condition_declined": _("Condition declined"),
    "not_confirmed": _("The lender never confirmed the return"),
    "online": _("It is online"),
}

# What partners send, in our words (open list: an unknown code is shown as it came).
FROM_ISO = {
    "NonCirculating": _("non-circulating"),
    "NotAvailableForILL": _("not available for interlibrary loan"),
    "NotHeld": _("not held"),
    "NotOnShelf": _("not on the shelf"),
    "PolicyProblem": _("against its policy"),
    "PoorCondition": _("in poor condition"),
    "Duplicate": _("asked twice"),
    "other": _("for another reason"),
}

CANCELLED: dict[str, str | Promise] = {
    "not_found": _("No library can lend it"),
    "own_it": _("We own it"),
    "free_online": _("Free online"),
    "duplicate": _("Asked twice"),
    "citation": _("The citation cannot be verified"),
    "policy": _("Outside what we can borrow"),
    "whole_work": _("Copyright does not let us copy the whole work; we can lend it or propose to buy it"),
    "copyright": _("Copyright allows no copy this year"),
    "bought": _("We buy it instead"),
    "patron_wish": _("The patron no longer wants it"),
    "not_collected": _("It was not picked up"),
    "patron": _("Cancelled by the patron"),
    "cancel_granted": _("Cancelled; the lender agreed"),
    "borrower": _("Cancelled by the borrowing library"),
}

# What a lender may ask before it supplies: label, ISO 18626 reasonRetry, LoanCondition where one says it.
CONDITIONS: dict[str, tuple[str | Promise, str, str]] = {
    "cost": (_("Cost"), "CostExceedsMaxCost", ""),
    "use_only": (_("Library use only"), "LoanCondition", "LibraryUseOnly"),
    "no_renewal": (_("No renewals"), "LoanCondition", "NoRenewals"),
    "signature": (_("Signature on delivery"), "LoanCondition", "SignatureRequired"),
    "no_copies": (_("No copies may be made"), "LoanCondition", "NoReproduction"),
    "reading_room": (_("Reading room with supervision"), "LoanCondition", "SpecCollSupervReq"),
    "edition": (_("Another edition or volume"), "ReqEditionNotPossible", ""),
    "later": (_("Available later"), "OnLoan", ""),
    "compliance": (_("Copyright compliance missing (CCG or CCL)"), "MustMeetLoanCondition", ""),
    "other": (pgettext_lazy("condition", "Something else"), "LoanCondition", ""),
}
# reasonRetry and LoanCondition codes of partners, in our words (open lists: others are shown as they came).
RETRY = {
    "AtBindery": _("at bindery"), "CostExceedsMaxCost": _("costs more than we offered"),
    "CourierNotSupp": _("our courier is not possible"), "MultiVolAvail": _("several volumes: which one?"),
    "MustMeetLoanCondition": _("a condition must be met"), "LoanCondition": _("a condition must be met"),
    "NotCurrentAvailableForILL": _("not available at present"), "NotFoundAsCited": _("not found as cited"),
    "OnLoan": _("on loan"), "OnOrder": _("on order"), "ReqDelDateNotPossible": _("not by the date needed"),
    "ReqDelMethodNotSupp": _("our way of delivery is not possible"),
    "ReqEditionNotPossible": _("not in this edition"), "ReqFormatNotPossible": _("not in this format"),
    "ReqPayMethodNotSupported": _("our way of paying is not possible"),
    "ReqServLevelNotSupp": _("this service level is not possible"),
    "ReqServTypeNotPossible": _("loan and copy: only the other is possible"),
    "LibraryUseOnly": _("library use only"), "WatchLibraryUseOnly": _("library use only, watched"),
    "NoReproduction": _("no copies may be made"), "SignatureRequired": _("signature on delivery"),
    "SpecCollSupervReq": _("reading room with supervision"), "NoRenewals": _("no renewals"),
}

# Copyright ground of a copy request (CONTU 3; ISO 18626 CopyrightCompliance).
COMPLIANCE: dict[str, str | Promise] = {
    "US-CCG": _("CCG: within the CONTU guidelines"),
    "US-CCL": _("CCL: other lawful ground"),
    "UK-FairDealing": _("Fair dealing (United Kingdom)"),
    "UK-CopyRFeePaid": _("The copyright fee is paid (United Kingdom)"),
    "AU-CopyrightActS49": _("Section 49: research or study (Australia)"),
    "AU-CopyrightActS50-1": _("Section 50(1): for a library (Australia)"),
    "AU-CopyrightActS50-7A": _("Section 50(7A): not to be had in reasonable time (Australia)"),
    "AU-CopyrightCleared": _("Cleared with the owner (Australia)"),
    "AU-GenBus": _("General business (Australia)"),
    "AU-CopyRCatS183ComW": _("Section 183: for the Commonwealth (Australia)"),
    "AU-CopyRCatS183State": _("Section 183: for a state (Australia)"),
    "EU-DirectiveOrphanWorks": _("Directive on orphan works (European Union)"),
    "EU-DirectiveRightsDigitalSingleMarket": _("Directive on the digital single market (European Union)"),
    "NZ-CopyrightActS54": _("Section 54 (New Zealand)"),
    "NZ-CopyrightActS55": _("Section 55 (New Zealand)"),
    "Other": pgettext_lazy("copyright ground", "Another ground"),
}

BAD_COPY: dict[str, str | Promise] = {
    "pages_missing": _("Pages are missing"),
    "unreadable": _("Parts cannot be read"),
    "wrong_item": _("It is not what I asked for"),
    "cut_off": _("Text is cut off at the edges"),
    "does_not_open": _("The file does not open"),
}
# The same for the other library, in English.
BAD_COPY_TOLD = {
    "pages_missing": "pages are missing", "unreadable": "parts are unreadable", "wrong_item": "it is another item",
    "cut_off": "text is cut off at the edges", "does_not_open": "the file does not open",
}

LOST: dict[str, str | Promise] = {
    "lost_there": _("Lost at the borrowing library"),
    "lost_by_patron": _("Lost by the patron"),
    "lost_here": _("Lost in our library"),
    "lost_on_way_here": _("Lost on its way here"),
    "lost_on_way_back": _("Lost on its way back"),
}

ATTENTION: dict[str, str | Promise] = {
    "patron_wrote": _("patron wrote"),
    "partner_wrote": _("library wrote"),
    "message_not_understood": _("see message"),
    "send_failed": _("not sent"),
    "refused": _("refused"),
    "cancel_refused": _("cancel refused"),
    "no_email": _("tell the patron"),
    "overdue": _("overdue there"),
    "recalled": _("recalled"),
    "renew_asked": _("renewal asked"),
    "due_differs": _("due date differs"),
    "late": _("ships late"),
    "condition_accepted": _("condition accepted"),
    "lost_there": _("lost there"),
    "bad_copy": _("bad copy"),
    "resend_late": _("new copy late"),
    "file_not_fetched": _("file not fetched"),
    "owned": _("we own it"),
    "online": _("it is online"),
    "declared": _("declaration signed"),
    "place_free": _("a place is free"),
    "wait_over": _("waited long enough"),
}

# Messages between libraries by the standard's own names; English shows these as they are.
MESSAGES: dict[str, str | Promise] = {
    "Request": pgettext_lazy("message", "Request"),
    "Cancel": pgettext_lazy("message", "Cancel"),
    "Cancelled": pgettext_lazy("message", "Cancelled"),
    "Cancel refused": pgettext_lazy("message", "Cancel refused"),
    "CancelResponse Y": pgettext_lazy("message", "CancelResponse Y"),
    "CancelResponse N": pgettext_lazy("message", "CancelResponse N"),
    "WillSupply": pgettext_lazy("message", "WillSupply"),
    "Loaned": pgettext_lazy("message", "Loaned"),
    "Unfilled": pgettext_lazy("message", "Unfilled"),
    "Received": pgettext_lazy("message", "Received"),
    "ShippedReturn": pgettext_lazy("message", "ShippedReturn"),
    "LoanCompleted": pgettext_lazy("message", "LoanCompleted"),
    "Renew": pgettext_lazy("message", "Renew"),
    "Overdue": pgettext_lazy("message", "Overdue"),
    "Recalled": pgettext_lazy("message", "Recalled"),
    "StatusRequest": pgettext_lazy("message", "StatusRequest"),
    "Status": pgettext_lazy("message", "Status"),
    "Notification": pgettext_lazy("message", "Notification"),
    "Retry": pgettext_lazy("message", "Retry"),
    "Reminder": pgettext_lazy("message", "Reminder"),
    "RetryPossible": pgettext_lazy("message", "RetryPossible"),
    "CopyCompleted": pgettext_lazy("message", "CopyCompleted"),
    "CompletedWithoutReturn": pgettext_lazy("message", "CompletedWithoutReturn"),
    "RenewResponse Y": pgettext_lazy("message", "RenewResponse Y"),
    "RenewResponse N": pgettext_lazy("message", "RenewResponse N"),
    "Renewal granted": pgettext_lazy("message", "Renewal granted"),
    "Renewal refused": pgettext_lazy("message", "Renewal refused"),
    "Lost": pgettext_lazy("message", "Lost"),
    "Found": pgettext_lazy("message", "Found"),
    "Resend": pgettext_lazy("message", "Resend"),
    "Condition declined": pgettext_lazy("message", "Condition declined"),
    "File": pgettext_lazy("message", "File"),
}


# What became of a partner's message.
OUTCOMES: dict[str, str | Promise] = {
    "reminder": _("a reminder"),
    "status_told": _("status told"),
    "late": _("older than what we know; noted"),
    "noted": _("noted"),
    "due_differs": _("due date differs; noted"),
    "note_for_staff": _("a note for staff"),
}


def outcome_shown(code: str) -> str:
    """Words for a message's outcome; what is no code (an error's text) stands as it is."""
    kind, _sep, state = code.partition(":")
    if kind == "state" and state in STATES:
        return str(STATES[state].label)
    return str(OUTCOMES.get(code, code))


def shown(code: str) -> str:
    """A reason's words, whatever list it is from."""
    if (row := unfilled(code)) is not None:
        return str(row.label)
    lists = (CANCELLED, FROM_ISO, OUT, LOST, BAD_COPY)
    return next((str(words[code]) for words in lists if code in words), code)


def unfilled(code: str) -> Reason | None:
    return UNFILLED.get(code) or UNFILLED_BY_ITSELF.get(code)


def condition_shown(code: str) -> str:
    """What a lender asks: our code, or the partner's."""
    return str(CONDITIONS[code][0]) if code in CONDITIONS else str(RETRY.get(code, code))
