"""Conversations as somebody sees them, and what of them is unread."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from billing.talk import subjects
from billing.talk.actions import FILES, ILL
from billing.talk.models import Message, Reading, Thread
from illdesk.models import Attachment, User


@dataclass(frozen=True)
class Shown:
    """A thread with what it is about. `unread`: messages of others that this person has not read."""

    thread: Thread
    label: str
    url: str
    unread: int


def of_subject(kind: str, pk: int) -> Thread | None:
    return Thread.objects.filter(subject_kind=kind, subject=pk).first()


def messages(thread: Thread | None, *, since: datetime | None = None) -> list[Message]:
    """Oldest first, each with its `files`; those `since` then. Two queries."""
    if thread is None:
        return []
    rows = thread.messages.select_related("by")
    found = list(rows if since is None else rows.filter(made__gte=since))
    files: dict[int, list[Attachment]] = {}
    for file in Attachment.objects.filter(subject_kind=FILES, subject_id__in=[row.pk for row in found]):
        files.setdefault(file.subject_id, []).append(file)
    for row in found:
        row.files = files.get(row.pk, [])  # type: ignore[attr-defined]
    return found


def threads(user: User, *, waiting_for: str = "", unread_only: bool = False, most: int = 200) -> list[Shown]:
    """Newest first; of the newest `most` those that this person may see."""
    rows = _with_unread(user)
    if waiting_for:
        rows = rows.filter(waiting_for=waiting_for)
    if unread_only:
        rows = rows.filter(unread__gt=0)
    found = list(rows.exclude(last=None).order_by("-last", "-pk")[:most])
    shown = []
    seen: dict[str, set[int]] = {}
    links: dict[str, dict[int, tuple[str, str]]] = {}
    for kind in {row.subject_kind for row in found} & set(subjects.SUBJECTS):
        keys = [row.subject for row in found if row.subject_kind == kind]
        seen[kind] = subjects.SUBJECTS[kind].visible(user, keys)
        links[kind] = subjects.SUBJECTS[kind].links(seen[kind])
    _as_read(user, found)
    for row in found:
        if row.last is None or (unread_only and not row.unread):
            continue
        if row.subject in seen.get(row.subject_kind, set()):
            label, url = links[row.subject_kind].get(row.subject, ("", ""))
            if not user.may(subjects.SUBJECTS[row.subject_kind].right):
                url = subjects.alone(row.subject_kind, row.subject)
            shown.append(Shown(row, label, url, row.unread))
    return shown


def _as_read(user: User, rows: list[Thread]) -> None:
    """Where a person reads only what was said since some moment, `unread` and `last` are of that; None for nothing."""
    since: dict[int, datetime] = {}
    for kind in {row.subject_kind for row in rows} & set(subjects.SUBJECTS):
        mine = {row.subject: row.pk for row in rows if row.subject_kind == kind}
        since |= {mine[key]: at for key, at in subjects.reads_from(user, kind, mine).items()}
    said: dict[int, list[Message]] = {pk: [] for pk in since}
    for one in Message.objects.filter(thread__in=since).only("thread", "made", "by").order_by("made"):
        if one.made >= since[one.thread_id]:
            said[one.thread_id].append(one)
    for row in rows:
        if row.pk in since:
            row.last = said[row.pk][-1].made if said[row.pk] else None
            upto = row.upto  # type: ignore[attr-defined]  # annotated, as is `unread`
            new = [one for one in said[row.pk] if one.pk > upto and one.by_id != user.pk]
            row.unread = len(new)  # type: ignore[attr-defined]


def _with_unread(user: User):
    upto = Coalesce(Subquery(Reading.objects.filter(thread=OuterRef("pk"), user=user).values("upto")), 0)
    mine = Q(messages__by=user)
    return Thread.objects.annotate(upto=upto).annotate(
        unread=Count("messages", filter=Q(messages__pk__gt=F("upto")) & ~mine | Q(messages__pk__gt=F("upto"),
                                                                              messages__by=None)))


def beside(user: User, kind: str, pk: int) -> list[tuple[str, str]]:
    """What else the subject stands in, with addresses, as far as this person may open them."""
    return [subjects.link_for(user, *one) for one in subjects.SUBJECTS[kind].others([pk]).get(pk, [])
            if subjects.may(user, *one)]


@dataclass(frozen=True)
class Elsewhere:
    """Where else the same was talked about. `told`: what was said there since a question between both was asked, to be
    read here; `closed`: this person may not open it otherwise; `answered`: when interlibrary loan did, there."""

    shown: Shown
    told: list[Message]
    closed: bool
    answered: datetime | None


def elsewhere(user: User, kind: str, pk: int) -> list[Elsewhere]:
    """With words that this person may read: a line of an invoice in its batch, what came back from a batch."""
    asked = {(other, key): at for other, key, at in subjects.returned(kind, pk)}
    found = []
    for other, key in dict.fromkeys([*subjects.SUBJECTS[kind].others([pk]).get(pk, []), *asked]):
        since, may = asked.get((other, key)), subjects.may(user, other, key)
        if not may and not (since and subjects.SUBJECTS[other].heard):
            continue
        thread = of_subject(other, key)
        told = messages(thread, since=subjects.reads_from(user, other, [key]).get(key) if may else since)
        if thread is None or not told:
            continue
        label, url = subjects.link_for(user, other, key) if may else (subjects.link(other, key)[0], "")
        both = [one for one in told if since and one.made >= since]
        answers = [one.made for one in both if one.side == ILL] if subjects.SUBJECTS[kind].heard else []
        found.append(Elsewhere(
            Shown(thread, label, f"{url}#talk-{other}-{key}" if url else "", len(told)), both, closed=not may,
            answered=answers[-1] if answers else None))
    return found


def unread(user: User) -> int:
    """Conversations in which somebody else wrote something this person has not read."""
    return len(threads(user, unread_only=True))


def newest(thread: Thread) -> int:
    return Message.objects.filter(thread=thread).aggregate(newest=Max("pk"))["newest"] or 0
