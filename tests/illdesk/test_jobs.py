"""Jobs of many parts: each done once, whoever dies, whoever clicks twice."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from illdesk import clock, jobs
from illdesk.errors import NotAllowed
from illdesk.models import Job, JobItem, User
from tests import factories as f

pytestmark = pytest.mark.django_db
done: list[str] = []


@pytest.fixture(autouse=True)
def kind():
    done.clear()

    @jobs.kind("test_work")
    def one(job, item, *, now) -> str:
        if item.data.get("refuse"):
            raise NotAllowed("Not this one.")
        if item.data.get("break"):
            raise RuntimeError("surprise")
        User.objects.filter(pk=job.started_by_id).update(last_name=item.name)
        done.append(item.name)
        return f"did {item.name}"

    yield
    del jobs.KINDS["test_work"]


def _start(*items: jobs.Work, **more) -> Job:
    return jobs.start("test_work", by=f.user("borrowing staff"), label="Test", items=items, data={}, now=f.NOW, **more)


def test_each_part_has_its_result_and_a_failure_stops_nobody():
    job = _start(jobs.Work("a"), jobs.Work("b", data={"refuse": 1}), jobs.Work("c", data={"break": 1}), jobs.Work("d"),
                 jobs.Work("e", why="It cannot."))
    assert job.state == Job.FINISHED and done == ["a", "d"]
    words = dict(job.items.values_list("name", "words"))
    assert words["a"] == "did a" and words["b"] == "Not this one." and words["e"] == "It cannot."
    assert "nothing was changed" in words["c"]
    assert jobs.counts(job) == jobs.Counts(waiting=0, done=2, failed=3)


def test_what_a_dead_worker_left_is_taken_up_where_it_stood(settings):
    settings.SEND_TASKS = True
    job = _start(jobs.Work("a"), jobs.Work("b"), jobs.Work("c"))
    assert job.state == Job.WAITING and not done
    # A worker took the job, did one part, and died.
    Job.objects.filter(pk=job.pk).update(state=Job.RUNNING, held_until=f.NOW + jobs.HELD)
    JobItem.objects.filter(job=job, name="a").update(state=JobItem.DONE)
    settings.SEND_TASKS = False
    assert clock.run("jobs", now=f.later(seconds=30)) == (0, 0) and not done  # it may be alive yet
    assert clock.run("jobs", now=f.later(seconds=61)) == (1, 0)
    job.refresh_from_db()
    assert done == ["b", "c"] and job.state == Job.FINISHED and job.ended
    assert clock.run("jobs", now=f.later(minutes=9)) == (0, 0) and done == ["b", "c"]


def test_a_job_that_was_never_begun_is_begun_by_the_sweep(settings):
    settings.SEND_TASKS = True
    job = _start(jobs.Work("a"))
    settings.SEND_TASKS = False
    assert clock.run("jobs", now=f.later(seconds=5)) == (0, 0)
    assert clock.run("jobs", now=f.later(seconds=20)) == (1, 0) and done == ["a"]
    assert not jobs.go_on(job.pk)


def test_a_part_that_is_marked_already_is_not_done_again():
    job = _start(jobs.Work("a"))
    item = job.items.get()
    jobs._one(job, item, f.NOW)
    assert done == ["a"]


def test_a_part_that_fails_after_its_work_leaves_neither_mark_nor_work():
    @jobs.kind("test_work")
    def half(job, item, *, now) -> str:
        User.objects.filter(pk=job.started_by_id).update(last_name="half")
        raise NotAllowed("Too late.")

    job = _start(jobs.Work("a"))
    assert job.started_by.last_name != "half"
    job.started_by.refresh_from_db()
    assert job.started_by.last_name != "half" and job.items.get().state == JobItem.FAILED


def test_stop_begins_no_further_part():
    @jobs.kind("test_work")
    def stops(job, item, *, now) -> str:
        done.append(item.name)
        jobs.stop(Job.objects.get(pk=job.pk), now=now)
        return ""

    job = _start(jobs.Work("a"), jobs.Work("b"))
    assert job.state == Job.STOPPED and done == ["a"]
    assert jobs.counts(job).waiting == 1
    jobs.KINDS["test_work"] = lambda job, item, now: done.append(item.name) or ""
    more = jobs.retry(job, by=job.started_by, now=f.NOW)
    assert done == ["a", "b"] and more.state == Job.FINISHED
    with pytest.raises(NotAllowed, match="again already"):
        jobs.retry(job, by=job.started_by, now=f.NOW)


def test_a_job_without_leftovers_cannot_be_tried_again():
    job = _start(jobs.Work("a"))
    with pytest.raises(NotAllowed, match="Nothing"):
        jobs.retry(job, by=job.started_by, now=f.NOW)


def test_a_slice_ends_and_the_rest_stays_for_the_next(settings):
    settings.SEND_TASKS = True
    job = _start(jobs.Work("a"), jobs.Work("b"))
    settings.SEND_TASKS = False
    assert jobs.go_on(job.pk, seconds=-1) and done == ["a"]
    job.refresh_from_db()
    assert job.state == Job.RUNNING and job.held_until is None
    assert jobs.go_on(job.pk, seconds=-1) and done == ["a", "b"]


def test_jobs_of_last_month_are_forgotten():
    _start(jobs.Work("a"))
    assert clock.run("old_jobs", now=f.later(days=29)) == (0, 0)
    Job.objects.update(ended=f.NOW)
    assert clock.run("old_jobs", now=f.NOW + timedelta(days=31))[0] > 0 and not JobItem.objects.exists()


def test_only_the_owner_and_supervisors_see_a_job(client):
    job = _start(jobs.Work("a", why="No."))
    address = f"/jobs/{job.pk}/"
    client.force_login(f.user("borrowing staff"))
    assert client.get(address).status_code == client.post(f"{address}stop/").status_code == 404
    assert client.post(f"{address}retry/").status_code == 404 and "Test" not in client.get("/jobs/").content.decode()
    client.force_login(f.user("supervisor"))
    assert client.get(address).status_code == 200 and client.post(f"{address}retry/").status_code == 404
    client.force_login(job.started_by)
    assert "Test" in client.get("/jobs/").content.decode()
    assert client.get(f"{address}retry/").status_code == 405
    again = client.post(f"{address}retry/")
    assert again.status_code == 302 and done == ["a"]
    assert "1 of 1 done" in client.get(again.url).content.decode()
    assert client.post(f"{address}retry/").status_code == 409


def test_a_running_job_shows_how_far_it_is_and_can_be_stopped(client, settings):
    settings.SEND_TASKS = True
    job = _start(*(jobs.Work(str(place)) for place in range(5)))
    settings.SEND_TASKS = False
    JobItem.objects.filter(job=job, name="0").update(state=JobItem.DONE, at=f.NOW)
    client.force_login(job.started_by)
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "<progress" in page and 'value="1"' in page and "every 2s" in page
    piece = client.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in piece and "<progress" in piece
    client.post(f"/jobs/{job.pk}/stop/")
    job.refresh_from_db()
    assert job.state == Job.STOPPED and not done
    ended = client.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"})
    assert ended.status_code == 204 and ended["HX-Refresh"] == "true"


def test_a_patron_without_jobs_finds_no_such_page(client):
    client.force_login(f.user("patron"))
    assert client.get("/jobs/").status_code == 404


def test_who_clicks_again_is_led_to_the_job_that_is_under_way(settings):
    settings.SEND_TASKS = True
    me, other = f.user("borrowing staff"), f.user("borrowing staff", last_name="Other")

    def click(by=me, data="this list") -> Job:
        return jobs.start("test_work", by=by, label="Test", items=[jobs.Work("a")], data={"list": data}, now=f.NOW,
                          once=True)

    first = click()
    assert click() == first and Job.objects.count() == 1
    assert first.items.count() == 1
    assert click(data="another list") != first and click(by=other) != first
    jobs.stop(first, now=f.NOW)
    assert click() != first, "what was stopped can be begun anew"


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_one_moment_make_one_job(settings):
    settings.SEND_TASKS = True
    me, at_once, made = f.user("borrowing staff"), threading.Barrier(4, timeout=20), []

    def click():
        try:
            at_once.wait()
            made.append(jobs.start(
                "test_work", by=me, label="Test", items=[jobs.Work(str(n)) for n in range(300)], data={}, now=f.NOW,
                once=True,
            ).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(made) == 4 and len(set(made)) == 1 == Job.objects.count()
