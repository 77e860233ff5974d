"""Long queries that are asked often: PostgreSQL plans each once a connection instead of every time.

Planning cost more than all the rest of a decision on a copy (1.9 of 3.8 ms). The text must be the same from call to
call; a few variants are well. SQLite plans in microseconds and is simply asked.
"""

from collections.abc import Sequence
from hashlib import sha256
from itertools import count
from typing import Any

from django.conf import settings
from django.db import connection

_MOST = 60  # a connection keeps so many plans
_NOTHING: tuple[Any, dict[str, str]] = (None, {})


def rows(sql: str, values: Sequence[Any]) -> list[tuple]:
    """Every row of a SELECT; `%s` stands for a value, and no other % may stand there. PostgreSQL finds a value's type
    by what stands beside it: CAST where nothing does."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and settings.PREPARE_QUERIES:
            cursor.execute(f"EXECUTE {_name(sql)} ({', '.join(['%s'] * len(values))})", values)
        else:
            cursor.execute(sql, values)
        return cursor.fetchall()


def _name(sql: str) -> str:
    """Under which this connection has the query; it is handed over the first time."""
    raw, known = getattr(connection, "illdesk_prepared", _NOTHING)
    if raw is not connection.connection:  # a new connection knows nothing
        known = {}
        connection.illdesk_prepared = (connection.connection, known)  # type: ignore[attr-defined]
    if sql not in known:
        name = f"illdesk_{sha256(sql.encode()).hexdigest()[:20]}"
        # No query of ours, so that whoever counts queries counts the same each time.
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            if len(known) >= _MOST:
                cursor.execute("DEALLOCATE ALL")
                known.clear()
            cursor.execute(f"PREPARE {name} AS {_numbered(sql)}")
        known[sql] = name  # stays also when the transaction is rolled back, as PostgreSQL has it
    return known[sql]


def _numbered(sql: str) -> str:
    first, *rest = sql.split("%s")
    text = first + "".join(f"${number}{part}" for number, part in zip(count(1), rest, strict=False))
    if "%" in text:
        raise ValueError("A query to be prepared has no % but those of its values.")
    return text
