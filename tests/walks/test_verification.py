"""Verification at a running desk: from what a patron typed to the right shelf, link or lender."""

import email
import re
import time
from contextlib import nullcontext
from email import policy

import pytest

from tests.peers.web import peer
from tests.walks.people import Person, until, words
from tests.walks.scenery import PROXY, THIS_YEAR, Scenery, scenery, work
from tests.walks.test_loan import find_lending, in_state, mails

pytestmark = [pytest.mark.walk, pytest.mark.timeout(300)]
PATRON = "patron@aldermere.example"

FREE = work("10.5555/ferry.2014", "Ferry timetables and the tide", "Marine Letters", "2345-6787", 2014)
INSIDE = work("10.5555/annals.2012", "Tide gauges before the telegraph", "Annals of tidal research", "3579-1241", 2012)
OUTSIDE = work("10.5555/annals.new", "Tide gauges after the telephone", "Annals of tidal research", "3579-1241",
               THIS_YEAR)


@pytest.fixture(scope="module")
def scene(desks, people, tmp_path_factory):
    with scenery(people("a", "admin"), tmp_path_factory.mktemp("scenery")) as scene:
        scene.works(FREE, INSIDE, OUTSIDE)
        yield scene


def look_for(patron: Person, what: str):
    return patron.session.get(f"{patron.base}/my/new/", params={"what": what}, timeout=30)


def sent(patron: Person, page, **fields) -> str:
    """Send the form; the number of the new request."""
    answer = patron.submit(page, "/my/new/", **fields)
    found = re.search(r"B-\d{4}-\d{5}", words(answer))
    assert answer.status_code == 200 and found, words(answer)[:3000]
    return found[0]


def checked(staff: Person, number: str, *parts: str) -> str:
    """Wait until the request was checked by itself; what its Checks tab says, these parts among it."""
    text = ""

    def look() -> str:
        nonlocal text
        text = words(staff.get(f"/requests/{number}/?tab=checks"))
        return text if "Who was asked" in text else ""

    until(look, f"{number} was not checked", within=30)
    for part in parts:
        assert part in text, f"{part} is not in the Checks tab: {text}"
    return text


def test_an_article_that_is_free_online_is_offered_and_ends_with_its_link(desks, people, scene: Scenery):
    patron, borrowing = people("a", "patron"), people("a", "borrowing")
    link = scene.is_free(FREE, "/files/ferry.pdf")
    before = words(borrowing.get("/borrowing/submitted/"))
    began = time.monotonic()
    page = look_for(patron, "https://doi.org/10.5555/FERRY.2014")
    assert time.monotonic() - began < 4
    said = words(page)
    assert "Free to read online, as a manuscript." in said and "Accepted manuscript, cc-by." in said
    assert f'href="{link}"' in page.text and 'value="Ferry timetables and the tide"' in page.text
    assert words(borrowing.get("/borrowing/submitted/")) == before, "nothing was sent yet"

    # The published version is wanted all the same.
    number = sent(patron, page)
    text = checked(borrowing, number, "Verified")
    assert "accepted manuscript, cc-by, PDF" in text and "Free online" in text
    borrowing.do(number, "give_link", text="This is what there is without waiting.")
    assert in_state(borrowing, number, "Finished")()

    def written() -> bool:
        letters = (email.message_from_string(one, policy=policy.default) for one in mails(desks, PATRON, number))
        return any(link in one.get_content() for one in letters)

    until(written, "the patron was not sent the link")
    assert link in patron.get(f"/my/{number}/").text


@pytest.mark.parametrize("way", ["SRU", "Z39.50"])
def test_a_book_on_our_shelf_becomes_document_delivery_in_a_click(people, scene: Scenery, way):
    patron, borrowing = people("a", "patron"), people("a", "borrowing")
    with scene.by_z3950() if way == "Z39.50" else nullcontext():
        page = look_for(patron, "978-0-555-55001-4")
        assert "On our shelf at MAIN · Stacks, floor 2 · VK1017 .O4 2011." in words(page), words(page)
        number = sent(patron, page, again="on")
        checked(borrowing, number, "Verified", f"Our own catalogue ({way})", "VK1017 .O4 2011 on the shelf")
        tab = borrowing.get(f"/requests/{number}/?tab=checks")
        assert "We own it: document delivery" in words(tab).partition("Where else it might be")[2]
        borrowing.submit(tab, f"/requests/{number}/act/to_documents/")
        assert number in words(borrowing.get("/documents/submitted/")), "it keeps its number"


