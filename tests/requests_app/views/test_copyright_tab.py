"""Before a copy is sent staff see what remains for its title: on its page, its tab and beside the choice of lenders."""

import pytest
from django.utils import timezone

from illdesk import actors
from requests_app.actions import perform
from requests_app.models import CopyrightUse
from tests import factories as f
from tests.requests_app.copyright.stories import article, ready, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client):
    row = f.user("borrowing staff")
    client.force_login(row)
    return row


def page_of(client, ill, tab: str = "") -> str:
    answer = client.get(f"/requests/{ill.number}/", {"tab": tab} if tab else {})
    return " ".join(answer.content.decode().split())


def test_what_remains_stands_on_the_page_the_tab_and_beside_the_lenders(client, clerk):
    first = sent(now=timezone.now())
    perform(first, "lender_sent_copy", actor=actors.partner("HIL"), now=timezone.now())
    sent(now=timezone.now())
    ill = article()
    said = "1 used, 1 pending, 3 left of 5"
    assert said in page_of(client, ill) and said in page_of(client, ill, "copyright")
    assert page_of(client, ill, "copyright").count('<i class="is-free">') == 3
    perform(ill, "review", actor=f.staff(), now=f.NOW)
    assert said in client.get(f"/requests/{ill.number}/act/choose_lenders/").content.decode()
    piece = client.get(f"/requests/{ill.number}/act/choose_lenders/", headers={"HX-Request": "true"})
    assert said in piece.content.decode()


def test_the_tab_lists_the_uses_and_the_sentences(client, clerk):
    other = sent(now=timezone.now())
    page = page_of(client, ready(), "copyright")
    assert f'href="/requests/{other.number}/"' in page
    assert "Rule: 5 filled requests in a calendar year" in page and "by the rules" in page


def test_what_was_sent_shows_its_own_place_and_what_was_known_then(client, clerk):
    ill = sent(now=timezone.now())
    page = page_of(client, ill, "copyright")
    assert "Place 1 of 5" in page and "What was known then" in page
    assert "left of 5" not in page_of(client, ill), "it has left"


def test_an_older_decision_stays_readable_when_a_use_has_lost_its_request(client, clerk):
    gone = sent(now=timezone.now())
    CopyrightUse.objects.filter(ill=gone).update(ill=None)
    assert f'href="/requests/{gone.number}/"' not in page_of(client, article(), "copyright")


def test_neither_a_loan_nor_a_patron_sees_a_tab(client, clerk):
    loan = f.asked()
    assert "tab=copyright" not in page_of(client, loan)
    assert "left of" not in page_of(client, loan, "copyright")
    ill = article()
    client.force_login(ill.patron.user)
    assert "left of 5" not in page_of(client, ill, "copyright") and "tab=copyright" not in page_of(client, ill)
