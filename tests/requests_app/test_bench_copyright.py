"""The bench of copyright, small: query counts and the shape of what it prints; never seconds."""

import json

from tests.requests_app.test_bench_queue import bench


def test_prints_figures_and_targets_and_leaves_nothing(tmp_path):
    sizes = ["--records", "2000", "--small", "400", "--rounds", "1", "--decisions", "20"]
    race = ["--processes", "2", "--threads", "2", "--raced", "8"]
    done = bench("copyright", *sizes, *race, TMPDIR=str(tmp_path))
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    assert report["sizes"] == {"records": 2000, "small": 400, "rounds": 1, "decisions": 20}
    assert report["figures"]["most queries"] == {"small": 3, "large": 3}
    assert report["figures"]["race"] == {"requests": 8, "sent": 5, "places": 5, "explained": 3, "failed": 0}
    assert all(row["met"] or "ms" in row["what"] for row in report["targets"])
    assert list(tmp_path.iterdir()) == []
