"""Storing an import that somebody confirmed: once, in pieces, each row an event of its own."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from illdesk import actors, clock, events
from illdesk.errors import NotAllowed, Stale
from illdesk.models import Calendar
from requests_app.directory import compare, sheet, symbols, values
from requests_app.models import (
    DirectoryImport,
    Library,
    LibraryAddress,
    LibraryGroup,
    LibraryPolicy,
)

_AT_ONCE = 100
# Nobody has moved it for so long: its worker is gone.
ABANDONED = timedelta(minutes=2)


def confirm(draft: DirectoryImport, *, user, now: datetime) -> None:
    """Of two people who confirm at once, one does; the other is told who."""
    with transaction.atomic():
        taken = DirectoryImport.objects.filter(pk=draft.pk, state=DirectoryImport.DRAFT).update(
            state=DirectoryImport.RUNNING, confirmed=now, confirmed_by=user, moved=now
        )
        if not taken:
            other = DirectoryImport.objects.select_related("confirmed_by").get(pk=draft.pk)
            who = other.confirmed_by.short_name if other.confirmed_by else _("Somebody")
            raise Stale(_("%(who)s was faster: this import is %(state)s.") % {
                "who": who, "state": other.get_state_display()})
        events.record(
            "directory.import", subject=("directory_import", draft.pk), actor=actors.staff(user), now=now,
            data=draft.counts,
        )


def discard(draft: DirectoryImport, *, user, now: datetime) -> None:
    with transaction.atomic():
        gone = DirectoryImport.objects.filter(pk=draft.pk, state=DirectoryImport.DRAFT).update(
            state=DirectoryImport.DISCARDED, plan=[]
        )
        if not gone:
            raise NotAllowed(_("This import was stored or thrown away meanwhile. Nothing was changed."))
        events.record(
            "directory.import_discarded", subject=("directory_import", draft.pk), actor=actors.staff(user), now=now
        )


def go_on(pk: int, *, now: datetime) -> int:
    """Store what is left of a confirmed import; returns how many rows were gone through. A second worker that
    meets the first one stops."""
    draft = DirectoryImport.objects.select_related("confirmed_by").get(pk=pk)
    start = draft.done
    if draft.state != DirectoryImport.RUNNING:
        return 0
    actor = actors.staff(draft.confirmed_by) if draft.confirmed_by else actors.SYSTEM
    while draft.done < len(draft.plan):
        rows = draft.plan[draft.done : draft.done + _AT_ONCE]
        with transaction.atomic():
            symbols.one_at_a_time()
            mine = DirectoryImport.objects.filter(pk=pk, state=DirectoryImport.RUNNING, done=draft.done)
            if not mine.update(done=draft.done + len(rows), moved=now):
                return draft.done - start
            failed = _store(rows, actor=actor, now=now)
            if failed:
                draft.failed = [*draft.failed, *failed]
                DirectoryImport.objects.filter(pk=pk).update(failed=draft.failed)
        draft.done += len(rows)
    DirectoryImport.objects.filter(pk=pk, state=DirectoryImport.RUNNING).update(state=DirectoryImport.DONE, moved=now)
    return draft.done - start


@clock.register("directory_import", label=gettext_lazy("Go on with abandoned imports"), every=120, quick=False)
def take_up(*, now: datetime) -> tuple[int, int]:
    done = 0
    left = DirectoryImport.objects.filter(state=DirectoryImport.RUNNING, moved__lt=now - ABANDONED)
    for pk in list(left.values_list("pk", flat=True)[:20]):
        done += go_on(pk, now=now)
    return done, 0


def _store(rows: list[dict], *, actor, now: datetime) -> list[list]:
    """Line and sentence of each row that could not be stored."""
    wanted = [row for row in rows if row["verdict"] in (compare.NEW, compare.CHANGED)]
    there = {
        library.symbol: library
        for library in compare.libraries().filter(symbol__in=[row["symbol"] for row in wanted])
    }
    named: dict[str, dict[str, Any]] = {"calendars": {row.name: row for row in Calendar.objects.all()}}
    failed = []
    for row in wanted:
        library = there.get(row["symbol"])
        try:
            if (compare.fingerprint(compare.entry_of(library)) if library else "") != row["was"]:
                raise ValidationError(_("Somebody changed this library since the file was read. It was left as it is."))
            with transaction.atomic():
                event = "library.changed" if library else "library.added"
                library = _write(library or Library(symbol=row["symbol"]), row["values"], named)
                events.record(
                    event, subject=("library", library.pk), actor=actor, now=now,
                    data={"fields": sorted(row["values"]), "import": True},
                )
        except ValidationError as refusal:
            failed.append([row["line"], row["symbol"], " ".join(refusal.messages)])
        except IntegrityError:
            failed.append([row["line"], row["symbol"], _("Its symbols belong to another library by now.")])
    return failed


def _write(library: Library, new: dict[str, Any], named: dict) -> Library:
    """`new`: column → text or list, as `compare.plan` cleaned it."""
    added = library.pk is None
    own = [column for column in new if column in sheet.LIBRARY]
    for column in own:
        if column == "calendar":
            library.calendar = named["calendars"].get(new[column])
        else:
            setattr(library, column, values.cleaned(Library, column, new[column]))
    if own or added:
        library.save()
    if any(column.startswith("policy_") for column in new):
        _policy(library, new)
    for kind in sheet.ADDRESSES:
        if any(column.startswith(f"{kind}_") for column in new):
            _address(library, kind, new)
    for name in ("agency", "contact", "suspension"):
        if name in new:
            model, fields = values.FIELDS[name]
            if not added:
                model.objects.filter(library=library).delete()
            model.objects.bulk_create(
                model(library=library, **{
                    field: values.cleaned(model, field, text) for field, text in zip(fields, texts, strict=True)
                }) for texts in new[name]
            )
    if "group" in new:
        library.groups.set([
            LibraryGroup.objects.get_or_create(name=name, defaults={"kind": kind})[0] for name, kind in new["group"]
        ])
    return library


def _policy(library: Library, new: dict[str, Any]) -> None:
    row = LibraryPolicy.objects.filter(library=library).first()
    texts = {f"policy_{name}": "" for name in sheet.POLICY}
    if row is not None:
        texts = {f"policy_{name}": values.text_of(getattr(row, name)) for name in sheet.POLICY}
    texts |= {column: text for column, text in new.items() if column in texts}
    if not any(texts.values()):
        LibraryPolicy.objects.filter(library=library).delete()
        return
    fields = {name: values.cleaned(LibraryPolicy, name, texts[f"policy_{name}"]) for name in sheet.POLICY}
    LibraryPolicy.objects.update_or_create(library=library, defaults=fields)


def _address(library: Library, kind: str, new: dict[str, Any]) -> None:
    row = LibraryAddress.objects.filter(library=library, kind=kind).first()
    texts = {name: getattr(row, name, "") for name in sheet.ADDRESS}
    texts |= {name: new[f"{kind}_{name}"] for name in sheet.ADDRESS if f"{kind}_{name}" in new}
    if not any(texts.values()):
        LibraryAddress.objects.filter(library=library, kind=kind).delete()
        return
    LibraryAddress.objects.update_or_create(library=library, kind=kind, defaults=texts)
