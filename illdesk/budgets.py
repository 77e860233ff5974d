"""Funds of the department as other apps ask for them: which can be used on a day, and what is put aside of them.

`billing` answers (AppConfig.ready). Where nobody does, `funds()` is None, and what is agreed is kept without a fund.
Amounts are Decimal in the fund's own currency.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from illdesk.actors import Actor
from illdesk.errors import NotAllowed


@dataclass(frozen=True)
class Fund:
    """A fund in the fiscal year of a day. `left`: what is neither committed nor spent."""

    code: str
    name: str
    currency: str
    year: str
    budget: Decimal
    left: Decimal


class NotEnough(NotAllowed):
    """More than is left of the fund. As text: the sentence for whoever wanted it."""


class Funds(Protocol):
    def on(self, day: date) -> list[Fund]:
        """Funds that can be used on this day, by code."""

    def commit(
        self, key: str, *, fund: str, day: date, amount: Decimal, what: str, about: str, actor: Actor, now: datetime,
        over_reason: str = "",
    ) -> Fund:
        """Put an amount aside, once per `key`; the fund as it stands after it. `what`: a code, `about`: a number of
        ours. More than is left is refused (NotEnough), unless somebody who may change budgets gives a reason."""

    def spend(self, key: str, amount: Decimal, *, actor: Actor, now: datetime) -> bool:
        """What was put aside is paid, with what it really was. Again with another amount: it is put right. False
        when there is nothing to do."""

    def unspend(self, key: str, *, actor: Actor, now: datetime) -> bool:
        """It was not paid after all: put aside as before. False when there is nothing to do."""

    def release(self, key: str, *, actor: Actor, now: datetime) -> bool:
        """It is not needed after all. False when there is nothing to do."""


_answering: list[Funds] = []


def answer_with(answers: Funds) -> None:
    _answering[:] = [answers]


def funds() -> Funds | None:
    return _answering[0] if _answering else None
