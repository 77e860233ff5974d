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
from illdesk.bench.child import Child, child

# The queues looked at: state and who works it.
QUEUES = (("borrowing.in_review", "borrowing"), ("lending.received", "lending"))
MOST_QUERIES, MOST_TIMES, MOST_PAGE_MS = 8, 1.2, 100
_BARE = """
SELECT r.id, r.number, r.state, r.created, r.changed, r.need_by, r.attention, r.attention_why, r.referred,
       c.title, c.part_title, p.first_name, p.last_name, l.symbol
FROM requests_app_illrequest r JOIN requests_app_citation c ON c.id = r.citation_id
LEFT JOIN requests_app_patron p ON p.id = r.patron_id LEFT JOIN requests_app_library l ON l.id = r.partner_id
WHERE r.state = %s ORDER BY r.{order}, r.id LIMIT 51
"""


def arguments(parser) -> None:
    parser.add_argument("--requests", type=int, default=1_000_000, help="stored in the large database")
    parser.add_argument("--small", type=int, default=25_000, help="stored in the small database")
    parser.add_argument("--open", type=int, default=20_000, help="open in both")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the median counts")
    parser.add_argument("--repeat", type=int, default=20, help="measurements of both in a round, in turn")


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
        asked = [process.call("requests_app.bench.queue:prepare") for process in children]
        rounds = [_round(children, options["repeat"]) for _turn in range(options["rounds"])]
        database = children[0].call("illdesk.bench.child:database")
    result = Result(
        database=database,
        sizes={"open": options["open"], "small": stored[0], "large": stored[1], "rounds": options["rounds"],
               "repeat": options["repeat"], **{state: states[state] for state, _who in QUEUES}},
        figures={"build_s": {"small": built[0], "large": built[1]}},
    )
    for name in asked[0]:
        result.figures[name] = {"small": asked[0][name], "large": asked[1][name]}
    for name in rounds[0][0]:
        small, large = (median(figures[place][name] for figures in rounds) for place in (0, 1))
        result.figures[name] = {
            "small": round(small, 3), "large": round(large, 3), "times": round(large / small, 3)
        }
    _targets(result)
    return result


def _round(children: list[Child], repeat: int) -> list[dict[str, float]]:
    """Small and large in turn, so that a busy moment of the machine meets both; the medians of each."""
    taken: list[list[dict]] = [[], []]
    for turn in range(repeat):
        for place in (0, 1) if turn % 2 == 0 else (1, 0):
            taken[place].append(children[place].call("requests_app.bench.queue:measure"))
    return [{name: median(figures[name] for figures in one) for name in one[0]} for one in taken]


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


PARTS: dict[str, Callable[[], Any]] = {}


def prepare() -> dict[str, int]:
    """Sign in, warm up, and set out what is measured; returns the number of queries of each page."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from requests_app import lifecycle, queries
    from requests_app.lists.queues import URGENT

    asked: dict[str, int] = {}
    for state, who in QUEUES:
        page = _page(state, who)
        order = "respond_by" if state in URGENT else "changed"
        page()  # templates are compiled once in a process's life
        with CaptureQueriesContext(connection) as captured:
            page()
        asked[f"{state} page queries"] = len(captured)
        PARTS[f"{state} page ms"] = page
        PARTS[f"{state} list ms"] = partial(_list, state)
        PARTS[f"{state} bare SQL ms"] = partial(_fetch, _BARE.format(order=order), [state])
    codes = lifecycle.open_states()
    marks = ", ".join(["%s"] * len(codes))
    counts = f"SELECT state, count(*) FROM requests_app_illrequest WHERE state IN ({marks}) GROUP BY state"  # noqa: S608
    PARTS["counts ms"] = queries.counts
    PARTS["counts bare SQL ms"] = partial(_fetch, counts, codes)
    return asked


def measure() -> dict[str, float]:
    """Each part once, in milliseconds."""
    taken = {}
    for name, work in PARTS.items():
        began = time.perf_counter()
        work()
        taken[name] = (time.perf_counter() - began) * 1000
    return taken


def _page(state: str, who: str) -> Callable[[], None]:
    from django.test import Client
    from django.urls import reverse

    from requests_app import lifecycle
    from requests_app.bench import rows

    browser = Client()
    browser.force_login(rows.staff(who))
    address = reverse("queue", args=[who, lifecycle.STATES[state].slug])

    def page() -> None:
        answer = browser.get(address)
        assert answer.status_code == 200, f"{address} answered {answer.status_code}"

    return page


def _list(state: str) -> None:
    from django.utils import timezone

    from requests_app import lifecycle
    from requests_app.lists import paging
    from requests_app.lists.queues import Queue

    row = lifecycle.STATES[state]
    queue = Queue(row.side, row.slug, row)
    paging.page_of(queue.rows(None, timezone.now()), queue.order)


def _fetch(statement: str, values: list) -> list:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


BENCH = Bench("queue", "what a queue costs with few and with a million requests stored", arguments, run)
