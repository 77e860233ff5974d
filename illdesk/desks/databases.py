"""The databases of two desks on one server: their addresses, and making the missing ones."""

import os.path
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from illdesk.errors import DeskError

POSTGRESQL = ("postgres", "postgresql", "psql", "pgsql")


class CannotStart(DeskError):
    """The desks do not run; the sentence says why and what to do."""


def address(desk: str, url: str) -> str:
    """DATABASE_URL of one desk: the first desk has the user's own, the others their name behind it."""
    scheme = url.partition(":")[0]
    if scheme not in (*POSTGRESQL, "sqlite"):
        raise CannotStart(f"DATABASE_URL begins with {scheme}:; ILL Desk knows postgres:// and sqlite:///.")
    if scheme != "sqlite" and not urlsplit(url).path.strip("/"):
        raise CannotStart("DATABASE_URL names no database; its form is postgres://user:password@host/name.")
    if desk == "a":
        return url
    head, mark, options = url.partition("?")
    stem, ending = os.path.splitext(head) if scheme == "sqlite" else (head, "")
    return f"{stem}_{desk}{ending}{mark}{options}"


def make_and_look(url: str) -> bool:
    """Make the database when it is missing; whether it was migrated before."""
    if url.startswith("sqlite:"):
        file = Path(unquote(url.partition("?")[0].removeprefix("sqlite:///")))
        return file.exists() and file.stat().st_size > 0
    import psycopg2  # only who uses PostgreSQL waits for it
    from psycopg2 import sql

    name = unquote(urlsplit(url).path.strip("/"))
    try:
        return _has_tables(url, name)
    except psycopg2.OperationalError as refused:
        # Why it was refused stands in words alone, in the server's language: look whether it exists.
        try:
            with closing(_connect(url, "postgres")) as connection:
                missing = not _exists(connection, name)
        except psycopg2.OperationalError:
            missing = False
        if not missing:
            raise CannotStart(f"PostgreSQL does not let us in: {_first_line(refused)}.") from refused
    try:
        with closing(_connect(url, "postgres")) as connection:
            connection.autocommit = True  # CREATE DATABASE cannot run inside a transaction
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg2.errors.DuplicateDatabase:
        pass
    except psycopg2.Error as error:
        raise CannotStart(
            f'The database "{name}" is missing and could not be made ({_first_line(error)}). '
            f"Ask whoever runs the server to make it: createdb --owner <user> {name}"
        ) from error
    return False


def _exists(connection, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone()[0] > 0


def _connect(url: str, name: str):
    import psycopg2

    parts = urlsplit(url)
    return psycopg2.connect(
        host=unquote(parts.hostname or "") or None,
        port=parts.port,
        user=unquote(parts.username or "") or None,
        password=unquote(parts.password or "") or None,
        dbname=name,
        connect_timeout=10,
        **{key: value for key, value in parse_qsl(parts.query) if key.startswith("ssl")},
    )


def _has_tables(url: str, name: str) -> bool:
    with closing(_connect(url, name)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        return cursor.fetchone()[0]


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
