"""Storing an import that somebody confirmed: once, in pieces, each row an event of its own."""

from datetime import datetime, timedelta
from typing import Any

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
# What is replaced as a whole; groups are memberships.
_LISTS = ("agency", "contact", "suspension")


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
    """Line, symbol and sentence of each row that could not be stored."""
    wanted = [row for row in rows if row["verdict"] in (compare.NEW, compare.CHANGED)]
    there = {
        library.symbol: library
        for library in compare.libraries().filter(symbol__in=[row["symbol"] for row in wanted])
    }
    fresh, failed = [], []
    for row in wanted:
        library = there.get(row["symbol"])
        if (compare.fingerprint(compare.entry_of(library)) if library else "") != row["was"]:
            why = _("Somebody changed this library since the file was read. It was left as it is.")
            failed.append([row["line"], row["symbol"], why])
        elif library is None:
            fresh.append(row)
        else:
            failed += _one_by_one([(library, row)], actor=actor, now=now)
    try:
        with transaction.atomic():
            _add([(Library(symbol=row["symbol"]), row["values"]) for row in fresh], actor=actor, now=now)
    except IntegrityError:  # one of them: each by itself, so that the others are stored
        failed += _one_by_one([(None, row) for row in fresh], actor=actor, now=now)
    return failed


def _one_by_one(pairs: list[tuple[Library | None, dict]], *, actor, now: datetime) -> list[list]:
    failed = []
    for library, row in pairs:
        try:
            with transaction.atomic():
                if library is None:
                    _add([(Library(symbol=row["symbol"]), row["values"])], actor=actor, now=now)
                else:
                    _change(library, row["values"])
                    _record("library.changed", library, row["values"], actor=actor, now=now)
        except IntegrityError:
            failed.append([row["line"], row["symbol"], _("Its symbols belong to another library by now.")])
    return failed


def _record(event: str, library: Library, new: dict[str, Any], *, actor, now: datetime) -> None:
    events.record(
        event, subject=("library", library.pk), actor=actor, now=now, data={"fields": sorted(new), "import": True}
    )


def _add(pairs: list[tuple[Library, dict[str, Any]]], *, actor, now: datetime) -> None:
    """New libraries with all they have, in a fixed number of queries (and an event each)."""
    calendars = _calendars()
    for library, new in pairs:
        _assign(library, new, calendars)
    Library.objects.bulk_create([library for library, _new in pairs])
    policies, addresses, memberships = [], [], []
    lists: dict[Any, list] = {}
    for library, new in pairs:
        if texts := {column: text for column, text in new.items() if column.startswith("policy_")}:
            policies.append(LibraryPolicy(library=library, **_policy_fields(texts)))
        for kind in sheet.ADDRESSES:
            if texts := {name: new[f"{kind}_{name}"] for name in sheet.ADDRESS if f"{kind}_{name}" in new}:
                addresses.append(LibraryAddress(library=library, kind=kind, **texts))
        for name in _LISTS:
            model, _fields = values.FIELDS[name]
            lists.setdefault(model, []).extend(_parts(library, name, new.get(name, [])))
        memberships += [(library, group) for group in _groups(new.get("group", []))]
        _record("library.added", library, new, actor=actor, now=now)
    for model, rows in {LibraryPolicy: policies, LibraryAddress: addresses, **lists}.items():
        model.objects.bulk_create(rows)
    through: Any = LibraryGroup.libraries.through
    through.objects.bulk_create([through(library=library, librarygroup=group) for library, group in memberships])


def _change(library: Library, new: dict[str, Any]) -> None:
    """`new`: column → text or list, as `compare.plan` cleaned it."""
    if any(column in sheet.LIBRARY for column in new):
        _assign(library, new, _calendars())
        library.save()
    if any(column.startswith("policy_") for column in new):
        texts = {f"policy_{name}": "" for name in sheet.POLICY}
        if hasattr(library, "policy"):
            texts = {f"policy_{name}": values.text_of(getattr(library.policy, name)) for name in sheet.POLICY}
        texts |= {column: text for column, text in new.items() if column in texts}
        if any(texts.values()):
            LibraryPolicy.objects.update_or_create(library=library, defaults=_policy_fields(texts))
        else:
            LibraryPolicy.objects.filter(library=library).delete()
    for kind in sheet.ADDRESSES:
        if any(column.startswith(f"{kind}_") for column in new):
            _address(library, kind, new)
    for name in _LISTS:
        if name in new:
            model, _fields = values.FIELDS[name]
            model.objects.filter(library=library).delete()
            model.objects.bulk_create(_parts(library, name, new[name]))
    if "group" in new:
        library.groups.set(_groups(new["group"]))


def _calendars() -> dict[str, Calendar]:
    return {row.name: row for row in Calendar.objects.all()}


def _assign(library: Library, new: dict[str, Any], calendars: dict[str, Calendar]) -> None:
    for column in new:
        if column == "calendar":
            library.calendar = calendars.get(new[column])
        elif column in sheet.LIBRARY:
            setattr(library, column, values.cleaned(Library, column, new[column]))


def _policy_fields(texts: dict[str, str]) -> dict[str, Any]:
    return {
        name: values.cleaned(LibraryPolicy, name, texts.get(f"policy_{name}", "")) for name in sheet.POLICY
    }


def _parts(library: Library, name: str, rows: list) -> list:
    model, fields = values.FIELDS[name]
    return [
        model(library=library, **{
            field: values.cleaned(model, field, text) for field, text in zip(fields, texts, strict=True)
        })
        for texts in rows
    ]


def _groups(rows: list) -> list[LibraryGroup]:
    return [LibraryGroup.objects.get_or_create(name=name, defaults={"kind": kind})[0] for name, kind in rows]


def _address(library: Library, kind: str, new: dict[str, Any]) -> None:
    row = LibraryAddress.objects.filter(library=library, kind=kind).first()
    texts = {name: getattr(row, name, "") for name in sheet.ADDRESS}
    texts |= {name: new[f"{kind}_{name}"] for name in sheet.ADDRESS if f"{kind}_{name}" in new}
    if not any(texts.values()):
        LibraryAddress.objects.filter(library=library, kind=kind).delete()
        return
    LibraryAddress.objects.update_or_create(library=library, kind=kind, defaults=texts)
