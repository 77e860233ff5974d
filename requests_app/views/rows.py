"""One request as a row of a list: what its cells show."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from requests_app import claims, scanning
from requests_app.actions import spoken, then
from requests_app.lists import columns
from requests_app.models import ILLRequest
from requests_app.views.detail import flags_of


def row_of(ill: ILLRequest, user, names: tuple[str, ...] | list[str] = (), *, now=None) -> dict:
    """`names`: the columns shown; what costs something is worked out for these alone."""
    now = now or timezone.now()
    today = timezone.localtime(now).date()
    row: dict[str, Any] = {
        "ill": ill,
        "mark": f"{ill.number}@{ill.version}",
        "title": ill.citation.shown_title[:200],
        "age": columns.age(ill, today),
        "who": columns.who(ill),
        "date": columns.next_date(ill),
        "flags": flags_of(ill),
        "holder": claims.holder(ill, now),
    }
    if "left" in names:
        row["left"] = left_to_answer(ill)
        row["flags"] = [flag for flag in row["flags"] if flag["icon"] != "clock-fill"] if row["left"] else row["flags"]
    if "waits" in names:
        row["waits"] = (today - timezone.localtime(ill.changed).date()).days
    if "where" in names:
        row["where"] = columns.where(ill)
    if "next" in names:
        row["step"] = first_step(user, ill)
    return row


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
