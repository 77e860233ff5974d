"""The bench of electronic holdings, small: query counts and the shape of what it prints; never seconds."""

import json

import pytest

from requests_app.bench import holdings
from requests_app.verification.kbart import normal_identifier
from tests.requests_app.test_bench_queue import bench


def test_prints_figures_and_targets_and_leaves_nothing(tmp_path):
    done = bench("holdings", "--titles", "1500", "--lookups", "100", TMPDIR=str(tmp_path))
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    assert report["sizes"] == {"titles": 1500, "lookups": 100}
    assert report["figures"]["most queries"] == 2 and report["figures"]["found"] == 95
    assert all(row["met"] or "ms" in row["what"] or "a second" in row["what"] for row in report["targets"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.nodb
def test_its_numbers_are_right_ones():
    for number in (0, 1, 42, 4_999_999, 9_999_999):
        assert normal_identifier(holdings.issn_of(number)) == holdings.issn_of(number)
        assert normal_identifier(holdings.isbn_of(number)) == holdings.isbn_of(number)
