"""Programs of other people that tests run as peers: started on a free port, ended at the end."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def needs(program: str, package: str) -> str:
    """Its path; skips the test where the machine does not have it. .ci/run installs the package."""
    path = shutil.which(program)
    if not path:
        pytest.skip(f"{program} is not installed (Debian: {package})")
    return path


@contextmanager
def running(command: list[str], *, port: int, log: Path, cwd: Path | None = None) -> Iterator[None]:
    """The program from the moment that it listens; ends it with what it started."""
    with log.open("wb") as out, subprocess.Popen(
        command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, cwd=cwd, start_new_session=True
    ) as process:
        try:
            for _attempt in range(200):
                assert process.poll() is None, f"{command[0]} ended: {log.read_text(errors='replace')}"
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            else:
                raise AssertionError(f"{command[0]} does not listen: {log.read_text(errors='replace')}")
            yield
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
