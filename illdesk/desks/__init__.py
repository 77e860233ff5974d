"""The supervisor: two desks with all they need, started and stopped together.

`python -m illdesk.desks` (run.sh) runs them for a person; the walks use it as a library:

    with Desks(root, ports=(8100, 8101), var=tmp_path) as desks:
        desks.url("a"), desks.manage("a", "sweep", "--now", "2026-03-01T09:00Z")
        desks.kill("b", "worker", signal.SIGKILL)

Parts of a desk are "web" and "worker" (with beat in it); the mail sink is the part "mail" of the
desk "", since both share it.
"""

import hashlib
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from fcntl import LOCK_EX, LOCK_NB, flock
from importlib.metadata import version
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from .child import PATIENCE, Child, last_lines
from .databases import CannotStart, address, make_and_look

__all__ = ["CannotStart", "Desks"]

NAMES = ("a", "b")
FOLDERS = ("log", "broker", "broker-control", "files")  # Celery's folder broker makes none itself
HEALTHY_WITHIN = 90  # seconds; a web process takes about 3 on a quiet machine


def gunicorn(port: int, *, workers: int, threads: int) -> list[str]:
    """Python's words for a desk's web processes, as they stand in deploy/Dockerfile; benches measure the same."""
    web = f"-m gunicorn illdesk.wsgi:application --workers {workers} --threads {threads} -b 127.0.0.1:{port}"
    return f"{web} --graceful-timeout 5 --log-level warning --no-control-socket".split()


