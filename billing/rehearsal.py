"""The letters of an action before they go: it is done, its letters are read, and all of it is taken back.

What is shown is what would go, to the cent and in the patron's language, because the action itself wrote it. It can
be taken back because no action of money speaks to anybody inside its transaction: letters wait in the outbox.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from illdesk.models import OutboxMessage


@dataclass(frozen=True)
class Letter:
    to: str
    language: str
    subject: str
    body: str


@dataclass(frozen=True)
class Rehearsal:
    """`done`: what the action gave back; its rows are not in the database."""

    done: object
    letters: list[Letter]


class _TakenBack(Exception):
    """Ends the transaction, and is seen by nobody."""


def rehearse(do: Callable[[], object], *, languages: dict[str, str], now: datetime) -> Rehearsal:
    """`do` must write its letters with this very `now`, by which they are known among those of others. `languages`:
    by address; English for everybody else. What `do` refuses is raised as it is."""
    try:
        with transaction.atomic():
            done = do()
            rows = OutboxMessage.objects.filter(channel="mail", created=now).order_by("pk")
            found = Rehearsal(done, [
                Letter(row.recipient, languages.get(row.recipient) or "en", row.payload["subject"], row.payload["body"])
                for row in rows])
            raise _TakenBack
    except _TakenBack:
        return found
