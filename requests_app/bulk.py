"""One step for many requests: which steps allow it, who of the ticked cannot, and each one's own turn.

The lifecycle table says what is possible for one request; this says whether asking once can be enough for
many. What a form asks of each item by itself (the barcode of a book) cannot be asked once for all.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from illdesk import actors, jobs
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import Job, JobItem, User
from requests_app import access, ask_first, lifecycle
from requests_app.actions import perform, spoken, what_happened, why_not
from requests_app.lists.queues import RELATED
from requests_app.models import Check, ILLRequest, Library
from requests_app.verification.records import CITED
from requests_app.words import FIELD_LABELS

ONCE, OWN = "once", "own"
# The form of a step → whether it is asked once for all, or each request answers by what is stored of it.
# A form that is not named here is for one request at a time.
ASKS: dict[str, str] = {
    "note": ONCE, "reason": ONCE, "unfilled": ONCE, "record_unfilled": ONCE, "cancel": ONCE,
    "choose_lenders": ONCE, "write_patron": ONCE, "write_partner": ONCE, "decline_condition": ONCE,
    "refuse_renewal": ONCE, "mail_copy": ONCE,
    "receive": OWN, "shelve": OWN, "ship_back": OWN,
}
# What must be known of a request before its step can be taken without asking, and how to say that it is not.
KNOWN: dict[str, tuple[str, ...]] = {"receive": ("barcode", "due_lender")}
MOST = 2000
AT_ONCE = 20  # so many are done before the page comes back; more go on by themselves


@dataclass(frozen=True)
class Ticked:
    """A request that was ticked, and the version that stood in the list."""

    ill: ILLRequest
    seen: int


@dataclass(frozen=True)
class Sorted:
    """Who can and who cannot, each of these with its sentence."""

    can: list[Ticked]
    cannot: list[tuple[Ticked, str]]
    gone: int = 0  # numbers nobody knows, or of a kind this person does not see


def allows(step: lifecycle.Step) -> bool:
    return step.by == "staff" and (not step.form or step.form in ASKS)


def tells(step: lifecycle.Step) -> bool:
    """Does anybody outside the department hear of it?"""
    return bool(step.iso_out or step.letter or step.action in ("write_patron", "write_partner"))


def own_answers(step: lifecycle.Step, ill: ILLRequest) -> dict[str, Any] | None:
    """What this request answers by itself; None when something must be asked."""
    if any(not getattr(ill, name) for name in KNOWN.get(step.form, ())):
        return None
    if step.form == "receive":
        return {
            "barcode": ill.barcode, "due": ill.due_lender, "pieces": ill.pieces, "pieces_text": ill.pieces_text,
            "library_use_only": ill.library_use_only,
        }
    return {"branch": ill.branch} if step.form == "shelve" else {}


def offered(user: User, ills: list[ILLRequest]) -> list[lifecycle.Step]:
    """The steps that at least one of these can take and that this person may take for many; the work first."""
    found: dict[str, lifecycle.Step] = {}
    for ill in ills:
        for step in lifecycle.steps_for(ill):
            if step.action not in found and allows(step) and (not step.permission or user.may(step.permission)):
                found[step.action] = step
    return sorted(found.values(), key=lambda step: (step.quiet, step.action == "note"))


def label(step: lifecycle.Step) -> str:
    return str(step.label).replace("{partner}", _("each library")).rstrip("…")


_BEGINNING = re.compile(r"(?:^|(?<=[.!?] ))\w")


def sentence(step: lifecycle.Step) -> str:
    text = str(step.then).replace("{partner}", _("each library"))
    return _BEGINNING.sub(lambda found: found[0].upper(), text)


def ticked(user: User, marks: list[str]) -> tuple[list[Ticked], int]:
    """From 'B-2026-00412@7' to requests in the order of the list; of what this person may not see, only how many."""
    seen: dict[str, int] = {}
    for mark in marks[:MOST]:
        number, _at, version = mark.partition("@")
        if "\x00" not in number:
            seen[number] = int(version) if version.isdecimal() and len(version) < 10 else -1
    rows: QuerySet[ILLRequest] = ILLRequest.objects.filter(
        number__in=list(seen), kind__in=access.kinds_seen(user)
    ).select_related(*RELATED, "branch")
    by_number = {ill.number: ill for ill in rows}
    found = [Ticked(by_number[number], version) for number, version in seen.items() if number in by_number]
    return found, len(seen) - len(found)


def sort_out(user: User, action: str, rows: list[Ticked], gone: int = 0) -> Sorted:
    """Before anything is started: who can, and why the others cannot."""
    can, cannot = [], []
    for row in rows:
        reason = _why(user, action, row)
        if reason:
            cannot.append((row, reason))
        else:
            can.append(row)
    return Sorted(can, cannot, gone)


def _why(user: User, action: str, row: Ticked) -> str:
    ill = row.ill
    step = lifecycle.find(ill, action, by="staff")
    if row.seen != ill.version and not (step and step.aside):
        return what_happened(ill, row.seen)
    if step is None:
        return why_not(ill, action)
    if step.permission and not user.may(step.permission):
        return _("“%(step)s” needs a right that your role does not have. Ask a coordinator.") % {
            "step": spoken(step.label, ill).rstrip("…")
        }
    if not allows(step):
        return _("“%(step)s” asks something of each request: open it and take the step there.") % {
            "step": spoken(step.label, ill).rstrip("…")
        }
    if ASKS.get(step.form) == OWN and own_answers(step, ill) is None:
        return _("Its barcode or the lender's date is not known yet: open it and enter them there.")
    return ""


def start(
    user: User, action: str, rows: list[Ticked], answers: dict[str, Any], *, now: datetime,
    left_out: list[tuple[Ticked, str]] | None = None, back: str = "", once: bool = False,
) -> Job:
    """Every request its own item; what was left out before stands in the list of results with its reason. `once`: not
    while the same is under way for the same list (`back`)."""
    step = lifecycle.find(rows[0].ill, action, by="staff")
    assert step is not None  # sort_out() has seen to it
    items = [
        jobs.Work(row.ill.number, row.ill.get_absolute_url(), row.ill.citation.shown_title[:200], {"v": row.seen})
        for row in rows
    ]
    refused = [
        jobs.Work(row.ill.number, row.ill.get_absolute_url(), row.ill.citation.shown_title[:200], {"v": row.seen}, why)
        for row, why in left_out or []
    ]
    return jobs.start(
        "bulk_step", by=user, label=label(step), items=items + refused,
        data=_data(action, answers, back), now=now, once=once,
        at_once=0 if action in ask_first.ASK_FIRST else AT_ONCE,
    )


def under_way(user: User, action: str, *, back: str) -> Job | None:
    """The job in which this person takes this step for this list already."""
    return jobs.under_way("bulk_step", by=user, data=_data(action, {}, back))


def _data(action: str, answers: dict[str, Any], back: str) -> dict[str, Any]:
    return {"action": action, "answers": _stored(answers), "back": back[:1000]}


def _request_of(job: Job, item: JobItem) -> ILLRequest:
    ill = ILLRequest.objects.select_related("citation", "patron", "partner", "branch").filter(number=item.name).first()
    if ill is None or job.started_by is None or not access.sees_kind(job.started_by, ill.kind):
        raise NotAllowed(_("There is no such request any more."))
    return ill


@jobs.before("bulk_step")
def ask_others(job: Job, item: JobItem, *, now: datetime) -> dict[str, Any]:
    """Where a step needs other systems' answers they are asked now, and not again for who asked a moment ago."""
    action = job.data["action"]
    if action not in ask_first.ASK_FIRST:
        return {}
    return {"asked": ask_first.answers(_request_of(job, item), action, now=now, fresh=False)}


