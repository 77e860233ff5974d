"""Bytes and XML into Marc, however broken they come. Pure.

ISO 2709 is read by its terminators, not by the lengths in its directory: many systems count those in characters
instead of bytes, or no longer fit since somebody converted the text.
"""

import re
import unicodedata
from collections.abc import Iterator

from lxml import etree
from pymarc.marc8 import marc8_to_unicode

from requests_app.verification.marc.fields import Field, Marc

_RECORD_END, _FIELD_END, _PART = b"\x1d", b"\x1e", b"\x1f"
_LEADER = 24
# Begin and end of what is passed over in sorting ("The "): MARC-8 and Unicode.
_NO_TEXT = {code: None for code in (*range(0x20), 0x7F, 0x88, 0x89, 0x98, 0x9C) if code not in (0x09, 0x0A, 0x0D)}
_MOST_RECORDS = 200
_CJK_IN_MARC8 = re.compile(rb"\x1b\$.*?(?:\x1b\(B|\Z)", re.DOTALL)


def from_bytes(data: bytes, *, encoding: str = "") -> list[Marc]:
    """ISO 2709, one record or many. `encoding`: of what is not UTF-8; '' is MARC-8."""
    found = []
    for part in data.split(_RECORD_END)[:_MOST_RECORDS]:
        marc = _from_iso2709(part.lstrip(b"\r\n \0"), encoding)
        if marc:
            found.append(marc)
    return found


def _from_iso2709(data: bytes, encoding: str) -> Marc | None:
    if len(data) <= _LEADER:
        return None
    leader = data[:_LEADER].decode("latin-1")
    directory, _end, rest = data[_LEADER:].partition(_FIELD_END)
    tags = [directory[at : at + 3].decode("latin-1") for at in range(0, len(directory) - 2, 12)]
    text = decoder(data, utf8=leader[9] == "a", encoding=encoding)
    fields = [_field(tag, body, text) for tag, body in zip(tags, rest.split(_FIELD_END), strict=False) if body]
    return Marc(leader, tuple(fields)) if fields else None


def _field(tag: str, body: bytes, text) -> Field:
    if _PART not in body:  # positions count in control fields: their blanks stay
        return Field(tag, "  ", body.decode("utf-8", "replace").translate(_NO_TEXT))
    marks, *parts = body.split(_PART)
    return Field(tag, (marks.decode("latin-1") + "  ")[:2], "", tuple(
        _part(part, text, first=place == 0) for place, part in enumerate(parts) if part
    ))


def _part(part: bytes, text, *, first: bool) -> tuple[str, str]:
    """Stray bytes may stand before the code or in its place: then it was an "a", where it comes first."""
    code = part[:1].decode("latin-1")
    if code.isascii():
        return code, text(part[1:])
    rest = part.lstrip(bytes(range(0x80, 0x100)))
    if rest[:1].islower() or rest[:1].isdigit():
        return rest[:1].decode("ascii"), text(rest[1:])
    return "a" if first else "", text(rest)


def decoder(data: bytes, *, utf8: bool, encoding: str):
    """How the texts of this record are read: many a record says one thing in its leader and is another."""
    if is_utf8(data) or (utf8 and not encoding and _mostly_utf8(data)):
        return lambda part: tidy(part.decode("utf-8", "replace"))
    if encoding and encoding.lower().replace("-", "") not in ("marc8", "ansel"):
        return lambda part: tidy(_decoded(part, encoding))
    return lambda part: tidy(_from_marc8(part))


def is_utf8(data: bytes) -> bool:
    """Text with marks that says nothing else: MARC-8 with an accent is next to never valid UTF-8. The escapes by
    which MARC-8 changes its alphabet are ASCII, and nothing else has them."""
    if b"\x1b" in data:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(data: bytes) -> bool:
    """UTF-8 with a broken byte or two has whole letters beside them; MARC-8 that calls itself UTF-8 has none."""
    return b"\x1b" not in data and any(
        letter > "\x7f" and letter != "\ufffd" for letter in data.decode("utf-8", "replace")
    )


def _decoded(part: bytes, encoding: str) -> str:
    try:
        return part.decode(encoding, "replace")
    except LookupError:  # an encoding that nobody knows: an administrator's slip
        return part.decode("latin-1")


def _from_marc8(part: bytes) -> str:
    if part.isascii() and b"\x1b" not in part:
        return part.decode("ascii")
    try:
        return marc8_to_unicode(part, hide_utf8_warnings=True)
    except (UnicodeDecodeError, LookupError, ValueError):  # the plain letters are better than nothing
        return _CJK_IN_MARC8.sub(b"", part).decode("ascii", "ignore")


def from_xml(element: etree._Element) -> list[Marc]:
    """All MARCXML records in it, with whatever namespace or none. `collection`, `opacRecord` and so on may be
    around them."""
    return [marc for record in _records(element) if (marc := _from_element(record))][:_MOST_RECORDS]


def _records(element: etree._Element) -> Iterator[etree._Element]:
    for one in element.iter():
        if name_of(one) == "record" and any(name_of(child) in ("datafield", "controlfield") for child in one):
            yield one


def _from_element(record: etree._Element) -> Marc | None:
    leader, fields = "", []
    for child in record:
        name, tag = name_of(child), (child.get("tag") or "").strip()
        if name == "leader":
            leader = child.text or ""
        elif name == "controlfield" and tag:
            fields.append(Field(tag, "  ", (child.text or "").translate(_NO_TEXT)))
        elif name == "datafield" and tag:
            ind = (child.get("ind1") or " ")[:1] + (child.get("ind2") or " ")[:1]
            fields.append(Field(tag, ind, "", tuple(
                ((part.get("code") or "")[:1], tidy("".join(str(text) for text in part.itertext())))
                for part in child if name_of(part) == "subfield"
            )))
    return Marc(leader, tuple(fields)) if fields else None


def name_of(element: etree._Element) -> str:
    """The element's name without its namespace; '' for a comment."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def tidy(text: str) -> str:
    """Without control characters, with single spaces, letter and accent as one (MARC has them apart)."""
    return unicodedata.normalize("NFC", " ".join(text.translate(_NO_TEXT).split()))
