"""Lists for a spreadsheet: CSV that is sent while it is read, XLSX that is written beside the disk's cache.

A cell is only ever text, a number or a date: what begins like a formula gets an apostrophe in front, since
titles and names arrive from strangers and a spreadsheet would run them.
"""

import csv as _csv
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from django.http import FileResponse, Http404, StreamingHttpResponse
from django.utils import translation

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST = 32_000  # a cell of XLSX holds 32,767 signs
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def cell(value: Any) -> Any:
    """As it may stand in a cell."""
    if value is None:
        return ""
    if isinstance(value, (bool, int, float, Decimal, date)):
        return value
    text = "".join(sign for sign in str(value)[:_LONGEST] if sign >= " " or sign in "\t\n")
    return f"'{text}" if text.lstrip().startswith(_BEGINS_A_FORMULA) or text.startswith(_BEGINS_A_FORMULA) else text


def file(
    form: str, name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse | FileResponse:
    """As the address names it: "csv" or "xlsx"; there is no other."""
    if form not in ("csv", "xlsx"):
        raise Http404
    return (csv if form == "csv" else xlsx)(name, head, rows)


def csv(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """UTF-8 with a byte order mark, without which the usual program takes it for Latin 1."""
    lines = _lines(head, _in(translation.get_language(), rows))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


Sheet = tuple[str, Sequence[str], Iterable[Sequence[Any]]]


def xlsx(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> FileResponse:
    """Row by row into a file: the length of the list costs no memory."""
    return book(name, [("", head, rows)])


def book(name: str, sheets: Sequence[Sheet]) -> FileResponse:
    """Several lists as sheets (name, head, rows) of one workbook."""
    file = workbook(sheets)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX_TYPE)


def workbook(sheets: Sequence[Sheet]) -> IO[bytes]:
    """The file itself, at its beginning; who takes it closes it."""
    import xlsxwriter

    file = tempfile.TemporaryFile(prefix="illdesk-")  # noqa: SIM115 - whoever sends it closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        bold = book.add_format({"bold": True})
        formats = {date: book.add_format({"num_format": "yyyy-mm-dd"}),
                   datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"})}
        for title, head, rows in sheets:
            sheet = book.add_worksheet(_sheet_name(title) or None)
            sheet.freeze_panes(1, 0)
            for place, words in enumerate(head):
                sheet.set_column(place, place, max(12, min(len(words) + 4, 40)))
            for place, words in enumerate(head):
                sheet.write_string(0, place, str(words), bold)
            for line, row in enumerate(rows, start=1):
                for place, value in enumerate(row):
                    _write(sheet, line, place, cell(value), formats)
    file.seek(0)
    return file


def _sheet_name(words: str) -> str:
    """A sheet's name has at most 31 signs, and none of these."""
    return re.sub(r"[\[\]:*?/\\']", " ", str(words))[:31]


def _write(sheet, line: int, place: int, value: Any, formats: dict) -> None:
    if isinstance(value, date):
        sheet.write_datetime(line, place, value, formats[type(value)])
    elif isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        sheet.write_number(line, place, value)
    else:
        sheet.write_string(line, place, str(value))


def _in(language: str | None, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """A list is sent while it is read: by then the page's language has gone again."""
    reader = iter(rows)
    while True:
        with translation.override(language):
            row = next(reader, None)
        if row is None:
            return
        yield row


class _Line:
    """What csv writes, handed back instead of kept."""

    def write(self, text: str) -> str:
        return text


def _lines(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    writer = _csv.writer(_Line())
    yield b"\xef\xbb\xbf" + writer.writerow([cell(words) for words in head]).encode()
    for row in rows:
        yield writer.writerow([_shown(cell(value)) for value in row]).encode("utf-8", "replace")


def _shown(value: Any) -> Any:
    return value.isoformat(" ", "minutes") if isinstance(value, datetime) else value
