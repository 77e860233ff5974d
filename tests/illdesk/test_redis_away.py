"""A Redis that hangs or is gone: whoever takes a step does not wait for it; the sweeps send what no task was told."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ports import free_ports

pytestmark = pytest.mark.nodb
ROOT = Path(__file__).resolve().parents[2]
TELL = """
import sys, time, django
django.setup()
from kombu.exceptions import OperationalError
from illdesk.tasks import send_message
for line in sys.stdin:
    began = time.monotonic()
    try:
        send_message.delay(1)
        said = "told"
    except OperationalError:
        said = "away"
    print(said, round(time.monotonic() - began, 1), flush=True)
"""


@contextmanager
def desk(port: int, folder: Path):
    """A process of a desk; each call hands a task to this Redis: (what came of it, after how many seconds)."""
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "illdesk.settings", "ILLDESK_MODE": "test", "ILLDESK_VAR": str(folder),
        "ILLDESK_SEND_TASKS": "1", "REDIS_URL": f"redis://127.0.0.1:{port}/0",
    }
    with subprocess.Popen(
        [sys.executable, "-c", TELL], cwd=ROOT, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        def tell() -> tuple[str, float]:
            process.stdin.write("now\n")
            process.stdin.flush()
            said, seconds = process.stdout.readline().split()
            return said, float(seconds)

        try:
            yield tell
        finally:
            process.kill()


@pytest.mark.timeout(60)
def test_one_that_hangs_costs_a_step_seconds_and_not_for_ever(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as hanging, desk(hanging.getsockname()[1], tmp_path) as tell:
        said, seconds = tell()  # it takes connections and never says a word
    assert said == "away" and seconds < 8


@pytest.mark.timeout(60)
@pytest.mark.skipif(not shutil.which("redis-server"), reason="redis-server is not installed")
def test_one_that_went_costs_nothing_and_is_told_again_when_it_is_back(tmp_path):
    port = free_ports()[0]

    def redis() -> subprocess.Popen:
        process = subprocess.Popen(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            cwd=tmp_path, stdout=subprocess.DEVNULL,
        )
        for _try in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return process
            time.sleep(0.1)
        raise AssertionError("Redis does not start")

    running = redis()
    try:
        with desk(port, tmp_path) as tell:
            assert tell()[0] == "told"
            running.kill()
            running.wait()
            for _time in range(2):
                said, seconds = tell()
                assert said == "away" and seconds < 2
            running = redis()
            assert tell()[0] == "told"
    finally:
        running.kill()
        running.wait()
