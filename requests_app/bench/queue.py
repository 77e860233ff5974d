"""What a staff queue costs: it must follow what is open, not what was ever stored.

The same 20,000 open requests stand in a small and in a large database; page, list and counts are measured
in turn, and the bare SQL for the same rows beside them.
"""

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from statistics import median
from typing import Any

from illdesk.bench import Bench, Result
from illdesk.bench.child import child

# The queues looked at: state and who works it.
QUEUES = (("borrowing.in_review", "borrowing"), ("lending.received", "lending"))
MOST_QUERIES, MOST_TIMES, MOST_PAGE_MS = 8, 1.2, 100
_BARE = """
SELECT r.id, r.number, r.state, r.created, r.changed, r.need_by, r.attention, r.attention_why, r.referred,
       c.title, c.part_title, p.first_name, p.last_name, l.symbol
FROM requests_app_illrequest r JOIN requests_app_citation c ON c.id = r.citation_id
LEFT JOIN requests_app_patron p ON p.id = r.patron_id LEFT JOIN requests_app_library l ON l.id = r.partner_id
WHERE r.state = %s ORDER BY r.changed, r.id LIMIT 51
"""


def arguments(parser) -> None:
    parser.add_argument("--requests", type=int, default=1_000_000, help="stored in the large database")
    parser.add_argument("--small", type=int, default=25_000, help="stored in the small database")
    parser.add_argument("--open", type=int, default=20_000, help="open in both")
    parser.add_argument("--rounds", type=int, default=5, help="how often both are measured in turn")
    parser.add_argument("--repeat", type=int, default=20, help="measurements in a round; the median counts")


def run(options: dict[str, Any]) -> Result:
    stored = [options["small"], options["requests"]]
    if min(stored) < options["open"]:
        sys.exit("Fewer requests stored than open: choose a larger --small or a smaller --open.")
    now = datetime.now(UTC).isoformat()
    with ExitStack() as stack:
        children = [stack.enter_context(child()) for _size in stored]
        built = []
        for size, process in zip(stored, children, strict=True):
            began = time.monotonic()
            states = process.call(
                "requests_app.bench.rows:fill", requests=size, open_requests=options["open"], now=now
            )
            built.append(round(time.monotonic() - began, 1))
            sys.stderr.write(f"{size} requests stored in {built[-1]} s\n")
        measured: list[list[dict]] = [[], []]
        for turn in range(options["rounds"]):
            for place in (0, 1) if turn % 2 == 0 else (1, 0):
                figures = children[place].call("requests_app.bench.queue:measure", repeat=options["repeat"])
                measured[place].append(figures)
        database = children[0].call("illdesk.bench.child:database")
    result = Result(
        database=database,
        sizes={"open": options["open"], "small": stored[0], "large": stored[1], "rounds": options["rounds"],
               "repeat": options["repeat"], **{state: states[state] for state, _who in QUEUES}},
        figures={"build_s": {"small": built[0], "large": built[1]}},
    )
    for name in measured[0][0]:
        small, large = (_median(rounds, name) for rounds in measured)
        times = round(large / small, 3) if small else 0.0
        result.figures[name] = {"small": small, "large": large, "times": times}
    _targets(result)
    return result


def _median(rounds: list[dict], name: str) -> float:
    value = median(figures[name] for figures in rounds)
    return int(value) if name.endswith("queries") else round(value, 3)


def _targets(result: Result) -> None:
    for state, _who in QUEUES:
        for size in ("small", "large"):
            result.target(
                f"{state}: queries of the page, {size}", result.figures[f"{state} page queries"][size], MOST_QUERIES
            )
        for part in ("page ms", "list ms"):
            result.target(
                f"{state}: {part}, large / small", result.figures[f"{state} {part}"]["times"], MOST_TIMES
            )
        result.target(f"{state}: page ms, large", result.figures[f"{state} page ms"]["large"], MOST_PAGE_MS)
    result.target("counts ms, large / small", result.figures["counts ms"]["times"], MOST_TIMES)


# --- In the measuring process -----------------------------------------------------------------------


def measure(*, repeat: int) -> dict[str, float]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from requests_app import lifecycle, queries
    from requests_app.bench import rows

    figures: dict[str, float] = {}
    for state, who in QUEUES:
        browser = Client()
        browser.force_login(rows.staff(who))
        address = reverse("queue", args=[who, lifecycle.STATES[state].slug])

        def page(browser=browser, address=address) -> None:
            answer = browser.get(address)
            assert answer.status_code == 200, f"{address} answered {answer.status_code}"

        page()  # templates are compiled once in a process's life
        with CaptureQueriesContext(connection) as asked:
            page()
        figures[f"{state} page queries"] = len(asked)
        figures[f"{state} page ms"] = _ms(page, repeat)
        figures[f"{state} list ms"] = _ms(partial(_list, state), repeat)
        figures[f"{state} bare SQL ms"] = _ms(partial(_fetch, _BARE, [state]), repeat)
    figures["counts ms"] = _ms(queries.counts, repeat)
    codes = lifecycle.open_states()
    marks = ", ".join(["%s"] * len(codes))
    statement = f"SELECT state, count(*) FROM requests_app_illrequest WHERE state IN ({marks}) GROUP BY state"  # noqa: S608
    figures["counts bare SQL ms"] = _ms(lambda: _fetch(statement, codes), repeat)
    return figures


def _list(state: str) -> None:
    from requests_app import queries

    queries.page_of(queries.queue(state), order="changed")


def _fetch(statement: str, values: list) -> list:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def _ms(work: Callable[[], Any], repeat: int) -> float:
    taken = []
    for _turn in range(repeat):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return median(taken)


BENCH = Bench("queue", "what a queue costs with few and with a million requests stored", arguments, run)
