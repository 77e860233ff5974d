"""The queue's bench, small: query counts and the shape of what it prints; never seconds."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def bench(*words: str, **surroundings: str) -> subprocess.CompletedProcess:
    # As somebody types it: without a mode. The databases are those of the tests' stage.
    env = {name: value for name, value in os.environ.items() if not name.startswith("ILLDESK_")}
    return subprocess.run(
        [sys.executable, "manage.py", "bench", *words], cwd=ROOT, capture_output=True, text=True, timeout=110,
        env=env | surroundings,
    )


def test_prints_figures_and_targets_and_leaves_nothing(tmp_path):
    sizes = ["--open", "300", "--small", "400", "--requests", "1200", "--rounds", "1", "--repeat", "1"]
    done = bench("queue", *sizes, TMPDIR=str(tmp_path))
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    assert set(report) == {"bench", "machine", "database", "sizes", "figures", "targets", "met"}
    assert set(report["machine"]) == {"cores", "cpu", "ram_gib", "python"}
    stage = "PostgreSQL" if os.environ.get("TEST_DATABASE_URL") else "SQLite"
    assert report["database"]["name"] == stage and report["database"]["version"]
    assert report["sizes"]["open"] == 300 and report["sizes"]["large"] == 1200
    for row in report["targets"]:
        assert set(row) == {"what", "value", "limit", "met"} and row["met"] == (row["value"] <= row["limit"])
        assert row["met"] or "ms" in row["what"], row
    assert report["met"] == (done.returncode == 0)
    for name, figures in report["figures"].items():
        assert figures["small"] > 0 and figures["large"] > 0, name
        if name.endswith("queries"):
            assert figures["small"] == figures["large"] <= 8
    assert list(tmp_path.iterdir()) == []


@pytest.mark.nodb
def test_alone_it_names_the_benches():
    done = bench()
    assert done.returncode == 0 and "queue: " in done.stdout


@pytest.mark.nodb
def test_more_open_than_stored_is_refused_with_a_sentence():
    done = bench("queue", "--open", "500", "--requests", "1000", "--small", "400", TMPDIR=tempfile.gettempdir())
    assert done.returncode == 1 and "Fewer requests stored than open" in done.stderr and not done.stdout
