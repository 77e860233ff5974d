"""The machine under the desk: room on the disk, size of the database, versions. Reads only."""

import platform
import shutil
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import django
from django.conf import settings
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _

# Less than this, and uploads and the database soon fail.
_LEAST_SHARE, _LEAST_BYTES = 0.05, 1024**3


@dataclass(frozen=True)
class Room:
    free: int
    total: int

    @property
    def scarce(self) -> bool:
        return self.free < max(_LEAST_BYTES, int(self.total * _LEAST_SHARE))


def room() -> Room:
    """On the disk that holds the desk's files."""
    folder = Path(settings.VAR)
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return Room(usage.free, usage.total)


def database_size() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return cursor.fetchone()[0]


def facts() -> list[tuple[str | Promise, str]]:
    """Label and value, for whoever looks after the machine."""
    now = room()
    return [
        (_("Disk"), _("%(free)s free of %(total)s") % {
            "free": filesizeformat(now.free), "total": filesizeformat(now.total)}),
        (_("Database"), f"{_database()}, {filesizeformat(database_size())}"),
        (_("Program"), ", ".join([
            f"ILL Desk {_own_version()}", f"Django {django.get_version()}", f"Python {platform.python_version()}",
        ])),
    ]


def _database() -> str:
    if connection.vendor == "postgresql":
        return f"PostgreSQL {connection.pg_version // 10000}"  # type: ignore[attr-defined]
    import sqlite3

    return f"SQLite {sqlite3.sqlite_version}"


def _own_version() -> str:
    try:
        return version("illdesk")
    except PackageNotFoundError:  # run from its folder, as it is
        import tomllib

        file = Path(settings.BASE_DIR) / "pyproject.toml"
        return tomllib.loads(file.read_text())["project"]["version"] if file.exists() else "?"
