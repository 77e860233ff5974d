"""A PostgreSQL and a Redis of a test's own, to be stopped and started again."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from tests.ports import free_ports

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
REDIS = shutil.which("redis-server") or ""
MISSING = "" if BINARIES and REDIS else "PostgreSQL's or Redis' server is not installed"


class Servers:
    def __init__(self, folder: Path):
        """`folder`: a new one, in a place that the user postgres may enter."""
        folder.mkdir()
        self.folder, self.ports = folder, free_ports()
        self.data = folder / "pg"
        self.redis: subprocess.Popen | None = None
        # PostgreSQL refuses to run as root.
        self.as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        if self.as_postgres:
            shutil.chown(folder, "postgres")
        self._pg("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")

    @property
    def surroundings(self) -> dict[str, str]:
        pg, redis = self.ports
        return {
            "DATABASE_URL": f"postgres://postgres@127.0.0.1:{pg}/desk", "REDIS_URL": f"redis://127.0.0.1:{redis}/0",
        }

    def start(self) -> None:
        pg, redis = self.ports
        # Nothing is kept by Redis: what it forgot is found again by the sweeps.
        self.redis = subprocess.Popen(
            [REDIS, "--port", str(redis), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            cwd="/tmp", stdout=subprocess.DEVNULL,
        )
        options = f"-p {pg} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        self._pg("pg_ctl", "-D", str(self.data), "-l", str(self.folder / "pg.log"), "-w", "-t", "60", "start",
                 "-o", options)

    def kill(self) -> None:
        """As a power failure does: no goodbye to anybody."""
        if self.redis is not None:
            self.redis.send_signal(signal.SIGSTOP)  # connections first hang …
            time.sleep(1)
            self.redis.kill()  # … and then are refused
            self.redis.wait()
        self._pg("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def close(self) -> None:
        if self.redis is not None:
            self.redis.kill()
            self.redis.wait()
        if (self.data / "postmaster.pid").exists():
            self._pg("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def _pg(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [*self.as_postgres, str(BINARIES[-1] / program), *words], cwd="/", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=90,
        )
        assert done.returncode == 0, f"{program}: {done.stderr.decode()[-2000:]}"
