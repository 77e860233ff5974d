import shutil
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from illdesk import actors, clock, events, hosts
from illdesk.models import Event, Handling, Heartbeat, InboxMessage, OutboxMessage
from requests_app.models import Citation, ILLRequest, Library


@pytest.fixture
def keeper(signed_in):
    return signed_in("coordinator")


@pytest.fixture
def ill(db):
    now = timezone.now()
    return ILLRequest.objects.create(
        number="B-2026-00007", kind="borrowing", state="borrowing.sent", created=now, changed=now,
        citation=Citation.objects.create(title="Tides"),
    )


def _out(key: str, ill=None, **fields) -> OutboxMessage:
    now = timezone.now()
    base = {
        "channel": "iso18626", "key": key, "lane": key, "recipient": "https://dbu.example/", "partner": "DBU",
        "what": "Received", "payload": {"xml": "<secret-words/>"}, "state": "parked", "next_try": now,
        "created": now - timedelta(hours=2), "last_error": "The other system answered 403 Forbidden.",
    }
    if ill:
        base |= {"subject_kind": "request", "subject_id": ill.pk}
    return OutboxMessage.objects.create(**base | fields)


def _in(ill=None) -> InboxMessage:
    return InboxMessage.objects.create(
        channel="nobody", key="in", partner="DBU", what="Loaned", body="<secret-words/>", state="parked",
        outcome="KeyError: 'due'\nDETAIL: secret-words", arrived=timezone.now(),
    )


def _work(subscriber: str = "nobody") -> Handling:
    event = events.record("test.done", subject=("request", 1), actor=actors.CLOCK, now=timezone.now())
    return Handling.objects.create(
        event=event, subscriber=subscriber, attempts=5, next_try=timezone.now() + timedelta(days=9),
        last_error="ValueError: no price",
    )


def test_a_stuck_message_stands_there_with_reason_link_and_what_waits_behind_it(keeper, ill):
    _out("a", ill, lane="L")
    _out("b", ill, lane="L", state="waiting", last_error="")
    page = keeper.get("/status/")
    (row,) = page.context["stuck"]
    assert (row.why, row.behind, row.link[0]) == ("The other system answered 403 Forbidden.", 1, "B-2026-00007")
    assert "1 message waits behind it" in page.content.decode()


def test_nothing_of_a_message_s_content_is_shown(keeper, ill):
    _out("a", ill)
    _out("m", ill, channel="mail", recipient="rosa@patron.example", partner="", what="arrived",
         payload={"subject": "secret-words", "body": "secret-words"})
    _in()
    page = keeper.get("/status/").content.decode()
    assert "Letter: Ready to pick up" in page
    assert "secret-words" not in page
    assert "rosa@patron.example" not in page


def test_when_nothing_is_stuck_the_page_says_so(keeper):
    page = keeper.get("/status/").content.decode()
    assert "Nothing is stuck" in page
    assert "have not run yet" in page


def test_a_silent_worker_is_trouble_and_a_busy_one_is_not(keeper):
    def family():
        return {str(sign.label): sign.family for sign in keeper.get("/status/").context["signs"]}["Worker and clock"]

    for name in clock.TASKS:
        Heartbeat.objects.create(name=name, at=timezone.now() - timedelta(seconds=20))
    assert family() == "ended_ok"
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=2))
    assert family() == "trouble"


def test_mail_that_waits_is_counted_since_when(keeper):
    for key in ("a", "b"):
        _out(key, channel="mail", state="waiting")
    words = {str(sign.label): sign.words for sign in keeper.get("/status/").context["signs"]}
    assert words["Letters"].startswith("2 wait, the oldest since")
    assert words["Messages to libraries"] == "none waits"


def test_a_message_tried_again_and_again_can_be_parked(keeper):
    row = _out("a", state="waiting", attempts=4, next_try=timezone.now() + timedelta(hours=1))
    (shown,) = keeper.get("/status/").context["stuck"]
    assert "park" in shown.can
    keeper.post(f"/status/stuck/out/{row.pk}/park/")
    row.refresh_from_db()
    assert row.state == "parked"


@pytest.mark.parametrize(
    ("what", "state", "event"), [("again", "waiting", "message.send_again"), ("drop", "dropped", "message.set_aside")]
)
def test_a_stuck_message_is_sent_again_or_set_aside(keeper, what, state, event):
    row = _out("a")
    assert keeper.post(f"/status/stuck/out/{row.pk}/{what}/")["Location"] == "/status/"
    row.refresh_from_db()
    assert row.state == state
    recorded = Event.objects.get(name=event)
    assert (recorded.subject_kind, recorded.subject_id, recorded.actor) == ("outbox", row.pk, keeper.user)


