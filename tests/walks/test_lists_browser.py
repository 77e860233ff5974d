"""Eight hours at a list, in a real Chromium: keys, ticks, columns that stay, scans, two people at one request."""

import re

import pytest

from tests.walks.test_browser import Seat, chromium, pytestmark  # noqa: F401 - the browser and its marks

_SCAN = (
    "code => { for (const key of [...code, 'Enter']) document.body.dispatchEvent("
    "new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true})); }"
)


@pytest.fixture
def seats(desks, chromium):  # noqa: F811
    """seat("borrowing"): somebody at desk A; at the end no browser may have complained."""
    taken = []

    def seat(role: str, **more) -> Seat:
        taken.append(Seat(chromium, desks.url("a"), role, **more))
        return taken[-1]

    yield seat
    for one in taken:
        complaints, _closed = one.complaints, one.context.close()
        assert not complaints, complaints


def _press(seat: Seat, *keys: str) -> None:
    """As a hand does, slower than a scanner."""
    for key in keys:
        seat.page.keyboard.press(key)
        seat.page.wait_for_timeout(120)


def test_keys_move_tick_and_go(seats):
    clerk = seats("coordinator")
    clerk.go("/borrowing/in-review/")
    page = clerk.page
    assert page.locator("[data-tick-bar]").is_hidden()
    _press(clerk, "j", "x", "j", "j", "Shift+X")
    assert page.locator("[data-rows] input[name=tick]:checked").count() == 3
    assert "3 ticked" in page.inner_text("[data-tick-bar]")
    clerk.check()
    page.click("[data-untick]")
    assert page.locator("[data-tick-bar]").is_hidden()
    _press(clerk, "j", "Enter")
    page.wait_for_selector("#request .ill-steps")
    clerk.check()
    _press(clerk, ".")
    assert page.locator("#request [data-more]").get_attribute("open") is not None
    _press(clerk, "Escape", "m")
    page.wait_for_selector("#step textarea[name=text]")
    page.keyboard.type("x1?")  # keys are off in a field
    assert page.input_value("#step textarea[name=text]") == "x1?" and not page.locator("#keys").is_visible()
    page.evaluate("document.activeElement.blur()")
    _press(clerk, "?")
    assert page.locator("#keys").is_visible()
    clerk.check()
    _press(clerk, "Escape", "g", "l")
    page.wait_for_url("**/lending/**")
    _press(clerk, "s")
    page.wait_for_url("**/scan/")
    assert page.evaluate("document.activeElement.name") == "code"


def test_filter_columns_and_order_stay(seats):
    clerk = seats("borrowing")
    page = clerk.page
    clerk.go("/borrowing/in-review/")
    page.click("summary:has-text('Columns')")
    page.check("#col-author")
    clerk.check()
    page.click(".ill-list-panel.is-narrow .ill-steps button")
    page.wait_for_url("**cols=**")
    page.locator("li:has(#col-author) button[name=up]").click()
    page.wait_for_load_state("networkidle")
    page.click("summary:has-text('Columns')")
    page.click("th a:has-text('Title')")
    page.wait_for_url("**sort=title**")
    page.click("summary:has-text('Filter')")
    page.check("label:has-text('referred')")
    clerk.check()
    page.click(".ill-list-panel:visible button:has-text('Show these')")
    page.wait_for_url("**flag=referred**")
    clerk.go("/")
    clerk.go("/borrowing/in-review/")
    assert "flag=referred" in page.url and "sort=title" in page.url
    heads = [head.strip() for head in page.locator("thead th").all_inner_texts()]
    assert heads.index("Author") == len(heads) - 2 and page.locator("th[aria-sort=ascending]").inner_text() == "Title"
    assert re.search(r"\d+ of \d+", page.inner_text("h1"))
    page.click("text=Back to the house")
    page.wait_for_url("**/borrowing/in-review/")
    assert page.locator("thead th:has-text('Author')").count() == 0


def test_ticked_requests_take_a_step_together_and_tell_what_did_not_work(seats):
    clerk, colleague = seats("borrowing"), seats("supervisor", scheme="dark")
    page = clerk.page
    clerk.go("/borrowing/submitted/")
    numbers = page.locator("[data-rows] td.ill-num").all_inner_texts()[:2]
    for box in page.locator("[data-rows] input[name=tick]").all()[:2]:
        box.check()
    colleague.go(f"/requests/{numbers[0]}/")
    colleague.press("Take up")
    clerk.press("Take up")
    assert "1 cannot" in page.inner_text("h1") and "was faster" in clerk.text()
    clerk.press("Take up: 1 request")
    assert "1 of 2 done" in clerk.text() and numbers[1] in clerk.text() and "was faster" in clerk.text()
    _press(clerk, "u")
    page.wait_for_url("**/borrowing/submitted/")
    clerk.go("/jobs/")
    assert "Take up" in clerk.text()


def test_the_second_person_sees_who_works_here_and_may_take_over(seats):
    one, other = seats("borrowing"), seats("supervisor", width=390)
    one.go("/borrowing/unfilled/")
    number = one.page.locator("[data-rows] td.ill-num").first.inner_text()
    one.go(f"/requests/{number}/")
    one.press("Work on this")
    assert "You are working here since" in one.text()
    other.go(f"/requests/{number}/")
    assert re.search(r"is working here since \d\d:\d\d", other.text())
    other.press("Take over")
    assert "is told that you took over" in other.text() and "You are working here since" in other.text()
    one.go("/borrowing/mine/")
    assert f"took over {number} from you" in one.text()
    assert number not in one.page.locator(".ill-list").inner_text()
    other.press("Done here")
    assert "Work on this" in other.text()


def test_scans_one_after_the_other_lose_nothing_and_leave_the_field_in_focus(seats):
    clerk = seats("coordinator")
    page = clerk.page
    clerk.go("/lending/shipped/")
    numbers = page.locator("[data-rows] td.ill-num").all_inner_texts()[:3]
    clerk.go("/scan/")
    for number in numbers:  # quicker than the desk answers
        page.keyboard.type(number)
        page.keyboard.press("Enter")
    page.wait_for_selector(f"#scans:has-text('{numbers[2]}') .ill-scan-foot:has-text('3 done')")
    assert page.evaluate("document.activeElement.name") == "code" and page.input_value("#code") == ""
    assert page.locator("#scans tbody tr").count() == 2
    clerk.check()
    page.keyboard.type(numbers[2])
    page.keyboard.press("Enter")
    page.wait_for_selector("#scans:has-text('Scanned twice')")
    clerk.check()
    clerk.press("Finish batch")
    assert page.locator("#scans .ill-panel").count() == 0


def test_a_scan_on_any_page_opens_the_due_step(seats):
    clerk = seats("coordinator")
    clerk.go("/borrowing/shipped/?service=loan&material=book")
    number = clerk.page.locator("[data-rows] td.ill-num").first.inner_text()
    clerk.go("/help/")
    clerk.page.evaluate(_SCAN, number)
    clerk.page.wait_for_url(f"**/requests/{number}/act/receive/")
    clerk.check()
    clerk.go("/borrowing/checked-out/")
    number = clerk.page.locator("[data-rows] td.ill-num").first.inner_text()
    clerk.page.evaluate(_SCAN, number)
    clerk.page.wait_for_url(f"**/requests/{number}/#due")
    assert clerk.page.evaluate("document.activeElement.dataset.step") == "1"
    clerk.page.evaluate(_SCAN, "0000000000")
    clerk.page.wait_for_url("**/scan/?code=**")
    assert "Nothing has this code" in clerk.text()
    clerk.check()
    clerk.complaints.clear()  # the browser notes the 404 itself
