"""Steps a second through `perform()`: the step *will supply*, with its event and its outbox row, each committed.

Requests are read as a queue reads them, fifty at a time, within what is measured; no broker is told, as the
sweep would send what no task was told about. Then eight processes race for the same requests: each has one
winner, and the others are told so.
"""

import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from illdesk.bench import Bench, Result, scratch
from illdesk.bench.child import Child, beside, is_durable

LEAST_A_SECOND = 800  # on PostgreSQL, with two processes
_READ_AT_ONCE = 50
_LIBRARIES = 16


def arguments(parser) -> None:
    parser.add_argument("--steps", type=int, default=4_000, help="steps of a round, shared by the processes")
    parser.add_argument("--rounds", type=int, default=5, help="rounds; the best counts")
    parser.add_argument("--processes", type=int, default=2, help="processes that take steps at the same time")
    parser.add_argument("--racers", type=int, default=8, help="processes that race for the same requests")
    parser.add_argument("--raced", type=int, default=400, help="requests they race for")


def run(options: dict[str, Any]) -> Result:
    steps, raced = options["steps"], options["raced"]
    waiting = options["rounds"] * steps + raced
    with scratch.database() as place, ExitStack() as stack:
        racers = [stack.enter_context(beside(place))]
        racers[0].call(
            "requests_app.bench.stored:fill", stored=waiting, senders=_LIBRARIES,
            now=datetime.now(UTC).isoformat(), state="lending.received",
        )
        sys.stderr.write(f"{waiting} requests wait for their answer\n")
        for _more in range(max(options["racers"], options["processes"]) - 1):
            racers.append(stack.enter_context(beside(place, migrate=False)))
        for child in racers:
            child.call("requests_app.bench.perform:prepare")
        database = racers[0].call("illdesk.bench.child:database")
        rounds = [
            _round(racers[: options["processes"]], turn * steps, steps) for turn in range(options["rounds"])
        ]
        race = _race(racers[: options["racers"]], options["rounds"] * steps, raced)
        after = racers[0].call("requests_app.bench.perform:counted")
    result = Result(
        database=database,
        sizes={name: options[name] for name in ("steps", "rounds", "processes", "racers", "raced")},
        figures={"steps a second": max(rounds), "all rounds": rounds, "race": race, "rows": after},
    )
    if database["name"] == "PostgreSQL":
        result.at_least("steps a second", max(rounds), LEAST_A_SECOND)
    for name in ("steps", "events", "outbox"):
        result.target(f"{name} more or less than requests", abs(after[name] - waiting), 0)
    result.target("requests with more or less than one winner", race["not one winner"], 0)
    result.at_least("losers that were told", race["told"], raced * (options["racers"] - 1))
    result.at_least("the database keeps what it committed", int(is_durable(database)), 1)
    return result


def _round(children: list[Child], after: int, steps: int) -> float:
    """Each process takes its share of the requests whose keys follow; steps a second."""
    share = steps // len(children)
    began = time.perf_counter()
    for place, child in enumerate(children):
        child.ask("requests_app.bench.perform:take", first=after + place * share + 1, count=share)
    for child in children:
        child.answer("take")
    figure = round(share * len(children) / (time.perf_counter() - began), 1)
    sys.stderr.write(f"{figure} steps a second\n")
    return figure


def _race(children: list[Child], after: int, count: int) -> dict[str, int]:
    began = time.time() + 1
    for child in children:
        child.ask("requests_app.bench.perform:race", first=after + 1, count=count, at=began)
    said = [child.answer("race") for child in children]
    won: dict[int, int] = dict.fromkeys(range(after + 1, after + count + 1), 0)
    for one in said:
        for pk in one["won"]:
            won[pk] += 1
    stale, refused = (sum(one[kind] for one in said) for kind in ("Stale", "NotAllowed"))
    return {
        "requests": count, "winners": sum(won.values()), "Stale": stale, "NotAllowed": refused,
        "told": stale + refused, "not one winner": sum(times != 1 for times in won.values()),
        "processes that won": sum(bool(one["won"]) for one in said),
    }


# --- In the measuring process -----------------------------------------------------------------------


def prepare() -> None:
    """What a process does once in its life."""
    from django.db import connection

    from requests_app.bench.rows import staff

    connection.ensure_connection()
    staff("lending")


def take(*, first: int, count: int) -> None:
    from requests_app.actions import perform

    actor = _clerk()
    for start in range(first, first + count, _READ_AT_ONCE):
        for ill in _read(start, min(_READ_AT_ONCE, first + count - start)):
            perform(ill, "will_supply", actor=actor)


def race(*, first: int, count: int, at: float) -> dict[str, Any]:
    """Try each request in turn, from `at` on; which were won, and what was said about the others."""
    from illdesk.errors import NotAllowed, Stale
    from requests_app.actions import perform

    actor, won, told = _clerk(), [], {"Stale": 0, "NotAllowed": 0}
    time.sleep(max(0.0, at - time.time()))
    for pk in range(first, first + count):
        for ill in _read(pk, 1):
            try:
                perform(ill, "will_supply", actor=actor)
            except Stale:
                told["Stale"] += 1
            except NotAllowed:
                told["NotAllowed"] += 1
            else:
                won.append(ill.pk)
    return {"won": won} | told


def counted() -> dict[str, int]:
    from illdesk.models import Event, OutboxMessage
    from requests_app.models import ILLRequest

    events = Event.objects.filter(name="request.will_supply")
    return {
        "steps": ILLRequest.objects.filter(state="lending.searching", version=1).count(),
        "events": events.count(),
        "outbox": OutboxMessage.objects.count(),
    }


def _clerk():
    from illdesk import actors
    from requests_app.bench.rows import staff

    return actors.staff(staff("lending"))


def _read(first: int, count: int):
    from requests_app.models import ILLRequest

    return list(
        ILLRequest.objects.filter(pk__range=(first, first + count - 1)).select_related("partner").order_by("pk")
    )


BENCH = Bench("perform", "how many steps of requests are taken a second, and who wins a race", arguments, run)
