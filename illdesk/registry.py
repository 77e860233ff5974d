"""Questions that one app asks another without importing it. Each app fills them in AppConfig.ready().

A registry is a plain list or dictionary of functions; who asks takes what is there.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from illdesk.models import User

Text = str | Promise


@dataclass(frozen=True)
class Place:
    """An entry of the top bar."""

    label: Text
    url: str
    count: int | None = None
    current: bool = False
    more: bool = False  # stands behind More on wide screens too


@dataclass(frozen=True)
class Card:
    """Something on a person's home page: a heading with rows of (label, url, count, icon)."""

    label: Text
    rows: list[dict] = field(default_factory=list)
    empty: Text = ""


# (request) -> Place or None: who may see it and how much is waiting there
PLACES: list[Callable[[Any], Place | None]] = []
# (user) -> Card or None
HOME_CARDS: list[Callable[[User], Card | None]] = []
# (user) -> sentences why this patron cannot ask now (money owed, expired card)
PATRON_BLOCKS: list[Callable[[Any], Iterable[str]]] = []
# subject_kind -> (user, subject_id) -> may this person fetch files of that subject
MAY_FETCH: dict[str, Callable[[User, int], bool]] = {}
# subject_kind -> subject_id -> (label, url)
SUBJECT_LINKS: dict[str, Callable[[Iterable[int]], dict[int, tuple[str, str]]]] = {}
# (now) -> None: demo data, in order
DEMO_DATA: list[Callable[[datetime], None]] = []
