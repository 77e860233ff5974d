"""A day that somebody enters is not to come, and not so far back that it would make a fiscal year."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from billing import fiscal
from billing.batches.forms import PayForm as BatchPayForm
from billing.charges.forms import BackForm
from billing.charges.forms import PayForm as ChargePayForm
from billing.efts.forms import BalanceForm
from billing.efts.forms import PayForm as DepositPayForm
from billing.ifm.forms import SettleForm, StatementForm
from billing.invoices.forms import PaymentForm
from billing.vouchers.forms import BuyForm, CountForm, LoseForm, MoveForm, ReceiveForm, RedeemForm, SpendForm
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
