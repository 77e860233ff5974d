"""A pasted reference taken apart into the fields of a citation. Pure.

`tagged.py` and `bibtex.py` read what programs export; `styles.py` the styles of Latin print, `eastern.py` those of
Cyrillic, Chinese and Japanese print; `tail.py` what stands behind a title, `names.py` names. What no style fits is a
title. No word is lost: what went into no field is `left`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from requests_app.verification import identifiers
from requests_app.verification.records import Record
from requests_app.verification.references import bibtex, eastern, styles, tagged
from requests_app.verification.references.text import left_over, tidy

LONGEST = 2_000  # characters of a printed reference; what is longer is something else
MOST = 2_000_000  # of an export
MOST_ENTRIES = 500


@dataclass(frozen=True)
class Reading:
    """`style`: "bibtex", "ris", "medline", "endnote", "gost", "gb7714", "japanese", "apa", "harvard", "mla",
    "chicago", "ieee", "vancouver", "nature", "acs", "numbers" (identifiers only) or "title"; `sure`: 0 to 1, how
    little of a guess it is; `left`: words that are in no field."""

    record: Record
    style: str
    sure: float
    left: str = ""


_EXPORTS: tuple[Callable[[str], list[tuple[str, Record]]], ...] = (bibtex.read, tagged.read)


def read(text: str) -> Reading:
    """The first reference of what was pasted."""
    return read_all(text, most=1)[0]


def read_all(text: str, *, most: int = MOST_ENTRIES) -> list[Reading]:
    """Of an export all its entries; of anything else one: a pasted list of printed references is for `split`."""
    for export in _EXPORTS:
        if entries := export(text[:MOST]):
            return [Reading(record, style, 0.98) for style, record in entries[:most]]
    return [_printed(text)]


def split(text: str) -> list[str]:
    """A list of printed references into single ones: by empty lines, by their numbers, else one a line."""
    text = text.strip()
    numbered = re.split(r"(?m)^\s*(?:\[\d+\]|\d{1,3}[.)])\s+", text)
    if len(numbered) > 2:
        parts = numbered
    elif re.search(r"\n\s*\n", text):
        parts = re.split(r"\n\s*\n", text)
    else:
        parts = text.splitlines()
    return [" ".join(part.split()) for part in parts if part.strip()]


def _printed(text: str) -> Reading:
    plain = tidy(text)
    numbers, rest, written = _numbers(plain)
    fields, style, sure = {}, "title", 0.3
    for read_one in (eastern.read, styles.read):
        if len(rest) <= LONGEST and (found := read_one(rest)) is not None:
            fields, style, sure = found.fields, found.style, found.sure
            break
    if not fields:
        title = re.sub(r"^[\s,.;:]+|[\s,;:]+$", "", rest)
        fields = {"title": title} if re.search(r"\w", title) else {}
        if numbers and not fields:
            style, sure = "numbers", 0.95
    values = {name: value for name, value in (fields | numbers).items() if value}
    record = Record(**values)
    said = [*written, *(str(value) for value in values.values())]
    return Reading(record, style, sure, left_over(plain, said))


def _numbers(plain: str) -> tuple[dict, str, list[str]]:
    """Identifiers and addresses go first: their dots and slashes would look like the reference's own."""
    values: dict = {}
    rest = plain
    found = identifiers.find(plain)
    for one in reversed(found):
        if one.valid and one.kind != "patent":
            field = identifiers.FIELD[one.kind]
            values[field] = one.value
            if field in ("isbn", "issn"):
                values[f"{field}s"] = (one.value, *values.get(f"{field}s", ()))
            rest = rest[:one.start] + " " + rest[one.end:]
    address = re.search(r"https?://[^\s<>\"”]+[^\s<>\"”.,;)\]]", rest)
    if address:
        values["url"] = address.group()
    rest = re.sub(r"<?https?://\S+", " ", rest)
    rest = re.sub(r"\(\s*\)|\[\s*\]", " ", rest)
    rest = re.sub(
        r"(?i)\b(?:available (?:from|at|online)|retrieved from|disponible en|url|doi|pmid|pmcid|isbn|issn"
        r"|arxiv)\s*:?\s*"
        r"(?=[\s.,;]*$|[.,;]\s)", " ", rest,
    )
    written = [one.text for one in found if one.valid and one.kind != "patent"]
    return values, " ".join(rest.split()).strip(), written


__all__ = ["Reading", "read", "read_all", "split"]
