"""A year's batches of royalties for a first look: paid, with a line sent back, forwarded, and a list to approve."""

from datetime import datetime, timedelta

from django.utils import timezone

from billing.batches import actions, royalties
from billing.batches.models import Batch, BatchLine, BatchSettings
from billing.talk import actions as talk
from illdesk import actors
from illdesk.models import User
from requests_app.copyright import payment
from requests_app.models import Royalty, RoyaltyList

KEY = "demo batch"
REFERENCES = ("55121", "55160")


def load(now: datetime) -> None:
    """Once: where the settings of the office are there, everything is."""
    if BatchSettings.objects.exists():
        return
    BatchSettings.objects.create(pk=1, email="budget@aldermere.example")
    people = {name: actors.staff(User.objects.get(username=name)) for name in ("borrowing", "supervisor", "budget")}
    lists = _lists(now, people["borrowing"])
    made = [_forward(row, place, now, people) for place, row in enumerate(lists[:-1], start=1)]
    for batch, reference in zip(made[:-1], REFERENCES, strict=False):
        actions.pay(batch, day=timezone.localtime(now).date(), reference=reference, version=batch.version,
                    actor=people["budget"], now=now)
    if made:
        _ask(made[-1], now, people)


def _lists(now: datetime, actor: actors.Actor) -> list[RoyaltyList]:
    """What is owed, in lists of a few weeks each; with those there are, oldest first."""
    owed = Royalty.objects.filter(state=Royalty.OWED).values_list("used_on", flat=True)
    days = sorted({day for day in owed if day is not None})
    count = max(1, -(-len(days) // 4))
    for place in range(0, len(days), count):
        some = days[place: place + count]
        payment.make(some[0], some[-1], key=f"{KEY} {place}", actor=actor, now=now)
    return list(RoyaltyList.objects.filter(apart=None, lines__state=Royalty.LISTED).distinct().order_by("pk"))


def _forward(row: RoyaltyList, place: int, now: datetime, people: dict[str, actors.Actor]) -> Batch:
    royalties.approve(row, seen=royalties.version(row.pk), actor=people["supervisor"], now=now - timedelta(minutes=50))
    return actions.forward([(royalties.CODE, row.pk)], key=f"{KEY} {place}", actor=people["supervisor"],
                           now=now - timedelta(minutes=40))[0]


def _ask(batch: Batch, now: datetime, people: dict[str, actors.Actor]) -> None:
    """The newest one: a line goes back where there is another, and a question waits for the department."""
    lines = list(BatchLine.objects.filter(batch=batch, state=BatchLine.FORWARDED))
    if len(lines) > 1:
        actions.send_back(batch, [lines[-1].pk], "This fund is closed for the year: which one pays it?",
                          version=batch.version, actor=people["budget"], now=now - timedelta(minutes=20))
    else:
        talk.say(("batch", batch.pk), "Is this the price with the discount of the consortium?", key=f"{KEY} question",
                 actor=people["budget"], now=now - timedelta(minutes=20), waiting_for=talk.ILL)
