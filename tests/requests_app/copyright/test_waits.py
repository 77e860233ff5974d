"""Waiting for a place: told when one is freed for good, looked at again on a day, decided anew in January."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from illdesk import actors
from illdesk.errors import NotAllowed
from requests_app import lifecycle, sweeps
from requests_app.actions import perform
from requests_app.copyright import corrections, ledger, rule_sets, waits
from requests_app.copyright.rules import DEFAULT
from requests_app.forms.copyright import CopyrightForm
from requests_app.models import CopyrightTitle, ILLRequest, PlaceWait
from tests import factories as f
from tests.requests_app.copyright.beyond import five, fund, paid, sixth
from tests.requests_app.copyright.stories import OTHER, ready, sent, use_of

pytestmark = pytest.mark.django_db(transaction=True)


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
    # A new count has begun: a place is free, which says more than that the day came.
    assert (row.state, row.attention_why, waits.of(row).year) == ("borrowing.copyright_review", "place_free", 2027)
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


# --- who was told goes away -----------------------------------------------------------------------------------


def _told_first(**fields) -> tuple[list[ILLRequest], ILLRequest, ILLRequest]:
    """Two wait; one place became free, and the first was told."""
    places, first, second = five(), waiting(**fields), waiting()
    perform(places[4], "lender_cancelled", actor=actors.partner("HIL"), now=f.later(days=1))
    first, second = fresh(first), fresh(second)
    assert (first.attention_why, second.attention_why) == ("place_free", "")
    return places, first, second


def _cancelled(row: ILLRequest) -> None:
    perform(row, "cancel", actor=f.staff(), now=f.later(days=1), reason="copyright")


def _paid(row: ILLRequest) -> None:
    fund()
    paid(row, now=f.later(days=1))


def _elsewhere(row: ILLRequest) -> None:
    perform(row, "other_version", actor=f.staff(), now=f.later(days=1), text="A preprint")


@pytest.mark.parametrize("goes", [_cancelled, _paid, _elsewhere])
def test_whoever_was_told_and_goes_passes_the_place_on(goes):
    _places, first, second = _told_first()
    goes(first)
    assert waits.of(first) is None and fresh(second).attention_why == "place_free"


def test_whoever_goes_to_take_the_place_keeps_it_until_it_is_sent_or_given_up():
    places, first, second, third = five(), waiting(), waiting(), waiting()
    perform(places[4], "lender_cancelled", actor=actors.partner("HIL"), now=f.later(days=1))
    first, second = fresh(first), fresh(second)
    perform(first, "decide_copyright", actor=f.staff(), now=f.later(days=1), compliance="US-CCG")
    assert fresh(second).attention_why == "" and waits.of(second).told is None
    sweeps.tell_of_places(now=f.later(days=1))
    assert fresh(second).attention_why == ""
    perform(first, "cancel", actor=f.staff(), now=f.later(days=1), reason="not_found")
    assert fresh(second).attention_why == "place_free"
    # Sent, it has the place; the next that is freed is the second's.
    perform(second := fresh(second), "decide_copyright", actor=f.staff(), now=f.later(days=1), compliance="US-CCG")
    perform(second, "send", actor=f.staff(), now=f.later(days=1))
    assert use_of(second).place == 5 and fresh(third).attention_why == ""
    perform(places[3], "lender_cancelled", actor=actors.partner("HIL"), now=f.later(days=1))
    assert fresh(third).attention_why == "place_free"


def test_of_two_places_of_which_one_is_taken_only_one_stays_told():
    places, first, second = five(), waiting(), waiting()
    for row in places[3:]:
        perform(row, "lender_cancelled", actor=actors.partner("HIL"), now=f.later(days=1))
    assert [fresh(row).attention_why for row in (first, second)] == ["place_free", "place_free"]
    sent(now=f.later(days=1))
    assert [fresh(row).attention_why for row in (first, second)] == ["place_free", ""]
    assert waits.of(second).told is None


def test_a_mark_set_after_the_page_was_opened_goes_with_the_wait():
    places, row = five(), waiting()
    opened = fresh(row)
    perform(places[4], "lender_cancelled", actor=actors.partner("HIL"), now=f.later(days=1))
    assert fresh(row).attention_why == "place_free" and opened.attention_why == ""
    perform(opened, "decide_copyright", actor=f.staff(), now=f.later(days=1), compliance="US-CCG")
    assert fresh(row).attention_why == ""


def test_what_nobody_counted_the_clock_counts():
    _places, first, second = _told_first()
    PlaceWait.objects.filter(ill=first).update(ended=f.NOW)
    ILLRequest.objects.filter(pk=first.pk).update(state="borrowing.in_review")
    assert waits.uneven(now=f.NOW) and sweeps.tell_of_places(now=f.later(days=1)) == (1, 0)
    assert fresh(second).attention_why == "place_free" and not waits.uneven(now=f.NOW)


# --- the next count -------------------------------------------------------------------------------------------


def test_after_new_year_it_waits_for_a_place_of_the_new_year():
    five()
    row = waiting(note="For my class")
    sweeps.take_due(now=datetime(2027, 1, 1, 5, 1, tzinfo=UTC))
    assert waits.of(row).year == 2027
    perform(fresh(row), "decide_copyright", actor=f.staff(), now=datetime(2027, 1, 4, 15, tzinfo=UTC),
            compliance="US-CCG", text="It is for a thesis after all.")
    assert waits.of(row) is None


def test_waiting_again_after_new_year_it_waits_for_the_new_year():
    five()
    row, new_year = waiting(), datetime(2027, 1, 5, 15, tzinfo=UTC)
    five(now=new_year)
    perform(fresh(row), "wait_for_place", actor=f.staff(), now=new_year)
    assert (waits.of(row).year, waits.of(row).next_on) == (2027, date(2028, 1, 1))


@pytest.fixture
def dated_by_asking():
    return rule_sets.save(replace(DEFAULT, dated_by="asked"), valid_from=f.NOW.date(), seen=0,
                          actor=f.staff("administrator"), now=f.NOW)


def test_where_the_year_is_fixed_no_new_count_helps(dated_by_asking):
    five()
    row = waiting()
    assert waits.of(row).next_on == f.NOW.date() + timedelta(days=30)
    sweeps.take_due(now=f.later(days=31))
    assert waits.of(row).next_on == f.later(days=61).date() and waits.of(row).year == f.NOW.year
    row = fresh(row)
    form = CopyrightForm(ill=row, step=lifecycle.find(row, "decide_copyright"), today=f.NOW.date())
    words = next(one["words"] for one in form.options if one["value"] == "wait")
    assert "only a place that is freed helps" in words and "next count" not in words


# --- taken back -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", [True, False])
def test_a_step_taken_back_gives_the_wait_back_with_its_turn_and_its_mark(told):
    places, row = five(), waiting()
    wait = waits.of(row)
    if told:
        perform(places[4], "lender_cancelled", actor=actors.partner("HIL"), now=f.later(days=1))
    row = fresh(row)
    perform(row, "other_version", actor=f.staff(), now=f.later(days=1), text="A preprint")
    assert waits.of(row) is None
    perform(row, "undo", actor=f.staff(), now=f.later(days=1))
    row = fresh(row)
    assert waits.of(row) == wait and row.respond_by == waits.moment_of(wait.next_on)
    assert row.attention_why == ("place_free" if told else "")


def test_a_decision_taken_back_gives_the_wait_back():
    _places, first, second = _told_first()
    perform(first, "decide_copyright", actor=f.staff(), now=f.later(days=1), compliance="US-CCG")
    perform(first, "undo", actor=f.staff(), now=f.later(days=1))
    assert waits.of(first) is not None and fresh(first).attention_why == "place_free"
    assert fresh(second).attention_why == ""
    # The second time.
    perform(first := fresh(first), "decide_copyright", actor=f.staff(), now=f.later(days=1), compliance="US-CCG")
    perform(first, "undo", actor=f.staff(), now=f.later(days=1))
    assert waits.of(first) is not None


# --- another limit --------------------------------------------------------------------------------------------


def _limit_of_eight(day: date):
    return rule_sets.save(replace(DEFAULT, limit=8), valid_from=day, seen=rule_sets.newest(),
                          actor=f.staff("administrator"), now=f.NOW)


def test_a_higher_limit_is_told_to_who_waits():
    five()
    row = waiting()
    _limit_of_eight(f.NOW.date())
    assert fresh(row).attention_why == "place_free"


def test_a_limit_that_begins_later_is_told_on_its_day():
    five()
    row = waiting()
    _limit_of_eight(f.later(days=3).date())
    sweeps.tell_of_places(now=f.later(days=2))
    assert fresh(row).attention_why == ""
    sweeps.tell_of_places(now=f.later(days=3))
    assert fresh(row).attention_why == "place_free"


def test_one_beyond_the_limit_takes_a_place_of_the_higher_limit():
    five()
    other = ready(issn=OTHER)
    perform(other, "send", actor=f.staff(), now=f.NOW)
    (over,) = ledger.merge(use_of(other).title, CopyrightTitle.objects.get(name="Marine Letters", uses__place=5),
                           by=None, now=f.NOW)
    _limit_of_eight(f.NOW.date())
    new = corrections.take_place(over, actor=f.staff(), now=f.NOW)
    assert (new.place, new.limit) == (6, 8)
