"""The life of an invoice from a library: states and steps as data; `actions` and the pages read this table. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

READING, RECEIVED, ENTERED, ASKED, APPROVED, BACK, PAID, REJECTED = (
    "reading", "received", "entered", "asked", "approved", "back", "paid", "rejected",
)


@dataclass(frozen=True)
class State:
    """`family`: its shape and colour; `works`: what can be changed in it."""

    code: str
    label: str | Promise
    family: str
    works: bool = False
    ended: bool = False


STATES: Mapping[str, State] = {state.code: state for state in (
    State(READING, _("Being read"), "others"),
    State(RECEIVED, _("To key in"), "ours", works=True),
    State(ENTERED, _("Lines to answer"), "ours", works=True),
    State(ASKED, _("To approve"), "decision"),
    State(BACK, _("Sent back by the budget office"), "trouble", works=True),
    State(APPROVED, _("Approved"), "others"),
    State(PAID, _("Paid"), "ended_ok", ended=True),
    State(REJECTED, _("Refused"), "ended_not", ended=True),
)}
# What "entered" comes to, by its lines: how it is called in lists and on its page.
READY, HELD, QUESTIONED = "ready", "held", "questioned"
STANDINGS: Mapping[str, State] = {state.code: state for state in (
    State(READY, _("Ready to ask for approval"), "ours", works=True),
    State(HELD, _("To be put right"), "ours", works=True),
    State(QUESTIONED, _("Disputed, waits for the library"), "others", works=True),
)}
OPEN = tuple(code for code, state in STATES.items() if not state.ended)
WORKS = tuple(code for code, state in STATES.items() if state.works)


@dataclass(frozen=True)
class Step:
    """`right`: "" where only other rooms take it. `target` "" stays."""

    code: str
    sources: tuple[str, ...]
    target: str
    label: str | Promise
    right: str = "work_payables"


STEPS: Mapping[str, Step] = {step.code: step for step in (
    Step("read", (READING,), ENTERED, _("All lines are read"), ""),
    Step("key_in", (RECEIVED, ENTERED, BACK), ENTERED, _("Key in")),
    Step("answer", (ENTERED, BACK), "", _("Answer a line")),
    Step("match", (ENTERED, BACK), "", _("Match again")),
    Step("ask", (ENTERED, BACK), ASKED, _("Ask for approval")),
    Step("withdraw", (ASKED,), ENTERED, _("Withdraw from approval")),
    Step("approve", (ASKED,), APPROVED, _("Approve"), "approve_payables"),
    Step("return", (ASKED,), ENTERED, _("Return to who entered it"), "approve_payables"),
    Step("reject", (RECEIVED, ENTERED, BACK), REJECTED, _("Refuse this invoice")),
    Step("reopen", (REJECTED,), ENTERED, _("Open it again")),
    Step("back", (APPROVED,), BACK, _("Sent back by the budget office"), ""),
    Step("paid", (APPROVED,), PAID, _("Paid"), ""),
    Step("unpaid", (PAID,), APPROVED, _("Not paid after all"), ""),
)}


def may(state: str, step: str) -> bool:
    return state in STEPS[step].sources
