import gc
import os
from pathlib import Path

import pytest

# .ci/run installs every program that tests use, so that a skip there hides a test: it is a failure.
# Two reasons are another matter: "only on …" (one of the two databases), and samples that are "not here"
# where the whole folder of samples is missing.
SAMPLES = Path(os.environ.get("ILLDESK_SAMPLES") or Path(__file__).resolve().parents[2] / "shared" / "data")
NO_SKIPS = os.environ.get("ILLDESK_NO_SKIPS") == "1"


def _may_be_left_out(why: str) -> bool:
    return why.startswith("only on ") or (why.endswith("not here") and not SAMPLES.is_dir())


def _refuse_skip(report):
    if NO_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        why = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        if not _may_be_left_out(why.removeprefix("Skipped: ")):
            report.outcome = "failed"
            report.longrepr = f"{why}\nILLDESK_NO_SKIPS=1: nothing may be skipped here."
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    return _refuse_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    return _refuse_skip((yield))


def pytest_collection_finish() -> None:
    """Nine thousand tests stay for the whole run: nothing of them is looked at by every collection of garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _no_search_for_static_files() -> None:
    """A test client loads all middleware anew, and WhiteNoise would look through every folder of static files each
    time: half of what a page costs here. So it looks for a file when one is asked for."""
    from django.conf import settings

    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """On SQLite a transactional test is cleaned by DELETE, which the append-only triggers refuse: lift them.

    `flush` ends with post_migrate, which puts them in again. PostgreSQL is cleaned by TRUNCATE.
    """
    from django.db import connection
    from django.test import TransactionTestCase

    from illdesk import append_only

    clean = TransactionTestCase._fixture_teardown

    def lifted(case):
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                for trigger in append_only.names():
                    cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        clean(case)

    TransactionTestCase._fixture_teardown = lifted
    yield
    TransactionTestCase._fixture_teardown = clean
