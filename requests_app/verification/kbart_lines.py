"""Lines and cells of a KBART file, whatever encoding and quoting its provider chose. Pure.

The recommended practice wants UTF-8, tabs and no quotes. Spreadsheets put quotes around titles, and a title that
begins with a quote of its own must not swallow the lines that follow.
"""

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

# A line longer than this is no row: it is told and skipped, so that no file fills the memory.
LONGEST_LINE = 256 * 1024
# A quoted cell may go over so many lines; more is a quote that was never closed.
_QUOTED_OVER = 10
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Number of the line from 1, its text; None: longer than LONGEST_LINE.
Line = tuple[int, str | None]


class Lines:
    """Iterates over (number, text), and takes lines back that were looked at too early."""

    def __init__(self, source: Iterator[Line]):
        self._source, self._back = source, deque[Line]()

    def __iter__(self):
        return self

    def __next__(self) -> Line:
        return self._back.popleft() if self._back else next(self._source)

    def give_back(self, lines: list[Line]) -> None:
        self._back.extendleft(reversed(lines))


def open_lines(file: BinaryIO) -> tuple[Lines, str]:
    """The lines and the encoding as words: "utf-8", "utf-16-le" …, where lines without UTF-8 are read as
    Windows-1252, which has all of Latin-1's letters."""
    file.seek(0)
    head = file.read(4096)
    encoding, skip = "utf-8", 0
    for mark, name in _BOMS:
        if head.startswith(mark):
            encoding, skip = name, len(mark)
            break
    else:
        # Latin letters in UTF-16 without its mark: every other byte is nought.
        if len(head) > 1 and head[1::2].count(0) > len(head) // 4:
            encoding = "utf-16-le"
        elif len(head) > 1 and head[::2].count(0) > len(head) // 4:
            encoding = "utf-16-be"
    file.seek(skip)
    ends = b"\n" if b"\n" in head or b"\r" not in head else b"\r"
    raw = _raw(file, ends) if encoding == "utf-8" else _wide(file, encoding)
    return Lines(_decoded(raw, encoding)), encoding


def _raw(file: BinaryIO, ends: bytes) -> Iterator[bytes | None]:
    """Lines with their end. An old Macintosh ends them with a carriage return alone."""
    if ends == b"\n":
        while line := file.readline(LONGEST_LINE):
            if len(line) < LONGEST_LINE or line.endswith(b"\n"):
                yield line
                continue
            while line and not line.endswith(b"\n"):
                line = file.readline(LONGEST_LINE)
            yield None
        return
    yield from _cut(file, b"\r", 1)


def _wide(file: BinaryIO, encoding: str) -> Iterator[bytes | None]:
    yield from _cut(file, "\n".encode(encoding), 2)


def _cut(file: BinaryIO, end: bytes, width: int) -> Iterator[bytes | None]:
    """Cut at each `end` that begins at a letter of `width` bytes."""
    rest, lost = b"", False
    while piece := file.read(64 * 1024):
        rest, start = rest + piece, 0
        place = rest.find(end)
        while place >= 0:
            if (place - start) % width == 0:
                yield None if lost else rest[start : place + len(end)]
                lost, start = False, place + len(end)
                place = rest.find(end, start)
            else:
                place = rest.find(end, place + 1)
        rest = rest[start:]
        if len(rest) > LONGEST_LINE:
            lost, rest = True, rest[len(rest) - len(rest) % width :]
    if lost or rest:
        yield None if lost else rest


def _decoded(raw: Iterator[bytes | None], encoding: str) -> Iterator[Line]:
    for number, line in enumerate(raw, start=1):
        if line is None:
            yield number, None
            continue
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError:
            text = line.decode("cp1252" if encoding == "utf-8" else encoding, "replace")
        yield number, text.replace("\x00", "")  # PostgreSQL stores none


def cells(lines: Lines, delimiter: str, width: int) -> Iterator[tuple[int, list[str] | None, str]]:
    """(number of its first line, cells or None where it is too long, its text) for each row, blank lines left out.

    `width`: columns of the first line, by which a cell over several lines is told from a stray quote.
    """
    for number, text in lines:
        if text is None:
            yield number, None, ""
        elif '"' not in text:
            if text.strip():
                yield number, text.rstrip("\r\n").split(delimiter), text
        elif (values := _split(text, delimiter)) is not None:
            yield number, values, text
        else:
            values, whole = _over_lines(lines, text, delimiter, width)
            yield number, values, whole


def _over_lines(lines: Lines, text: str, delimiter: str, width: int) -> tuple[list[str], str]:
    taken: list[Line] = []
    whole = text
    for following in lines:
        taken.append(following)
        if following[1] is None or len(taken) > _QUOTED_OVER:
            break
        whole += following[1]
        values = _split(whole, delimiter)
        if values is not None and len(values) >= min(width, 2) and abs(len(values) - width) <= 1:
            return values, whole
    lines.give_back(taken)
    return [cell.strip().strip('"') for cell in text.rstrip("\r\n").split(delimiter)], text


def _split(text: str, delimiter: str) -> list[str] | None:
    """None where a quoted cell is still open at the end."""
    try:
        rows = list(csv.reader([text.rstrip("\r\n") + "\n"], delimiter=delimiter, strict=False))
    except csv.Error:  # a cell above the module's own limit
        return None
    # An open cell takes the end of the line into itself.
    if not rows or (rows[0] and rows[0][-1].endswith("\n")):
        return None
    return rows[0]
