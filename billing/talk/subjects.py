"""What can be talked about: each room registers its kind (in AppConfig.ready()) and decides who may see which."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from illdesk.models import User


@dataclass(frozen=True)
class Subject:
    """A kind of subject. `visible(user, keys)`: those of the keys whose conversation this person may read and join.
    `links(keys)`: key → (what it is called, its address); what it is called goes into mail, so no names, no titles."""

    kind: str
    label: str | Promise
    visible: Callable[[User, Iterable[int]], set[int]]
    links: Callable[[Iterable[int]], dict[int, tuple[str, str]]]


SUBJECTS: dict[str, Subject] = {}


def register(subject: Subject) -> None:
    SUBJECTS[subject.kind] = subject


def may(user: User, kind: str, pk: int) -> bool:
    subject = SUBJECTS.get(kind)
    return subject is not None and pk in subject.visible(user, [pk])


def link(kind: str, pk: int) -> tuple[str, str]:
    return SUBJECTS[kind].links([pk]).get(pk, ("", ""))
