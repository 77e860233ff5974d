"""To which request a line belongs, and what is said of it: by numbers however they are retyped, by title and date."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.costs import actions as costs
from billing.costs.actions import Booking
from billing.costs.models import Rate
from billing.payables import actions, matching, results
from billing.payables.models import PayablePolicy
from billing.payables.views.common import result_of
from requests_app import references
from requests_app.actions import perform
from requests_app.models import Dialogue
from tests import factories as f
from tests.billing.payables.cast import DAY, dialogue, line


@pytest.mark.nodb
@pytest.mark.parametrize("text", [
    "B-2026-00377", "b-2026-00377", "B 2026 00377", "B202600377", "B-2026-OO377", "b2026 oo377", "B-2026-00377-2",
    "B.2026.377", "your B-2026-00377, rush", "B–2026–00377", "B_2026_00377/1",
])
def test_our_number_is_known_however_it_is_retyped(text):
    assert matching.ours(text) == ["B-2026-00377"]


@pytest.mark.nodb
@pytest.mark.parametrize("text", ["", "XB-2026-00377", "2026-00377", "B-2026", "B-1926-00377", "B-2026-0037X"])
def test_what_is_no_number_of_ours_is_none(text):
    assert matching.ours(text) == []


def results_of(invoice):
    return [(row.ill.number if row.ill else None, row.result) for row in invoice.lines.select_related("ill").order_by(
        "place")]


@pytest.mark.parametrize("way", ["exact", "retyped", "theirs", "request id", "oclc", "in the title"])
def test_a_line_is_matched_by_any_number(cast, way):
    ill = cast.ill()
    Dialogue.objects.filter(ill=ill).update(their_number="DBU/4711")
    references.add(ill, "oclc", "198765432", now=f.NOW)
    year, count = ill.number.split("-")[1:]
    typed = {
        "exact": {"number": ill.number}, "retyped": {"number": f"b {year} {count.replace('0', 'o')}-2"},
        "theirs": {"theirs": "DBU/4711"}, "request id": {"number": dialogue(ill).request_id},
        "oclc": {"external": "ILL# 0198 765 432"}, "in the title": {"title": f"Peat ({ill.number})"},
    }[way]
    invoice = cast.invoice(line(**typed))
    assert results_of(invoice) == [(ill.number, "agrees")]


def test_without_a_number_library_title_and_date_make_candidates_with_percentages(cast):
    near, far = cast.ill("Tide tables for the inner sound"), cast.ill("Tide tables of the outer sound", cost="20.00")
    cast.ill("Ordinances of Trieste")
    elsewhere = cast.ill("Tide tables for the inner sound", library=f.library("OAK", name="Oak Public Library"))
    invoice = cast.invoice(line("15.00", title="TIDE TABLES for the inner so", dated=DAY), line(title="Unknown work"))
    first, second = invoice.lines.order_by("place")
    assert (first.ill, first.result, second.result) == (None, results.CANDIDATES, results.NOT_FOUND)
    found = first.found["candidates"]
    assert found[0][0] == near.pk and found[0][1] > found[1][1] and found[1][0] == far.pk
    assert elsewhere.pk not in [one[0] for one in found]
    assert {"title", "library", "amount"} <= set(found[0][2])
    row = actions.match_to(first, near.number, actor=cast.clerk, now=f.NOW)
    assert (row.ill, row.result, row.chosen) == (near, results.AGREES, True)


def test_amounts_are_compared_with_what_was_agreed(cast):
    rows = [cast.ill(cost=cost) for cost in ("15.00", "15.00", "15.00", None)]
    invoice = cast.invoice(*[line(amount, row.number) for amount, row in zip(
        ("15.00", "18.00", "12.00", "9.00"), rows, strict=True)])
    assert [code for _number, code in results_of(invoice)] == ["agrees", "too_much", "less", "not_agreed"]
    assert invoice.lines.get(place=2).found["difference"] == "3.00"
    PayablePolicy.objects.create(pk=1, tolerance=Decimal("3.00"))
    row = actions.rematch(invoice, actor=cast.clerk, now=f.NOW)
    assert [code for _number, code in results_of(row)] == ["agrees", "agrees", "agrees", "not_agreed"]


def test_what_was_charged_before_is_said_with_where(cast):
    ill = cast.ill()
    first = cast.invoice(line(number=ill.number), number="87950")
    again = cast.invoice(line(number=ill.number.lower()), line("15.00", ill.number), number="88213")
    assert results_of(first) == [(ill.number, "agrees")]
    assert [code for _number, code in results_of(again)] == ["twice", "twice"]
    assert again.lines.get(place=1).found["before"]["number"] == "87950"
    assert actions.rematch(first, actor=cast.clerk, now=f.NOW) and results_of(first) == [(ill.number, "agrees")]


def test_twice_on_one_invoice_the_second_is_told(cast):
    ill = cast.ill()
    invoice = cast.invoice(line(number=ill.number), line(number=ill.number))
    assert [code for _number, code in results_of(invoice)] == ["agrees", "twice"]
    actions.rematch(invoice, actor=cast.clerk, now=f.NOW)
    assert [code for _number, code in results_of(invoice)] == ["agrees", "twice"]


def test_the_price_of_a_loss_is_no_double_bill_of_the_loan(cast):
    ill = cast.ill()
    cast.invoice(line(number=ill.number), number="1")
    invoice = cast.invoice(line("90.00", ill.number, what="lost"), number="2")
    assert results_of(invoice) == [(ill.number, "not_agreed")]


def test_another_library_supplied_it(cast):
    ill = cast.ill(library=f.library("OAK", name="Oak Public Library"))
    invoice = cast.invoice(line(number=ill.number))
    assert results_of(invoice) == [(ill.number, "other_lender")]
    assert invoice.lines.get().found["supplier"] == "OAK"


@pytest.mark.parametrize(("state", "said"), [
    ("sent", "not_come"), ("conditional", "not_come"), ("unfilled", "not_come"), ("shipped", "agrees"),
    ("return_shipped", "agrees"), ("lost", "agrees"),
])
def test_who_bills_for_what_was_not_shipped_gets_a_question(cast, state, said):
    ill = cast.ill(state=f"borrowing.{state}")
    invoice = cast.invoice(line(number=ill.number))
    assert results_of(invoice) == [(ill.number, said)]
    assert invoice.lines.get().needs_answer is (said == "not_come")


def test_foreign_money_is_compared_at_the_rate_of_the_invoices_date(cast):
    ill = cast.ill(cost="20.00", currency="USD")
    none = cast.invoice(line("18.00", ill.number), number="1", currency="EUR")
    assert results_of(none) == [(ill.number, "no_rate")]
    assert result_of(none.lines.get())["text"] == "No rate for EUR on 9 Mar 2026: enter one"
    Rate.objects.create(currency="EUR", on=DAY - timedelta(days=3), rate=Decimal("1.10"))
    Rate.objects.create(currency="EUR", on=DAY + timedelta(days=1), rate=Decimal("9.99"))
    row = actions.rematch(none, actor=cast.clerk, now=f.NOW)
    assert row.lines.get().agreed == Decimal("18.18") and results_of(row) == [(ill.number, "less")]


def test_a_credit_needs_no_answer(cast):
    ill = cast.ill()
    invoice = cast.invoice(line("-15.00", ill.number, what="credit"))
    assert results_of(invoice) == [(ill.number, "credit")]


def test_any_number_of_lines_costs_the_same_queries(cast):
    rows = [cast.ill() for _turn in range(6)]
    costs.book("ifm:1", Booking("cost", "ifm", "charge", ("ifm_line", 1), date(2026, 3, 1), Decimal(15),
                                ill=rows[0].pk), actor=cast.clerk, now=f.NOW)
    counts = []
    for many in (2, 6):
        typed = [line(number=row.number) for row in rows[:many]] + [
            line(title=f"Peat {turn}", external=f"19{turn}") for turn in range(many)]
        with CaptureQueriesContext(connection) as seen:
            cast.invoice(*typed, number=f"n{many}")
        counts.append(len(seen))
    assert counts[1] <= counts[0] <= 30, "the six lines of the second cost no more than the two of the first"


def test_the_wrong_item_is_never_waved_through(cast):
    """Card 8, as the patron's report says it."""
    f.by_hand()
    ill = f.ill("borrowing.delivered", partner=cast.delta, service="copy")
    perform(ill, "report_problem", actor=f.actors.patron(ill.patron.user), now=f.NOW, problem="wrong_item")
    invoice = cast.invoice(line(number=ill.number))
    assert results_of(invoice) == [(ill.number, "wrong_item")]
