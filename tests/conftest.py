import os

import pytest

# .ci/run installs every program that tests use, so that a skip there hides a test: it is a failure.
# Left out on purpose on one of the two databases is another matter; its reason begins with "only on".
NO_SKIPS = os.environ.get("ILLDESK_NO_SKIPS") == "1"


def _refuse_skip(report):
    if NO_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        why = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        if not why.removeprefix("Skipped: ").lower().startswith("only on "):
            report.outcome = "failed"
            report.longrepr = f"{why}\nILLDESK_NO_SKIPS=1: nothing may be skipped here."
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    return _refuse_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    return _refuse_skip((yield))
