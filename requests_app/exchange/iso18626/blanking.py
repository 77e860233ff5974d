"""ISO 18626 XML for storing and showing: as it came, without the secret it may carry."""

import re

from lxml import etree

from .document import Unreadable, codec_of, root_of_text
from .values import without_forbidden

BLANK = "•••"

# Any prefix, any case. The bound on attributes keeps a megabyte of opening tags from taking minutes.
_NAMED = re.compile("securityCode", re.IGNORECASE)
_OPEN = r"(<(?:[^\s<>/:]{1,80}:)?securityCode(?:\s[^>]{0,400})?(?<!/)>)"
_CLOSE = r"(?=</(?:[^\s<>/:]{1,80}:)?securityCode\s*>)"
_TO_THE_FIRST_CLOSE = re.compile(f"{_OPEN}.*?{_CLOSE}", re.DOTALL | re.IGNORECASE)
# In broken XML nobody can say which closing tag counts, and in XML cut short the rest may be the secret.
_TO_THE_LAST_CLOSE = re.compile(f"{_OPEN}(?:.*{_CLOSE}|.*)", re.DOTALL | re.IGNORECASE)


def blank_secrets(xml: bytes | str) -> str:
    """The XML with ••• for the text of every securityCode, otherwise as it came; fit for a text column.

    Characters that XML forbids, NUL among them, are left out, since databases refuse them too. What is no
    well-formed XML is blanked as well; bytes of no encoding are shown as the replacement character.
    """
    text = without_forbidden(_text(xml))
    if not _NAMED.search(text):
        return text  # nearly every message; the two parses below would be half of what reading it costs
    root = _root(text)
    if root is None:
        return _TO_THE_LAST_CLOSE.sub(rf"\1{BLANK}", text)
    blanked = _TO_THE_FIRST_CLOSE.sub(rf"\1{BLANK}", text)
    if _is_blank(_root(blanked)):
        return blanked
    # Well-formed, but written so that an expression cannot follow (a closing tag within CDATA, say).
    for element in _security_codes(root):
        tail = element.tail
        element.clear()
        element.text, element.tail = BLANK, tail
    return etree.tostring(root, encoding="unicode")


def _text(xml: bytes | str) -> str:
    if isinstance(xml, str):
        return xml
    try:
        codec = codec_of(xml)
    except Unreadable:
        codec = "utf-8-sig"
    return xml.decode(codec, errors="replace")


def _root(text: str) -> etree._Element | None:
    try:
        return root_of_text(text)
    except Unreadable:
        return None


def _security_codes(root: etree._Element) -> list[etree._Element]:
    return [e for e in root.iter() if etree.QName(e).localname.lower() == "securitycode"]


def _is_blank(root: etree._Element | None) -> bool:
    return root is not None and all(
        "".join(map(str, e.itertext())) in ("", BLANK) for e in _security_codes(root)
    )
