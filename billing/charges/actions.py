"""What changes charges: made, made final, cancelled, waived. How they are paid stands in payments.py; what makes them
come about, in declared.py."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.approval import rule
from billing.charges import letters, words
from billing.charges.account import NOTHING, Held, charge_moves, held, settle
from billing.charges.models import Charge, ChargeMove, ChargePolicy, Waiver
from billing.numbers import actions as numbers
from illdesk import events, money, rows
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed, Stale

PREFIX = "PC"


@dataclass(frozen=True)
class New:
    """A charge to be made. `amount`: in the library's currency, `fee`: how much of it is our processing fee."""

    kind: str
    amount: Decimal
    reason: str
    ill: int | None = None
    fee: Decimal = NOTHING
    provisional: bool = False
    due: date | None = None
    days: int | None = None
    note: str = ""


def charge(key: str, patron: int, new: New, *, actor: Actor, now: datetime) -> Charge:
    """Once per `key`. BadAnswer for what is no charge."""
    checked(new)
    with held(patron, actor=actor, now=now) as mine:
        there = Charge.objects.filter(key=key).first()
        return there if there is not None else add(mine, key, new)


def add(mine: Held, key: str, new: New) -> Charge:
    """Within a patron's money that is held already."""
    today = mine.day
    until = today + timedelta(days=ChargePolicy.current().provisional_days) if new.provisional else None
    row = mine.add(Charge(
        number=numbers.draw(PREFIX, today), patron_id=mine.row.patron_id, ill_id=new.ill, kind=new.kind,
        state=Charge.PROVISIONAL if new.provisional else Charge.FINAL, reason=new.reason, fee=new.fee, day=today,
        due=new.due, days=new.days, provisional_until=until, made=mine.now, made_by=mine.actor.user, told=mine.now,
        key=key,
    ))
    mine.move("charged", new.amount, f"charge:{row.pk}", charge=row, reason=new.reason)
    mine.note(row, "charged", new.note)
    events.record("charge.made", subject=row.subject, actor=mine.actor, now=mine.now,
                  data={"kind": new.kind, "amount": str(new.amount), "ill": new.ill})
    letters.charge(row, "charge_made", now=mine.now, key=f"charge_made:{row.number}")
    return row


def checked(new: New) -> None:
    if new.kind not in dict(Charge.KINDS):
        raise BadAnswer(_("Choose what is charged."), field="kind")
    if new.reason not in words.REASONS:
        raise BadAnswer(_("Choose why it is charged."), field="reason")
    if new.amount <= 0 or new.amount > money.MOST or new.amount != new.amount.quantize(money.CENT):
        raise BadAnswer(_("Enter an amount above nothing, to the cent."), field="amount")
    if not 0 <= new.fee <= new.amount:
        raise BadAnswer(_("The processing fee is a part of the amount."), field="fee")


def finalise(row: Charge, lender: Decimal, *, key: str, actor: Actor, now: datetime, note: str = "") -> Charge:
    """A provisional charge stands from now on: `lender` is what the lender charges, our fee comes to it. What differs
    is a second entry; the first stays as it was."""
    if lender < 0 or lender > money.MOST or lender != lender.quantize(money.CENT):
        raise BadAnswer(_("Enter what the lender charges, to the cent."), field="amount")
    with held(row.patron_id, actor=actor, now=now) as mine:
        one = mine.charge(row.pk)
        if one.state != Charge.PROVISIONAL:
            return one
        wanted = lender + one.fee
        if wanted > one.amount:
            mine.move("raised", wanted - one.amount, f"final:{one.pk}", charge=one, reason="lender")
        elif wanted < one.amount:
            mine.move("lowered", one.amount - wanted, f"final:{one.pk}", charge=one, reason="lender")
            settle(mine, one, f"final:{one.pk}")
        one.state, one.provisional_until, one.told = Charge.FINAL, None, now
        mine.note(one, "final", note)
        events.record("charge.final", subject=one.subject, actor=actor, now=now,
                      data={"amount": str(one.amount), "key": key})
        letters.charge(one, "charge_final", now=now, key=f"charge_final:{one.number}")
        return one


def cancel(row: Charge, reason: str, *, key: str, actor: Actor, now: datetime, note: str = "") -> Charge:
    """It should not have been: its entries are reversed, what was paid becomes credit. Once."""
    with held(row.patron_id, actor=actor, now=now) as mine:
        one = mine.charge(row.pk)
        if one.state == Charge.UNDONE:
            return one
        take_away(mine, one, reason, key=key)
        mine.note(one, "cancelled", note)
        events.record("charge.cancelled", subject=one.subject, actor=actor, now=now, data={"why": reason})
        letters.charge(one, "charge_cancelled", now=now, key=f"charge_cancelled:{one.number}")
        return one


