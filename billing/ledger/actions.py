"""What changes the books: entries written and reversed, fiscal years opened, months closed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import fiscal
from billing.ledger import chart
from billing.ledger.models import Account, Entry, FiscalYear, Period
from illdesk import dates, events, money, rows
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed


class PeriodClosed(NotAllowed):
    """The month of the day is closed. As text: the sentence for whoever wanted to enter something in it."""


@dataclass(frozen=True)
class Where:
    """An account by its family in the chart, and by whose it is (0: nobody's in particular)."""

    family: str
    subject: int = 0


@dataclass(frozen=True)
class Foreign:
    """An amount in another currency. `rate`: what one of it cost in the library's own on the day `on`."""

    amount: Decimal
    currency: str
    rate: Decimal
    on: date

    @property
    def own(self) -> Decimal:
        """In the library's currency, to the cent."""
        return (self.amount * self.rate).quantize(money.CENT)


@dataclass(frozen=True)
class Transfer:
    """`amount` from `credit` to `debit`; positive. `what`: a code; `about`: kind and key of what it is for."""

    debit: Where
    credit: Where
    amount: Decimal
    what: str
    about: tuple[str, int] = ("", 0)
    foreign: Foreign | None = None


# --- entries -------------------------------------------------------------------------------------------------


def post(
    key: str, transfer: Transfer, *, day: date, actor: Actor, now: datetime, or_later: bool = False,
    reverses: Entry | None = None,
) -> Entry:
    """Write a transfer, once per `key`: said again, the entry is given that is there. `or_later`: where the month of
    `day` is closed, or so far back that it would make a fiscal year, it is entered today and keeps its day beside it;
    else PeriodClosed. BadAnswer for what is no transfer, and for a day far off; NotAllowed where the key stands for
    another one. Nothing is written then."""
    _checked(transfer)
    with transaction.atomic():
        year, period, entered = _hold(day, now=now, or_later=or_later)
        there = Entry.objects.filter(key=key).select_related("debit", "credit").first()
        if there is not None:
            return _same(there, transfer)
        fiscal.refuse_ahead(entered, now=now, field="day")
        if not or_later and fiscal.far_back(day, now=now):
            fiscal.refuse_far(day, now=now)
        _not_reversed(reverses)  # again, now that nobody else enters anything in this year
        foreign = transfer.foreign
        row = Entry(
            year=year, number=year.last + 1, period=period, day=entered, of_day=day if day != entered else None,
            debit=_account(transfer.debit), credit=_account(transfer.credit), amount=transfer.amount,
            foreign=foreign.amount if foreign else None, foreign_currency=foreign.currency if foreign else "",
            rate=foreign.rate if foreign else None, rate_on=foreign.on if foreign else None, what=transfer.what,
            about_kind=transfer.about[0], about=transfer.about[1], key=key, reverses=reverses, made=now, by=actor.user,
        )
        rows.insert(row)
        FiscalYear.objects.filter(pk=year.pk).update(last=row.number)
        return row


def reverse(entry: Entry, *, key: str, day: date, actor: Actor, now: datetime) -> Entry:
    """Undo an entry by one the other way round, once, on `day` or later; the first stays as it was. NotAllowed for a
    reversal, and for what was reversed under another key."""
    if entry.reverses_id is not None:
        raise NotAllowed(_("A reversal is not reversed: enter what is owed anew."))
    there = Entry.objects.filter(reverses=entry, key=key).first()
    if there is not None:
        return there
    _not_reversed(entry)
    foreign = None
    if entry.foreign is not None and entry.rate is not None and entry.rate_on is not None:
        foreign = Foreign(entry.foreign, entry.foreign_currency, entry.rate, entry.rate_on)
    back = Transfer(
        debit=_where(entry.credit), credit=_where(entry.debit), amount=entry.amount, what=entry.what,
        about=(entry.about_kind, entry.about), foreign=foreign,
    )
    return post(key, back, day=day, actor=actor, now=now, or_later=True, reverses=entry)


def _not_reversed(entry: Entry | None) -> None:
    there = Entry.objects.filter(reverses=entry).first() if entry is not None else None
    if there is not None:
        raise NotAllowed(_("This entry was reversed already, by number %(number)s.") % {"number": there.number})


def _checked(transfer: Transfer) -> None:
    if transfer.amount <= 0 or transfer.amount > money.MOST or transfer.amount != transfer.amount.quantize(money.CENT):
        raise BadAnswer(_("Enter an amount above nothing, to the cent."), field="amount")
    if transfer.foreign is not None and transfer.foreign.own != transfer.amount:
        raise BadAnswer(_("At this rate the foreign amount comes to another one."), field="amount")
    if transfer.debit == transfer.credit:
        raise BadAnswer(_("Money goes from one account to another."), field="credit")
    for where in (transfer.debit, transfer.credit):
        family = chart.FAMILIES.get(where.family)
        if family is None or bool(family.of) != bool(where.subject):
            raise BadAnswer(_("There is no account %(account)s.") % {"account": where.family})


def _same(there: Entry, transfer: Transfer) -> Entry:
    if (_where(there.debit), _where(there.credit), there.amount) != (transfer.debit, transfer.credit, transfer.amount):
        raise NotAllowed(_("Something else was entered under this key already. Nothing was entered."))
    return there


def _where(account: Account) -> Where:
    return Where(account.family, account.subject)


def _account(where: Where) -> Account:
    found = Account.objects.filter(family=where.family, subject=where.subject).first()
    if found is None:
        found = Account(family=where.family, subject=where.subject)
        if not rows.insert(found, unless_there=True):
            found = Account.objects.get(family=where.family, subject=where.subject)
    return found


def _hold(day: date, *, now: datetime, or_later: bool) -> tuple[FiscalYear, Period, date]:
    """The fiscal year in which it is entered, held until we commit; its month is looked at only then, so that one that
    is being closed is closed. Who holds a year gives its numbers, without gaps."""
    today = timezone.localtime(now).date()
    days = [day, today] if or_later and today > day else [day]
    if or_later and fiscal.far_back(day, now=now):
        days = [today]
    for entered in days:
        year = FiscalYear.objects.select_for_update().get(pk=year_of(entered).pk)
        period = Period.objects.get(begins__lte=entered, ends__gte=entered)
        if period.closed is None:
            return year, period, entered
    raise PeriodClosed(
        _("%(month)s is closed: nothing is entered in it any more.") % {"month": dates.month(day)})


# --- fiscal years and months ---------------------------------------------------------------------------------


def year_of(day: date) -> FiscalYear:
    """The fiscal year of a day, with its months; opened where it is not there yet."""
    found = FiscalYear.objects.filter(begins__lte=day, ends__gte=day).first()
    if found is not None:
        return found
    _label, begins, ends = fiscal.year_of(day)
    # Where the settings' month was changed meanwhile, the year between the old and the new ones is a short one.
    before = FiscalYear.objects.filter(ends__lt=day).order_by("-ends").first()
    after = FiscalYear.objects.filter(begins__gt=day).order_by("begins").first()
    if before is not None:
        begins = max(begins, before.ends + timedelta(days=1))
    if after is not None:
        ends = min(ends, after.begins - timedelta(days=1))
    return _open_year(begins, ends)


def _open_year(begins: date, ends: date) -> FiscalYear:
    """Two who open it at once get the same."""
    label = fiscal.label_of(begins)
    if FiscalYear.objects.filter(label=label).exclude(begins=begins).exists():
        label = f"{begins:%Y-%m}"  # a short one beside a whole one of that name
    with transaction.atomic():
        row = FiscalYear(label=label, begins=begins, ends=ends)
        if not rows.insert(row, unless_there=True):
            return FiscalYear.objects.get(begins=begins)
        first = begins
        while first <= ends:
            after = fiscal.months_on(first, 1)
            rows.insert(Period(year=row, begins=first, ends=after - timedelta(days=1)))
            first = after
        return row


def close(period: Period, *, actor: Actor, now: datetime) -> Period:
    """Nothing is entered in this month any more. Months close in their order, and only when they are over."""
    with transaction.atomic():
        FiscalYear.objects.select_for_update().get(pk=period.year_id)  # after whoever enters something now
        row = Period.objects.get(pk=period.pk)
        if row.closed is not None:
            return row
        if row.ends >= timezone.localtime(now).date():
            raise NotAllowed(_("This month is not over yet."))
        earlier = Period.objects.filter(begins__lt=row.begins, closed=None).order_by("begins").first()
        if earlier is not None:
            raise NotAllowed(_("Close %(month)s first: months close in their order.") % {
                "month": dates.month(earlier.begins)})
        Period.objects.filter(pk=row.pk, closed=None).update(closed=now, closed_by=actor.user)
        events.record("books.closed", subject=("period", row.pk), actor=actor, now=now,
                      data={"last": Entry.objects.filter(period=row).aggregate(last=Max("number"))["last"] or 0})
        row.refresh_from_db()
        return row
