"""How the desk's own machinery fares: what is alive, what waits, what is stuck and why. Reads only.

What a letter or message says is not read here: who looks after the machine need not see requests.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from illdesk import clock, events, machine, notices, outbox, registry
from illdesk.models import Handling, Heartbeat, InboxMessage, OutboxMessage

SHOWN = 100
# Fewer failures than these are weather: the next try is due in a minute or so.
TROUBLED_AFTER = 3
# Three periods without a run are late; under a minute it may only be a busy worker.
LATE_AFTER_PERIODS, NEVER_LATE_WITHIN = 3, timedelta(minutes=1)


@dataclass(frozen=True)
class Sign:
    """One part of the machinery: `family` gives the shape, the words say it."""

    label: str | Promise
    family: str
    words: str
    todo: str = ""  # what a person can do about it


@dataclass(frozen=True)
class Stuck:
    box: str  # out | in | event
    pk: int
    what: str
    who: str
    why: str
    since: datetime
    behind: int = 0
    link: tuple[str, str] | None = None
    can: tuple[str, ...] = ()
    waits: str = ""


@dataclass(frozen=True)
class ClockRow:
    name: str
    label: str | Promise
    beat: Heartbeat | None
    late: bool
    next: datetime | None
    dry: bool = False


def out_stuck(now: datetime) -> Q:
    state = OutboxMessage
    return (
        Q(state__in=[state.PARKED, state.UNCERTAIN])
        | Q(state=state.SENDING, claimed__lt=now - outbox.CLAIM_EXPIRES)
        | Q(state=state.WAITING, attempts__gte=TROUBLED_AFTER)
    )


def _troubled_work() -> Q:
    return Q(done__isnull=True, attempts__gte=TROUBLED_AFTER)


def trouble(now: datetime | None = None) -> list[tuple[str, int]]:
    """What a person should look at, as (words, how many): for the start page. Empty when all is well."""
    now = now or timezone.now()
    late = sum(row.late for row in clock_rows(now=now))
    counted = [
        (_("Messages that do not leave"), OutboxMessage.objects.filter(out_stuck(now)).count()),
        (_("Messages not understood"), InboxMessage.objects.filter(state=InboxMessage.PARKED).count()),
        (_("Work that failed again and again"), Handling.objects.filter(_troubled_work()).count()),
        (_("Clock tasks that are late"), late),
    ]
    return [(words, count) for words, count in counted if count]


def clock_rows(*, now: datetime) -> list[ClockRow]:
    beats = {beat.name: beat for beat in Heartbeat.objects.filter(name__in=clock.TASKS)}
    rows = []
    for task in clock.TASKS.values():
        beat = beats.get(task.name)
        every = timedelta(seconds=task.every)
        patience = max(LATE_AFTER_PERIODS * every, NEVER_LATE_WITHIN)
        rows.append(
            ClockRow(
                task.name, task.label, beat,
                # One that runs every six hours has not run yet on a desk that was started today.
                late=beat is not None and now - beat.at > patience,
                next=beat.at + every if beat else None,
                dry=task.dry is not None,
            )
        )
    return rows


def signs(rows: list[ClockRow], *, now: datetime) -> list[Sign]:
    """Web and database answer, or this page would not stand here; the rest is told by what they left. Trouble
    stands first."""
    found = [Sign(_("Web and database"), "ended_ok", _("answer")), _pulse(rows)]
    waiting = {
        row["mail"]: row
        for row in OutboxMessage.objects.filter(state=OutboxMessage.WAITING)
        .values(mail=Q(channel="mail"))
        .annotate(count=Count("pk"), oldest=Min("created"))
        .order_by()
    }
    todo = _("They go by themselves when the mail server answers. If it is well, look at its address and password.")
    found.append(_waiting_sign(_("Letters"), waiting.get(True), now=now, todo=todo))
    todo = _("Which libraries do not answer stands below. Call the one that matters, or send again when it is back.")
    found.append(_waiting_sign(_("Messages to libraries"), waiting.get(False), now=now, todo=todo))
    if (room := machine.room()).scarce:
        words = _("only %(free)s left: soon nothing can be stored") % {"free": filesizeformat(room.free)}
        todo = _("Whoever looks after the server makes room or gives the desk a larger disk.")
        found.append(Sign(_("Disk"), "trouble", words, todo))
    return sorted(found, key=lambda sign: sign.family != "trouble")


def _pulse(rows: list[ClockRow]) -> Sign:
    """The most frequent task is the pulse: when it is late, nobody works."""
    label = _("Worker and clock")
    newest = max((row.beat.at for row in rows if row.beat), default=None)
    pulse = min(rows, key=lambda row: clock.TASKS[row.name].every) if rows else None
    todo = _("Pages and requests work meanwhile. Whoever looks after the server starts the worker and the clock.")
    if newest is None:
        return Sign(label, "trouble", _("have not run yet: nothing is sent until they do"), todo)
    if pulse and pulse.late:
        words = _("no sign since %(time)s: nothing is sent until they run again") % {"time": moment(newest)}
        return Sign(label, "trouble", words, todo)
    return Sign(label, "ended_ok", _("last sign at %(time)s") % {"time": moment(newest)})


def _waiting_sign(label: str, row: Any, *, now: datetime, todo: str) -> Sign:
    if row is None:
        return Sign(label, "ended_ok", _("none waits"))
    words = ngettext("%(n)s waits since %(time)s", "%(n)s wait, the oldest since %(time)s", row["count"]) % {
        "n": row["count"], "time": moment(row["oldest"]),
    }
    # A few minutes are the ordinary pause between tries.
    if now - row["oldest"] > timedelta(minutes=10):
        return Sign(label, "trouble", words, todo)
    return Sign(label, "others", words)


def systems(*, now: datetime) -> list[registry.System]:
    """Outside systems of all apps, trouble first."""
    found = [system for ask in registry.OUTSIDE_SYSTEMS for system in ask(now)]
    return sorted(found, key=lambda system: system.family != "trouble")


def version_of(found: list[Sign], outside: list[registry.System], stuck: list[Stuck], count: int) -> str:
    """Changes when something on the page would read otherwise, beyond the times of the last runs."""
    said: list[tuple] = [(str(sign.label), sign.family) for sign in found]
    said += [(str(one.name), one.family, one.waiting) for one in outside]
    said += [(row.box, row.pk, row.waits) for row in stuck]
    return hashlib.sha256(repr((said, count)).encode()).hexdigest()[:16]


def moment(at: datetime) -> str:
    from illdesk.templatetags.ill import clock as hour
    from illdesk.templatetags.ill import day

    same_day = timezone.localtime(at).date() == timezone.localdate()
    return hour(at) if same_day else _("%(day)s, %(time)s") % {"day": day(at), "time": hour(at)}


# --- What is stuck ------------------------------------------------------------------------------------


def stuck(*, now: datetime) -> tuple[list[Stuck], int]:
    """The oldest that are stuck, and how many there are in all."""
    out = OutboxMessage.objects.filter(out_stuck(now)).defer("payload", "answer").order_by("pk")
    arrived = InboxMessage.objects.filter(state=InboxMessage.PARKED).defer("body", "answer").order_by("pk")
    work = Handling.objects.filter(_troubled_work()).select_related("event").order_by("pk")
    count = out.count() + arrived.count() + work.count()
    outs, ins, works = list(out[:SHOWN]), list(arrived[:SHOWN]), list(work[:SHOWN])
    links = _links(
        [(row.subject_kind, row.subject_id) for row in outs]
        + [(row.subject_kind, row.subject_id) for row in ins]
        + [(row.event.subject_kind, row.event.subject_id) for row in works]
    )
    behind = _behind(outs)
    found = [_of_out(row, links, behind) for row in outs]
    found += [_of_in(row, links) for row in ins]
    found += [_of_work(row, links) for row in works]
    return sorted(found, key=lambda row: row.since)[:SHOWN], count


def _of_out(row: OutboxMessage, links: dict, behind: dict[str, int]) -> Stuck:
    link = links.get((row.subject_kind, row.subject_id))
    if row.channel != "mail":
        who = row.partner or row.recipient
    else:
        # A patron's address belongs to the request; one's own account has nothing else to go by.
        who = _("the patron") if row.subject_kind else row.recipient
    waiting, sending = row.state == OutboxMessage.WAITING, row.state == OutboxMessage.SENDING
    return Stuck(
        "out", row.pk, _what(row), who, _first_line(row.last_error) or _NO_REASON[row.state](), row.created,
        behind=behind.get(row.lane, 0), link=link,
        can=() if sending else ("again", "park", "drop") if waiting else ("again", "drop"),
        waits=_("tried %(n)s times, again at %(time)s") % {"n": row.attempts, "time": moment(row.next_try)}
        if waiting else str(row.get_state_display()),
    )


_NO_REASON = {
    OutboxMessage.PARKED: lambda: _("Somebody stopped it."),
    OutboxMessage.UNCERTAIN: lambda: _("The program stopped while this was being sent: it may have left or not."),
    OutboxMessage.SENDING: lambda: _("The program stopped while this was being sent; the clock looks at it next."),
    OutboxMessage.WAITING: lambda: _("It waits for its turn."),
}


def _of_in(row: InboxMessage, links: dict) -> Stuck:
    return Stuck(
        "in", row.pk, row.what or row.channel, row.partner,
        _("It is stored, but our program failed on it: %(why)s") % {"why": _first_line(row.outcome)},
        row.arrived, link=links.get((row.subject_kind, row.subject_id)), can=("again", "drop"),
        waits=_("arrived, not handled"),
    )


def _of_work(row: Handling, links: dict) -> Stuck:
    return Stuck(
        "event", row.pk, row.subscriber, "",
        _why_undone(row),
        row.event.at, link=links.get((row.event.subject_kind, row.event.subject_id)), can=("again",),
        waits=_("follows from “%(event)s”") % {"event": row.event.name},
    )


def _why_undone(row: Handling) -> str:
    if row.subscriber not in events.SUBSCRIBERS:
        return _("Nobody handles this any more; tried %(n)s times.") % {"n": row.attempts}
    return _("Failed %(n)s times: %(why)s") % {"n": row.attempts, "why": _first_line(row.last_error)}


def _what(row: OutboxMessage) -> str:
    if row.channel != "mail":
        return row.what
    kind = notices.KINDS.get(row.what)
    return _("Letter: %(kind)s") % {"kind": kind.label if kind else _("about an account")}


def _behind(rows: list[OutboxMessage]) -> dict[str, int]:
    """Lane → how many messages wait behind its first stuck one."""
    first: dict[str, int] = {}
    for row in rows:
        first.setdefault(row.lane, row.pk)
    if not first:
        return {}
    waiting = OutboxMessage.objects.filter(lane__in=first, state=OutboxMessage.WAITING).values_list("lane", "pk")
    counts: dict[str, int] = {}
    for lane, pk in waiting:
        if pk > first[lane]:
            counts[lane] = counts.get(lane, 0) + 1
    return counts


def _links(subjects: list[tuple[str, int | None]]) -> dict[tuple[str, int], tuple[str, str]]:
    asked: dict[str, set[int]] = {}
    for kind, pk in subjects:
        if kind in registry.SUBJECT_LINKS and pk is not None:
            asked.setdefault(kind, set()).add(pk)
    return {
        (kind, pk): link for kind, pks in asked.items() for pk, link in registry.SUBJECT_LINKS[kind](pks).items()
    }


def _first_line(text: str) -> str:
    """What follows the first line of an error may quote the data it failed on."""
    return text.strip().splitlines()[0][:200] if text.strip() else ""
