"""Half a million electronic titles: how fast a file is loaded, and what a lookup costs beside them.

The file is written as providers write theirs: four journals with gaps and embargoes to one book. It is loaded
twice, the second time beside the first, as each night.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from illdesk.bench import Bench, Result
from illdesk.bench.child import child

LEAST_ROWS, MOST_LOOKUP_MS, MOST_QUERIES = 5000, 10, 2
_WORDS = (
    "annals", "journal", "review", "studies", "research", "quarterly", "letters", "advances", "reports",
    "archives", "bulletin", "acta", "oak", "tide", "reef", "clinical", "applied", "theoretical", "european",
    "american", "international", "molecular", "social", "economic", "history", "physics", "chemistry",
    "biology", "medicine", "surgery", "nursing", "law", "policy", "education", "language", "music", "art",
    "marine", "urban", "rural",
)


def arguments(parser) -> None:
    parser.add_argument("--titles", type=int, default=500_000, help="rows of the file")
    parser.add_argument("--lookups", type=int, default=2000, help="citations looked up")


def run(options: dict[str, Any]) -> Result:
    with child() as process:
        loaded = process.call("requests_app.bench.holdings:load", rows=options["titles"])
        sys.stderr.write(f"loaded in {loaded['first_s']} s, again in {loaded['again_s']} s\n")
        looked = process.call("requests_app.bench.holdings:look", lookups=options["lookups"], rows=options["titles"])
        database = process.call("illdesk.bench.child:database")
    result = Result(database=database, sizes={"titles": options["titles"], "lookups": options["lookups"]},
                    figures=loaded | looked)
    result.at_least("rows loaded a second", loaded["rows a second"], LEAST_ROWS)
    result.at_least("rows loaded a second, beside the old ones", loaded["rows a second, again"], LEAST_ROWS)
    result.target("lookup p95, ms", looked["lookup p95 ms"], MOST_LOOKUP_MS)
    result.target("queries of a lookup", looked["most queries"], MOST_QUERIES)
    result.at_least("citations found", looked["found"], options["lookups"] * 0.9)
    return result


# --- In the measuring process -----------------------------------------------------------------------


def issn_of(number: int) -> str:
    """A right ISSN of seven digits."""
    digits = f"{number % 10_000_000:07d}"
    check = -sum(int(digit) * weight for digit, weight in zip(digits, range(8, 1, -1), strict=True)) % 11
    return f"{digits[:4]}-{digits[4:]}{'X' if check == 10 else check}"


def isbn_of(number: int) -> str:
    digits = f"978{number % 1_000_000_000:09d}"
    return digits + str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10)


def title_of(number: int) -> str:
    dice = Random(number)  # noqa: S311 - the same title each time
    return f"{' '.join(dice.choices(_WORDS, k=4)).capitalize()} {number % 9973}"


def _lines(rows: int) -> Iterator[str]:
    from requests_app.verification.kbart import COLUMNS

    yield "\t".join(COLUMNS) + "\n"
    for number in range(rows):
        cells = {
            "publication_title": title_of(number), "title_url": f"https://read.example/title/{number}",
            "title_id": f"T{number}", "coverage_depth": "fulltext", "publisher_name": "Example Press",
        }
        if number % 5:
            cells |= {
                "print_identifier": issn_of(number), "online_identifier": issn_of(number + 5_000_000),
                "date_first_issue_online": str(1960 + number % 50), "num_first_vol_online": str(number % 90),
                "date_last_issue_online": "2012-12" if number % 3 == 0 else "", "publication_type": "serial",
                "embargo_info": ("", "P1Y", "", "R10Y;P30D")[number % 4],
            }
        else:
            cells |= {
                "print_identifier": isbn_of(number), "online_identifier": isbn_of(number + 500_000_000),
                "first_author": "Meyer", "date_monograph_published_print": str(1990 + number % 30),
                "publication_type": "monograph",
            }
        yield "\t".join(cells.get(name, "") for name in COLUMNS) + "\n"


def load(*, rows: int) -> dict[str, float]:
    from django.core.files import File
    from django.db import connection
    from django.utils import timezone

    from requests_app.holdings import loads
    from requests_app.models import ElectronicLoad, ElectronicPackage

    package = ElectronicPackage.objects.create(name="Everything")
    taken = []
    with tempfile.TemporaryDirectory(dir=os.environ["ILLDESK_VAR"]) as folder:
        path = Path(folder) / "kbart.txt"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(_lines(rows))
        size = path.stat().st_size
        for _turn in range(2):
            with path.open("rb") as file_again:
                row = loads.start(package, by=None, now=timezone.now(), file=File(file_again, name="kbart.txt"))
            began = time.perf_counter()
            loads.go_on(row.pk)
            row.refresh_from_db()
            # Until it counted: what is deleted afterwards, nobody waits for.
            taken.append(((row.ended or timezone.now()) - row.started).total_seconds())
            whole = time.perf_counter() - began
            if (row.state, row.rows) != (ElectronicLoad.DONE, rows):
                raise RuntimeError(f"The load ended as {row.state} with {row.rows} rows: {row.why}")
            package.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return {
        "file MB": round(size / 1e6, 1), "first_s": round(taken[0], 1), "again_s": round(taken[1], 1),
        "again and old ones deleted s": round(whole, 1), "rows a second": round(rows / taken[0]),
        "rows a second, again": round(rows / taken[1]),
    }


def look(*, lookups: int, rows: int) -> dict[str, float]:
    """By ISSN, by ISBN, by title alone, and for what is not there."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from requests_app.holdings import lookup
    from requests_app.verification.records import Record

    dice, today = Random(7), date(2026, 3, 2)  # noqa: S311
    taken, found, most = [], 0, 0
    for turn in range(lookups):
        number = dice.randrange(rows)
        if number % 5 == 0:
            wanted = Record(kind="book", title=title_of(number), author="Meyer, Ann", isbn=isbn_of(number))
        else:
            wanted = Record(kind="article", title=title_of(number), part_title="x", issn=issn_of(number), year="2011")
        if turn % 4 == 3:
            wanted = wanted.with_(issn="", isbn="")
        if turn % 20 == 19:
            wanted = wanted.with_(title="No such title", issn="1234-5679", isbn="")
        began = time.perf_counter()
        answer = lookup.find(wanted, today=today)
        taken.append((time.perf_counter() - began) * 1000)
        found += bool(answer)
        if turn < 100:
            with CaptureQueriesContext(connection) as captured:
                lookup.find(wanted, today=today)
            most = max(most, len(captured))
    taken.sort()
    return {
        "lookup median ms": round(taken[len(taken) // 2], 2), "lookup p95 ms": round(taken[int(len(taken) * 0.95)], 2),
        "lookup longest ms": round(taken[-1], 2), "found": found, "most queries": most,
    }


BENCH = Bench("holdings", "half a million electronic titles loaded, and looked up", arguments, run)
