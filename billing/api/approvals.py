"""What waits for approval, for the API: each room registers its kind (in AppConfig.ready()) and decides everything.

    approvals.register(Kind("payable", _("Invoices from libraries"), "see_payables", waiting, get, approve, refuse))
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.utils.functional import Promise

from illdesk.actors import Actor


@dataclass(frozen=True)
class Item:
    """One thing as it stands now. `state`: "waiting", "approved" or "refused" (as its room says). `version`: to be sent
    back with the decision. `who`: payee or debtor; `entered_by`: of somebody of the staff. `lines`:
    request, fund and amount of each. No patron, no title."""

    pk: int
    number: str
    who: str
    amount: Decimal
    currency: str
    day: date
    version: int
    state: str = "waiting"
    entered_by: str = ""
    url: str = ""
    lines: Sequence[dict] = field(default_factory=tuple)


@dataclass(frozen=True)
class Kind:
    """`sees`: the right to read it. `get`: None for a key that is not there. `approve(pk, version, actor, now)` and
    `refuse(pk, why, version, actor, now)` raise NeedsAnother (approval.rule.check), Stale, NotAllowed or BadAnswer;
    said twice, the second does nothing."""

    code: str
    label: str | Promise
    sees: str
    waiting: Callable[[], Sequence[Item]]
    get: Callable[[int], Item | None]
    approve: Callable[[int, int, Actor, datetime], None]
    refuse: Callable[[int, str, int, Actor, datetime], None]


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    KINDS[kind.code] = kind
