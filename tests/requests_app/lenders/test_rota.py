"""The proposed rota from the real directory: who holds it, what came of earlier requests, at a fixed cost."""

import time
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from illdesk.models import Calendar, ClosedDay, Institution
from requests_app.actions import perform
from requests_app.lenders import candidates, past, rota, stored
from requests_app.models import LenderRule, LibraryPolicy, LibrarySymbol, LoanPolicy, Suspension
from requests_app.verification.records import Held
from tests import factories as f
from tests.requests_app.lenders import cast

pytestmark = pytest.mark.django_db


def proposed(ill, **more) -> list[str]:
    return [row.lender.symbol for row in rota.propose(ill, now=f.NOW, **more).rota]


def why(ill, symbol: str) -> list[str]:
    ranking = rota.propose(ill, now=f.NOW).ranking
    row = next(row for row in (*ranking.offered, *ranking.left_out) if row.lender.symbol == symbol)
    return [reason.words for reason in row.reasons]


# --- holders -----------------------------------------------------------------------------------------------

def test_holders_are_found_by_any_of_their_symbols_and_the_others_are_listed():
    f.institution()
    f.library("HIL")
    LibrarySymbol.objects.create(library=f.library("OAK", name="Oak"), agency_type="OCLC", agency_value="XOK")
    f.library("ASH", name="Ash", agency_type="ISIL", agency_value="DE-Ash1")
    f.library("ELM", name="Elm")
    ill = cast.checked(
        f.asked(), Held("Oak University", "xok"), Held("Ash", "de-ash1", "ISIL"), Held("Elm", "ELM"),
        Held("Far Away University", "FAR", registry_id="77"), Held("Far Away, branch", "far"),
        Held("Oak by its ISIL", "OCLC-XOK", "ISIL"), Held("Without symbol"),
    )
    found = rota.propose(ill, now=f.NOW)
    assert {row.lender.symbol for row in found.rota} == {"OAK", "ASH", "ELM"}, "not HIL, which may not have it"
    assert [row.symbol for row in found.strangers] == ["FAR", ""]
    assert [row.lender.symbol for row in found.ranking.offered][-1] == "HIL", "below those that hold it, but there"


def test_a_symbol_of_the_other_list_is_another_library():
    """Oak is XOK for OCLC: whoever is OAK there is somebody else."""
    f.institution()
    LibrarySymbol.objects.create(library=f.library("OAK"), agency_type="OCLC", agency_value="XOK")
    found = rota.propose(cast.checked(f.asked(), Held("Oakland", "OAK")), now=f.NOW)
    assert [row.name for row in found.strangers] == ["Oakland"] and found.holders == 0


def test_only_the_newest_check_counts():
    f.institution()
    f.library("HIL"), f.library("OAK")
    ill = cast.checked(cast.checked(f.asked(), Held("Hill", "HIL")), Held("Oak", "OAK"))
    assert proposed(ill) == ["OAK"]


@pytest.mark.parametrize("row", [
    Held("We", "RIV"), Held("We", "us-riv", "ISIL"), Held("We", "XRV"), Held("We", "anything", registry_id="4711"),
    Held("We", "main", "LOCAL"), Held("We", "whatever", ours=True), Held("We", "OCLC-XRV", "ISIL"),
])
def test_our_own_holding_is_nobodys_and_we_are_never_proposed(row):
    f.institution(oclc_symbol="XRV" if row.symbol != "RIV" else "", registry_id="4711")
    found = rota.propose(cast.checked(f.asked(), row), now=f.NOW)
    assert (found.rota, found.strangers) == ((), ())


@pytest.mark.parametrize("fields", [
    {"symbol": "RIV"}, {"symbol": "R1", "agency_value": "us-riv"}, {"symbol": "R1", "further": ("OCLC", "xrv")},
])
def test_an_entry_of_the_directory_that_is_ourselves_is_left_out(fields):
    f.institution(oclc_symbol="XRV")
    further = fields.pop("further", None)
    us = f.library(**{"agency_value": "US-R1"} | fields)
    if further:
        LibrarySymbol.objects.create(library=us, agency_type=further[0], agency_value=further[1])
    found = rota.propose(f.asked(), now=f.NOW).ranking
    assert not found.offered and found.left_out[0].final
    names = candidates.our_names(Institution.objects.get())
    assert candidates.is_one_of_ours(us, names) and not candidates.is_one_of_ours(f.library("HIL"), names)


# --- what stands in the directory ------------------------------------------------------------------------------

