import html
from io import StringIO

import pytest
from django.core.management import call_command

from illdesk.pages import help
from requests_app import diagram, lifecycle


@pytest.mark.parametrize(
    ("role", "heading"),
    [
        ("patron", "Asking for something"), ("borrowing staff", "Borrowing"), ("student", "Lending"),
        ("administrator", "Looking after ILL Desk"),
    ],
)
def test_help_opens_at_the_reader_s_own_page(signed_in, role, heading):
    assert str(signed_in(role).get("/help/").context["page"].label) == heading


@pytest.mark.parametrize("page", [*help.PAGES, "lifecycle"])
def test_a_supervisor_reads_every_page(signed_in, page):
    assert signed_in("supervisor").get(f"/help/{page}/").status_code == 200


def test_patrons_read_theirs(signed_in):
    browser = signed_in("patron")
    assert browser.get("/help/patrons/").status_code == 200
    for page in ("borrowing", "lifecycle", "nothing"):
        assert browser.get(f"/help/{page}/").status_code == 404


@pytest.mark.parametrize(
    ("role", "reads", "not_meant"),
    [
        ("borrowing staff", {"borrowing", "documents", "conditions", "dates", "copies"}, {"lending", "administrators"}),
        ("lending staff", {"lending", "documents", "dates", "copies"}, {"borrowing", "conditions", "administrators"}),
        ("student", {"lending", "dates"}, {"borrowing", "documents", "copies", "administrators"}),
        ("administrator", {"administrators"}, {"borrowing", "lending", "copies"}),
        ("budget", {"patrons", "batches"}, {"borrowing", "lending", "administrators"}),
    ],
)
def test_who_reads_what(signed_in, role, reads, not_meant):
    browser = signed_in(role)
    page = browser.get("/help/").content.decode()
    for slug in reads:
        assert browser.get(f"/help/{slug}/").status_code == 200 and f'href="/help/{slug}/"' in page
    for slug in not_meant:
        assert browser.get(f"/help/{slug}/").status_code == 404 and f'href="/help/{slug}/"' not in page


def test_what_a_state_means_is_said_by_the_table(signed_in):
    browser = signed_in("supervisor")
    for side in lifecycle.KINDS:
        page = html.unescape(browser.get(f"/help/{side}/").content.decode())
        for state in lifecycle.STATES.values():
            if state.side == side and not state.later:
                assert str(state.look_for) in page
    page = html.unescape(browser.get("/help/patrons/").content.decode())
    assert "Your PDF is ready. Download it before it expires." in page and page.count(">Looking for a library<") == 1


def test_the_lifecycle_page_names_every_live_state_and_step(signed_in):
    page = html.unescape(signed_in("lending staff").get("/help/lifecycle/").content.decode())
    for state in lifecycle.STATES.values():
        assert state.later or f">{state.label}</text>" in page
    assert "Awaiting patron" not in page
    for step in lifecycle.STEPS:
        assert step.action == lifecycle.UNDO or diagram.words(step.label) in page


@pytest.mark.nodb
def test_the_picture_has_a_line_for_each_step_that_moves():
    picture = diagram.picture("lending")
    at = {box.state.code: box.middle for box in picture.boxes}
    (ship,) = [lane for lane in picture.lanes if lane.label == "Ship"]
    assert ship.dots == [at["lending.searching"], at["lending.preparing"]]
    assert (ship.top, ship.bottom) == (at["lending.searching"], at["lending.shipped"])
    assert max(lane.x for lane in picture.lanes) < picture.width
    moving = [
        step for step in lifecycle.STEPS if step.target.startswith("lending") and step.action != lifecycle.UNDO
    ]
    assert len(picture.lanes) == len(moving)


def _said(*words: str) -> str:
    out = StringIO()
    call_command("show_lifecycle", *words, stdout=out)
    return out.getvalue()


@pytest.mark.nodb
def test_the_command_prints_words_and_mermaid():
    assert "Ship (staff): Searching, Preparing → Shipped [loans only; → status:Loaned]" in _said("--side", "lending")
    assert "Choose lender" not in _said("--side", "lending")
    mermaid = _said("--mermaid")
    assert "    ready_to_send --> sent: Send to the other library (staff)" in mermaid
    assert "    [*] --> submitted" in mermaid
    assert "awaiting_patron" not in mermaid
