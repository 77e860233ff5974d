"""A file of libraries against the directory: what would be new, what would change, what is wrong. Reads only."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from illdesk.models import Calendar
from requests_app.directory import checks, sheet, values
from requests_app.models import Library, LibraryGroup, LibraryPolicy

NEW, CHANGED, SAME, WRONG = "new", "changed", "same", "wrong"
# In each list: what an entry cannot do without.
_NEEDED = {"agency": 1, "contact": 1, "suspension": 0, "group": 0}


def libraries():
    """With everything that an entry shows, in a fixed number of queries."""
    return Library.objects.select_related("policy", "calendar").prefetch_related(
        "symbols", "contacts", "suspensions", "addresses", "groups"
    )


def entry_of(library: Library) -> sheet.Entry:
    """The library as the file has it; secrets stay here."""
    policy, addresses = getattr(library, "policy", None), {row.kind: row for row in library.addresses.all()}
    entry: sheet.Entry = {}
    for column in sheet.SINGLE:
        model, name = values.field_of(column)
        owner: Any = library
        if model is not Library:
            owner = policy if column.startswith("policy_") else addresses.get(column.partition("_")[0])
        entry[column] = sheet.tidy(values.text_of(getattr(owner, name))) if owner is not None else ""
    entry["calendar"] = library.calendar.name if library.calendar else ""
    related = {
        "agency": library.symbols.all(), "contact": library.contacts.all(),
        "suspension": sorted(library.suspensions.all(), key=lambda row: (row.first, row.pk)),
        "group": library.groups.all(),
    }
    for name, rows in related.items():
        fields = values.FIELDS[name][1]
        entry[name] = [tuple(sheet.tidy(values.text_of(getattr(row, field))) for field in fields) for row in rows]
    return entry


def fingerprint(entry: sheet.Entry) -> str:
    """Changes whenever anything of the library does."""
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()[:24]


def plan(found: sheet.Sheet) -> tuple[list[dict], dict[str, int]]:
    """For each row of the file what storing it would do; and how many of each verdict."""
    context = _Context()
    rows = [_row(line, entry, context) for line, entry in found.rows]
    _refuse_shared(rows, context)
    for row in rows:
        row.pop("full", None)
    return rows, dict(Counter(row["verdict"] for row in rows))


class _Context:
    """What every row is compared with, read once."""

    def __init__(self):
        self.current = {library.symbol: entry_of(library) for library in libraries()}
        self.calendars = {name.casefold(): name for name in Calendar.objects.values_list("name", flat=True)}
        self.groups = {name.casefold(): (name, kind) for name, kind in LibraryGroup.objects.values_list("name", "kind")}
        self.ours = checks.our_agency()
        self.seen: dict[str, int] = {}


def _row(line: int, given: sheet.Entry, context: _Context) -> dict:
    why: list[str] = []
    known = context.current.get(str(given.get("symbol", "")).upper(), {})
    new = _clean(given, known, context, why)
    symbol = str(new.get("symbol", given.get("symbol", "")))
    row = {"line": line, "symbol": symbol[:30], "name": str(given.get("name", ""))[:200]}
    if symbol in context.seen:
        why.append(_("This symbol stands in line %(line)s already.") % {"line": context.seen[symbol]})
    context.seen.setdefault(symbol, line)
    old = context.current.get(symbol)
    if old is None and not why:
        new = _with_defaults(new)
        if not new.get("name"):
            why.append(_("%(column)s: a new library needs a name.") % {"column": "name"})
    full = {**(old or {}), **new}
    if not why:
        _clean_parts(full, new, why)
    if why:
        return row | {"verdict": WRONG, "why": why[:10]}
    row["name"] = str(full["name"])
    changed = {column: value for column, value in new.items() if old is None or old.get(column) != value}
    if old is None:
        kept = {column: value for column, value in changed.items() if value not in ("", [])}
        return row | {"verdict": NEW, "values": kept, "was": "", "full": full}
    if not changed:
        return row | {"verdict": SAME, "full": full}
    changes = [[column, _shown(old.get(column, "")), _shown(value)] for column, value in changed.items()]
    return row | {
        "verdict": CHANGED, "values": changed, "changes": changes, "was": fingerprint(old), "full": full,
    }


def _clean(given: sheet.Entry, known: sheet.Entry, context: _Context, why: list[str]) -> sheet.Entry:
    """The file's values as they would be kept, for the columns it has. What stands there already is good."""
    new: sheet.Entry = {}
    for column, text in given.items():
        if known.get(column) == text:
            new[column] = text
        elif column in sheet.SEVERAL and isinstance(text, list):
            new[column] = _clean_list(column, text, context, why)
        else:
            try:
                new[column] = _clean_cell(column, str(text), context)
            except ValidationError as refusal:
                why.extend(f"{column}: {sentence}" for sentence in refusal.messages)
    return new