def test_an_article_inside_the_embargo_is_not_read_but_borrowed_and_an_older_one_is_ours(people, scene: Scenery):
    patron, borrowing = people("a", "patron"), people("a", "borrowing")
    page = look_for(patron, INSIDE["DOI"])
    assert "We have it online. Tidal Reader." in words(page)
    assert f'href="{PROXY}https://reader.example/annals"' in page.text
    # Typed by hand it is said as well, before anything is sent.
    typed = patron.submit(
        patron.get("/my/new/?kind=article"), "/my/new/", part_title=INSIDE["title"][0], issn="3579-1241", year="2012",
        title="Annals of tidal research", part_author="Okafor, Ngozi", volume="12", pages="41-58",
    )
    assert typed.status_code == 422 and "We have it online." in words(typed)
    assert PROXY in typed.text and "Ask for it all the same" in words(typed)

    page = look_for(patron, OUTSIDE["DOI"])
    assert "We have it online" not in words(page) and "Tidal Reader: It is too new: an embargo" in words(page)
    number = sent(patron, page)
    text = checked(borrowing, number, "Verified", "Tidal Reader: It is too new: an embargo")
    assert "Send the link…" not in text


def test_a_book_of_ours_that_is_checked_out_is_borrowed_and_never_of_ourselves(people, scene: Scenery):
    patron, borrowing, lending = people("a", "patron"), people("a", "borrowing"), people("b", "lending")
    scene.world_cat("9780555550021", "700000001", "Ice harbours and their keepers", "Sigrid Haugen",
                    "ALD", "QQQ", "DBU")
    page = look_for(patron, "9780555550021")
    assert "On our shelf" not in words(page) and 'value="Ice harbours and their keepers"' in page.text
    number = sent(patron, page)
    text = checked(borrowing, number, "Verified", "VK1020 .H3 2008 not on the shelf, 2030-12-04", "WorldCat")
    assert "QQQ" in text and "ALD" not in text.partition("Other libraries")[2].partition("Candidates")[0]
    borrowing.do(number, "review")
    page = borrowing.get(f"/requests/{number}/act/choose_lenders/")
    first = re.search(r'<input[^>]*data-symbol="DBU"[^>]*>', page.text)
    assert first and 'value="1"' in first[0], "who holds it stands first"
    assert 'data-symbol="ALD"' not in page.text
    strangers = words(page).partition("are not in our directory")[2]
    assert "Library QQQ" in strangers and "Library ALD" not in words(page)
    assert borrowing.submit(page).status_code == 200
    borrowing.do(number, "send")
    assert in_state(lending, find_lending(lending, number), "Received")()


def test_a_thesis_in_another_script_is_found_and_both_forms_are_kept(people, scene: Scenery):
    patron, borrowing = people("a", "patron"), people("a", "borrowing")
    typed = "Istoriya rossiyskogo flota na Kaspiyskom more"
    number = sent(
        patron, patron.get("/my/new/?kind=thesis"), title=typed, author="Sokolov, Yuriy", publisher="MGU", year="2003",
    )
    text = checked(borrowing, number, typed, "История российского флота на Каспийском море")
    assert "same but for the spelling" in text and "1 library DBU" in text, text
    borrowing.do(number, "take_over")
    text = checked(borrowing, number, typed, "История российского флота на Каспийском море", "taken from")
    assert "Moskovskiĭ universitet" in text


def test_a_wrong_isbn_is_explained_and_the_book_is_found_all_the_same(people, scene: Scenery):
    patron, borrowing = people("a", "patron"), people("a", "borrowing")
    # 9780555550014 with two digits swapped.
    book = {"title": "Lighthouses of the northern Gulf", "author": "Okafor, Ngozi", "year": "2011",
            "isbn": "9780555550104", "again": "on"}
    page = patron.submit(patron.get("/my/new/?kind=book"), "/my/new/", **book)
    assert page.status_code == 422
    assert "Two digits of this ISBN are swapped, or one digit is off." in words(page)
    assert "Perhaps it is 9780555551004 or 9780555550014." in words(page)
    number = sent(patron, page, isbn_as_is="on", again="on")
    checked(borrowing, number, "9780555550014", "one digit is off")
    borrowing.do(number, "take_over")
    assert "9780555550014" in words(borrowing.get(f"/requests/{number}/"))


