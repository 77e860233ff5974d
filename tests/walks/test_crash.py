"""What a crash may lose: real processes, killed by SIGKILL at every named point, and everything counted after.

The help page "What a crash may lose" says the same in words.
"""

from datetime import UTC, datetime, timedelta

import pytest

from illdesk import crash
from tests.walks.processes import die, do, restart_web

pytestmark = [pytest.mark.walk, pytest.mark.timeout(300)]
ADDRESS = "crash@letters.example"
POINTS = list(crash.POINTS)
ONCE = {"requests": 1, "events": 1, "messages": 1, "repeats": 0, "stuck": 0}


@pytest.fixture(scope="module")
def killed(desks):
    """One request for each point, whose process was killed there; afterwards the clock of the desks went on."""
    deeds = ("-m", "tests.walks.deeds")
    desks.halt("a", "worker")  # so that nobody but the killed process sends
    numbers = dict(zip(POINTS, do(desks, "a", "ready", str(len(POINTS))), strict=True))
    found = {"numbers": numbers}

    die(desks, "a", "perform.before_commit", *deeds, "send", numbers["perform.before_commit"])
    die(desks, "a", "outbox.before_broker", *deeds, "send", numbers["outbox.before_broker"])
    found["at once"] = do(desks, "a", "ours", *numbers.values())
    others = [number for point, number in numbers.items() if point != "outbox.before_broker"]
    do(desks, "a", "send", *others)

    die(desks, "a", "outbox.answered", *deeds, "deliver", numbers["outbox.answered"])
    for point in ("inbox.before_commit", "inbox.after_commit"):
        restart_web(desks, "b", crash_at=point)
        assert not do(desks, "a", "deliver", numbers[point]), f"{point} was not reached: it was answered"
    restart_web(desks, "b")
    found["unanswered"] = do(desks, "b", "theirs", *numbers.values())

    before = do(desks, "a", "left")
    die(desks, "a", "sweep.between", "manage.py", "clock", "outbox")
    found["the sweep sent"] = do(desks, "a", "left") - before
    die(desks, "a", "outbox.answered", *deeds, "write_letter", ADDRESS)
    for minutes in (10, 20):  # the second time there must be nothing left to do
        later = datetime.now(UTC) + timedelta(minutes=minutes)
        desks.manage("a", "clock", "outbox", "--now", later.isoformat())
    found["ours"] = do(desks, "a", "ours", *numbers.values())
    found["theirs"] = do(desks, "b", "theirs", *numbers.values())
    found["letters"] = do(desks, "a", "letters", ADDRESS)
    desks.resume("a", "worker")
    yield found


@pytest.mark.parametrize("point", POINTS)
def test_a_request_acts_once_whatever_is_killed(killed, point):
    number = killed["numbers"][point]
    assert killed["ours"][number]["state"] == "borrowing.sent"
    assert killed["ours"][number]["sent"] == 1
    assert [row["state"] for row in killed["ours"][number]["messages"]] == ["sent"], killed["ours"][number]
    assert killed["theirs"][number] | {"repeats": 0} == ONCE


def test_before_the_commit_nothing_happened(killed):
    number = killed["numbers"]["perform.before_commit"]
    assert killed["at once"][number] == {"state": "borrowing.ready_to_send", "sent": 0, "messages": []}


def test_what_no_task_was_told_about_is_found_by_the_clock(killed):
    number = killed["numbers"]["outbox.before_broker"]
    row = killed["at once"][number]
    assert (row["state"], [one["state"] for one in row["messages"]]) == ("borrowing.sent", ["waiting"])


def test_a_message_whose_answer_was_lost_with_us_leaves_again_and_is_known_there(killed):
    for point in ("outbox.answered", "inbox.after_commit"):
        number = killed["numbers"][point]
        assert killed["unanswered"][number]["requests"] == 1, point
        assert killed["theirs"][number]["repeats"] == 1, point


def test_a_message_that_they_had_not_committed_is_new_to_them(killed):
    number = killed["numbers"]["inbox.before_commit"]
    assert killed["unanswered"][number]["messages"] == killed["unanswered"][number]["requests"] == 0
    assert killed["theirs"][number] == ONCE
    assert killed["ours"][number]["messages"][0]["attempts"] == 2


def test_a_sweep_that_died_goes_on_where_it_was(killed):
    """One of many had left; the others leave later, and none leaves again."""
    assert killed["the sweep sent"] == 1
    numbers = [killed["numbers"][point] for point in ("perform.before_commit", "outbox.before_broker", "sweep.between")]
    assert [killed["theirs"][number]["repeats"] for number in numbers] == [0, 0, 0]


def test_a_letter_that_may_have_left_is_parked_and_not_written_again(killed, desks):
    assert killed["letters"] == ["uncertain"]
    mails = [path for path in desks.mail_folder.glob("*.eml") if ADDRESS in path.read_text(errors="replace")]
    assert len(mails) == 1
