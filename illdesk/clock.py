"""Work that the clock starts: one table of sweeps, each with a last run that the status page shows.

Each is a function(now=…) that returns (did, failed); `manage.py clock NAME --now …` runs one by hand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from illdesk.celery import app
from illdesk.models import Heartbeat


@dataclass(frozen=True)
class ClockTask:
    name: str
    label: str | Promise
    every: float  # seconds
    function: Callable[..., tuple[int, int]]
    quick: bool = True  # done within seconds, so that a person may wait for it at the status page
    dry: Callable[..., int] | None = None  # (now=…) → how many it would do; changes nothing


TASKS: dict[str, ClockTask] = {}


def register(
    name: str, *, label, every: float, quick: bool = True, dry: Callable[..., int] | None = None
):
    def add(function):
        TASKS[name] = ClockTask(name, label, every, function, quick, dry)
        # A beat that nobody worked off before the next one is of no use: it expires.
        app.conf.beat_schedule[name] = {
            "task": "illdesk.tasks.run_clock",
            "args": (name,),
            "schedule": every,
            "options": {"expires": max(every, 30)},
        }
        return function

    return add


def run(name: str, *, now: datetime) -> tuple[int, int]:
    """Run one sweep and note that it ran, what it did and what failed."""
    note = ""
    try:
        did, failed = TASKS[name].function(now=now)
    except Exception as failure:
        Heartbeat.objects.update_or_create(
            name=name, defaults={"at": now, "did": 0, "failed": 1, "note": f"{type(failure).__name__}: {failure}"}
        )
        raise
    Heartbeat.objects.update_or_create(
        name=name, defaults={"at": now, "did": did, "failed": failed, "note": note}
    )
    return did, failed
