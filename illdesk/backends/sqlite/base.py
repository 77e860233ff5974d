"""Django's SQLite backend, with one write gate per database file (gate.py).

The gate is entered before BEGIN and before a write outside a transaction, and left as soon as
SQLite says that no transaction is open: after COMMIT, ROLLBACK, an error that rolled back, or close.
Reads outside a transaction pass beside it. A transaction that only reads takes it too, because
transactions begin IMMEDIATE. Databases in memory (the tests') have no gate.
"""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.db.backends.sqlite3 import base
from django.db.backends.sqlite3.base import SQLiteCursorWrapper

from .gate import WriteGate

_FIRST_WORD = re.compile(r"(?:\s|;|\(|--[^\n]*(?:\n|$)|/\*.*?\*/)*(\w*)", re.DOTALL)
_WRITES_AFTER_WITH = re.compile(
    r"\b(INSERT\s+(OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE|DELETE\s+FROM)\b", re.IGNORECASE
)
# Files that this process has opened once, and so switched to WAL.
_IN_WAL: set[tuple[int, int] | None] = set()
_WRITING_PRAGMA = re.compile(
    r"\b(optimize|wal_checkpoint|incremental_vacuum|(user_version|application_id)\s*=)", re.IGNORECASE
)


def only_reads(sql: str) -> bool:
    """Whether a statement outside a transaction leaves the file alone; in doubt it does not."""
    word = _FIRST_WORD.match(sql)[1].upper()  # type: ignore[index]
    if word == "WITH":
        return not _WRITES_AFTER_WITH.search(sql)
    if word == "PRAGMA":
        return not _WRITING_PRAGMA.search(sql)
    return word in ("SELECT", "VALUES", "EXPLAIN", "")


class GatedCursor(SQLiteCursorWrapper):
    gate: WriteGate
    _rows = None

    def execute(self, query, params=None):
        return self._pass(query, lambda: SQLiteCursorWrapper.execute(self, query, params))

    def executemany(self, query, param_list):
        return self._pass(query, lambda: SQLiteCursorWrapper.executemany(self, query, param_list))

    def executescript(self, script):
        return self._pass("SCRIPT", lambda: SQLiteCursorWrapper.executescript(self, script))

    def _pass(self, query, run):
        self._rows = None
        writes_alone = False
        if not self.connection.in_transaction and not only_reads(query):
            self.gate.enter()
            writes_alone = True
        try:
            run()
            if writes_alone and self.description is not None and not self.connection.in_transaction:
                # INSERT … RETURNING commits only when its last row is fetched: fetch before leaving.
                self._rows = iter(SQLiteCursorWrapper.fetchall(self))
        finally:
            if not self.connection.in_transaction:
                self.gate.leave()
        return self

    def __next__(self):
        return super().__next__() if self._rows is None else next(self._rows)

    def fetchone(self):
        return super().fetchone() if self._rows is None else next(self._rows, None)

    def fetchmany(self, size=None):
        size = self.arraysize if size is None else size
        if self._rows is None:
            return super().fetchmany(size)
        return [row for _, row in zip(range(size), self._rows, strict=False)]

    def fetchall(self):
        return super().fetchall() if self._rows is None else list(self._rows)


class DatabaseWrapper(base.DatabaseWrapper):
    gate: WriteGate | None = None

    def get_new_connection(self, conn_params):
        if self.is_in_memory_db():
            self.gate = None
            return super().get_new_connection(conn_params)
        file = _file_of(conn_params["database"])
        self.gate = WriteGate(file, timeout=float(conn_params.get("timeout", 20)))
        if _identity(file) in _IN_WAL:
            return super().get_new_connection(conn_params)
        # The first switch to WAL answers "database is locked" at once, without waiting, when two make it.
        self.gate.enter()
        try:
            connection = super().get_new_connection(conn_params)
        finally:
            self.gate.leave()
        _IN_WAL.add(_identity(file))
        return connection

    def create_cursor(self, name=None):
        if self.gate is None:
            return super().create_cursor(name)
        cursor = self.connection.cursor(factory=GatedCursor)
        cursor.gate = self.gate
        return cursor

    def _commit(self):
        try:
            return super()._commit()  # type: ignore[misc]
        finally:
            self._leave_when_done()

    def _rollback(self):
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._leave_when_done()

    def _set_autocommit(self, autocommit):
        # Going back to autocommit commits what is open.
        try:
            super()._set_autocommit(autocommit)  # type: ignore[misc]
        finally:
            self._leave_when_done()

    def _close(self):
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            if self.gate is not None:
                self.gate.leave()

    def _leave_when_done(self):
        if self.gate is not None and not (self.connection and self.connection.in_transaction):
            self.gate.leave()


def _file_of(name) -> Path:
    name = str(name)
    return Path(unquote(urlsplit(name).path) if name.startswith("file:") else name).absolute()


def _identity(file: Path) -> tuple[int, int] | None:
    """Asked of the folder. Never open the file beside SQLite, not even to read its header: closing it drops every
    lock this process holds on it (POSIX), and another process then deletes the WAL under our open connections
    (https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_)."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
