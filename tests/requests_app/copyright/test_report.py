"""A year's totals: from the rows and by the database they are the same, and the ledger's own."""

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from illdesk import actors
from requests_app.actions import perform
from requests_app.copyright import listed, payment, report
from requests_app.models import CopyrightUse, Royalty
from tests import factories as f
from tests.guards.world import taken_back
from tests.requests_app.copyright import histories
from tests.requests_app.copyright.beyond import five, fund, owed, paid, sixth
from tests.requests_app.copyright.stories import OTHER, by_hand, ready, sent

pytestmark = pytest.mark.django_db
HIL = actors.partner("HIL")
SLOW = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


def uses(year: int) -> list[CopyrightUse]:
    return list(CopyrightUse.objects.filter(year=year).order_by("pk"))


def test_each_request_is_counted_once_by_what_became_of_it():
    filled, _pending, ended = sent(), sent(), sent()
    sent(year="1990")
    perform(filled, "lender_sent_copy", actor=HIL, now=f.later(days=1))
    perform(ended, "ask_cancel", actor=f.staff(), now=f.NOW, text="Bought.")
    perform(ended, "lender_cancelled", actor=HIL, now=f.NOW)
    found = report.of_year(2026)
    assert (found.requests, found.filled, found.pending) == (4, 1, 2)
    assert (found.within, found.by_place, found.over) == (2, {1: 1, 2: 1}, 0)
    assert (found.outside, found.ended, found.corrected) == ({"older": 1}, {"unfilled": 1}, 0)
    assert report.of_year(2025) == report.Totals() and report.years() == [2026]


def test_another_ground_is_a_correction_and_no_second_request():
    ill = sent(rota=("HIL",))
    perform(ill, "lender_unfilled", actor=HIL, now=f.NOW, reason="NotHeld")
    by_hand(ill, "US-CCL", ground="royalty")
    perform(ill, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library("OAK")])
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    CopyrightUse.objects.filter(state="outside").update(royalty="38.00", currency="USD")
    found = report.of_year(2026)
    assert (found.requests, found.corrected, found.rows) == (1, 1, 2)
    assert found.royalties == {"USD": (1, Decimal("38.00"))}


def test_a_late_fill_belongs_to_the_year_of_the_sending():
    ill = sent(now=datetime(2026, 12, 30, 15, tzinfo=UTC))
    perform(ill, "lender_sent_copy", actor=HIL, now=datetime(2027, 1, 5, 15, tzinfo=UTC))
    assert (report.of_year(2026).filled, report.of_year(2027).requests) == (1, 0)


def test_titles_with_most_stand_first_and_those_with_many_are_marked():
    for _time in range(report.MANY):
        perform(by_hand(ready(note="For my class"), "US-CCL"), "send", actor=f.staff(), now=f.NOW)
    sent(issn=OTHER, title="Other letters")
    rows = list(report.titles(2026))
    assert [(row.name, row.requests, row.many) for row in rows] == [
        ("Marine Letters", report.MANY, True), ("Other letters", 1, False)]
    assert report.titles_counted(2026) == (2, 1)
    assert [row.name for row in report.titles(2026, skip=1, most=1)] == ["Other letters"]


def test_what_was_stored_reads_the_same():
    sent(), sent(year="1990")
    found = report.of_year(2026)
    found.royalties = {"USD": (2, Decimal("38.10"))}
    assert report.read(found.stored()) == found
    assert report.add([found, found]).royalties == {"USD": (4, Decimal("76.20"))}


def test_royalties_agreed_owed_and_paid_are_three_figures_and_the_royalties_pages():
    fund(), five()
    agreed = paid(sixth())
    perform(agreed, "send", actor=f.staff(), now=f.NOW)
    one, two = owed(), owed()
    row = payment.make(date(2026, 1, 1), date(2026, 12, 31), key="form", actor=f.staff(), now=f.NOW)
    line = payment.lines(row).get(number=one.number)
    payment.pay(row, {line.pk: Decimal("31.10")}, paid_on=f.NOW.date(), reference="17", actor=f.staff(), now=f.NOW)
    found, page = report.of_year(2026), payment.totals()
    assert found.royalties["USD"][0] == 3, "the pending one too"
    (owed_sum,) = [(currency, (count, money)) for currency, count, money in page["listed"]]
    assert found.owed == dict([owed_sum]) and two.number != one.number
    assert found.paid == {"USD": (1, Decimal("31.10"))} and page["paid"][0][1] == 1
    assert found.paid["USD"][1] == payment.totals_of(row)[0][3], "as the list's page has it, not the price agreed"
    assert found == report.of_rows(uses(2026), Royalty.objects.filter(use__year=2026))
    assert report.read(found.stored()) == found and report.add([found, found]).paid["USD"] == (2, Decimal("62.20"))
    labels = " ".join(str(label) for label, _figure in listed.total_rows(found))
    assert "agreed or entered" in labels and "Royalties owed" in labels and "really paid" in labels


@SLOW
@given(histories.moves)
def test_totals_equal_the_ledger_whatever_happened(history):
    with taken_back():
        histories.play(history)
        assert set(report.years()) == {row.year for row in CopyrightUse.objects.all()}
        for year in report.years():
            rows, found = uses(year), report.of_year(year)
            assert found == report.of_rows(rows)
            states = Counter(row.state for row in rows)
            assert found.within + found.over == states["held"] + states["used"]
            assert found.over == sum(row.over for row in rows if row.state != "freed")
            assert found.not_counted == states["outside"]
            assert found.rows == len(rows) and found.requests == len({row.number for row in rows})
            assert sum(found.by_place.values()) == found.within
            paid = sum((row.royalty for row in rows if row.royalty is not None and row.state != "freed"), Decimal())
            assert sum((paid for _count, paid in found.royalties.values()), Decimal()) == paid
            listed = list(report.titles(year))
            assert sum(row.requests for row in listed) == found.requests
            assert sum(row.within for row in listed) == found.within
            assert sum(row.ended for row in listed) == found.without_copy
            assert report.titles_counted(year)[0] == len(listed)
