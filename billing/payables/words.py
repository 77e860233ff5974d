"""What the codes of this room are called on its pages."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.payables import results
from illdesk import dates

RESULTS = {
    results.AGREES: gettext_lazy("Agrees"),
    results.TOO_MUCH: gettext_lazy("%(difference)s too much"),
    results.LESS: gettext_lazy("%(difference)s less than agreed"),
    results.NOT_AGREED: gettext_lazy("No price was agreed"),
    results.TWICE: gettext_lazy("Billed before: %(where)s"),
    results.NOT_FOUND: gettext_lazy("No request found"),
    results.CANDIDATES: gettext_lazy("Which request?"),
    results.CANCELLED: gettext_lazy("Cancelled before it was shipped"),
    results.WRONG_ITEM: gettext_lazy("The wrong item was sent"),
    results.OTHER_LENDER: gettext_lazy("%(supplier)s supplied it"),
    results.NOT_COME: gettext_lazy("Nothing was shipped for it yet"),
    results.NO_RATE: gettext_lazy("No rate for %(rate)s on %(day)s: enter one"),
    results.CREDIT: gettext_lazy("Credit"),
}
SHAPES = {
    results.AGREES: "ended_ok", results.LESS: "ended_ok", results.CREDIT: "ended_ok", results.CANDIDATES: "decision",
    results.NOT_FOUND: "decision", results.NOT_AGREED: "decision", results.NO_RATE: "decision",
}
# Why a match is likely, or not.
REASONS = {
    "number": gettext_lazy("our number"), "number_retyped": gettext_lazy("our number, typed differently"),
    "theirs": gettext_lazy("the lender’s number"), "external": gettext_lazy("number of another system"),
    "title": gettext_lazy("title"), "library": gettext_lazy("this library"), "date": gettext_lazy("date fits"),
    "amount": gettext_lazy("amount as agreed"), "other_library": gettext_lazy("but another library"),
    "other_title": gettext_lazy("but another title"), "other_date": gettext_lazy("but the date does not fit"),
}
# Why a file is not read that is a table, but no invoice.
REFUSALS = {
    "no_amount": gettext_lazy("No column is chosen for the amount. Choose it."),
    "no_lines": gettext_lazy("No line of this file can be read."),
}
# What of a row cannot be read.
PROBLEMS = {
    "amount": gettext_lazy("The amount cannot be read."),
    "no_amount": gettext_lazy("The row has no amount."),
    "nothing": gettext_lazy("The amount is nothing."),
    "words": gettext_lazy("Words without an amount; taken for a heading or a note."),
    "too_long": gettext_lazy("The row is too long to be one."),
    "ambiguous": gettext_lazy("The date may be read in two ways: say whether the day or the month comes first."),
    "date": gettext_lazy("The date cannot be read; the line is kept without it."),
    "currency": gettext_lazy("The row names another currency than the invoice."),
    "no_invoice": gettext_lazy("The row names no invoice."),
}
FIELDS = {
    "number": gettext_lazy("Our request number"), "theirs": gettext_lazy("Their number"),
    "external": gettext_lazy("OCLC or other number"), "title": gettext_lazy("Title"), "dated": gettext_lazy("Date"),
    "what": gettext_lazy("What it is"), "amount": gettext_lazy("Amount"), "currency": gettext_lazy("Currency"),
    "invoice": gettext_lazy("Invoice number"),
}
# Why two invoices look like one.
TWINS = {
    "number": gettext_lazy("the same number"), "amount": gettext_lazy("the same amount and date"),
    "lines": gettext_lazy("the same lines"),
}
# Why a line is disputed, as the letter says it.
DISPUTES = {
    results.TOO_MUCH: gettext_lazy("more than we agreed (%(agreed)s)"),
    results.TWICE: gettext_lazy("charged before (%(where)s)"),
    results.CANCELLED: gettext_lazy("cancelled before shipping; your confirmation is of %(day)s"),
    results.WRONG_ITEM: gettext_lazy("not the item we asked for"),
    results.OTHER_LENDER: gettext_lazy("supplied by another library"),
    results.NOT_COME: gettext_lazy("nothing was shipped to us for it yet"),
    results.NOT_FOUND: gettext_lazy("we find no request of ours for it"),
    results.CANDIDATES: gettext_lazy("we cannot tell which request it is for"),
    results.NOT_AGREED: gettext_lazy("no charge was agreed for it"),
}


def joined(names: Sequence[str], *, either: bool = False) -> str:
    """"1, 3 and 4"; with `either` "A. Chen or L. Ortiz"."""
    *most, last = [str(name) for name in names] or [""]
    between = _(" or ") if either else _(" and ")
    return ", ".join(most) + between + last if most else last


def lines(places: Sequence[int], most: int = 6) -> str:
    """"line 2", "lines 1 and 3"; of many the first ones."""
    said = joined([str(place) for place in places]) if len(places) <= most else ", ".join(
        [*(str(place) for place in places[:most]), "…"])
    return ngettext("line %(lines)s", "lines %(lines)s", len(places)) % {"lines": said}


CHARGED_BEFORE = gettext_lazy("charged before")


def where(found: dict) -> str:
    """Where it was charged before: "invoice 87950", "OCLC Fee Management, 11 Mar 2026"."""
    before = found.get("before") or {}
    if before.get("line"):
        return _("invoice %(number)s") % {"number": before.get("number") or "?"}
    day = dates.in_words(date.fromisoformat(before["day"])) if before.get("day") else ""
    return ", ".join(str(part) for part in (before.get("way"), day) if part)
