"""Situations of a normal and a bad week, where the limit of a title is reached; the numbers are those of the list."""

import pytest
from django.utils import timezone

from billing.budget import queries
from illdesk import actors
from requests_app.actions import perform
from requests_app.models import CopyrightUse, ILLRequest, Royalty
from tests import factories as f
from tests.requests_app.copyright.beyond import five, fund, sixth
from tests.requests_app.copyright.stories import by_hand, place_of, ready, sent, use_of

pytestmark = pytest.mark.django_db


def test_situation_26_the_sixth_article_shows_the_five_and_every_lawful_way(client):
    """Two of the five still pending: a sentence with the five; pay, wait, fair use, supplier, cancel. Never as CCG."""
    from requests_app.models import LibraryPolicy

    now = timezone.now()
    fund("1214.00", day=timezone.localdate())
    LibraryPolicy.objects.create(library=f.library("DOC", name="Document Supply"), royalty_included=True,
                                 charge_copy="41.50")
    taken = five(now=now)
    ill = sixth(now=now)
    client.force_login(f.user("borrowing staff"))
    url = f"/requests/{ill.number}/act/decide_copyright/"
    page = client.get(url).content.decode()
    assert "3 used, 2 pending, 0 left of 5" in page
    for one in taken:
        assert f'href="/requests/{one.number}/"' in page
    assert "Place 5 is held by" in page and "No place is left" in page
    for words in ("Pay the royalty", "A lender whose price includes it", "from USD 41.50", "Other lawful ground",
                  "Another edition or version", "Wait for a place", "Refer to the supervisor", "Cancel with a letter",
                  "Fund ILL-R has USD 1,214.00 left", f"The next count starts 1 Jan {now.year + 1}"):
        assert words in page, words
    assert "Within the guidelines" not in page

    # ✗ sent as CCG: neither by the form nor by the step.
    answer = client.post(url, {"version": ill.version, "how": "within"})
    assert answer.status_code == 422 and ILLRequest.objects.get(pk=ill.pk).compliance == ""

    # It is paid: the total was seen, the fund has less, nothing is counted.
    sent_form = {"version": ill.version, "how": "pay", "price": "38.00", "currency": "USD", "fund": "ILL-R",
                 "seen": "38.00 USD"}
    assert client.post(url, sent_form).status_code == 302
    ill.refresh_from_db()
    assert (ill.state, ill.compliance) == ("borrowing.ready_to_send", "US-CCL")
    assert queries.on(timezone.localdate())[0].left == 1176
    perform(ill, "send", actor=f.staff(), now=now)
    assert (use_of(ill).state, use_of(ill).royalty) == ("outside", 38)
    # The form sent a second time: told, and nothing is charged.
    answer = client.post(url, sent_form)
    assert answer.status_code == 409 and Royalty.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_situation_28_the_fifths_first_lender_says_unfilled_while_another_is_cleared():
    """The place stays with the first; the new one is over."""
    for _time in range(4):
        sent()
    fifth = sent()
    new = ready(note="For my class")  # a person decides on it
    assert place_of(fifth) == 5
    perform(fifth, "lender_unfilled", actor=actors.partner("HIL"), now=f.NOW, reason="NotHeld")
    assert fifth.state == "borrowing.sent" and place_of(fifth) == 5
    with pytest.raises(Exception, match="5 of 5 are taken"):
        by_hand(new, "US-CCG")
    perform(new, "wait_for_place", actor=f.staff(), now=f.NOW)
    assert CopyrightUse.objects.filter(place__isnull=False).exclude(state="freed").count() == 5
    # Nobody is left to ask, and it is cancelled: who waits is told.
    perform(fifth, "lender_unfilled", actor=actors.partner("OAK"), now=f.NOW, reason="NotHeld")
    perform(fifth, "cancel", actor=f.staff(), now=f.NOW, reason="not_found")
    assert ILLRequest.objects.get(pk=new.pk).attention_why == "place_free"
