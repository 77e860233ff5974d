"""Crash points: nothing on a real desk, nothing unless asked for, and a name that is wrong is told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.nodb
ROOT = Path(__file__).resolve().parents[2]
REACH = "import django; django.setup(); from illdesk import crash; crash.point('sweep.between'); print('alive')"


def reach(tmp_path, **env: str) -> subprocess.CompletedProcess:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ILLDESK_")}
    surroundings = {"DJANGO_SETTINGS_MODULE": "illdesk.settings", "ILLDESK_VAR": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "-c", REACH], cwd=ROOT, env=kept | surroundings | env, capture_output=True, text=True,
        timeout=60,
    )


def test_the_named_point_kills_and_no_other(tmp_path):
    assert reach(tmp_path, ILLDESK_MODE="test", ILLDESK_CRASH_AT="sweep.between").returncode == -9
    assert reach(tmp_path, ILLDESK_MODE="test", ILLDESK_CRASH_AT="outbox.answered").stdout == "alive\n"
    assert reach(tmp_path, ILLDESK_MODE="test").stdout == "alive\n"


def test_a_real_desk_cannot_be_told_to_die(tmp_path):
    assert reach(tmp_path, ILLDESK_SECRET_KEY="k" * 40, ILLDESK_CRASH_AT="sweep.between").stdout == "alive\n"


def test_a_name_that_is_no_point_is_told(tmp_path):
    done = reach(tmp_path, ILLDESK_MODE="test", ILLDESK_CRASH_AT="sweep")
    assert done.returncode == 1 and "ILLDESK_CRASH_AT is 'sweep'; it can be" in done.stderr
