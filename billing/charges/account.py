"""One patron's money, held while it changes: every move is a row, an entry in the books and the charge's new sums.

Whoever changes something holds the patron's row by an update of it until the commit, so that of two payments, two
decisions, or a charge and a return at the same moment one waits and then sees what the other did. What has a `key`
happens once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from billing.charges.models import Charge, ChargeMove, ChargeNote, ChargePayment, PatronMoney
from billing.ledger import actions as ledger
from billing.ledger.actions import Transfer, Where
from illdesk import rows
from illdesk.actors import Actor

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Kind:
    """`debit`, `credit`: families of the books; those of a patron are this patron's. `changes`: which sums of the
    charge grow (+1) or shrink (-1); `credits`: the same for the patron's credit. `what`: as the books call it."""

    debit: str
    credit: str
    what: str
    changes: tuple[tuple[str, int], ...] = ()
    credits: int = 0


MOVES: dict[str, Kind] = {
    "charged": Kind("patron", "charges", "charge", (("amount", 1),)),
    "raised": Kind("patron", "charges", "charge", (("amount", 1),)),
    "lowered": Kind("charges", "patron", "charge", (("amount", -1),)),
    "paid": Kind("bank", "patron", "payment", (("paid", 1),)),
    "credit_used": Kind("credit", "patron", "payment", (("paid", 1),), -1),
    "waived": Kind("written_off", "patron", "waiver", (("waived", 1),)),
    "unwaived": Kind("patron", "written_off", "waiver", (("waived", -1),)),
    "returned": Kind("patron", "credit", "refund", (("paid", -1),), 1),
    "handed": Kind("local", "patron", "handed", (("handed", 1),)),
    "taken_back": Kind("patron", "local", "handed", (("handed", -1),)),
    "paid_there": Kind("bank", "local", "payment", (("paid", 1), ("handed", -1))),
    "overpaid": Kind("bank", "credit", "payment", (), 1),
    "refunded": Kind("credit", "bank", "refund", (), -1),
}
_OF_PATRON = ("patron", "credit")
_SUMS = ("amount", "paid", "waived", "handed")


@dataclass
class Held:
    """What is changed while the patron's row is held; written when the block ends."""

    row: PatronMoney
    actor: Actor
    now: datetime
    day: date
    charges: dict[int, Charge] = field(default_factory=dict)

    def charge(self, pk: int) -> Charge:
        """As it stands now that nobody else changes it."""
        if pk not in self.charges:
            self.charges[pk] = Charge.objects.select_related("patron", "ill").get(pk=pk, patron=self.row.patron_id)
        return self.charges[pk]

    def add(self, charge: Charge) -> Charge:
        rows.insert(charge)
        self.charges[charge.pk] = charge
        return charge

    def move(
        self, what: str, amount: Decimal, key: str, *, charge: Charge | None = None,
        payment: ChargePayment | None = None, reason: str = "",
    ) -> ChargeMove | None:
        """Nothing moves nothing."""
        if amount <= 0:
            return None
        kind = MOVES[what]
        about = charge.subject if charge else ("payment", payment.pk) if payment else ("patron", self.row.patron_id)
        transfer = Transfer(self._where(kind.debit), self._where(kind.credit), amount, kind.what, about)
        entry = ledger.post(f"charges:{key}", transfer, day=self.day, actor=self.actor, now=self.now, or_later=True)
        self._change(kind, amount, charge)
        return self._write(what, amount, key, entry, charge, payment, reason)

    def undo(self, move: ChargeMove, key: str, *, reason: str = "") -> ChargeMove:
        """By an entry the other way round."""
        entry = ledger.reverse(move.entry, key=f"charges:{key}", day=self.day, actor=self.actor, now=self.now)
        charge = self.charge(move.charge_id) if move.charge_id else None
        self._change(MOVES[move.what], -move.amount, charge)
        return self._write("undone", move.amount, key, entry, charge, move.payment, reason, undoes=move)

    def note(self, charge: Charge, what: str, text: str) -> None:
        if text.strip():
            ChargeNote.objects.create(charge=charge, what=what, text=text.strip(), at=self.now, by=self.actor.user)

    def done(self, key: str) -> ChargeMove | None:
        """What was moved under this key already."""
        return ChargeMove.objects.filter(key=key).select_related("charge", "payment").first()

    def _where(self, family: str) -> Where:
        return Where(family, self.row.patron_id if family in _OF_PATRON else 0)

    def _change(self, kind: Kind, amount: Decimal, charge: Charge | None) -> None:
        self.row.credit += kind.credits * amount
        if charge is not None:
            for name, sign in kind.changes:
                setattr(charge, name, getattr(charge, name) + sign * amount)
            charge.open = charge.amount - charge.paid - charge.waived

    def _write(self, what, amount, key, entry, charge, payment, reason, undoes=None) -> ChargeMove:
        row = ChargeMove(
            patron_id=self.row.patron_id, charge=charge, payment=payment, what=what, amount=amount, entry=entry,
            undoes=undoes, reason=reason, at=self.now, by=self.actor.user, key=key,
        )
        rows.insert(row)
        return row

    def _save(self) -> None:
        for charge in self.charges.values():
            charge.version += 1
            charge.save()
        PatronMoney.objects.filter(pk=self.row.pk).update(credit=self.row.credit)


@contextmanager
def held(patron_pk: int, *, actor: Actor, now: datetime, day: date | None = None) -> Iterator[Held]:
    """Hold a patron's money for one transaction. What the block raises undoes all of it."""
    with transaction.atomic():
        rows.insert(PatronMoney(patron_id=patron_pk), unless_there=True)
        # The update takes the row: whoever comes second waits here, and reads below what the first one wrote.
        PatronMoney.objects.filter(patron=patron_pk).update(version=F("version") + 1)
        money = Held(PatronMoney.objects.get(patron=patron_pk), actor, now, day or timezone.localtime(now).date())
        yield money
        money._save()


def charge_moves(charge: Charge) -> list[ChargeMove]:
    """Moves that made up what is charged and still stand."""
    return list(charge.moves.filter(what__in=["charged", "raised", "lowered"], undone_by=None).select_related(
        "entry__debit", "entry__credit", "payment").order_by("pk"))


def settle(money: Held, charge: Charge, key: str) -> None:
    """After less is owed than was: what was paid too much becomes credit, what was waived too much is taken back, and
    the local billing system keeps no more than is still open."""
    if charge.open < 0:
        money.move("returned", min(-charge.open, charge.paid), f"{key}:returned", charge=charge)
    if charge.open < 0:
        money.move("unwaived", min(-charge.open, charge.waived), f"{key}:unwaived", charge=charge)
    if charge.handed > charge.open:
        money.move("taken_back", charge.handed - charge.open, f"{key}:taken_back", charge=charge)


__all__ = ["MOVES", "NOTHING", "Held", "charge_moves", "held", "settle"]
