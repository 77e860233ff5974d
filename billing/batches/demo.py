"""Batches for a first look: one that is paid, and one about which the budget office asks something."""

from datetime import datetime

from django.utils import timezone

from billing.batches import actions, payable, royalties
from billing.batches.models import BatchSettings
from billing.talk import actions as talk
from illdesk import actors
from illdesk.models import User
from requests_app.models import Royalty, RoyaltyList

KEY = "demo batch"
REFERENCE = "55121"


def load(now: datetime) -> None:
    """Once: where the settings of the office are there, everything is."""
    if BatchSettings.objects.exists():
        return
    people = {name: actors.staff(User.objects.get(username=name)) for name in ("supervisor", "budget")}
    approver = people["supervisor"]
    for row in _lists():
        royalties.approve(row, seen=royalties.version(row.pk), actor=approver, now=now)
    approved = [(kind.code, one.pk) for kind in payable.KINDS.values() for one in kind.waiting()[:2]]
    made = [actions.forward([one], key=f"{KEY} {place}", actor=approver, now=now)[0]
            for place, one in enumerate(approved, start=1)]
    if len(made) > 1:
        actions.pay(made[-1], day=timezone.localtime(now).date(), reference=REFERENCE, version=made[-1].version,
                    actor=people["budget"], now=now)
    if made:
        talk.say(("batch", made[0].pk), "Is this the price with the discount of the consortium?",
                 key=f"{KEY} question", actor=people["budget"], now=now, waiting_for=talk.ILL, notice=False)
    # Last, so that none of it wrote letters that would wait in the outbox of a first start.
    BatchSettings.objects.create(pk=1, email="budget@aldermere.example")


def _lists() -> list[RoyaltyList]:
    """Those there are. What was agreed before anybody had a budget has no fund, and no batch takes it."""
    lists = RoyaltyList.objects.filter(apart=None, lines__state=Royalty.LISTED).exclude(lines__fund="")
    return list(lists.distinct().order_by("pk"))
