"""What was changed in rules of money, by whom and when: one event for each change, shown below the form.

An event tells numbers, days and codes before and after; of words only that they changed, as all events do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from illdesk import dates, events
from illdesk.actors import Actor
from illdesk.models import Event


@dataclass(frozen=True)
class Changed:
    """Who changed rules at a moment. `words`: a sentence piece for each thing that changed."""

    at: datetime
    who: str
    words: list[str]


def values(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """As they stand now: to be compared with what is stored afterwards."""
    return {name: getattr(row, row._meta.get_field(name).attname) for name in names}  # type: ignore[union-attr]


def record(
    name: str, row: models.Model, before: Mapping[str, Any], *, subject: tuple[str, int], actor: Actor, now: datetime,
    texts: Iterable[str] = (), begins: date | None = None, added: bool = False, of: str = "",
) -> bool:
    """In the transaction of the change. `before`: `values` as they were; `texts`: names of those whose words stay out
    of the event; `begins`: of rules that hold from a day on; `of`: a code of whom they are about. Nothing different and
    nothing added: nothing recorded, and False."""
    after = values(row, before)
    changed = [
        [one, None, None] if one in texts else [one, _plain(before[one]), _plain(after[one])]
        for one in before if _lines(before[one]) != _lines(after[one])
    ]
    if not changed and not added:
        return False
    data: dict[str, Any] = {"changed": changed}
    if of:
        data["of"] = of
    if begins is not None:
        data["begins"] = begins.isoformat()
    events.record(name, subject=subject, actor=actor, now=now, data=data)
    return True


def _lines(value: Any) -> Any:
    """A browser ends lines in its own way: that is no change."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def of(
    kind: str, *of_models: type[models.Model], names: Mapping[str, Any] | None = None, most: int = 20,
) -> list[Changed]:
    """Newest first. `of_models`: in which the fields have their names; `names`: what the codes of `record(of=…)` are
    called."""
    there = {field.name: field for model in of_models for field in model._meta.concrete_fields}
    rows: QuerySet[Event] = Event.objects.filter(subject_kind=kind).select_related("actor").order_by("-pk")
    return [Changed(row.at, row.actor.short_name if row.actor else _("The system"),
                    _in_words(there, row.data, names or {})) for row in rows[:most]]


def _in_words(there: Mapping[str, models.Field], data: Mapping[str, Any], names: Mapping[str, Any]) -> list[str]:
    found = []
    if "of" in data:
        found.append(str(names.get(data["of"], data["of"])))
    if "begins" in data:
        found.append(_("from %(day)s on") % {"day": dates.in_words(date.fromisoformat(data["begins"]))})
    for name, before, after in data.get("changed", []):
        field = there.get(name)
        if field is None:  # of an older version of the program
            continue
        label = str(field.verbose_name)
        if before is None and after is None:
            found.append(_("%(what)s: changed") % {"what": label})
        else:
            found.append(_("%(what)s: %(before)s → %(after)s") % {
                "what": label, "before": _shown(field, before), "after": _shown(field, after)})
    return found


def _shown(field: models.Field, value: Any) -> str:
    if value in (None, ""):
        return "—"
    if isinstance(field, models.ForeignKey):
        return str(field.related_model._default_manager.filter(pk=value).first() or value)
    if isinstance(field, models.DecimalField):
        return number_format(Decimal(value), field.decimal_places, force_grouping=True).replace(
            "-", "\N{MINUS SIGN}")
    return str(value)
