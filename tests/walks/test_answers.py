"""Cancel, renew, recall, overdue, lost, found, notes and status; and conversion both ways."""

from datetime import date, timedelta

import pytest

from tests.walks.people import Person, until, words
from tests.walks.test_loan import ask, find_lending, in_state, mails, send

pytestmark = [pytest.mark.walk, pytest.mark.timeout(300)]
PATRON = "patron@aldermere.example"
BARCODES = iter(range(39031007000000, 39031007999999))


def out_on_loan(people, title: str) -> tuple[str, str]:
    """A book of desk b that desk a's patron has: our number and theirs."""
    borrowing, lending = people("a", "borrowing"), people("b", "lending")
    number = ask(people("a", "patron"), title)
    send(borrowing, number)
    theirs = find_lending(lending, number)
    lending.do(theirs, "start_search")
    lending.do(theirs, "found")
    due = date.today() + timedelta(days=42)
    lending.do(theirs, "ship", barcode=str(next(BARCODES)), due=due.isoformat())
    until(in_state(borrowing, number, "Shipped"), "it was not shipped")
    borrowing.do(number, "receive")
    borrowing.do(number, "shelve")
    borrowing.do(number, "check_out")
    return number, theirs


def read(person: Person, number: str) -> str:
    return words(person.get(f"/requests/{number}/"))


def test_a_cancellation_is_refused_when_it_has_left(desks, people):
    borrowing, lending, patron = people("a", "borrowing"), people("b", "lending"), people("a", "patron")
    number = ask(patron, "A book that is in the mail already")
    send(borrowing, number)
    theirs = find_lending(lending, number)
    lending.do(theirs, "start_search")
    desks.halt("b", "worker")  # what it says of its shipping is not sent yet
    try:
        lending.do(theirs, "ship", barcode=str(next(BARCODES)))
        answer = patron.submit(patron.get(f"/requests/{number}/act/patron_cancel/"), text="I bought it.")
        assert "We asked the other library to stop" in words(answer)
        until(lambda: "Borrower asks to cancel" in read(lending, theirs), "the wish did not arrive")
    finally:
        desks.resume("b", "worker")
    until(in_state(borrowing, number, "Shipped"), "the lender's messages did not arrive")
    until(lambda: "cancel refused" in read(borrowing, number), "nobody is told that it was refused")
    assert "could not be cancelled" in words(patron.get(f"/my/{number}/"))
    until(lambda: mails(desks, PATRON, f"{number} could not be cancelled"), "the patron was not told by mail")


def test_a_renewal_is_granted(desks, people):
    patron, borrowing, lending = people("a", "patron"), people("a", "borrowing"), people("b", "lending")
    number, theirs = out_on_loan(people, "A book that is kept longer")
    page = patron.get(f"/my/{number}/")
    assert "Ask to renew until" in words(page)
    answer = patron.submit(page, "/act/patron_renew/")
    assert "We asked the other library." in words(answer), words(answer)
    until(lambda: "renewal asked" in read(lending, theirs), "the renewal was not asked")
    assert "wait for its answer" in words(patron.get(f"/my/{number}/"))
    new = date.today() + timedelta(days=80)
    lending.do(theirs, "grant_renewal", due=new.isoformat())
    until(lambda: "Renewed" in read(borrowing, number), "the answer did not arrive")
    until(lambda: mails(desks, PATRON, f"Your request {number} is renewed"), "the patron was not told")
    page = words(patron.get(f"/my/{number}/"))
    assert "It was renewed as often as possible." in page


def test_a_renewal_is_refused(desks, people):
    patron, borrowing, lending = people("a", "patron"), people("a", "borrowing"), people("b", "lending")
    number, theirs = out_on_loan(people, "A book another reader waits for")
    borrowing.do(number, "ask_renewal")
    until(lambda: "renewal asked" in read(lending, theirs), "the renewal was not asked")
    lending.do(theirs, "refuse_renewal", note="Reserved for a class.")
    until(lambda: "Renewal refused" in read(borrowing, number), "the answer did not arrive")
    until(lambda: mails(desks, PATRON, f"{number} could not be renewed"), "the patron was not told")
    assert "does not renew" in words(patron.get(f"/my/{number}/"))


def test_a_recall_reaches_the_patron_and_the_book_goes_home(desks, people):
    borrowing, lending, patron = people("a", "borrowing"), people("b", "lending"), people("a", "patron")
    number, theirs = out_on_loan(people, "A book the lender needs back")
    back = date.today() + timedelta(days=14)
    lending.do(theirs, "recall", due=back.isoformat(), note="For an exhibition.")
    until(lambda: "recalled" in read(borrowing, number), "the recall did not arrive")
    until(lambda: mails(desks, PATRON, f"Please return your interlibrary loan {number}"), "the patron was not told")
    assert "needs it back by" in words(patron.get(f"/my/{number}/"))
    borrowing.do(number, "check_in")
    borrowing.do(number, "ship_back")
    lending.do(theirs, "check_in")
    until(in_state(borrowing, number, "Finished"), "it did not end")


