"""A year under other rules or with other subscriptions: the same decision, replayed; nothing is written."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from requests_app.copyright import report, rule_sets, rules, what_if, what_if_rows
from requests_app.copyright.what_if import Past, Subscribed
from requests_app.models import CopyrightUse, RuleSet
from tests import factories as f
from tests.guards.world import taken_back, writes
from tests.requests_app.copyright import histories
from tests.requests_app.copyright.stories import by_hand, ready, sent
from tests.requests_app.copyright.test_ours import package, subscription

FIVE = {rules.DEFAULT.label: rules.DEFAULT}
KEY = "issn:1234-5679"


def past(number: int, **fields) -> Past:
    """The nth of one title, of an article of 2024, on the nth of May."""
    return Past(**{
        "pk": number, "title": 1, "name": "Marine Letters", "kind": "periodical", "keys": frozenset({KEY}),
        "number": f"B-{number}", "asked_on": date(2026, 5, number), "placed": True, "over": False,
        "rules": rules.DEFAULT.label, "published_first": date(2024, 1, 1), "published_last": date(2024, 12, 31),
        "certainty": "year",
    } | fields)


def seven() -> list[Past]:
    """Five within, and two for which the royalty was paid."""
    return [*(past(number) for number in range(1, 6)), *(
        past(number, placed=False, denied=True, ground="royalty", royalty=Decimal("38.50"), currency="USD")
        for number in (6, 7)
    )]


def sums(found: what_if.Sums) -> tuple[int, int, int]:
    return found.within, found.over, found.outside


def play(rows, subscribed=(), *, price=None, **changes) -> what_if.Replay:
    new = replace(rules.DEFAULT, code="if", **changes)
    return what_if.replay(rows, new, as_then=FIVE, subscribed=subscribed, price=price)


def test_the_same_rules_say_the_same():
    found = play(seven())
    assert sums(found.then) == sums(found.now) == (5, 0, 2)
    assert found.changed == [] and found.saved == {} and found.owed == 0


def test_who_found_all_places_taken_gets_none_because_one_was_freed_later():
    rows = [*seven()[:4], seven()[5]]
    assert sums(play(rows).now) == (4, 0, 1) and play(rows).changed == []
    assert sums(play(rows, limit=6).now) == (5, 0, 0)


def test_a_higher_limit_saves_the_royalty_of_the_sixth():
    found = play(seven(), limit=6)
    assert sums(found.now) == (6, 0, 1) and found.saved == {"USD": (1, Decimal("38.50"))}
    (title,) = found.changed
    assert [(one.use.number, one.now) for one in title.changed] == [("B-6", "within")]


def test_a_lower_limit_would_have_cost_more():
    found = play(seven(), limit=3)
    assert sums(found.now) == (3, 2, 2) and found.owed == 2
    assert (found.owed_each, found.owed_currency, found.owed_sum) == (Decimal("38.50"), "USD", Decimal("77.00"))
    assert play(seven(), limit=3, price=(Decimal(20), "EUR")).owed_sum == Decimal(40)


def test_without_a_price_what_was_really_paid_counts_else_what_was_agreed():
    agreed = play(seven(), limit=3)
    assert (agreed.owed_each, agreed.owed_by) == (Decimal("38.50"), what_if.AGREED)
    rows = seven()
    rows[5] = replace(rows[5], paid=Decimal("20.00"))
    found = play(rows, limit=3)
    assert (found.owed_each, found.owed_by, found.owed_sum) == (Decimal("20.00"), what_if.PAID, Decimal("40.00"))
    assert play(rows, limit=3, price=(Decimal(9), "USD")).owed_by == what_if.GIVEN


def test_a_subscription_takes_out_what_it_covers_and_leaves_room_to_the_others():
    """Card 31: from its first day on; what was asked for before is as it was."""
    found = play(seven(), [Subscribed(frozenset({KEY}), since=date(2026, 5, 3))])
    assert sums(found.now) == (2, 0, 5) and found.saved == {"USD": (2, Decimal("77.00"))}
    grounds = {one.use.number: one.ground for one in found.changed[0].changed}
    assert grounds == {"B-3": "held", "B-4": "held", "B-5": "held", "B-6": "held", "B-7": "held"}
    found = play(seven(), [Subscribed(frozenset({KEY}), until=date(2026, 5, 2))])
    assert sums(found.now) == (5, 0, 2), "the two it would have left are given to the sixth and the seventh"
    assert found.saved == {"USD": (2, Decimal("77.00"))}
    assert play(seven(), [Subscribed(frozenset({"issn:0028-0836"}))]).changed == []


def test_held_counts_leaves_a_subscription_without_effect():
    assert play(seven(), [Subscribed(frozenset({KEY}))], held_counts=True).changed == []


def test_window_and_older_articles():
    old = [past(1, placed=False, ground="older", published_first=date(2018, 1, 1), published_last=date(2018, 12, 31))]
    assert sums(play(old).now) == (0, 0, 1)
    assert sums(play(old, window_years=10).now) == sums(play(old, older_counts=True).now) == (1, 0, 0)
    doubtful = [past(1, published_first=date(2021, 1, 1), published_last=date(2021, 12, 31))]
    assert sums(play(doubtful).now) == (1, 0, 0)
    assert sums(play(doubtful, doubtful_counts=False).now) == (0, 0, 1)
    assert sums(play(doubtful, window_years=3).now) == (0, 0, 1)


def test_works_may_not_be_counted():
    work = [past(1, kind="work", title=2)]
    assert sums(play(work, works_count=False).now) == (0, 0, 1)


def test_what_a_person_chose_stands_where_both_rules_say_the_same():
    chosen = [past(1, placed=False, ground="permission"), past(2, published_first=date(1990, 1, 1),
                                                             published_last=date(1990, 12, 31))]
    assert sums(play(chosen, limit=9).now) == (1, 0, 1)


def test_one_that_was_over_gets_a_place_only_where_there_is_more_room():
    rows = [past(1), past(2, placed=False, over=True, limit=1)]
    then = {rules.DEFAULT.label: replace(rules.DEFAULT, limit=1)}
    assert sums(what_if.replay(rows, replace(rules.DEFAULT, limit=1), as_then=then).now) == (1, 1, 0)
    assert sums(what_if.replay(rows, replace(rules.DEFAULT, limit=2), as_then=then).now) == (2, 0, 0)


@pytest.mark.parametrize(("text", "found", "unread"), [
    ("issn,since,until\n1234-5679,2020-01-01,2025-12-31\n", [(date(2020, 1, 1), date(2025, 12, 31))], []),
    ("12345679;2020;2025", [(date(2020, 1, 1), date(2025, 12, 31))], []),
    ("\ufeff1234-5679\t\t\n\n", [(None, None)], []),
    ("1234-5679,soon\n1234-5678\n1234-5679,2020-13-45", [], ["1234-5679,soon", "1234-5678", "1234-5679,2020-13-45"]),
    ("", [], []), ("Title only\nAnother", [], ["Title only", "Another"]),
    ("hello", [], ["hello"]), ("ISSN impreso;Desde\n1234-5679;2020", [(date(2020, 1, 1), None)], []),
])
def test_a_list_is_read_as_people_write_it(text, found, unread):
    rows, left = what_if_rows.read_list(text)
    assert [(row.since, row.until) for row in rows] == found and left == unread
    assert all(row.keys == {KEY} for row in rows)


@pytest.mark.django_db
def test_a_year_of_the_ledger_is_replayed_and_nothing_written():
    RuleSet.objects.create(code="us-low", name="Low", valid_from=date(2020, 1, 1), settings={"limit": 1})
    sent()
    perform_paid()
    with writes() as seen:
        rows = what_if_rows.past_of(2026)
        found = what_if.replay(rows, rules.DEFAULT, as_then=rule_sets.by_label())
    assert seen.found == []
    assert [row.denied for row in rows] == [False, True]
    assert sums(found.then) == (1, 0, 1) and sums(found.now) == (2, 0, 0)
    assert found.saved == {"USD": (1, Decimal("38.00"))}


def perform_paid() -> None:
    from requests_app.actions import perform

    ill = by_hand(ready(), "US-CCL", ground="royalty")
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    CopyrightUse.objects.filter(ill=ill).update(royalty="38.00", currency="USD")


@pytest.mark.django_db
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories.moves)
def test_the_rules_of_the_history_give_the_ledgers_own_figures(history):
    with taken_back():
        histories.play(history)
        versions = rule_sets.by_label()
        for year in report.years():
            totals, rows = report.of_year(year), what_if_rows.past_of(year)
            same = what_if.replay(rows, versions["us-low/1"], as_then=versions)
            assert sums(same.now) == sums(same.then) == (totals.within, totals.over, totals.not_counted)
            assert same.changed == [] and same.saved == {} and same.owed == 0
            for limit in (1, 3, 9):
                other = what_if.replay(rows, replace(versions["us-low/1"], limit=limit), as_then=versions)
                assert sum(sums(other.now)) == sum(sums(other.then))
                assert all(title.now.within <= limit for title in other.titles.values())


# --- what we have ourselves, judged as the decision judges it -----------------------------------------------------


def held_by(rows_of) -> list[str]:
    """The grounds of the uses of 2026, were they judged anew with these rows of ours."""
    rows = what_if_rows.past_of(2026)
    found = what_if.replay(rows, rules.DEFAULT, as_then=rule_sets.by_label(), subscribed=rows_of(rows))
    return [one.ground for title in found.titles.values() for one in title.changed]


@pytest.mark.django_db
@pytest.mark.parametrize(("fields", "held"), [
    ({}, True), ({"on": False}, False), ({"generation": 2}, False), ({"free": True}, False),
    ({"embargo": "P3Y"}, False), ({"depth": "abstracts"}, False), ({"depth": "selected"}, False),
    ({"kind": "monograph"}, False),
    ({"first_date": "2025"}, False), ({"last_date": "2023-12"}, False), ({"embargo": "P1Y"}, True),
])
def test_of_packages_only_what_the_decision_takes_is_taken(fields, held):
    sent()
    package(**fields)
    assert held_by(what_if_rows.holdings) == (["held"] if held else [])


@pytest.mark.django_db
@pytest.mark.parametrize(("fields", "held"), [
    ({}, True), ({"begins": date(2026, 3, 3)}, False), ({"ends": date(2026, 3, 1)}, False),
    ({"covers_from": "2025"}, False),
    ({"begins": None, "ordered": date(2026, 3, 2)}, True), ({"begins": None, "ordered": date(2026, 3, 3)}, False),
    ({"embargo": "P3Y"}, False), ({"kind": "work"}, False),
])
def test_our_subscriptions_are_taken_with_their_days_and_what_they_cover(fields, held):
    sent()
    subscription(**fields)
    assert held_by(what_if_rows.subscriptions) == (["held"] if held else [])


@pytest.mark.django_db
def test_what_we_have_costs_the_same_for_many(django_assert_max_num_queries):
    for _time in range(4):
        sent()
    subscription(), package()
    rows = what_if_rows.past_of(2026)
    with django_assert_max_num_queries(4):
        assert len(what_if_rows.subscriptions(rows)) == len(what_if_rows.holdings(rows)) == 1
