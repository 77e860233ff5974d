"""A file of subscriptions on its way: read and kept beside what counts, then swapped at once, or thrown away."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from illdesk import events
from illdesk.actors import Actor
from illdesk.errors import NotAllowed
from requests_app.copyright.subscriptions import KEPT, lines
from requests_app.models import Subscription, SubscriptionLoad, SubscriptionNumber
from requests_app.verification.kbart_values import title_key

PROBLEMS_KEPT = 2000
_SLICE = 500


def draft(data: bytes, *, name: str, actor: Actor, now: datetime) -> SubscriptionLoad:
    """Read and stored as a draft that counts for nothing. Raises lines.NotReadable."""
    sheet = lines.read(data)
    had = _numbers_of(SubscriptionLoad.objects.filter(state=SubscriptionLoad.COUNTS))
    lost = had - {key for row in sheet.rows for key in row.keys}
    with transaction.atomic():
        load = SubscriptionLoad.objects.create(
            file_name=name.replace("\x00", "")[-200:], made=now, by=actor.user, rows=len(sheet.rows),
            rejected=sheet.rejected, lost=len(lost), before=len(had), problems=sheet.problems[:PROBLEMS_KEPT],
            columns=sheet.columns | {"ignored": sheet.ignored},
        )
        for start in range(0, len(sheet.rows), _SLICE):
            _store(load, sheet.rows[start : start + _SLICE])
        events.record("subscriptions.read", subject=("subscription_load", load.pk), actor=actor, now=now,
                      data={"rows": load.rows, "rejected": load.rejected, "lost": load.lost})
    return load


def _numbers_of(loads) -> set[str]:
    return set(SubscriptionNumber.objects.filter(subscription__load__in=loads).values_list("key", flat=True))


def _store(load: SubscriptionLoad, rows: list[lines.Row]) -> None:
    stored = Subscription.objects.bulk_create([
        Subscription(load=load, name_key=title_key(row.name), **{
            name: getattr(row, name) for name in (
                "line", "kind", "name", "form", "ordered", "begins", "ends", "covers_from", "covers_to", "embargo",
                "supplier", "note",
            )
        }) for row in rows
    ])
    SubscriptionNumber.objects.bulk_create([
        SubscriptionNumber(subscription=one, key=key) for one, row in zip(stored, rows, strict=True) for key in row.keys
    ])


def confirm(load: SubscriptionLoad, *, actor: Actor, now: datetime, half_is_right: bool = False) -> None:
    """From now on it counts, and the file before no more. Raises NotAllowed where it is no draft any more, or has lost
    half of the numbers and nobody said that this is right."""
    if load.lost_half and not half_is_right:
        raise NotAllowed(_("%(lost)s of the %(before)s numbers that count now are not in this file. Look at it, and "
                           "say that it is right.") % {"lost": load.lost, "before": load.before})
    try:
        with transaction.atomic():
            SubscriptionLoad.objects.filter(state=SubscriptionLoad.COUNTS).update(state=SubscriptionLoad.REPLACED)
            _decide(load, SubscriptionLoad.COUNTS, actor, now)
            events.record("subscriptions.in_force", subject=("subscription_load", load.pk), actor=actor, now=now,
                          data={"rows": load.rows, "lost": load.lost})
    except IntegrityError as other:
        raise NotAllowed(_("Another file came into force at this moment. Look at the list again.")) from other


def discard(load: SubscriptionLoad, *, actor: Actor, now: datetime) -> None:
    """It never counted, so its rows go; that it was read stays."""
    with transaction.atomic():
        _decide(load, SubscriptionLoad.DISCARDED, actor, now)
        SubscriptionNumber.objects.filter(subscription__load=load).delete()
        Subscription.objects.filter(load=load).delete()
        events.record("subscriptions.discarded", subject=("subscription_load", load.pk), actor=actor, now=now)


def _decide(load: SubscriptionLoad, state: str, actor: Actor, now: datetime) -> None:
    mine = SubscriptionLoad.objects.filter(pk=load.pk, state=SubscriptionLoad.DRAFT)
    if not mine.update(state=state, decided=now, decided_by=actor.user):
        raise NotAllowed(_("Somebody decided on this file already. Nothing was changed."))


def left_out(load: SubscriptionLoad) -> list[tuple[int, str, str, bool]]:
    """(line, code, value, is the row kept all the same?)"""
    return [(line, code, about, code in KEPT) for line, code, about in load.problems]
