from pathlib import Path

import pytest
from django.db import connection

from tests.guards import world as worlds

HERE = Path(__file__).parent
_ONCE = ("test_pages.py", "test_steps_by_role.py", "test_who_may_open.py")


def pytest_collection_modifyitems(items):
    """Who may open what, and what a page shows of what was typed, is no database's: once is enough."""
    if connection.vendor == "sqlite":
        return
    for item in items:
        if item.path.is_relative_to(HERE) and item.path.name in _ONCE:
            item.add_marker(pytest.mark.skip(reason="only on SQLite: who may open what is no database's"))


@pytest.fixture(scope="module")
def _world(django_db_setup, django_db_blocker):
    with worlds.built(django_db_blocker) as built:
        yield built


@pytest.fixture
def world(_world, db):
    """What a test changes is taken back; the world itself at the end of the module."""
    return _world
