"""Booking amounts of requests: one row and its entry in the books, together or not at all."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.budget import actions as budget
from billing.budget.models import Fund
from billing.costs.models import Booked, CostPolicy, Rate
from billing.ledger import actions as ledger
from billing.ledger.actions import Foreign, Transfer, Where
from illdesk import dates, money, rows
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed

# By whom we are paid, or owe: the account of the books for each way. The library's own where it says "library".
_OTHER = {
    (Booked.COST, "invoice"): "payable", (Booked.INCOME, "invoice"): "library", (Booked.COST, "ifm"): "ifm",
    (Booked.INCOME, "ifm"): "ifm", (Booked.COST, "efts"): "deposit", (Booked.INCOME, "efts"): "deposit",
    (Booked.COST, "voucher"): "vouchers", (Booked.INCOME, "voucher"): "vouchers",
}


@dataclass(frozen=True)
class Booking:
    """What is to be booked. `amount`: own currency, less than nothing for what comes back; `foreign`: as agreed.
    `fund`: its key, of a cost; None takes the one of the settings. `deposit`: key of the account where the way is
    efts. `number`: as the paper has it."""

    side: str
    way: str
    what: str
    source: tuple[str, int]
    day: date
    amount: Decimal
    ill: int | None = None
    library: int | None = None
    fund: int | None = None
    deposit: int = 0
    number: str = ""
    dummy: bool = False
    foreign: Foreign | None = None


def book(key: str, booking: Booking, *, actor: Actor, now: datetime) -> Booked:
    """Once per `key`; what stands under it already is given back. BadAnswer for what cannot be booked: a cost without
    a fund, an invoice without a library; PeriodClosed never: what belongs to a closed month is entered today, with its
    day beside it."""
    with transaction.atomic():
        there = Booked.objects.filter(key=key).first()
        if there is not None:
            return there
        fund = _fund(booking) if booking.side == Booked.COST and booking.what != "fee" else None
        entry = ledger.post(
            f"booked:{key}", _transfer(booking, fund), day=booking.day, actor=actor, now=now, or_later=True)
        foreign = booking.foreign
        row = Booked(
            side=booking.side, way=booking.way, what=booking.what, ill_id=booking.ill, library_id=booking.library,
            number=booking.number[:60], day=booking.day, amount=booking.amount,
            foreign=foreign.amount.copy_sign(booking.amount) if foreign else None,
            foreign_currency=foreign.currency if foreign else "", fund_id=fund, dummy=booking.dummy,
            source_kind=booking.source[0], source=booking.source[1], key=key, entry=entry, made=now,
        )
        rows.insert(row)
        if fund is not None:
            budget.count(fund, entry.day, booking.amount)  # of the year in whose books it stands
        return row


def undo(row: Booked, *, key: str, day: date, actor: Actor, now: datetime) -> Booked:
    """It was wrong: its entry is reversed, and a row of the opposite amount stands beside it. Once."""
    with transaction.atomic():
        found = Booked.objects.select_related("entry", "undone_by").get(pk=row.pk)
        if found.undone_by is not None:
            return found.undone_by
        if Booked.objects.filter(undone_by=found).exists():
            raise NotAllowed(_("This undoes another amount already: book what is right anew."))
        entry = ledger.reverse(found.entry, key=f"booked:{key}", day=day, actor=actor, now=now)
        back = Booked(
            side=found.side, way=found.way, what=found.what, ill_id=found.ill_id, library_id=found.library_id,
            number=found.number, day=day, amount=-found.amount,
            foreign=None if found.foreign is None else -found.foreign, foreign_currency=found.foreign_currency,
            fund_id=found.fund_id, dummy=found.dummy, source_kind=found.source_kind, source=found.source, key=key,
            entry=entry, made=now,
        )
        rows.insert(back)
        Booked.objects.filter(pk=found.pk).update(undone_by=back)
        if found.fund_id is not None:  # of the budget from which it was taken
            budget.count(found.fund_id, found.entry.day, -found.amount)
        return back


def _fund(booking: Booking) -> int:
    if booking.fund is not None:
        return booking.fund
    policy = CostPolicy.current()
    fund = policy.lost_fund if booking.what in ("lost", "damaged") and policy.lost_fund else policy.borrowing_fund
    if fund is None:
        raise BadAnswer(_("Choose a fund: the settings of money name none for this."), field="fund")
    return fund.pk


def _transfer(booking: Booking, fund: int | None) -> Transfer:
    family = _OTHER[booking.side, booking.way]
    subject = {"payable": booking.library, "library": booking.library, "deposit": booking.deposit}.get(family, 0)
    if subject is None:
        raise BadAnswer(_("Say which library it is."), field="library")
    other = Where(family, subject)
    if booking.side == Booked.INCOME:
        own = Where("lending")
        debit, credit = other, own
    else:
        own = Where("fees") if fund is None else Where(
            "lost" if booking.what in ("lost", "damaged") else "borrowing", fund)
        debit, credit = own, other
    if booking.amount < 0:
        debit, credit = credit, debit
    about = ("request", booking.ill) if booking.ill else booking.source
    return Transfer(debit, credit, abs(booking.amount), booking.what, about, booking.foreign)


# --- foreign money -------------------------------------------------------------------------------------------


def rate_on(currency: str, day: date) -> Rate | None:
    """The newest rate entered for that day or before it."""
    return Rate.objects.filter(currency=currency, on__lte=day).order_by("-on").first()


def foreign(amount: Decimal, currency: str, day: date) -> Foreign:
    """An amount with the rate of its day. BadAnswer where no rate was entered."""
    found = rate_on(currency, day)
    if found is None:
        raise BadAnswer(_("No rate of %(currency)s is known on %(day)s: enter it under Rates.") % {
            "currency": currency, "day": dates.in_words(day)}, field="rate")
    return Foreign(abs(amount), currency, found.rate, found.on)


def set_rate(currency: str, on: date, rate: Decimal, *, source: str, actor: Actor) -> Rate:
    """What is entered keeps the rate it was entered with; a rate corrected counts from then on."""
    code = money.currency_of(currency)
    if not rate or rate <= 0 or rate >= money.MOST:
        raise BadAnswer(_("Enter what one unit costs, above nothing."), field="rate")
    row, _made = Rate.objects.update_or_create(
        currency=code, on=on, defaults={"rate": rate, "source": source[:100], "made_by": actor.user})
    return row


def fund_of(code: str) -> Fund | None:
    return Fund.objects.filter(code=code, active=True).first()
