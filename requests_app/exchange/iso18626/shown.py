"""ISO 18626 XML for people: one line an element, secrets blanked, what we do not understand marked."""

from dataclasses import dataclass

from lxml import etree

from .blanking import blank_secrets
from .document import Unreadable, root_of_text
from .messages import Confirmation
from .xml import NAMESPACE, read

_INDENT = "  "


@dataclass(frozen=True)
class Line:
    text: str
    strange: bool = False


def lines(xml: str) -> list[Line]:
    """What is no XML is shown as it came, a line a line."""
    text = blank_secrets(xml)
    try:
        root = root_of_text(text)
    except Unreadable:
        return [Line(line) for line in text.splitlines()]
    try:
        unknown = set(read(text).message.unknown)
    except Unreadable:
        unknown = set()
    found: list[Line] = []
    if _name(root) == "ISO18626Message":
        found.append(Line("<" + _tag(root) + ">"))
        for child in root:
            _lines(child, 1, "", _name(child) in unknown, unknown, found)
        found.append(Line(f"</{etree.QName(root).localname}>"))
    else:
        _lines(root, 0, "", False, unknown, found)
    return found


def status_of(confirmation: str) -> str:
    """"OK", or what the confirmation complains of; '' for what is none."""
    try:
        message = read(confirmation).message
    except Unreadable:
        return ""
    if not isinstance(message, Confirmation):
        return ""
    error = message.error_data
    return f"{error.error_type} {error.error_value}".strip() if error else message.confirmation_header.message_status


def _lines(element, depth: int, path: str, strange: bool, unknown: set[str], found: list[Line]) -> None:
    tag, text, indent = _tag(element), (element.text or "").strip(), _INDENT * depth
    end = f"</{etree.QName(element).localname}>"
    if not len(element):
        found.append(Line(f"{indent}<{tag}>{text}{end}" if text else f"{indent}<{tag}/>", strange))
        return
    found.append(Line(f"{indent}<{tag}>{text}", strange))
    for child in element:
        here = path + _name(child)
        odd = strange or here in unknown or f"{here}: {_text(child)}"[:200] in unknown
        _lines(child, depth + 1, here + "/", odd, unknown, found)
    found.append(Line(f"{indent}{end}", strange))


def _name(element) -> str:
    name = etree.QName(element)
    return name.localname if name.namespace in (NAMESPACE, None) else name.text


def _text(element) -> str:
    return "".join(map(str, element.itertext())).strip()


def _tag(element) -> str:
    attributes = "".join(
        f' {etree.QName(name).localname}="{value}"' for name, value in element.attrib.items()
        if not str(name).endswith("schemaLocation")
    )
    return etree.QName(element).localname + attributes