def test_agreements_terms_and_suspensions_come_from_the_directory():
    f.institution(country="US", region="NY")
    hil, oak, ash, elm = (f.library(symbol, name=symbol) for symbol in ("HIL", "OAK", "ASH", "ELM"))
    cast.group("consortium", hil, name="Northern Lights")
    cast.group("reciprocal", oak)
    LibraryPolicy.objects.create(library=oak, charge_loan=Decimal(30), ships_by="Courier")
    LibraryPolicy.objects.create(library=ash, charge_loan=Decimal(30), lends_books=True, makes_copies=False)
    Suspension.objects.create(library=elm, first=f.NOW.date(), last=f.NOW.date() + timedelta(days=9))
    loan = f.asked()
    assert why(loan, "HIL") == ["in Northern Lights"]
    assert why(loan, "OAK") == ["no charge, by agreement", "by courier"]
    assert why(loan, "ASH") == ["charges USD 30.00, more than USD 25.00"]
    assert why(loan, "ELM") == ["suspended until 11 Mar 2026"]
    assert why(f.asked(service="copy"), "ASH") == ["takes no requests for copies"]
    loan.max_cost = Decimal(40)  # accepted since
    assert why(loan, "ASH") == ["charges USD 30.00"]


def test_days_to_answer_are_its_own_and_its_closed_days_count():
    """Closed over the holidays for longer than it has to answer: not now. With more days it is asked."""
    f.institution()
    calendar = Calendar.objects.create(name="Campus", time_zone="America/New_York")
    ClosedDay.objects.create(calendar=calendar, first=date(2026, 3, 3), last=date(2026, 3, 9))
    ClosedDay.objects.create(calendar=calendar, first=date(2026, 3, 8), last=date(2026, 3, 10))
    f.library("HIL", calendar=calendar, answer_days_loan=4, answer_days_copy=9)
    f.library("OAK", answer_days_loan=4)
    ill = f.asked()
    assert proposed(ill) == ["OAK"]
    assert why(ill, "HIL") == ["closed: would have until 16 Mar 2026 to answer"]
    copy = f.asked(service="copy")
    assert set(proposed(copy)) == {"HIL", "OAK"} and why(copy, "HIL") == ["has 9 days to answer"]
    Calendar.objects.filter(pk=calendar.pk).update(weekdays="")
    assert why(ill, "HIL") == ["its calendar has no working day"]


def test_a_library_asked_already_is_listed_with_what_came_of_it():
    ill = f.ill("borrowing.unfilled", partner=f.library("HIL"))
    f.library("OAK")
    assert proposed(ill) == ["OAK"]
    assert why(ill, "HIL") == ["asked for this already: cannot supply", ]
    assert set(proposed(ill, as_if_new=True)) == {"HIL", "OAK"}


def test_a_day_that_is_near_speaks_against_who_answers_late_and_one_that_has_passed_against_nobody():
    f.institution()
    f.library("HIL", answer_days_loan=9)
    ill = f.asked(need_by=f.NOW.date() + timedelta(days=3))
    assert why(ill, "HIL") == ["may answer after it is needed, by 13 Mar 2026"]
    ill.need_by = f.NOW.date() - timedelta(days=1)
    assert why(ill, "HIL") == ["has 9 days to answer"]


def test_at_most_as_many_as_the_policy_says():
    f.institution()
    cast.many(9)
    assert len(proposed(f.asked())) == 5
    LoanPolicy(pk=1, rota_length=2).save()
    assert len(proposed(f.asked())) == 2


# --- what came of earlier requests --------------------------------------------------------------------------------

def test_the_past_is_measured_from_our_own_requests():
    f.institution()
    hil, oak = f.library("HIL"), f.library("OAK")
    cast.past(hil, supplied=6, failed=1, days=3)
    cast.past(oak, supplied=1, failed=5, days=9)
    cast.past(oak, failed=1, at=f.later(days=-400))
    found = past.outcomes(now=f.later(days=20), months=12, lately_days=30)
    assert found.by_library[hil.pk] == past.Record(supplied=6, failed=1, arrived=6, days=3.0, lately=7)
    assert found.by_library[oak.pk] == past.Record(supplied=1, failed=5, arrived=1, days=9.0, lately=6)
    assert (round(found.average_fill, 3), round(found.average_days, 2)) == (round(7 / 13, 3), round(27 / 7, 2))
    ill = f.asked()
    ranking = rota.propose(ill, now=f.later(days=20)).ranking
    assert [row.lender.symbol for row in ranking.offered] == ["HIL", "OAK"]
    words = [reason.words for reason in ranking.offered[0].reasons]
    assert set(words) == {"supplied 6 of 7", "3 days on average", "asked 7 times in 30 days"}


