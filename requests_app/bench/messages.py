"""Partners' messages stored, handled and confirmed: how many a second, and how long each sender waits.

Real New requests over real HTTP to gunicorn workers as a desk runs them, each sender a library with its own
secret and a connection kept open. A confirmation counts when it says OK; afterwards the rows are counted.
The same for a small and a large number of messages stored already, in turn; pgbench inserting the same rows
with as many clients stands beside it.
"""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from illdesk.bench import Bench, Result, pgbench, scratch, senders
from illdesk.bench.child import ROOT, Child, beside, environment, is_durable
from illdesk.desks import gunicorn

LEAST_A_SECOND = {"PostgreSQL": 400, "SQLite": 250}
# SQLite has one writer at a time: its senders wait for each other, so only the rate is asked of it.
MOST_P95_MS = {"PostgreSQL": 60}
MOST_TIMES = 1.25


def arguments(parser) -> None:
    parser.add_argument("--stored", type=int, default=1_000_000, help="messages stored in the large database")
    parser.add_argument("--small", type=int, default=10_000, help="messages stored in the small database")
    parser.add_argument("--messages", type=int, default=4_000, help="messages sent in a round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each size, in turn; the best counts")
    parser.add_argument("--senders", type=int, default=16, help="libraries that send at the same time")
    parser.add_argument("--workers", type=int, default=2, help="web processes")
    parser.add_argument("--threads", type=int, default=8, help="threads of each")


def run(options: dict[str, Any]) -> Result:
    stored, now = [options["small"], options["stored"]], datetime.now(UTC)
    with ExitStack() as stack:
        places, children, built = [], [], []
        for size in stored:
            places.append(stack.enter_context(scratch.database()))
            children.append(stack.enter_context(beside(places[-1])))
            began = time.monotonic()
            children[-1].call(
                "requests_app.bench.stored:fill", stored=size, senders=options["senders"], now=now.isoformat()
            )
            built.append(round(time.monotonic() - began, 1))
            sys.stderr.write(f"{size} messages stored in {built[-1]} s\n")
        database = children[0].call("illdesk.bench.child:database")
        before = [child.call("requests_app.bench.stored:counted") for child in children]
        ports = [stack.enter_context(_web(place, options)) for place in places]
        for port in ports:  # what a process does once in its life
            _send(port, 20 * options["senders"], options, now)
        rounds: list[list[senders.Sent]] = [[], []]
        for turn in range(options["rounds"]):
            for place in (0, 1) if turn % 2 == 0 else (1, 0):
                rounds[place].append(_send(ports[place], options["messages"], options, now))
                sys.stderr.write(f"{stored[place]} stored: {_line(rounds[place][-1])}\n")
        after = [child.call("requests_app.bench.stored:counted") for child in children]
        beside_it = _pgbench(children[0], places[0], options)
    result = Result(
        database=database,
        sizes={name: options[name] for name in ("small", "stored", "messages", "rounds", "senders", "workers",
                                                "threads")},
        figures={"build_s": {"small": built[0], "large": built[1]}},
    )
    _figures(result, rounds, before, after, beside_it, options)
    return result


def _figures(result: Result, rounds, before, after, beside_it, options: dict[str, Any]) -> None:
    kept: dict[str, dict] = {}
    for name, ones, first, last in zip(("small", "large"), rounds, before, after, strict=True):
        # Other programs may take from the machine, never give to it: the best round is the desk's own.
        best = max(ones, key=lambda one: one.good / one.seconds)
        kept[name] = {
            "a second": round(best.good / best.seconds, 1),
            "all rounds": [round(one.good / one.seconds, 1) for one in ones],
            "p50 ms": best.ms(0.5), "p95 ms": best.ms(0.95), "p99 ms": best.ms(0.99),
            "confirmed": sum(one.good for one in ones) + 20 * options["senders"],
            "not confirmed": sum(len(one.taken) - one.good for one in ones),
            "rows": {kind: last[kind] - first[kind] for kind in first},
        }
        if failures := [words for one in ones for words in one.bad]:
            kept[name]["answers"] = failures[:3]
    result.figures |= kept | {"pgbench": beside_it}
    result.figures["times"] = round(kept["small"]["a second"] / kept["large"]["a second"], 3)
    for name, figures in kept.items():
        result.at_least(f"stored and confirmed a second, {name}", figures["a second"],
                        LEAST_A_SECOND[result.database["name"]])
        if most := MOST_P95_MS.get(result.database["name"]):
            result.target(f"p95 ms, {name}", figures["p95 ms"], most)
        result.target(f"not confirmed, {name}", figures["not confirmed"], 0)
        different = [kind for kind, more in figures["rows"].items() if more != figures["confirmed"]]
        result.target(f"kinds of rows that are not one for each confirmation, {name}", len(different), 0)
    result.target("a second, small / large", result.figures["times"], MOST_TIMES)
    result.at_least("the database keeps what it committed", int(is_durable(result.database)), 1)


def _line(sent: senders.Sent) -> str:
    return f"{sent.good / sent.seconds:.0f} a second, p50 {sent.ms(0.5)} ms, p95 {sent.ms(0.95)} ms"


def _send(port: int, messages: int, options: dict[str, Any], now: datetime) -> senders.Sent:
    left = iter(range(messages))  # shared: whoever has its answer sends the next, so that all end together
    sources = [_requests(sender, left, port, now) for sender in range(1, options["senders"] + 1)]
    return senders.post(port, sources, is_good=lambda answer: b"<messageStatus>OK<" in answer)


def _requests(sender: int, left: Iterator[int], port: int, now: datetime) -> Iterator[bytes]:
    """Whole HTTP requests that differ in their id alone: writing XML is the senders' affair, not measured."""
    from requests_app.bench import stored

    body = stored.request_of(sender, "REQUEST-ID", now)
    batch = f"S{sender}-{time.time_ns()}"
    for number in left:
        message = body.replace(b"REQUEST-ID", f"{batch}-{number}".encode())
        yield (
            f"POST /iso18626 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {stored.secret_of(sender)}\r\n"
            f"Content-Type: application/xml; charset=utf-8\r\nContent-Length: {len(message)}\r\n\r\n"
        ).encode() + message


@contextmanager
def _web(surroundings: dict[str, str], options: dict[str, Any]) -> Iterator[int]:
    """The desk's web processes on this database; their port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = gunicorn(port, workers=options["workers"], threads=options["threads"])
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, *command], cwd=ROOT, env=environment(surroundings), stdout=sys.stderr
    )
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()
        process.wait()


def _wait(port: int, process: subprocess.Popen) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            line.request("GET", "/health/ready")
            if line.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            line.close()
    raise RuntimeError("The web processes do not answer; their last words stand above.")


def _pgbench(child: Child, surroundings: dict[str, str], options: dict[str, Any]) -> Any:
    if not surroundings["DATABASE_URL"].startswith("postgres"):
        return "only on PostgreSQL"
    script = child.call("requests_app.bench.bare:script")
    return pgbench.run(surroundings["DATABASE_URL"], script, clients=options["senders"])


BENCH = Bench("messages", "how many partners' messages are stored and confirmed a second", arguments, run)
