"""Waiting for a place: told in the transaction that frees one, looked at again on a day, decided anew in January."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from illdesk import actors
from illdesk.errors import NotAllowed
from requests_app import sweeps
from requests_app.actions import perform
from requests_app.copyright import ledger, waits
from requests_app.models import CopyrightTitle, ILLRequest, PlaceWait
from tests import factories as f
from tests.requests_app.copyright.beyond import five, fund, paid, sixth
from tests.requests_app.copyright.stories import OTHER, ready, sent, use_of

pytestmark = pytest.mark.django_db


def waiting(**fields) -> ILLRequest:
    row = sixth(**fields)
    perform(row, "wait_for_place", actor=f.staff("borrowing staff"), now=fields.get("now", f.NOW))
    return row


def fresh(row: ILLRequest) -> ILLRequest:
    return ILLRequest.objects.select_related("citation", "partner", "patron").get(pk=row.pk)


def test_who_waits_longest_is_told_when_a_place_is_freed():
    places = five()
    first, second = waiting(), waiting()
    assert first.state == "borrowing.copyright_review" and waits.of(first).next_on == date(2027, 1, 1)
    perform(places[4], "lender_cancelled", actor=actors.partner("HIL"), now=f.later(days=1))
    assert fresh(first).attention_why == "place_free" and fresh(second).attention_why == ""
    # The second time: the next one.
    perform(places[3], "lender_cancelled", actor=actors.partner("HIL"), now=f.later(days=2))
    assert fresh(second).attention_why == "place_free"


def test_told_it_takes_the_place_and_waits_no_more():
    places, row = five(), waiting()
    perform(places[4], "lender_cancelled", actor=actors.partner("HIL"), now=f.later(days=1))
    row = fresh(row)
    perform(row, "decide_copyright", actor=f.staff(), now=f.later(days=1), compliance="US-CCG",
            text="Looked at it.")
    assert (row.attention_why, row.respond_by, waits.of(row)) == ("", None, None)
    perform(row, "send", actor=f.staff(), now=f.later(days=1))
    assert use_of(row).place == 5


def test_somebody_else_took_the_place_and_the_next_free_one_is_told_again():
    places, row = five(), waiting()
    perform(places[4], "lender_cancelled", actor=actors.partner("HIL"), now=f.later(days=1))
    sent(now=f.later(days=1))
    assert fresh(row).attention_why == "" and waits.of(row).told is None
    perform(places[3], "lender_cancelled", actor=actors.partner("HIL"), now=f.later(days=2))
    assert fresh(row).attention_why == "place_free"


def test_nothing_is_told_when_the_step_that_frees_does_not_happen():
    places, row = five(), waiting()
    with pytest.raises(RuntimeError), transaction.atomic():
        perform(places[4], "lender_cancelled", actor=actors.partner("HIL"), now=f.later(days=1))
        raise RuntimeError
    assert fresh(row).attention_why == ""


def test_a_use_that_is_moved_to_another_title_frees_its_place():
    places, row = five(), waiting()
    other = ready(issn=OTHER)
    perform(other, "send", actor=f.staff(), now=f.NOW)
    ledger.move([use_of(places[0])], use_of(other).title, by=None, now=f.NOW)
    assert fresh(row).attention_why == "place_free"


def test_a_merge_that_fills_the_title_tells_nobody_and_who_waited_waits_there():
    five()
    row = waiting()
    other = ready(issn=OTHER)
    perform(other, "send", actor=f.staff(), now=f.NOW)
    keep, gone = use_of(other).title, waits.of(row).title
    ledger.merge(keep, gone, by=None, now=f.NOW)
    assert fresh(row).attention_why == "" and waits.of(row).title == keep
    assert CopyrightTitle.objects.get(pk=gone.pk).merged_into == keep


def test_where_a_place_is_free_there_is_nothing_to_wait_for():
    row = ready(note="For my class")
    with pytest.raises(NotAllowed, match="A place is free"):
        perform(row, "wait_for_place", actor=f.staff(), now=f.NOW)
    assert not PlaceWait.objects.exists()


def test_waiting_twice_keeps_its_turn():
    five()
    row = waiting()
    since = waits.of(row).since
    perform(row, "wait_for_place", actor=f.staff(), now=f.later(days=3))
    assert PlaceWait.objects.get().since == since


def test_on_the_first_of_january_it_goes_on_by_itself_where_no_doubt_is_left():
    five()
    certain, doubtful = waiting(), waiting()
    ILLRequest.objects.filter(pk=doubtful.pk).update(asker_note="For my class")
    sweeps.take_due(now=datetime(2027, 1, 1, 4, 59, tzinfo=UTC))  # still 2026 in New York
    assert fresh(certain).state == "borrowing.copyright_review"
    sweeps.take_due(now=datetime(2027, 1, 1, 5, 1, tzinfo=UTC))
    row = fresh(certain)
    assert (row.state, row.compliance, row.attention_why) == ("borrowing.ready_to_send", "US-CCG", "")
    assert waits.of(row) is None
    row = fresh(doubtful)
    assert (row.state, row.attention_why) == ("borrowing.copyright_review", "wait_over")
    assert waits.of(row).next_on == date(2028, 1, 1)  # nothing waits without a next date
    # The clock comes again: nothing happens twice.
    happened = f.events_of(row)
    sweeps.take_due(now=datetime(2027, 1, 1, 5, 2, tzinfo=UTC))
    assert f.events_of(row) == happened and happened.count("request.wait_over") == 1


def test_the_patrons_day_comes_first_and_is_told():
    five()
    row = sixth()
    ILLRequest.objects.filter(pk=row.pk).update(need_by=f.NOW.date() + timedelta(days=9))
    row = fresh(row)
    perform(row, "wait_for_place", actor=f.staff(), now=f.NOW)
    assert waits.of(row).next_on == row.need_by
    sweeps.take_due(now=f.later(days=10))
    row = fresh(row)
    assert row.attention_why == "wait_over" and waits.of(row).next_on == date(2027, 1, 1)


def test_cancelled_or_paid_it_waits_no_more():
    fund()
    five()
    first, second = waiting(), waiting()
    perform(first, "cancel", actor=f.staff(), now=f.NOW, reason="copyright")
    paid(second)
    assert not PlaceWait.objects.filter(ended=None).exists()
