"""A stored request is verified: a moment after it was asked, by the clock, by a person, a whole list at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from illdesk import clock, jobs
from illdesk.actors import CLOCK
from illdesk.errors import NotAllowed
from illdesk.models import Job
from requests_app import bulk
from requests_app.actions import perform
from requests_app.models import Citation, ILLRequest, SourceAnswer, SourceSetting
from requests_app.verification import stored, verify
from tests import factories as f
from tests.requests_app.verification.conftest import DOI, on

pytestmark = pytest.mark.django_db(transaction=True)


def article(state="borrowing.submitted", **fields) -> ILLRequest:
    row = f.ill(state)
    Citation.objects.filter(pk=row.citation_id).update(**({
        "kind": "article", "part_title": "Tides of the northern Gulf", "title": "Marine Letters",
        "part_author": "Okafor", "year": "2014", "isbn": "", "author": "", "publisher": "", "volume": "",
    } | fields))
    ILLRequest.objects.filter(pk=row.pk).update(check_due=timezone.now() - timedelta(seconds=1), attention=None)
    return ILLRequest.objects.select_related("citation").get(pk=row.pk)


def fresh(row) -> ILLRequest:
    return ILLRequest.objects.select_related("citation").get(pk=row.pk)


def test_a_request_is_due_for_a_check_from_the_moment_it_is_asked():
    assert f.asked().check_due is not None


def test_while_no_source_is_on_what_is_due_stays_due(there):
    row = article()
    assert clock.run("verify", now=timezone.now()) == (0, 0)
    assert fresh(row).check_due == row.check_due and not row.checks.exists()


def test_the_clock_checks_what_is_due_once(there):
    on(there, "crossref", "unpaywall")
    row = article()
    assert clock.run("verify", now=timezone.now()) == (1, 0)
    assert (fresh(row).outcome, fresh(row).check_due, fresh(row).attention_why) == ("verified", None, "online")
    assert clock.run("verify", now=timezone.now()) == (0, 0)
    assert fresh(row).citation.doi == "", "nothing is changed without a person"


def test_while_every_source_is_down_it_stays_not_yet_checked_and_is_tried_again(there):
    on(there, "crossref", "unpaywall")
    there.behaves("/", "away")
    row = article(doi=DOI)
    clock.run("verify", now=timezone.now())
    assert fresh(row).outcome == "" and fresh(row).check_due > timezone.now()
    there._ways.clear()
    later = timezone.now() + timedelta(hours=1)
    assert clock.run("verify", now=later) == (1, 0) and fresh(row).outcome == "verified"


def test_two_processes_check_it_once(there):
    on(there, "crossref")
    row = article()
    now = timezone.now()
    ILLRequest.objects.filter(pk=row.pk).update(check_due=now + timedelta(minutes=4))  # another has it in hand
    assert not verify.verify_one(row.pk, now=now)


def test_what_is_sent_already_is_not_looked_up_any_more(there):
    on(there, "crossref")
    row = article("borrowing.sent")
    clock.run("verify", now=timezone.now())
    assert fresh(row).check_due is None and there.seen == []


def test_what_came_while_no_source_was_on_is_not_in_the_way_of_what_is_new(there):
    old = [article("borrowing.sent") for _number in range(4)]
    new = article()
    on(there, "crossref")
    assert verify.verify_due(now=timezone.now(), limit=1) == (1, 0)
    assert fresh(new).outcome == "verified" and {fresh(row).check_due for row in old} == {None}


def test_a_list_is_verified_and_only_empty_fields_of_verified_ones_are_filled(there):
    on(there, "crossref")
    good, other = article(), article(part_title="Nobody wrote this", part_author="Nobody", year="1901")
    user = f.user("borrowing staff")
    job = bulk.start(user, "check", [bulk.Ticked(good, good.version), bulk.Ticked(other, other.version)], {},
                     now=timezone.now())
    jobs.go_on(job.pk, seconds=None)
    words = dict(job.items.values_list("name", "words"))
    assert words[good.number].startswith("Verified; filled in: ") and "DOI" in words[good.number]
    assert words[other.number] == "Not found"
    assert fresh(good).citation.doi == DOI and fresh(good).citation.part_author == "Okafor"
    assert fresh(other).citation.doi == "" and Job.objects.get(pk=job.pk).state == "finished"


def test_a_whole_queue_is_verified_by_one_click_over_all_its_pages(there, client):
    on(there, "crossref")
    rows = [article("borrowing.in_review") for _number in range(3)]
    client.force_login(f.user("borrowing staff"))
    assert "/borrowing/in-review/verify/" in client.get("/borrowing/in-review/").content.decode()
    answer = client.post("/borrowing/in-review/verify/", follow=True)
    assert Job.objects.get().items.count() == 3 and answer.redirect_chain[-1][0].startswith("/jobs/")
    assert {fresh(row).outcome for row in rows} == {"verified"}
    assert client.post("/borrowing/in-review/verify/?words=nothing+like+this").status_code == 302
    assert Job.objects.count() == 1, "an empty list starts nothing"


def test_a_job_asks_before_its_transaction_and_not_within(there):
    """check.look() refuses to ask while one is open; then the item would be told as failed."""
    on(there, "crossref")
    row = article(doi=DOI)
    job = bulk.start(f.user("borrowing staff"), "check", [bulk.Ticked(row, row.version)], {}, now=timezone.now())
    jobs.go_on(job.pk, seconds=None)
    assert job.items.get().state == "done" and there.seen


def test_a_citation_that_changed_while_others_were_asked_is_not_judged_by_the_old_one(there):
    on(there, "crossref")
    row = article(doi=DOI)
    answers = verify.answers_for(row, now=timezone.now())
    Citation.objects.filter(pk=row.citation_id).update(part_title="Bees of the Alps", doi="")
    with pytest.raises(NotAllowed, match="changed while"):
        perform(row, "check", actor=f.staff(), **answers)
    assert not row.checks.exists()


def test_of_two_who_come_for_one_request_one_gets_it(there):
    row = article()
    until = timezone.now() + timedelta(minutes=5)
    took = [stored.put_off(row, until, was=row.check_due) for _worker in range(2)]
    assert took == [True, False]


def test_nobody_answered_is_said_in_the_results_whatever_was_known_before(there):
    on(there, "crossref")
    row = article(doi=DOI)
    verify.verify(row, actor=CLOCK)
    there.behaves("/", "broken")
    SourceAnswer.objects.all().delete()
    row = fresh(row)
    job = bulk.start(f.user("borrowing staff"), "check", [bulk.Ticked(row, row.version)], {}, now=timezone.now())
    jobs.go_on(job.pk, seconds=None)
    assert job.items.get().words.startswith("No source answered") and fresh(row).outcome == "verified"


def test_a_source_that_is_switched_off_later_harms_nothing(there):
    on(there, "crossref")
    row = article()
    SourceSetting.objects.update(code="no_longer_known")
    assert clock.run("verify", now=timezone.now()) == (0, 0) and fresh(row).check_due is not None
