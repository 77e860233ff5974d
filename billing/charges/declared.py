"""What happens to a loan, as charges hear of it: overdue, lost, damaged, returned late, found, refunded.

Each function can be told twice. Staff tell them by hand on the request's or the charge's page; the steps of the
lifecycle that say the same tell them by their events; the clock of overdue notices will call `overdue()`.
Lost between libraries is never the patron's (interlibrary loan code, supplement; RULES M5).
"""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.charges import actions, letters, overdue
from billing.charges.account import NOTHING, held
from billing.charges.actions import New
from billing.charges.models import Charge, ChargeHold, ChargePolicy, ChargeTerms
from billing.charges.overdue import Owed, Price
from illdesk import events, money, rows
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import Event
from illdesk.models.calendar import days_of
from requests_app.models import ILLRequest

BY_PATRON = "lost_by_patron"


# --- overdue -------------------------------------------------------------------------------------------------


def overdue_until(ill: ILLRequest, until: date) -> Owed:
    """What the rules make of a loan's delay until a day."""
    if ill.due_patron is None or ill.patron is None:
        return Owed(0, NOTHING)
    terms, policy = ChargeTerms.of(ill.patron.status), ChargePolicy.current()
    counts = days_of(policy.calendar).is_open if policy.calendar else _every_day
    holds = [(row.since, row.until) for row in ill.charge_holds.all()]
    price = Price(terms.overdue_a_day, terms.overdue_most, terms.grace_days, terms.free_days)
    return overdue.owed(ill.due_patron, until, price, counts=counts, held=holds)


def _every_day(day: date) -> bool:
    return True


def overdue_now(ill: ILLRequest, *, until: date, actor: Actor, now: datetime, why: str = "overdue") -> Charge | None:
    """The loan's overdue charge is what the rules say until this day: made, or raised by what was missing. None where
    nothing is owed. NotAllowed while the patron says it was returned."""
    patron = _patron_of(ill)
    stands_still(ill)
    found = overdue_until(ill, until)
    if not found.amount:
        return None
    with held(patron, actor=actor, now=now) as mine:
        mine_now = ill.charges.filter(kind=Charge.OVERDUE, due=ill.due_patron).exclude(state=Charge.UNDONE).first()
        if mine_now is None:
            turn = ill.charges.filter(kind=Charge.OVERDUE, due=ill.due_patron).count()
            key = f"overdue:{ill.pk}:{ill.due_patron}:{turn}"
            return actions.add(mine, key, New(
                Charge.OVERDUE, found.amount, why, ill=ill.pk, due=ill.due_patron, days=found.days))
        one = mine.charge(mine_now.pk)
        more = found.amount - one.amount
        if more > 0:
            mine.move("raised", more, f"overdue:{one.pk}:{found.days}:{found.amount}", charge=one, reason=why)
            one.days, one.reason = found.days, why
        return one


# --- lost and damaged ----------------------------------------------------------------------------------------


def lost(
    ill: ILLRequest, where: str, *, actor: Actor, now: datetime, amount: Decimal | None = None, note: str = ""
) -> Charge:
    """A provisional charge until the lender's invoice is here. `amount`: the item's price, where it is known, without
    our fee. NotAllowed for what was not lost by the patron, and during the search for it."""
    patron = _patron_of(ill)
    if where != BY_PATRON:
        raise NotAllowed(_("What is lost between libraries, or here, is the library’s cost and never the patron’s. "
                           "Nobody was charged."))
    stands_still(ill)
    with held(patron, actor=actor, now=now) as mine:
        there = standing_lost(ill)
        if there is not None:
            return there
        terms = ChargeTerms.of(ill.patron.status if ill.patron else "")
        price = terms.lost if amount is None else amount
        turn = ill.charges.filter(kind=Charge.LOST).count()
        new = New(Charge.LOST, price + terms.lost_fee, where, ill=ill.pk, fee=terms.lost_fee, provisional=True,
                  note=note)
        actions.checked(new)
        return actions.add(mine, f"lost:{ill.pk}:{turn}", new)


