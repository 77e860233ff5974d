"""A copy between two running desks: form, ground, scan, link, fetch, cover, download; and a bad one sent again."""

import re
from datetime import date, timedelta

import pypdfium2
import pytest

from tests import factories
from tests.walks.people import Person, until, words
from tests.walks.test_loan import choose, find_lending, in_state, mails

pytestmark = [pytest.mark.walk, pytest.mark.timeout(300)]
PATRON = "patron@aldermere.example"


def ask_article(patron: Person, title: str) -> str:
    page = patron.get("/my/new/?kind=article")
    assert "NOTICE: WARNING CONCERNING COPYRIGHT RESTRICTIONS" in words(page)
    answer = patron.submit(
        page, "/my/new/", part_title=title, title="Marine Letters", part_author="Okafor, N.", year="2024", volume="12",
        issue="3", pages="41–58",
    )
    found = re.search(r"B-\d{4}-\d{5}", words(answer))
    assert found, words(answer)
    return found[0]


def send_copy(staff: Person, number: str, *lenders: str) -> None:
    choose(staff, number, *(lenders or ("DBU",)))
    assert in_state(staff, number, "Copyright review")()
    staff.do(number, "decide_copyright", compliance="US-CCG", within_text="Looked at it.")
    staff.do(number, "send")


def scan(lending: Person, number: str, content: bytes, *, notice: str = "none") -> None:
    answer = lending.upload(number, "deliver_scan", ("scan.pdf", content), notice=notice)
    assert answer.status_code == 200, words(answer)[:600]


def texts(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    return [page.get_textpage().get_text_range() for page in document]


def test_a_copy_goes_round_and_a_bad_one_is_sent_again(desks, people):
    patron, borrowing, lending = people("a", "patron"), people("a", "borrowing"), people("b", "lending")
    number = ask_article(patron, "The effect of tidal range")
    borrowing.do(number, "review")
    send_copy(borrowing, number)
    theirs = find_lending(lending, number)
    page = words(lending.get(f"/requests/{theirs}/"))
    assert "US-CCG" in page and "41–58" in page

    # The lending desk scans; no notice of copyright was found, so the legend goes on the first page.
    lending.do(theirs, "will_supply")
    lending.do(theirs, "found")
    refused = lending.upload(theirs, "deliver_scan", ("scan.pdf", b"<html>no PDF</html>"), notice="none")
    assert refused.status_code == 422 and "not a PDF" in words(refused)
    scan(lending, theirs, factories.pdf("first page", "second page"))
    assert in_state(lending, theirs, "Finished")()

    # It is fetched, delivered and downloaded by itself.
    until(in_state(borrowing, number, "Delivered"), "the file did not come")
    until(lambda: mails(desks, PATRON, f"{number} is ready"), "the patron was not told by mail")
    page = patron.get(f"/my/{number}/")
    assert "Download the PDF" in words(page)
    got = patron.get(f"/my/{number}/pdf/")
    cover, first, second = texts(got.content)
    assert number in cover and "WARNING CONCERNING COPYRIGHT" in cover and "The effect of tidal range" in cover
    assert "first page" in first
    assert "Notice: This material may be protected by copyright law (Title 17 U.S. Code)" in first
    assert "second page" in second and "Notice" not in second
    assert "9 more times" in words(patron.get(f"/my/{number}/"))

    # Pages are missing: no new request, the first file stays until the better one is here.
    page = patron.get(f"/requests/{number}/act/report_problem/")
    patron.submit(page, problem="pages_missing", pages="42", text="It is for my thesis.")
    until(in_state(lending, theirs, "Preparing"), "the lender was not asked to send it again")
    told = words(lending.get(f"/requests/{theirs}/"))
    assert "pages are missing (42)" in told and "thesis" not in told
    assert patron.get(f"/my/{number}/pdf/").content == got.content
    scan(lending, theirs, factories.pdf("first page", "the missing page", "second page"), notice="included")
    until(lambda: mails(desks, PATRON, f"A new file for your request {number}"), "the patron was not told again")
    again = texts(patron.get(f"/my/{number}/pdf/").content)
    assert len(again) == 4 and "missing page" in again[2] and "Notice" not in again[1]
    assert len(mails(desks, PATRON, f"{number} is ready")) == 1

    # Staff extend it; when the time is over it can no longer be had, and the file is gone.
    last = date.today() + timedelta(days=60)
    borrowing.do(number, "extend_delivery", until=last.isoformat(), most=3)
    assert "3 more times" in words(patron.get(f"/my/{number}/"))
    after = (last + timedelta(days=2)).isoformat() + "T12:00Z"
    desks.manage("a", "clock", "dates", "--now", after)
    assert in_state(borrowing, number, "Finished")()
    assert patron.session.get(f"{desks.url('a')}/my/{number}/pdf/").status_code == 410
    desks.manage("a", "clock", "erase", "--now", after)
    assert ".pdf" not in words(borrowing.get(f"/requests/{number}/?tab=files"))


def test_a_link_is_only_for_whom_it_was_sent_and_expires(desks, people):
    borrowing, lending = people("a", "borrowing"), people("b", "lending")
    number = ask_article(people("a", "patron"), "A copy whose link is looked at")
    send_copy(borrowing, number)
    theirs = find_lending(lending, number)
    lending.do(theirs, "start_search")
    scan(lending, theirs, factories.pdf("page"))
    until(in_state(borrowing, number, "Delivered"), "the file did not come")
    page = lending.get(f"/requests/{theirs}/?tab=messages")
    link = re.search(r"http://[^\s<&]+/scan/[\w-]+/", page.text)
    assert link
    stranger = people("b", "patron").session
    assert stranger.get(link[0]).status_code == 200, "whoever has the link has the key"
    assert stranger.get(link[0][:-3] + "xx/").status_code == 404
    desks.manage("b", "clock", "erase", "--now", (date.today() + timedelta(days=40)).isoformat() + "T12:00Z")
    assert stranger.get(link[0]).status_code == 410
