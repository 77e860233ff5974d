"""What a lender asks first; and what we ask a borrower."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from illdesk import actors
from illdesk.errors import BadAnswer, NotAllowed
from requests_app.actions import perform
from requests_app.models import Condition, Library
from tests import factories as f

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 3, 7, 4, 59, 59, tzinfo=UTC)  # the fourth working day after Monday, until its end in New York


def _conditional(**asked):
    row = f.ill("borrowing.sent")
    perform(row, "lender_conditional", actor=actors.partner("HIL"), now=f.NOW, **asked)
    return row


def test_a_cost_that_is_accepted_becomes_the_price_and_the_cap():
    row = _conditional(reason="CostExceedsMaxCost", cost=Decimal("40.00"), currency="EUR")
    assert (row.state, row.respond_by) == ("borrowing.conditional", FRIDAY)
    perform(row, "accept_condition", actor=f.staff(), now=f.NOW)
    assert (row.state, row.cost, row.currency, row.max_cost) == ("borrowing.sent", 40, "EUR", 40)
    asked = row.conditions.get()
    assert (asked.answer, asked.answered) == (Condition.ACCEPTED, f.NOW)


@pytest.mark.parametrize(("keeps", "dialect", "ids"), [
    (False, "plain", 2), (True, "plain", 1), (False, "alma", 1), (False, "reshare", 1),
])
def test_a_retry_has_the_id_that_the_partners_system_expects(keeps, dialect, ids):
    row = _conditional(reason="LoanCondition")
    Library.objects.filter(symbol="HIL").update(retry_keeps_id=keeps, dialect=dialect)
    row.partner.refresh_from_db()
    perform(row, "accept_condition", actor=f.staff(), now=f.NOW)
    assert row.dialogues.count() == ids
    assert f.dialogue(row).closed is None


def test_use_only_and_no_renewals_hold_from_then_on():
    row = _conditional(reason="LoanCondition", loan_condition="LibraryUseOnly,NoRenewals")
    assert not row.library_use_only
    perform(row, "accept_condition", actor=f.staff(), now=f.NOW)
    assert row.library_use_only and row.no_renewals


def test_silence_declines_and_the_clock_says_so():
    row = _conditional(reason="CostExceedsMaxCost", cost=Decimal(90))
    perform(row, "condition_lapsed", actor=actors.CLOCK, now=f.later(days=5))
    assert (row.state, row.reason, row.conditions.get().answer) == (
        "borrowing.unfilled", "condition_lapsed", Condition.LAPSED,
    )


def test_a_lender_that_names_a_later_day_is_asked_again_on_it():
    row = _conditional(reason="OnLoan", retry_after=f.later(days=10))
    perform(row, "retry_later", actor=f.staff(), now=f.NOW)
    assert (row.state, row.retry_on) == ("borrowing.conditional", f.later(days=10))
    with pytest.raises(NotAllowed):
        perform(row, "condition_lapsed", actor=actors.CLOCK, now=f.later(days=5))
    perform(row, "retry_on_day", actor=actors.CLOCK, now=f.later(days=10))
    assert (row.state, row.retry_on) == ("borrowing.sent", None)


def test_where_no_day_is_named_there_is_nothing_to_wait_for():
    row = _conditional(reason="LoanCondition")
    with pytest.raises(NotAllowed, match="named no later day"):
        perform(row, "retry_later", actor=f.staff(), now=f.NOW)


def test_the_lenders_own_deadline_counts_where_it_lies_ahead():
    assert _conditional(reason="LoanCondition", retry_before=f.later(days=2)).respond_by == f.later(days=2)
    assert _conditional(reason="LoanCondition", retry_before=f.later(days=-2)).respond_by == FRIDAY


def test_a_patron_may_cancel_while_the_condition_is_open_and_the_lender_hears_it():
    row = _conditional(reason="LoanCondition")
    perform(row, "patron_cancel", actor=actors.patron(row.patron.user), now=f.NOW)
    assert (row.state, row.reason, row.respond_by) == ("borrowing.cancelled", "patron", None)


def test_ours_is_accepted_and_goes_on_with_what_was_accepted():
    row = f.ill("lending.received")
    perform(row, "ask_condition", actor=f.staff(), now=f.NOW, reason="cost", cost=Decimal(15))
    assert (row.state, row.answered_at) == ("lending.conditional", f.NOW)
    perform(row, "borrower_accepts", actor=actors.partner("HIL"), now=f.NOW)
    assert (row.state, row.cost, row.attention_why) == ("lending.searching", 15, "condition_accepted")


def test_ours_ends_the_request_when_nobody_answers():
    row = f.ill("lending.conditional")
    perform(row, "condition_unanswered", actor=actors.CLOCK, now=f.later(days=5))
    assert (row.state, row.reason) == ("lending.unfilled", "condition_lapsed")


@pytest.mark.parametrize(
    ("answers", "field"), [({}, "reason"), ({"reason": "cost"}, "cost"), ({"reason": "x"}, "reason")]
)
def test_a_condition_must_say_what_it_is(answers, field):
    row = f.ill("lending.received")
    with pytest.raises(BadAnswer) as refused:
        perform(row, "ask_condition", actor=f.staff(), now=f.NOW, **answers)
    assert refused.value.field == field
    assert not Condition.objects.exists()
