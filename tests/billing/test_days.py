"""A day that somebody enters is not to come, and not so far back that it would make a fiscal year."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from billing import fiscal
from billing.batches import actions as batches
from billing.batches.forms import PayForm as BatchPayForm
from billing.batches.models import Batch
from billing.charges import payments as charges
from billing.charges.forms import BackForm
from billing.charges.forms import PayForm as ChargePayForm
from billing.charges.payments import Paid
from billing.efts import actions as efts
from billing.efts.forms import BalanceForm
from billing.efts.forms import PayForm as DepositPayForm
from billing.efts.models import Deposit
from billing.ifm import actions as ifm
from billing.ifm.forms import SettleForm, StatementForm
from billing.ifm.models import NetworkStatement
from billing.invoices import actions as invoices
from billing.invoices import disputes
from billing.invoices import payments as library_payments
from billing.invoices.forms import PaymentForm
from billing.invoices.models import Invoice
from billing.invoices.payments import Received
from billing.ledger import actions as ledger
from billing.ledger.actions import Transfer, Where
from billing.ledger.models import Entry, FiscalYear
from billing.payables import actions as payables
from billing.vouchers import actions as vouchers
from billing.vouchers import stock
from billing.vouchers.forms import BuyForm, CountForm, LoseForm, MoveForm, ReceiveForm, RedeemForm, SpendForm
from billing.vouchers.models import VoucherHolder
from illdesk.errors import BadAnswer
from tests import factories as f

FORMS = (BatchPayForm, BackForm, ChargePayForm, BalanceForm, DepositPayForm, SettleForm, StatementForm, PaymentForm,
         BuyForm, CountForm, LoseForm, MoveForm, ReceiveForm, RedeemForm, SpendForm)


@pytest.mark.nodb
def test_so_many_days_back_and_today_are_taken_and_nothing_else():
    today = timezone.localtime(f.NOW).date()
    for days in (0, 1, 400):
        fiscal.refuse_far(today - timedelta(days=days), now=f.NOW)
    for days in (-1, 401, 3000):
        with pytest.raises(BadAnswer, match="at most 400 days back") as refusal:
            fiscal.refuse_far(today - timedelta(days=days), now=f.NOW)
        assert refusal.value.field == "day"


@pytest.mark.nodb
@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.__module__.split('.')[1]} {form.__name__}")
def test_every_form_of_a_payment_a_charge_or_a_count_asks_for_such_a_day(form):
    field = form.base_fields["day"]
    assert isinstance(field, fiscal.NearDay)
    with pytest.raises(ValidationError, match="at most 400 days back"):
        field.clean("2018-07-03")
    with pytest.raises(ValidationError, match="not in the future"):
        field.clean((timezone.localdate() + timedelta(days=1)).isoformat())


# --- what calls an action directly gets the same sentence ---------------------------------------------------


FAR = {"2018": date(2018, 7, 3), "401 days": date(2025, 1, 25), "tomorrow": date(2026, 3, 3)}


def _acts() -> dict[str, Callable[[date], object]]:
    """Each action of money that takes a day from whoever calls it."""
    who, now = f.staff("coordinator"), f.NOW
    more: dict[str, Any] = {"actor": who, "now": now}
    keyed = more | {"key": "far"}
    patron, library = f.patron(), f.library()
    lent = f.ill("lending.shipped", partner=library)
    deposit = Deposit.objects.create(name="EFTS")
    holder, other = (VoucherHolder.objects.create(name=name) for name in ("Drawer", "Safe"))
    statement = NetworkStatement(system="ifm", month=date(2026, 2, 1), number="1", amount=Decimal(5), day=now.date())
    batch = Batch(number="BT-2026-00001", forwarded=now)
    invoice = Invoice(library=library, kind=Invoice.INVOICE, state=Invoice.SENT)
    transfer = Transfer(Where("bank"), Where("written_off"), Decimal(1), "payment")
    return {
        "charges pay": lambda day: charges.pay("far", patron.pk, Paid(Decimal(1), "cash", day), **more),
        "charges pay back": lambda day: charges.pay_back("far", patron.pk, Paid(Decimal(1), "cash", day), **more),
        "batches pay": lambda day: batches.pay(batch, day=day, reference="W", version=1, **more),
        "payment of a library": lambda day: library_payments.enter(
            library, Received("cheque", day, amount=Decimal(1)), **keyed),
        "dispute of a library": lambda day: disputes.open_dispute(
            invoice, reason="not_received", text="Hm.", asked_on=day, lines=[], **more),
        "line of an invoice": lambda day: invoices.add_line(
            library, kind="other", amount=Decimal(1), why="Hm.", day=day, **keyed),
        "deposit paid in": lambda day: efts.pay_in(deposit, Decimal(1), day=day, **keyed),
        "balance stated": lambda day: efts.state_balance(deposit, day, Decimal(1), **more),
        "month stated": lambda day: ifm.state_month(
            "ifm", date(2026, 2, 1), number="2", amount=Decimal(1), day=day, **more),
        "month settled": lambda day: ifm.settle_statement(statement, day=day, reference="W", **more),
        "vouchers spent": lambda day: vouchers.spend(library, Decimal(8), wholes=1, halves=0, day=day, **keyed),
        "vouchers received": lambda day: vouchers.receive_for_request(lent, wholes=1, halves=0, day=day, **keyed),
        "vouchers bought": lambda day: vouchers.buy(1, 0, day=day, **keyed),
        "vouchers redeemed": lambda day: vouchers.redeem(9, 0, day=day, **keyed),
        "vouchers lost": lambda day: vouchers.lose("whole", 1, holder=holder.pk, day=day, note="Hm.", **keyed),
        "vouchers counted": lambda day: vouchers.count("whole", 1, holder=holder.pk, day=day, why="Hm.", **more),
        "vouchers moved": lambda day: stock.move("whole", 1, giver=holder.pk, taker=other.pk, day=day, **keyed),
        "the books": lambda day: ledger.post("far", transfer, day=day, actor=who, now=now),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("far", FAR.values(), ids=FAR)
def test_every_action_refuses_such_a_day_with_one_sentence_and_nothing_is_entered(far):
    for name, act in _acts().items():
        if name == "the books" and far > f.NOW.date():
            continue  # papers are dated some days ahead
        with pytest.raises(BadAnswer, match="not in the future and at most 400 days back") as refusal:
            act(far)
        assert refusal.value.field in ("day", "asked_on"), name
    assert not Entry.objects.exists() and not FiscalYear.objects.exists()


@pytest.mark.django_db
def test_a_paper_dated_far_back_is_entered_today_and_makes_no_year_of_its_own():
    transfer = Transfer(Where("bank"), Where("written_off"), Decimal(1), "payment")
    row = ledger.post("old", transfer, day=date(2018, 7, 3), actor=f.staff(), now=f.NOW, or_later=True)
    assert (row.day, row.of_day) == (f.NOW.date(), date(2018, 7, 3)) and FiscalYear.objects.count() == 1
    assert ledger.post("old", transfer, day=date(2018, 7, 3), actor=f.staff(), now=f.later(days=500)) == row, "again"


@pytest.mark.django_db
def test_a_paper_is_dated_a_week_ahead_at_most():
    transfer = Transfer(Where("bank"), Where("written_off"), Decimal(1), "payment")
    with pytest.raises(BadAnswer, match="more than a week ahead"):
        ledger.post("a", transfer, day=date(2026, 3, 10), actor=f.staff(), now=f.NOW, or_later=True)
    assert ledger.post("b", transfer, day=date(2026, 3, 9), actor=f.staff(), now=f.NOW).number == 1
    head = payables.Head(library=f.library().pk, number="1", dated=date(2027, 3, 2), currency="USD", total=Decimal(1))
    with pytest.raises(BadAnswer, match="more than a week ahead") as refusal:
        payables.enter(head, [payables.Typed(Decimal(1))], key="k", actor=f.staff("coordinator"), now=f.NOW)
    assert refusal.value.field == "dated"
