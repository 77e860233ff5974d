"""Lenders one after the other."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from illdesk import actors
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import Calendar, OutboxMessage
from requests_app.actions import perform
from requests_app.models import ILLRequest, Library, RotaEntry
from tests import factories as f

pytestmark = pytest.mark.django_db


def _chosen(*symbols: str, state: str = "borrowing.in_review", **more) -> ILLRequest:
    row = f.ill(state, **more)
    perform(row, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library(symbol) for symbol in symbols])
    return row


def _states(row: ILLRequest) -> list[str]:
    return [f"{entry.library.symbol} {entry.state}" for entry in row.rota.select_related("library")]


def _asked(row: ILLRequest) -> list[str]:
    found = OutboxMessage.objects.filter(subject_id=row.pk, what="Request").order_by("pk")
    return list(found.values_list("partner", flat=True))


def test_an_unfilled_request_goes_to_the_next_lender_in_one_transaction():
    row = _chosen("HIL", "OAK", "ASH")
    perform(row, "send", actor=f.staff(), now=f.NOW)
    assert (row.partner.symbol, row.rota_left) == ("HIL", 2)
    perform(row, "lender_unfilled", actor=actors.partner("HIL"), now=f.NOW, reason="NotOnShelf")
    assert (row.state, row.partner.symbol, row.rota_left) == ("borrowing.sent", "OAK", 1)
    assert f.events_of(row)[-2:] == ["request.lender_unfilled", "request.next_lender"]
    assert _asked(row) == ["HIL", "OAK"]
    assert _states(row) == ["HIL unfilled", "OAK asked", "ASH waiting"]
    assert [one.request_id for one in row.dialogues.order_by("attempt")] == [f"{row.number}-1", f"{row.number}-2"]


def test_the_end_of_the_rota_waits_for_a_person():
    row = _chosen("HIL")
    perform(row, "send", actor=f.staff(), now=f.NOW)
    perform(row, "lender_unfilled", actor=actors.partner("HIL"), now=f.NOW, reason="NotHeld")
    assert (row.state, row.reason, row.respond_by) == ("borrowing.unfilled", "NotHeld", None)
    perform(row, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library("OAK")])
    assert _states(row) == ["HIL unfilled", "OAK waiting"]


def test_libraries_that_take_nothing_now_are_passed_over():
    row = _chosen("HIL", "OAK", "ASH")
    perform(row, "send", actor=f.staff(), now=f.NOW)
    Library.objects.filter(symbol="OAK").update(active=False)
    perform(row, "lender_unfilled", actor=actors.partner("HIL"), now=f.NOW)
    assert row.partner.symbol == "ASH"
    assert _states(row) == ["HIL unfilled", "OAK skipped", "ASH asked"]


def test_where_all_that_are_left_take_nothing_the_request_stays_unfilled():
    row = _chosen("HIL", "OAK")
    perform(row, "send", actor=f.staff(), now=f.NOW)
    Library.objects.filter(symbol="OAK").update(active=False)
    perform(row, "lender_unfilled", actor=actors.partner("HIL"), now=f.NOW)
    stored = ILLRequest.objects.get(pk=row.pk)
    assert (stored.state, row.state, stored.rota_left, row.rota_left) == (
        "borrowing.unfilled", "borrowing.unfilled", 1, 1,
    )
    assert _asked(row) == ["HIL"]
    with pytest.raises(NotAllowed, match="No library of the rota takes requests now"):
        perform(row, "next_lender", actor=f.staff(), now=f.NOW)


def test_who_asked_to_cancel_is_not_sent_on_to_others():
    row = _chosen("HIL", "OAK")
    perform(row, "send", actor=f.staff(), now=f.NOW)
    perform(row, "ask_cancel", actor=f.staff(), now=f.NOW, text="Bought.")
    perform(row, "lender_unfilled", actor=actors.partner("HIL"), now=f.NOW)
    assert row.state == "borrowing.cancelled"
    assert _asked(row) == ["HIL"]


def test_a_lender_has_its_own_days_to_answer_for_loans_and_for_copies():
    f.library("HIL", answer_days_loan=9, answer_days_copy=2)
    loan = _chosen("HIL")
    perform(loan, "send", actor=f.staff(), now=f.NOW)
    assert _day(loan) == date(2026, 3, 13), "nine working days after a Monday"
    copy = f.ill("borrowing.sent", service="copy", partner=f.library("HIL"))
    assert _day(copy) == date(2026, 3, 4)
    other = _chosen("OAK")
    perform(other, "send", actor=f.staff(), now=f.NOW)
    assert _day(other) == date(2026, 3, 6), "the policy's days"


def _day(row: ILLRequest) -> date:
    return timezone.localtime(row.respond_by).date()


def test_our_closed_days_do_not_stop_anothers_clock_and_its_own_do():
    """Thanksgiving of 2026 is the 26th of November; asked on the Tuesday before, with two days."""
    now = datetime(2026, 11, 24, 15, tzinfo=UTC)
    oclc = Calendar.objects.get(name="OCLC (Eastern)")
    row = f.ill("borrowing.ready_to_send", partner=f.library(calendar=oclc, answer_days_loan=3))
    perform(row, "send", actor=f.staff(), now=now)
    assert _day(row) == date(2026, 11, 27), "Tuesday is the first day, Wednesday the second, Thursday none"


def test_choosing_again_keeps_what_came_of_those_asked():
    row = _chosen("HIL", "OAK")
    perform(row, "send", actor=f.staff(), now=f.NOW)
    perform(row, "record_unfilled", actor=f.staff(), now=f.NOW, reason="in_use")
    perform(row, "record_unfilled", actor=f.staff(), now=f.NOW, reason="not_owned")
    assert row.state == "borrowing.unfilled"
    perform(row, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library("ASH"), f.library("HIL")])
    assert _states(row) == ["HIL unfilled", "OAK unfilled", "ASH waiting", "HIL waiting"]
    assert row.rota_left == 2


@pytest.mark.parametrize("count", [0, 31])
def test_none_and_too_many_are_refused(count):
    row = f.ill("borrowing.in_review")
    libraries = [f.library(f"L{place}") for place in range(count)]
    with pytest.raises(BadAnswer) as refused:
        perform(row, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=libraries)
    assert refused.value.field == "libraries"
    assert not RotaEntry.objects.filter(ill=row).exists()


def test_a_refusal_by_the_other_system_moves_on_too():
    row = _chosen("HIL", "OAK")
    perform(row, "send", actor=f.staff(), now=f.NOW)
    perform(row, "request_refused", actor=actors.SYSTEM, now=f.NOW, note="Unknown agency.")
    assert _states(row) == ["HIL refused", "OAK asked"]


def test_an_ended_request_asks_nobody_any_more():
    row = _chosen("HIL", "OAK")
    perform(row, "cancel", actor=f.staff(), now=f.NOW, reason="own_it")
    assert (row.rota_left, _states(row)) == (0, ["HIL skipped", "OAK skipped"])
