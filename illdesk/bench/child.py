"""A process with a scratch database of its own, told over pipes what to do next.

Two of them stand side by side, so that sizes are measured in turn and a busy moment hits both.
"""

import json
import os
import signal
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
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps([function, answers]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"The measuring process ended during {function}; its last words stand above.")
        return json.loads(line)


@contextmanager
def child() -> Iterator[Child]:
    """A migrated scratch database with its process; both are gone afterwards."""
    with scratch.database() as surroundings:
        kept = {
            name: value for name, value in os.environ.items()
            if name not in ("TEST_DATABASE_URL", "REDIS_URL") and not name.startswith("ILLDESK_")
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "illdesk.bench.child"], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=kept | {"DJANGO_SETTINGS_MODULE": "illdesk.settings", "ILLDESK_MODE": "test"} | surroundings,
        )
        try:
            yield Child(process)
        finally:
            process.kill()
            process.communicate()


def database() -> dict[str, str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version" if connection.vendor == "postgresql" else "SELECT sqlite_version()")
        version = cursor.fetchone()[0]
    return {"name": connection.display_name, "version": version}


def main() -> None:
    # Ctrl-C reaches the whole terminal; the parent ends us when it has heard it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what anybody prints goes to stderr; stdout is ours
    import django
    from django.core.management import call_command

    django.setup()
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
