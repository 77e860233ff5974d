"""The bench of invoices, small: that it runs, and that more lines ask no more often; never seconds."""

import csv
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.bench import invoices
from tests.requests_app.test_bench_queue import bench


def test_prints_figures_and_targets_and_leaves_nothing(tmp_path):
    done = bench("invoices", "--lines", "200", TMPDIR=str(tmp_path))
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    assert report["sizes"] == {"lines": 200} and report["figures"]["matched"] >= 170
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_a_slice_of_many_lines_asks_as_often_as_one_of_few(tmp_path):
    counts = []
    for many in (20, 200):
        path = tmp_path / f"{many}.csv"
        if not counts:
            invoices.fill(lines=200, path=str(tmp_path / "all.csv"))
        rows = (tmp_path / "all.csv").read_text().splitlines()[: many + 1]
        path.write_text("\n".join(rows))
        with CaptureQueriesContext(connection) as seen:
            invoices.enter(path=str(path))
        counts.append(sum(query["sql"].startswith("SELECT") for query in seen))
        from billing.payables.models import PayableFile, PayableInvoice, PayableLine

        assert len(list(csv.reader(rows))) == many + 1 and PayableLine.objects.count() == many
        PayableLine.objects.all().delete()
        PayableInvoice.objects.all().delete()
        PayableFile.objects.all().delete()
    assert counts[1] <= counts[0] + 2
