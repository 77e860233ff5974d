"""What can be, and what can happen: every state and every step of a request, as a table.

Buttons, permissions, the ISO 18626 inbox and outbox, the clock, the help page's diagram, `manage.py
show_lifecycle` and many tests are readers of it. `perform()` (actions/__init__.py) is its one writer. What a
library may choose (days, letters) is data in the database; this is programmers' data next to its reader.

`table.py` is the shape of the rows, `states.py` the states, `borrowing.py`, `lending.py`, `documents.py` and
`beside.py` the steps in the order of the work.

ISO 18626 codes are written `request:New`, `status:Loaned`, `action:Received`, `cancel:Y` and `renew:N` (the
answers to a Cancel and a Renew): which element carries it, and its value (ISO 18626:2017, version 1.2).
`note:REJECT` is a Notification with a word that partners agree upon; `note:TEXT` one that a person wrote.
"""

from datetime import date, datetime

from requests_app.lifecycle import beside, borrowing, documents, lending
from requests_app.lifecycle.states import FIRST, STATES
from requests_app.lifecycle.table import (
    BORROWING,
    COPY,
    DOCUMENTS,
    KINDS,
    LENDING,
    LOAN,
    PREFIXES,
    UNDO,
    State,
    Step,
)
from requests_app.lifecycle.undo import ways_back

__all__ = [
    "BORROWING", "COPY", "DOCUMENTS", "FIRST", "KINDS", "LENDING", "LOAN", "PREFIXES", "STATES", "STEPS", "UNDO",
    "State", "Step", "due_rows", "find", "is_due", "iso_in_codes", "named", "open_states", "problems", "state_for",
    "step_for_message", "steps_for", "taken",
]  # fmt: skip

_WORK = (*borrowing.STEPS, *lending.STEPS, *documents.STEPS, *beside.STEPS)
STEPS: tuple[Step, ...] = (*_WORK, *ways_back(_WORK))


def open_states(side: str = "") -> list[str]:
    """Codes of the states in which work is open, in the order of the work; `later` ones left out."""
    return [
        code for code, state in STATES.items()
        if not state.ended and not state.later and side in ("", state.side)
    ]


def state_for(side: str, slug: str) -> State | None:
    state = STATES.get(f"{side}.{slug.replace('-', '_')}")
    return None if state is None or state.later else state


def find(ill, action: str, by: str = "") -> Step | None:
    """The row by which this request can take this action now (by staff, patron, partner), or None."""
    return next(
        (step for step in STEPS if step.action == action and by in ("", step.by) and step.fits(ill)), None
    )


def named(action: str, side: str = "") -> Step | None:
    """Any row of this action, for its label."""
    rows = [step for step in STEPS if step.action == action]
    return next((step for step in rows if not side or step.sources[0].startswith(side)), rows[0] if rows else None)


def taken(action: str, source: str, target: str) -> Step | None:
    """The row by which an event of this action led from one state to another (or stayed)."""
    return next(
        (s for s in _FROM.get(source, ()) if s.action == action and (s.target or source) == target), None
    )


def steps_for(ill, by: str = "staff") -> list[Step]:
    """What can be done with this request now: the work first, what stands beside it last."""
    fitting = [step for step in _FROM.get(ill.state, ()) if step.by == by and step.fits(ill)]
    return sorted(fitting, key=lambda step: step.quiet)


def step_for_message(ill, code: str) -> Step | None:
    """The row that a partner's message with this code takes in this state, or None."""
    return next(
        (step for step in STEPS if step.by == "partner" and step.hears(code) and step.fits(ill)), None
    )


def iso_in_codes() -> set[str]:
    return {code for step in STEPS for code in step.iso_in.split()}


def due_rows() -> list[Step]:
    """The rows that the clock takes when their date has passed."""
    return [step for step in STEPS if step.when]


def is_due(ill, step: Step, *, now: datetime, today: date) -> bool:
    """Has the date passed? A moment when it is reached; a day when the next one has begun."""
    at = getattr(ill, step.when)
    return at is not None and (at <= now if isinstance(at, datetime) else at < today)


_FROM: dict[str, list[Step]] = {
    code: [step for step in STEPS if code in step.sources] for code in STATES
}


def problems(states: dict[str, State] | None = None, steps: tuple[Step, ...] | None = None) -> list[str]:
    """What is wrong with the table, in sentences; the system check refuses a table with any."""
    states = STATES if states is None else states
    steps = STEPS if steps is None else steps
    live = {code for code, state in states.items() if not state.later}
    found = []
    for step in steps:
        for code in (*step.sources, *([step.target] if step.target else [])):
            if code not in states:
                found.append(f"Step {step.action} names the state {code}, which does not exist.")
            elif code not in live:
                found.append(f"Step {step.action} uses {code}, which is marked as coming later.")
    reached = set(FIRST)
    leads = {code for code in live if states[code].ended}
    onward = [step for step in steps if step.action != UNDO]
    for _round in states:
        reached |= {s.target for s in onward if s.target and reached & set(s.sources)}
        leads |= {c for s in onward if s.target in leads for c in s.sources}
    found += [f"State {code} cannot be reached." for code in sorted(live - reached)]
    found += [f"State {code} is a dead end." for code in sorted(live - leads)]
    for step in steps:
        if step.follow and not any(
            other.action == step.follow and step.target in other.sources for other in steps
        ):
            found.append(f"Step {step.action} is followed by {step.follow}, which {step.target} does not have.")
    for index, one in enumerate(steps):
        for other in steps[index + 1 :]:
            if not _can_meet(one, other):
                continue
            where = ", ".join(sorted(set(one.sources) & set(other.sources)))
            if one.action == other.action and one.by == other.by:
                found.append(f"Action {one.action} stands twice for {where}.")
            if both := set(one.iso_in.split()) & set(other.iso_in.split()):
                found.append(f"Message {', '.join(sorted(both))} is ambiguous in {where}.")
            if one.when and one.when == other.when:
                found.append(f"The clock has two rows for {one.when} in {where}.")
    return found


def _can_meet(one: Step, other: Step) -> bool:
    """Could both rows fit the same request?"""
    if one.action == other.action == UNDO and one.target != other.target:
        return False
    return (
        bool(set(one.sources) & set(other.sources))
        and (not one.service or not other.service or one.service == other.service)
        and not set(one.unless.split()) & set(other.only.split())
        and not set(one.only.split()) & set(other.unless.split())
    )
