"""Questions that one app asks another without importing it. Each app fills them in AppConfig.ready().

A registry is a plain list or dictionary of functions; who asks takes what is there.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from illdesk.models import OutboxMessage, User

Text = str | Promise


@dataclass(frozen=True)
class Place:
    """An entry of the top bar."""

    label: Text
    url: str
    count: int | None = None
    current: bool = False
    more: bool = False  # stands behind More on wide screens too
    icon: str = ""


@dataclass(frozen=True)
class Card:
    """Something on a person's home page: a heading with rows of label, url, count and family or icon."""

    label: Text
    rows: list[dict] = field(default_factory=list)
    empty: Text = ""


@dataclass(frozen=True)
class AccountPart:
    """Facts (label, value) shown among the contact data, and a form whose save() keeps what was chosen."""

    facts: Sequence[tuple[Text, str]] = ()
    form: Any = None


@dataclass(frozen=True)
class System:
    """An outside system for the status page: how it fares, since when and why, what works without it, what
    will be done later by itself. `channel` and `partner`: whose waiting messages may be sent again together.
    """

    name: Text
    family: str  # gives the shape: ended_ok, others, decision, trouble
    words: Text
    works: Text = ""
    later: Text = ""
    url: str = ""
    waiting: int = 0
    channel: str = ""
    partner: str = ""


@dataclass(frozen=True)
class RequestPart:
    """A section on the staff page of one request: a template, and what it shows."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PatronPart:
    """A card on the patron's own page: a heading, a sentence, where it leads. `family`: gives the shape."""

    label: Text
    words: Text
    url: str
    family: str = "ours"


class Block(str):
    """A sentence why somebody cannot ask now. `url`: where the patron sees and mends it."""

    url: str

    def __new__(cls, words: str, url: str = "") -> "Block":
        made = super().__new__(cls, words)
        made.url = url
        return made


# (request) -> Place or None: who may see it and how much is waiting there
PLACES: list[Callable[[Any], Place | None]] = []
# (request) -> Card or None; asked in the order of the page
HOME_CARDS: list[Callable[[Any], Card | None]] = []
# (request) -> Place or None: the column beside every page of settings
SETTINGS: list[Callable[[Any], Place | None]] = []
# (request) -> Place or None: pages of help that an app draws itself
HELP: list[Callable[[Any], Place | None]] = []
# (user, data) -> what this app adds to the person's account page; data is what was sent, or None
ACCOUNT_PARTS: list[Callable[[User, Any], "AccountPart | None"]] = []
# (patron) -> sentences why this patron cannot ask now (money owed, expired card); a Block says where it is mended
PATRON_BLOCKS: list[Callable[[Any], Iterable[str]]] = []
# (request, ill) -> RequestPart or None: what another app adds to the staff page of one request
REQUEST_PARTS: list[Callable[[Any, Any], "RequestPart | None"]] = []
# (user) -> PatronPart or None: what another app adds to the patron's own page
PATRON_PARTS: list[Callable[[User], "PatronPart | None"]] = []
# (ill) -> what another app adds to the patron's page of one request
MY_REQUEST_PARTS: list[Callable[[Any], Iterable["PatronPart"]]] = []
# subject_kind -> (user, subject_id) -> may this person fetch files of that subject
MAY_FETCH: dict[str, Callable[[User, int], bool]] = {}
# subject_kind -> subject_id -> (label, url)
SUBJECT_LINKS: dict[str, Callable[[Iterable[int]], dict[int, tuple[str, str]]]] = {}
# subject_kind -> (row of the outbox, now): a letter about that subject was refused for good
LETTER_PARKED: dict[str, Callable[[OutboxMessage, datetime], None]] = {}
# purpose of a mailbox -> (message, now): takes a Mail (illdesk.mailboxes) in a transaction of ours; gives kind and key
# of what it became, or None. What raises waits for a person.
MAIL: dict[str, Callable[[Any, datetime], "tuple[str, int] | None"]] = {}
# (request) -> None: shows the column beside the page of mail that came
MAIL_SIDE: list[Callable[[Any], None]] = []
# (now) -> outside systems that this app knows of, for the status page; a few queries at most
OUTSIDE_SYSTEMS: list[Callable[[datetime], Iterable[System]]] = []
# (now) -> None: demo data, in order
DEMO_DATA: list[Callable[[datetime], None]] = []
