"""From bytes of strangers to an XML tree, safely: no DTD, no entities, no network, bounded size."""

import codecs
import re

from lxml import etree

from .values import without_forbidden

# The endpoint refuses larger bodies with 413 before reading them; the codec holds the same line for
# everything else that comes through it. Real messages have a few kilobytes.
MAX_BYTES = 1024 * 1024
MAX_ELEMENTS = 20_000

_CODECS = {
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    "us-ascii": "utf-8-sig",
    "ascii": "utf-8-sig",
    # Bytes that begin with an ASCII "<" are no UTF-16, whatever they declare: .NET programs serialise to a
    # string, which declares utf-16, and send it as UTF-8.
    "utf-16": "utf-8-sig",
    "iso-8859-1": "iso-8859-1",
    "latin1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    "windows-1252": "cp1252",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARED = re.compile(rb"""\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_DECLARATION = re.compile(r"\s*<\?xml\s[^>]{0,300}\?>")


class Unreadable(ValueError):
    """The bytes are no ISO 18626 message; the sentence says why."""


def codec_of(body: bytes) -> str:
    """The Python codec for the body, by its first bytes and its XML declaration."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return codec
    declared = _DECLARED.match(body[:400])
    if declared is None:
        return "utf-8-sig"
    name = declared[1].decode("ascii").lower()
    if name not in _CODECS:
        raise Unreadable(f"The XML declares the encoding {name}, which is not read here.")
    return _CODECS[name]


def root_of(body: bytes) -> etree._Element:
    """The root of the document; comments and processing instructions are left out. Raises `Unreadable`."""
    if len(body) > MAX_BYTES:
        raise Unreadable(f"The message has {len(body)} bytes; at most {MAX_BYTES} are read.")
    if not body.strip():
        raise Unreadable("The message is empty.")
    codec = codec_of(body)
    try:
        return root_of_text(body.decode(codec))
    except UnicodeDecodeError as error:
        raise Unreadable(f"The message is not in its encoding: byte {error.start} is no {codec}.") from error


def root_of_text(text: str) -> etree._Element:
    text = _DECLARATION.sub("", text.lstrip("\ufeff"), count=1).strip(" \t\r\n")
    if _has_doctype(text):
        raise Unreadable("The XML has a DOCTYPE; such documents are refused.")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,  # keeps the parser's own limit on depth (256) and text (10 MB)
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.LxmlError, ValueError) as error:
        reason = without_forbidden(str(error))[:200]
        raise Unreadable(f"The message is not well-formed XML: {reason}") from error
    if root.getroottree().docinfo.internalDTD is not None:  # what the look at the prolog may have missed
        raise Unreadable("The XML has a DOCTYPE; such documents are refused.")
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise Unreadable(f"The message has more than {MAX_ELEMENTS} elements.")
    return root


def _has_doctype(text: str) -> bool:
    """Looks through the prolog before the parser sees it, since a parser would already act on the DTD."""
    place = 0
    while True:
        while text[place : place + 1].isspace():
            place += 1
        ends = {"<?": "?>", "<!--": "-->"}
        end = next((end for start, end in ends.items() if text.startswith(start, place)), None)
        if end is None:
            return text.startswith("<!DOCTYPE", place)
        found = text.find(end, place + 2)
        if found < 0:
            return False
        place = found + len(end)
