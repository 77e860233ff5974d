"""The database itself refuses to change or delete what is append-only (events, later ledger entries).

Triggers are put in after every migrate, because SQLite drops them silently when a later AlterField
rebuilds the table; `illdesk/checks.py` looks whether they are there.
"""

from django.db import connections

TABLES = ["illdesk_event"]

_SQLITE = """
CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION illdesk_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
_POSTGRES = """
CREATE OR REPLACE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
FOR EACH ROW EXECUTE FUNCTION illdesk_append_only()
"""


def names() -> list[str]:
    return [f"{table}_no_{verb}" for table in TABLES for verb in ("update", "delete")]


def install(*, using: str = "default", **kwargs) -> None:
    """Put the triggers in where they are missing; a receiver of post_migrate."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRES_FUNCTION)
        template = _POSTGRES if connection.vendor == "postgresql" else _SQLITE
        for table in TABLES:
            if table in tables:
                for verb in ("update", "delete"):
                    cursor.execute(template.format(table=table, verb=verb, VERB=verb.upper()))


def missing(*, using: str = "default") -> list[str]:
    """Names of triggers that should be there and are not."""
    connection = connections[using]
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        have = {row[0] for row in cursor.fetchall()}
    return [name for name in names() if name not in have]
