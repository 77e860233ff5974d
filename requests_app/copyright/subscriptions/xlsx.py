"""The first sheet of an XLSX workbook as rows of texts: what a spreadsheet shows, without formats. Pure.

ECMA-376: a zip with xl/workbook.xml, its sheets, and texts that are shared in xl/sharedStrings.xml.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator

from lxml import etree

# A few kilobytes of a zip may claim gigabytes: a part above this is not opened.
MOST_BYTES = 200 * 1024 * 1024
_MOST_COLUMNS = 200
_REF = re.compile(r"([A-Z]{1,3})\d+$")


class NotReadable(ValueError):
    """Not a workbook, or none that we open."""


def rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """(number of the row, its cells); empty rows are left out. Raises NotReadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            shared = _shared(book) if "xl/sharedStrings.xml" in book.namelist() else []
            yield from _rows(_part(book, _first_sheet(book)), shared)
    except (zipfile.BadZipFile, etree.XMLSyntaxError, KeyError, ValueError, NotImplementedError, RuntimeError) as why:
        raise NotReadable(str(why)[:100]) from why


def _part(book: zipfile.ZipFile, name: str) -> bytes:
    if book.getinfo(name).file_size > MOST_BYTES:
        raise NotReadable(f"{name} is too large")
    with book.open(name) as part:
        found = part.read(MOST_BYTES + 1)
    if len(found) > MOST_BYTES:
        raise NotReadable(f"{name} is too large")
    return found


def _elements(data: bytes, name: str) -> Iterator[etree._Element]:
    """Each is emptied once it was looked at; nothing outside of the file is fetched, no entity replaced."""
    for _event, element in etree.iterparse(
        io.BytesIO(data), tag="{*}" + name, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    ):
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _first_sheet(book: zipfile.ZipFile) -> str:
    links = {
        one.get("Id"): one.get("Target", "") for one in etree.fromstring(
            _part(book, "xl/_rels/workbook.xml.rels"), etree.XMLParser(resolve_entities=False, no_network=True)
        )
    }
    for sheet in _elements(_part(book, "xl/workbook.xml"), "sheet"):
        key = next((str(value) for name, value in sheet.items() if str(name).endswith("}id")), "")
        target = str(links.get(key) or "")
        return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
    raise NotReadable("no sheet")


def _shared(book: zipfile.ZipFile) -> list[str]:
    return [_text(one) for one in _elements(_part(book, "xl/sharedStrings.xml"), "si")]


def _text(element: etree._Element) -> str:
    """Of runs with different formats all; how it is read aloud (rPh) is left out."""
    return "".join(
        node.text or "" for node in element.iter("{*}t")
        if not any(etree.QName(above).localname == "rPh" for above in node.iterancestors())
    )


def _rows(data: bytes, shared: list[str]) -> Iterator[tuple[int, list[str]]]:
    for place, row in enumerate(_elements(data, "row"), start=1):
        cells: list[str] = []
        for cell in row.iterchildren("{*}c"):
            column = _column(cell.get("r", ""), len(cells))
            if column >= _MOST_COLUMNS:
                break
            cells += [""] * (column - len(cells) + 1)
            cells[column] = _cell(cell, shared)
        if any(text.strip() for text in cells):
            number = row.get("r", "")
            yield int(number) if number.isascii() and number.isdigit() and len(number) < 9 else place, cells


def _column(ref: str, after: int) -> int:
    found = _REF.match(ref)
    if not found:
        return after
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - 64
    return max(number - 1, 0)


def _cell(cell: etree._Element, shared: list[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text(cell)
    value = cell.find("{*}v")
    text = value.text or "" if value is not None else ""
    if kind == "s":
        return shared[int(text)] if text.isdigit() and int(text) < len(shared) else ""
    if kind == "e":
        return ""
    return text.removesuffix(".0") if kind == "n" else text
