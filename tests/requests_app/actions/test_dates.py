"""Renewals, recalls and overdue notices on both sides."""

from datetime import date, timedelta

import pytest

from illdesk import actors
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import OutboxMessage
from requests_app.actions import perform
from requests_app.models import ILLRequest
from tests import factories as f

pytestmark = pytest.mark.django_db
LATER = date(2026, 6, 1)


def _letters(row: ILLRequest) -> list[str]:
    found = OutboxMessage.objects.filter(channel="mail", subject_id=row.pk, recipient=row.patron.email)
    return list(found.order_by("pk").values_list("what", flat=True))


def _renewed(row: ILLRequest) -> None:
    perform(row, "ask_renewal", actor=f.staff(), now=f.NOW)
    perform(row, "lender_renewed", actor=actors.partner("HIL"), now=f.NOW, due=LATER)


def test_a_granted_renewal_moves_both_dates_and_tells_the_patron():
    row = f.ill("borrowing.checked_out")
    perform(row, "patron_renew", actor=actors.patron(row.patron.user), now=f.NOW)
    assert row.renewal_asked == f.NOW
    perform(row, "lender_renewed", actor=actors.partner("HIL"), now=f.NOW, due=LATER)
    assert (row.due_lender, row.due_patron) == (LATER, LATER - timedelta(days=7))
    assert (row.renewals, row.renewal_asked) == (1, None)
    assert _letters(row)[-1] == "renewed"


def test_a_refused_renewal_leaves_the_dates_and_tells_the_patron():
    row = f.ill("borrowing.checked_out")
    before = row.due_patron
    perform(row, "ask_renewal", actor=f.staff(), now=f.NOW)
    perform(row, "lender_refused_renewal", actor=actors.partner("HIL"), now=f.NOW)
    assert (row.due_patron, row.renewal_asked, row.no_renewals) == (before, None, True)
    assert _letters(row)[-1] == "renewal_refused"


def test_a_renewal_without_a_new_date_is_looked_at():
    row = f.ill("borrowing.checked_out")
    perform(row, "ask_renewal", actor=f.staff(), now=f.NOW)
    perform(row, "lender_renewed", actor=actors.partner("HIL"), now=f.NOW, due=None)
    assert (row.renewals, row.attention_why) == (1, "due_differs")


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"no_renewals": True}, "is not possible"), ({"recalled": f.NOW}, "is not possible"),
    ({"renewal_asked": f.NOW}, "is not possible"), ({"renewals": 1}, "as often as possible"),
])
def test_a_patron_cannot_ask_where_it_is_of_no_use(changes, sentence):
    row = f.ill("borrowing.checked_out")
    ILLRequest.objects.filter(pk=row.pk).update(**changes)
    row = ILLRequest.objects.select_related("patron", "partner").get(pk=row.pk)
    with pytest.raises(NotAllowed, match=sentence):
        perform(row, "patron_renew", actor=actors.patron(row.patron.user), now=f.NOW)


def test_staff_may_ask_beyond_the_patrons_number():
    row = f.ill("borrowing.checked_out")
    _renewed(row)
    perform(row, "ask_renewal", actor=f.staff(), now=f.NOW)
    assert row.renewal_asked == f.NOW


def test_a_renewal_answered_by_telephone():
    row = f.ill("borrowing.checked_out")
    perform(row, "ask_renewal", actor=f.staff(), now=f.NOW)
    with pytest.raises(BadAnswer):
        perform(row, "record_renewal", actor=f.staff(), now=f.NOW, granted="yes")
    perform(row, "record_renewal", actor=f.staff(), now=f.NOW, granted="no")
    assert (row.renewal_asked, row.no_renewals) == (None, True)


def test_a_recall_moves_the_patrons_date_and_ends_a_renewal():
    row = f.ill("borrowing.checked_out")
    perform(row, "ask_renewal", actor=f.staff(), now=f.NOW)
    perform(row, "lender_recalls", actor=actors.partner("HIL"), now=f.NOW, due=date(2026, 3, 20))
    assert (row.due_lender, row.due_patron) == (date(2026, 3, 20), date(2026, 3, 13))
    assert (row.recalled, row.renewal_asked, row.attention_why) == (f.NOW, None, "recalled")
    assert _letters(row)[-1] == "recalled"


def test_a_recall_of_what_is_on_its_way_back_writes_to_no_patron():
    row = f.ill("borrowing.return_shipped")
    before = _letters(row)
    perform(row, "lender_recalls", actor=actors.partner("HIL"), now=f.NOW, due=date(2026, 3, 20))
    assert _letters(row) == before


def test_an_overdue_notice_of_the_lender_reaches_who_has_it():
    row = f.ill("borrowing.checked_out")
    perform(row, "lender_overdue", actor=actors.partner("HIL"), now=f.NOW)
    assert (row.overdue_told, row.attention_why, _letters(row)[-1]) == (f.NOW, "overdue", "overdue")


def test_we_grant_a_renewal_with_a_later_date():
    row = f.ill("lending.shipped")
    perform(row, "borrower_renews", actor=actors.partner("HIL"), now=f.NOW)
    assert (row.renewal_asked, row.attention_why) == (f.NOW, "renew_asked")
    with pytest.raises(BadAnswer):
        perform(row, "grant_renewal", actor=f.staff(), now=f.NOW, due=f.DUE - timedelta(days=1))
    perform(row, "grant_renewal", actor=f.staff(), now=f.NOW, due=LATER)
    assert (row.due_lender, row.renewal_asked, row.attention, row.respond_by) == (LATER, None, None, None)


def test_nothing_is_called_overdue_before_its_day_is_over():
    row = f.ill("lending.shipped")
    with pytest.raises(NotAllowed, match="not overdue"):
        perform(row, "say_overdue", actor=f.staff(), now=f.NOW)
    perform(row, "say_overdue", actor=f.staff(), now=f.NOW + (f.DUE - f.NOW.date()) + timedelta(days=1))
    assert row.overdue_told is not None
