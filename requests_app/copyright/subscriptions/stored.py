"""Subscriptions as people keep them: stored with their numbers and an event; found for the list."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from illdesk import events
from illdesk.actors import Actor
from requests_app.copyright import titles
from requests_app.copyright.facts import PERIODICAL, WORK
from requests_app.models import Subscription, SubscriptionNumber
from requests_app.verification.kbart_values import title_key

STANDINGS = ("in_force", "entered", "ended")


def keep(row: Subscription, keys: list[str], *, fields: list[str], actor: Actor, now: datetime) -> Subscription:
    """Store a new or a changed one. `fields`: names of what was changed, for its event."""
    with transaction.atomic():
        added = row.pk is None
        row.name_key = title_key(row.name)
        row.save()
        row.numbers.exclude(key__in=keys).delete()
        SubscriptionNumber.objects.bulk_create(
            [SubscriptionNumber(subscription=row, key=key) for key in keys], ignore_conflicts=True)
        events.record(
            "subscription.added" if added else "subscription.changed", subject=("subscription", row.pk), actor=actor,
            now=now, data={"fields": sorted(fields), "ends": row.ends.isoformat() if row.ends else None},
        )
    return row


_SAME = ("kind", "form", "ordered", "begins", "ends", "covers_from", "covers_to", "embargo")


def twin(values: dict[str, Any], keys: list[str], *, but: int | None) -> Subscription | None:
    """Another one that counts and says the same: these numbers, or without any this name; `but`: its own key."""
    rows = Subscription.objects.counting().filter(**{name: values[name] for name in _SAME}).exclude(pk=but)
    if keys:
        rows = rows.filter(pk__in=SubscriptionNumber.objects.filter(key__in=keys).values("subscription"))
    else:
        rows = rows.filter(name_key=title_key(values["name"]), numbers=None)
    same = (row for row in rows.order_by("pk").prefetch_related("numbers")
            if {one.key for one in row.numbers.all()} == set(keys))
    return next(same, None)


def found(*, text: str, standing: str, day: date) -> QuerySet[Subscription]:
    """Those that count, by name. `standing`: one of STANDINGS, or all."""
    rows = Subscription.objects.counting()
    keys = [key for kind in (PERIODICAL, WORK) if (key := titles.key_of(text, kind))]
    if keys:
        rows = rows.filter(pk__in=SubscriptionNumber.objects.filter(key__in=keys).values("subscription"))
    elif name := title_key(text):
        rows = rows.filter(name_key__contains=name)
    elif text.strip():
        rows = rows.filter(name__icontains=text.strip())
    ended, begun = Q(ends__lt=day), Q(begins__lte=day) | Q(begins=None, ordered=None)
    if standing == "ended":
        rows = rows.filter(ended)
    elif standing == "in_force":
        rows = rows.filter(begun).exclude(ended)
    elif standing == "entered":
        rows = rows.exclude(begun).exclude(ended)
    return rows.select_related("load").prefetch_related("numbers").order_by("name_key", "pk")
