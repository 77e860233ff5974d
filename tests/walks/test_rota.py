"""Lenders one after the other: the first cannot, the second asks something, the third supplies."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from requests_app.exchange.iso18626 import messages as m
from tests.walks.peer import peer
from tests.walks.people import until, words
from tests.walks.test_loan import ask, choose, find_lending, in_state, send

pytestmark = [pytest.mark.walk, pytest.mark.timeout(300)]


def rota(person, number: str) -> str:
    return words(person.get(f"/requests/{number}/?tab=lenders"))


def test_unfilled_then_conditional_then_supplied(desks, people):
    borrowing, lending, patron = people("a", "borrowing"), people("b", "lending"), people("a", "patron")
    with peer(desks, people, "PONE") as one, peer(desks, people, "PTWO") as two:
        number = ask(patron, "A book for which three libraries are asked")
        choose(borrowing, number, "PONE", "PTWO", "DBU")
        borrowing.do(number, "send")

        # The first cannot: the second is asked by itself, with an id of its own.
        first = one.got(kind=m.Request, about=number).header.requesting_agency_request_id
        assert first == f"{number}-1"
        one.says(first, "Unfilled", reason_unfilled="NotOnShelf", note="We searched twice.")
        second = two.got(kind=m.Request, about=number).header.requesting_agency_request_id
        assert second == f"{number}-2"
        assert in_state(borrowing, number, "Sent")()
        page = rota(borrowing, number)
        assert "cannot supply: not on the shelf" in page and "asked" in page and "not asked yet" in page

        # The second asks 40 dollars: a person accepts, the Retry names the old id and has a new one.
        two.says(
            second, "RetryPossible", reason_retry="CostExceedsMaxCost", offered_costs=m.Money("USD", Decimal(40)),
            note="Our fee for books.", retry_before=datetime.now(UTC) + timedelta(days=4),
        )
        until(in_state(borrowing, number, "Conditional"), "the condition did not arrive")
        page = words(borrowing.get(f"/requests/{number}/"))
        assert "costs more than we offered · USD 40.00" in page and "Our fee for books." in page
        borrowing.do(number, "accept_condition")
        retry = until(
            lambda: next((msg for msg, _h, _b in two.far.got if isinstance(msg, m.Request)
                          and msg.service_info.request_type == "Retry"), None), "no Retry came")
        third = retry.header.requesting_agency_request_id
        assert third == f"{number}-3" and retry.service_info.requesting_agency_previous_request_id == second
        assert retry.billing_info.maximum_costs.monetary_value == 40

        # It asks again, for use in the library only: this time we decline, and the third library is asked.
        two.says(third, "RetryPossible", reason_retry="LoanCondition", note="Reading room only.",
                 delivery=m.DeliveryInfo(loan_condition="LibraryUseOnly"))
        until(in_state(borrowing, number, "Conditional"), "the second condition did not arrive")
        borrowing.do(number, "decline_condition", note="The patron lives abroad.")
        declined = two.got(kind=m.RequestingAgencyMessage, about=third)
        assert (declined.action, declined.note) == ("Notification", "REJECT")

        # The third supplies.
        theirs = find_lending_by(lending, f"{number}-4")
        lending.do(theirs, "will_supply")
        lending.do(theirs, "found")
        lending.do(theirs, "ship", barcode="39031001230004")
        until(in_state(borrowing, number, "Shipped"), "the third library's message did not arrive")
        page = rota(borrowing, number)
        assert "we declined its condition" in page and "supplies" in page
        told = words(patron.get(f"/my/{number}/"))
        assert "That library cannot send it; we are looking for another." in told
        # Not "40": that may be the minute at which the page was read.
        assert not any(ours in told for ours in ("PONE", "40.00", "USD", "Reading room only"))


def find_lending_by(lending, their_id: str) -> str:
    import re

    def look():
        found = re.search(r"/requests/(L-\d{4}-\d{5})/", lending.get(f"/search/?q={their_id}").url)
        return found and found[1]

    return until(look, f"{their_id} did not arrive at the other desk")


def test_silence_moves_it_on_and_the_end_of_the_rota_waits_for_a_person(desks, people):
    borrowing = people("a", "borrowing")
    with peer(desks, people, "PMUTE") as mute, peer(desks, people, "PLAST") as last:
        number = ask(people("a", "patron"), "A book nobody answers for")
        choose(borrowing, number, "PMUTE", "PLAST")
        borrowing.do(number, "send")
        request_id = mute.got(kind=m.Request, about=number).header.requesting_agency_request_id
        later = (datetime.now(UTC) + timedelta(days=12)).isoformat()
        for task in ("dates", "outbox"):  # what is told on that day leaves on that day
            desks.manage("a", "clock", task, "--now", later)
        asked = last.got(kind=m.Request, about=number)
        assert asked.header.requesting_agency_request_id == f"{number}-2"
        mute.heard("Cancel")  # it need not look any more
        # What comes too late from the first is seen, and moves nothing.
        mute.says(request_id, "WillSupply")
        assert in_state(borrowing, number, "Sent")()
        last.says(f"{number}-2", "Unfilled", reason_unfilled="NotHeld")
        until(in_state(borrowing, number, "Unfilled"), "the end of the rota was not reached")
        page = words(borrowing.get(f"/requests/{number}/"))
        for move in ("Choose lenders", "Cancel", "We own it: document delivery", "Refer to supervisor"):
            assert move in page, move


def test_a_condition_between_two_desks_is_accepted(desks, people):
    borrowing, lending = people("a", "borrowing"), people("b", "lending")
    number = ask(people("a", "patron"), "A rare book for the reading room")
    send(borrowing, number)
    theirs = find_lending(lending, number)
    lending.do(theirs, "ask_condition", reason="use_only", note="In your reading room.")
    until(in_state(borrowing, number, "Conditional"), "the condition did not arrive")
    assert "library use only" in words(borrowing.get(f"/requests/{number}/")).lower()
    borrowing.do(number, "accept_condition")
    until(in_state(lending, theirs, "Searching"), "the acceptance did not arrive")
    lending.do(theirs, "found")
    lending.do(theirs, "ship", barcode="39031001230005")
    until(in_state(borrowing, number, "Shipped"), "it was not shipped")
    assert "Library use only" in words(borrowing.get(f"/requests/{number}/"))


def test_a_condition_between_two_desks_is_declined(desks, people):
    borrowing, lending = people("a", "borrowing"), people("b", "lending")
    number = ask(people("a", "patron"), "A book that costs too much")
    send(borrowing, number)
    theirs = find_lending(lending, number)
    lending.do(theirs, "ask_condition", reason="cost", cost="60.00")
    until(in_state(borrowing, number, "Conditional"), "the condition did not arrive")
    assert "USD 60.00" in words(borrowing.get(f"/requests/{number}/"))
    borrowing.do(number, "decline_condition")
    until(in_state(lending, theirs, "Cancelled"), "the lender did not hear that we decline")
    assert in_state(borrowing, number, "Unfilled")()
