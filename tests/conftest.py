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
    """After a transactional test only tables that have rows are emptied. Django's own way, TRUNCATE of all hundred and
    fifty and every receiver of post_migrate anew, took PostgreSQL some seconds for each of a hundred tests."""
    from django.test import TransactionTestCase

    clean = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda case: emptied()
    yield
    TransactionTestCase._fixture_teardown = clean


# What migrate puts in, and no test changes.
_KEPT = {"django_content_type", "auth_permission"}


def emptied() -> None:
    """Foreign keys are looked at when it is committed, so the order of tables does not matter. The triggers of
    append-only tables are lifted meanwhile."""
    from django.db import connection, transaction

    from illdesk import append_only
    from illdesk.accounts import roles

    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.django_table_names(only_existing=True)) - _KEPT)
        cursor.execute(" UNION ALL ".join(
            f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {quote(table)})" for table in tables))
        full = [row[0] for row in cursor.fetchall()]
        for name in append_only.names() if connection.vendor == "sqlite" else ():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        held = [quote(table) for table in append_only.TABLES if connection.vendor == "postgresql"]
        for table in held:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        try:
            with transaction.atomic():
                for table in full:
                    cursor.execute(f"DELETE FROM {quote(table)}")
        finally:
            for table in held:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    append_only.install()
    roles.sync_groups()
