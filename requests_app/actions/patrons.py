"""Telling the patron; and the one rule for the two due dates."""

from datetime import date, timedelta

from requests_app import letters
from requests_app.actions import Doing

# What cannot be meant, as a partner's year 1.
_TOO_FAR = 3660


def tell_patron(doing: Doing, code: str, *, added: str = "", values: dict | None = None) -> None:
    """Write the letter; without an address somebody at the desk has to tell the patron."""
    ill = doing.ill
    sent = letters.to_patron(ill, code, now=doing.now, added=added, values=values, event_key=str(ill.version))
    if sent is None and ill.patron:
        doing.data["untold"] = True
        doing.attend("no_email")


def set_due(doing: Doing, due: date | None) -> bool:
    """The patron's date is the lender's less the margin, but never before today; False when there is none.

    A date that cannot be meant is left out; its message keeps it.
    """
    if due is None or abs((due - doing.today).days) > _TOO_FAR:
        return False
    ill = doing.ill
    ill.due_lender = due
    ill.due_patron = max(due - timedelta(days=doing.policy.margin_days), min(due, doing.today))
    doing.data |= {"due_lender": due.isoformat(), "due_patron": ill.due_patron.isoformat()}
    return True