def damaged(
    ill: ILLRequest, amount: Decimal, *, key: str, actor: Actor, now: datetime, note: str = "", provisional: bool = True
) -> Charge:
    """The lender decides on repair, replacement or compensation: provisional until then."""
    patron = _patron_of(ill)
    stands_still(ill)
    new = New(Charge.DAMAGED, amount, "damaged", ill=ill.pk, provisional=provisional, note=note)
    return actions.charge(key, patron, new, actor=actor, now=now)


def standing_lost(ill: ILLRequest) -> Charge | None:
    return ill.charges.filter(kind=Charge.LOST).exclude(state=Charge.UNDONE).select_related("patron", "ill").first()


# --- back ----------------------------------------------------------------------------------------------------


def returned_late(ill: ILLRequest, *, returned: date, actor: Actor, now: datetime) -> Charge | None:
    """It is back: a lost charge becomes overdue only. Exactly that is reversed, once. Where it was paid, or the lender
    has sent its invoice, the lender is asked first. Returns the overdue charge that stands, if any."""
    row = standing_lost(ill)
    if row is not None:
        _back(row, ill, actor=actor, now=now)
    if ill.due_patron is None or ill.patron_id is None or ill.charge_holds.filter(until=None).exists():
        return None
    return overdue_now(ill, until=returned, actor=actor, now=now, why="late")


def came_back(ill: ILLRequest) -> date | None:
    """The day of its last check-in."""
    event = Event.objects.filter(subject_kind="request", subject_id=ill.pk, name="request.check_in").order_by(
        "-at").first()
    return timezone.localtime(event.at).date() if event is not None else None


def _back(row: Charge, ill: ILLRequest, *, actor: Actor, now: datetime) -> None:
    with held(row.patron_id, actor=actor, now=now) as mine:
        one = mine.charge(row.pk)
        if one.state == Charge.UNDONE or one.item_back is not None:
            return
        one.item_back = now
        if one.state == Charge.PROVISIONAL and not one.paid:
            actions.take_away(mine, one, "returned", key=f"back:{one.pk}")
            events.record("charge.cancelled", subject=one.subject, actor=actor, now=now, data={"why": "returned"})
            letters.charge(one, "charge_cancelled", now=now, key=f"charge_cancelled:{one.number}")
        elif one.state != Charge.ASKED:
            _ask_lender(mine, one)


def _ask_lender(mine, one: Charge) -> None:
    one.state, one.lender_asked, one.provisional_until = Charge.ASKED, mine.now, None
    sent = letters.to_lender(one, now=mine.now, key=f"lender_found:{one.number}")
    events.record("charge.lender_asked", subject=one.subject, actor=mine.actor, now=mine.now,
                  data={"untold": sent is None})


def found(row: Charge, *, actor: Actor, now: datetime) -> Charge:
    """The patron says that a lost item was found, after it was paid or billed: the lender is asked whether it wants it
    and what it refunds. Nothing is refunded yet."""
    with held(row.patron_id, actor=actor, now=now) as mine:
        one = mine.charge(row.pk)
        if one.kind != Charge.LOST or one.state == Charge.UNDONE:
            raise NotAllowed(_("Only what was charged as lost is found again."))
        if one.state != Charge.ASKED and one.refunded is None:
            _ask_lender(mine, one)
        return one


def scanned(row: Charge, barcode: str, *, actor: Actor, now: datetime) -> Charge:
    """The item itself is here: its barcode was scanned, or the number of its request."""
    ill = row.ill
    known = {ill.barcode.casefold(), ill.number.casefold()} if ill is not None else {row.number.casefold()}
    if not barcode.strip() or barcode.strip().casefold() not in known - {""}:
        raise BadAnswer(_("This is not the barcode of the item. Nothing was changed."), field="barcode")
    with held(row.patron_id, actor=actor, now=now) as mine:
        one = mine.charge(row.pk)
        if one.item_back is None:
            one.item_back = now
            events.record("charge.item_back", subject=one.subject, actor=actor, now=now)
        return one


