"""ISO 18626 messages as XML: `read` takes every dialect there is, `write` makes strict 1.2.

Both walk the rows of the structures (see `elements`), so neither knows a single element by name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from .blanking import blank_secrets
from .document import Unreadable, root_of, root_of_text
from .elements import Row, rows, rows_by_name
from .messages import MESSAGES, Message
from .values import CODE, Code, as_uri, without_forbidden

__all__ = ["NAMESPACE", "VERSION", "Envelope", "Unreadable", "blank_secrets", "read", "write"]

NAMESPACE = "http://illtransactions.org/2013/iso18626"
VERSION = "1.2"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
# Attributes need a prefix to be qualified, so the namespace is declared twice.
_PREFIXES: Any = {None: NAMESPACE, "ill": NAMESPACE, "xsi": _XSI}
_SCHEMA = "http://illtransactions.org/schemas/ISO-18626-v1_2.xsd"
_ELEMENTS = {structure: name for name, structure in MESSAGES.items()}
_OURS = f"{{{NAMESPACE}}}"
_WRAPPER = "ISO18626Message"
# Enough to show what a partner adds; not so much that a hostile message fills the screen.
_MOST_UNKNOWN = 100
_LONGEST_UNKNOWN = 200


@dataclass(frozen=True)
class Envelope:
    """`version` as the sender declares it, None for a bare message or a wrapper without it."""

    message: Message
    version: str | None


def read(body: bytes | str) -> Envelope:
    """The message in the body. Raises `Unreadable`, and nothing else, for whatever is none.

    Text is what was stored of a message: the encoding that it still declares is not looked at.

    Read without complaint: the message without its ISO18626Message, any prefix or no namespace at all, the
    version attribute qualified or not, elements in any order, required ones missing, 1.0 to 2021, UTF-8,
    UTF-16 and ISO-8859-1. Text loses the white space around it and nothing else.
    """
    root = root_of(body) if isinstance(body, bytes) else root_of_text(body)
    strangers: list[str] = []
    if _name(root) == _WRAPPER:
        version = _attribute(root, "version") or None
        found = [child for child in root if _name(child) in MESSAGES]
        strangers += [_name(child) for child in root if _name(child) not in MESSAGES]
        if len(found) != 1:
            raise Unreadable(f"An {_WRAPPER} holds one message; this one holds {len(found) or 'none'}.")
        element = found[0]
    else:
        version, element = None, root
    structure = MESSAGES.get(_name(element))
    if structure is None:
        raise Unreadable(f"The XML is no ISO 18626 message: its root is {_name(element)[:80]}.")
    arguments = _arguments(element, structure, "", strangers)
    unknown = tuple(without_forbidden(path[:_LONGEST_UNKNOWN]) for path in strangers[:_MOST_UNKNOWN])
    return Envelope(structure(**arguments, unknown=unknown), version)


def _name(element: etree._Element) -> str:
    """The element's name as the schema writes it; one of a foreign namespace keeps that in braces."""
    return str(element.tag).removeprefix(_OURS)  # etree.QName took a quarter of the time of reading a message


def _attribute(element: etree._Element, name: str) -> str:
    return (element.get(f"{{{NAMESPACE}}}{name}") or element.get(name) or "").strip()


def _arguments(element: etree._Element, structure: type, path: str, unknown: list[str]) -> dict[str, Any]:
    """The structure's fields as the element has them; what it has beyond goes into `unknown`."""
    known = rows_by_name(structure)
    found: dict[str, list[Any]] = {}
    for child in element:
        row, here = known.get(_name(child)), path + _name(child)
        if row is None:
            unknown.append(here)
            continue
        value = _value(child, row, here, unknown)
        if value is None:
            continue
        values = found.setdefault(row.attribute, [])
        if values and not row.many and not row.more:
            unknown.append(f"{here}: {_text(child)}")
            continue
        values.append(value)
    arguments: dict[str, Any] = {}
    for row in known.values():
        values = found.get(row.attribute, [])
        if not values:
            continue
        arguments[row.attribute] = tuple(values) if row.many else values[0]
        if row.more:
            arguments[row.more] = tuple(values[1:])
    return arguments


def _value(element: etree._Element, row: Row, path: str, unknown: list[str]) -> Any:
    """The element's value; None when it is empty or nobody can read it."""
    if row.part:
        return row.part(**_arguments(element, row.part, path + "/", unknown))
    assert row.leaf is not None
    unknown += [f"{path}/{_name(child)}" for child in element]
    text = _text(element)
    if not text:
        return None
    value = row.leaf.parse(text)
    if value is None:
        unknown.append(f"{path}: {text}")
    scheme = _attribute(element, "scheme") if row.leaf is CODE else ""
    return Code(text, scheme) if scheme else value


def _text(element: etree._Element) -> str:
    text = (element.text or "") if len(element) == 0 else "".join(map(str, element.itertext()))
    return text.strip()


def write(message: Message) -> bytes:
    """The message as an ISO 18626 1.2 document in UTF-8, valid by the schema as far as the message is.

    Never raises for any text: characters that XML cannot carry are left out. What the message itself must
    bring is a timestamp in its header, and in fields of closed lists words of 1.2; others are written as
    they stand. An optional structure whose required date or sum is missing is left out.
    """
    header = getattr(message, "confirmation_header", None) or message.header  # type: ignore[union-attr]
    root = etree.Element(_qualified(_WRAPPER), nsmap=_PREFIXES)
    root.set(_qualified("version"), VERSION)
    root.set(f"{{{_XSI}}}schemaLocation", f"{NAMESPACE} {_SCHEMA}")
    element = etree.SubElement(root, _qualified(_ELEMENTS[type(message)]))
    _fill(element, message, header.timestamp)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _qualified(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _fill(element: etree._Element, structure: Any, timestamp: datetime | None) -> bool:
    """Appends the structure's elements; False when one that the schema requires could not be written."""
    whole, kind = True, structure.__class__
    for row in rows(kind):
        if row.only_2021:
            continue
        written = 0
        for value in _values(structure, row, timestamp):
            child = etree.SubElement(element, _qualified(row.name))
            if _write_value(child, value, row, timestamp):
                written += 1
            elif not (row.part and row.required):
                element.remove(child)
        if row.one_of and written:
            return True
        whole = whole and (written > 0 or not row.required) and not row.one_of
    return whole


def _values(structure: Any, row: Row, timestamp: datetime | None) -> Iterator[Any]:
    value = getattr(structure, row.attribute)
    if row.many:
        yield from tuple(one for one in value if one not in ("", None))[: row.most]
        return
    if value is None and row.from_timestamp:
        value = timestamp
    if value is not None and (row.required or value != ""):
        yield value


def _write_value(element: etree._Element, value: Any, row: Row, timestamp: datetime | None) -> bool:
    if row.part:
        return _fill(element, value, timestamp)
    assert row.leaf is not None
    text = row.leaf.format(value)
    if text is None:
        return False
    element.text = without_forbidden(text)
    if isinstance(value, Code) and row.leaf is CODE and (scheme := as_uri(value.scheme)):
        element.set(_qualified("scheme"), scheme)
    return True