class Desks:
    def __init__(
        self,
        root: Path,
        ports: tuple[int, int],
        var: Path,
        extra_env: dict[str, str] | None = None,
        *,
        say=lambda sentence: None,
    ):
        """`extra_env` goes over the surrounding environment: DATABASE_URL, REDIS_URL, ILLDESK_…"""
        self.root, self.var, self.say = Path(root), Path(var).absolute(), say
        self.ports = dict(zip(NAMES, ports, strict=True))
        self.mail_folder = self.var / "mail"
        self.surroundings = os.environ | (extra_env or {})
        self.children: dict[tuple[str, str], Child] = {}
        self.failure = ""
        self.over = threading.Event()  # asked to stop, or failed
        self._changing = threading.RLock()
        self._watcher: threading.Thread | None = None
        self._mail_port = 0
        self._lock: TextIO | None = None

    # --- For the walks ---------------------------------------------------------------------------
    def __enter__(self) -> "Desks":
        self.start()
        return self

    def __exit__(self, *exc_info) -> None:
        self.stop()

    def start(self) -> None:
        """Everything up, or CannotStart and everything down again."""
        try:
            self._take_place()
            self._mail_port = _free_port()
            self._check_redis()
            with ThreadPoolExecutor(len(NAMES)) as both:
                list(both.map(self._prepare, NAMES))
            with self._changing:
                for key, command in self._commands().items():
                    self._start_child(key, command)
            self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)
            self._watcher.start()
            for desk in NAMES:
                self.wait_healthy(desk)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Everything down; nothing is left behind. Twice is once."""
        self.over.set()
        self._stop_children()
        if self._watcher is not None:
            self._watcher.join()
            self._watcher = None
        if self._lock is not None:
            self._lock.truncate(0)
            self._lock.close()
            self._lock = None

    def url(self, desk: str) -> str:
        return f"http://127.0.0.1:{self.ports[desk]}"

    def restart(self, desk: str, part: str) -> None:
        """Stop one part in good order and start it again; a web process answers when this returns."""
        self.halt(desk, part)
        self.resume(desk, part)

    def halt(self, desk: str, part: str) -> None:
        """Stop one part and leave it so until `resume`."""
        with self._changing:
            self.children[desk, part].stop()

    def resume(self, desk: str, part: str) -> None:
        with self._changing:
            child = self.children[desk, part]
            if not child.alive():
                child.start()
        if part == "web":
            self.wait_healthy(desk)

    def kill(self, desk: str, part: str, signal: int = signal.SIGKILL) -> None:
        """Send a signal to one part and all it started. What dies of it is started again by itself."""
        self.children[desk, part].kill(signal)

    def manage(self, desk: str, *words: str, timeout: float = 300) -> str:
        """Run `manage.py words…` as that desk; its output. CannotStart with its last lines when it fails."""
        log = self.var / desk / "log" / f"manage-{words[0]}-{secrets.token_hex(3)}.log"
        child = Child(words[0], self._python("manage.py", *words), env=self.env(desk), cwd=self.root, log=log)
        child.start()
        until = time.monotonic() + timeout
        while child.alive():
            if self.over.is_set() or time.monotonic() > until:
                child.stop()
                raise CannotStart(f"manage.py {words[0]} of desk {desk.upper()} was stopped before its end.")
            time.sleep(0.05)
        output = log.read_text(errors="replace")
        if child.process is not None and child.process.returncode:
            raise CannotStart(
                f"manage.py {words[0]} of desk {desk.upper()} failed. Its last lines:\n{last_lines(log)}"
            )
        log.unlink()
        return output

    def wait_healthy(self, desk: str, within: float = HEALTHY_WITHIN) -> None:
        until = time.monotonic() + within
        while not self._answers(desk):
            if self.failure:
                raise CannotStart(self.failure)
            if self.over.is_set():
                raise CannotStart("Stopped before both desks were up.")
            if time.monotonic() > until:
                lines = self.children[desk, "web"].last_lines()
                raise CannotStart(f"Desk {desk.upper()} does not answer after {within:g} seconds.\n{lines}")
            time.sleep(0.1)

    def env(self, desk: str) -> dict[str, str]:
        """The environment of one desk's processes."""
        other = NAMES[1 - NAMES.index(desk)]
        env = {
            "ILLDESK_ALLOWED_HOSTS": "127.0.0.1,localhost",
            **self.surroundings,
            "DJANGO_SETTINGS_MODULE": "illdesk.settings",
            "PYTHONUNBUFFERED": "1",
            "ILLDESK_MODE": "demo",
            "ILLDESK_DESK": desk,
            "ILLDESK_VAR": str(self.var / desk),
            "ILLDESK_SECRET_KEY": _secret(self.var / desk / "secret"),
            "ILLDESK_BASE_URL": self.url(desk),
            "ILLDESK_PEER_URL": self.url(other),
            # Never the mail server of the surroundings: a demo writes to nobody.
            "ILLDESK_SMTP_URL": f"smtp://127.0.0.1:{self._mail_port}",
            "ILLDESK_MAIL_FOLDER": str(self.mail_folder),
        }
        if url := env.pop("DATABASE_URL", ""):
            env["DATABASE_URL"] = address(desk, url)
        return env

    # --- Before the start ------------------------------------------------------------------------
    def _take_place(self) -> None:
        """One supervisor per data folder, and both ports free; else a sentence at once."""
        self.var.mkdir(parents=True, exist_ok=True)
        lock = (self.var / "desks.pid").open("a+")
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            running = lock.read().strip()
            lock.close()
            raise CannotStart(
                f"ILL Desk is running already with the data in {self.var} (process {running}). "
                "Stop it with Ctrl-C where it was started, or with: kill " + running.split(" ")[0]
            ) from None
        self._lock = lock
        lock.truncate(0)
        lock.write(f"{os.getpid()} at {' and '.join(map(self.url, NAMES))}\n")
        lock.flush()
        for port in self.ports.values():
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError as error:
                    raise CannotStart(
                        f"Port {port} cannot be used ({os.strerror(error.errno or 0).lower()}). Stop the "
                        f"program that has it, or choose two others: PORT={port + 10} sh run.sh"
                    ) from None

    def _check_redis(self) -> None:
        url = urlsplit(self.surroundings.get("REDIS_URL", ""))
        if url.hostname:
            try:
                socket.create_connection((url.hostname, url.port or 6379), timeout=5).close()
            except OSError as error:
                raise CannotStart(
                    f"REDIS_URL is set, but no Redis answers at {url.hostname}:{url.port or 6379} "
                    f"({error}). Start it, or unset REDIS_URL: ILL Desk also works without."
                ) from None

    def _prepare(self, desk: str) -> None:
        """Folders, database and demo data; the slow commands only when something changed."""
        home = self.var / desk
        for folder in (*(home / name for name in FOLDERS), self.mail_folder):
            folder.mkdir(parents=True, exist_ok=True)
        url = self.env(desk).get("DATABASE_URL") or f"sqlite:///{home / 'desk.sqlite3'}"
        used_before = make_and_look(url)
        place = hashlib.sha256(url.encode()).hexdigest()
        tables = f"{place} {self._tables_checksum()}"
        migrated, loaded = home / "migrated", home / "demo-loaded"
        if not used_before or _read(migrated) != tables:
            self.say(f"Desk {desk.upper()}: preparing the database …")
            self.manage(desk, "migrate", "--no-input", "--verbosity", "0", timeout=900)
            migrated.write_text(tables)
        # With other ports the desks are at other addresses, which load_demo tells each about the other.
        loading = f"{place} {self.env(desk)['ILLDESK_PEER_URL']}"
        if not used_before or _read(loaded) != loading:
            self.say(f"Desk {desk.upper()}: loading the demo data …")
            self.manage(desk, "load_demo", timeout=900)
            loaded.write_text(loading)

    def _tables_checksum(self) -> str:
        """Changes when migrate would have something to do: our migrations or another package version."""
        found = hashlib.sha256(version("django").encode())
        found.update((_read(self.root / "requirements.txt")).encode())
        for file in sorted(self.root.glob("*/migrations/*.py")):
            found.update(str(file.relative_to(self.root)).encode() + file.read_bytes())
        return found.hexdigest()

    # --- The children ----------------------------------------------------------------------------
    def _commands(self) -> dict[tuple[str, str], list[str]]:
        mail = ["-m", "illdesk.smtp_sink", "--port", str(self._mail_port), "--folder", str(self.mail_folder)]
        commands = {("", "mail"): self._python(*mail)}
        for desk, port in self.ports.items():
            commands[desk, "web"] = self._python(*gunicorn(port, workers=1, threads=8))
            worker = "-m celery -A illdesk worker -P threads -c 4 -B --loglevel WARNING"
            worker += f" --without-gossip --without-mingle --without-heartbeat --hostname {desk}@illdesk"
            schedule = ["--schedule", str(self.var / desk / "beat-schedule")]
            commands[desk, "worker"] = self._python(*worker.split(), *schedule)
        return commands

    def _python(self, *words: str) -> list[str]:
        return [sys.executable, *words]

    def _start_child(self, key: tuple[str, str], command: list[str]) -> None:
        desk, part = key
        env = self.env(desk or NAMES[0])
        log = self.var / desk / "log" / f"{part}.log"
        name = f"{part} of desk {desk.upper()}" if desk else "mail sink"
        self.children[key] = Child(name, command, env=env, cwd=self.root, log=log)
        self.children[key].start()

    def _watch(self) -> None:
        while not self.over.wait(0.2):
            with self._changing:
                for child in self.children.values():
                    if child.wanted and not child.alive() and not self.over.is_set():
                        self._revive(child)

    def _revive(self, child: Child) -> None:
        assert child.process is not None
        if child.died_too_often(time.monotonic()):
            self.failure = (
                f"The {child.name} ended again and again (last with {_ending(child.process)}), so everything "
                f"was stopped. Nothing stored is lost. Last lines of {child.log}:\n{child.last_lines()}"
            )
            self._stop_children()
            self.over.set()
            return
        self.say(f"The {child.name} ended ({_ending(child.process)}) and is started again.")
        child.start()

    def _stop_children(self) -> None:
        with self._changing:
            for child in self.children.values():
                child.ask_to_stop()
            until = time.monotonic() + PATIENCE
            for child in self.children.values():
                child.wait_or_kill(until)

    def _answers(self, desk: str) -> bool:
        # Not urllib: it would ask a proxy named in the environment.
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[desk], timeout=5)
        try:
            connection.request("GET", "/health/live")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _ending(process: subprocess.Popen) -> str:
    code = process.returncode
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _secret(file: Path) -> str:
    """The desk's own secret, made at the first start and readable for its owner alone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text()
    with os.fdopen(handle, "w") as opened:
        opened.write(secrets.token_urlsafe(48))
    return file.read_text()


def _read(file: Path) -> str:
    return file.read_text() if file.exists() else ""
