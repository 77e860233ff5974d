"""Who plays in the stories of charges, and what must hold after every one of them."""

from datetime import date
from decimal import Decimal

from django.db.models import Sum

from billing.charges import actions, payments, queries
from billing.charges.actions import New
from billing.charges.models import Charge, ChargeMove, ChargePolicy, ChargeTerms, PatronMoney
from billing.charges.payments import Paid
from billing.ledger import queries as ledger
from billing.ledger.actions import Where
from billing.ledger.models import Entry
from illdesk import events
from tests import factories as f

D = Decimal
TODAY = date(2026, 3, 2)


def policy(**fields) -> ChargePolicy:
    return ChargePolicy.objects.update_or_create(pk=1, defaults=fields)[0]


def terms(status="", **fields) -> ChargeTerms:
    fields = {"overdue_a_day": D("1.00"), "overdue_most": D("20.00")} | fields
    return ChargeTerms.objects.update_or_create(status=status, defaults=fields)[0]


def charged(patron=None, amount="40.00", *, key="k", kind="other", reason="other", by=None, now=f.NOW, **more):
    patron = patron or f.patron()
    new = New(kind, D(amount), reason, **more)
    return actions.charge(key, patron.pk, new, actor=by or f.staff("coordinator"), now=now)


def paid(patron, amount, *, key="p", way="cash", day=TODAY, now=f.NOW, **more):
    return payments.pay(key, patron.pk, Paid(D(amount), way, day), actor=f.staff("coordinator"), now=now, **more)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def told(now=f.NOW) -> tuple[int, int]:
    """Subscribers do what events started."""
    return events.handle_due(now=now)


def check(patron) -> None:
    """What must hold of a patron's money, whatever happened."""
    rows = list(Charge.objects.filter(patron=patron))
    money = PatronMoney.objects.filter(patron=patron).first()
    credit = money.credit if money else D(0)
    for row in rows:
        assert row.open == row.amount - row.paid - row.waived, row
    assert ledger.balance(Where("patron", patron.pk)) == sum((row.open - row.handed for row in rows), D(0))
    assert ledger.balance(Where("credit", patron.pk)) == credit
    lines = queries.statement(patron.pk)
    if lines:
        assert lines[-1].owed == sum((row.open for row in rows), D(0)), "the statement is the ledger"
        assert lines[-1].credit == credit
    assert queries.by_the_books(patron.pk) == sum((row.here for row in rows), D(0))
    assert ChargeMove.objects.filter(patron=patron).count() == Entry.objects.filter(charge_move__patron=patron).count()
    trial = ledger.trial()
    assert sum(one.debited for one in trial) == sum(one.credited for one in trial)


def check_local() -> None:
    handed = Charge.objects.aggregate(sum=Sum("handed"))["sum"] or D(0)
    assert ledger.balance(Where("local")) == D(str(handed)).quantize(D("0.01"))
