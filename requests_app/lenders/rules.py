"""The rules by which lenders are chosen, as a table: what each says, what a library may set, what it begins with.

What a library set stands in the database (`models.LenderRule`); here is what there is to set. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Parameter:
    """A number between `fewest` and `most`; one of `choices`; else words, separated by commas."""

    name: str
    default: int | str
    label: Any
    fewest: int = 0
    most: int = 0
    choices: tuple[tuple[str, Any], ...] = ()

    @property
    def is_number(self) -> bool:
        return isinstance(self.default, int)


@dataclass(frozen=True)
class Kind:
    """One rule there is. `sentence` has a place for its {weight} and each of its parameters.

    `excludes`: a library it applies to is not offered. `locked`: cannot be switched off, since the step itself
    refuses such a library. `weight`: points at most, to begin with; None where points are not what it gives.
    """

    code: str
    sentence: Any
    excludes: bool = False
    locked: bool = False
    weight: int | None = None
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True)
class Rule:
    """A rule as it is in force."""

    code: str
    on: bool = True
    weight: int = 0
    parameters: Mapping[str, int | str] = field(default_factory=dict)


MOST_WEIGHT = 1000
_OF_GROUPS = (("consortium", _("a consortium")), ("any", _("any group")))

KINDS: tuple[Kind, ...] = (
    Kind("ourselves", _("Our own library, under any of its symbols, is never asked."), excludes=True, locked=True),
    Kind("takes_none", _("A library that is not in use or takes no such requests is not offered."), excludes=True,
         locked=True),
    Kind("suspended", _("A suspended library is not offered."), excludes=True, locked=True),
    Kind("closed", _("A library is not offered when closed days take more of its working days than it has to "
                     "answer."), excludes=True),
    Kind("asked", _("A library that was asked for this request already is not proposed again."), excludes=True),
    Kind("not_lendable", _("A library is not offered for a loan when the catalogue says that it does not lend the "
                           "item."), excludes=True),
    Kind("over_cap", _("A library that charges more than the request may cost is not offered."), excludes=True),
    Kind("held_first", _("Libraries that are known to hold it stand above all others.")),
    Kind("exact", _("Exactly the wanted volume or edition gives {weight} points, another one takes as many."),
         weight=40),
    Kind("available", _("On the shelf now gives {weight} points, checked out takes as many."), weight=20),
    Kind("use_only", _("Use in the library only takes {weight} points. The catalogue says so with: {words}."),
         weight=30, parameters=(
             Parameter("words", "library use only, in-library use, use in library, non-circulating, reference only, "
                       "reading room", _("words by which use only is known")),
         )),
    Kind("retained", _("A copy that is kept for a shared-print programme takes {weight} points of a loan."),
         weight=30),
    Kind("group", _("A library of {which} gets {weight} points."), weight=40, parameters=(
        Parameter("which", "consortium", _("which groups"), choices=_OF_GROUPS),
    )),
    Kind("free", _("No charge, by agreement or by its terms, gives {weight} points."), weight=30),
    Kind("cost", _("A charge takes up to {weight} points: all of them when it is as much as the request may cost."),
         weight=20),
    Kind("fills", _("What it filled in the last {months} months gives or takes up to {weight} points, against the "
                    "average of all. It counts from {cases} answers on; {prior} average ones are added to be fair."),
         weight=30, parameters=(
             Parameter("months", 12, _("months looked at"), 1, 60),
             Parameter("cases", 5, _("answers at least"), 1, 100),
             Parameter("prior", 4, _("average answers added"), 0, 100),
         )),
    Kind("fast", _("How fast it was gives or takes up to {weight} points, against the average of all. It counts from "
                   "{cases} arrivals on."), weight=20,
         parameters=(Parameter("cases", 3, _("arrivals at least"), 1, 100),)),
    Kind("answers", _("Fewer days to answer than usual give up to {weight} points, more take as many. So does an "
                      "answer after the day on which it is needed."), weight=10),
    Kind("near", _("Near or by courier gives a loan up to {weight} points, abroad takes as many. A courier is known "
                   "by: {words}."), weight=15,
         parameters=(Parameter("words", "courier", _("words by which a courier is known")),)),
    Kind("share", _("Being asked {many} times in {days} days takes {weight} points, fewer times fewer."), weight=20,
         parameters=(
             Parameter("many", 10, _("times asked"), 1, 1000),
             Parameter("days", 30, _("days looked at"), 1, 365),
         )),
)
BY_CODE = {kind.code: kind for kind in KINDS}


def default(code: str) -> Rule:
    kind = BY_CODE[code]
    return Rule(code, True, kind.weight or 0, {one.name: one.default for one in kind.parameters})


def defaults() -> tuple[Rule, ...]:
    return tuple(default(kind.code) for kind in KINDS)


def number(rules: Mapping[str, Rule], code: str, name: str) -> int:
    """A number of a rule, also when that rule is switched off."""
    rule = rules.get(code) or default(code)
    return int(rule.parameters.get(name, default(code).parameters[name]))


def words(rule: Rule, name: str = "words") -> list[str]:
    """A parameter of words, in small letters."""
    return [word for part in str(rule.parameters.get(name, "")).split(",") if (word := part.strip().casefold())]
