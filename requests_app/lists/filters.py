"""What can be left out of a list. `narrowed()` is given what the form made of an address."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app import claims, search
from requests_app.models import ILLRequest

# Name in the address → words, and which rows bear it today.
FLAGS: dict[str, tuple[str | Promise, Callable[[date, datetime], Q]]] = {
    "attention": (_("needs a look"), lambda today, now: Q(attention__isnull=False)),
    "referred": (_("referred"), lambda today, now: Q(referred__isnull=False)),
    "cancel": (_("cancel asked"), lambda today, now: Q(cancel_asked__isnull=False)),
    "renewal": (_("renewal asked"), lambda today, now: Q(renewal_asked__isnull=False)),
    "recalled": (_("recalled"), lambda today, now: Q(recalled__isnull=False)),
    "resend": (_("to be sent again"), lambda today, now: Q(resend_asked__isnull=False)),
    "overdue": (_("overdue"), lambda today, now: Q(state="borrowing.checked_out", due_patron__lt=today)
                | Q(state="lending.shipped", due_lender__lt=today)),
    "late": (_("answer late"), lambda today, now: Q(respond_by__lt=now, answered_at=None)),
}


NOT_CHECKED = "none"  # in an address, for what no check has looked at yet


def narrowed(
    rows: QuerySet[ILLRequest], wanted: dict[str, Any], *, user, now: datetime
) -> QuerySet[ILLRequest]:
    """Only what fits all of `wanted`; of several flags any one is enough."""
    today = timezone.localtime(now).date()
    fields = {
        "service": "service", "material": "citation__kind", "status": "patron__status", "branch": "branch__code",
        "need_from": "need_by__gte", "need_to": "need_by__lte",
    }
    rows = rows.filter(**{field: wanted[name] for name, field in fields.items() if wanted.get(name)})
    if wanted.get("outcome"):
        rows = rows.filter(outcome="" if wanted["outcome"] == NOT_CHECKED else wanted["outcome"])
    if wanted.get("asked_from"):
        rows = rows.filter(created__gte=_start(wanted["asked_from"]))
    if wanted.get("asked_to"):
        rows = rows.filter(created__lte=_end(wanted["asked_to"]))
    if wanted.get("library"):
        rows = rows.filter(Q(partner__symbol__iexact=wanted["library"]) | Q(partner__name__icontains=wanted["library"]))
    if wanted.get("flag"):
        any_of = Q()
        for name in wanted["flag"]:
            any_of |= FLAGS[name][1](today, now)
        rows = rows.filter(any_of)
    if wanted.get("mine"):
        rows = rows.filter(pk__in=claims.held_by(user, now).values("pk"))
    for word in search.words_of(wanted.get("words") or "")[:8]:
        rows = _with_word(rows, word)
    return rows


def _with_word(rows: QuerySet[ILLRequest], word: str) -> QuerySet[ILLRequest]:
    """Rows whose searchable words have one that begins so: looked at row by row, so a queue costs what is open."""
    own = "ill_id" if connection.vendor == "postgresql" else "rowid"
    beside = RawSQL(  # noqa: S611 - nothing of the reader stands in it
        f"SELECT ' ' || text FROM requests_app_search WHERE {own} = requests_app_illrequest.id",  # noqa: S608
        [], output_field=TextField(),
    )
    return rows.alias(**{f"words_{word}": beside}).filter(**{f"words_{word}__contains": f" {word}"})


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _end(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.max))
