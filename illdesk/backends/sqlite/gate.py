"""One gate per SQLite file: whoever writes passes it, one at a time, between threads and processes.

SQLite's own busy wait polls without an order, so one tight loop of writes starves everybody else
(1 write in 3 s). Here a writer waits in front of the gate alone: `<file>.gate-next` is the place of
the one who is next, `<file>.gate` the gate itself. Who has just left has to queue again, so nobody
passes twice while somebody is next. Both are flocks: the kernel frees them when a process dies.

Threads of one process wait at a door of its own first, without looking again and again: of 200 writers in
8 processes 8 look at the files (200 sendings took 14 s without it).
"""

import fcntl
import os
import random
import threading
import time
import weakref
from io import FileIO
from pathlib import Path
from sqlite3 import OperationalError

# The one who is next looks at the gate every half millisecond; the others look for that place less often.
NEXT_LOOKS, QUEUE_LOOKS = 0.0005, 0.002

_held: "weakref.WeakSet[WriteGate]" = weakref.WeakSet()
_doors: dict[Path, threading.Lock] = {}


class WriteGate:
    """The gate as one database connection sees it. Not shared between connections."""

    def __init__(self, database: Path, *, timeout: float):
        self.database, self.timeout = database, timeout
        self._file: FileIO | None = None
        self._door: threading.Lock | None = None

    def __del__(self):  # a thread ended in the middle of its writing
        self.leave()

    @property
    def held(self) -> bool:
        return self._file is not None

    def enter(self) -> None:
        """Wait for the gate; raises sqlite3.OperationalError after `timeout` seconds. Twice is once."""
        if self._file is not None:
            return
        until = time.monotonic() + self.timeout
        door = _doors.setdefault(self.database, threading.Lock())
        if not door.acquire(timeout=self.timeout):
            raise self._too_long()
        try:
            place = self._lock("gate-next", until, QUEUE_LOOKS)
            try:
                self._file = self._lock("gate", until, NEXT_LOOKS)
            finally:
                place.close()
        except BaseException:
            door.release()
            raise
        self._door = door
        _held.add(self)

    def leave(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            _held.discard(self)
            file.close()
        if self._door is not None:
            door, self._door = self._door, None
            door.release()

    def _lock(self, ending: str, until: float, pause: float) -> FileIO:
        path = f"{self.database}.{ending}"
        try:
            file = FileIO(path, "a")
        except OSError as error:
            raise OperationalError(
                f"The write gate {path} cannot be opened ({error.strerror}). Nothing was changed."
            ) from error
        try:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return file
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise self._too_long() from None
                # Jitter: else two writers that started together meet for ever.
                time.sleep(pause * (0.5 + random.random()))  # noqa: S311
        except BaseException:
            file.close()
            raise


    def _too_long(self) -> OperationalError:
        return OperationalError(
            f"Somebody else has been writing to {self.database.name} for more than "
            f"{self.timeout:g} seconds. Nothing was changed; please try again."
        )


def _forget_gates_of_parent() -> None:
    # A forked child shares the parent's flock; unless it lets go, the gate outlives the parent's commit.
    for gate in list(_held):
        gate.leave()
    _doors.clear()  # threads that held them do not exist in the child


os.register_at_fork(after_in_child=_forget_gates_of_parent)
