"""Money that comes in and goes back: payments over several charges, credit, receipts, and what was entered wrongly."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.charges import letters
from billing.charges.account import Held, held
from billing.charges.models import Charge, ChargePayment
from billing.fiscal import refuse_far
from billing.numbers import actions as numbers
from illdesk import dates, events, money, rows
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed

PREFIX = "RC"


@dataclass(frozen=True)
class Paid:
    """`way`: a code of ChargePayment.WAYS; `reference`: of the card's slip, the cheque."""

    amount: Decimal
    way: str
    day: date
    reference: str = ""


def pay(
    key: str, patron: int, paid: Paid, *, charges: Sequence[int] = (), actor: Actor, now: datetime, tell: bool = True
) -> ChargePayment:
    """Oldest first, or only the chosen charges; what is left becomes credit. Once per `key`."""
    _checked(paid, now)
    with held(patron, actor=actor, now=now, day=paid.day) as mine:
        there = ChargePayment.objects.filter(key=key).first()
        if there is not None:
            return there
        _not_before(paid.day, _payable(mine, charges))
        row = _receipt(mine, key, paid.amount, paid.way, paid.reference, paid.day)
        left = _spread(mine, row, paid.amount, "paid", key, charges)
        mine.move("overpaid", left, f"{key}:over", payment=row)
        events.record("charge.paid", subject=("patron", patron), actor=actor, now=now,
                      data={"amount": str(paid.amount), "way": paid.way, "receipt": row.number})
        if tell:
            letters.receipt(row, total=_open(mine), credit=mine.row.credit, now=now)
        return row


def use_credit(key: str, patron: int, *, charges: Sequence[int] = (), actor: Actor, now: datetime) -> ChargePayment:
    """Open charges are paid from the patron's credit. NotAllowed where there is none, or nothing is open."""
    with held(patron, actor=actor, now=now) as mine:
        there = ChargePayment.objects.filter(key=key).first()
        if there is not None:
            return there
        amount = min(mine.row.credit, sum((row.open for row in _payable(mine, charges)), Decimal(0)))
        if amount <= 0:
            raise NotAllowed(_("There is no credit, or nothing is open. Nothing was changed."))
        row = _receipt(mine, key, amount, ChargePayment.CREDIT, "", mine.day)
        _spread(mine, row, amount, "credit_used", key, charges)
        events.record("charge.credit_used", subject=("patron", patron), actor=actor, now=now,
                      data={"amount": str(amount)})
        return row


def pay_back(key: str, patron: int, paid: Paid, *, actor: Actor, now: datetime) -> ChargePayment:
    """Credit goes back to the patron in money."""
    _checked(paid, now)
    with held(patron, actor=actor, now=now, day=paid.day) as mine:
        there = ChargePayment.objects.filter(key=key).first()
        if there is not None:
            return there
        if paid.amount > mine.row.credit:
            raise BadAnswer(_("The credit is %(credit)s only.") % {"credit": mine.row.credit}, field="amount")
        row = _receipt(mine, key, paid.amount, paid.way, paid.reference, paid.day, back=True)
        mine.move("refunded", paid.amount, f"{key}:back", payment=row)
        events.record("charge.paid_back", subject=("patron", patron), actor=actor, now=now,
                      data={"amount": str(paid.amount), "receipt": row.number})
        return row


def undo(payment: ChargePayment, *, actor: Actor, now: datetime) -> ChargePayment:
    """It was entered by mistake (a cheque bounced): each of its entries is reversed. Once."""
    with held(payment.patron_id, actor=actor, now=now) as mine:
        if not ChargePayment.objects.filter(pk=payment.pk, undone=None).update(undone=now):
            return ChargePayment.objects.get(pk=payment.pk)
        moves = payment.moves.exclude(what="undone").filter(undone_by=None).select_related(
            "entry__debit", "entry__credit", "payment")
        for move in moves.order_by("-pk"):
            mine.undo(move, f"unpaid:{move.pk}")
        if mine.row.credit < 0 or any(row.paid < 0 for row in mine.charges.values()):
            raise NotAllowed(_("Part of this payment was used or given back already. Nothing was changed."))
        events.record("charge.payment_undone", subject=("patron", payment.patron_id), actor=actor, now=now,
                      data={"receipt": payment.number})
        return ChargePayment.objects.get(pk=payment.pk)


def paid_there(key: str, charge: Charge, amount: Decimal, *, actor: Actor, now: datetime, reference: str = "") -> bool:
    """The local billing system took money for a charge that was handed to it. Once per `key`; False the second time.
    What it took beyond what it still had to collect becomes credit."""
    with held(charge.patron_id, actor=actor, now=now) as mine:
        if ChargePayment.objects.filter(key=key).exists():
            return False
        row = _receipt(mine, key, amount, ChargePayment.LOCAL, reference[:60], mine.day)
        one = mine.charge(charge.pk)
        there = min(amount, one.handed)
        mine.move("paid_there", there, f"{key}:there", charge=one, payment=row)
        mine.move("overpaid", amount - there, f"{key}:over", payment=row)
        events.record("charge.paid_there", subject=one.subject, actor=actor, now=now, data={"amount": str(amount)})
        return True


def _checked(paid: Paid, now: datetime) -> None:
    if paid.amount <= 0 or paid.amount > money.MOST or paid.amount != paid.amount.quantize(money.CENT):
        raise BadAnswer(_("Enter an amount above nothing, to the cent."), field="amount")
    if paid.way not in dict(ChargePayment.WAYS):
        raise BadAnswer(_("Choose how it was paid."), field="way")
    refuse_far(paid.day, now=now)


def _not_before(day: date, settles: Sequence[Charge]) -> None:
    """Nobody pays what was not charged yet: an older day is a slip of the pen, and would stand in a year long closed.
    `settles`: oldest first."""
    if settles and day < settles[0].day:
        raise BadAnswer(_("%(charge)s was charged on %(day)s: nothing of it was paid before.") % {
            "charge": settles[0].number, "day": dates.in_words(settles[0].day)}, field="day")


def _receipt(mine: Held, key, amount, way, reference, day, back=False) -> ChargePayment:
    row = ChargePayment(
        number=numbers.draw(PREFIX, day), patron_id=mine.row.patron_id, amount=amount, way=way,
        reference=reference.strip()[:60], day=day, at=mine.now, by=mine.actor.user, key=key, back=back,
    )
    rows.insert(row)
    return row


def _payable(mine: Held, chosen: Sequence[int]) -> list[Charge]:
    """Open charges, oldest first; of the chosen ones only those."""
    found = Charge.objects.filter(patron=mine.row.patron_id, open__gt=0)
    if chosen:
        found = found.filter(pk__in=chosen)
    return [mine.charge(pk) for pk in found.order_by("made", "pk").values_list("pk", flat=True)]


def _spread(mine: Held, payment: ChargePayment, amount: Decimal, what: str, key: str, chosen: Sequence[int]) -> Decimal:
    """What is left. What the local billing system was to collect is taken back first."""
    left = amount
    for row in _payable(mine, chosen):
        part = min(left, row.open)
        if part <= 0:
            break
        mine.move("taken_back", part - row.here, f"{key}:back:{row.pk}", charge=row)
        mine.move(what, part, f"{key}:{row.pk}", charge=row, payment=payment)
        left -= part
    return left


def _open(mine: Held) -> Decimal:
    stored = Charge.objects.filter(patron=mine.row.patron_id, open__gt=0).exclude(pk__in=mine.charges)
    return sum((row.open for row in [*stored, *mine.charges.values()]), Decimal(0))
