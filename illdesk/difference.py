"""Two texts compared word by word, for people: what went is struck, what came is underlined."""

import difflib
import re

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_WORDS = re.compile(r"\s+|[^\s]+")


def marked(old: str, new: str) -> SafeString:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    parts = []
    for kind, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        went, came = "".join(before[i1:i2]), "".join(after[j1:j2])
        if kind == "equal":
            parts.append((format_html("{}", came),))
            continue
        if went:
            parts.append((format_html('<del class="ill-diff">{}</del>', went),))
        if came:
            parts.append((format_html('<ins class="ill-diff">{}</ins>', came),))
    return format_html_join("", "{}", parts)
