"""What the reader says in codes, in words; what can be done about a line that does not fit."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

# Why a file is not read that is a table, but no report of a month.
REFUSALS: Mapping[str, Text] = {
    "large": _("This file is too large for a report of a month. Nothing was kept. Choose another file."),
    "no_head": _("No row with names of columns was found. The report needs one on top of its lines."),
}
PROBLEMS: Mapping[str, Text] = {
    "amount": _("The amount cannot be read."), "nothing": _("There is no amount."), "day": _("The day cannot be read."),
    "kind": _("It is not clear whether it is a debit or a credit, of borrowing or of lending."),
    "number": _("The number of the request is missing."), "currency": _("The currency cannot be read."),
    "total": _("A line with totals: passed over."), "too_long": _("The row is too long to be one."),
}
FIELDS: Mapping[str, Text] = {
    "number": _("number of the request"), "day": _("day"), "amount": _("amount"), "currency": _("currency"),
    "symbol": _("symbol of the library"), "name": _("name of the library"),
    "kind": _("what it is (debit, credit, fee)"),
}


@dataclass(frozen=True)
class Step:
    """What a person can do with a line. `asks`: the one thing its form wants to know: "request", "loan", "reason",
    "text", or '' for a bare button."""

    code: str
    label: Text
    asks: str
    then: Text = ""


STEPS: Mapping[str, Step] = {step.code: step for step in (
    Step("link", _("Link to a request…"), "request", _("The number is kept with the request; the line is compared "
                                                        "again.")),
    Step("dummy", _("Dummy request of a loan…"), "loan", _("The number is kept with the loan as made only to carry "
                                                           "money; it counts in no figure.")),
    Step("ask", _("Ask the library…"), "text", _("A letter goes to the library; the line waits.")),
    Step("ask_network", _("Ask OCLC…"), "text", _("A letter goes to the address for questions; the line waits.")),
    Step("accept", _("Accept with a reason…"), "reason", _("It will be booked as the report has it.")),
    Step("replace", _("Put in the place of the earlier amount"), "", _("The earlier booking is undone; this amount is "
                                                                      "booked.")),
    Step("aside", _("Do not book…"), "reason", _("It is not booked; say why, for example that an invoice comes "
                                                 "instead.")),
    Step("reopen", _("Decide again"), "", _("It is compared again with our requests.")),
    Step("undo", _("Undo the booking…"), "reason", _("The entry is reversed; the line can be decided anew.")),
)}
# For each result the steps that help, the first as a button and the others behind it.
NEXT: Mapping[str, tuple[str, ...]] = {
    "no_request": ("link", "dummy", "ask", "accept", "aside"), "several": ("link", "accept", "aside"),
    "not_filled": ("ask", "ask_network", "accept", "aside"), "amount": ("ask", "accept", "aside"),
    "twice": ("ask_network", "ask", "aside", "accept"), "no_original": ("link", "accept", "aside"),
    "too_much": ("accept", "ask", "aside"), "fee_amount": ("accept", "ask_network", "aside"),
    "changed": ("replace", "accept", "aside"), "undone": ("reopen", "aside"),
}


def steps_of(line) -> list[Step]:
    """What can be done with this line as it stands."""
    if line.state == line.OPEN:
        return [STEPS[code] for code in NEXT.get(line.result, ("accept", "aside"))]
    if line.state in (line.READY, line.ASIDE):
        return [STEPS["reopen"]] if line.decided else [STEPS["dummy"], STEPS["aside"]]
    return [STEPS["undo"]] if line.state == line.BOOKED else []
