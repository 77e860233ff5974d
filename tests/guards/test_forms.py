"""Forms carry their token, and opening a page changes nothing: no link or picture can do what a form does."""

import pytest

from tests.guards import crawl
from tests.guards.world import PEOPLE, writes

# What a GET writes, and why. Everything else is a fault: mail programs and browsers open links by themselves.
WRITES = {
    "/my/": "the first visit makes the patron's record, once",
    "/my/new/": "the first visit makes the patron's record, once",
    "/scan/": "a download is counted, and recorded",
    "/pdf/": "a download is counted, and recorded",
}


def _may_write(url: str) -> bool:
    path = url.partition("?")[0]
    return path in ("/my/", "/my/new/") or path.startswith("/scan/") or path.endswith("/pdf/")


@pytest.mark.parametrize("who", PEOPLE)
def test_opening_pages_changes_nothing_and_every_form_on_them_carries_its_token(who, world):
    wrong, forms = [], 0
    with writes() as seen:
        for page in crawl.pages(world, people=[who]):
            if seen.found and not _may_write(page.url):
                wrong.append(f"{page} writes: {seen.found[0]}")
            seen.found.clear()
            if not page.is_html:
                continue
            for form in page.tree.iter("form"):
                forms += 1
                wrong += [f"{page}: {sentence}" for sentence in _faults(form)]
    assert wrong == []
    assert forms


def _faults(form) -> list[str]:
    method, action = (form.get("method") or "get").lower(), form.get("action") or ""
    tokens = form.xpath(".//input[@name='csrfmiddlewaretoken']/@value")
    found = []
    if method == "post" and not any(len(token) >= 32 for token in tokens):
        found.append(f"the form to {action or 'itself'} has no token")
    if method == "get" and tokens:
        found.append(f"the form to {action or 'itself'} sends its token in the address, where others read it")
    if action.startswith(("http:", "https:", "//")):
        found.append(f"the form to {action} leads away with its token")
    # A button can turn a form that is read into one that is sent, and lead it elsewhere.
    for button in form.xpath(".//*[@formaction or @formmethod]"):
        if (button.get("formmethod") or method).lower() == "post" and not tokens:
            found.append(f"a button of the form to {action} posts without a token")
    return found


@pytest.mark.nodb
def test_every_exception_has_its_reason():
    assert all(_may_write(f"{path}x" if path == "/scan/" else path) for path in WRITES)


@pytest.mark.nodb
def test_htmx_and_scripts_send_the_token_too():
    """No script of ours posts by itself: what posts is a form with its token. Kept so by this list."""
    from pathlib import Path

    from django.conf import settings

    posting = [
        script.name for script in sorted(Path(settings.BASE_DIR, "static/js").glob("*.js"))
        if any(word in script.read_text() for word in ('"POST"', "'POST'", "sendBeacon", "XMLHttpRequest"))
    ]
    assert posting == [], f"{posting} post by themselves: prove here that they send the token."
