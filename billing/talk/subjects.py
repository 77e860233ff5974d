"""What can be talked about: each room registers its kind (in AppConfig.ready()) and decides who may see which."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise

from illdesk.accounts import roles
from illdesk.models import User

OFFICE = "budget"  # the role of Library Planning and Budget


def _all(keys: Iterable[int]) -> set[int]:
    return set(keys)


def _none(_keys: Iterable[int]) -> dict:
    return {}


def _nowhere(_pk: int) -> list[tuple[str, int, datetime]]:
    return []


@dataclass(frozen=True)
class Subject:
    """A kind of subject. `visible(user, keys)`: those of the keys whose conversation this person may read and join.
    `links(keys)`: key → (what it is called, its address); what it is called goes into mail, so no names, no titles.
    `right`: what opens that address; who has it not is led to the conversation by itself. `office(keys)`: those that
    Library Planning and Budget reads; in the others the department keeps notes for itself. `others(keys)`: key →
    further subjects (kind, key) in which the same was talked about. `since(keys)`: key → from which moment on Library
    Planning and Budget reads it, where it was the department's alone before: earlier notes stay in the house.
    `returned(key)`: further subjects (kind, key) to which the other end of a question belongs, with the moment it was
    asked: a batch and what came back from it. What was said since is read in both; `heard` says that this is so also
    for who may not open this kind otherwise."""

    kind: str
    label: str | Promise
    visible: Callable[[User, Iterable[int]], set[int]]
    links: Callable[[Iterable[int]], dict[int, tuple[str, str]]]
    right: str
    office: Callable[[Iterable[int]], set[int]] = _all
    others: Callable[[Iterable[int]], dict[int, list[tuple[str, int]]]] = _none
    since: Callable[[Iterable[int]], dict[int, datetime]] = _none
    returned: Callable[[int], list[tuple[str, int, datetime]]] = _nowhere
    heard: bool = False


SUBJECTS: dict[str, Subject] = {}


def register(subject: Subject) -> None:
    SUBJECTS[subject.kind] = subject


def may(user: User, kind: str, pk: int) -> bool:
    subject = SUBJECTS.get(kind)
    return subject is not None and pk in subject.visible(user, [pk])


def office_reads(kind: str, pk: int) -> bool:
    return pk in SUBJECTS[kind].office([pk])


def reads_from(user: User, kind: str, keys: Iterable[int]) -> dict[int, datetime]:
    """Key → from which moment on this person reads it; those that are not there are read from their beginning."""
    subject = SUBJECTS[kind]
    return {} if user.may(subject.right) else subject.since(keys)


def reads(user: User, kind: str, pk: int, at: datetime) -> bool:
    """What was said at this moment."""
    if not may(user, kind, pk):
        return False
    since = reads_from(user, kind, [pk]).get(pk)
    return since is None or at >= since


def returned(kind: str, pk: int) -> list[tuple[str, int, datetime]]:
    return [one for one in SUBJECTS[kind].returned(pk) if one[0] in SUBJECTS]


def link(kind: str, pk: int) -> tuple[str, str]:
    return SUBJECTS[kind].links([pk]).get(pk, ("", ""))


def link_for(user: User, kind: str, pk: int) -> tuple[str, str]:
    """With an address that this person may open."""
    label, url = link(kind, pk)
    return label, url if user.may(SUBJECTS[kind].right) else alone(kind, pk)


def link_for_office(kind: str, pk: int) -> tuple[str, str]:
    label, url = link(kind, pk)
    return label, url if SUBJECTS[kind].right in roles.ROLES[OFFICE] else alone(kind, pk)


def alone(kind: str, pk: int) -> str:
    """The address of the conversation by itself."""
    return reverse("talk_thread", args=[kind, pk])
