"""What people do with lines of a network's reports: decide about those that do not fit, and book."""

from billing.ifm.actions.booking import Totals, book, ready, totals, under_way
from billing.ifm.actions.lines import accept, again, aside, ask, compare_month, link, reopen, replace, undo
from billing.ifm.actions.missing import no_charge
from billing.ifm.actions.statements import settle_statement, state_month

__all__ = [
    "Totals", "accept", "again", "aside", "ask", "book", "compare_month", "link", "no_charge", "ready", "reopen",
    "replace", "settle_statement", "state_month", "totals", "under_way", "undo",
]
