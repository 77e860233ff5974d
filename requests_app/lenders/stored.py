"""The rules as this library has set them, who changed what, and setting them anew."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from illdesk import events
from illdesk.actors import Actor
from illdesk.errors import Stale
from illdesk.models import Event
from requests_app.lenders.rules import BY_CODE, KINDS, Rule, default
from requests_app.models import LenderRule, LoanPolicy

_SUBJECT = ("lender_rules", 1)


@dataclass(frozen=True)
class Change:
    """One value of one rule, before and after. `name`: "on", "weight" or a parameter's."""

    code: str
    name: str
    before: Any
    after: Any


def current() -> tuple[Rule, ...]:
    """Every rule there is, in the order of the table: one query."""
    rows = {row.code: row for row in LenderRule.objects.all()}
    return tuple(_rule(kind.code, rows.get(kind.code)) for kind in KINDS)


def _rule(code: str, row: LenderRule | None) -> Rule:
    """What stands in the row, as far as the rule still has it."""
    start = default(code)
    if row is None:
        return start
    known = {
        name: value for name, value in row.parameters.items()
        if name in start.parameters and isinstance(value, type(start.parameters[name]))
    }
    kind = BY_CODE[code]
    return Rule(
        code, row.on or kind.locked, row.weight if kind.weight is not None else 0, {**start.parameters, **known}
    )


def changes(before: Iterable[Rule], after: Iterable[Rule]) -> list[Change]:
    old = {rule.code: _flat(rule) for rule in before}
    return [
        Change(rule.code, name, old[rule.code].get(name), value)
        for rule in after for name, value in _flat(rule).items() if old[rule.code].get(name) != value
    ]


def _flat(rule: Rule) -> dict[str, Any]:
    return {"on": rule.on, "weight": rule.weight, **rule.parameters}


def save(rules: Iterable[Rule], *, actor: Actor, now: datetime, seen: int) -> list[Change]:
    """Store what differs from what is in force, with an event that says what. `seen`: `version()` as it was when the
    person began; raises Stale when somebody saved meanwhile. Nothing different, nothing stored."""
    from django.utils.translation import gettext as _

    rules = tuple(rules)
    with transaction.atomic():
        _one_after_the_other()
        found = changes(current(), rules)
        if not found:
            return []
        if seen != version():
            raise Stale(_("A colleague saved these rules meanwhile. Your own are kept below; look at both."))
        wanted = {rule.code: rule for rule in rules}
        for code in dict.fromkeys(change.code for change in found):
            rule = wanted[code]
            LenderRule.objects.update_or_create(
                code=code, defaults={"on": rule.on, "weight": rule.weight, "parameters": dict(rule.parameters)}
            )
        events.record("lender_rules.changed", subject=_SUBJECT, actor=actor, now=now, data={"changed": [
            [change.code, change.name, *_told(change)] for change in found
        ]})
    return found


def _one_after_the_other() -> None:
    """Until this transaction ends nobody else saves rules: under READ COMMITTED a second one would still read the
    version that the first is about to make an old one. The policy's single row stands for them all; SQLite lets one
    write at a time anyway."""
    LoanPolicy.objects.get_or_create(pk=1)
    list(LoanPolicy.objects.select_for_update(no_key=True).filter(pk=1).values_list("pk"))


def _told(change: Change) -> list:
    """Numbers and codes stand in events, words do not: of those, only that they changed."""
    one = next((one for one in BY_CODE[change.code].parameters if one.name == change.name), None)
    return [None, None] if one is not None and not one.is_number and not one.choices else [change.before, change.after]


def _events():
    kind, key = _SUBJECT
    return Event.objects.filter(subject_kind=kind, subject_id=key).order_by("-id")


def version() -> int:
    """Key of the newest change; 0 before the first."""
    return _events().values_list("pk", flat=True).first() or 0


def history(most: int = 5) -> list[tuple[Event, list[Change]]]:
    """Newest first."""
    rows = _events().select_related("actor")[:most]
    return [(row, [Change(*one) for one in row.data.get("changed", []) if one[0] in BY_CODE]) for row in rows]
