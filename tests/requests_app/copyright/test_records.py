"""Records are kept three complete calendar years, or longer; then they go, recorded, and never a held one."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings

from illdesk import actors, jobs
from illdesk.errors import NotAllowed
from illdesk.models import Event, Job, JobItem
from requests_app.actions import perform
from requests_app.copyright import deletions, holds, ledger, listed, records, report
from requests_app.models import (
    CopyrightDecision,
    CopyrightTitle,
    CopyrightUse,
    ILLRequest,
    LegalHold,
    RecordDeletion,
    RecordPolicy,
    Royalty,
)
from tests import factories as f
from tests.guards.world import taken_back
from tests.requests_app.copyright import histories
from tests.requests_app.copyright.stories import ISSN, OTHER, ready, sent

pytestmark = pytest.mark.django_db
IN_2023 = datetime(2023, 3, 2, 15, tzinfo=UTC)
NEW_YEAR = datetime(2027, 1, 4, 15, tzinfo=UTC)
HIL = actors.partner("HIL")


@pytest.fixture
def boss():
    return f.staff("coordinator")


def of_2023(count: int = 3, **fields) -> list[ILLRequest]:
    return [sent(now=IN_2023, **fields) for _time in range(count)]


def hold(boss, **fields) -> LegalHold:
    return holds.place(LegalHold(reason="Case 7", **fields), actor=boss, now=f.NOW)


# --- how long --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("year", "today", "years", "may"), [
    (2026, date(2029, 12, 31), 3, False), (2026, date(2030, 1, 1), 3, True),
    (2023, date(2026, 12, 31), 3, False), (2023, date(2027, 1, 1), 3, True),
    (2023, date(2027, 1, 1), 5, False), (2023, date(2029, 1, 1), 5, True), (2022, date(2026, 12, 1), 3, True),
])
def test_until_the_end_of_the_third_complete_year_or_longer(year, today, years, may):
    assert records.deletable(year, today, years) is may


def test_the_states_schedule_can_only_lengthen_it(boss):
    assert records.kept_years() == 3
    assert records.keep(6, actor=boss, now=f.NOW) and records.kept_years() == 6
    assert not records.keep(6, actor=boss, now=f.NOW), "it was so"
    with pytest.raises(NotAllowed):
        records.keep(2, actor=boss, now=f.NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        RecordPolicy.objects.update(keep_years=2)
    assert Event.objects.get(name="copyright.keeping_changed").data == {"years": 6}


def test_a_day_too_early_nothing_goes(boss):
    of_2023(1)
    for early in (datetime(2026, 12, 31, 15, tzinfo=UTC), f.NOW):
        with pytest.raises(NotAllowed, match="2026-12-31"):
            records.delete_year(2023, actor=boss, now=early)
    assert CopyrightUse.objects.count() == 1 and not RecordDeletion.objects.exists()


# --- deleting --------------------------------------------------------------------------------------------------


def test_what_goes_is_recorded_and_its_totals_stay(boss):
    first, second, third = of_2023()
    perform(first, "lender_sent_copy", actor=HIL, now=IN_2023)
    CopyrightUse.objects.filter(ill=third).update(state="outside", place=None, ground="royalty", royalty="20.50",
                                                  currency="USD")
    sent(now=datetime(2024, 3, 2, 15, tzinfo=UTC))
    before, rows = report.of_year(2023), list(CopyrightUse.objects.filter(year=2023).order_by("-pk").values())
    done = records.delete_year(2023, actor=boss, now=NEW_YEAR)
    assert not CopyrightUse.objects.filter(year=2023).exists() and CopyrightUse.objects.count() == 1
    assert report.read(done.totals) == before and before.royalties == {"USD": (1, Decimal("20.50"))}
    assert (done.rows, done.planned, done.by, done.ended, done.held) == (3, 3, boss.user, NEW_YEAR, 0)
    assert done.digest == records.digest_of("", rows)
    assert CopyrightDecision.objects.count() == 1, "those of the requests that went are gone as well"
    assert CopyrightTitle.objects.count() == 1, "it is used in 2024"
    event = Event.objects.get(name="copyright.records_deleted")
    assert event.data == {"year": 2023, "rows": 3, "decisions": 3, "titles": 0, "held": 0}
    assert Event.objects.filter(name="request.send").count() == 4, "events are never touched"
    assert ILLRequest.objects.count() == 4


def test_the_second_time_finds_nothing(boss):
    of_2023(1)
    records.delete_year(2023, actor=boss, now=NEW_YEAR)
    with pytest.raises(NotAllowed, match="nothing is left"):
        records.delete_year(2023, actor=boss, now=NEW_YEAR)
    assert records.deletable_years(NEW_YEAR.date()) == [] and RecordDeletion.objects.count() == 1


def test_titles_that_nobody_uses_go_too_with_what_was_merged_into_them(boss):
    of_2023(2), of_2023(2, issn=OTHER)
    keep, gone = (CopyrightTitle.objects.get(numbers__key=f"issn:{key}") for key in (ISSN, OTHER))
    ledger.merge(keep, gone, by=boss.user, now=IN_2023)
    assert CopyrightUse.objects.exclude(instead_of=None).exists()
    done = records.delete_year(2023, actor=boss, now=NEW_YEAR)
    assert (done.rows, done.titles) == (6, 2)
    assert not CopyrightTitle.objects.exists() and not CopyrightUse.objects.exists()


def test_a_decision_outlives_its_request_and_goes_with_its_year(boss):
    ill = ready(now=IN_2023)
    CopyrightDecision.objects.update(made=IN_2023)
    perform(ill, "cancel", actor=f.staff(), now=IN_2023, reason="not_found")
    of_2023(1)
    CopyrightDecision.objects.filter(number=ill.number).update(ill=None)
    assert records.plan(2023).decisions == 2
    assert records.delete_year(2023, actor=boss, now=NEW_YEAR).decisions == 2
    assert not CopyrightDecision.objects.exists()


def test_a_december_use_filled_in_january_goes_with_decembers_year(boss):
    ill = sent(now=datetime(2022, 12, 30, 15, tzinfo=UTC))
    perform(ill, "lender_sent_copy", actor=HIL, now=datetime(2023, 1, 5, 15, tzinfo=UTC))
    assert records.deletable_years(date(2026, 1, 2)) == [2022]
    assert records.delete_year(2022, actor=boss, now=datetime(2026, 1, 2, 15, tzinfo=UTC)).rows == 1


# --- held ------------------------------------------------------------------------------------------------------


def test_a_held_year_stays_until_the_hold_is_lifted(boss):
    of_2023(2)
    placed = hold(boss, first_year=2022, last_year=2024)
    assert (records.plan(2023).rows, records.plan(2023).held) == (0, 2)
    assert records.deletable_years(NEW_YEAR.date()) == []
    with pytest.raises(NotAllowed):
        records.delete_year(2023, actor=boss, now=NEW_YEAR)
    holds.lift(placed.pk, actor=boss, now=NEW_YEAR)
    with pytest.raises(NotAllowed, match="lifted already"):
        holds.lift(placed.pk, actor=boss, now=NEW_YEAR)
    assert records.delete_year(2023, actor=boss, now=NEW_YEAR).rows == 2
    assert [row.data for row in Event.objects.filter(name="copyright.hold_placed")] == [
        {"first_year": 2022, "last_year": 2024, "title": None, "number": ""}]


def test_a_held_title_keeps_what_was_merged_into_it(boss):
    of_2023(1), of_2023(1, issn=OTHER), of_2023(1, issn=histories.THIRD)
    keep, gone = (CopyrightTitle.objects.get(numbers__key=f"issn:{key}") for key in (ISSN, OTHER))
    hold(boss, title=gone)
    ledger.merge(keep, gone, by=boss.user, now=IN_2023)
    done = records.delete_year(2023, actor=boss, now=NEW_YEAR)
    assert (done.rows, done.held) == (1, 3)
    assert CopyrightUse.objects.count() == 3 and CopyrightTitle.objects.count() == 2


def test_a_use_that_was_moved_away_from_a_held_title_stays_with_its_former_row(boss):
    moved, other = of_2023(1)[0], of_2023(1, issn=OTHER)[0]
    wrong, right = (CopyrightTitle.objects.get(numbers__key=f"issn:{key}") for key in (ISSN, OTHER))
    ledger.move(CopyrightUse.objects.filter(ill=moved), right, by=boss.user, now=IN_2023)
    hold(boss, title=wrong)
    done = records.delete_year(2023, actor=boss, now=NEW_YEAR)
    assert (done.rows, done.held) == (1, 2)
    assert list(CopyrightUse.objects.values_list("number", flat=True)) == [moved.number] * 2 != [other.number] * 2


def test_a_held_request_keeps_all_of_its_rows_and_decisions(boss):
    kept, *others = of_2023(3)
    perform(kept, "lender_unfilled", actor=HIL, now=IN_2023, reason="NotHeld")
    ledger.free(kept, "other_ground", now=IN_2023)
    CopyrightUse.objects.create(**{
        one.attname: getattr(CopyrightUse.objects.get(ill=kept), one.attname)
        for one in CopyrightUse._meta.concrete_fields if one.attname not in ("id", "state", "place", "freed")
    } | {"state": "outside", "ground": "fair_use", "number": kept.number})
    hold(boss, number=kept.number)
    done = records.delete_year(2023, actor=boss, now=NEW_YEAR)
    assert (done.rows, done.held) == (2, 2)
    assert set(CopyrightUse.objects.values_list("number", flat=True)) == {kept.number}
    assert set(CopyrightDecision.objects.values_list("number", flat=True)) == {kept.number}


def test_a_hold_that_comes_between_two_slices_is_seen(boss):
    of_2023(3)
    row = records.begin(2023, actor=boss, now=NEW_YEAR)
    assert records.delete_slice(row.pk, now=NEW_YEAR, size=1) == 1
    hold(boss, first_year=2023, last_year=2023)
    assert records.delete_slice(row.pk, now=NEW_YEAR, size=1) == 0
    done = records.end(row.pk, actor=boss, now=NEW_YEAR)
    assert (done.rows, done.held, done.planned) == (1, 2, 3)


@pytest.mark.parametrize("fields", [
    {}, {"first_year": 2024, "last_year": 2023}, {"first_year": 2024}, {"last_year": 2024},
])
def test_a_hold_that_says_nothing_is_none(boss, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        hold(boss, **fields)


# --- in a job, by the command ----------------------------------------------------------------------------------


def test_a_job_that_was_killed_goes_on_and_never_counts_twice(boss, monkeypatch):
    of_2023(5), of_2023(2, issn=OTHER)
    monkeypatch.setattr(records, "SLICE", 2)
    with monkeypatch.context() as stopped:
        stopped.setattr(jobs, "_begin", lambda job, at_once, now: job)  # the worker has not begun
        job = deletions.start(2023, by=boss.user, now=NEW_YEAR)
    assert job.total == 5
    items = list(job.items.order_by("pk"))
    with pytest.raises(KeyboardInterrupt), transaction.atomic():  # killed in its transaction
        deletions.one_part(job, items[0], now=NEW_YEAR)
        raise KeyboardInterrupt
    assert CopyrightUse.objects.count() == 7
    jobs._one(job, items[0], NEW_YEAR)
    again = deletions.start(2023, by=boss.user, now=NEW_YEAR)
    assert again.pk == job.pk and RecordDeletion.objects.count() == 1, "clicked again: the same one"
    jobs.sweep(now=f.NOW.replace(year=2027))
    job.refresh_from_db()
    row = RecordDeletion.objects.get()
    assert (job.state, row.rows, row.ended is not None) == (Job.FINISHED, 7, True)
    assert not CopyrightUse.objects.exists()
    assert job.items.get(name="2023-end").words == "Finished: 7 rows in all; 0 held rows stay."


def test_who_lost_the_right_meanwhile_deletes_nothing(boss, monkeypatch):
    of_2023(1)
    monkeypatch.setattr(jobs, "_begin", lambda job, at_once, now: job)
    job = deletions.start(2023, by=boss.user, now=NEW_YEAR)
    boss.user.groups.clear()
    jobs.go_on(job.pk, seconds=None, now=NEW_YEAR)
    assert set(job.items.values_list("state", flat=True)) == {JobItem.FAILED}
    assert CopyrightUse.objects.count() == 1


def told(*arguments: str) -> str:
    out = io.StringIO()
    call_command("delete_copyright_records", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_only_says_what_would_go_until_it_is_told(boss):
    sent(now=datetime(2020, 3, 2, 15, tzinfo=UTC))
    assert "2020: 1 rows and 1 decisions may go, 0 held." in told() and "dry run" in told()
    with pytest.raises(CommandError, match="--by"):
        told("--delete")
    with pytest.raises(CommandError, match="--by"):
        told("--delete", "--by", f.user("borrowing staff").username)
    assert CopyrightUse.objects.count() == 1
    assert "2020: 1 rows, 1 decisions, 1 titles deleted." in told("--delete", "--by", boss.user.username)
    assert told() == "No copyright records may be deleted.\n"


def test_what_is_still_worked_on_or_not_paid_stays(boss):
    alive, left, unpaid = of_2023(3)
    ILLRequest.objects.filter(pk=alive.pk).update(changed=datetime(2026, 5, 2, 15, tzinfo=UTC))
    money = {"title": "x", "year": 2023, "price": Decimal(38), "currency": "USD", "source": "entered",
             "source_on": IN_2023.date(), "agreed": IN_2023, "article": "On tides"}
    Royalty.objects.create(number=unpaid.number, state="owed", used_on=IN_2023.date(), **money)
    released = Royalty.objects.create(number=left.number, state="released", **money)
    found = records.plan(2023)
    assert (found.rows, found.held, found.open) == (1, 2, 2)
    records.delete_year(2023, actor=boss, now=NEW_YEAR)
    kept = set(CopyrightUse.objects.values_list("number", flat=True))
    assert kept == {alive.number, unpaid.number}
    released.refresh_from_db()
    assert (released.article, released.price) == ("", Decimal(38)), "money stays, what was read does not"


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories.moves)
def test_after_any_history_one_year_goes_whole_and_the_other_stays(history):
    with taken_back():
        histories.play(history)
        actor = f.staff("coordinator")
        stays = {year: report.of_year(year) for year in report.years()}
        before = stays.pop(2025, None)
        if before is None:
            return
        done = records.delete_year(2025, actor=actor, now=datetime(2029, 1, 1, 15, tzinfo=UTC))
        assert report.read(done.totals) == before and done.rows == before.rows
        assert {year: report.of_year(year) for year in report.years()} == stays
        assert all(use.title_id for use in listed.uses(2026))
