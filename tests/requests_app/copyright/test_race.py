"""Many processes with threads want the five places of one title at the same moment; some are killed meanwhile."""

import time
from contextlib import ExitStack

import pytest

from illdesk.bench import scratch
from illdesk.bench.child import beside

PROCESSES, THREADS, REQUESTS = 8, 25, 200
SEND, WAITING, COUNTED, MERGE = (
    f"requests_app.bench.copyright:{name}" for name in ("send_all", "waiting", "counted", "merge_all")
)
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def racers():
    """Processes on one scratch database of the stage's kind; the first has filled it."""
    with scratch.database() as place, ExitStack() as stack:

        def start(**surroundings: str):
            return stack.enter_context(beside(place | surroundings, migrate=False))

        first = stack.enter_context(beside(place))
        yield first, start


def test_exactly_five_leave_within_the_guidelines_and_every_other_is_explained(racers):
    first, start = racers
    pks = first.call(WAITING, count=REQUESTS)
    all_of_them = [first, *(start() for _more in range(PROCESSES - 1))]
    at = time.time() + 4
    for number, one in enumerate(all_of_them):
        one.ask(SEND, pks=pks[number::PROCESSES], threads=THREADS, at=at)
    said = [one.answer(SEND) for one in all_of_them]
    after = first.call(COUNTED)
    assert [row for one in said for row in one["failed"]] == []
    assert after["places"] == [1, 2, 3, 4, 5]
    assert (after["sent"], after["sent_as_ccg"], after["uses"], after["events"], after["titles"]) == (5, 5, 5, 5, 1)
    explained = [sentence for one in said for _pk, sentence in one["explained"]]
    assert len(explained) == after["review"] == REQUESTS - 5
    assert all("5 of 5 are taken" in sentence for sentence in explained)


def test_places_of_killed_processes_are_given_to_others_and_never_twice(racers):
    first, start = racers
    pks = first.call(WAITING, count=REQUESTS)
    # Two die with their place taken and nothing committed; two are killed wherever they are.
    dying = [start(ILLDESK_CRASH_AT="perform.before_commit") for _time in range(2)]
    killed = [start() for _time in range(2)]
    living = [start() for _time in range(2)]
    everybody = [*dying, *killed, *living]
    at = time.time() + 4
    for number, one in enumerate(everybody):
        one.ask(SEND, pks=pks[number::len(everybody)], threads=THREADS, at=at)
    time.sleep(max(0.0, at + 0.15 - time.time()))
    for one in killed:
        one.process.kill()
    said = [one.answer(SEND) for one in living]
    for one in dying:
        assert one.process.wait(timeout=30) == -9, "it was killed before its first commit"
    left = first.call(COUNTED)["ready"]
    said.append(first.call(SEND, pks=left, threads=THREADS, at=0))
    after = first.call(COUNTED)
    assert [row for one in said for row in one["failed"]] == []
    assert after["places"] == [1, 2, 3, 4, 5] and after["ready"] == []
    assert (after["sent"], after["sent_as_ccg"], after["uses"], after["events"]) == (5, 5, 5, 5)
    assert after["review"] == REQUESTS - 5


def test_titles_that_are_merged_while_others_send_keep_every_use_and_count_five(racers):
    """Four titles become one while four processes send: what took its place before keeps its row, five count."""
    first, start = racers
    pks = first.call(WAITING, count=80, titles=4)
    senders = [start() for _more in range(4)]
    at = time.time() + 4
    for number, one in enumerate(senders):
        one.ask(SEND, pks=pks[number::len(senders)], threads=3, at=at)
    first.ask(MERGE, titles=4, at=at)
    said = [one.answer(SEND) for one in senders]
    merged = first.answer(MERGE)
    after = first.call(COUNTED)
    assert [row for one in said for row in one["failed"]] == []
    assert merged["merged"] == 3 and after["over"] == merged["over"]
    assert after["places"] == [1, 2, 3, 4, 5]
    assert after["live"] == after["sent"] == 5 + after["over"] + after["outside"]
    assert after["outside"] == 8 and after["at_merged"] == 0, "every use stands where its title went"
    assert after["sent"] + after["review"] == 80
