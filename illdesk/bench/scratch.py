"""Scratch databases: made for one measurement, removed whatever happens."""

import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit


def server() -> str:
    """The PostgreSQL that DATABASE_URL or TEST_DATABASE_URL names; '' means SQLite."""
    url = os.environ.get("DATABASE_URL") or os.environ.get("TEST_DATABASE_URL") or ""
    return "" if url.startswith("sqlite") else url


@contextmanager
def database() -> Iterator[dict[str, str]]:
    """The environment for a process that works on a new, empty database in a new, empty folder."""
    with tempfile.TemporaryDirectory(prefix="illdesk-bench-") as folder:
        surroundings = {"ILLDESK_VAR": folder, "ILLDESK_STATIC_ROOT": folder}
        if not (url := server()):
            yield surroundings | {"DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.sqlite3'}"}
            return
        name = f"illdesk_bench_{secrets.token_hex(6)}"
        _say(url, f'CREATE DATABASE "{name}"')
        try:
            yield surroundings | {"DATABASE_URL": urlsplit(url)._replace(path=f"/{name}").geturl()}
        finally:
            # Also while a killed child's connection still works off its last statement.
            _drop(url, name)


def _drop(url: str, name: str) -> None:
    """FORCE may not end a process of the server's own (autovacuum, after many rows): that one ends by itself soon."""
    import psycopg2

    for tries_left in range(40, -1, -1):
        try:
            return _say(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        except psycopg2.errors.InsufficientPrivilege:
            if not tries_left:
                raise
            time.sleep(0.25)


def _say(url: str, statement: str) -> None:
    import psycopg2

    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True  # CREATE DATABASE cannot run inside a transaction
        with connection.cursor() as cursor:
            cursor.execute(statement)
