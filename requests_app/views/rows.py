"""One request as a row of a list: what its cells show."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from illdesk.templatetags.ill import short_day
from requests_app import claims, scanning
from requests_app.actions import spoken, then
from requests_app.lists import columns
from requests_app.lists.columns import Column
from requests_app.models import ILLRequest
from requests_app.views.detail import flags_of


def row_of(ill: ILLRequest, user, shown: Sequence[Column] = (), *, now=None) -> dict:
    """`shown`: the columns of the list; what costs something is worked out for these alone."""
    names = [column.name for column in shown]
    now = now or timezone.now()
    today = timezone.localtime(now).date()
    row: dict[str, Any] = {
        "ill": ill,
        "mark": f"{ill.number}@{ill.version}",
        "title": ill.citation.shown_title[:200],
        "who": columns.who(ill),
        "flags": flags_of(ill),
        "holder": claims.holder(ill, now),
    }
    if "left" in names:
        row["left"] = left_to_answer(ill)
        row["flags"] = [flag for flag in row["flags"] if flag["icon"] != "clock-fill"] if row["left"] else row["flags"]
    if "next" in names:
        row["step"] = first_step(user, ill)
    row["cells"] = [
        {"css": column.css, "text": CELLS[column.name](ill, today), "clip": column.name in _CLIPPED}
        if column.name in CELLS else {"css": column.css, "own": column.name}
        for column in shown
    ]
    return row


def _days(count: int) -> str:
    return _("%(n)d d") % {"n": count}


# The text of a cell; columns that are not named here have a markup of their own in the page.
CELLS: dict[str, Callable[[ILLRequest, date], Any]] = {
    "number": lambda ill, today: ill.number,
    "who": lambda ill, today: columns.who(ill),
    "lender": lambda ill, today: ill.partner.symbol if ill.partner else "—",
    "age": lambda ill, today: _days(columns.age(ill, today)),
    "waits": lambda ill, today: _days((today - timezone.localtime(ill.changed).date()).days),
    "date": lambda ill, today: short_day(columns.next_date(ill)) or "—",
    "need_by": lambda ill, today: short_day(ill.need_by) or "—",
    "asked": lambda ill, today: short_day(ill.created),
    "service": lambda ill, today: ill.get_service_display(),
    "where": lambda ill, today: columns.where(ill) or "—",
    "author": lambda ill, today: ill.citation.shown_author[:200],
    "material": lambda ill, today: ill.citation.get_kind_display(),
    "status": lambda ill, today: ill.patron.get_status_display() if ill.patron else "",
    "branch": lambda ill, today: ill.branch.name if ill.branch else "—",
    "barcode": lambda ill, today: ill.barcode,
}
_CLIPPED = {"who", "lender", "where", "author", "material", "status", "branch", "barcode"}


def first_step(user, ill: ILLRequest) -> dict | None:
    """The button of the step that comes next for this person."""
    step = scanning.due(user, ill)
    if step is None:
        return None
    return {
        "label": spoken(step.label, ill), "then": then(step, ill), "form": bool(step.form), "action": step.action,
        "url": reverse("act", args=[ill.number, step.action]),
    }


def left_to_answer(ill: ILLRequest) -> dict | None:
    """What is left until the other library must be answered, in words with their family."""
    if not ill.respond_by or ill.answered_at or not ill.is_open:
        return None
    days = (timezone.localtime(ill.respond_by).date() - timezone.localdate()).days
    hours = int((ill.respond_by - timezone.now()).total_seconds() // 3600)
    if ill.respond_by < timezone.now():
        return {"family": "trouble", "text": _("late")}
    if days == 0:
        return {"family": "trouble", "text": _("%(n)d h") % {"n": hours} if hours else _("under 1 h")}
    return {"family": "decision" if days == 1 else "", "text": _("%(n)d d") % {"n": days}}
