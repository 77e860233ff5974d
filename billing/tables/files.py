"""A file of rows, whatever it is: a workbook, text with delimiters, or one that we unfolded before. Pure."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from billing.tables import csv_file, unfolded, workbooks
from billing.tables.refused import Refused

Row = tuple[int, list[Any]]


def is_workbook(file: BinaryIO) -> bool:
    file.seek(0)
    return workbooks.is_workbook(file.read(8))


def opened(file: BinaryIO, *, old: bool = False) -> workbooks.Book | None:
    """A workbook with a sheet to read, looked through before it is opened; None for what is none. `old`: XLS are
    taken. Raises Refused for what is refused unread."""
    file.seek(0)
    if not file.read(1):
        raise Refused("empty")
    if not is_workbook(file):
        return None
    workbooks.check(file, old=old)
    book = workbooks.Book(file)
    if not book.shown:
        raise Refused("no_sheet")
    return book


def rows(file: BinaryIO, sheet: str = "", *, since: int = 0) -> Iterator[Row]:
    """(number of the row, its cells: texts, of a workbook also numbers and dates); what is empty is left out. A row
    too long to be one has the one cell `csv_file.TOO_LONG`. `since`: rows before this one are passed over.
    Raises Refused."""
    file.seek(0)
    head = file.read(8)
    if unfolded.is_unfolded(head):
        return unfolded.rows(file, since=since)
    found = workbooks.Book(file).rows(sheet) if workbooks.is_workbook(head) else csv_file.rows(file)
    return (row for row in found if row[0] >= since) if since else found
