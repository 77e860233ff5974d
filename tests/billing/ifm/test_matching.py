"""Lines of a report compared with our requests, both ways."""

from decimal import Decimal

import pytest

from billing.costs import actions as costs
from billing.costs.actions import Booking
from billing.ifm import actions, queries
from billing.ifm.models import NetworkLine
from billing.ledger import queries as ledger
from billing.ledger.actions import Where
from illdesk.errors import BadAnswer, Stale
from illdesk.models import OutboxMessage
from requests_app import references
from requests_app.models import ILLRequest, LibraryPolicy
from tests import factories as f
from tests.billing.ifm import cast as c

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _books():
    c.books()


def one(number: str) -> NetworkLine:
    return NetworkLine.objects.select_related("ill", "library").get(number=references.plain(number))


def test_charges_both_ways_are_matched_with_what_was_shipped_and_booked_once():
    """A fee has its request too; the account of the network holds what it owes us less what we owe it."""
    ours, theirs = c.known("198765432"), c.known("198765433", "lending.shipped", "20.00")
    c.read(c.line("198765432"), c.line("198765432", "0.26", c.FEE), c.line("198765433", "20.00", c.CREDIT))
    assert [(row.result, row.ill_id) for row in NetworkLine.objects.order_by("row")] == [
        ("matched", ours.pk), ("fee", ours.pk), ("matched", theirs.pk)]
    done = c.book()
    assert (done.count, done.failed) == (3, [])
    assert ledger.balance(Where("ifm")) == Decimal("4.74")
    assert ledger.balance(Where("lending")) == Decimal("20.00")
    assert ledger.balance(Where("fees")) == Decimal("0.26")
    assert c.book().count == 0


@pytest.mark.parametrize("written", ["198765432", "ILL# 0198765432", "198765432.0", "OCLC 198 765 432", " 198765432 "])
def test_a_number_is_found_however_it_is_retyped(written):
    ours = c.known("198765432")
    c.read(c.line(written))
    assert one("198765432").ill == ours


def test_a_lending_request_is_found_by_their_number_of_the_dialogue_too():
    theirs = f.ill("lending.shipped", request_id="198765433")
    c.read(c.line("198765433", "20.00", c.CREDIT))
    assert (one("198765433").result, one("198765433").ill) == ("matched", theirs)


def test_our_own_number_is_found():
    ours = f.ill("borrowing.received")
    c.read(c.line(ours.number))
    assert NetworkLine.objects.get().ill == ours


def test_a_debit_is_never_matched_with_a_lending_request():
    c.known("198765433", "lending.shipped")
    c.read(c.line("198765433", "15.00", c.DEBIT))
    assert one("198765433").result == "no_request"


@pytest.mark.parametrize("state", ["borrowing.unfilled", "borrowing.cancelled", "borrowing.sent"])
def test_a_charge_for_what_was_not_filled_waits_for_a_decision(state):
    c.known("198765432", state)
    c.read(c.line("198765432"))
    assert (one("198765432").result, one("198765432").state) == ("not_filled", "open")
    assert c.book().count == 0


def test_another_amount_than_agreed_is_told_with_both():
    c.known("198765432", cost="12.00")
    c.read(c.line("198765432", "15.00"))
    row = one("198765432")
    assert (row.result, row.agreed, row.amount) == ("amount", Decimal("12.00"), Decimal("15.00"))


def test_charged_by_an_invoice_before_is_told_with_the_invoice():
    ours = c.known("198765432")
    before = costs.book("payable:1", Booking(
        side="cost", way="invoice", what="charge", source=("payable_line", 1), day=f.NOW.date(), amount=Decimal(15),
        ill=ours.pk, library=ours.partner_id), actor=f.staff(), now=f.NOW)
    c.read(c.line("198765432"))
    assert (one("198765432").result, one("198765432").before) == ("twice", before)


