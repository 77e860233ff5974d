"""A process with a scratch database of its own, told over pipes what to do next.

Two of them stand side by side, so that sizes are measured in turn and a busy moment hits both.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from illdesk.bench import scratch

ROOT = Path(__file__).resolve().parents[2]


class Child:
    def __init__(self, process: subprocess.Popen):
        self.process = process

    def call(self, function: str, **answers: Any) -> Any:
        """Run 'package.module:function' there with these keywords; what it returns (JSON)."""
        self.ask(function, **answers)
        return self.answer(function)

    def ask(self, function: str, **answers: Any) -> None:
        """The same without waiting, so that several work at once; `answer` fetches what it returned."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([function, answers]) + "\n")
        self.process.stdin.flush()

    def answer(self, function: str) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"The measuring process ended during {function}; its last words stand above.")
        return json.loads(line)


@contextmanager
def child() -> Iterator[Child]:
    """A migrated scratch database with its process; both are gone afterwards."""
    with scratch.database() as surroundings, beside(surroundings) as process:
        yield process


@contextmanager
def beside(surroundings: dict[str, str], *, migrate: bool = True) -> Iterator[Child]:
    """A process on a scratch database; only its first has to migrate."""
    words = ["migrate"] if migrate else []
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "illdesk.bench.child", *words], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(surroundings),
    )
    try:
        yield Child(process)
    finally:
        process.kill()
        process.communicate()


def environment(surroundings: dict[str, str]) -> dict[str, str]:
    """For a process on the scratch database: nothing of a desk that the shell may know of."""
    kept = {
        name: value for name, value in os.environ.items()
        if name not in ("TEST_DATABASE_URL", "REDIS_URL") and not name.startswith("ILLDESK_")
    }
    return kept | {"DJANGO_SETTINGS_MODULE": "illdesk.settings", "ILLDESK_MODE": "test"} | surroundings


def database() -> dict[str, str]:
    from django.db import connection

    asked = ["server_version", "fsync", "synchronous_commit"] if connection.vendor == "postgresql" else ["synchronous"]
    with connection.cursor() as cursor:
        said = {}
        for name in asked:
            cursor.execute(f"{'SHOW' if connection.vendor == 'postgresql' else 'PRAGMA'} {name}")
            said[name] = str(cursor.fetchone()[0])
    version = said.pop("server_version", sqlite3.sqlite_version)
    return {"name": connection.display_name, "version": version} | said


def is_durable(database: dict[str, str]) -> bool:
    """Is what was committed on the disk? Figures of a server that is careless about it would be worth nothing."""
    if "synchronous" in database:
        return database["synchronous"] in ("2", "3")  # FULL, EXTRA
    return (database["fsync"], database["synchronous_commit"]) == ("on", "on")


def main() -> None:
    # Ctrl-C reaches the whole terminal; the parent ends us when it has heard it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what anybody prints goes to stderr; stdout is ours
    import django
    from django.core.management import call_command

    django.setup()
    if "migrate" in sys.argv:
        call_command("migrate", verbosity=0)
    for line in sys.stdin:
        name, keywords = json.loads(line)
        module, _colon, function = name.partition(":")
        try:
            result = getattr(import_module(module), function)(**keywords)
        except Exception:
            traceback.print_exc()
            sys.exit(1)
        answers.write(json.dumps(result) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