def test_five_editions_stand_side_by_side_and_none_is_taken_silently(people, scene: Scenery):
    patron, borrowing = people("a", "patron"), people("a", "borrowing")
    page = patron.get("/my/new/?kind=book")
    number = sent(patron, page, title="The pilots' handbook", author="Marlowe, Edith")
    text = checked(borrowing, number, "Ambiguous")
    assert "5 fit, and they are not the same: a person has to choose." in text
    for edition in ("1st ed.", "2nd ed.", "3rd ed.", "4th ed.", "5th ed."):
        assert edition in text
    assert "1950" not in words(borrowing.get(f"/requests/{number}/")).partition("Candidates")[0].partition("Typed")[0]
    # A person chooses the fourth that is listed, and looks at it first.
    page = borrowing.get(f"/requests/{number}/?tab=checks&candidate=3")
    assert 'aria-current="true"' in page.text
    assert borrowing.submit(page, f"/requests/{number}/act/take_over/").status_code == 200
    assert "taken from" in checked(borrowing, number)


def test_a_journal_that_changed_its_name_is_found_under_either(people, scene: Scenery):
    patron, borrowing = people("a", "patron"), people("a", "borrowing")
    number = sent(
        patron, patron.get("/my/new/?kind=article"), part_title="The lamp at Skerry Point", year="1974",
        title="Journal of coastal heritage", part_author="Brandt, Ole", volume="12", pages="3-19",
    )
    text = checked(borrowing, number, "VK1 .H37")
    assert "v.1 (1962)-v.36 (1998)" in text


def test_one_that_hangs_and_one_that_is_down_keep_nobody_waiting_and_are_named(people, scene: Scenery):
    patron, borrowing = people("a", "patron"), people("a", "borrowing")
    slow = work("10.5555/fog.2014", "Fog signals heard at sea", "Marine Letters", "2345-6787", 2014)
    scene.works(slow)
    with peer() as hanging, scene.also("openalex", url=hanging.url), scene.also("doaj", url="http://127.0.0.1:9"):
        hanging.behaves("/", "slow")
        began = time.monotonic()
        page = look_for(patron, slow["DOI"])
        assert time.monotonic() - began < 4 and 'value="Fog signals heard at sea"' in page.text
        number = sent(patron, page)
        text = checked(borrowing, number, "Verified", "did not answer")
        began = time.monotonic()
        borrowing.do(number, "check")
        assert time.monotonic() - began < 10, "eight seconds at most, whoever hangs"
        text = checked(borrowing, number, "Verified")
        assert re.search(r"OpenAlex \S*\s*did not answer", text) and re.search(r"DOAJ.{0,60}did not answer", text)
        free = text.partition("Free online")[2].partition("Other libraries")[0]
        assert "OpenAlex: no answer" in free or ("OpenAlex" in free and "no answer" in free)
        assert "none found" not in free, "nobody knows that there is none"


def test_a_queue_is_verified_as_a_job_with_its_results(people, scene: Scenery):
    patron, borrowing = people("a", "patron"), people("a", "borrowing")
    known = work("10.5555/buoys.2014", "Buoys and their colours", "Marine Letters", "2345-6787", 2014)
    scene.works(known)
    asked = [
        {"part_title": "Buoys and their colours", "title": "Marine Letters", "year": "2014", "volume": "12",
         "part_author": "Okafor, Ngozi", "pages": "41-58"},
        {"part_title": "What nobody ever wrote", "title": "Marine Letters", "year": "1901", "part_author": "Nemo, A."},
    ]
    numbers = [sent(patron, patron.get("/my/new/?kind=article"), **one) for one in asked]
    for number in numbers:
        checked(borrowing, number)
    page = borrowing.get("/borrowing/submitted/")
    ticks = [tick for number in numbers for tick in re.findall(rf'name="tick"[^>]*value="({number}@\d+)"', page.text)]
    assert len(ticks) == 2
    job = borrowing.tick(page, "check", *ticks)
    text = until(lambda: done(borrowing, job.url), "the job did not end")
    assert re.search(rf"{numbers[0]}.*Verified; filled in: .*DOI", text)
    assert re.search(rf"{numbers[1]}.*Not found", text)
    assert "10.5555/buoys.2014" in words(borrowing.get(f"/requests/{numbers[0]}/"))


def done(person: Person, url: str) -> str:
    page = person.session.get(url, timeout=30)
    text = words(page)
    return text if "filled in" in text and "Not found" in text else ""
