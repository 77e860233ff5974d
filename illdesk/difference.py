"""Two texts compared word by word, for people: what went is struck, what came is underlined."""

import difflib
import re

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# Of texts so short each letter counts: a year, a number, a misprinted word.
_SHORT = 24
_WORDS = re.compile(r"\s+|[^\s]+")


def sides(old: str, new: str) -> tuple[SafeString, SafeString]:
    """Both texts, each with what the other does not have marked; short ones letter by letter, longer ones by words,
    and a word that was only misprinted by its letters."""
    before, after = _pieces(old, new)
    left: list[SafeString] = []
    right: list[SafeString] = []
    for kind, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        went, came = "".join(before[i1:i2]), "".join(after[j1:j2])
        if kind == "replace" and i2 - i1 == j2 - j1 == 1 and len(went) > 1 and _alike(went, came):
            one, other = sides(went, came)
            left.append(one)
            right.append(other)
            continue
        left.append(_mark(went, differs=kind != "equal"))
        right.append(_mark(came, differs=kind != "equal"))
    return format_html_join("", "{}", ((one,) for one in left)), format_html_join("", "{}", ((one,) for one in right))


def _pieces(old: str, new: str) -> tuple[list[str], list[str]]:
    if max(len(old), len(new)) <= _SHORT:
        return list(old), list(new)
    return _WORDS.findall(old), _WORDS.findall(new)


def _alike(one: str, other: str) -> bool:
    return max(len(one), len(other)) <= _SHORT and difflib.SequenceMatcher(None, one, other).ratio() > 0.6


def _mark(text: str, *, differs: bool) -> SafeString:
    return format_html('<span class="ill-diff">{}</span>', text) if differs and text else format_html("{}", text)


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
