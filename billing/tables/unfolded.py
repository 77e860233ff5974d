"""The rows of a sheet, written down one below the other. Pure.

A workbook can only be read as a whole: its texts stand apart from its rows, and all is packed. Who goes through a long
one piece by piece unfolds it once, and then reads only the piece. Each row is a line: its number, a tab, its cells as
JSON, a date as {"date": "2026-11-12"}.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, BinaryIO

# Begins with a control sign that no text has: what people send is never taken for one of ours.
_MARK = b"\x1erows\n"


def is_unfolded(head: bytes) -> bool:
    return head.startswith(_MARK)


def write(rows: Iterable[tuple[int, list[Any]]], file: BinaryIO) -> Iterator[tuple[int, list[Any]]]:
    """The rows as they come, each written on its way through."""
    file.write(_MARK)
    for number, cells in rows:
        file.write(b"%d\t%s\n" % (number, json.dumps(cells, default=_said, separators=(",", ":")).encode()))
        yield number, cells


def rows(file: BinaryIO, *, since: int = 0) -> Iterator[tuple[int, list[Any]]]:
    file.seek(len(_MARK))
    while line := file.readline():  # a file of Django's begins anew where one iterates over it
        number, _tab, cells = line.partition(b"\t")
        if int(number) >= since:
            yield int(number), json.loads(cells, object_hook=_meant)


def _said(cell: date) -> dict[str, str]:
    return {"time" if isinstance(cell, datetime) else "date": cell.isoformat()}


def _meant(said: dict[str, str]) -> date:
    return datetime.fromisoformat(said["time"]) if "time" in said else date.fromisoformat(said["date"])
