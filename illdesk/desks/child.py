"""One process that the supervisor looks after: its log, its process group, its end."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

LOG_BYTES, OLD_LOGS = 5 * 1024 * 1024, 3
RESTARTS_A_MINUTE = 5
PATIENCE = 10  # seconds between asking a process to stop and killing it

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform.startswith("linux") else None


def _die_with(parent: int) -> Callable[[], None]:
    """Runs in the new process: Linux is to end it when the supervisor goes, however it goes."""

    def ask_linux() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

    return ask_linux


class Child:
    def __init__(self, name: str, command: list[str], *, env: dict[str, str], cwd: Path, log: Path):
        self.name, self.command, self.env, self.cwd, self.log = name, command, env, cwd, log
        self.process: subprocess.Popen | None = None
        self.wanted = False
        self._deaths: deque[float] = deque()
        self._looking = threading.RLock()

    def start(self) -> None:
        self.wanted = True
        self.log.parent.mkdir(parents=True, exist_ok=True)
        rotate(self.log)
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C reaches the supervisor alone, which stops things in order.
            self.process = subprocess.Popen(  # noqa: S603
                self.command,
                cwd=self.cwd,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with(os.getpid()),
            )

    def alive(self) -> bool:
        """Also clears away what a dead process left in its group (beat under a killed worker)."""
        with self._looking:
            if self.process is None or self.process.returncode is not None:
                return False
            # Looked at without reaping, so that the group's number cannot have gone to anybody else.
            if os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                return True
            self._signal_group(signal.SIGKILL)
            self.process.wait()
            return False

    def ask_to_stop(self) -> None:
        """The process alone: it stops in order what it started itself."""
        self.wanted = False
        with self._looking:
            if self.process is not None and self.alive():
                os.kill(self.process.pid, signal.SIGTERM)
                self._signal_group(signal.SIGCONT)  # a paused process hears nothing else

    def wait_or_kill(self, until: float) -> None:
        while self.alive() and time.monotonic() < until:
            time.sleep(0.05)
        self.kill(signal.SIGKILL)
        while self.alive():
            time.sleep(0.01)

    def stop(self) -> None:
        self.ask_to_stop()
        self.wait_or_kill(time.monotonic() + PATIENCE)

    def kill(self, number: int) -> None:
        """Send a signal to the process and all it started."""
        with self._looking:
            if self.alive():
                self._signal_group(number)

    def died_too_often(self, now: float) -> bool:
        """Note one more death; whether it is too many within a minute."""
        self._deaths.append(now)
        while self._deaths[0] < now - 60:
            self._deaths.popleft()
        return len(self._deaths) > RESTARTS_A_MINUTE

    def last_lines(self, count: int = 15) -> str:
        return last_lines(self.log, count)

    def _signal_group(self, number: int) -> None:
        assert self.process is not None
        # PermissionError: macOS says so of a group of zombies.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


def rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_BYTES:
        for number in range(OLD_LOGS, 0, -1):
            older = log.with_name(f"{log.name}.{number - 1}") if number > 1 else log
            if older.exists():
                older.replace(log.with_name(f"{log.name}.{number}"))


def last_lines(log: Path, count: int = 15) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 16 * 1024))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-count:])
    except OSError:
        return ""
