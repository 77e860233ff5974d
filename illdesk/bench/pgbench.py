"""PostgreSQL's own measuring program, for the figure that no program above the database can beat."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

_TPS = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
_LATENCY = re.compile(r"^latency average = ([\d.]+)", re.MULTILINE)


def program() -> str:
    """Debian keeps it beside the server, out of the PATH; '' when there is none."""
    beside = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
    return shutil.which("pgbench") or (str(beside[-1]) if beside else "")


def run(url: str, script: str, *, clients: int, seconds: int = 5) -> dict[str, Any] | str:
    """The script's transactions a second with so many clients; a sentence when it could not be measured."""
    if not (found := program()):
        return "pgbench is not installed; it comes with PostgreSQL's server."
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        done = subprocess.run(  # noqa: S603
            [found, "--no-vacuum", f"--client={clients}", "--jobs=1", f"--time={seconds}", f"--file={file.name}", url],
            capture_output=True, text=True, timeout=seconds + 60, env=os.environ | {"LC_ALL": "C"},
        )
    tps, latency = _TPS.search(done.stdout), _LATENCY.search(done.stdout)
    if done.returncode or tps is None or latency is None:
        return f"pgbench failed: {done.stderr.strip()[-500:]}"
    return {"a second": round(float(tps[1]), 1), "mean ms": float(latency[1]), "clients": clients, "seconds": seconds}
