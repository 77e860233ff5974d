"""A decision on a copy must cost the same however much was ever counted; and many who send at once get five places.

The same decisions are measured in turn in a small and in a large database. Then processes with threads send requests
for articles of one title at the same moment.
"""

import sys
import threading
import time
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from random import Random
from statistics import median
from typing import Any

from illdesk.bench import Bench, Result, scratch
from illdesk.bench.child import Child, beside, child
from requests_app.bench.holdings import issn_of

MOST_QUERIES, MOST_DB_MS, MOST_TIMES = 3, 2.0, 1.2
_PER_TITLE = 20  # five a year, four years
TITLE = "Marine Letters"


def arguments(parser) -> None:
    parser.add_argument("--records", type=int, default=1_000_000, help="uses and requests in the large database")
    parser.add_argument("--small", type=int, default=10_000, help="the same in the small one")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the best counts")
    parser.add_argument("--decisions", type=int, default=200, help="decisions of a round")
    parser.add_argument("--processes", type=int, default=8, help="processes that send at once")
    parser.add_argument("--threads", type=int, default=25, help="threads of each")
    parser.add_argument("--raced", type=int, default=200, help="requests they send")


def run(options: dict[str, Any]) -> Result:
    sizes = [options["small"], options["records"]]
    with ExitStack() as stack:
        children = [stack.enter_context(child()) for _size in sizes]
        built = [one.call("requests_app.bench.copyright:fill", records=size)
                 for size, one in zip(sizes, children, strict=True)]
        sys.stderr.write(f"stored in {built} s\n")
        rounds = [_round(children, turn, options["decisions"]) for turn in range(options["rounds"])]
        database = children[0].call("illdesk.bench.child:database")
    raced = _race(options["processes"], options["threads"], options["raced"])
    result = Result(
        database=database, sizes={name: options[name] for name in ("records", "small", "rounds", "decisions")},
        figures={"build_s": built, "race": raced},
    )
    for name in rounds[0][0]:
        # The best round counts: what else the machine does is no part of a decision.
        small, large = (min(figures[place][name] for figures in rounds) for place in (0, 1))
        result.figures[name] = {"small": round(small, 3), "large": round(large, 3)}
    large = result.figures["database median ms"]
    result.target("queries of a decision", result.figures["most queries"]["large"], MOST_QUERIES)
    result.target("database time of a decision, ms", large["large"], MOST_DB_MS)
    result.target("times the small database, ms", round(large["large"] / large["small"], 3), MOST_TIMES)
    result.target("places more or less than five", abs(raced["places"] - 5), 0)
    result.target("requests neither sent nor explained", raced["requests"] - raced["sent"] - raced["explained"], 0)
    return result


def _round(children: list[Child], turn: int, decisions: int) -> list[dict[str, float]]:
    """Small and large in turn, so that a busy moment of the machine meets both."""
    taken: list[list[dict]] = [[], []]
    for part in range(10):
        for place in (0, 1) if part % 2 == 0 else (1, 0):
            taken[place].append(children[place].call(
                "requests_app.bench.copyright:measure", seed=turn * 10 + part, decisions=decisions // 10
            ))
    return [
        {name: max(row[name] for row in one) if name == "most queries" else median(row[name] for row in one)
         for name in one[0]} for one in taken
    ]


def _race(processes: int, threads: int, requests: int) -> dict[str, int]:
    with scratch.database() as place, ExitStack() as stack:
        racers = [stack.enter_context(beside(place))]
        pks = racers[0].call("requests_app.bench.copyright:waiting", count=requests)
        racers += [stack.enter_context(beside(place, migrate=False)) for _more in range(processes - 1)]
        at = time.time() + 4
        for number, one in enumerate(racers):
            one.ask("requests_app.bench.copyright:send_all", pks=pks[number::processes], threads=threads, at=at)
        said = [one.answer("send_all") for one in racers]
        after = racers[0].call("requests_app.bench.copyright:counted")
    return {
        "requests": requests, "sent": after["sent"], "places": len(after["places"]),
        "explained": sum(len(one["explained"]) for one in said), "failed": sum(len(one["failed"]) for one in said),
    }


# --- In the measuring process -----------------------------------------------------------------------


