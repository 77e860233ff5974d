"""CSV and TSV in the encodings and with the delimiters that people send. Pure; row by row."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO

from requests_app.verification import kbart_lines

DELIMITERS = (",", ";", "\t", "|")
TOO_LONG = "\x00too long"  # the one cell of a row that is too long to be one
_LOOKED_AT = 60


def rows(file: BinaryIO) -> Iterator[tuple[int, list[Any]]]:
    """(number of the line, cells as texts). Blank lines are left out; an apostrophe before a formula is taken off."""
    lines, _encoding = kbart_lines.open_lines(file)
    first = []
    for number, text in lines:
        first.append((number, text))
        if len(first) >= _LOOKED_AT:
            break
    texts = [text for _number, text in first if text and text.strip()]
    said = re.fullmatch(r"sep=(.)\s*", texts[0]) if texts else None  # as Excel writes for itself
    delimiter = said[1] if said else delimiter_of(texts)
    lines.give_back(first[1:] if said else first)
    for number, cells, _text in kbart_lines.cells(lines, delimiter, _width(texts, delimiter)):
        if cells is None:
            yield number, [TOO_LONG]
        elif any(plain := [_plain(cell) for cell in cells]):
            yield number, plain


def delimiter_of(texts: list[str]) -> str:
    """The one that cuts most rows into the same number of columns, more than one."""
    best, found = (0, 0), ","
    for delimiter in DELIMITERS:
        counts = Counter(_bare(text).count(delimiter) for text in texts)
        counts.pop(0, None)
        if counts:
            columns, often = max(counts.items(), key=lambda pair: (pair[1], pair[0]))
            best, found = max(((often, columns), delimiter), (best, found), key=lambda pair: pair[0])
    return found


def _bare(text: str) -> str:
    """Without what stands in quotes: "1,234.56" has no comma that cuts."""
    return re.sub(r'"[^"]*"', '""', text)


def _width(texts: list[str], delimiter: str) -> int:
    return max((_bare(text).count(delimiter) + 1 for text in texts), default=1)


def _plain(cell: str) -> str:
    if not (cell := cell.strip().strip("\ufeff")):
        return ""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def is_text(content: bytes) -> bool:
    """A table as text, in whatever encoding: UTF-16 has noughts in every other byte, Latin-1 no control signs."""
    head = content[:64 * 1024]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    if len(head) > 1 and (head[1::2].count(0) > len(head) // 4 or head[::2].count(0) > len(head) // 4):
        return not any(byte and byte < 9 for byte in head)
    return not any(byte < 9 or 13 < byte < 26 or 27 < byte < 32 for byte in head)
