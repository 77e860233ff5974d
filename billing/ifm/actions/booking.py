"""Booking a month: a job, a line at a time, each in a transaction of its own with the mark that it is done.

Who clicks twice has one job; a worker that dies leaves the rest to the next; a line that cannot be entered (no fund, no
rate) stands in the job with the reason, and is tried again from there.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from billing.costs import actions as costs
from billing.costs.actions import Booking
from billing.costs.models import Booked
from billing.ifm import FEES, SYSTEMS
from billing.ifm.actions.lines import again
from billing.ifm.models import NetworkLine
from illdesk import dates, events, jobs, money
from illdesk.actors import SYSTEM, Actor, staff
from illdesk.errors import NotAllowed, Stale
from illdesk.models import Job
from requests_app.models import LoanPolicy

KIND = "network_booking"
AT_ONCE = 25  # so many are booked while the person waits


@dataclass
class Totals:
    """Of lines that can be booked: what the network charges us, what it pays us, and the difference."""

    count: int = 0
    cost: Decimal = Decimal("0.00")
    fees: Decimal = Decimal("0.00")
    income: Decimal = Decimal("0.00")

    def add(self, line: NetworkLine) -> None:
        amount = -line.amount if line.comes_back else line.amount
        self.count += 1
        if line.kind in FEES:
            self.fees += amount
        elif line.is_cost:
            self.cost += amount
        else:
            self.income += amount

    @property
    def net(self) -> Decimal:
        return self.cost + self.fees - self.income

    @property
    def seen(self) -> str:
        return f"{self.count}:{self.cost}:{self.fees}:{self.income}"


def totals(lines) -> Totals:
    found = Totals()
    for line in lines:
        found.add(line)
    return found


def ready(system: str, month: date) -> list[NetworkLine]:
    rows = NetworkLine.objects.filter(system=system, month=month, state=NetworkLine.READY)
    return list(rows.select_related("ill", "library", "deposit").order_by("day", "row", "pk"))


def under_way(system: str, month: date) -> Job | None:
    """The job that books this month now, whoever started it."""
    rows = Job.objects.filter(
        kind=KIND, state__in=[Job.WAITING, Job.RUNNING], stop_asked=None).select_related("started_by")
    return next((job for job in rows.order_by("-pk")[:50] if _is_of(job, system, month)), None)


def _is_of(job: Job, system: str, month: date) -> bool:
    return job.data.get("system") == system and job.data.get("month") == month.isoformat()


def book(
    system: str, month: date, *, seen: str, actor: Actor, now: datetime, at_once: int = AT_ONCE,
) -> Job:
    """Enter what can be booked of a month, each line once, by a job. `seen`: what stood on the page; where it is
    something else meanwhile nothing is booked (Stale). While the month is being booked, that job is returned."""
    if actor.user is None or not actor.may("work_payables"):
        raise NotAllowed(_("You may not do this."))
    if running := under_way(system, month):
        return running
    if again(NetworkLine.objects.filter(system=system, month=month)):
        raise Stale(_("Some lines stand otherwise now than on your page, since something else was booked. Nothing was "
                      "booked: look at them again."))
    lines = ready(system, month)
    if not lines or totals(lines).seen != seen:
        raise Stale(_("Lines were decided or booked while you were looking. Nothing was booked: look again."))
    # What comes back after what it comes back from, also where both are of one day.
    lines.sort(key=lambda line: (line.day, line.comes_back, line.row, line.pk))
    label = _("Booking %(what)s, %(month)s") % {"what": SYSTEMS[system], "month": dates.month(month)}
    return jobs.start(
        KIND, by=actor.user, label=label, items=_work(lines, reverse("network_month", args=[system, f"{month:%Y%m}"])),
        data={"system": system, "month": month.isoformat(), "seen": seen}, now=now, at_once=at_once, once=True)


def _work(lines: list[NetworkLine], url: str) -> list[jobs.Work]:
    """A charge and its fee have one number, and several reports may have the same row: so the row and the key too."""
    return [jobs.Work(
        name=f"{line.written or '—'} · {line.row} · {line.pk}", url=url, data={"line": line.pk},
        title=f"{line.get_kind_display()}, {money.shown(line.amount, line.currency)}") for line in lines]


@jobs.kind(KIND)
def one_line(job: Any, item: Any, *, now: datetime) -> str:
    """Compared once more, since something may have been entered since the job was started."""
    rows = NetworkLine.objects.filter(pk=item.data["line"])
    was = rows.filter(state__in=[NetworkLine.READY, NetworkLine.BOOKED]).first()
    if was is None:
        raise Stale(_("Somebody decided otherwise on this line meanwhile. It was not booked."))
    # A refund knows its charge by now; that changes nothing of what it is.
    if again(rows) and not rows.filter(state=NetworkLine.READY, result=was.result, ill=was.ill_id).exists():
        raise Stale(_("This line stands otherwise now, since something else was booked: %(result)s. It was not booked; "
                      "look at the month again.") % {"result": rows.get().get_result_display()})
    line = rows.select_related("ill", "library", "deposit").get()
    if not _book(line, staff(job.started_by) if job.started_by else SYSTEM, now):
        return str(_("It was booked already."))
    return str(_("Booked"))


def _book(line: NetworkLine, actor: Actor, now: datetime) -> bool:
    own = LoanPolicy.current().currency
    amount, foreign = line.amount, None
    if line.currency != own:
        foreign = costs.foreign(line.amount, line.currency, line.day)
        amount = foreign.own
    mine = NetworkLine.objects.filter(pk=line.pk, state=NetworkLine.READY)
    if not mine.update(state=NetworkLine.BOOKED):
        return False  # somebody else books it this moment
    row = costs.book(_key(line), Booking(
        side=Booked.COST if line.is_cost else Booked.INCOME, way=line.system, what=_what(line),
        source=("network_line", line.pk), day=line.day, amount=-amount if line.comes_back else amount,
        ill=line.ill.pk if line.ill else None, library=line.library.pk if line.library else None,
        deposit=line.deposit.pk if line.deposit else 0, number=line.written, dummy=line.dummy, foreign=foreign,
    ), actor=actor, now=now)
    NetworkLine.objects.filter(pk=line.pk).update(booked=row)
    events.record("network.booked", subject=("network_line", line.pk), actor=actor, now=now, data={"booked": row.pk})
    return True


def _key(line: NetworkLine) -> str:
    """A line that was undone and is booked anew is another booking."""
    undone = Booked.objects.filter(source_kind="network_line", source=line.pk, undoes=None).count()
    return f"{line.key}:{undone}" if undone else line.key


def _what(line: NetworkLine) -> str:
    if line.kind in FEES:
        return "fee"
    if line.comes_back:
        return "refund"
    return "lost" if line.dummy else "charge"
