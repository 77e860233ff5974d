"""Rows of titles in and out by the thousand; each call is one short transaction or part of one."""

import csv
import io
from collections.abc import Sequence

from django.db import connection, transaction

from requests_app.models import ElectronicTitle
from requests_app.verification.kbart import Row

_TABLE = ElectronicTitle._meta.db_table
_COLUMNS = ("package_id", "generation", *Row._fields)
_DELETED_AT_ONCE = 500


def store(package: int, generation: int, rows: Sequence[Row]) -> None:
    """COPY, or executemany: the ORM would take four times as long, and a load has 500,000."""
    columns = ", ".join(f'"{name}"' for name in _COLUMNS)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            lines = io.StringIO()
            # All in quotes: an empty cell without them would be NULL.
            csv.writer(lines, quoting=csv.QUOTE_ALL).writerows((package, generation, *row) for row in rows)
            lines.seek(0)
            cursor.copy_expert(f'COPY "{_TABLE}" ({columns}) FROM STDIN WITH (FORMAT csv)', lines)
        else:
            marks = ", ".join(["%s"] * len(_COLUMNS))
            sql = f'INSERT INTO "{_TABLE}" ({columns}) VALUES ({marks})'  # noqa: S608
            cursor.executemany(sql, [(package, generation, *row) for row in rows])


def delete_some(package: int, generation: int) -> int:
    """How many went; 0: none is left."""
    # The keys first: SQLite has no DELETE with a limit.
    some = f'SELECT id FROM "{_TABLE}" WHERE package_id = %s AND generation = %s LIMIT {_DELETED_AT_ONCE}'  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{_TABLE}" WHERE id IN ({some})', [package, generation])  # noqa: S608
        return cursor.rowcount
