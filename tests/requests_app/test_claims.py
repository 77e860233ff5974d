"""Who works on what: seen by colleagues, never in anybody's way."""

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import claims
from requests_app.actions import perform
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(client):
    f.institution()
    return f.user("borrowing staff", last_name="Staff"), f.user("borrowing staff", last_name="Chen")


def test_a_claim_is_the_first_ones_until_it_is_old(two):
    one, other = two
    ill, now = f.asked(), f.NOW
    assert claims.claim(ill, one, now=now) and claims.holder(ill, now) == one
    assert not claims.claim(ill, other, now=now + timedelta(minutes=119)) and ill.claimed_by == one
    assert claims.claim(ill, one, now=now + timedelta(minutes=5)) and ill.claimed_at == now
    assert claims.holder(ill, now + claims.LASTS) is None
    assert claims.claim(ill, other, now=now + claims.LASTS) and claims.holder(ill, now + claims.LASTS) == other


def test_it_changes_no_version_and_writes_no_event(two):
    from illdesk.models import Event

    ill = f.asked()
    before, events = ill.version, Event.objects.count()
    claims.claim(ill, two[0], now=f.NOW)
    claims.take_over(ill, two[1], now=f.NOW)
    ill.refresh_from_db()
    assert ill.version == before and Event.objects.count() == events
    perform(ill, "review", actor=f.staff(), seen_version=before)


def test_it_ends_when_the_request_moves_on(two):
    ill = f.asked()
    claims.claim(ill, two[0], now=f.NOW)
    perform(ill, "review", actor=f.staff(), now=f.NOW)
    assert claims.holder(ill, f.NOW) is None and not claims.held_by(two[0], f.NOW)
    assert claims.claim(ill, two[1], now=f.NOW)


def test_taking_over_tells_the_other_once(two, client):
    one, other = two
    ill = f.asked()
    client.force_login(one)
    client.post(f"/requests/{ill.number}/claim/take/")
    client.force_login(other)
    page = client.get(f"/requests/{ill.number}/").content.decode()
    assert "R. Staff is working here since" in page and "Take over" in page
    assert "R. Staff is working here since" in client.get("/borrowing/submitted/").content.decode()
    client.post(f"/requests/{ill.number}/claim/take/")
    ill.refresh_from_db()
    assert ill.claimed_by == one
    told = client.post(f"/requests/{ill.number}/claim/over/", follow=True).content.decode()
    assert "R. Staff is told" in told and "You are working here since" in told
    client.force_login(one)
    assert f"R. Chen took over {ill.number} from you" in client.get("/borrowing/in-review/").content.decode()
    assert "took over" not in client.get("/borrowing/in-review/").content.decode()


def test_two_who_tell_at_once_are_both_heard(two):
    one = two[0]
    one.tell("First.")
    one.refresh_from_db()
    one.tell("Second.\nwith a line")
    assert one.hear() == []  # something was told this moment: all of it waits
    one.refresh_from_db()
    assert one.hear() == ["First.", "Second. with a line"] and one.hear() == []


def test_looking_claims_nothing_opening_a_form_or_taking_a_step_does(two, client):
    one = two[0]
    client.force_login(one)
    ill = f.ill("borrowing.in_review")
    client.get(f"/requests/{ill.number}/")
    client.get("/borrowing/in-review/", {"open": ill.number})
    client.get(f"/requests/{ill.number}/act/note/")
    client.post(f"/requests/{ill.number}/act/note/", {"version": ill.version, "text": "x"})
    ill.refresh_from_db()
    assert ill.claimed_by is None
    page = client.get(f"/requests/{ill.number}/act/choose_lenders/").content.decode()
    ill.refresh_from_db()
    assert ill.claimed_by == one and "You are working here since" in page
    assert client.get("/borrowing/mine/").context["rows"][0]["ill"] == ill
    client.post(f"/requests/{ill.number}/act/choose_lenders/", {"version": ill.version, f"place_{f.library().pk}": "1"})
    ill.refresh_from_db()
    assert claims.holder(ill, timezone.now()) is None and client.get("/borrowing/mine/").context["count"] == 0


def test_a_step_that_stays_claims_and_another_ones_claim_stands(two, client):
    one, other = two
    ill = f.ill("borrowing.ready_to_send")
    client.force_login(one)
    client.post(f"/requests/{ill.number}/act/refer/", {"version": ill.version, "text": "May we?"})
    ill.refresh_from_db()
    assert claims.holder(ill, timezone.now()) == one
    client.force_login(other)
    client.get(f"/requests/{ill.number}/act/choose_lenders/")
    ill.refresh_from_db()
    assert ill.claimed_by == one
    client.post(f"/requests/{ill.number}/claim/done/")
    ill.refresh_from_db()
    assert ill.claimed_by == one  # only one's own can be given back
    client.force_login(one)
    client.post(f"/requests/{ill.number}/claim/done/")
    ill.refresh_from_db()
    assert ill.claimed_by is None


def test_who_may_not_take_the_step_claims_nothing(client, two):
    ill = f.ill("lending.received")
    client.force_login(f.user("student"))
    client.get(f"/requests/{ill.number}/act/unfilled/")
    client.force_login(two[0])
    assert client.post(f"/requests/{ill.number}/claim/take/").status_code == 404
    assert client.get(f"/requests/{ill.number}/claim/take/").status_code == 405
    own = f.asked()
    client.force_login(own.patron.user)
    assert client.post(f"/requests/{own.number}/claim/take/").status_code == 404
    client.get(f"/requests/{own.number}/act/patron_cancel/")
    for row in (ill, own):
        row.refresh_from_db()
        assert row.claimed_by is None
