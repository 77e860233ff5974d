"""How long copyright records are kept, and their deletion after that (C17): slice by slice, recorded, never a held row.

Records of a year are kept until the end of the third complete calendar year after it, or longer by the library's own
setting: those of 2023 through 31 December 2026. What is deleted are uses, decisions and titles without a use; events,
which hold no names and no titles, and the record of the deletion with its totals stay.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.deletion import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from illdesk import events
from illdesk.actors import Actor
from illdesk.errors import NotAllowed, Stale
from illdesk.models import Attachment
from requests_app import lifecycle
from requests_app.copyright import holds, report
from requests_app.models import (
    CopyrightDecision,
    CopyrightNumber,
    CopyrightTitle,
    CopyrightUse,
    LegalHold,
    RecordDeletion,
    RecordPolicy,
    Royalty,
)
from requests_app.models.copyright_records import LEAST_YEARS

SLICE = 500
_USE = CopyrightUse._meta.db_table
_REPORTS = "copyright_report"  # files of a year's report, which hold the same


@dataclass(frozen=True)
class Plan:
    """What would go of a year, and what would stay because it is held."""

    year: int
    totals: report.Totals
    decisions: int
    held: int
    holds: tuple[LegalHold, ...]
    open: int = 0  # of those that stay: requests that are still worked on, royalties that are not paid

    @property
    def rows(self) -> int:
        return self.totals.rows


# --- how long ------------------------------------------------------------------------------------------------------


def kept_years() -> int:
    """Complete calendar years after the year of the request; never fewer than three."""
    row = RecordPolicy.objects.filter(pk=1).first()
    return max(LEAST_YEARS, row.keep_years) if row else LEAST_YEARS


def keep(years: int, *, actor: Actor, now: datetime) -> bool:
    """Set it; False where it was so."""
    if years < LEAST_YEARS:
        raise NotAllowed(_("The guidelines ask for three complete calendar years. Nothing was changed."))
    with transaction.atomic():
        holds.one_after_the_other()
        if not RecordPolicy.objects.filter(pk=1).exclude(keep_years=years).update(keep_years=years):
            return False
        events.record("copyright.keeping_changed", subject=("copyright_records", 0), actor=actor, now=now,
                      data={"years": years})
    return True


def kept_through(year: int, keep_years: int) -> date:
    return date(year + keep_years, 12, 31)


def deletable(year: int, today: date, keep_years: int) -> bool:
    """`today`: in the library's time zone."""
    return today > kept_through(year, keep_years)


def deletable_years(today: date) -> list[int]:
    """Years whose time is over and of which a row is left that no hold covers; the oldest first."""
    years, active = kept_years(), holds.active()
    return [year for year in sorted(report.years())
            if deletable(year, today, years) and _rows(holds.of_year(year, active), year, 1)]


# --- what would go -------------------------------------------------------------------------------------------------


def plan(year: int) -> Plan:
    """A dry run: nothing is written. Three queries beside those of the holds."""
    held = holds.of_year(year, holds.active())
    found = report.of_year(year, f"AND NOT {held.sql}", held.values)
    everything = CopyrightUse.objects.filter(year=year).count()
    return Plan(year, found, _decisions(year, held).count() + _of_uses(year, held), everything - found.rows, held.holds,
                holds.open_rows(year))


