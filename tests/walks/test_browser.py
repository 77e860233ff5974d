"""The same loan in a real Chromium, as patron and as both staffs; axe on every page that is visited."""

import re
from pathlib import Path

import pytest

from tests.walks.conftest import ACCOUNTS
from tests.walks.people import until

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), "")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("desks", ["sqlite"], indirect=True),
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
]
AXE = (Path(__file__).parents[1] / "browser" / "axe.min.js").read_text()
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--no-first-run"]


@pytest.fixture(scope="module")
def chromium():
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Seat:
    """Somebody in front of a browser: signed in, every page checked, every complaint of the browser kept."""

    def __init__(self, browser, base: str, role: str, *, width: int = 1280, scheme: str = "light"):
        self.base, self.complaints, self.checked = base, [], set()
        self.context = browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, locale="en-US"
        )
        self.page = self.context.new_page()
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.go("/accounts/login/")
        self.page.fill("[name=login]", ACCOUNTS[role]["username"])
        self.page.fill("[name=password]", ACCOUNTS[role]["password"])
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url(lambda url: "/accounts/login" not in url)

    def _listen(self, message) -> None:
        if message.type == "error" and "favicon" not in message.text:
            self.complaints.append(message.text)

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)
        self.check()

    def press(self, name: str, *, exact: bool = True) -> None:
        """The button or link of this name, pressed; the page that comes is checked."""
        target = self.page.get_by_role("button", name=name, exact=exact).or_(
            self.page.get_by_role("link", name=name, exact=exact)
        ).first
        target.click()
        self.page.wait_for_load_state("networkidle")
        self.check()

    def check(self) -> None:
        """Nothing scrolls sideways; axe finds nothing serious or critical."""
        self.page.wait_for_load_state("load")
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.page.url} scrolls sideways by {wide} px"
        self.page.evaluate(AXE)
        found = self.page.evaluate(
            "axe.run(document, {resultTypes: ['violations']}).then(result => result.violations"
            ".filter(one => ['serious', 'critical'].includes(one.impact))"
            ".map(one => `${one.id}: ${one.nodes.slice(0, 3).map(node => node.html).join(' | ')}`))"
        )
        assert not found, f"{self.page.url}: {found}"
        self.checked.add(re.sub(r"[A-Z]-\d{4}-\d{5}", "N", self.page.url.partition("?")[0]))

    def text(self) -> str:
        return self.page.inner_text("body")


