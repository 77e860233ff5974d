"""The benches of messages and steps, small: what is counted and the shape of what they print; never seconds."""

import json
import os

import pytest

from illdesk.bench import child, pgbench
from tests.requests_app.test_bench_queue import bench

POSTGRESQL = bool(os.environ.get("TEST_DATABASE_URL"))
# What depends on the machine; everything else must be met at any size.
SPEED = ("a second", "p95 ms")


def report(*words: str, **surroundings: str) -> dict:
    done = bench(*words, **surroundings)
    assert done.returncode in (0, 1), done.stderr[-3000:]
    printed = json.loads(done.stdout)
    assert set(printed) == {"bench", "machine", "database", "sizes", "figures", "targets", "met"}
    assert printed["met"] == all(row["met"] for row in printed["targets"]) == (done.returncode == 0)
    for row in printed["targets"]:
        assert row["met"] or any(word in row["what"] for word in SPEED), row
    return printed


def test_every_message_that_is_confirmed_is_stored_once(tmp_path):
    printed = report(
        "messages", "--small", "150", "--stored", "300", "--messages", "60", "--rounds", "1", "--senders", "4",
        TMPDIR=str(tmp_path),
    )
    for size in ("small", "large"):
        figures = printed["figures"][size]
        assert figures["confirmed"] == 60 + 20 * 4 and figures["not confirmed"] == 0
        assert set(figures["rows"].values()) == {figures["confirmed"]}
        assert 0 < figures["p50 ms"] <= figures["p95 ms"]
    beside = printed["figures"]["pgbench"]
    if not POSTGRESQL:
        assert beside == "only on PostgreSQL"
    elif pgbench.program():
        assert beside["a second"] > 0 and beside["clients"] == 4
    assert list(tmp_path.iterdir()) == []


def test_a_race_has_one_winner_for_each_request(tmp_path):
    printed = report(
        "perform", "--steps", "60", "--rounds", "1", "--racers", "4", "--raced", "20", TMPDIR=str(tmp_path)
    )
    race, rows = printed["figures"]["race"], printed["figures"]["rows"]
    assert (race["winners"], race["not one winner"], race["told"]) == (20, 0, 60)
    assert rows == {"steps": 80, "events": 80, "outbox": 80}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.nodb
def test_without_pgbench_the_result_says_so(monkeypatch):
    monkeypatch.setattr(pgbench, "program", lambda: "")
    assert pgbench.run("postgres://nobody@127.0.0.1:9/x", "", clients=1) == (
        "pgbench is not installed; it comes with PostgreSQL's server."
    )


@pytest.mark.nodb
@pytest.mark.parametrize(
    "said,kept",
    [
        ({"fsync": "on", "synchronous_commit": "on"}, True), ({"fsync": "off", "synchronous_commit": "on"}, False),
        ({"fsync": "on", "synchronous_commit": "off"}, False), ({"synchronous": "2"}, True),
        ({"synchronous": "1"}, False),
    ],
)
def test_a_careless_database_is_no_target_met(said, kept):
    assert child.is_durable(said) == kept
