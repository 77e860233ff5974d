"""Queries in CQL, as SRU asks them, and the index names of the servers that are met most.

What people type is data: it stands between quotation marks, in which only the quotation mark and the backslash mean
something to every server, and the masks *, ? and ^ to most (CQL 1.2, Terms and Masking).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from requests_app.verification.sources.catalogue import plain_words

_MARKS = re.compile(r'([\\"*?^])')
_MOST_WORDS = 12


@dataclass(frozen=True)
class Dialect:
    """How one kind of server wants to be asked. `indexes`: our names to its; `relation`: of all words in a title
    or name. `version`, `schema`: asked for where the library sets none."""

    mark: str  # what its addresses have in them
    version: str = "1.2"
    schema: str = "marcxml"
    relation: str = "all"
    indexes: Mapping[str, str] = field(default_factory=dict)


COMMON = {
    "title": "dc.title", "author": "dc.creator", "isbn": "bath.isbn", "issn": "bath.issn", "year": "dc.date",
    "oclc": "", "lccn": "bath.lccn", "any": "cql.serverChoice",
}
# The first whose mark the address has; the last fits everyone. Names that a server lacks are "".
DIALECTS: dict[str, Dialect] = {
    "alma": Dialect("/view/sru/", indexes={
        "title": "alma.title", "author": "alma.creator", "isbn": "alma.isbn", "issn": "alma.issn",
        "year": "alma.main_pub_date", "oclc": "alma.oclc_control_number_035_a", "lccn": "alma.lccn",
        "any": "alma.all_for_ui",
    }),
    "k10plus": Dialect("sru.k10plus.de", version="1.1", relation="=", indexes={
        "title": "pica.tit", "author": "pica.per", "isbn": "pica.isb", "issn": "pica.iss", "year": "pica.jah",
        "oclc": "", "lccn": "", "any": "pica.all",
    }),
    "dnb": Dialect("services.dnb.de", version="1.1", schema="MARC21-xml", indexes={
        "title": "dnb.tit", "author": "dnb.per", "isbn": "dnb.isbn", "issn": "dnb.iss", "year": "dnb.jhr",
        "oclc": "", "lccn": "", "any": "dnb.woe",
    }),
    "": Dialect("", indexes=COMMON),
}


def dialect(url: str, name: str = "") -> Dialect:
    """The one that the library named, else the one whose mark the address has."""
    own = name.strip().lower()
    return DIALECTS[own] if own and own in DIALECTS else next(one for one in DIALECTS.values() if one.mark in url)


def quoted(text: str) -> str:
    """A term that means what it says, whatever was typed."""
    return '"' + _MARKS.sub(r"\\\1", " ".join(text.split())) + '"'


def term(text: str) -> str:
    """Words of a title or name to look for, without what stands between them."""
    return quoted(" ".join(plain_words(text)[:_MOST_WORDS]))


def number(index: str, forms: tuple[str, ...]) -> str:
    return " or ".join(f"{index} = {quoted(form)}" for form in forms)


def named(*clauses: tuple[str, str, str]) -> str:
    """(index, relation, text) joined by "and"; the empty ones left out."""
    return " and ".join(f"{index} {relation} {term(text)}" for index, relation, text in clauses if index and text)