def test_the_loan_in_a_browser(desks, chromium):
    patron = Seat(chromium, desks.url("a"), "patron", width=390)
    borrowing = Seat(chromium, desks.url("a"), "borrowing")
    lending = Seat(chromium, desks.url("b"), "lending", scheme="dark")

    # The patron asks, by phone; a missing title is told in a sentence and loses nothing.
    patron.go("/my/new/")
    patron.page.get_by_label("Thesis").check()
    patron.page.wait_for_selector("label:has-text('University')")
    patron.page.get_by_label("Book", exact=True).check()
    patron.page.wait_for_selector("label:has-text('Author or editor')")
    patron.page.fill("[name=author]", "Sebald, W. G.")
    patron.press("Request this book")
    assert "Enter this: Title" in patron.text()
    assert patron.page.input_value("[name=author]") == "Sebald, W. G."
    patron.complaints.clear()  # the browser notes the 422 itself
    patron.page.fill("[name=title]", "Die Ringe des Saturn: eine englische Wallfahrt")
    patron.press("Request this book")
    number = re.search(r"B-\d{4}-\d{5}", patron.text())[0]

    # Staff find it in the list, open it beside the list and choose a lender.
    borrowing.go("/borrowing/submitted/")
    borrowing.go(f"/search/?q={number}")
    borrowing.press("Take up")
    borrowing.page.click("[data-step='1']")
    borrowing.page.wait_for_selector("#step input[data-symbol=DBU]")
    borrowing.check()
    for proposed in borrowing.page.locator("#step [data-rota] input[data-symbol]").all():
        proposed.fill("")
    borrowing.page.fill("#step input[data-symbol=DBU]", "1")
    borrowing.page.locator("#step button.is-filled").click()
    borrowing.page.wait_for_load_state("networkidle")
    borrowing.check()
    borrowing.press("Send to DBU")

    # The other desk.
    def arrived():
        lending.page.goto(f"{lending.base}/search/?q={number}-1")
        return "/requests/L-" in lending.page.url

    until(arrived, "the request did not arrive")
    theirs = re.search(r"L-\d{4}-\d{5}", lending.page.url)[0]
    lending.check()
    lending.press("Will supply")
    lending.press("Found")
    lending.page.click("[data-step='1']")
    lending.page.wait_for_selector("#step [name=barcode]")
    lending.page.fill("#step [name=barcode]", "39031007654321")
    lending.check()
    lending.page.locator("#step button.is-filled").click()
    lending.page.wait_for_load_state("networkidle")
    lending.check()
    assert "Shipped" in lending.text()

    def shipped():
        borrowing.page.goto(f"{borrowing.base}/requests/{number}/")
        return "On its way" in borrowing.text() or "Lender shipped" in borrowing.text()

    until(shipped, "the lender's message did not arrive")
    borrowing.page.click("[data-step='1']")
    borrowing.page.wait_for_selector("#step [name=barcode]")
    assert borrowing.page.input_value("#step [name=barcode]") == "39031007654321"
    borrowing.page.locator("#step button.is-filled").click()
    borrowing.page.wait_for_load_state("networkidle")
    borrowing.page.click("[data-step='1']")
    borrowing.page.wait_for_selector("#step [name=branch]")
    borrowing.page.locator("#step button.is-filled").click()
    borrowing.page.wait_for_load_state("networkidle")
    borrowing.check()

    patron.go(f"/my/{number}/")
    assert "Ready to pick up" in patron.text()
    borrowing.press("Check out")
    patron.go("/my/")
    borrowing.press("Check in")
    borrowing.page.click("[data-step='1']")
    borrowing.page.wait_for_selector("#step [name=tracking]")
    borrowing.page.locator("#step button.is-filled").click()
    borrowing.page.wait_for_load_state("networkidle")

    def announced():
        lending.page.goto(f"{lending.base}/requests/{theirs}/")
        return "Borrower shipped it back" in lending.text()

    until(announced, "the return was not announced")
    lending.press("Check in")
    lending.press("Back on the shelf")
    assert "Finished" in lending.text()

    def finished():
        borrowing.page.goto(f"{borrowing.base}/requests/{number}/")
        return "Finished" in borrowing.text()

    until(finished, "the lender's last message did not arrive")
    borrowing.go(f"/requests/{number}/?tab=messages")
    borrowing.go(f"/requests/{number}/?tab=files")
    patron.go("/my/?show=done")
    for seat in (patron, borrowing, lending):
        assert not seat.complaints, seat.complaints


