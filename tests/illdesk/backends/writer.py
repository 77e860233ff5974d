"""A process that writes through the gate: `python -m tests.illdesk.backends.writer FILE HOW SECONDS`.

Prints one JSON line: how many writes it made and how long each waited, or the error.
"""

import json
import os
import sys
import time
from pathlib import Path

from django.conf import settings

COMMANDS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;"


def connect(file, *, timeout=20):
    """A connection of its own to `file`, set up as settings.py does it."""
    from illdesk.backends.sqlite.base import DatabaseWrapper

    return DatabaseWrapper(
        {
            "ENGINE": "illdesk.backends.sqlite",
            "NAME": str(file),
            "OPTIONS": {
                "timeout": timeout,
                "transaction_mode": "IMMEDIATE",
                "init_command": COMMANDS,
            },
            "ATOMIC_REQUESTS": False,
            "AUTOCOMMIT": True,
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": False,
            "TIME_ZONE": None,
            "USER": "",
            "PASSWORD": "",
            "HOST": "",
            "PORT": "",
            "TEST": {},
        }
    )


def begin(connection):
    """What django.db.transaction.atomic does first in its outermost block."""
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def commit(connection):
    connection.commit()
    connection.set_autocommit(True)


def add(connection, who):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO note (who) VALUES (%s) RETURNING id", [who])
        return cursor.fetchone()[0]


def write(connection, how, who):
    if how == "alone":
        add(connection, who)
        return
    begin(connection)
    add(connection, who)
    if how == "long transaction":
        time.sleep(0.01)
    commit(connection)


def keep_writing(file, how, seconds, *, pause=0.0):
    """Write for so long; returns how long each write waited."""
    connection, waits = connect(file), []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        started = time.monotonic()
        write(connection, how, str(os.getpid()))
        waits.append(time.monotonic() - started)
        time.sleep(pause)
    connection.close()
    return waits


if __name__ == "__main__":
    settings.configure(USE_TZ=True, TIME_ZONE="UTC")
    file, how, seconds = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    if how == "hold":  # begins, writes, says so, and never commits
        held = connect(file)
        begin(held)
        add(held, "held")
        print("holding", flush=True)
        time.sleep(seconds)
    else:
        waits = keep_writing(file, how, seconds)
        print(json.dumps({"writes": len(waits), "slowest": max(waits)}), flush=True)
