"""A whole loan between two running desks: from the patron's form to the shelf and back."""

import re
from datetime import date, timedelta

import pytest

from tests.walks.people import Person, until, words

pytestmark = [pytest.mark.walk, pytest.mark.timeout(300)]

PATRON = "patron@aldermere.example"
TITLE = "Walden; or, Life in the Woods — Übungsausgabe"


def ask(patron: Person, title: str = TITLE) -> str:
    """Fill in the patron's form; the number of the new request."""
    page = patron.get("/my/new/?kind=book")
    answer = patron.submit(page, "/my/new/", title=title, author="Thoreau, Henry David", isbn="978-0-691-09612-4")
    found = re.search(r"B-\d{4}-\d{5}", words(answer))
    assert found, words(answer)
    return found[0]


def choose(staff: Person, number: str, *lenders: str) -> None:
    """Number the libraries in this order instead of the one that is proposed."""
    page = staff.get(f"/requests/{number}/act/choose_lenders/")
    places: dict[str, object] = dict.fromkeys(re.findall(r'name="(place_\d+)"', page.text), "")
    for place, symbol in enumerate(lenders, 1):
        field = re.search(rf'name="(place_\d+)"[^>]*data-symbol="{symbol}"', page.text)
        assert field, f"{symbol} is not offered"
        places[field[1]] = place
    answer = staff.submit(page, **places)
    assert answer.status_code == 200, words(answer)[:500]


def send(staff: Person, number: str, *lenders: str) -> None:
    choose(staff, number, *(lenders or ("DBU",)))
    staff.do(number, "send")


def find_lending(staff: Person, theirs: str) -> str:
    """The other desk's number of a request, found by the number that our desk gave it."""
    def look():
        page = staff.get(f"/search/?q={theirs}-1")
        found = re.search(r"/requests/(L-\d{4}-\d{5})/", page.url)
        return found and found[1]

    return until(look, f"{theirs} did not arrive at the other desk")


def in_state(person: Person, number: str, state: str):
    return lambda: f'{state}</span>' in person.get(f"/requests/{number}/").text


def mails(desks, to: str, about: str) -> list[str]:
    return [
        text for path in desks.mail_folder.glob("*.eml")
        if f"X-Envelope-To: {to}" in (text := path.read_text(errors="replace")) and about in text
    ]


def test_a_loan_goes_round(desks, people):
    patron, borrowing = people("a", "patron"), people("a", "borrowing")
    lending = people("b", "lending")

    number = ask(patron)
    borrowing.do(number, "review")
    send(borrowing, number)
    theirs = find_lending(lending, number)
    until(in_state(borrowing, number, "Sent"), "our request is not Sent")

    # The lending desk answers, pulls and ships.
    assert TITLE.split(";")[0] in words(lending.get("/lending/received/"))
    lending.do(theirs, "will_supply")
    slip = lending.get(f"/requests/{theirs}/pull-slip.pdf")
    assert slip.headers["Content-Type"] == "application/pdf" and slip.content.startswith(b"%PDF")
    lending.do(theirs, "found")
    due = date.today() + timedelta(days=42)
    lending.do(theirs, "ship", barcode="39031001234567", due=due.isoformat(), pieces=1)

    # It arrives, with the barcode and date that the lender told.
    until(in_state(borrowing, number, "Shipped"), "the lender's message did not arrive")
    page = borrowing.get(f"/requests/{number}/act/receive/")
    assert "39031001234567" in page.text and due.isoformat() in page.text
    borrowing.do(number, "receive")
    band = borrowing.get(f"/requests/{number}/band.pdf")
    assert band.content.startswith(b"%PDF")
    borrowing.do(number, "shelve")
    letter = until(lambda: mails(desks, PATRON, f"{number} is ready"), "the patron was not told by mail")
    assert "Walden" not in letter[0].split("\n\n", 1)[0]  # no title in the headers
    assert patron.sees(f"/my/{number}/", "Ready to pick up")

    # Out, back, and home again.
    borrowing.do(number, "check_out")
    assert patron.sees(f"/my/{number}/", "Please bring it back by")
    borrowing.do(number, "check_in")
    borrowing.do(number, "ship_back", tracking="1Z999")
    until(lambda: lending.sees(f"/requests/{theirs}/", "Borrower shipped it back"), "the return was not announced")
    lending.do(theirs, "check_in")
    until(in_state(borrowing, number, "Finished"), "the lender's last message did not arrive")
    lending.do(theirs, "reshelve")
    assert in_state(lending, theirs, "Finished")()

    # Every step is visible on both sides.
    ours = words(borrowing.get(f"/requests/{number}/"))
    for step in ("New", "In review", "Ready to send", "Sent", "Lender will supply", "Shipped", "Received",
                 "On hold shelf", "Checked out", "Returned", "Return shipped", "Finished"):
        assert step in ours, step
    other = words(lending.get(f"/requests/{theirs}/"))
    for step in ("Received", "Searching", "Preparing", "Shipped", "Borrower has it", "Borrower shipped it back",
                 "Return received", "Finished"):
        assert step in other, step
    messages = words(borrowing.get(f"/requests/{number}/?tab=messages"))
    for message in ("Request", "WillSupply", "Loaned", "Received", "ShippedReturn", "LoanCompleted"):
        assert message in messages, message
    assert patron.sees("/my/?show=done", number)


