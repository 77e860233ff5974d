"""Workbooks (XLSX, ODS; XLS where it is taken): sheets as a spreadsheet shows them. Pure.

Formulas count by the value the sender's spreadsheet computed and stored. Macros, passwords and bombs are refused
before anything is opened.
"""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

import python_calamine as calamine

from billing.tables.refused import Refused

MOST_BYTES = 400 * 1024 * 1024  # unpacked; a hundred thousand lines take about 60 MB
_MOST_COLUMNS = 200
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PASSWORD = "EncryptedPackage".encode("utf-16-le")
_OLD_MACROS = "_VBA_PROJECT".encode("utf-16-le")


def is_workbook(head: bytes) -> bool:
    return head[:4] == b"PK\x03\x04" or head[:8] == _OLE


def check(file: BinaryIO, *, old: bool = False) -> None:
    """Raises Refused for what must not be opened. `old`: workbooks of the old kind (XLS) are taken."""
    file.seek(0)
    head = file.read(8)
    if head == _OLE:
        return _check_old(file, old)
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as book:
            names = book.namelist()
            if any(name.lower().endswith(("vbaproject.bin", ".xlm")) or "macrosheets/" in name.lower()
                   for name in names) or _says_macros(book, names):
                raise Refused("macros")
            if any(one.flag_bits & 1 for one in book.infolist()):
                raise Refused("password")
            _unpacked(book)
            if "xl/workbook.xml" not in names and "content.xml" not in names:
                raise Refused("broken", "xl/workbook.xml")
    except Refused:
        raise
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as why:
        raise Refused("broken", str(why)[:80]) from why
    except Exception as why:  # zlib.error and its like: a damaged part
        raise Refused("broken", type(why).__name__) from why


def _check_old(file: BinaryIO, old: bool) -> None:
    """Names of an OLE file's streams stand in it as they are."""
    file.seek(0)
    seen, rest = set(), b""
    while piece := file.read(1024 * 1024):
        seen |= {name for name in (_PASSWORD, _OLD_MACROS) if name in rest + piece}
        rest = piece[-64:]
    if _PASSWORD in seen:
        raise Refused("password")
    if not old:
        raise Refused("old_excel")
    if _OLD_MACROS in seen:
        raise Refused("macros")


def _says_macros(book: zipfile.ZipFile, names: list[str]) -> bool:
    if "[Content_Types].xml" not in names:
        return False
    with book.open("[Content_Types].xml") as part:
        return b"macroEnabled" in part.read(1024 * 1024)


def _unpacked(book: zipfile.ZipFile) -> None:
    """What a part claims to be may be a lie: all of it is unpacked once, piece by piece, and counted."""
    if sum(one.file_size for one in book.infolist()) > MOST_BYTES:
        raise Refused("bomb")
    total = 0
    for one in book.infolist():
        with book.open(one) as part:
            while piece := part.read(1024 * 1024):
                total += len(piece)
                if total > MOST_BYTES:
                    raise Refused("bomb")


class Book:
    """A workbook, opened once. `shown` sheets can be read; `hidden` are ignored, and that is said."""

    def __init__(self, file: BinaryIO):
        """Raises Refused."""
        file.seek(0)
        try:
            self._book = calamine.CalamineWorkbook.from_filelike(file)
        except Exception as why:  # calamine's own errors have no common kind
            raise Refused("broken", str(why)[:80]) from why
        visible = calamine.SheetVisibleEnum.Visible
        work = [one for one in self._book.sheets_metadata if one.typ == calamine.SheetTypeEnum.WorkSheet]
        self.shown = tuple(one.name for one in work if one.visible == visible)
        self.hidden = tuple(one.name for one in work if one.visible != visible)

    def rows(self, sheet: str) -> Iterator[tuple[int, list[Any]]]:
        """(number of the row, its cells: texts, numbers, dates); empty rows are left out. Raises Refused."""
        try:
            found = self._book.get_sheet_by_name(sheet)
            for place, row in enumerate(found.iter_rows(), start=1):
                cells = [_cell(value) for value in row[:_MOST_COLUMNS]]
                if any(cell != "" for cell in cells):
                    yield place, cells
        except Refused:
            raise
        except Exception as why:
            raise Refused("broken", str(why)[:80]) from why

    def height(self, sheet: str) -> int:
        """How far down it is used. Raises Refused."""
        try:
            return self._book.get_sheet_by_name(sheet).total_height
        except Exception as why:
            raise Refused("broken", str(why)[:80]) from why


def _cell(value: Any) -> Any:
    if isinstance(value, str):  # most are
        return value.strip()
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if isinstance(value, (date, int, float)) and not isinstance(value, bool):
        return value
    if isinstance(value, (bool, time, timedelta)):
        return str(value)
    return str(value).strip() if value is not None else ""