def test_a_declined_condition_and_who_is_still_asked_are_no_failures():
    f.institution()
    hil = f.library("HIL")
    row = f.ill("borrowing.conditional", partner=hil)
    perform(row, "decline_condition", actor=f.staff(), now=f.NOW)
    f.ill("borrowing.sent", partner=hil)
    found = past.outcomes(now=f.NOW, months=12, lately_days=30)
    assert found.by_library[hil.pk] == past.Record(lately=2)


def test_nothing_past_is_nothing_said():
    assert (past.Past({}).average_fill, past.Past({}).average_days) == (0.5, 0.0)


# --- rules as they are set --------------------------------------------------------------------------------------

def test_a_rule_that_is_set_is_in_force_and_what_is_no_more_is_left_out():
    LenderRule.objects.create(code="share", on=False, weight=7, parameters={"many": 3, "days": "x", "gone": 1})
    LenderRule.objects.create(code="no_such_rule", on=True)
    LenderRule.objects.create(code="ourselves", on=False)
    rules = {rule.code: rule for rule in stored.current()}
    assert (rules["share"].on, rules["share"].weight) == (False, 7)
    assert rules["share"].parameters == {"many": 3, "days": 30}
    assert rules["ourselves"].on and "no_such_rule" not in rules


# --- what it costs ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("count", [2, 300])
def test_the_number_of_queries_is_the_same_for_two_libraries_and_three_hundred(count, django_assert_num_queries):
    f.institution()
    libraries = cast.many(count)
    cast.group("consortium", *libraries)
    for library in libraries:
        LibrarySymbol.objects.create(library=library, agency_type="OCLC", agency_value=f"X{library.pk}")
        LibraryPolicy.objects.create(library=library)
        Suspension.objects.create(library=library, first=date(2020, 1, 1), last=date(2020, 2, 1))
    ill = cast.checked(f.asked(), *(Held(row.name, f"X{row.pk}") for row in libraries))
    with django_assert_num_queries(13):
        found = rota.propose(ill, now=f.NOW)
    assert found.holders == count


def test_five_thousand_libraries_are_ranked_in_well_under_a_second():
    f.institution()
    libraries = cast.many(5000, region="NY")
    cast.group("consortium", *libraries[:400])
    LibraryPolicy.objects.bulk_create(LibraryPolicy(library=row, charge_loan=row.pk % 40) for row in libraries)
    cast.rota_rows(libraries[0], "supplied", 2000)
    cast.rota_rows(libraries[1], "unfilled", 2000)
    ill = cast.checked(f.asked(), *(Held(row.name, row.symbol) for row in libraries[:500]))
    took = []
    for _turn in range(3):
        start = time.perf_counter()
        found = rota.propose(ill, now=f.NOW)
        took.append(time.perf_counter() - start)
    assert len(found.ranking.offered) + len(found.ranking.left_out) >= 5000
    assert min(took) < 1, took
    ills = [f.asked() for _turn in range(50)]
    for turn, row in enumerate(ills):  # half of them with a day of their own on which it is needed
        row.need_by = f.NOW.date() + timedelta(days=turn - 10) if turn % 2 else None
    start = time.perf_counter()
    with CaptureQueriesContext(connection) as seen:
        rota.compare(ills, stored.current(), now=f.NOW)
    took = [time.perf_counter() - start]
    assert len(seen) < 30 and took[0] < 10, (len(seen), took)


def test_the_dry_run_tells_whose_first_lender_changes():
    f.institution()
    hil, oak = f.library("HIL", name="A Hill"), f.library("OAK", name="B Oak")
    cast.group("consortium", oak)
    ills = [f.ill("borrowing.sent", partner=hil) for _turn in range(3)]
    cast.checked(ills[0], Held("A Hill", "HIL"))
    draft = [
        replace(rule, on=rule.code not in ("group", "share")) for rule in stored.current()
    ]
    assert {row.pk for row in rota.last_sent()} == {row.pk for row in ills}
    tried = rota.compare(rota.last_sent(), draft, now=f.NOW)
    assert [row.changes for row in tried] == [True, True, False], "the oldest has a known holder, and it is one"
    assert (tried[0].before.lender.symbol, tried[0].after.lender.symbol) == ("OAK", "HIL")
    assert [row.lender.symbol for row in rota.propose(ills[1], now=f.NOW, as_if_new=True).rota] == ["OAK", "HIL"]