# Addresses; or a page, what leads on from it, and what follows that address.
PAGES: dict[str, list[str | tuple[str, ...]]] = {
    "patron": ["/my/", "/my/new/?kind=film", "/account/", "/help/", "/my/charges/"],
    "supervisor": ["/", "/borrowing/in-review/", "/lending/received/", "/borrowing/attention/", "/search/",
                   "/settings/libraries/", "/settings/libraries/DBU/", "/settings/libraries/DBU/?tab=conversation",
                   "/settings/libraries/DBU/edit/", "/settings/policy/", "/settings/letters/",
                   "/settings/letters/arrived/en/", "/status/", "/help/lifecycle/"],
    "admin": ["/settings/people/", "/settings/library/"],
    "student": ["/"],
    "budget": ["/", "/billing/budget/", ("/billing/budget/", "main a[href^='/billing/budget/funds/']"),
               "/billing/batches/", ("/billing/batches/", "main td a[href^='/billing/batches/PB']"), "/billing/year/",
               "/billing/batches/downloads/", "/billing/talk/"],
    "coordinator's money": [
        "/billing/", "/billing/payables/", ("/billing/payables/", "main td a[href^='/billing/payables/']"),
        "/billing/payables/add/", "/billing/payables/files/", "/billing/invoices/",
        ("/billing/invoices/", "main td a[href^='/billing/invoices/']"), "/billing/vouchers/", "/billing/agreements/",
        "/billing/ifm/", "/billing/efts/", "/mail/", "/billing/charges/",
        ("/billing/charges/", "main td a[href^='/billing/charges/PC']"), "/billing/appeals/", "/billing/local/",
        "/billing/batches/waiting/", "/billing/batches/", "/billing/year/", "/billing/books/", "/billing/reports/",
        "/billing/rates/", "/billing/deputies/", "/billing/costs/", "/billing/tokens/",
    ],
    "coordinator": [
        "/borrowing/new/", "/borrowing/copyright-review/", ("/borrowing/copyright-review/", "[data-rows] tbody a"),
        ("/borrowing/copyright-review/", "[data-rows] tbody a", "act/decide_copyright/"),
        "/copyright/titles/", ("/copyright/titles/", "main td a[href^='/copyright/titles/']"),
        "/copyright/titles/same/", "/copyright/over/", ("/copyright/over/", "main td a[href^='/copyright/over/']"),
        "/copyright/subscriptions/", "/copyright/subscriptions/new/", "/copyright/royalties/",
        ("/copyright/royalties/", "main a[href^='/copyright/royalties/lists/R']"), "/copyright/waiting/",
        "/copyright/collection/", "/copyright/report/", ("/copyright/report/", "main td a[href^='/copyright/report/']"),
        "/copyright/audit/", "/copyright/what-if/", "/copyright/notices/",
        "/copyright/notices/texts/new/?kind=declaration&rules=uk&language=en",
    ],
    "supervisor's copyright": [
        "/copyright/records/", "/copyright/records/2023/", "/copyright/records/holds/new/", "/copyright/rules/",
        "/settings/prices/",
    ],
}


@pytest.mark.parametrize("width,scheme", [(1280, "dark"), (390, "light")])
@pytest.mark.parametrize("role", list(PAGES))
def test_pages_of_a_role(desks, chromium, role, width, scheme):
    seat = Seat(chromium, desks.url("a"), role.partition("'")[0], width=width, scheme=scheme)
    for path in PAGES[role]:
        if isinstance(path, tuple):
            page, link, *then = path
            seat.page.goto(seat.base + page)
            path = seat.page.locator(link).first.get_attribute("href").partition("?")[0] + "".join(then)
        seat.go(path)
    assert not seat.complaints, seat.complaints
    seat.context.close()


def test_a_form_outlives_a_change_of_language_and_a_scan_opens_what_was_scanned(desks, chromium):
    patron = Seat(chromium, desks.url("a"), "patron", width=390)
    patron.go("/my/new/")
    patron.page.get_by_label("Film").check()
    patron.page.wait_for_selector("label:has-text('Director')")
    patron.page.fill("[name=title]", "La jetée")
    patron.page.fill("[name=format]", "DVD")
    patron.press("Español")
    patron.page.wait_for_selector("h1:has-text('¿Qué necesita?')")
    assert (patron.page.input_value("[name=title]"), patron.page.input_value("[name=format]")) == ("La jetée", "DVD")
    patron.press("English")

    borrowing = Seat(chromium, desks.url("a"), "borrowing")
    borrowing.go("/borrowing/on-hold-shelf/")
    number = borrowing.page.locator("[data-rows] tbody .ill-num").first.inner_text()
    borrowing.go("/")
    borrowing.page.evaluate(
        "code => { for (const key of [...code, 'Enter']) document.body.dispatchEvent("
        "new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true})); }",
        number,
    )
    borrowing.page.wait_for_url(f"**/requests/{number}/**")
    assert not patron.complaints and not borrowing.complaints
