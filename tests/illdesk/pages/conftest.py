import pytest
from django.contrib.auth.models import Group
from django.test import Client

from illdesk.models import Institution, User


@pytest.fixture
def person(db):
    """person("ada", "administrator"): somebody with these roles."""

    def make(username: str, *roles: str, **fields) -> User:
        email = f"{username}@library.example"
        fields = {"first_name": username.capitalize(), "last_name": "Example", "email": email} | fields
        user = User.objects.create_user(username, password="long-enough-2026", **fields)
        user.groups.set(Group.objects.filter(name__in=roles))
        return user

    return make


@pytest.fixture
def signed_in(person):
    """A browser of somebody with these roles; `.user` is the person."""

    def make(*roles: str, **fields) -> Client:
        user = person("-".join(roles).replace(" ", "") or "nobody", *roles, **fields)
        browser = Client()
        browser.force_login(user, backend="illdesk.accounts.backend.RoleBackend")
        browser.user = user
        return browser

    return make


@pytest.fixture
def library(db):
    return Institution.objects.create(
        pk=1, name="Aldermere University Library", symbol="AUL", agency_value="US-AUL", email="ill@aldermere.example"
    )