def test_the_second_click_is_told_that_it_is_done(keeper):
    row = _out("a")
    keeper.post(f"/status/stuck/out/{row.pk}/drop/")
    answer = keeper.post(f"/status/stuck/out/{row.pk}/drop/")
    assert answer.status_code == 409
    assert Event.objects.filter(name="message.set_aside").count() == 1


def test_a_message_not_understood_is_tried_again_and_set_aside(keeper):
    row = _in()
    answer = keeper.post(f"/status/stuck/in/{row.pk}/again/", follow=True)
    assert "failed on it again" in answer.content.decode()
    keeper.post(f"/status/stuck/in/{row.pk}/drop/")
    row.refresh_from_db()
    assert row.state == "dropped"
    assert keeper.post(f"/status/stuck/in/{row.pk}/again/").status_code == 409


def test_work_that_failed_is_tried_again(keeper, monkeypatch):
    monkeypatch.setitem(events.SUBSCRIBERS, "prices", ("nothing", lambda event: None))
    row = _work("prices")
    (shown,) = keeper.get("/status/").context["stuck"]
    assert "Failed 5 times: ValueError: no price" in shown.why
    keeper.post(f"/status/stuck/event/{row.pk}/again/")
    row.refresh_from_db()
    assert row.done
    assert Event.objects.filter(name="work.again", subject_id=row.pk, actor=keeper.user).count() == 1


def test_work_that_nobody_does_any_more_stays_and_says_so(keeper):
    row = _work()
    (shown,) = keeper.get("/status/").context["stuck"]
    assert shown.why == "Nobody handles this any more; tried 5 times."
    keeper.post(f"/status/stuck/event/{row.pk}/again/")
    row.refresh_from_db()
    assert (row.done, row.attempts) == (None, 6)


def test_work_that_was_given_up_still_stands_there(keeper):
    Handling.objects.filter(pk=_work().pk).update(attempts=events.GIVE_UP_AFTER)
    assert keeper.get("/status/").context["stuck_count"] == 1


@pytest.mark.parametrize("address", ["out/1/burn/", "in/1/park/", "event/1/drop/", "cellar/1/again/", "out/999/again/"])
def test_what_does_not_exist_is_not_found(keeper, address):
    assert keeper.post(f"/status/stuck/{address}").status_code == 404


def test_a_link_alone_sends_nothing(keeper):
    row = _out("a")
    assert keeper.get(f"/status/stuck/out/{row.pk}/again/").status_code == 405
    assert keeper.get("/status/clock/sessions/").status_code == 405


def test_a_clock_task_runs_now_and_is_noted(keeper):
    answer = keeper.post("/status/clock/sessions/", follow=True)
    assert "Forget old sessions: 0 done, 0 failed." in answer.content.decode()
    assert Heartbeat.objects.filter(name="sessions").exists()
    assert Event.objects.get(name="clock.run").actor == keeper.user
    assert keeper.post("/status/clock/nothing/").status_code == 404


def test_a_clock_task_that_fails_says_so(keeper, monkeypatch):
    def broken(*, now):
        raise RuntimeError("the disk is full")

    monkeypatch.setitem(clock.TASKS, "broken", clock.ClockTask("broken", "Broken task", 60, broken))
    page = keeper.post("/status/clock/broken/", follow=True).content.decode()
    assert "Broken task failed: RuntimeError" in page
    assert "the disk is full" in page


@pytest.mark.parametrize("role", ["patron", "borrowing staff", "student", "budget"])
def test_others_neither_see_nor_touch_it(signed_in, role):
    row, browser = _out("a"), signed_in(role)
    assert browser.get("/status/").status_code == 403
    assert browser.post(f"/status/stuck/out/{row.pk}/drop/").status_code == 403
    assert browser.post("/status/clock/sessions/").status_code == 403
    row.refresh_from_db()
    assert row.state == "parked"


def test_the_page_costs_the_same_with_many_messages(keeper, ill, django_assert_max_num_queries):
    for number in range(20):
        _out(f"k{number}", ill)
    with django_assert_max_num_queries(20):
        keeper.get("/status/")


def test_the_command_lists_and_runs(db):
    def said(*words):
        out = StringIO()
        call_command("clock", *words, stdout=out)
        return out.getvalue()

    assert "not yet run" in said()
    assert "0 done, 0 failed" in said("sessions", "--now", "2026-03-01T09:00Z")
    assert Heartbeat.objects.get(name="sessions").at.isoformat() == "2026-03-01T09:00:00+00:00"
    with pytest.raises(CommandError, match="There is no task"):
        said("nothing")
    with pytest.raises(CommandError, match="its form is"):
        said("sessions", "--now", "soon")