@jobs.kind("bulk_step")
def one_step(job: Job, item: JobItem, *, now: datetime, asked: dict[str, Any] | None = None) -> str:
    """Runs in the transaction in which the item is marked. Returns what became of the request."""
    ill = _request_of(job, item)
    assert job.started_by is not None
    action = job.data["action"]
    step = lifecycle.find(ill, action, by="staff")
    answers = _read(job.data["answers"]) | (asked or {})
    if step is not None and ASKS.get(step.form) == OWN:
        own = own_answers(step, ill)
        if own is None:
            raise BadAnswer(_("Its barcode or the lender's date is not known yet: open it and enter them there."))
        answers = own
    actor = actors.staff(job.started_by)
    perform(ill, action, actor=actor, now=now, seen_version=item.data["v"], **answers)
    if action == "check":
        return _what_was_found(ill, actor, now)
    return str(ill.state_row.label)


def _what_was_found(ill: ILLRequest, actor: actors.Actor, now: datetime) -> str:
    """Of a verified citation the numbers and empty fields are filled; anything else waits for a person's yes."""
    newest = ill.checks.order_by("-pk").first()
    if newest is None or not newest.outcome:
        return _("No source answered; it is tried again by itself.")
    outcome = dict(Check.OUTCOMES)[newest.outcome]
    if newest.outcome != Check.VERIFIED or not newest.found:
        return str(outcome)
    record = newest.found[0]["record"]
    empty = [name for name in CITED if record.get(name) and not getattr(ill.citation, name)]
    if not empty or lifecycle.find(ill, "take_over", by="staff") is None:
        return str(outcome)
    perform(ill, "take_over", actor=actor, now=now, check=newest.pk, candidate=0, fields=empty)
    names = ", ".join(str(FIELD_LABELS[name]) for name in empty)
    return _("%(outcome)s; filled in: %(fields)s") % {"outcome": outcome, "fields": names}


@jobs.again("bulk_step")
def as_it_stands_now(items: list[JobItem]) -> list[dict]:
    """Who reads why something did not work and tries again wants it as the request stands now."""
    versions = dict(ILLRequest.objects.filter(number__in=[row.name for row in items]).values_list("number", "version"))
    return [{"v": versions.get(row.name, -1)} for row in items]


# A form's answers in JSON: chosen libraries by their numbers, everything else as it is.


def _stored(answers: dict[str, Any]) -> dict[str, Any]:
    return {name: [row.pk for row in value] if name == "libraries" else value for name, value in answers.items()}


def _read(answers: dict[str, Any]) -> dict[str, Any]:
    """Libraries in the order in which they were chosen."""
    if "libraries" not in answers:
        return answers
    rows = Library.objects.in_bulk(answers["libraries"])
    return answers | {"libraries": [rows[pk] for pk in answers["libraries"] if pk in rows]}

