"""People at a running desk, over HTTP as a browser sends it: sign in, look, fill in, press a button."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import requests
from lxml import html


class Person:
    """One person's browser session at one desk."""

    def __init__(self, base: str, username: str, password: str):
        self.base, self.session = base, requests.Session()
        # A connection that is kept may be closed by the server at the moment it is used again; a browser asks anew.
        self.session.headers["Connection"] = "close"
        page = self.get("/accounts/login/")
        answer = self.submit(page, login=username, password=password)
        assert "/accounts/login" not in answer.url, f"{username} could not sign in at {base}"

    def get(self, path: str) -> requests.Response:
        answer = self.session.get(urljoin(self.base, path), timeout=30)
        assert answer.status_code == 200, f"{path} answered {answer.status_code}: {words(answer)[:500]}"
        return answer

    def submit(self, page: requests.Response, action: str = "", **fields: Any) -> requests.Response:
        """Send the page's form (the one whose address ends in `action`) with these fields filled in; None: a box
        that is not ticked."""
        form = _form(page, action)
        data = dict(form.form_values()) | {name: str(value) for name, value in fields.items() if value is not None}
        data = {name: value for name, value in data.items() if fields.get(name, "") is not None}
        address = urljoin(page.url, form.get("action") or "")
        return self.session.post(address, data=data, headers={"Referer": page.url}, timeout=30)

    def do(self, number: str, step: str, **fields: Any) -> requests.Response:
        """Take a step of a request: press its button, or open its form and fill it in."""
        path = f"/requests/{number}/act/{step}/"
        page = self.get(f"/requests/{number}/")
        if not any((form.get("action") or "").endswith(path) for form in _forms(page)):
            page = self.get(path)
        answer = self.submit(page, path if path not in page.url else "", **fields)
        assert answer.status_code == 200, f"{step} of {number} answered {answer.status_code}: {words(answer)[:800]}"
        return answer

    def upload(self, number: str, step: str, file: tuple[str, bytes], **fields: Any) -> requests.Response:
        """Take a step whose form asks for a PDF."""
        page = self.get(f"/requests/{number}/act/{step}/")
        data = dict(_form(page, "").form_values()) | {name: str(value) for name, value in fields.items()}
        return self.session.post(
            page.url, data=data, files={"file": (*file, "application/pdf")}, headers={"Referer": page.url}, timeout=60
        )

    def tick(self, page: requests.Response, step: str, *marks: str) -> requests.Response:
        """Tick these requests of a list and press the button of a step for all of them."""
        form = next(one for one in _forms(page) if one.get("id") == "ticked")
        data = {**dict(form.form_values()), "tick": list(marks)}
        return self.session.post(
            urljoin(self.base, f"/bulk/{step}/"), data=data, headers={"Referer": page.url}, timeout=60
        )

    def sees(self, path: str, *parts: str) -> bool:
        text = words(self.get(path))
        return all(part in text for part in parts)


def words(answer: requests.Response) -> str:
    """The text of a page as read, white space folded."""
    root = html.fromstring(answer.content or b"<p></p>")
    for script in root.xpath("//script|//style"):
        script.drop_tree()
    return " ".join(root.text_content().split())


def until(condition: Callable[[], Any], what: str, *, within: float = 45) -> Any:
    """Wait until the condition holds, as a person would look again; its value is returned."""
    ends = time.monotonic() + within
    while True:
        if value := condition():
            return value
        assert time.monotonic() < ends, f"After {within} s: {what}"
        time.sleep(0.25)


def _forms(page: requests.Response):
    return html.fromstring(page.content).forms


def _form(page: requests.Response, action: str):
    # The patron's search sends to the same address as the form that it fills.
    posts = [form for form in _forms(page)
             if (form.method or "").upper() == "POST" and form.get("role") != "search"]
    wanted = [
        form for form in posts
        if (form.get("action") or "").endswith(action) and (action or _is_main(form))
    ]
    assert wanted, f"No form for {action or 'this page'} at {page.url}"
    # The page's own form sends to where the page is; those with an address are buttons beside it.
    return min(wanted, key=lambda form: bool(form.get("action")) and not action)


def _is_main(form) -> bool:
    """Not the language switch or sign-out of the frame, and not the claim in a request's head."""
    return not any(part in (form.get("action") or "") for part in ("/i18n/", "/logout/", "/claim/"))
