"""Situations of copyright that are about the place itself; the numbers are those of the list of situations."""

import re
from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from illdesk import actors
from requests_app.actions import perform
from requests_app.copyright import clearance
from requests_app.models import CopyrightUse, ILLRequest
from tests import factories as f
from tests.requests_app.copyright.stories import by_hand, place_of, ready, sent, use_of

pytestmark = pytest.mark.django_db
HIL = actors.partner("HIL")


def test_situation_10_a_page_is_missing_and_the_copy_sent_again_takes_no_second_place(client):
    """The patron clicks; a resend is asked; the same place; the first file stays until the second comes."""
    f.institution()
    patron = f.patron()
    now = timezone.now()  # the page asks the real clock whether the file may still be fetched
    ill = sent(patron=patron, now=now)
    perform(ill, "lender_sent_copy", actor=HIL, now=now)
    perform(ill, "file_arrived", actor=actors.SYSTEM, now=now, file=f.stored())
    client.force_login(patron.user)
    address = f"/requests/{ill.number}/act/report_problem/"
    version = re.search(r'name="version" value="(\d+)"', client.get(address).content.decode())[1]
    answered = client.post(address, {"version": version, "problem": "pages_missing", "pages": "40–41"}, follow=True)
    assert answered.status_code == 200
    ill = ILLRequest.objects.get(pk=ill.pk)
    assert ill.resend_asked and ill.state == "borrowing.delivered"
    assert client.get(f"/my/{ill.number}/pdf/").status_code == 200, "the first file stays"
    perform(ill, "lender_sent_copy", actor=HIL, now=now)
    perform(ill, "file_arrived", actor=actors.SYSTEM, now=now, file=f.stored())
    assert ill.resend_asked is None
    year = timezone.localtime(now).year
    assert list(CopyrightUse.objects.values_list("state", "place", "year")) == [("used", 1, year)]
    assert ILLRequest.objects.count() == 1, "the patron need not ask anew"


def test_situation_27_two_clerks_send_the_fifth_and_the_second_reads_why_not(client):
    """One gets it, the other the explanation: no error page, and nothing left for a lender. (Truly at the same
    moment, with eight processes of 25 threads: copyright/test_race.py.)"""
    f.institution()
    for _time in range(4):
        sent()
    one, other = ready(), ready()
    assert {one.state, other.state} == {"borrowing.ready_to_send"}, "both were cleared for the one place left"
    first, second = f.user("borrowing staff", last_name="First"), f.user("borrowing staff", last_name="Second")
    seen = {}
    for ill, user in ((one, first), (other, second)):
        client.force_login(user)
        page = client.get(f"/requests/{ill.number}/").content.decode()
        seen[ill.pk] = re.search(r'name="version" value="(\d+)"', page)[1]
    client.force_login(first)
    client.post(f"/requests/{one.number}/act/send/", {"version": seen[one.pk]}, follow=True)
    client.force_login(second)
    answer = client.post(f"/requests/{other.number}/act/send/", {"version": seen[other.pk]}, follow=True)
    assert answer.status_code < 500
    text = answer.content.decode()
    assert "Nothing was sent" in text and "5 of 5 are taken" in text and "Pending among them" in text
    assert place_of(ILLRequest.objects.get(pk=one.pk)) == 5
    loser = ILLRequest.objects.get(pk=other.pk)
    assert (loser.state, loser.compliance, loser.dialogues.count()) == ("borrowing.copyright_review", "", 0)


def test_situation_28_while_the_second_lender_is_asked_the_fifth_place_stays_its_own():
    uses = [sent() for _time in range(5)]
    waiting = ready(title="Marine Letters", issn="")  # by name alone: a person looks, and finds no place
    fifth = uses[4]
    perform(fifth, "lender_unfilled", actor=HIL, now=f.later(days=1), reason="NotHeld")
    assert (fifth.partner.symbol, place_of(fifth)) == ("OAK", 5)
    found = clearance.look(ILLRequest.objects.select_related("citation").get(pk=waiting.pk), now=f.later(days=1))
    assert not found.has_room and found.decision.verdict in ("over", "person")
    by_hand(waiting, "US-CCL")
    perform(waiting, "send", actor=f.staff(), now=f.later(days=1))
    assert use_of(waiting).state == "outside"
    assert CopyrightUse.objects.filter(state__in=CopyrightUse.COUNTED).count() == 5


def test_situation_30_asked_in_december_and_sent_in_january_counts_in_the_new_year_for_good():
    december, january = datetime(2026, 12, 30, 15, tzinfo=UTC), datetime(2027, 1, 2, 15, tzinfo=UTC)
    ill = ready(now=december, year="Winter 2021–22")
    perform(ill, "send", actor=f.staff(), now=january)
    found = clearance.look(ill, now=january)
    said = [line.code for line in found.decision.lines]
    assert "doubtful" in said, "within or before the five years: shown as doubtful, read on the conservative side"
    perform(ill, "receive_copy", actor=f.staff(), now=datetime(2027, 1, 5, 15, tzinfo=UTC), file=f.stored())
    use = use_of(ill)
    assert (use.year, use.asked_on, use.state, use.place) == (2027, date(2027, 1, 2), "used", 1)
    perform(ill, "expire_delivery", actor=actors.CLOCK, now=datetime(2027, 4, 5, 15, tzinfo=UTC))
    assert list(CopyrightUse.objects.values_list("year", "place")) == [(2027, 1)]
