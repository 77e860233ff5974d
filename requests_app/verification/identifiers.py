"""Numbers that name a work, wherever somebody typed them: found, brought to one form, their mistakes explained. Pure.

`KINDS` says which there are and in which field of a citation each belongs. `shapes.py` knows what each looks like
in a text, `normal_forms.py` how it is written down, `mistakes.py` what may be wrong with one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from stdnum import isbn as isbn_check
from stdnum import issn as issn_check

from requests_app.verification import mistakes
from requests_app.verification.normal_forms import NORMAL, fold
from requests_app.verification.shapes import LABELLED, LOOSE

# Kind -> field of the citation.
FIELD = {
    "doi": "doi", "pmid": "pmid", "pmcid": "pmcid", "isbn": "isbn", "issn": "issn", "oclc": "oclc", "lccn": "lccn",
    "arxiv": "arxiv", "patent": "document_number",
}
KINDS = tuple(FIELD)
_KIND_OF = {field: kind for kind, field in FIELD.items()}
# Here words are expected, and a number among them was meant for another field.
_WORDS = ("title", "part_title", "author", "part_author", "series", "publisher", "edition", "note")
MOST = 50_000  # characters of a text that are looked through


@dataclass(frozen=True)
class Identifier:
    """`kind`: one of KINDS. `value`: its normal form, as `records.Record` says; of a wrong one its bare digits.

    `text`, `start`, `end`: as it stands in what was read, with its label ("ISBN 0-14-…"). `why`: a sentence for
    whoever typed it, '' where `valid`. `medium`: of an ISSN "print", "online", "linking" where that is said.
    """

    kind: str
    value: str
    text: str
    start: int
    end: int
    valid: bool = True
    why: str = ""
    medium: str = ""


def find(text: str) -> list[Identifier]:
    """All that a text holds, in its order. Of what overlaps, what was recognised more surely stays; only an arXiv
    number within a DOI is told beside it."""
    text = text[:MOST]
    folded = fold(text)
    found: list[Identifier] = []
    for one in _candidates(text, folded):
        inside = [other for other in found if one.start < other.end and other.start < one.end]
        if not inside or (one.kind == "arxiv" and all(other.kind == "doi" for other in inside)):
            found.append(one)
    return sorted(found, key=lambda one: (one.start, one.end))


def _candidates(text: str, folded: str) -> Iterator[Identifier]:
    for shape in (*LABELLED, *LOOSE):
        for match in shape.pattern.finditer(folded):
            written = match["number"]
            start, end = match.start(), match.end()
            if shape.trim is not None:
                cut = shape.trim(written, folded[max(0, match.start("number") - 300):match.start("number")])
                end = match.start("number") + len(cut)
                written = cut
            why = mistakes.explain(shape.kind, written)
            if shape.accept(written, folded, start, end, not why):
                groups = match.groupdict()
                yield Identifier(
                    shape.kind, NORMAL[shape.kind](written), text[start:end], start, end, not why, why,
                    _medium(folded, start, end, groups) if shape.kind == "issn" else "",
                )


_MEDIA = (
    ("linking", re.compile(r"issn[ -]?l\b|linking", re.I)),
    ("online", re.compile(r"\be-?issn|online|electr[oó]ni|en l[ií]nea|\(e\)|\bweb\b", re.I)),
    ("print", re.compile(r"\bp-?issn|print|impres|\(p\)", re.I)),
)


def _medium(folded: str, start: int, end: int, groups: Mapping[str, str | None]) -> str:
    """The label says it ("eISSN"), or the brackets behind the number, or the word before the label."""
    behind = re.match(r" ?\([^)]{1,20}\)", folded[end:end + 24])
    before = re.search(r"[\w-]+ ?$", folded[max(0, start - 20):start])
    for place in (groups.get("label") or "", behind.group() if behind else "", before.group() if before else ""):
        for medium, words in _MEDIA:
            if words.search(place):
                return medium
    return ""


def normal(kind: str, text: str) -> str:
    """What was typed into the field of this kind in its normal form. What is no such number comes back tidied."""
    own = next((one for one in find(text) if one.kind == kind), None)
    if own is not None and own.valid:
        return own.value
    folded = fold(text).strip()
    if not folded:
        return ""
    if not mistakes.explain(kind, folded):
        return NORMAL[kind](folded)
    return own.value if own else " ".join(text.split())


def explain(kind: str, text: str) -> str:
    """What is wrong with what was typed into the field of this kind, in words for who typed it; '' if nothing."""
    own = [one for one in find(text) if one.kind == kind]
    if any(one.valid for one in own) or not text.strip():
        return ""
    return own[0].why if own else mistakes.explain(kind, fold(text).strip())


def suggestions(kind: str, text: str) -> tuple[str, ...]:
    """The few right numbers that one slip of the fingers could have made into this; () where there are many."""
    return mistakes.suggestions(kind, fold(text).strip())


def same_isbn(one: str, other: str) -> bool:
    """The same book number, whether written with 10 or with 13 digits."""
    left, right = normal("isbn", one), normal("isbn", other)
    return bool(left) and left == right and isbn_check.is_valid(left)


def from_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """A form's fields, every identifier in its own field and its normal form.

    What stands in the field of another kind is moved; what stands among the words of a title goes to its field
    and leaves the title. A note is left as it is. Nothing is moved where the right field already holds something
    else, and a number that is wrong stays where and as it was typed. Fields of other names are passed on. A title
    that was nothing but a number is empty afterwards.
    """
    placed = {name: str(value or "") for name, value in fields.items()}
    astray = {name: _astray(name, placed[name]) for name in placed if name in (*_KIND_OF, *_WORDS)}
    for name in placed:
        if name in _KIND_OF and not astray[name] and _may_be(name, placed[name]):
            placed[name] = normal(_KIND_OF[name], placed[name])
    # Two that stand in each other's field: both places are emptied before either is filled.
    wholly = [name for name, found in astray.items() if found and name != "note" and not _rest(placed[name], found)]
    placed |= dict.fromkeys(wholly, "")
    for name in (*wholly, *(name for name in astray if name not in wholly)):
        for one in astray[name]:
            there = placed.get(FIELD[one.kind], "")
            if not there.strip() or normal(one.kind, there) == one.value:
                placed[FIELD[one.kind]] = one.value
                if name not in wholly and name != "note":
                    placed[name] = _rest(placed[name], [one])
            elif name in wholly:
                placed[name] = "; ".join(text for text in (placed[name], one.text) if text)
    return placed


def _astray(name: str, typed: str) -> list[Identifier]:
    """What is in this field and belongs in another; nothing where it holds what it should."""
    found = [one for one in find(typed) if one.valid]
    kind = _KIND_OF.get(name, "")
    if not kind:
        return found
    if any(one.kind == kind for one in found) or (kind != "patent" and not explain(kind, typed)):
        return []
    if kind == "isbn" and issn_check.is_valid(fold(typed).strip()):  # eight bare digits: too few to be found
        return [Identifier("issn", normal("issn", typed), typed, 0, len(typed))]
    return found


def _may_be(name: str, typed: str) -> bool:
    """A report's or standard's number stands where a patent's does, and stays as its publisher writes it."""
    return name != "document_number" and bool(typed.strip()) and not explain(_KIND_OF[name], typed)


def _rest(text: str, found: Iterable[Identifier]) -> str:
    """What else was typed, without the brackets and commas that held the numbers."""
    for one in found:
        text = text.replace(one.text, " ", 1)
    text = " ".join(re.sub(r"[\[(]\s*[\])]", " ", text).split())
    text = re.sub(r"^[\s,;:|/–—-]+|[\s,;:|/–—-]+$", "", text)
    return text if re.search(r"\w", text) else ""
