"""Conversations as somebody sees them, and what of them is unread."""

from dataclasses import dataclass

from django.db.models import Count, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from billing.talk import subjects
from billing.talk.actions import FILES
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


def messages(thread: Thread | None) -> list[Message]:
    """Oldest first, each with its `files`. Two queries."""
    if thread is None:
        return []
    found = list(thread.messages.select_related("by"))
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
    for row in found:
        if row.subject in seen.get(row.subject_kind, set()):
            label, url = links[row.subject_kind].get(row.subject, ("", ""))
            if not user.may(subjects.SUBJECTS[row.subject_kind].right):
                url = subjects.alone(row.subject_kind, row.subject)
            shown.append(Shown(row, label, url, row.unread))
    return shown


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


def elsewhere(user: User, kind: str, pk: int) -> list[Shown]:
    """Where else the same was talked about, with words that this person may read: a line of an invoice in its batch."""
    found = []
    for other, key in subjects.SUBJECTS[kind].others([pk]).get(pk, []):
        thread = of_subject(other, key) if subjects.may(user, other, key) else None
        if thread is not None and thread.messages.exists():
            label, url = subjects.link_for(user, other, key)
            found.append(Shown(thread, label, f"{url}#talk-{other}-{key}", thread.messages.count()))
    return found


def unread(user: User) -> int:
    """Conversations in which somebody else wrote something this person has not read."""
    return len(threads(user, unread_only=True))


def newest(thread: Thread) -> int:
    return Message.objects.filter(thread=thread).aggregate(newest=Max("pk"))["newest"] or 0
