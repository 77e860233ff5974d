"""Every address says who may open it, and means it."""

import pytest
from django.urls import get_resolver

from illdesk.accounts.roles import RIGHTS


def _views(patterns=None, prefix=""):
    for pattern in patterns or get_resolver("illdesk.urls").url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _views(pattern.url_patterns, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern), pattern.callback


def _rule(view) -> str:
    marks = [
        getattr(view, "needs", ""),
        "signed_in_only" if getattr(view, "signed_in_only", False) else "",
        "open_page" if getattr(view, "open_page", False) else "",
    ]
    return " and ".join(mark for mark in marks if mark)


@pytest.mark.nodb
def test_every_view_carries_exactly_one_rule():
    wrong = [
        address
        for address, view in _views()
        if not address.startswith("accounts/")  # allauth's own
        and _rule(view) not in {*RIGHTS, "signed_in_only", "open_page"}
    ]
    assert wrong == []


@pytest.mark.nodb
def test_only_these_stand_open():
    found = {address for address, view in _views() if _rule(view) == "open_page"}
    # Programs bring a token, which those doors look at themselves (tests/billing/api, tests/guards).
    assert {address for address in found if not address.startswith("api/v1/")} == {
        "i18n/language/", "mailbox/", "health/live", "health/ready", "iso18626", "scan/<str:token>/",
        "openurl",  # asks for the sign-in itself, so that a form posted from elsewhere keeps what it brought
    }