def test_of_two_charges_in_one_report_the_later_is_the_second():
    c.known("198765432")
    c.read(c.line("198765432", day="2026-03-20"), c.line("198765432", day="2026-03-14"))
    assert list(NetworkLine.objects.order_by("day").values_list("result", flat=True)) == ["matched", "twice"]


def test_charged_again_after_a_refund_is_charged_once():
    c.known("198765432")
    c.read(c.line("198765432", day="2026-03-01"), c.line("198765432", kind=c.REFUND, day="2026-03-05"),
           c.line("198765432", day="2026-03-09"))
    assert set(NetworkLine.objects.values_list("result", flat=True)) == {"matched", "refund"}
    c.book()
    assert ledger.balance(Where("ifm")) == Decimal("-15.00")


def test_an_invoice_entered_while_somebody_looks_stops_the_booking():
    ours = c.known("198765432")
    c.read(c.line("198765432"))
    seen = actions.totals(actions.ready("ifm", c.MARCH)).seen
    costs.book("payable:1", Booking(
        side="cost", way="invoice", what="charge", source=("payable_line", 1), day=f.NOW.date(), amount=Decimal(15),
        ill=ours.pk, library=ours.partner_id), actor=f.staff(), now=f.NOW)
    with pytest.raises(Stale):
        actions.book("ifm", c.MARCH, seen=seen, actor=f.staff(), now=c.APRIL)
    assert one("198765432").result == "twice" and ledger.balance(Where("ifm")) == 0


def test_a_refund_is_tied_to_its_charge_of_an_earlier_month():
    ours = c.known("198765432")
    c.read(c.line("198765432"))
    c.book()
    charge = one("198765432").booked
    c.read(c.line("198765432", "5.00", c.REFUND, "2026-04-02"), month=c.MARCH.replace(month=4))
    refund = NetworkLine.objects.get(kind="debit_back")
    assert (refund.result, refund.before, refund.ill) == ("refund", charge, ours)
    c.book(c.MARCH.replace(month=4))
    assert ledger.balance(Where("ifm")) == Decimal("-10.00")


def test_a_refund_of_nothing_and_one_of_too_much_are_told():
    c.known("1001")
    c.known("1002")
    c.read(c.line("1001", "5.00", c.REFUND), c.line("1002"), c.line("1002", "16.00", c.REFUND, "2026-03-20"))
    assert one("1001").result == "no_original"
    assert NetworkLine.objects.get(number="1002", kind="debit_back").result == "too_much"


def test_a_dummy_request_is_tied_to_its_loan_and_counts_as_the_lost_item():
    """A lost book paid by IFM: a made-up request carries the price, the loan was charged before."""
    loan = c.known("198765432", "borrowing.lost")
    references.add(loan, "oclc", "200000001", now=f.NOW, dummy=True)
    c.read(c.line("198765432"), c.line("200000001", "80.00", day="2026-03-20"))
    row = one("200000001")
    assert (row.result, row.ill, row.dummy) == ("dummy", loan, True)
    c.book()
    row.refresh_from_db()
    assert row.booked is not None and (row.booked.what, row.booked.dummy) == ("lost", True)


def test_somebody_says_that_a_number_is_the_dummy_request_of_a_loan():
    loan = c.known("198765432", "borrowing.lost")
    c.read(c.line("200000001", "80.00"))
    assert one("200000001").result == "no_request"
    actions.link(one("200000001"), loan.number, dummy=True, actor=f.staff("borrowing staff"), now=c.APRIL)
    assert one("200000001").result == "dummy"
    assert "request.reference_added" in f.events_of(loan)
    assert loan.references.get(number="200000001").dummy


def test_a_number_linked_once_is_known_for_every_line_and_the_next_report():
    ours = f.ill("borrowing.received")
    c.read(c.line("198765432"), c.line("198765432", "0.26", c.FEE))
    actions.link(one_of("debit"), ours.number.lower(), actor=f.staff("borrowing staff"), now=c.APRIL)
    assert list(NetworkLine.objects.order_by("row").values_list("result", flat=True)) == ["matched", "fee"]


