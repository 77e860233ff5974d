"""A code that was scanned: which request it belongs to, which step is due, and taking it when nothing is asked.

"By state" takes the step that is due for the item in one's hands. Decisions (answering a library, choosing a
lender) are never taken by a scan: only the steps of `HANDLES`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from illdesk import actors
from illdesk.errors import BadAnswer, DeskError
from illdesk.models import User
from requests_app import access, bulk, lifecycle, search
from requests_app.actions import perform, spoken, then
from requests_app.lists.queues import RELATED
from requests_app.models import ILLRequest

HANDLES = {
    "receive", "shelve", "check_out", "check_in", "ship_back", "start_search", "found", "reshelve", "hand_over",
}
BY_STATE = ""
# Mode → words, and the steps it takes; by state: what is due.
MODES: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    BY_STATE: (gettext_lazy("by state"), ()),
    "receive": (gettext_lazy("receive"), ("receive",)),
    "shelve": (gettext_lazy("put on hold shelf"), ("shelve",)),
    "check_out": (gettext_lazy("check out"), ("check_out", "hand_over")),
    "return": (gettext_lazy("check in"), ("check_in",)),
    "ship_back": (gettext_lazy("ship back"), ("ship_back",)),
    "reshelve": (gettext_lazy("back on the shelf"), ("reshelve",)),
}
DONE, ASKS, NOT_DONE, SEVERAL, UNKNOWN = "done", "asks", "not_done", "several", "unknown"
MOST = 20


@dataclass
class Scanned:
    """What became of one scan. `step`: what fits now and can be offered; `ills`: when several are meant."""

    code: str
    verdict: str
    headline: str
    words: str
    ill: ILLRequest | None = None
    step: lifecycle.Step | None = None
    action: str = ""
    ills: tuple[ILLRequest, ...] = ()


def find(user: User, code: str) -> list[ILLRequest]:
    """The open requests that this code names; else those that ended, newest first (a barcode serves many years)."""
    rows = search.exactly(code[:200]).filter(kind__in=access.kinds_seen(user)).select_related(*RELATED, "branch")
    open_ones = list(rows.filter(state__in=lifecycle.open_states()).order_by("-pk")[:MOST])
    return open_ones or list(rows.order_by("-pk")[:MOST])


def due(user: User, ill: ILLRequest) -> lifecycle.Step | None:
    """The step that comes next for this person."""
    return next(
        (step for step in lifecycle.steps_for(ill) if not step.quiet and user.may(step.permission)), None
    )


def scan(user: User, code: str, *, mode: str = BY_STATE, just_done: bool = False, now: datetime) -> Scanned:
    """`just_done`: this code was done a moment ago, so a second beep must not take a second step."""
    found = find(user, code)
    if not found:
        return Scanned(code, UNKNOWN, _("Not found"), _(
            "No request has this number, barcode, shelf code or number of the other library. "
            "Scan it again, or look for the title."
        ))
    if len(found) > 1:
        return Scanned(code, SEVERAL, _("Several requests"), _("Choose the one that you have in your hands."),
                       ills=tuple(found))
    ill = found[0]
    step = _step(user, ill, mode)
    if just_done:
        return _offer(user, code, ill, NOT_DONE, _("Scanned twice"),
                      _("It was done a moment ago; nothing happened now."))
    if step is None:
        return _offer(user, code, ill, NOT_DONE, _("Not done"), _why(ill, mode))
    answers = bulk.own_answers(step, ill) if bulk.ASKS.get(step.form) == bulk.OWN else {}
    if answers is None or (step.form and bulk.ASKS.get(step.form) != bulk.OWN):
        return Scanned(code, ASKS, _label(step, ill), _("Something must be entered first."), ill, step)
    return _take(user, code, ill, step, answers, now)


def _step(user: User, ill: ILLRequest, mode: str) -> lifecycle.Step | None:
    _words, actions = MODES.get(mode, MODES[BY_STATE])
    if not actions:
        step = due(user, ill)
        return step if step is not None and step.action in HANDLES else None
    fitting = (lifecycle.find(ill, action, by="staff") for action in actions)
    return next((step for step in fitting if step is not None), None)


def _label(step: lifecycle.Step, ill: ILLRequest) -> str:
    return spoken(step.label, ill).rstrip("…")


def _take(
    user: User, code: str, ill: ILLRequest, step: lifecycle.Step, answers: dict[str, Any], now: datetime
) -> Scanned:
    # Its first sentence says where the request goes, which the verdict shows; the others say who is told.
    _goes, _stop, told = then(step, ill).partition(". ")
    try:
        perform(ill, step.action, actor=actors.staff(user), now=now, seen_version=ill.version, **answers)
    except BadAnswer as refusal:
        return Scanned(code, ASKS, _label(step, ill), str(refusal), ill, step)
    except DeskError as refusal:
        return _offer(user, code, ill, NOT_DONE, _("Not done"), str(refusal))
    return Scanned(code, DONE, str(ill.state_row.label), told, ill, due(user, ill), action=step.action)


def _why(ill: ILLRequest, mode: str) -> str:
    """What stands in the way, in the words of the desk."""
    if not ill.is_open:
        return _("This request is %(state)s. If it lies before you, look at its history.") % {
            "state": ill.state_row.label
        }
    if mode != BY_STATE:
        return _("It is %(state)s: “%(mode)s” does not fit.") % {
            "state": ill.state_row.label, "mode": MODES[mode][0]
        }
    return _("It is %(state)s: no step of handling the item is due.") % {"state": ill.state_row.label}


def _offer(user: User, code: str, ill: ILLRequest, verdict: str, headline: str, words: str) -> Scanned:
    return Scanned(code, verdict, headline, words, ill, due(user, ill))


def undo_of(ill: ILLRequest, version: int) -> lifecycle.Step | None:
    """The step that takes a scan back, where the table has one and nothing came after the scan (`version`)."""
    return lifecycle.find(ill, lifecycle.UNDO, by="staff") if ill.version == version else None
