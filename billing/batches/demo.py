"""Batches of royalties for a first look: one that is paid, and one about which the budget office asks something."""

from datetime import datetime

from django.utils import timezone

from billing.batches import actions, royalties
from billing.batches.models import Batch, BatchSettings
from billing.talk import actions as talk
from illdesk import actors
from illdesk.models import User
from requests_app.copyright import payment
from requests_app.models import Royalty, RoyaltyList

KEY = "demo batch"
REFERENCE = "55121"


def load(now: datetime) -> None:
    """Once: where the settings of the office are there, everything is."""
    if BatchSettings.objects.exists():
        return
    people = {name: actors.staff(User.objects.get(username=name)) for name in ("borrowing", "supervisor", "budget")}
    made = [_forward(row, place, now, people) for place, row in enumerate(_lists(now, people["borrowing"]), start=1)]
    if len(made) > 1:
        actions.pay(made[0], day=timezone.localtime(now).date(), reference=REFERENCE, version=made[0].version,
                    actor=people["budget"], now=now)
    if made:
        talk.say(("batch", made[-1].pk), "Is this the price with the discount of the consortium?",
                 key=f"{KEY} question", actor=people["budget"], now=now, waiting_for=talk.ILL, notice=False)
    # Last, so that none of it wrote letters that would wait in the outbox of a first start.
    BatchSettings.objects.create(pk=1, email="budget@aldermere.example")


def _lists(now: datetime, actor: actors.Actor) -> list[RoyaltyList]:
    """Those there are, and one of the oldest that is owed; what else is owed stays so, for the pages of copyright."""
    owed = Royalty.objects.filter(state=Royalty.OWED).values_list("used_on", flat=True)
    if days := sorted({day for day in owed if day is not None}):
        payment.make(days[0], days[0], key=KEY, actor=actor, now=now)
    return list(RoyaltyList.objects.filter(apart=None, lines__state=Royalty.LISTED).distinct().order_by("pk"))


def _forward(row: RoyaltyList, place: int, now: datetime, people: dict[str, actors.Actor]) -> Batch:
    royalties.approve(row, seen=royalties.version(row.pk), actor=people["supervisor"], now=now)
    return actions.forward([(royalties.CODE, row.pk)], key=f"{KEY} {place}", actor=people["supervisor"],
                           now=now)[0]
