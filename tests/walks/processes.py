"""Processes of a desk that a test starts, kills and asks."""

import json
import subprocess
import sys
from typing import Any

from illdesk.desks import Desks


def run(desks: Desks, desk: str, *words: str, crash_at: str = "", timeout: float = 120) -> subprocess.CompletedProcess:
    """`python words…` as a process of this desk; `crash_at`: the named point at which it dies."""
    env = desks.env(desk) | ({"ILLDESK_CRASH_AT": crash_at} if crash_at else {})
    return subprocess.run(
        [sys.executable, *words], cwd=desks.root, env=env, capture_output=True, text=True, timeout=timeout
    )


def do(desks: Desks, desk: str, *words: str) -> Any:
    """Have a deed done there (tests/walks/deeds.py); its answer."""
    done = run(desks, desk, "-m", "tests.walks.deeds", *words)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def die(desks: Desks, desk: str, crash_at: str, *words: str) -> None:
    """Have a process killed while it does this, by SIGKILL at the named point."""
    done = run(desks, desk, *words, crash_at=crash_at)
    assert done.returncode == -9, f"{crash_at} was not reached: {done.returncode} {done.stderr[-3000:]}"


def restart_web(desks: Desks, desk: str, crash_at: str = "") -> None:
    """The web process anew; with `crash_at` its workers die at that point, again and again."""
    child = desks.children[desk, "web"]
    desks.halt(desk, "web")
    child.env.pop("ILLDESK_CRASH_AT", None)
    if crash_at:
        child.env["ILLDESK_CRASH_AT"] = crash_at
    desks.resume(desk, "web")


