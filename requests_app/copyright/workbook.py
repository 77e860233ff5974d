"""The first sheet of an XLSX file as lines of text, read with bounds: files come from outside."""

import io
import re
import zipfile
from collections.abc import Iterator

from django.utils.translation import gettext as _
from lxml import etree

from illdesk.errors import BadAnswer

_MOST = 60 * 1024 * 1024  # unpacked
_XML = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def first_sheet(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """(line, cells). Raises BadAnswer for what is no such file."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            if sum(one.file_size for one in book.infolist()) > _MOST:
                raise BadAnswer(_("The file is too large when unpacked. Nothing was kept."), field="file")
            shared = _shared(book)
            sheet = _part(book, _first(book))
    except (zipfile.BadZipFile, KeyError, etree.XMLSyntaxError, ValueError, StopIteration, RuntimeError) as failure:
        raise BadAnswer(_("The file cannot be read as XLSX. Nothing was kept."), field="file") from failure
    for index, row in enumerate(sheet.iter(f"{_S}row"), 1):
        cells: list[str] = []
        for cell in row.iter(f"{_S}c"):
            place = _column(cell.get("r", "")) if cell.get("r") else len(cells)
            if place > 200:
                break
            cells += [""] * (place - len(cells)) + [_value(cell, shared)]
        line = row.get("r", "")
        yield (int(line) if line.isdecimal() else index), cells


def _part(book: zipfile.ZipFile, name: str):
    return etree.fromstring(book.read(name), _XML)


def _shared(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    return ["".join(text.text or "" for text in one.iter(f"{_S}t"))
            for one in _part(book, "xl/sharedStrings.xml").iter(f"{_S}si")]


def _first(book: zipfile.ZipFile) -> str:
    sheet = next(_part(book, "xl/workbook.xml").iter(f"{_S}sheet"))
    for one in _part(book, "xl/_rels/workbook.xml.rels"):
        if one.get("Id") == sheet.get(_R):
            target = one.get("Target", "").lstrip("/")
            return target if target.startswith("xl/") else f"xl/{target}"
    raise KeyError("sheet")


def _column(reference: str) -> int:
    """"C7" → 2"""
    place = 0
    for letter in re.match("[A-Z]{0,3}", reference)[0]:  # type: ignore[index]
        place = place * 26 + ord(letter) - 64
    return place - 1


def _value(cell, shared: list[str]) -> str:
    kind = cell.get("t", "")
    if kind == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{_S}t"))
    value = cell.findtext(f"{_S}v") or ""
    if kind == "s":
        return shared[int(value)] if value.isdecimal() and int(value) < len(shared) else ""
    if re.fullmatch(r"\d+\.0+", value):
        return value.partition(".")[0]
    return value