def _clean_cell(column: str, text: str, context: _Context) -> str:
    if column == "calendar":
        if text and text.casefold() not in context.calendars:
            raise ValidationError(_("There is no calendar “%(name)s”. Add it under Settings first."),
                                  params={"name": text[:100]})
        return context.calendars.get(text.casefold(), "")
    if column == "agency_value":
        text = checks.agency_value(text, ours=context.ours)
    model, name = values.field_of(column)
    if model is not Library and not text:
        return ""  # a part that is not there; its defaults come where other columns of it are filled
    return values.text_of(values.cleaned(model, name, text))


def _clean_list(column: str, rows: list, context: _Context, why: list[str]) -> list[tuple[str, ...]]:
    model, fields = values.FIELDS[column]
    found: list[tuple[str, ...]] = []
    for number, texts in enumerate(rows, start=1):
        cells = []
        for field, part, text in zip(fields, sheet.SEVERAL[column], texts, strict=True):
            try:
                if column == "agency" and part == "value":
                    text = checks.agency_value(text, ours=context.ours)
                cells.append(values.text_of(values.cleaned(model, field, text)))
            except ValidationError as refusal:
                why.extend(f"{column}_{number}_{part}: {sentence}" for sentence in refusal.messages)
                break
        else:
            if not cells[_NEEDED[column]]:
                part = sheet.SEVERAL[column][_NEEDED[column]]
                why.append(_("%(column)s: this is missing.") % {"column": f"{column}_{number}_{part}"})
            elif column == "suspension" and cells[1] and cells[1] < cells[0]:
                why.append(_("%(column)s: the last day lies before the first.") % {
                    "column": f"{column}_{number}_until"})
            elif column == "group":
                known = context.groups.setdefault(cells[0].casefold(), (cells[0], cells[1]))
                found.append(known)
            else:
                found.append(tuple(cells))
    if column == "suspension":
        return sorted(found, key=lambda cells: cells[0])
    return sorted(set(found)) if column == "group" else found


def _clean_parts(full: sheet.Entry, new: sheet.Entry, why: list[str]) -> None:
    """An address needs a street; a policy that is there at all has its defaults where a cell is empty."""
    for kind in sheet.ADDRESSES:
        filled = [name for name in sheet.ADDRESS if full.get(f"{kind}_{name}")]
        if filled and "line1" not in filled:
            why.append(_("%(column)s: an address needs its street.") % {"column": f"{kind}_line1"})
    if any(full.get(f"policy_{name}") for name in sheet.POLICY):
        for name in sheet.POLICY:
            column = f"policy_{name}"
            if new.get(column) == "":
                full[column] = new[column] = values.text_of(values.cleaned(LibraryPolicy, name, ""))


def _with_defaults(new: sheet.Entry) -> sheet.Entry:
    defaults: sheet.Entry = {}
    for column in sheet.LIBRARY:
        if column not in ("calendar", "symbol", "name"):
            field: Any = Library._meta.get_field(column)
            defaults[column] = values.text_of(field.get_default()) if field.has_default() else ""
    return {**defaults, **new}


def _shown(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(", ".join(cell for cell in cells if cell) for cells in value)
    return str(value)


def _refuse_shared(rows: list[dict], context: _Context) -> None:
    """When all is stored, no agency symbol may belong to two libraries."""
    owners: dict[tuple[str, str], set[str]] = {}
    later = {row["symbol"]: row["full"] for row in rows if "full" in row}
    for symbol, entry in {**context.current, **later}.items():
        for key in _agencies(entry):
            owners.setdefault(key, set()).add(symbol)
    for row in rows:
        if "full" not in row or row["verdict"] == SAME:
            continue
        keys = _agencies(row["full"])
        double = [key for key in keys if len(owners[key]) > 1 or keys.count(key) > 1]
        if double:
            others = ", ".join(sorted(set().union(*(owners[key] for key in double)) - {row["symbol"]}))[:200]
            row |= {"verdict": WRONG, "why": [
                _("The agency symbol %(symbol)s would belong to %(others)s too.") % {
                    "symbol": ":".join(double[0]).upper(), "others": others or row["symbol"]}
            ]}
            row.pop("values", None)
            row.pop("changes", None)


def _agencies(entry: sheet.Entry) -> list[tuple[str, str]]:
    pairs: Iterable[tuple[str, str]] = [
        (str(entry.get("agency_type", "")), str(entry.get("agency_value", ""))),
        *((cells[0], cells[1]) for cells in entry.get("agency", [])),  # type: ignore[attr-defined]
    ]
    return [(kind.casefold(), value.casefold()) for kind, value in pairs if value]