def one_of(kind: str) -> NetworkLine:
    return NetworkLine.objects.get(kind=kind)


def test_it_is_linked_only_with_a_request_that_there_is_and_of_its_side():
    theirs = f.ill("lending.shipped")
    c.read(c.line("198765432"))
    for number in ("B-1999-00001", "", theirs.number):
        with pytest.raises(BadAnswer):
            actions.link(one("198765432"), number, actor=f.staff(), now=c.APRIL)
    assert one("198765432").state == "open"


def test_accepted_with_a_reason_it_is_booked_and_the_reason_stays():
    c.read(c.line("198765432"))
    with pytest.raises(BadAnswer):
        actions.accept(one("198765432"), " ", actor=f.staff(), now=c.APRIL)
    actions.accept(one("198765432"), "Made before ILL Desk.", actor=f.staff(), now=c.APRIL)
    assert c.book().count == 1 and one("198765432").reason == "Made before ILL Desk."


def test_set_aside_it_is_not_booked_and_can_be_decided_again():
    c.known("198765432")
    c.read(c.line("198765432"))
    actions.aside(one("198765432"), "An invoice comes.", actor=f.staff(), now=c.APRIL)
    assert c.book().count == 0
    actions.reopen(one("198765432"), actor=f.staff(), now=c.APRIL)
    assert c.book().count == 1


def test_the_second_who_decides_is_told():
    c.read(c.line("198765432"))
    seen = one("198765432")
    actions.accept(one("198765432"), "x", actor=f.staff(), now=c.APRIL)
    c.book()
    with pytest.raises(Stale):
        actions.aside(seen, "y", actor=f.staff(), now=c.APRIL)


def test_a_booking_that_was_wrong_is_reversed_and_can_be_booked_anew():
    c.known("198765432")
    c.read(c.line("198765432"))
    c.book()
    actions.undo(one("198765432"), "Wrong report.", actor=f.staff(), now=c.APRIL)
    assert ledger.balance(Where("ifm")) == 0 and one("198765432").result == "undone"
    actions.reopen(one("198765432"), actor=f.staff(), now=c.APRIL)
    assert c.book().count == 1 and ledger.balance(Where("ifm")) == Decimal("-15.00")


def test_the_library_is_asked_by_letter_once_a_day():
    ours = c.known("198765432", cost="12.00")
    c.read(c.line("198765432"))
    for _time in range(2):
        actions.ask(one("198765432"), "We agreed on 12.", actor=f.staff(), now=c.APRIL)
    letter = OutboxMessage.objects.get(what="network_question")
    assert letter.recipient == ours.partner.email
    assert "USD 15.00" in letter.payload["body"] and ours.number in letter.payload["body"]
    with pytest.raises(BadAnswer):
        actions.ask(one("198765432"), "?", network=True, actor=f.staff(), now=c.APRIL)


def test_a_fee_that_is_not_the_usual_one_is_told():
    c.known("198765432")
    c.read(c.line("198765432"), c.line("198765432", "0.30", c.FEE), c.line("", "2.60", c.FEE),
           c.line("", "2.61", c.FEE))
    assert list(NetworkLine.objects.order_by("row").values_list("result", flat=True)) == [
        "matched", "fee_amount", "fee", "fee_amount"]


def test_shipped_and_payable_by_ifm_but_in_no_report_is_listed_until_a_reason_stands():
    ours = c.known("198765432")
    assert not queries.uncharged("ifm", c.MARCH)
    LibraryPolicy.objects.update_or_create(library=ours.partner, defaults={"takes_ifm": True})
    assert list(queries.uncharged("ifm", c.MARCH)) == [ours]
    assert not queries.uncharged("ifm", c.MARCH.replace(month=2)) and not queries.uncharged(
        "ifm", c.MARCH.replace(month=4))
    actions.no_charge(ours, "Not flagged: they send an invoice.", actor=f.staff(), now=c.APRIL)
    assert not queries.uncharged("ifm", c.MARCH)


