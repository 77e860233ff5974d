"""One long-lived pair of desks for each stack: SQLite with the embedded broker; PostgreSQL with Redis."""

import json
import os
from pathlib import Path

import pytest

from illdesk.desks import Desks
from tests.ports import free_ports
from tests.walks.people import Person

ROOT = Path(__file__).resolve().parents[2]
ACCOUNTS = {row["username"]: row for row in json.loads((ROOT / "illdesk" / "demo_accounts.json").read_text())}


def start(stack: str, folder: Path) -> Desks:
    """Two desks on this stack, stopped with `stop()`."""
    if stack == "sqlite":
        extra = {"DATABASE_URL": "", "REDIS_URL": ""}
    else:
        database, redis = os.environ.get("TEST_DATABASE_URL", ""), os.environ.get("TEST_REDIS_URL", "")
        if not (database and redis):
            pytest.skip("TEST_DATABASE_URL and TEST_REDIS_URL are not set")
        server, _slash, name = database.rpartition("/")
        extra = {"DATABASE_URL": f"{server}/{name}_walk_{os.getpid()}", "REDIS_URL": redis}
    desks = Desks(ROOT, free_ports(), folder / "var", extra)
    desks.start()
    return desks


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def desks(request, tmp_path_factory):
    pair = start(request.param, tmp_path_factory.mktemp(request.param))
    yield pair
    pair.stop()


@pytest.fixture(scope="session")
def people(desks):
    """people("a", "borrowing"): that person's session, signed in once."""
    known: dict[tuple[str, str], Person] = {}

    def person(desk: str, username: str) -> Person:
        if (desk, username) not in known:
            account = ACCOUNTS[username]
            known[desk, username] = Person(desks.url(desk), account["username"], account["password"])
        return known[desk, username]

    return person
