"""`manage.py bench NAME`: measured figures with their targets, on scratch databases, as one JSON object.

Each app registers its benches when it is ready: a name, its options, and a function from options to a
`Result`. A bench works in child processes (`child.py`), each on a scratch database of its own
(`scratch.py`), so that nothing is ever measured on, or written to, a desk's own database.
"""

import argparse
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Result:
    """`database`: what the child says of its server; `sizes`: rows, rounds; `figures`: milliseconds and counts."""

    database: dict[str, str]
    sizes: dict[str, int]
    figures: dict[str, Any]
    targets: list[dict[str, Any]] = field(default_factory=list)

    def target(self, what: str, value: float, limit: float) -> None:
        """`value` may be `limit` at most."""
        self.targets.append({"what": what, "value": value, "limit": limit, "met": value <= limit})

    def at_least(self, what: str, value: float, least: float) -> None:
        self.targets.append({"what": what, "value": value, "least": least, "met": value >= least})


@dataclass(frozen=True)
class Bench:
    name: str
    about: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[dict[str, Any]], Result]


BENCHES: dict[str, Bench] = {}


def register(bench: Bench) -> None:
    BENCHES[bench.name] = bench


def machine() -> dict[str, Any]:
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "cpu": _after("/proc/cpuinfo", "model name") or platform.processor(),
        "ram_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "python": platform.python_version(),
    }


def _after(file: str, label: str) -> str:
    try:
        with open(file) as opened:
            return next((line.partition(":")[2].strip() for line in opened if line.startswith(label)), "")
    except OSError:
        return ""
