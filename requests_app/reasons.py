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
    "lost": Reason(_("Lost"), "NotAvailableForILL", "Lost"),
    "embargo": Reason(_("Embargo"), "PolicyProblem", "Embargo"),
    "licence": Reason(_("Licence forbids"), "PolicyProblem", "Licence forbids"),
    "prefers_not": Reason(_("Prefers not to lend"), "PolicyProblem", "Prefers not to lend"),
    "delivery": Reason(_("Required delivery not possible"), "PolicyProblem", "Required delivery not possible"),
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
    "patron_wish": _("The patron no longer wants it"),
    "patron": _("Cancelled by the patron"),
    "cancel_granted": _("Cancelled; the lender agreed"),
    "borrower": _("Cancelled by the borrowing library"),
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
    if code in UNFILLED:
        return str(UNFILLED[code].label)
    return str(CANCELLED.get(code) or FROM_ISO.get(code) or code)