def lender_answered(row: Charge, refunds: Decimal, *, actor: Actor, now: datetime, note: str = "") -> Charge:
    """What the lender gives back of what it charged; nothing is an answer, too."""
    if refunds < 0 or refunds > money.MOST or refunds != refunds.quantize(money.CENT):
        raise BadAnswer(_("Enter what the lender refunds, to the cent."), field="amount")
    with held(row.patron_id, actor=actor, now=now) as mine:
        one = mine.charge(row.pk)
        if one.state != Charge.ASKED:
            raise NotAllowed(_("The lender was not asked about this charge."))
        if refunds > one.amount:
            raise BadAnswer(_("It cannot refund more than was charged: %(amount)s.") % {"amount": one.amount},
                            field="amount")
        one.lender_refunds = refunds
        mine.note(one, "lender", note)
        events.record("charge.lender_answered", subject=one.subject, actor=actor, now=now,
                      data={"refunds": str(refunds)})
        return one


def keeps(one: Charge, policy: ChargePolicy, *, now: datetime) -> Decimal:
    """What stays of a charge for something that was found, by the library's rules."""
    refunds = one.lender_refunds or NOTHING
    by_lender = max(one.amount - one.fee - refunds, NOTHING)
    last_paid = one.moves.filter(what__in=["paid", "credit_used", "paid_there"], undone_by=None).aggregate(
        at=Max("at"))["at"]
    too_late = bool(policy.refund_days and last_paid and now - last_paid > timedelta(days=policy.refund_days))
    if too_late or policy.refund == ChargePolicy.NONE:
        return one.amount
    return min(by_lender + (one.fee if policy.refund == ChargePolicy.LESS_FEE else NOTHING), one.amount)


def refunded(row: Charge, *, actor: Actor, now: datetime) -> Charge:
    """By the library's rules, once, and only after the lender answered and the item was scanned. What was paid beyond
    what stays becomes the patron's credit."""
    policy = ChargePolicy.current()
    with held(row.patron_id, actor=actor, now=now) as mine:
        one = mine.charge(row.pk)
        if one.refunded is not None:
            return one
        if one.state != Charge.ASKED or one.lender_refunds is None:
            raise NotAllowed(_("Ask the lender first, and enter its answer: then it is refunded."))
        if one.item_back is None:
            raise NotAllowed(_("Scan the item first: nothing is refunded before it is here."))
        keep = keeps(one, policy, now=now)
        if keep < one.amount:
            actions.take_away(mine, one, "found", key=f"refund:{one.pk}", keep=keep)
        else:
            one.state, one.patron_owns = Charge.FINAL, policy.becomes_owner
        one.refunded = one.told = now
        events.record("charge.refunded", subject=one.subject, actor=actor, now=now, data={"keeps": str(keep)})
        letters.charge(one, "charge_refunded", now=now, key=f"charge_refunded:{one.number}")
        return one


# --- "I returned it" -----------------------------------------------------------------------------------------


def stands_still(ill: ILLRequest) -> None:
    """NotAllowed while a search is on."""
    if ill.charge_holds.filter(until=None).exists():
        raise NotAllowed(_("The patron says that it was returned: charging stands still until the search ends. "
                           "Nobody was charged."))


def hold(ill: ILLRequest, *, actor: Actor, now: datetime, note: str = "") -> ChargeHold:
    """The clock of charges stands still from today on. Once while it holds."""
    day = timezone.localtime(now).date()
    row = ChargeHold(ill=ill, since=day, at=now, by=actor.user, note=note.strip())
    if not rows.insert(row, unless_there=True):
        return ChargeHold.objects.get(ill=ill, until=None)
    events.record("charge.hold", subject=ill.subject, actor=actor, now=now)
    return row


def end_hold(ill: ILLRequest, *, actor: Actor, now: datetime) -> bool:
    """The clock goes on; days of the search are never counted. False where none held."""
    day = timezone.localtime(now).date()
    if not ChargeHold.objects.filter(ill=ill, until=None).update(until=day, ended_by=actor.user):
        return False
    events.record("charge.hold_ended", subject=ill.subject, actor=actor, now=now)
    return True


def held_ills() -> Q:
    """Charges whose request is being searched for."""
    return Q(ill__in=ChargeHold.objects.filter(until=None).values("ill"))


def _patron_of(ill: ILLRequest) -> int:
    if ill.patron_id is None:
        raise NotAllowed(_("This request has no patron who could be charged."))
    return ill.patron_id
