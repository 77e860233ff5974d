"""Situations 31 (what-if), 34 and 60 (copyright) of a normal and a bad year, through the pages and the real doors."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.utils import timezone

from illdesk import actors
from illdesk.errors import NotAllowed
from illdesk.models import Event, Job
from requests_app.actions import Elsewhere, perform
from requests_app.copyright import audit, records, report, rule_sets, what_if, what_if_rows
from requests_app.models import CopyrightDecision, CopyrightUse, ILLRequest, RecordDeletion
from tests import factories as f
from tests.requests_app.copyright.stories import ISSN, OTHER, article, by_hand, place_of, ready, sent, use_of

pytestmark = pytest.mark.django_db
HIL = actors.partner("HIL")


def at(year: int, month: int, day: int, hour: int = 15) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def zone(settings):
    """The library's time zone, set for a moment."""

    def use(name: str):
        settings.TIME_ZONE = name
        timezone.get_default_timezone.cache_clear()
        timezone.activate(ZoneInfo(name))
        return ZoneInfo(name)

    yield use
    timezone.deactivate()
    timezone.get_default_timezone.cache_clear()


# --- 31 ------------------------------------------------------------------------------------------------------------


def test_situation_31_what_a_subscription_would_have_changed_is_offered_and_history_stays(client):
    client.force_login(f.user("coordinator"))
    march, august = sent(now=at(2026, 3, 2)), sent(now=at(2026, 8, 3))
    before = list(CopyrightUse.objects.order_by("pk").values())
    page = text(client.post("/copyright/what-if/", {
        "year": "2026", "rules": "us-contu/1", "typed": f"{ISSN}, 2026-06-15"}))
    assert "1 within, 0 beyond, 1 not counted" in page and august.number in page and march.number not in page
    assert list(CopyrightUse.objects.order_by("pk").values()) == before, "no row was rewritten"


# --- 34 ------------------------------------------------------------------------------------------------------------


def of_2023() -> dict[str, ILLRequest]:
    """Filled, cancelled, unfilled, old, paid, and one sent in December that came in January."""
    now = at(2023, 3, 2)
    rows = {name: sent(now=now) for name in ("filled", "cancelled", "unfilled")}
    perform(rows["filled"], "lender_sent_copy", actor=HIL, now=at(2023, 3, 9))
    perform(rows["cancelled"], "ask_cancel", actor=f.staff(), now=now, text="Bought.")
    perform(rows["cancelled"], "lender_cancelled", actor=HIL, now=now)
    perform(rows["unfilled"], "lender_unfilled", actor=HIL, now=now, reason="NotHeld")
    perform(rows["unfilled"], "lender_unfilled", actor=actors.partner("OAK"), now=now, reason="NotHeld")
    perform(rows["unfilled"], "cancel", actor=f.staff(), now=now, reason="not_found")
    rows["old"] = sent(now=now, year="1990", issn=OTHER, title="Older letters")
    rows["paid"] = by_hand(ready(now=now, note="For my class"), "US-CCL", now=now, ground="royalty")
    perform(rows["paid"], "send", actor=f.staff(), now=now)
    CopyrightUse.objects.filter(ill=rows["paid"]).update(royalty=Decimal("31.00"), currency="USD")
    rows["december"] = sent(now=at(2023, 12, 29))
    perform(rows["december"], "lender_sent_copy", actor=HIL, now=at(2024, 1, 4))
    return rows


def test_situation_34_an_auditor_asks_for_2023_in_december_2026(client):
    boss = f.user("coordinator")
    kept, gone_year = of_2023(), [sent(now=at(2022, 5, 2)) for _time in range(2)]
    # Names are long gone.
    ILLRequest.objects.update(patron=None, asker_note="")
    december = at(2026, 12, 1)
    records.delete_year(2022, actor=actors.staff(boss), now=at(2026, 1, 5))

    # 2023 cannot be deleted before 31 December 2026 has passed.
    for early in (december, at(2026, 12, 31)):
        with pytest.raises(NotAllowed, match="kept through 2026-12-31"):
            records.delete_year(2023, actor=actors.staff(boss), now=early)

    client.force_login(boss)
    lines = list(csv.reader(io.StringIO(
        b"".join(client.get("/copyright/audit/2023.csv").streaming_content).decode("utf-8-sig"))))
    listed = {line[0]: line for line in lines[1:]}
    assert set(listed) == {ill.number for ill in kept.values()}, "also cancelled and unfilled ones"
    assert listed[kept["paid"].number][8:11] == [
        "The royalty is paid, or included in the price", listed[kept["paid"].number][9],
        "USD 31.00 with the lender's invoice"]
    assert listed[kept["old"].number][7:9] == ["US-CCL", "Older than the years that the guidelines speak of"]
    assert listed[kept["filled"].number][7] == "US-CCG" and listed[kept["december"].number][2] == "2024-01-04"
    assert "Żak" not in str(lines) and "class" not in listed[kept["filled"].number][-1]

    found = report.of_year(2023)
    assert (found.requests, found.filled) == (6, 2) and found.royalties == {"USD": (1, Decimal("31.00"))}
    assert found == report.of_rows(CopyrightUse.objects.filter(year=2023)) and len(lines) - 1 == found.requests
    assert [one.check.code for one in audit.findings(2023) if one.count and one.check.fault] == []

    # Of 2022 only the record of its deletion is left, with its totals.
    page = text(client.get("/copyright/report/", {"year": 2022}))
    assert f"by {boss.short_name}" in page and "2 rows. What they added up to stays" in page
    assert all(ill.number not in page for ill in gone_year)
    assert "2 rows" in text(client.get("/copyright/audit/", {"year": 2022}))
    assert not CopyrightDecision.objects.filter(number__in=[ill.number for ill in gone_year]).exists()


