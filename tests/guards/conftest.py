import pytest

from tests.guards import world as worlds


@pytest.fixture(scope="module")
def _world(django_db_setup, django_db_blocker):
    with worlds.built(django_db_blocker) as built:
        yield built


@pytest.fixture
def world(_world, db):
    """What a test changes is taken back; the world itself at the end of the module."""
    return _world
