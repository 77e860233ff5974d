"""`perform()`: the only way a request moves. One transaction, or nothing happened.

Find the row of the table or say why not; check the right; one conditional UPDATE on (state, version),
else Stale; run the step's function; record one event; put the partner's message into the outbox; take the
step that follows by itself, where the table names one and it is possible.
Functions of steps that do more than move are registered with `@does("ship")` in the files beside this one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from illdesk import crash, events, rows
from illdesk.actors import SYSTEM, Actor
from illdesk.errors import NotAllowed, Stale
from illdesk.models import Event
from requests_app import lifecycle
from requests_app.models import ILLRequest, LoanPolicy, Note


@dataclass
class Doing:
    """What a step's function works with. It changes `ill`'s fields; perform() saves them."""

    ill: ILLRequest
    step: lifecycle.Step
    actor: Actor
    now: datetime
    answers: dict[str, Any]
    data: dict[str, Any] = field(default_factory=dict)  # goes into the event: ids, codes, numbers
    memo: dict[str, Any] = field(default_factory=dict)  # what a function leaves for who tells the partner
    before: dict[str, Any] = field(default_factory=dict)  # the request's columns as they were

    @property
    def was(self) -> str:
        """The state it stood in before the step."""
        return self.before.get("state", self.ill.state)

    @property
    def today(self) -> date:
        """The library's day."""
        return timezone.localtime(self.now).date()

    @cached_property
    def policy(self) -> LoanPolicy:
        """The library's days and limits: one query, and only for steps that need it."""
        return LoanPolicy.current()

    def attend(self, why: str) -> None:
        """Somebody must look at it; `why` is a code of `reasons.ATTENTION`."""
        self.ill.attention, self.ill.attention_why = self.now, why

    def note(self, kind: str, text: str) -> None:
        """Keep words about this step in their own row; the event points at it."""
        if text.strip():
            row = Note.objects.create(
                ill=self.ill, kind=kind, text=text.strip(), author=self.actor.user, at=self.now
            )
            self.data["note"] = row.pk


FUNCTIONS: dict[str, Callable[[Doing], None]] = {}
# Side → function(doing) that tells the other library (filled by exchange/channel.py).
TELL: list[Callable[[Doing], None]] = []
# Who looks at every step after its own function, in its transaction; may raise (copyright/steps.py).
WATCH: list[Callable[[Doing], None]] = []


class Elsewhere(NotAllowed):
    """The step cannot be taken, and the request goes another way: `action` is taken instead, by the system, and the
    sentence says why."""

    def __init__(self, sentence: str, *, action: str):
        super().__init__(sentence)
        self.action = action


def does(*actions: str):
    def register(function):
        for action in actions:
            FUNCTIONS[action] = function
        return function

    return register


def perform(
    ill: ILLRequest,
    action: str,
    *,
    actor: Actor,
    now: datetime | None = None,
    seen_version: int | None = None,
    cause: Event | None = None,
    **answers,
) -> Event:
    """Take one step. Raises NotAllowed, Stale or BadAnswer, each with a sentence; then nothing happened. Of
    Elsewhere, which is a NotAllowed, another step was taken instead.

    `seen_version`: the version that the person had on the screen; None for messages and the clock.
    `cause`: the event that this step follows by itself.
    """
    now = now or timezone.now()
    row = lifecycle.find(ill, action, by="" if actor.kind in ("system", "clock") else actor.kind)
    if seen_version is not None and seen_version != ill.version and not (row and row.aside):
        raise Stale(what_happened(ill, seen_version))
    if row is None:
        raise NotAllowed(why_not(ill, action))
    _check_right(ill, row, actor)
    before = _values(ill)
    try:
        with transaction.atomic():
            _move(ill, row, now)
            moved = _values(ill)
            doing = Doing(ill, row, actor, now, answers, before=before)
            if (function := FUNCTIONS.get(action)) is not None:
                function(doing)
            for watch in WATCH:
                watch(doing)
            if row.iso_out and not can_tell(ill):
                doing.data["untold"] = True
            written: list[rows.Statement] = []
            if not row.aside:
                ill.undo_to = before["state"] if row.undoable else ""
                if row.undoable:
                    doing.data["was"] = _undoable(ill, before)
                # Only what the step changed: a mark that somebody set a moment ago must not be wiped out.
                written = rows.updating(ill, *(name for name, value in _values(ill).items() if value != moved[name]))
            if ill.partner_id:
                doing.data.setdefault("library", ill.partner_id)  # the history names it when another is asked later
            event = events.record(
                f"request.{action}",
                subject=ill.subject,
                actor=actor,
                now=now,
                data={"from": before["state"], "to": ill.state, "v": ill.version} | doing.data,
                cause=cause,
                along=written,
            )
            doing.data["event"] = event.pk
            if row.iso_out:
                for tell in TELL:
                    tell(doing)
            if row.follow:
                _follow(ill, row.follow, cause=event, now=now)
            crash.point("perform.before_commit")
    except Exception as refusal:
        for name, value in before.items():
            setattr(ill, name, value)
        if isinstance(refusal, Elsewhere):
            perform(ill, refusal.action, actor=SYSTEM, now=now, cause=cause)
        raise
    return event