def grounds(month=c.MARCH) -> list[tuple[str, bool, bool, bool]]:
    return [(one.number, one.by_fee, one.by_entry, one.by_lines) for one in queries.uncharged("ifm", month)]


def test_a_charge_is_missed_also_where_the_library_is_not_entered_as_taking_ifm():
    ours, other = c.known("198765432", partner=f.library("HIL")), c.known("198765433", partner=f.library("OAK"))
    assert not grounds()
    # The network took its fee for one …
    c.read(c.line("198765432", "0.26", c.FEE))
    assert grounds() == [(ours.number, True, False, False)]
    # … and charges of the other's library come by it, as an earlier report shows.
    c.known("198765000", partner=f.library("OAK"))
    c.read(c.line("198765000", symbol="OAK"), name="more.csv")
    assert grounds() == [(ours.number, True, False, False), (other.number, False, False, True)]
    c.read(c.line("198765432"), c.line("198765433", symbol="OAK"), name="all.csv")
    assert not grounds(), "what came is missed no more"


def test_what_was_decided_against_or_is_long_ago_says_nothing_of_a_library():
    c.known("198765433", partner=f.library("OAK"))
    c.known("198765000", partner=f.library("OAK"))
    c.read(c.line("198765000", symbol="OAK"), name="more.csv", month=c.MARCH.replace(year=2024))
    assert not grounds()
    c.read(c.line("198765000", day="2026-03-20", symbol="OAK"), name="again.csv")
    actions.aside(NetworkLine.objects.get(month=c.MARCH), "an invoice comes", actor=f.staff(), now=c.APRIL)
    assert not grounds()


def test_what_is_in_the_report_is_not_listed_as_missing():
    ours = c.known("198765432")
    LibraryPolicy.objects.update_or_create(library=ours.partner, defaults={"takes_ifm": True})
    c.read(c.line("198765432"))
    assert not queries.uncharged("ifm", c.MARCH)


def test_a_number_of_two_requests_is_the_one_of_the_library_that_the_line_names():
    first = c.known("198765432", partner=f.library("HIL"))
    c.known("198765432", partner=f.library("OAK", name="Oak"))
    c.read(c.line("198765432", symbol="HIL"))
    assert one("198765432").ill == first
    ILLRequest.objects.filter(pk=first.pk).update(partner=f.library("OAK"))
    NetworkLine.objects.all().delete()
    c.read(c.line("198765432", symbol="HIL"), name="again.csv", data=c.file(c.line("198765432"), ""))
    assert one("198765432").result == "several"


def test_another_currency_is_booked_with_the_rate_of_its_day_or_not_at_all():
    from billing.costs.models import Rate
    from requests_app.models import LoanPolicy

    LoanPolicy.objects.filter(pk=1).update(currency="CAD")
    c.known("198765432")
    c.read(c.line("198765432"))
    done = c.book()
    assert done.count == 0 and "USD" in done.failed[0][1]
    Rate.objects.create(currency="USD", on=c.MARCH, rate=Decimal("1.36"))
    assert c.book().count == 1
    row = one("198765432").booked
    assert row is not None and (row.amount, row.foreign) == (Decimal("20.40"), Decimal("15.00"))


def test_without_a_fund_the_line_is_told_and_the_others_are_booked():
    from billing.costs.models import CostPolicy

    CostPolicy.objects.all().delete()
    c.known("198765432")
    c.known("198765433", "lending.shipped", "20.00")
    c.read(c.line("198765432"), c.line("198765433", "20.00", c.CREDIT))
    done = c.book()
    assert done.count == 1 and done.failed[0][0] == "198765432"
    assert one("198765432").state == "ready"
