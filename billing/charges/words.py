"""Codes of charges in words. Pure."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

# Why something was charged: for staff, and for the patron.
REASONS: Mapping[str, tuple[Text, Text]] = {
    "late": (_("Returned late"), _("It came back after its due date.")),
    "overdue": (_("Still overdue"), _("It is overdue.")),
    "lost_by_patron": (_("Lost by the patron"), _("It was lost while you had it.")),
    "not_returned": (_("Not returned"), _("It did not come back to us.")),
    "damaged": (_("Damaged while the patron had it"), _("It was damaged while you had it.")),
    "rush": (_("Rush was asked for"), _("You asked for it in a hurry.")),
    "share": (_("Share of the lender's charge"), _("Your share of what the lending library charged.")),
    "printed": (_("Printing or mailing"), _("Printing or mailing.")),
    "other": (_("Another reason"), _("See our note, or ask us.")),
}
# Which of them fit what is charged; another reason fits everything.
FITTING: Mapping[str, tuple[str, ...]] = {
    "overdue": ("late", "overdue", "other"), "lost": ("lost_by_patron", "not_returned", "other"),
    "damaged": ("damaged", "other"), "rush": ("rush", "other"), "share": ("share", "other"),
    "other": ("printed", "other"),
}
# Why something was waived or cancelled.
WAIVED: Mapping[str, Text] = {
    "our_error": _("Our mistake"), "first_time": _("First time"), "hardship": _("Hardship"), "ill": _("Illness"),
    "goodwill": _("Goodwill"), "uncollectable": _("Cannot be collected"), "small": _("Too small to collect"),
    "appeal": _("Appeal granted"), "appeal_part": _("Appeal granted in part"), "returned": _("It was returned"),
    "found": _("It was found"),
    "lender": _("The lender's invoice"), "mistake": _("Entered by mistake"), "undone": _("The step was undone"),
}
# By hand one chooses among these.
TO_WAIVE = ("our_error", "first_time", "hardship", "ill", "goodwill", "uncollectable", "small")
TO_CANCEL = ("our_error", "mistake", "returned", "found")

MOVES: Mapping[str, Text] = {
    "charged": _("Charged"), "raised": _("More charged"), "lowered": _("Less charged"), "paid": _("Paid"),
    "credit_used": _("Paid from credit"), "waived": _("Waived"), "unwaived": _("Waiver taken back"),
    "returned": _("Becomes credit"), "handed": _("Handed to the local billing system"),
    "taken_back": _("Taken back from the local billing system"), "paid_there": _("Paid to the local billing system"),
    "overpaid": _("Paid more than was owed: credit"), "refunded": _("Paid back to the patron"),
    "undone": _("Undone"),
}


def of_move(what: str, why: str) -> Text:
    """What happened; what an appeal took away is no waiver to whoever appealed."""
    return WAIVED[why] if what == "waived" and why in ("appeal", "appeal_part") else MOVES.get(what, what)


def reason(code: str) -> Text:
    return REASONS[code][0] if code in REASONS else WAIVED.get(code, code)


def to_patron(code: str) -> Text:
    return REASONS[code][1] if code in REASONS else ""
