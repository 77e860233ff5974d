"""Reading what other people's servers answer: whatever they send, a value of the right type or none.

Pure. A field that is missing, null, a list instead of a string, a number instead of a list is read as little as it
says; only an answer without its outermost part is an error, since that is no answer.
"""

import html
import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from lxml import etree

from illdesk.errors import AdapterError
from illdesk.outside import Answer as Said
from requests_app.verification.records import Answer, distinct
from requests_app.verification.web import json_of

# Nobody's title is longer; a page of HTML in its place is.
LONGEST = 2000
# Rows of one list that are looked at.
MOST_ROWS = 500
# Only what looks like a tag: "p < 0.05 and n > 3" is a title too.
_TAG = re.compile(r"</?[A-Za-z][\w:.-]*(?:\s[^<>]*)?/?>")


def document(said: Said, *must: str) -> dict[str, Any]:
    """The JSON object of an answer that has the keys `must`. Raises AdapterError."""
    data = json_of(said)
    if not isinstance(data, dict) or any(data.get(name) is None for name in must):
        raise unexpected()
    return data


def unexpected() -> AdapterError:
    return AdapterError(_("Its answer is not what it should be."), permanent=False)


def tried(answer: Answer) -> str:
    """For the Test button: what came back when something well known was asked for. Raises AdapterError."""
    if not answer.records:
        raise AdapterError(
            _("It answers, but does not know what everybody knows. Is the address right?"), permanent=True
        )
    found = answer.records[0]
    return _("It answers, for example with “%(title)s”.") % {"title": found.part_title or found.title}


def at(data: Any, *path: str | int) -> Any:
    """What is at the end of this path of keys and places; None where it breaks off."""
    for step in path:
        if isinstance(data, Mapping) and isinstance(step, str):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and -len(data) <= step < len(data):
            data = data[step]
        else:
            return None
    return data


def text(data: Any, *path: str | int) -> str:
    """Plain text there; of a list the first that says something."""
    found = at(data, *path)
    if isinstance(found, list):
        return next(iter(texts(found)), "")
    return _plain_of(found)


def texts(data: Any, *path: str | int) -> tuple[str, ...]:
    """All plain texts there, each once; a single one counts as a list of one."""
    found = at(data, *path)
    values = found[:MOST_ROWS] if isinstance(found, list) else [found]
    return distinct(_plain_of(value) for value in values)


def rows(data: Any, *path: str | int) -> list[dict[str, Any]]:
    """The objects of a list; a single one counts as a list of one."""
    found = at(data, *path)
    values = found[:MOST_ROWS] if isinstance(found, list) else [found]
    return [value for value in values if isinstance(value, dict)]


def number(data: Any, *path: str | int) -> int:
    """A count: 0 for what is none."""
    found = text(data, *path)
    return min(int(found), 10**9) if found.isascii() and found.isdigit() and len(found) < 12 else 0


def yes(data: Any, *path: str | int) -> bool:
    return text(data, *path).lower() in ("true", "1", "yes", "y")


def url(data: Any, *path: str | int) -> str:
    """A web address that may become a link on our pages; '' for everything else."""
    found = text(data, *path)
    return found if is_web(found) else ""


def is_web(address: str) -> bool:
    """A whole address without blanks, control characters and credentials."""
    if re.search(r"[\s<>\"\\\x00-\x1f\x7f]", address):
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False


def inner(element: etree._Element | None, path: str = ".") -> str:
    """Plain text of the first element at this path, with what stands in tags within it."""
    found = element.find(path) if element is not None else None
    return plain(str(found.xpath("string()"))) if found is not None else ""


def _plain_of(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**20 else ""
    return f"{value:g}" if isinstance(value, float) else ""


def plain(value: str) -> str:
    """Without tags, entities (also doubly escaped), control characters and spaces at odd places, at most 2,000 long.

    Half a surrogate pair and NUL are legal in JSON and refused by databases.
    """
    value = value[: 4 * LONGEST]
    for _round in range(2):
        value = html.unescape(_TAG.sub("", value))
    value = _TAG.sub("", value)
    value = "".join(" " if sign.isspace() else sign for sign in value if sign.isspace() or _is_sign(sign))
    return unicodedata.normalize("NFC", " ".join(value.split()))[:LONGEST].strip()


def _is_sign(sign: str) -> bool:
    # Format characters may stand: Persian and Indic scripts need the zero-width joiners.
    return unicodedata.category(sign) not in ("Cc", "Cs")
