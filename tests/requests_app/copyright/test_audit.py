"""What an audit asks: complete lists, and checks that find what was put wrong past every door."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings

from illdesk import actors
from requests_app.actions import perform
from requests_app.copyright import audit, declarations, notices, report, texts
from requests_app.models import CopyrightDecision, CopyrightUse, Declaration, ILLRequest, RuleSet
from tests import factories as f
from tests.guards.world import taken_back
from tests.requests_app.copyright import histories
from tests.requests_app.copyright.stories import by_hand, ready, sent

pytestmark = pytest.mark.django_db
HIL = actors.partner("HIL")


def faults(year: int = 2026) -> list[str]:
    return [one.check.code for one in audit.findings(year) if one.count and one.check.fault]


def numbers(year: int = 2026) -> list[str]:
    return [one.number for found in (audit.of_year, audit.of_no_use) for one in found(year)]


def raw(sql: str, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_every_request_that_was_sent_stands_once_whatever_became_of_it():
    filled, ended, other = sent(), sent(), sent(rota=("HIL",))
    never = ready()
    perform(filled, "lender_sent_copy", actor=HIL, now=f.later(days=1))
    perform(ended, "ask_cancel", actor=f.staff(), now=f.NOW, text="Bought.")
    perform(ended, "lender_cancelled", actor=HIL, now=f.NOW)
    perform(other, "lender_unfilled", actor=HIL, now=f.NOW, reason="NotHeld")
    by_hand(other, "US-CCL", ground="fair_use")
    perform(other, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library("OAK")])
    perform(other, "send", actor=f.staff(), now=f.NOW)
    assert sorted(numbers()) == sorted([filled.number, ended.number, other.number]) and never.number not in numbers()
    assert faults() == []
    by_number = {one.number: one for one in audit.of_year(2026)}
    assert (by_number[filled.number].code, by_number[filled.number].who) == ("US-CCG", "by the rules")
    assert by_number[other.number].code == "US-CCL" and by_number[other.number].who != "by the rules"
    assert by_number[other.number].ground == "Fair use (section 107)"
    assert any("Rule: 5 filled requests" in line for line in by_number[filled.number].lines)


def test_what_is_gone_is_listed_all_the_same():
    ill = sent()
    CopyrightUse.objects.update(ill=None)
    CopyrightDecision.objects.update(ill=None)
    row = next(audit.of_year(2026))
    assert (row.number, row.code, row.warning) == (ill.number, "US-CCG", "") and row.lines


def test_what_is_gone_is_said_in_the_codes_of_its_own_rules():
    sent()
    CopyrightDecision.objects.all().delete()
    for label, code in (("us-contu/1", "US-CCG"), ("uk/3", "UK-FairDealing")):
        CopyrightUse.objects.update(ill=None, rules=label)
        assert next(audit.of_year(2026)).code == code
    RuleSet.objects.create(code="other", version=2, valid_from=f.NOW.date(), country="CA",
                           settings={"inside": "EU-DirectiveOrphanWorks"})
    CopyrightUse.objects.update(rules="other/2")
    assert next(audit.of_year(2026)).code == "EU-DirectiveOrphanWorks"


def test_the_warning_named_is_the_one_that_requests_store():
    texts.record_check("warning", notices.VERSION, wording="specified", actor=f.staff("administrator"), now=f.NOW)
    assert audit.warning_now(f.NOW.date()) == texts.on_form(f.NOW.date()).version == "201.14, 2026-11, specified"
    RuleSet.objects.create(code="uk", version=1, valid_from=f.NOW.date(), country="GB", settings={})
    assert audit.warning_now(f.NOW.date()) == ""


def test_no_name_from_a_declaration_is_among_the_records():
    ill = sent()
    declarations.accept(ill, f.signed(name="Zdzisława Nowak"), actor=f.staff(), now=f.NOW)
    assert Declaration.objects.filter(ill=ill, name="Zdzisława Nowak").exists()
    told = str([*audit.rows(2026), *audit.check_rows(2026)])
    assert ill.number in told and "Nowak" not in told


def test_one_that_left_before_the_ledger_is_listed_and_found():
    ill = sent(now=datetime(2026, 1, 2, 3, tzinfo=UTC))
    CopyrightUse.objects.all().delete()
    year = audit.timezone.localtime(ill.dialogues.get().opened).year
    assert numbers(year) == [ill.number] and faults(year) == ["use"]
    assert faults(year + 1) == [] and faults(year - 1) == []


@pytest.mark.parametrize(("code", "sql"), [
    ("ground", "UPDATE requests_app_copyrightuse SET state = 'outside', place = NULL"),
    ("year", "UPDATE requests_app_copyrightuse SET asked_on = '2025-12-31'"),
    ("dates", "UPDATE requests_app_copyrightuse SET state = 'used'"),
    ("ended", "UPDATE requests_app_illrequest SET state = 'borrowing.cancelled'"),
    ("use", "DELETE FROM requests_app_copyrightuse"),
])
def test_what_was_put_wrong_past_every_door_is_found(code, sql):
    sent()
    assert faults() == []
    raw(sql)
    assert faults() == [code]


def test_places_are_looked_at_though_the_database_keeps_them(monkeypatch):
    """Without its constraints, as after a restore from elsewhere."""
    one, two = sent(), sent()
    model = CopyrightUse
    if connection.vendor == "postgresql":
        raw("SET CONSTRAINTS ALL IMMEDIATE")  # a table with rows waiting for their checks cannot be changed
    with connection.schema_editor(atomic=False) if connection.vendor == "postgresql" else taken_back() as editor:
        if editor is None:
            pytest.skip("only on PostgreSQL: SQLite makes the table anew to drop a check")
        for constraint in model._meta.constraints:
            editor.remove_constraint(model, constraint)
    raw("UPDATE requests_app_copyrightuse SET place = 1")
    assert faults() == ["places_twice"]
    raw("UPDATE requests_app_copyrightuse SET place = 6 WHERE number = %s", two.number)
    assert faults() == ["places_beyond"]
    raw("UPDATE requests_app_copyrightuse SET place = NULL WHERE number = %s", one.number)
    assert faults() == ["places_beyond", "unplaced"]


def test_a_lending_copy_without_a_statement_is_found_and_only_a_filled_one_from_here():
    f.ill("lending.finished", service="copy")
    year = f.NOW.year
    ILLRequest.objects.update(compliance="")
    assert faults(year) == ["lending"]
    f.library().__class__.objects.update(country="DE")
    assert faults(year) == []


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories.moves)
def test_after_any_history_the_records_agree_and_the_list_is_the_reports(history):
    with taken_back():
        histories.play(history)
        for year in report.years():
            assert faults(year) == []
            listed = numbers(year)
            assert len(listed) == len(set(listed)) == report.of_year(year).requests
            counted = Counter(one.code for one in audit.of_year(year))
            assert set(counted) <= {"US-CCG", "US-CCL"}
