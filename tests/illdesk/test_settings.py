"""A desk for real use refuses to start on a secret that others know."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.nodb
ROOT = Path(__file__).resolve().parents[2]


def start(tmp_path, **extra: str) -> subprocess.CompletedProcess:
    """`manage.py check` as a process of its own, with this environment and no other desk's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ILLDESK_", "DATABASE_"))}
    return subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=kept | {"ILLDESK_VAR": str(tmp_path)} | extra,
        capture_output=True, text=True, timeout=60,
    )


@pytest.mark.parametrize("mode", ["production", "demo"])
@pytest.mark.parametrize("secret", ["", "short", "only-for-tests-" + "x" * 40])
def test_a_missing_or_known_secret_refuses_to_start(tmp_path, mode, secret):
    done = start(tmp_path, ILLDESK_MODE=mode, ILLDESK_SECRET_KEY=secret)
    assert done.returncode != 0
    assert "ILLDESK_SECRET_KEY is missing, too short or a default" in done.stderr


def test_a_secret_of_its_own_lets_it_start(tmp_path):
    done = start(tmp_path, ILLDESK_MODE="production", ILLDESK_SECRET_KEY="s" * 48)
    assert done.returncode == 0, done.stderr


def test_an_unknown_mode_is_told(tmp_path):
    done = start(tmp_path, ILLDESK_MODE="party")
    assert done.returncode != 0 and "it can be demo, test or production" in done.stderr


def test_a_worker_refuses_demo_accounts_as_the_web_does(tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ILLDESK_", "DATABASE_"))}
    desk = kept | {"ILLDESK_MODE": "production", "ILLDESK_SECRET_KEY": "s" * 48, "ILLDESK_VAR": str(tmp_path)}
    for folder in ("broker", "broker-control"):
        (tmp_path / folder).mkdir()

    def run(*words: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=desk, capture_output=True, text=True, timeout=60
        )

    run("manage.py", "migrate", "-v0").check_returncode()
    make = "from illdesk.models import User; User.objects.create_user('demo', 'd@x.example', 'p', demo=True)"
    run("manage.py", "shell", "-c", make).check_returncode()
    for part in (["worker", "-P", "threads", "-c", "1"], ["beat"]):
        done = run("-m", "celery", "-A", "illdesk", *part)
        assert done.returncode != 0
        assert "This database holds demo accounts" in done.stderr + done.stdout