# What a step of which nobody was told may change besides the state: enough to take it back.
_UNDOABLE = ("shelf_code", "hold_until", "respond_by", "partner_id")


def _undoable(ill: ILLRequest, before: dict[str, Any]) -> dict[str, Any]:
    """The changed columns as they were, as an event can hold them."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name in _UNDOABLE
        if (value := before[name]) != getattr(ill, name)
    }


def _follow(ill: ILLRequest, action: str, *, cause: Event, now: datetime) -> None:
    """Take the step that comes by itself; where it is not possible, people see where the request stands."""
    if lifecycle.find(ill, action) is None:
        return
    try:
        perform(ill, action, actor=SYSTEM, now=now, cause=cause)
    except NotAllowed:
        return


def _values(ill: ILLRequest) -> dict[str, Any]:
    """The columns of the row as they stand in memory."""
    return {field.attname: getattr(ill, field.attname) for field in ill._meta.concrete_fields}


def why_not(ill: ILLRequest, action: str) -> str:
    row = lifecycle.named(action, ill.kind)
    if row is None:
        return _("There is no step of that name.")
    return _("“%(step)s” is not possible while %(number)s is %(state)s.") % {
        "step": _plain(row, ill), "number": ill.number, "state": ill.state_row.label,
    }


def what_happened(ill: ILLRequest, seen_version: int) -> str:
    """Who changed the request since somebody looked at it, in one sentence."""
    aside = {f"request.{step.action}" for step in lifecycle.STEPS if step.aside}
    last = (
        Event.objects.filter(subject_kind="request", subject_id=ill.pk, data__v__gt=seen_version)
        .exclude(name__in=aside)
        .select_related("actor")
        .order_by("-id")
        .first()
    )
    if last is None:
        return _("This request changed while you were looking at it. It is now %(state)s.") % {
            "state": ill.state_row.label
        }
    row = lifecycle.named(last.name.removeprefix("request."), ill.kind)
    return _("%(who)s was faster: “%(step)s” at %(time)s. The request is now %(state)s.") % {
        "who": who(last, ill),
        "step": _plain(row, ill) if row else last.name,
        "time": timezone.localtime(last.at).strftime("%H:%M"),
        "state": ill.state_row.label,
    }


def who(event: Event, ill: ILLRequest, symbol: str = "") -> str:
    """The name of who did it, as colleagues call them. `symbol`: of the library that the event was about."""
    if event.actor is not None:
        return event.actor.short_name
    if event.actor_kind == "partner" and (symbol or ill.partner is not None):
        return symbol or (ill.partner.symbol if ill.partner else "")
    return {"patron": _("The patron"), "partner": _("The other library")}.get(event.actor_kind, _("The system"))


def spoken(text, ill: ILLRequest, symbol: str = "") -> str:
    """A label or sentence of the table with the partner's symbol in its place."""
    partner = symbol or (ill.partner.symbol if ill.partner else _("the other library"))
    return str(text).replace("{partner}", partner)


def can_tell(ill: ILLRequest) -> bool:
    """Does what we do reach the other library by itself?"""
    return ill.partner is not None and ill.partner.can_be_told


def then(row: lifecycle.Step, ill: ILLRequest) -> str:
    """What the step will do, in a sentence; honest about a library or a patron that cannot be told."""
    if row.letter and ill.patron is not None and not ill.patron.email:
        return " ".join([
            str(row.then).partition(".")[0] + ".", _("The patron has no e-mail address: nobody is told by mail."),
        ])
    if not row.iso_out or row.by == "patron" or ill.partner is None or can_tell(ill):
        return spoken(row.then, ill)
    # The sentences of the table that speak of the partner say what it is told.
    kept = [part for part in re.split(r"(?<=\.)\s+", str(row.then)) if "{partner}" not in part]
    nobody = _("Nobody is told: this library has neither an ISO 18626 address nor an e-mail.")
    return " ".join([*kept, nobody])


def _plain(row: lifecycle.Step, ill: ILLRequest) -> str:
    return spoken(row.label, ill).rstrip("…")


def _check_right(ill: ILLRequest, row: lifecycle.Step, actor: Actor) -> None:
    if actor.kind == "patron":
        own = actor.user is not None and ill.patron is not None and ill.patron.user_id == actor.user.pk
        if not own:
            raise NotAllowed(_("This is somebody else's request."))
    if row.permission and not actor.may(row.permission):
        raise NotAllowed(
            _("“%(step)s” needs a right that your role does not have. Ask a coordinator.")
            % {"step": _plain(row, ill)}
        )


def _move(ill: ILLRequest, row: lifecycle.Step, now: datetime) -> None:
    """The conditional update that two people racing for one step meet at."""
    if row.aside:
        return
    target = row.target or ill.state
    kind = lifecycle.STATES[target].side  # document delivery becomes borrowing, and back; the number stays
    moved = rows.update_where(
        ill, "state = %s AND version = %s", [ill.state, ill.version],
        state=target, kind=kind, version=ill.version + 1, changed=now,
    )
    if not moved:
        fresh = ILLRequest.objects.select_related("partner").get(pk=ill.pk)
        raise Stale(what_happened(fresh, ill.version))
    ill.state, ill.kind, ill.version, ill.changed = target, kind, ill.version + 1, now
