"""Somebody forgot the password: a letter over real SMTP, a link, a new password; nothing told to strangers."""

import re

import pytest
import requests

from tests.walks.conftest import ACCOUNTS
from tests.walks.people import Person, until, words
from tests.walks.test_loan import mails

pytestmark = [pytest.mark.walk, pytest.mark.timeout(300)]
NEW = "a new and longer password 7"


def visitor(base: str) -> Person:
    """Somebody who is not signed in."""
    person = Person.__new__(Person)
    person.base, person.session = base, requests.Session()
    return person


def test_a_forgotten_password_is_set_again_by_mail(desks, people):
    base = desks.url("a")
    somebody = visitor(base)
    page = somebody.get("/accounts/password/reset/")
    answer = somebody.submit(page, email="profesor@aldermere.example")
    unknown = somebody.submit(page, email="nobody@aldermere.example")
    assert words(answer) == words(unknown)  # who has an account is told to nobody

    letter = until(lambda: mails(desks, "profesor@aldermere.example", "/password/reset/key/"), "no letter came")[-1]
    link = re.search(r"/accounts/password/reset/key/\S+", letter)[0]
    form = somebody.get(link)
    done = somebody.submit(form, password1=NEW, password2=NEW)
    assert done.status_code == 200, words(done)
    account = ACCOUNTS["profesor"]
    Person(base, account["username"], NEW)
    with pytest.raises(AssertionError, match="could not sign in"):
        Person(base, account["username"], account["password"])
    with pytest.raises(AssertionError):  # the link has done its work
        again = somebody.get(link)
        assert "password1" in again.text


def test_the_link_is_not_kept_after_it_left(desks, people):
    """Whoever sees stuck messages must not be able to set somebody's password."""
    shown = words(people("a", "supervisor").get("/status/"))
    assert "/password/reset/key/" not in shown
