"""JSON of other people: what is nested beyond any meaning is refused before it is read.

Python's reader goes down a level for each bracket, and at the thousandth gives up with RecursionError, an error of
our own and no ValueError. Whatever else happens to run at that depth (a weak reference's farewell, a log's line) fails
with it, so waiting for the error is not enough.
"""

import json
import re
from typing import Any

# Alma, Unpaywall and RapidILL need eight.
DEEPEST = 100
_SIGNS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def loads(content: bytes | str, **how: Any) -> Any:
    """As json.loads, in UTF-8, UTF-16 or UTF-32. Raises ValueError, whatever is wrong."""
    text = content if isinstance(content, str) else content.decode(json.detect_encoding(content), "surrogatepass")
    text = text.removeprefix("\ufeff")
    if too_deep(text):
        raise ValueError(f"More than {DEEPEST} brackets stand within each other.")
    return json.loads(text, **how)


def too_deep(text: str) -> bool:
    """Brackets within texts do not count."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return False
    depth = 0
    for sign in _SIGNS.finditer(text):
        one = sign[0]
        if one in "[{":
            depth += 1
            if depth > DEEPEST:
                return True
        elif one in "]}":
            depth -= 1
    return False