def test_unfilled_goes_back_to_choosing(desks, people):
    borrowing, lending = people("a", "borrowing"), people("b", "lending")
    number = ask(people("a", "patron"), "A book that is in use")
    send(borrowing, number)
    theirs = find_lending(lending, number)
    lending.do(theirs, "unfilled", reason="in_use")
    until(in_state(borrowing, number, "Unfilled"), "the lender's answer did not arrive")
    assert "In use" in words(borrowing.get(f"/requests/{number}/"))
    assert people("a", "patron").sees(f"/my/{number}/", "Looking for a library")


def test_cancel_is_granted_while_the_book_is_on_its_shelf(desks, people):
    borrowing, lending, patron = people("a", "borrowing"), people("b", "lending"), people("a", "patron")
    number = ask(patron, "A book nobody needs any more")
    send(borrowing, number)
    theirs = find_lending(lending, number)
    patron.submit(patron.get(f"/requests/{number}/act/patron_cancel/"), text="I bought it.")
    until(in_state(borrowing, number, "Cancelled"), "the lender did not grant the cancellation")
    assert in_state(lending, theirs, "Cancelled")()


def test_the_other_desk_is_down_for_a_while(desks, people):
    """Messages wait in order and leave by themselves; both desks agree in the end."""
    borrowing, lending = people("a", "borrowing"), people("b", "lending")
    number = ask(people("a", "patron"), "A book for a day without electricity")
    desks.halt("b", "web")
    try:
        send(borrowing, number)
        until(lambda: borrowing.sees(f"/requests/{number}/?tab=messages", "waiting: Cannot be reached"),
              "the message does not say that the other desk is away")
    finally:
        desks.resume("b", "web")
    theirs = find_lending(lending, number)
    lending.do(theirs, "will_supply")
    until(lambda: borrowing.sees(f"/requests/{number}/", "Lender will supply"), "the answer did not arrive")


def test_two_clerks_race_for_one_step(desks, people):
    from concurrent.futures import ThreadPoolExecutor

    number = ask(people("a", "patron"), "A book two clerks look at")
    one, other = people("a", "borrowing"), people("a", "supervisor")
    pages = {person: person.get(f"/requests/{number}/act/cancel/") for person in (one, other)}
    typed = {one: "Words of the first clerk", other: "Words of the second clerk"}

    def press(person):
        return person, person.submit(pages[person], reason="own_it", text=typed[person])

    with ThreadPoolExecutor(2) as pool:
        answers = dict(pool.map(press, (one, other)))
    losers = [person for person, answer in answers.items() if answer.status_code == 409]
    assert len(losers) == 1, {answer.status_code for answer in answers.values()}
    text = words(answers[losers[0]])
    assert "was faster" in text and typed[losers[0]] in text
