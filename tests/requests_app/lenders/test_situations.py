"""Situations 5, 6, 7 and 59 of a normal and a bad week, as far as lenders are concerned."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from illdesk.errors import BadAnswer
from illdesk.models import Calendar, OutboxMessage
from requests_app import sweeps
from requests_app.actions import perform
from requests_app.lenders import past, rota
from requests_app.models import ILLRequest, LibraryPolicy, LibrarySymbol
from requests_app.verification.records import Held
from tests import factories as f
from tests.requests_app.lenders import cast

pytestmark = pytest.mark.django_db


def _outcomes(row: ILLRequest) -> list[str]:
    return [f"{entry.library.symbol} {entry.state}" for entry in row.rota.select_related("library")]


def _sent(*symbols: str, now: datetime, **library) -> ILLRequest:
    row = f.ill("borrowing.in_review")
    libraries = [f.library(symbol, **library) for symbol in symbols]
    perform(row, "choose_lenders", actor=f.staff(), now=now, libraries=libraries)
    perform(row, "send", actor=f.staff(), now=now)
    return row


def _leaves(at: datetime) -> None:
    OutboxMessage.objects.filter(state=OutboxMessage.WAITING).update(state=OutboxMessage.SENT, settled=at)


def test_situation_5_a_book_of_ours_that_is_missing_is_never_asked_of_ourselves():
    """Owned, missing from the shelf twice, back to borrowing: every catalogue says that we hold it."""
    f.institution(oclc_symbol="XRV", registry_id="4711")
    us = f.library("R9", agency_value="US-R9", name="Riverside, as another system calls it")
    LibrarySymbol.objects.create(library=us, agency_type="OCLC", agency_value="XRV")
    f.library("HIL")
    row = f.ill("documents.searching")
    number = row.number
    perform(row, "to_borrowing", actor=f.staff(), now=f.NOW)
    cast.checked(
        row, Held("Riverside University", "XRV"), Held("Riverside", "US-RIV", "ISIL"),
        Held("Stacks", "main", "LOCAL", ours=True), Held("Hill", "HIL"),
    )
    found = rota.propose(row, now=f.NOW)
    assert row.number == number and [one.lender.symbol for one in found.rota] == ["HIL"]
    assert found.strangers == ()
    with pytest.raises(BadAnswer, match="is our own library: nobody is asked there"):
        perform(row, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[us])
    # It was chosen before we entered our symbol: passed over when its turn comes.
    perform(row, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library("OAK"), f.library("HIL")])
    LibrarySymbol.objects.update(library=f.library("OAK"))
    perform(row, "send", actor=f.staff(), now=f.NOW)
    assert _outcomes(row) == ["OAK skipped", "HIL asked"]


def test_situation_6_three_lenders_are_silent_over_thanksgiving_each_by_its_own_calendar():
    """Thanksgiving 2026 is Thursday, 26 November. Three days each, asked on Tuesday the 24th at 10 in the morning."""
    now = datetime(2026, 11, 24, 15, tzinfo=UTC)
    oclc = Calendar.objects.get(name="OCLC (Eastern)")
    f.library("AAA", name="A", calendar=oclc, answer_days_loan=3)
    f.library("BBB", name="B", answer_days_loan=3)  # Monday to Friday, no holiday
    f.library("CCC", name="C", answer_days_loan=1)
    f.library("DDD", name="D")
    row = _sent("AAA", "BBB", "CCC", "DDD", now=now)
    _leaves(now)

    def day() -> date:
        row.refresh_from_db()
        return timezone.localtime(row.respond_by).date()

    # OCLC counts the Tuesday, and not Thanksgiving: until Friday.
    assert day() == date(2026, 11, 27)
    assert sweeps.take_due(now=datetime(2026, 11, 28, 4, 59, 58, tzinfo=UTC)) == (0, 0), "not early"
    moved = datetime(2026, 11, 28, 5, 0, 1, tzinfo=UTC)
    assert sweeps.take_due(now=moved) == (1, 0)
    _leaves(moved)
    row.refresh_from_db()
    assert row.partner.symbol == "BBB"
    # Asked on a Saturday: Monday, Tuesday, Wednesday.
    assert day() == date(2026, 12, 2)
    for symbol, on in (("CCC", 3), ("DDD", 5)):
        moment = datetime(2026, 12, on, 6, tzinfo=UTC)
        assert sweeps.take_due(now=moment) == (1, 0)
        _leaves(moment)
        row.refresh_from_db()
        assert (row.state, row.partner.symbol) == ("borrowing.sent", symbol)
    assert _outcomes(row) == ["AAA no_answer", "BBB no_answer", "CCC no_answer", "DDD asked"]
    # From then on it stands against them.
    assert past.outcomes(now=moment, months=12, lately_days=30).average_fill == 0


def test_situation_7_who_charges_more_than_the_cap_is_not_proposed_but_a_person_may_ask_it():
    f.institution()
    LibraryPolicy.objects.create(library=f.library("HIL"), charge_loan=Decimal(40))
    row = cast.checked(f.ill("borrowing.in_review"), Held("Hill", "HIL"))
    found = rota.propose(row, now=f.NOW)
    assert found.rota == () and not found.ranking.left_out[0].final
    assert found.ranking.left_out[0].reasons[0].words == "charges USD 40.00, more than USD 25.00"
    perform(row, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library("HIL")])
    perform(row, "send", actor=f.staff(), now=f.NOW)
    assert row.max_cost == 25, "what is asked for is still within the cap: the rest is a condition, for a person"


def test_situation_59_a_lender_whose_server_was_down_all_morning_keeps_its_days():
    """One day to answer, sent on Monday; the server is down until Wednesday morning."""
    row = _sent("HIL", "OAK", now=f.NOW, answer_days_loan=1)
    due = row.respond_by
    assert timezone.localtime(due).date() == date(2026, 3, 3)
    down = due + timedelta(hours=1)
    assert sweeps.take_due(now=down) == (1, 0)
    row.refresh_from_db()
    assert (row.state, row.partner.symbol, row.attention_why) == ("borrowing.sent", "HIL", "send_failed")
    assert timezone.localtime(row.respond_by).date() == date(2026, 3, 5), "a working day from Wednesday on"
    assert f.events_of(row)[-1] == "request.lender_not_reached"
    assert sweeps.take_due(now=down) == (0, 0), "once"
    assert [one.what for one in OutboxMessage.objects.filter(subject_id=row.pk, partner="HIL")] == ["Request"]
    # On Thursday morning it leaves at last: once, and from then on its one day runs.
    left = datetime(2026, 3, 5, 15, tzinfo=UTC)
    _leaves(left)
    late = row.respond_by + timedelta(minutes=1)
    assert sweeps.take_due(now=late) == (1, 0)
    row.refresh_from_db()
    assert (row.state, row.partner.symbol) == ("borrowing.sent", "HIL")
    assert timezone.localtime(row.respond_by).date() == date(2026, 3, 6)
    # Then it had its day and is silent: the next one is asked.
    assert sweeps.take_due(now=row.respond_by + timedelta(minutes=1)) == (1, 0)
    assert _outcomes(row) == ["HIL no_answer", "OAK asked"]


def test_situation_59_what_leaves_at_once_is_no_reason_to_wait_longer():
    row = _sent("HIL", "OAK", now=f.NOW, answer_days_loan=1)
    _leaves(f.later(seconds=2))
    assert sweeps.take_due(now=row.respond_by + timedelta(minutes=1)) == (1, 0)
    assert _outcomes(row) == ["HIL no_answer", "OAK asked"]


@pytest.mark.parametrize("state", [OutboxMessage.PARKED, OutboxMessage.UNCERTAIN])
def test_situation_59_what_a_person_must_look_at_does_not_keep_the_request_for_ever(state):
    row = _sent("HIL", "OAK", now=f.NOW, answer_days_loan=1)
    OutboxMessage.objects.filter(what="Request").update(state=state, settled=None)
    assert sweeps.take_due(now=row.respond_by + timedelta(minutes=1)) == (1, 0)
    assert _outcomes(row) == ["HIL no_answer", "OAK asked"]


def test_a_lender_that_only_a_person_can_tell_has_its_days_from_the_step_on():
    row = _sent("HIL", "OAK", now=f.NOW, answer_days_loan=1, endpoint="", email="")
    assert not OutboxMessage.objects.filter(subject_id=row.pk, partner="HIL").exists()
    assert sweeps.take_due(now=row.respond_by + timedelta(minutes=1)) == (1, 0)
    assert _outcomes(row) == ["HIL no_answer", "OAK asked"]
