"""What a local billing system can be asked: seven verbs, our own dataclasses. Pure.

An adapter raises AdapterError: permanent where the same question can never succeed (unknown user), else it is asked
again later. Before a charge is handed over once more, `find` is asked whether it is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True)
class ToCollect:
    """`key`: our number, by which it is found again; `kind`: a code of charges; `request`: number of the request."""

    key: str
    card: str
    amount: Decimal
    currency: str
    kind: str
    day: date
    request: str = ""


@dataclass(frozen=True)
class Placed:
    """It is there. `amount`: as it stands there."""

    reference: str
    amount: Decimal


@dataclass(frozen=True)
class Known:
    """Something that was handed over."""

    key: str
    card: str
    reference: str
    currency: str


@dataclass(frozen=True)
class There:
    """How it stands there. `open`: None where the system does not say; `paid`: so far, None likewise; `state`: in the
    system's own word."""

    key: str
    open: Decimal | None
    paid: Decimal | None
    state: str


class CannotTell(Exception):
    """The system has no way to say whether something is there: a person must look."""


class System(Protocol):
    """`by_file`: nothing is asked, all goes into files (export_file.py)."""

    by_file: bool

    def push(self, charge: ToCollect) -> Placed:
        """Hand it over."""

    def find(self, charge: ToCollect) -> Placed | None:
        """Is it there already? Raises CannotTell."""

    def take_off(self, known: Known, amount: Decimal, *, left: Decimal, paid: bool) -> None:
        """So much less is to be collected, `left` remains; `paid`: to us, else it is waived. Said twice it counts
        once: the adapter looks what is open first."""

    def dispute(self, known: Known) -> None:
        """It is appealed: collect nothing for now."""

    def restore(self, known: Known) -> None:
        """The appeal is over."""

    def state(self, known: Sequence[Known]) -> list[There]:
        """How these stand; those that are not found are left out."""

    def test(self) -> str:
        """A sentence of what answered. Changes nothing."""


class NoSystem:
    """The paper stand-in: we collect ourselves, nothing is handed over."""

    by_file = False

    def push(self, charge: ToCollect) -> Placed:
        raise NotImplementedError("nothing is handed over without a system")

    def find(self, charge: ToCollect) -> Placed | None:
        return None

    def take_off(self, known: Known, amount: Decimal, *, left: Decimal, paid: bool) -> None:
        return None

    def dispute(self, known: Known) -> None:
        return None

    def restore(self, known: Known) -> None:
        return None

    def state(self, known: Sequence[Known]) -> list[There]:
        return []

    def test(self) -> str:
        return ""
