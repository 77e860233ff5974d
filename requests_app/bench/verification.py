"""What verification concludes of hundreds of citations whose answer is known, and how many it compares a second.

"Verified" is taken without a person's look, so it must hardly ever be wrong: of what it calls verified (precision) and
of what could be (recall). Both halves are shown: points and thresholds are set on the calibration half, the other half
says what they are worth. No database is touched.
"""

import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from illdesk.bench import Bench, Result
from requests_app.bench.citations import Case, cases
from requests_app.verification import comparing, matching
from requests_app.verification.likeness import identifiers, journals, numbers, people, reading_titles, scripts, titles

LEAST_PRECISION, LEAST_RECALL = 0.99, 0.95
LEAST_A_SECOND = 2_000
HALVES = ("calibration", "held out")


@dataclass(frozen=True)
class Judged:
    case: Case
    outcome: str
    right: bool
    best: str
    why: str


def arguments(parser) -> None:
    parser.add_argument("--rounds", type=int, default=3, help="times that all are compared; the best counts")
    parser.add_argument("--misses", type=int, default=20, help="misses that are shown, the worst first")
    parser.add_argument("--half", choices=HALVES, help="show the misses of this half alone")


def run(options: dict[str, Any]) -> Result:
    known = cases()
    judged = [judge(case) for case in known]
    figures: dict[str, Any] = {"all": figures_of(judged)}
    for half in HALVES:
        figures[half] = figures_of([one for one in judged if one.case.half == half])
    figures["misses"] = misses(judged, options["half"])[: options["misses"]]
    rates = [a_second(known) for _round in range(options["rounds"])]
    figures |= {"comparisons a second": max(rates, default=0), "all rounds": rates}
    result = Result(
        # `bench` reports what it measured on; this one needs none.
        database={"name": "none", "version": ""},
        sizes={"citations": len(known), "descriptions": sum(len(case.pool) for case in known),
               "rounds": options["rounds"]},
        figures=figures,
    )
    for name in ("held out", "all"):
        result.at_least(f"precision of verified, {name}", figures[name]["verified"]["precision"], LEAST_PRECISION)
        result.at_least(f"recall of verified, {name}", figures[name]["verified"]["recall"], LEAST_RECALL)
    if rates:
        result.at_least("comparisons a second", max(rates), LEAST_A_SECOND)
    return result


def judge(case: Case) -> Judged:
    said = matching.conclude(case.wanted, case.pool, any_edition=case.any_edition)
    best = said.best
    found = {record.source_id for record in best.members} if best else set()
    listed = {record.source_id for candidate in said.candidates for record in candidate.members}
    if said.outcome not in case.outcomes:
        right = False
    elif said.outcome == "verified" or (said.outcome == "probable" and case.keys):
        right = bool(found) and found <= case.keys
    else:  # somebody looks: all that could be meant must be before them
        right = said.outcome == "not_found" or case.keys <= listed or len(case.outcomes) > 1
    why = "" if best is None or best.match is None else ", ".join(
        [f"{best.match.score:.2f}", *(f"{row.name} {row.agreement} {row.points:+.1f}" for row in best.match.fields
                                      if not row.agreement.startswith("only_")), *sorted(best.match.codes)]
    )
    return Judged(case, said.outcome, right, " ".join(sorted(found)), why)


def figures_of(judged: list[Judged]) -> dict[str, Any]:
    """Precision and recall of each outcome, a table of what was said against what would be right."""
    found: dict[str, Any] = {"citations": len(judged), "right": sum(one.right for one in judged)}
    for outcome in ("verified", "probable", "ambiguous", "not_found"):
        said = [one for one in judged if one.outcome == outcome]
        due = [one for one in judged if one.case.outcomes == (outcome,)]
        found[outcome] = {
            "said": len(said), "due": len(due),
            "precision": _share(sum(one.right for one in said), len(said)),
            "recall": _share(sum(one.right and one.outcome == outcome for one in due), len(due)),
        }
    pairs = Counter(("/".join(one.case.outcomes), one.outcome) for one in judged)
    found["due and said"] = {f"{due}: {said}": count for (due, said), count in sorted(pairs.items())}
    return found


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def misses(judged: list[Judged], half: str | None) -> list[str]:
    """Wrongly verified first: nobody would have looked at those."""
    wrong = sorted(
        (one for one in judged if not one.right and half in (None, one.case.half)),
        key=lambda one: (one.outcome != "verified", one.case.name),
    )
    return [
        f"{one.case.name}: {one.outcome} instead of {'/'.join(one.case.outcomes)}; {one.best or 'nothing'} ({one.why})"
        for one in wrong
    ]


def a_second(known: list[Case]) -> int:
    """Pairs of descriptions compared, all of them new to the process: what it remembers of texts is forgotten."""
    for room in (scripts, numbers, people, reading_titles, titles, journals, identifiers):
        for thing in vars(room).values():
            if hasattr(thing, "cache_clear"):
                thing.cache_clear()
    pairs = [(case.wanted, record) for case in known for record in case.pool]
    began = time.process_time()
    for wanted, record in pairs:
        comparing.compare(wanted, record)
    rate = round(len(pairs) / (time.process_time() - began))
    sys.stderr.write(f"{len(pairs)} comparisons, {rate} a second\n")
    return rate


BENCH = Bench("verification", "how often a check of a citation is right, and how fast it compares", arguments, run)