def fill(*, records: int) -> float:
    """So many uses of twenty a title, each with its request; seconds."""
    from django.db import connection

    from requests_app.bench.rows import stamp, write
    from requests_app.models import Citation, CopyrightNumber, CopyrightTitle, CopyrightUse, ILLRequest, Patron

    began, now = time.monotonic(), datetime.now(UTC)
    with connection.cursor() as cursor:  # a scratch database need not survive a power failure
        cursor.execute(
            "SET synchronous_commit = off" if connection.vendor == "postgresql" else "PRAGMA synchronous = OFF"
        )
    Patron.objects.bulk_create(Patron(pk=pk, card=f"{pk:014d}", last_name=f"P{pk}") for pk in range(1, 1001))
    titles = max(1, records // _PER_TITLE)
    write(CopyrightTitle, (
        {"id": pk, "kind": "periodical", "name": f"Journal {pk}", "name_key": f"journal {pk}", "made": stamp(now)}
        for pk in range(1, titles + 1)
    ))
    write(CopyrightNumber, (
        {"id": 2 * pk - half, "title_id": pk, "kind": "issn", "key": f"issn:{issn_of(pk + half * 5_000_000)}"}
        for pk in range(1, titles + 1) for half in (0, 1)
    ))
    write(Citation, (
        {"id": pk, "kind": "article", "title": f"Journal {pk}", "part_title": f"Part {pk}", "typed": "{}",
         "doi": f"10.5555/{pk}"} for pk in range(1, records + 1)
    ))
    write(ILLRequest, (
        {"id": pk, "number": f"B-2020-{pk:07d}", "kind": "borrowing", "service": "copy", "state": "borrowing.finished",
         "created": stamp(now - timedelta(minutes=records - pk)), "changed": stamp(now), "citation_id": pk,
         "patron_id": pk % 1000 + 1, "version": 7} for pk in range(1, records + 1)
    ))
    write(CopyrightUse, (
        {"id": pk, "title_id": pk % titles + 1, "year": now.year - pk // titles % 4, "limit": 5, "rules": "us-contu/1",
         "place": None if pk // titles % 5 == 4 else pk // titles % 5 + 1, "ill_id": pk, "number": f"B-2020-{pk:07d}",
         "state": "outside" if pk // titles % 5 == 4 else "used", "asked_on": date(now.year, 1, 2).isoformat(),
         "article": f"Part {pk}", "article_key": f"doi:10.5555/{pk}", "issue_key": f"{pk}|1|", "made": stamp(now),
         "why": "[]"} for pk in range(1, records + 1)
    ))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return round(time.monotonic() - began, 1)


def measure(*, seed: int, decisions: int) -> dict[str, float]:
    """New requests for articles of titles here and there: the time within the database, and of the whole decision."""
    from django.db import connection

    from requests_app.copyright import clearance
    from requests_app.models import Citation, CopyrightTitle, ILLRequest

    dice, now = Random(seed), datetime.now(UTC)  # noqa: S311
    titles = CopyrightTitle.objects.count()
    spent: list[float] = []
    whole: list[float] = []
    most = 0
    for _turn in range(decisions):
        times: list[float] = []

        def timed(execute, sql, params, many, context, times=times):
            began = time.perf_counter()
            try:
                return execute(sql, params, many, context)
            finally:
                times.append(time.perf_counter() - began)

        number = dice.randrange(titles) + 1
        citation = Citation(
            kind="article", title=f"Journal {number}", part_title=f"New {dice.random()}", issn=issn_of(number),
            year=str(now.year - 1), volume=str(dice.randrange(90)), issue="2", pages="1-9",
            doi=f"10.5555/{dice.randrange(titles)}",
        )
        ill = ILLRequest(pk=0, kind="borrowing", service="copy", citation=citation, created=now, patron_id=1)
        began = time.perf_counter()
        with connection.execute_wrapper(timed):
            found = clearance.look(ill, now=now)
        whole.append((time.perf_counter() - began) * 1000)
        if found.title is None or found.title.pk != number:
            raise RuntimeError(f"Title {number} was not found by its number.")
        spent.append(sum(times) * 1000)
        most = max(most, len(times))
    spent.sort()
    return {
        "database median ms": median(spent), "database p95 ms": spent[int(len(spent) * 0.95)],
        "whole median ms": median(whole), "most queries": most,
    }


# --- The race -----------------------------------------------------------------------------------------


def waiting(*, count: int, titles: int = 1) -> list[int]:
    """Requests for articles of one title, or of several in turn, each cleared while all five places were free; their
    keys. Every tenth of several titles is old, and needs none."""
    from illdesk import actors
    from illdesk.models import Institution
    from requests_app.actions import intake, perform
    from requests_app.bench.rows import staff
    from requests_app.models import ILLRequest, Library, Patron

    Institution.objects.update_or_create(pk=1, defaults={"name": "Scratch", "symbol": "SCR", "email": "a@b.example"})
    lender = Library.objects.create(name="Hill College Library", symbol="HIL")
    clerk = actors.staff(staff("borrowing"))
    now = datetime.now(UTC)
    pks = []
    for number in range(count):
        patron = Patron.objects.create(card=f"R{number}", last_name=f"R{number}")
        ill = intake.ask(
            patron=patron, typed={}, actor=clerk, now=now, service="copy",
            citation={"kind": "article", "title": TITLE, "part_title": f"Part {number}",
                      "issn": issn_of(4711 + number % titles),
                      "year": "1990" if titles > 1 and number % 10 == 9 else str(now.year),
                      "volume": str(number), "issue": "1", "pages": "1-9"},
        )
        perform(ill, "choose_lenders", actor=clerk, now=now, libraries=[lender])
        pks.append(ill.pk)
    cleared = ILLRequest.objects.filter(state="borrowing.ready_to_send").exclude(compliance="").count()
    if cleared != count:
        raise RuntimeError(f"{cleared} of {count} were cleared.")
    return pks


def send_all(*, pks: list[int], threads: int, at: float) -> dict[str, Any]:
    """Send them from so many threads, from `at` on; what was sent, what explained, what failed otherwise."""
    from django.db import connection

    from illdesk import actors
    from illdesk.errors import NotAllowed
    from requests_app.actions import perform
    from requests_app.bench.rows import staff
    from requests_app.models import ILLRequest

    clerk = actors.staff(staff("borrowing"))
    said: dict[str, Any] = {"sent": [], "explained": [], "failed": []}

    def go(mine: list[int]) -> None:
        try:
            rows = {ill.pk: ill for ill in ILLRequest.objects.select_related("citation", "partner").filter(pk__in=mine)}
            time.sleep(max(0.0, at - time.time()))
            for pk in mine:
                try:
                    perform(rows[pk], "send", actor=clerk)
                    said["sent"].append(pk)
                except NotAllowed as refusal:
                    said["explained"].append([pk, str(refusal)])
                except Exception as failure:
                    said["failed"].append([pk, repr(failure)])
        finally:
            connection.close()

    running = [threading.Thread(target=go, args=[pks[number::threads]]) for number in range(threads)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    return said


def merge_all(*, titles: int, at: float) -> dict[str, Any]:
    """Make so many titles one, each as soon as it is there; how many were merged, and how many uses became over."""
    from requests_app.bench.rows import staff
    from requests_app.copyright import ledger
    from requests_app.models import CopyrightTitle

    clerk, merged, over = staff("borrowing"), 0, 0
    time.sleep(max(0.0, at - time.time()))
    until = time.monotonic() + 90
    while merged < titles - 1 and time.monotonic() < until:
        rows = list(CopyrightTitle.objects.filter(merged_into=None).order_by("pk")[:2])
        if len(rows) < 2:
            time.sleep(0.02)
            continue
        over += len(ledger.merge(rows[0], rows[1], by=clerk, now=datetime.now(UTC)))
        merged += 1
    return {"merged": merged, "over": over}


def counted() -> dict[str, Any]:
    """What stands in the database afterwards."""
    from illdesk.models import Event
    from requests_app.models import CopyrightTitle, CopyrightUse, ILLRequest

    rows = ILLRequest.objects.filter(service="copy")
    return {
        "places": sorted(CopyrightUse.objects.filter(place__isnull=False).exclude(state="freed").values_list(
            "place", flat=True)),
        "uses": CopyrightUse.objects.count(),
        "over": CopyrightUse.objects.filter(over=True).exclude(state="freed").count(),
        "outside": CopyrightUse.objects.filter(state="outside").count(),
        "live": CopyrightUse.objects.exclude(state="freed").count(),
        "at_merged": CopyrightUse.objects.exclude(state="freed").exclude(title__merged_into=None).count(),
        "titles": CopyrightTitle.objects.count(),
        "sent": rows.filter(state="borrowing.sent").count(),
        "sent_as_ccg": rows.filter(state="borrowing.sent", compliance="US-CCG").count(),
        "review": rows.filter(state="borrowing.copyright_review", compliance="").count(),
        "ready": sorted(rows.filter(state="borrowing.ready_to_send").values_list("pk", flat=True)),
        "events": Event.objects.filter(name="request.send").count(),
    }


BENCH = Bench("copyright", "what a decision on a copy costs among a million, and who gets the five places",
              arguments, run)
