"""The citations with known answers, and what `manage.py bench verification` makes of them; never seconds."""

import json
import re
from collections import Counter

import pytest
from stdnum import isbn, issn

from illdesk.bench import BENCHES
from requests_app.bench import citations, verification
from requests_app.models import Check, Citation
from tests.requests_app.test_bench_queue import bench

pytestmark = pytest.mark.nodb


@pytest.fixture(scope="module")
def judged():
    return [verification.judge(case) for case in citations.cases()]


@pytest.mark.parametrize("half", ["held out", "calibration", None])
def test_verified_is_right_and_hardly_anything_is_missed(judged, half):
    figures = verification.figures_of([one for one in judged if half in (None, one.case.half)])
    assert figures["verified"]["precision"] >= verification.LEAST_PRECISION
    assert figures["verified"]["recall"] >= verification.LEAST_RECALL


def test_no_other_edition_volume_or_text_about_it_was_ever_taken(judged):
    wrong = [
        one.case.name for one in judged if one.outcome == "verified" and "verified" not in one.case.outcomes
    ]
    assert not wrong


def test_the_citations_are_many_and_of_all_kinds(judged):
    cases = [one.case for one in judged]
    assert len(cases) >= 400 and len({case.name for case in cases}) == len(cases)
    halves = Counter(case.half for case in cases)
    assert min(halves.values()) > 0.4 * len(cases)
    assert {record.kind for case in cases for record in case.pool} <= {code for code, _words in Citation.KINDS}
    assert {outcome for case in cases for outcome in case.outcomes} <= {code for code, _words in Check.OUTCOMES if code}
    scripts = "".join(case.wanted.title + case.wanted.part_title for case in cases)
    for letters in ("[а-я]", "[α-ω]", "[א-ת]", "[ا-ي]", "[一-龥]", "[ぁ-ん]"):
        assert re.search(letters, scripts), letters


def test_numbers_of_the_works_are_real_ones():
    for case in citations.cases():
        for record in case.pool:
            assert all(isbn.is_valid(number) for number in (record.isbn, *record.isbns) if number), record
            assert all(issn.is_valid(number) for number in (record.issn, *record.issns) if number), record


def test_the_halves_share_no_work():
    names: dict[str, set[str]] = {}
    for case in citations.cases():
        names.setdefault(case.name.partition("/")[0], set()).add(case.half)
    assert all(len(halves) == 1 for halves in names.values())


def test_figures_tell_right_from_wrong(judged):
    """A bench that finds nothing wrong of wrong answers would be none."""
    case = next(one.case for one in judged if one.case.outcomes == ("verified",))
    false = verification.Judged(case, "verified", False, "other", "")
    figures = verification.figures_of([false, *judged[:9]])
    assert figures["verified"]["precision"] < 1 and figures["citations"] == 10
    assert verification.misses([false], None)[0].startswith(case.name)
    assert verification.misses([false], "calibration" if case.half == "held out" else "held out") == []


def test_it_is_among_the_benches_and_prints_what_it_found():
    assert BENCHES["verification"] is verification.BENCH
    done = bench("verification", "--rounds", "1", "--misses", "2")
    report = json.loads(done.stdout)
    assert set(report) == {"bench", "machine", "database", "sizes", "figures", "targets", "met"}
    assert report["figures"]["comparisons a second"] > 0
    missed = [row["what"] for row in report["targets"] if not row["met"]]
    assert done.returncode == bool(missed) and not set(missed) - {"comparisons a second"}
