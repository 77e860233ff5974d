"""What a batch can hold: any approved invoice whose room says so here. Pure.

A room that has something to be paid registers a Kind (in AppConfig.ready()). Batches ask it for what is approved, and
tell it what became of it; they know nothing else of its room. No patron and no title crosses: the budget office sees
numbers, payees, funds and amounts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.utils.functional import Promise

from illdesk.actors import Actor


@dataclass(frozen=True)
class Part:
    """A line as the budget office sees it: `what` in a few words ("3 loans", "Copy"), `number` of our request or ''.
    `entered`: the day on which its cost stands in the books; None where it comes into them when it is paid."""

    key: str
    fund: str
    amount: Decimal
    what: str = ""
    number: str = ""
    entered: date | None = None


@dataclass(frozen=True)
class Payable:
    """An approved invoice. `amount`: own currency, the sum of its parts; `foreign`: as it was billed, in `currency`.
    `number`: the payee's; `ours`: the one of our own document. `url`: its page for the department. `files`: keys of
    Attachments that go along, of kinds that have no `originals`."""

    kind: str
    pk: int
    number: str
    ours: str
    payee: str
    day: date
    amount: Decimal
    parts: Sequence[Part]
    approved_by: str
    approved: datetime
    foreign: Decimal | None = None
    currency: str = ""
    due: date | None = None
    url: str = ""
    files: Sequence[int] = field(default_factory=tuple)
    hands: Sequence[int] = field(default_factory=tuple)  # keys of who entered and approved it: they do not pay it

    @property
    def mark(self) -> str:
        """As it is ticked."""
        return f"{self.kind}:{self.pk}"


@dataclass(frozen=True)
class Original:
    """The payee's own paper. `file`: key of its Attachment. `passed`: somebody of the department looked at it and said
    that it may be passed on; until then the budget office has our cover sheet instead, since papers of libraries and
    couriers bear titles and patrons' names."""

    file: int
    passed: bool


@dataclass(frozen=True)
class Kind:
    """A kind of payable. `waiting`: approved and in no batch, oldest first. `read`: by key, also paid ones.

    `paid` and `back` are called inside the batch's own transaction, once each (a batch that is told twice does not call
    twice): `paid(pk, parts, day, reference, actor, now)`: these parts (their keys) are paid, enter it in the books;
    `back(pk, parts, why, actor, now)`: these parts return to the department, the others stay in the batch.
    `unpaid(pk, parts, why, actor, now)`: they were marked paid by mistake: reverse what `paid` entered; they stand in
    their batch as approved again. A kind without it cannot take a payment back.
    `originals`: by key, as they stand now. A kind without it passes on the `files` with which it was forwarded.
    `homes`: part → key of the payable in which it stands now, which may be another than the one it was forwarded in.
    """

    code: str
    label: str | Promise
    waiting: Callable[[], Sequence[Payable]]
    read: Callable[[Sequence[int]], dict[int, Payable]]
    paid: Callable[[int, Sequence[str], date, str, Actor, datetime], None]
    back: Callable[[int, Sequence[str], str, Actor, datetime], None]
    unpaid: Callable[[int, Sequence[str], str, Actor, datetime], None] | None = None
    originals: Callable[[Sequence[int]], dict[int, Original]] | None = None
    homes: Callable[[Sequence[str]], dict[str, int]] | None = None


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    KINDS[kind.code] = kind
