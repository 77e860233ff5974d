"""The history cannot be forged, not even by somebody with a database prompt of the application."""

import pytest
from django.db import DatabaseError, connection, transaction

from illdesk import actors, append_only, events
from illdesk.models import Event
from tests import factories as f

pytestmark = pytest.mark.django_db

UPDATE = "UPDATE illdesk_event SET name = 'forged' WHERE id = %s"
DELETE = "DELETE FROM illdesk_event WHERE id = %s"
REPLACE = (
    "INSERT OR REPLACE INTO illdesk_event (id, name, subject_kind, subject_id, actor_kind, data, at) "
    "VALUES (%s, 'forged', 'request', 1, 'clock', '{}', '2026-01-01')"
)
UPSERT = (
    "INSERT INTO illdesk_event (id, name, subject_kind, subject_id, actor_kind, data, at) "
    "VALUES (%s, 'forged', 'request', 1, 'clock', '{}', '2026-01-01') ON CONFLICT (id) DO UPDATE SET name = 'forged'"
)


@pytest.fixture
def event() -> Event:
    return events.record("request.note", subject=("request", 1), actor=actors.CLOCK, now=f.NOW)


def _refused(statement: str, event: Event) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [event.pk])
    event.refresh_from_db()
    assert event.name == "request.note"


@pytest.mark.parametrize("statement", [UPDATE, DELETE, UPSERT], ids=["update", "delete", "upsert"])
def test_the_database_refuses_to_change_history(event, statement):
    _refused(statement, event)


def test_the_database_refuses_to_replace_history(event):
    if connection.vendor != "sqlite":
        pytest.skip("only on SQLite there is INSERT OR REPLACE")
    _refused(REPLACE, event)


def test_the_orm_is_refused_too(event):
    event.name = "forged"
    for forge in (event.save, event.delete, lambda: Event.objects.all().update(name="forged")):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            forge()


def _drop() -> None:
    """What SQLite does silently when a migration alters a column of the table."""
    with connection.cursor() as cursor:
        for name in ("illdesk_event_no_update", "illdesk_event_no_delete"):
            cursor.execute(f"DROP TRIGGER {name}{' ON illdesk_event' if connection.vendor == 'postgresql' else ''}")


def test_triggers_that_a_migration_dropped_are_missed_and_come_back(event):
    assert append_only.missing() == []
    _drop()
    assert append_only.missing() == ["illdesk_event_no_update", "illdesk_event_no_delete"]
    append_only.install()
    assert append_only.missing() == []
    _refused(UPDATE, event)
    append_only.install()  # a second migrate finds them there


def test_every_migrate_puts_the_triggers_in(event):
    from django.core.management import call_command

    _drop()
    call_command("migrate", verbosity=0)
    _refused(DELETE, event)
