"""The form in which a person decides on a copy: the rules' own sentences and the uses stand beside it."""

import pytest
from django.utils import timezone

from requests_app.models import CopyrightDecision, CopyrightUse, ILLRequest
from tests import factories as f
from tests.requests_app.copyright.stories import ready, sent, use_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client):
    row = f.user("borrowing staff")
    client.force_login(row)
    return row


def act(ill: ILLRequest, action: str = "decide_copyright") -> str:
    return f"/requests/{ill.number}/act/{action}/"


def test_sentences_stand_beside_the_choice(client, clerk):
    page = client.get(act(ready(note="For my class"))).content.decode()
    assert "The note speaks of “For my class”" in page
    assert "Rule: 5 filled requests in a calendar year" in page
    assert "The CONTU guidelines are no law" in page


def test_nothing_is_chosen_for_a_person_who_is_asked(client, clerk):
    form = client.get(act(ready(note="For my class"))).context["form"]
    assert not form["how"].value()


def test_what_was_decided_is_kept_with_who_and_why(client, clerk):
    ill = ready(note="For my class")
    answer = client.post(act(ill), {"version": ill.version, "compliance": "US-CCL", "ground": "permission",
                                    "text": "The publisher wrote on Monday."})
    assert answer.status_code == 302
    row = CopyrightDecision.objects.get(ill=ill)
    assert (row.by, row.code, row.ground, row.verdict) == (clerk, "US-CCL", "permission", "person")
    assert row.note.text == "The publisher wrote on Monday."
    assert "purpose" in [code for code, _values in row.lines]
    client.post(act(ill, "send"), {"version": ILLRequest.objects.get(pk=ill.pk).version})
    assert (use_of(ill).ground, use_of(ill).by) == ("permission", clerk)


def _all_taken() -> None:
    """In the year of the page's clock."""
    for _time in range(5):
        sent(now=timezone.now())


def test_no_sixth_can_be_chosen_and_the_uses_are_listed(client, clerk):
    _all_taken()
    ill = ready(note="For my class")
    page = client.get(act(ill)).content.decode()
    for use in CopyrightUse.objects.all():
        assert f'href="/requests/{use.number}/"' in page
    answer = client.post(act(ill), {"version": ill.version, "compliance": "US-CCG"})
    assert answer.status_code == 422 and "5 of 5 are taken" in answer.content.decode()
    assert ILLRequest.objects.get(pk=ill.pk).compliance == ""


def test_a_sixth_that_was_to_be_sent_is_shown_where_it_went_and_why(client, clerk):
    ill = ready()
    _all_taken()
    answer = client.post(act(ill, "send"), {"version": ill.version})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Nothing was sent; it is in Copyright review now." in page and "5 of 5 are taken" in page
    assert ILLRequest.objects.get(pk=ill.pk).state == "borrowing.copyright_review"


def test_who_decided_is_named_or_that_the_rules_did(client, clerk):
    assert "US-CCG, by rule" in client.get(f"/requests/{sent().number}/").content.decode()