def test_an_overdue_notice_is_sent_once_and_reaches_the_patron(desks, people):
    borrowing, lending = people("a", "borrowing"), people("b", "lending")
    number, theirs = out_on_loan(people, "A book that comes late")
    after = (date.today() + timedelta(days=44)).isoformat() + "T15:00Z"
    for task in ("dates", "dates", "outbox"):
        desks.manage("b", "clock", task, "--now", after)
    until(lambda: "Overdue at DBU" in read(borrowing, number), "the notice did not arrive")
    until(lambda: mails(desks, PATRON, f"loan {number} is overdue"), "the patron was not told")
    assert read(lending, theirs).count("Overdue notice The system") == 1
    assert len(mails(desks, PATRON, f"loan {number} is overdue")) == 1


def test_a_lost_book_is_told_found_again_and_comes_home(desks, people):
    borrowing, lending, patron = people("a", "borrowing"), people("b", "lending"), people("a", "patron")
    number, theirs = out_on_loan(people, "A book that falls behind a shelf")
    borrowing.do(number, "report_lost", where="lost_by_patron", note="Left on a train.")
    until(in_state(lending, theirs, "Lost"), "the lender was not told")
    assert "Left on a train." in read(lending, theirs)
    assert "lost" in words(patron.get(f"/my/{number}/")).lower()
    borrowing.do(number, "found_again")
    until(in_state(lending, theirs, "Shipped"), "the lender was not told that it is found")
    borrowing.do(number, "ship_back")
    lending.do(theirs, "check_in")
    until(in_state(borrowing, number, "Finished"), "it did not end")


def test_a_lost_book_is_closed_without_return(desks, people):
    borrowing, lending = people("a", "borrowing"), people("b", "lending")
    number, theirs = out_on_loan(people, "A book that never comes back")
    borrowing.do(number, "report_lost", where="lost_here")
    until(in_state(lending, theirs, "Lost"), "the lender was not told")
    lending.do(theirs, "complete_without_return")
    until(in_state(borrowing, number, "Finished"), "the lender's last word did not arrive")


def test_notes_and_status_requests_go_both_ways(desks, people):
    borrowing, lending = people("a", "borrowing"), people("b", "lending")
    number = ask(people("a", "patron"), "A book two libraries write about")
    send(borrowing, number)
    theirs = find_lending(lending, number)
    borrowing.do(number, "write_partner", text="Is the map with it?")
    until(lambda: "Is the map with it?" in read(lending, theirs), "our note did not arrive")
    lending.do(theirs, "write_partner", text="The map is missing.")
    until(lambda: "The map is missing." in read(borrowing, number), "their note did not arrive")
    lending.do(theirs, "start_search")
    borrowing.do(number, "ask_status")
    until(lambda: "ExpectToSupply" in read(borrowing, number), "the status did not arrive")
    assert in_state(borrowing, number, "Sent")()


def test_conversion_both_ways_keeps_number_patron_and_history(desks, people):
    borrowing, patron = people("a", "borrowing"), people("a", "patron")
    number = ask(patron, "A book we have ourselves")
    borrowing.do(number, "review")
    borrowing.do(number, "to_documents")
    assert number in words(borrowing.get("/documents/submitted/"))
    assert "We have it ourselves" in words(patron.get(f"/my/{number}/"))
    borrowing.do(number, "start_search")
    slip = borrowing.get(f"/requests/{number}/pull-slip.pdf")
    assert slip.content.startswith(b"%PDF")

    # It is not on the shelf: back it goes, and a library is asked.
    borrowing.do(number, "to_borrowing")
    page = read(borrowing, number)
    assert number in words(borrowing.get("/borrowing/in-review/")) and "Take up" in page and "Search the shelf" in page
    send(borrowing, number)
    assert find_lending(people("b", "lending"), number)

    # Another one is found, shelved and handed over.
    other = ask(patron, "A book on our own shelf")
    borrowing.do(other, "to_documents")
    borrowing.do(other, "start_search")
    borrowing.do(other, "shelve")
    until(lambda: mails(desks, PATRON, f"{other} is ready"), "the patron was not told")
    assert "Ready to pick up" in words(patron.get(f"/my/{other}/"))
    borrowing.do(other, "hand_over")
    assert in_state(borrowing, other, "Finished")()
    borrowing.do(other, "undo")
    assert in_state(borrowing, other, "On hold shelf")()
