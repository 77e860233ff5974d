"""What can happen to an invoice from a library. Each is check, change, record; nothing is sent inside."""

from billing.payables.actions.answers import accept, change_line, general, match_to, rematch, settle_dispute, withdraw
from billing.payables.actions.approving import approve, ask, reject, reopen, return_, take_back
from billing.payables.actions.correcting import change_page
from billing.payables.actions.disputes import dispute
from billing.payables.actions.entry import Head, Typed, change, enter, say_no_twin
from billing.payables.actions.files import discard, enter_file, look_at
from billing.payables.actions.mail import Part, from_mail
from billing.payables.actions.papers import keep_back, pass_on
from billing.payables.actions.settling import back, paid, unpaid

__all__ = [
    "Head", "Part", "Typed", "accept", "approve", "ask", "back", "change", "change_line", "change_page", "discard",
    "dispute", "enter", "enter_file", "from_mail", "general", "keep_back", "look_at", "match_to", "paid", "pass_on",
    "reject", "rematch", "reopen", "return_", "say_no_twin", "settle_dispute", "take_back", "unpaid", "withdraw",
]