def test_situation_34_a_request_that_is_no_longer_kept_stays_in_the_records(client):
    ill = sent(now=at(2023, 3, 2))
    number = ill.number
    CopyrightUse.objects.update(ill=None)  # as the database does when the request goes
    CopyrightDecision.objects.update(ill=None)
    client.force_login(f.user("coordinator"))
    for address in ("/copyright/audit/", "/copyright/report/"):
        page = text(client.get(address, {"year": 2023}))
        assert number in page and f'href="/requests/{number}/"' not in page


# --- 60 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["America/Los_Angeles", "Pacific/Auckland", "America/New_York", "UTC"])
def test_situation_60_counters_turn_at_local_midnight(zone, name):
    local = zone(name)
    before = datetime(2026, 12, 31, 23, 59, tzinfo=local).astimezone(UTC)
    after = datetime(2027, 1, 1, 0, 1, tzinfo=local).astimezone(UTC)
    waiting = [ready(now=before) for _time in range(6)]
    for ill in waiting[:5]:
        perform(ill, "send", actor=f.staff(), now=before)
    with pytest.raises(Elsewhere, match="2026: 5 of 5"):
        perform(waiting[5], "send", actor=f.staff(), now=before)
    by_hand(waiting[5], now=after)
    perform(waiting[5], "send", actor=f.staff(), now=after)
    assert (place_of(waiting[5]), use_of(waiting[5]).asked_on) == (1, date(2027, 1, 1))
    assert [use_of(ill).year for ill in waiting] == [2026] * 5 + [2027]
    assert (report.of_year(2026).requests, report.of_year(2027).requests) == (5, 1)


def test_situation_60_decembers_late_fill_changes_decembers_year_alone():
    ill = sent(now=at(2026, 12, 30))
    before = report.of_year(2027)
    perform(ill, "lender_sent_copy", actor=HIL, now=at(2027, 1, 6))
    assert report.of_year(2027) == before == report.Totals()
    assert (report.of_year(2026).filled, use_of(ill).filled) == (1, at(2027, 1, 6))
    article(now=at(2027, 1, 6))
    assert report.of_year(2027).requests == 0, "asked, not sent"


def test_situation_60_retention_runs_with_a_dry_run_first_and_never_before_its_day(zone, client, capsys):
    local = zone("America/Los_Angeles")
    boss = f.user("coordinator")
    sent(now=at(2023, 6, 1)), sent(now=at(2024, 6, 1))
    last_evening = datetime(2026, 12, 31, 23, 59, tzinfo=local).astimezone(UTC)  # in UTC it is 2027 already
    with pytest.raises(NotAllowed):
        records.begin(2023, actor=actors.staff(boss), now=last_evening)
    assert records.deletable_years(timezone.localtime(last_evening).date()) == []
    morning = datetime(2027, 1, 1, 0, 1, tzinfo=local).astimezone(UTC)
    assert records.deletable_years(timezone.localtime(morning).date()) == [2023]
    found = records.plan(2023)
    assert (found.rows, found.held, CopyrightUse.objects.count()) == (1, 0, 2), "a dry run writes nothing"
    done = records.delete_year(2023, actor=actors.staff(boss), now=morning)
    assert done.rows == found.rows and report.of_year(2024).requests == 1
    assert Event.objects.filter(name="copyright.records_deleted").count() == 1
    with pytest.raises(NotAllowed, match="nothing is left"):
        records.delete_year(2023, actor=actors.staff(boss), now=morning)
    call_command("delete_copyright_records")
    assert RecordDeletion.objects.count() == 1 and not Job.objects.exists()


def test_situation_60_the_same_tables_twice_are_the_same():
    of_2023()
    rules = rule_sets.by_label()
    first, second = (
        (report.of_year(2023), list(report.titles(2023)),
         what_if.replay(what_if_rows.past_of(2023), rules["us-contu/1"], as_then=rules).now) for _time in range(2)
    )
    assert first == second