def _down(host: str = "dbu.example") -> None:
    for _time in range(3):
        hosts.failed(host, "No answer within 20 seconds.", now=timezone.now())


def _library(**fields):
    base = {"name": "Delta Bay", "symbol": "DBU", "endpoint": "https://dbu.example/iso18626"}
    return Library.objects.create(**base | fields)


def test_a_library_that_does_not_answer_stands_there_with_what_goes_on_without_it(keeper):
    _library()
    _down()
    _out("a", state="waiting", last_error="")
    (system,) = keeper.get("/status/").context["systems"]
    assert (system.name, system.family, system.waiting) == ("Delta Bay", "trouble", 1)
    assert "does not answer since" in system.words and "No answer within 20 seconds" in system.words
    page = keeper.get("/status/").content.decode()
    assert "Requests can be worked on" in page and "It is tried again at" in page and "Send all again" in page


def test_when_all_answer_the_page_says_so(keeper):
    _library()
    (system,) = keeper.get("/status/").context["systems"]
    assert (system.name, system.family, system.words) == ("ISO 18626", "ended_ok", "all answer")


def test_everything_for_one_library_is_sent_again_with_one_click(keeper):
    for key, state in (("a", "parked"), ("b", "waiting"), ("c", "uncertain"), ("d", "sent")):
        _out(key, state=state)
    _out("e", partner="ABC")
    answer = keeper.post("/status/again/", {"channel": "iso18626", "partner": "DBU"}, follow=True)
    assert "3 messages are sent again now." in answer.content.decode()
    assert Event.objects.filter(name="message.send_again").count() == 3
    assert OutboxMessage.objects.get(key="e").state == "parked"
    again = keeper.post("/status/again/", {"channel": "iso18626", "partner": "nobody"}, follow=True)
    assert "Nothing waits there any more" in again.content.decode()
    assert keeper.post("/status/again/", {"channel": "\x00", "partner": "DBU"}).status_code == 404


def test_a_dry_run_counts_and_changes_nothing(keeper):
    row = _out("a", state="waiting")
    answer = keeper.post("/status/clock/outbox/dry/", follow=True)
    assert "Send what waits, dry run: 1 would be done now. Nothing was changed." in answer.content.decode()
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("waiting", 0)
    assert keeper.post("/status/clock/nothing/dry/").status_code == 404
    assert keeper.get("/status/clock/outbox/dry/").status_code == 405


def test_the_page_learns_that_something_changed_and_nothing_else(keeper):
    version = keeper.get("/status/").context["version"]
    assert keeper.get("/status/", {"version": version}).status_code == 204
    _out("a")
    answer = keeper.get("/status/", {"version": version})
    assert answer.status_code == 200 and answer.json()["text"].startswith("Something changed since")
    assert keeper.get("/status/", {"version": answer.json()["version"]}).status_code == 204


def test_trouble_stands_first_with_what_a_person_can_do(keeper):
    _out("m", channel="mail", state="waiting")
    signs = keeper.get("/status/").context["signs"]
    assert [sign.family for sign in signs] == ["trouble", "trouble", "ended_ok", "ended_ok"]
    assert "go by themselves when the mail server answers" in {sign.label: sign.todo for sign in signs}["Letters"]


def test_room_on_the_disk_and_versions_are_told(keeper, monkeypatch):
    page = keeper.get("/status/").content.decode()
    assert "free of" in page and "Django" in page and "Python" in page
    # A disk that is nearly full, as the operating system would tell it.
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: shutil._ntuple_diskusage(10**12, 10**12 - 10**6, 10**6))
    signs = keeper.get("/status/").context["signs"]
    assert signs[0].family == "trouble" and "Disk" in {str(sign.label) for sign in signs}


def test_the_page_costs_the_same_with_many_libraries_down(keeper, django_assert_max_num_queries):
    for number in range(60):
        _library(symbol=f"L{number}", endpoint=f"https://l{number}.example/iso18626")
        _down(f"l{number}.example")
        _out(f"k{number}", partner=f"L{number}")
    with django_assert_max_num_queries(24):
        keeper.get("/status/")


def test_a_library_s_name_is_never_markup(keeper):
    _library(name="<img src=x onerror=alert(1)>")
    _down()
    assert "<img src=x" not in keeper.get("/status/").content.decode()


@pytest.mark.parametrize("address", ["again/", "clock/outbox/dry/"])
def test_the_new_steps_need_the_same_right(signed_in, address):
    assert signed_in("borrowing staff").post(f"/status/{address}").status_code == 403
