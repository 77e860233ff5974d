"""Workbooks (XLSX, ODS): the sheet with the lines, as a spreadsheet shows it. Pure.

Formulas count by the value the sender's spreadsheet computed and stored. Macros, passwords and bombs are refused
before anything is opened.
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

import python_calamine as calamine

MOST_BYTES = 400 * 1024 * 1024  # unpacked; a hundred thousand lines take about 60 MB
_MOST_COLUMNS = 200
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PASSWORD = "EncryptedPackage".encode("utf-16-le")


class Refused(ValueError):
    """The file as a whole is not read. `code`: of `payables.words.REFUSALS`."""

    def __init__(self, code: str, about: str = ""):
        super().__init__(f"{code} {about}".strip())
        self.code, self.about = code, about


@dataclass(frozen=True)
class Sheets:
    """`shown` can be read; `hidden` are ignored, and that is said."""

    shown: tuple[str, ...]
    hidden: tuple[str, ...]


def is_workbook(head: bytes) -> bool:
    return head[:4] == b"PK\x03\x04" or head[:8] == _OLE


def check(file: BinaryIO) -> None:
    """Raises Refused for what must not be opened."""
    file.seek(0)
    head = file.read(8)
    if head == _OLE:
        file.seek(0)
        raise Refused("password" if _PASSWORD in file.read(1024 * 1024) else "old_excel")
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


def _open(file: BinaryIO) -> "calamine.CalamineWorkbook":
    file.seek(0)
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(file.read()))
    except Exception as why:  # calamine's own errors have no common kind
        raise Refused("broken", str(why)[:80]) from why


def sheets(file: BinaryIO) -> Sheets:
    book = _open(file)
    visible = calamine.SheetVisibleEnum.Visible
    work = [one for one in book.sheets_metadata if one.typ == calamine.SheetTypeEnum.WorkSheet]
    return Sheets(tuple(one.name for one in work if one.visible == visible),
                  tuple(one.name for one in work if one.visible != visible))


def rows(file: BinaryIO, sheet: str) -> Iterator[tuple[int, list[Any]]]:
    """(number of the row, its cells: texts, numbers, dates); empty rows are left out."""
    try:
        found = _open(file).get_sheet_by_name(sheet)
        for place, row in enumerate(found.iter_rows(), start=1):
            cells = [_cell(value) for value in row[:_MOST_COLUMNS]]
            if any(cell != "" for cell in cells):
                yield place, cells
    except Refused:
        raise
    except Exception as why:
        raise Refused("broken", str(why)[:80]) from why


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if isinstance(value, (date, int, float)) and not isinstance(value, bool):
        return value
    if isinstance(value, (bool, time, timedelta)):
        return str(value)
    return str(value).strip() if value is not None else ""
