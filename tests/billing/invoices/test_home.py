"""What waits among our invoices stands on the start page of who can do it."""

import pytest
from django.test import Client

from billing.invoices import actions, home
from tests import factories as f
from tests.billing.invoices import cast


@pytest.fixture
def draft(db):
    f.institution()
    cast.agreed()
    cast.shipped()
    return cast.run(f.staff("lending staff"))[0]


def page(user) -> str:
    client = Client()
    client.force_login(user, backend="illdesk.accounts.backend.RoleBackend")
    return client.get("/").content.decode().partition("<main")[2]


def test_a_draft_waits_first_for_who_checks_it_then_for_who_approves_it(draft):
    clerk, boss = f.user("lending staff"), f.user("supervisor")
    assert "Drafts to check" in page(clerk) and "Drafts to approve" not in page(boss)
    for line in draft.lines.all():
        actions.verify(line, actor=f.actors.staff(clerk), now=cast.APRIL)
    assert "Drafts to check" not in page(clerk) and "Drafts to approve" not in page(clerk)
    assert "Drafts to approve" in page(boss) and home.to_approve(boss) == 1


def test_who_checked_a_line_has_nothing_to_approve(draft):
    boss = f.user("supervisor")
    for line in draft.lines.all():
        actions.verify(line, actor=f.actors.staff(boss), now=cast.APRIL)
    assert home.to_approve(boss) == 0 and home.to_approve(f.user("coordinator")) == 1


def test_what_is_overdue_is_named(db):
    f.institution()
    cast.bill(first=f.staff("lending staff"), second=f.staff("supervisor"))
    assert "?state=overdue" in page(f.user("lending staff")), "it was due in spring"
    assert "Our invoices" not in page(f.user("borrowing staff"))