def take_away(mine: Held, one: Charge, reason: str, *, key: str, keep: Decimal = NOTHING) -> None:
    """Reverse each entry that made up the charge; what of it stays (`keep`) is charged anew."""
    for move in charge_moves(one):
        mine.undo(move, f"undo:{move.pk}", reason=reason)
    mine.move("charged", keep, f"{key}:kept:{one.pk}", charge=one, reason=reason)
    settle(mine, one, f"{key}:{one.pk}")
    one.state = Charge.FINAL if keep else Charge.UNDONE
    one.provisional_until = None
    Waiver.objects.filter(charge=one, state=Waiver.PROPOSED).update(
        state=Waiver.REFUSED, decided=mine.now, decided_by=mine.actor.user)


# --- waivers -------------------------------------------------------------------------------------------------


def waive(
    row: Charge, amount: Decimal, reason: str, *, key: str, actor: Actor, now: datetime, note: str = ""
) -> ChargeMove | Waiver:
    """What comes to more than the limit, with all that was waived of the charge before, is only proposed: somebody else
    decides. Once per `key`."""
    if reason not in words.TO_WAIVE:
        raise BadAnswer(_("Choose why it is waived."), field="reason")
    if amount <= 0 or amount != amount.quantize(money.CENT):
        raise BadAnswer(_("Enter an amount above nothing, to the cent."), field="amount")
    proposed = Waiver.objects.filter(key=key).first()
    if proposed is not None:
        return proposed
    with held(row.patron_id, actor=actor, now=now) as mine:
        if (done := mine.done(f"waiver:{key}")) is not None:
            return done
        one = mine.charge(row.pk)
        if amount > one.open:
            raise BadAnswer(_("Only %(open)s is open.") % {"open": one.open}, field="amount")
        limit = ChargePolicy.current().waive_above
        if one.waived + amount > limit:
            waiver = Waiver(charge=one, amount=amount, reason=reason, note=note.strip(), proposed=now,
                            proposed_by=actor.user, key=key)
            if not rows.insert(waiver, unless_there=True):
                there = Waiver.objects.filter(key=key).first()
                if there is None:
                    raise NotAllowed(_("A waiver of this charge waits for a decision already."))
                return there
            events.record("charge.waiver_proposed", subject=one.subject, actor=actor, now=now,
                          data={"amount": str(amount)})
            return waiver
        mine.note(one, "waived", note)
        return _waive_and_tell(mine, one, amount, reason, f"waiver:{key}")


def _waive(mine: Held, one: Charge, amount: Decimal, reason: str, key: str) -> ChargeMove:
    """`amount` may be more than is open: what was paid of it becomes credit."""
    move = mine.move("waived", amount, key, charge=one, reason=reason)
    assert move is not None
    settle(mine, one, key)
    if one.open == 0 and one.state == Charge.PROVISIONAL:
        one.state, one.provisional_until = Charge.FINAL, None  # nothing of it is asked for any more
    events.record("charge.waived", subject=one.subject, actor=mine.actor, now=mine.now,
                  data={"amount": str(amount), "why": reason})
    return move


def _waive_and_tell(mine: Held, one: Charge, amount: Decimal, reason: str, key: str) -> ChargeMove:
    move = _waive(mine, one, amount, reason, key)
    letters.charge(one, "charge_waived", now=mine.now, key=f"charge_waived:{move.pk}",
                   more={"waived_amount": letters.shown(amount)})
    return move


def waive_by_appeal(mine: Held, one: Charge, amount: Decimal, key: str) -> ChargeMove:
    """Part of an appeal that was granted in part."""
    return _waive(mine, one, amount, "appeal_part", key)


def decide_waiver(waiver: Waiver, *, granted: bool, actor: Actor, now: datetime) -> Waiver:
    """Whoever charged or proposed does not decide."""
    one = waiver.charge
    rule.check(actor, "decide_appeals", entered_by=[one.made_by_id, waiver.proposed_by_id], subject=one.subject,
               now=now)
    with held(one.patron_id, actor=actor, now=now) as mine:
        fresh = Waiver.objects.get(pk=waiver.pk)
        if fresh.state != Waiver.PROPOSED:
            raise Stale(_("Somebody has decided this already. Nothing was changed."))
        Waiver.objects.filter(pk=fresh.pk, state=Waiver.PROPOSED).update(
            state=Waiver.DONE if granted else Waiver.REFUSED, decided=now, decided_by=actor.user)
        if granted:
            charge_now = mine.charge(one.pk)
            amount = min(fresh.amount, charge_now.open)  # paid meanwhile: nothing is given back by a waiver
            if amount > 0:
                mine.note(charge_now, "waived", fresh.note)
                _waive_and_tell(mine, charge_now, amount, fresh.reason, f"waiver:{fresh.key}")
        else:
            events.record("charge.waiver_refused", subject=one.subject, actor=actor, now=now)
        fresh.refresh_from_db()
        return fresh


# --- reminders -----------------------------------------------------------------------------------------------


def remind(row: Charge, *, now: datetime) -> bool:
    """A letter about what is still open; once for each of its days. False where nothing is to be said now."""
    day = timezone.localtime(now).date()
    seen = row.reminded
    with transaction.atomic():
        if not Charge.objects.filter(pk=row.pk, reminded=seen).update(reminded=now):
            return False
        return letters.charge(row, "charge_reminder", now=now, key=f"charge_reminder:{row.number}:{day}") is not None
