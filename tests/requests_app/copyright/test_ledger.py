"""Corrections of the ledger: titles merged, uses moved; every row is kept."""

from datetime import UTC, datetime

import pytest

from illdesk import actors
from illdesk.errors import NotAllowed
from requests_app.actions import Elsewhere, perform
from requests_app.copyright import clearance, ledger
from requests_app.models import CopyrightTitle, CopyrightUse
from tests import factories as f
from tests.requests_app.copyright.stories import ISSN, OTHER, article, place_of, ready, sent, use_of

pytestmark = pytest.mark.django_db


def on(month: int, day: int = 1, year: int = 2026) -> datetime:
    return datetime(year, month, day, 15, tzinfo=UTC)


def title(issn: str) -> CopyrightTitle:
    return CopyrightTitle.objects.get(numbers__key=f"issn:{issn}")


def merged(**more):
    return ledger.merge(title(ISSN), title(OTHER), by=f.user("coordinator"), now=on(12), **more)


def test_a_title_that_changed_its_name_keeps_all_uses_and_the_last_becomes_over():
    """Card 29: three under the old name, three under the new."""
    old = [sent(now=on(month)) for month in (1, 3, 6)]
    new = [sent(now=on(month), issn=OTHER, title="Marine Letters and Reports") for month in (2, 4, 5)]
    over = merged()
    assert [use.ill for use in over] == [old[2]], "the sixth by the day it was asked for"
    assert [place_of(ill) for ill in old] == [1, 2, None] and use_of(old[2]).over
    assert [place_of(ill) for ill in new] == [3, 4, 5], "the smallest free ones, in the order of their days"
    assert {use_of(ill).title for ill in (*old, *new)} == {title(ISSN)} == {title(OTHER)}
    former = CopyrightUse.objects.get(ill=old[2], state="freed")
    assert (former.place, former.freed_why, use_of(old[2]).instead_of) == (3, "merged", former)
    assert CopyrightUse.objects.count() == 10, "six, and the four rows that they took the part of"
    assert ready(now=on(12), issn=OTHER).state == "borrowing.copyright_review"


def test_years_are_merged_each_by_itself_and_nothing_changes_that_need_not():
    for year in (2025, 2026):
        for issn in (ISSN, OTHER):
            sent(now=on(6, year=year), issn=issn)
    before = set(CopyrightUse.objects.filter(title=title(ISSN)).values_list("pk", flat=True))
    assert merged() == []
    assert before <= set(CopyrightUse.objects.exclude(state="freed").values_list("pk", flat=True))
    for year in (2025, 2026):
        live = CopyrightUse.objects.filter(year=year).exclude(state="freed")
        assert sorted(live.values_list("place", flat=True)) == [1, 2]


def test_what_is_outside_goes_along_and_what_was_freed_stays():
    outside = sent(issn=OTHER, year="1990")
    ended = sent(issn=OTHER)
    perform(ended, "ask_cancel", actor=f.staff(), now=f.NOW, text="Bought.")
    perform(ended, "record_cancelled", actor=f.staff(), now=f.NOW)
    sent()
    merged()
    assert use_of(outside).title == title(ISSN) and use_of(outside).ground == "older"
    assert CopyrightUse.objects.get(ill=ended).title.name == "Marine Letters"


def test_a_merged_title_is_merged_once():
    sent(), sent(issn=OTHER)
    keep, gone = title(ISSN), title(OTHER)
    ledger.merge(keep, gone, by=None, now=on(12))
    for pair in ((keep, gone), (keep, keep)):
        with pytest.raises(NotAllowed, match="one already"):
            ledger.merge(*pair, by=None, now=on(12))


def test_who_was_sent_under_the_former_title_keeps_the_place_at_the_new_one():
    ill = sent(issn=OTHER)
    sent(now=on(1))
    merged()
    assert place_of(ill) == 2
    perform(ill, "lender_unfilled", actor=actors.partner("HIL"), now=on(12), reason="NotHeld")
    assert (ill.state, ill.partner.symbol, place_of(ill)) == ("borrowing.sent", "OAK", 2)


def test_a_place_wanted_of_a_title_that_was_just_merged_is_taken_where_it_went():
    """The row was read before the merge, and used after it."""
    sent(issn=OTHER)
    sent()
    stale = title(OTHER)
    merged()
    ill = article()
    found = clearance.look(ill, now=f.NOW)
    use = ledger.hold(ill, ledger.Sending(title=stale, **clearance.sending_facts(found)), by=None, now=f.NOW)
    assert (use.title, use.place) == (title(ISSN), 3)


def test_a_wrong_number_put_right_moves_the_use_and_leaves_its_place_free():
    wrong, right = sent(), sent(issn=OTHER)
    assert ledger.move([use_of(wrong)], title(OTHER), by=None, now=on(12)) == []
    assert (place_of(right), place_of(wrong), use_of(wrong).title) == (1, 2, title(OTHER))
    assert place_of(sent()) == 1
    assert CopyrightUse.objects.get(ill=wrong, state="freed").freed_why == "moved"


def test_a_use_moved_to_a_full_title_is_over_when_it_is_the_latest_and_the_latest_is_when_it_is_not():
    for month in (2, 3, 4, 5, 6):
        sent(now=on(month), issn=OTHER)
    early, late = sent(now=on(1)), sent(now=on(7))
    assert [use.ill for use in ledger.move([use_of(late)], title(OTHER), by=None, now=on(12))] == [late]
    beyond = ledger.move([use_of(early)], title(OTHER), by=None, now=on(12))
    assert [use.asked_on.month for use in beyond] == [6] and place_of(early) == 5
    assert CopyrightUse.objects.filter(over=True).exclude(state="freed").count() == 2


def test_over_ones_are_shown_and_take_no_place():
    for month in (2, 3, 4, 5, 6):
        sent(now=on(month), issn=OTHER)
    sent(now=on(7))
    merged()
    live = CopyrightUse.objects.exclude(state="freed")
    assert sorted(use.place for use in live if use.place) == [1, 2, 3, 4, 5]
    with pytest.raises(Elsewhere, match="5 of 5"):
        ill = ready(now=on(8), issn="2049-3630")
        ill.citation.issn = ISSN
        ill.citation.save()
        perform(ill, "send", actor=f.staff(), now=on(8))