def _of_uses(year: int, held: holds.Held) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT COUNT(*) FROM {CopyrightDecision._meta.db_table} AS d WHERE NOT (d.number = '')
                AND d.number IN (SELECT u.number FROM {_USE} AS u WHERE u.year = %s AND NOT {held.sql})""",  # noqa: S608
            [year, *held.values],
        )
        return cursor.fetchone()[0]


def _decisions(year: int, held: holds.Held) -> QuerySet[CopyrightDecision]:
    """Of requests that never left: they belong to the year they were decided in."""
    if held.everything:
        return CopyrightDecision.objects.none()
    zone = timezone.get_default_timezone()
    open_states = [code for code, state in lifecycle.STATES.items() if not state.ended]
    rows = CopyrightDecision.objects.filter(
        made__gte=datetime(year, 1, 1, tzinfo=zone), made__lt=datetime(year + 1, 1, 1, tzinfo=zone)
    ).exclude(number__in=held.numbers).exclude(ill__state__in=open_states)
    return rows.exclude(Exists(CopyrightUse.objects.filter(number=OuterRef("number")).exclude(number="")))


def _rows(held: holds.Held, year: int, most: int) -> list[int]:
    """Keys of the newest rows that may go: one that another follows waits until that has gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT u.id FROM {_USE} AS u WHERE u.year = %s AND NOT {held.sql}
                AND NOT EXISTS (SELECT 1 FROM {_USE} AS v WHERE v.instead_of_id = u.id)
                ORDER BY u.id DESC LIMIT {int(most)}""",  # noqa: S608
            [year, *held.values],
        )
        return [row[0] for row in cursor.fetchall()]


# --- deleting ------------------------------------------------------------------------------------------------------


def begin(year: int, *, actor: Actor, now: datetime) -> RecordDeletion:
    """The record of a deletion, before the first row goes; one that was left is taken up again."""
    _refuse_too_early(year, now)
    unfinished = RecordDeletion.objects.filter(year=year, ended=None)
    if (row := unfinished.first()) is not None:
        return row
    found = plan(year)
    if not found.rows and not found.decisions:
        raise NotAllowed(_("Of %(year)s nothing is left that may be deleted.") % {"year": year})
    row = RecordDeletion(year=year, by=actor.user, began=now, totals=found.totals.stored(), planned=found.rows,
                         held=found.held)
    try:
        with transaction.atomic():
            row.save()
            events.record("copyright.deletion_begun", subject=("copyright_records", row.pk), actor=actor, now=now,
                          data={"year": year, "rows": found.rows, "held": found.held})
    except IntegrityError:  # somebody else began it at the same moment
        return unfinished.get()
    return row


def _refuse_too_early(year: int, now: datetime) -> None:
    years = kept_years()
    if not deletable(year, timezone.localtime(now).date(), years):
        raise NotAllowed(_("Records of %(year)s are kept through %(day)s. Nothing was deleted.") % {
            "year": year, "day": kept_through(year, years).isoformat()})


def delete_slice(pk: int, *, now: datetime, size: int = SLICE) -> int:
    """Up to `size` rows, with the decisions of their requests and the titles nobody uses any more; how many rows."""
    with transaction.atomic():
        holds.one_after_the_other()
        row = RecordDeletion.objects.get(pk=pk)
        if row.ended is not None:
            return 0
        _refuse_too_early(row.year, now)
        keys = _rows(holds.of_year(row.year, holds.active()), row.year, size)
        if not keys:
            return 0
        gone: list[dict[str, Any]] = [dict(one) for one in rows_of(keys)]
        try:
            CopyrightUse.objects.filter(pk__in=keys).delete()
        except ProtectedError as others:
            raise NotAllowed(_("Other records still point at these. Nothing of this part was deleted.")) from others
        decisions = _delete_decisions({use["number"] for use in gone} - {""})
        titles = _delete_titles({use["title_id"] for use in gone})
        changed = RecordDeletion.objects.filter(pk=pk, rows=row.rows, digest=row.digest, ended=None).update(
            rows=row.rows + len(gone), decisions=row.decisions + decisions, titles=row.titles + titles,
            digest=digest_of(row.digest, gone),
        )
        if not changed:
            raise Stale(_("Somebody else deletes the same records. Nothing of this part was deleted."))
    return len(gone)


def rows_of(keys: list[int]) -> Iterable[Mapping[str, Any]]:
    return CopyrightUse.objects.filter(pk__in=keys).order_by("-pk").values()


def digest_of(before: str, rows: list[dict[str, Any]]) -> str:
    """SHA-256 over what stood before and these rows: two who kept a copy can tell that it is the same."""
    text = json.dumps(rows, default=str, sort_keys=True)
    return hashlib.sha256(f"{before}{text}".encode()).hexdigest()


def _delete_decisions(numbers: set[str]) -> int:
    left = CopyrightUse.objects.filter(number=OuterRef("number")).exclude(number="")
    # What was paid stays as money; what was read for it does not.
    Royalty.objects.filter(~Exists(left), number__in=numbers).update(article="", author="", pages="")
    gone, _by_model = CopyrightDecision.objects.filter(~Exists(left), number__in=numbers).delete()
    return gone


def _delete_titles(titles: set[int]) -> int:
    """Those without a use, a hold, or anything else that points at them; then what they had been merged into."""
    gone = 0
    others = [
        one for one in CopyrightTitle._meta.related_objects if one.related_model is not CopyrightNumber
    ]
    while titles:
        unused = [~Exists(one.related_model._base_manager.filter(**{one.field.name: OuterRef("pk")})) for one in others]
        found = CopyrightTitle.objects.select_for_update(of=("self",)).filter(*unused, pk__in=titles)
        rows = list(found.order_by("pk"))
        keys = [row.pk for row in rows]
        CopyrightNumber.objects.filter(title__in=keys).delete()
        CopyrightTitle.objects.filter(pk__in=keys).delete()
        gone += len(keys)
        titles = {row.merged_into_id for row in rows if row.merged_into_id is not None}
    return gone


def end(pk: int, *, actor: Actor, now: datetime) -> RecordDeletion:
    """When no row is left: decisions of requests that never left, the files of the year's report, and the date."""
    with transaction.atomic():
        holds.one_after_the_other()
        row = RecordDeletion.objects.get(pk=pk)
        if row.ended is not None:
            return row
        held = holds.of_year(row.year, holds.active())
        if _rows(held, row.year, 1):
            raise NotAllowed(_("Rows of %(year)s are left. Delete again.") % {"year": row.year})
        never_sent = _decisions(row.year, held)
        row.decisions += never_sent.count()
        never_sent.delete()
        row.held = CopyrightUse.objects.filter(year=row.year).count()
        row.ended = now
        if not RecordDeletion.objects.filter(pk=pk, ended=None).update(
            ended=now, held=row.held, decisions=row.decisions
        ):
            return RecordDeletion.objects.get(pk=pk)
        events.record("copyright.records_deleted", subject=("copyright_records", pk), actor=actor, now=now, data={
            "year": row.year, "rows": row.rows, "decisions": row.decisions, "titles": row.titles, "held": row.held})
        files = list(Attachment.objects.filter(subject_kind=_REPORTS, subject_id=row.year))
        Attachment.objects.filter(pk__in=[file.pk for file in files]).delete()
        for file in files:
            transaction.on_commit(partial(file.file.delete, save=False), robust=True)
    return row


def delete_year(year: int, *, actor: Actor, now: datetime) -> RecordDeletion:
    """All of it, slice by slice, each its own transaction."""
    row = begin(year, actor=actor, now=now)
    while delete_slice(row.pk, now=now):
        pass
    return end(row.pk, actor=actor, now=now)
