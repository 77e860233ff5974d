"""Who can be asked about a citation: one file for each, behind one Protocol.

A source is asked in a thread of its own and touches no database: what it needs is handed in (`Settings`), and all
its calls go through `Web`, which keeps the time, remembers how servers fare and never follows an address of a
record into our own network.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from requests_app.verification.records import Answer, Record
from requests_app.verification.web import Web


@dataclass(frozen=True)
class Option:
    """One thing a library can set for a source, for its form. `secret`: kept encrypted, never shown again."""

    name: str  # "url", "key", "secret", or a name within Settings.options
    label: Any
    help: Any = ""
    default: str = ""
    required: bool = False
    secret: bool = False


@dataclass(frozen=True)
class Settings:
    """What a library set for one source, and who we are. `contact`: e-mail address for the User-Agent."""

    url: str = ""
    key: str = ""
    secret: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    contact: str = ""
    symbol: str = ""  # our OCLC symbol
    country: str = ""
    registry_id: str = ""

    def option(self, name: str, default: str = "") -> str:
        return self.options.get(name) or default


# What nobody knows while this one is silent: our shelves, licensed or free texts, other libraries.
GIVES: dict[str, tuple[str, ...]] = {
    "own_catalogue": ("ours",), "own_catalogue_z3950": ("ours",), "own_electronic": ("licensed",),
    "link_resolver": ("licensed",), "worldcat": ("holdings",), "union_catalogue": ("holdings",),
    "union_catalogue_z3950": ("holdings",), "unpaywall": ("free",), "openalex": ("free",), "doaj": ("free",),
    "hathitrust": ("free",), "internet_archive": ("free",),
}


class Source(Protocol):
    """`code`: stored with what it found; `inside`: its address may lie in our own network; `gap`: seconds between
    two calls that its operator asks for; `days`, `days_nothing`: how long an answer is kept."""

    code: str
    label: Any
    about: Any  # one sentence for administrators: what it knows, what it costs
    options: tuple[Option, ...]
    inside: bool
    gap: float
    days: int
    days_nothing: int

    def can_ask(self, wanted: Record, settings: Settings) -> bool:
        """Does it know such things, and is there enough to ask with? Asks nobody."""

    def ask(self, wanted: Record, settings: Settings, web: Web) -> Answer:
        """Raises AdapterError; whatever else goes wrong in an answer is one too."""

    def test(self, settings: Settings, web: Web) -> str:
        """For the Test button: a sentence of what answered. Raises AdapterError."""


SOURCES: dict[str, Source] = {}
# Whose word counts before whose, where several say something about one field; the rest comes after.
TRUSTED = (
    "own_catalogue", "own_catalogue_z3950", "own_electronic", "crossref", "pubmed", "worldcat", "union_catalogue",
    "union_catalogue_z3950", "openalex", "doaj", "open_library", "hathitrust", "internet_archive", "unpaywall",
    "link_resolver",
)


def source(make: Callable[[], Source]):
    """Class decorator: register one instance."""
    one = make()
    SOURCES[one.code] = one
    order = {code: place for place, code in enumerate(TRUSTED)}
    for code in sorted(SOURCES, key=lambda code: order.get(code, len(order))):
        SOURCES[code] = SOURCES.pop(code)
    return make
