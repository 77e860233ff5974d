"""What people decide about a line that does not fit."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.costs import actions as costs
from billing.ifm import NUMBERS_OF, matching
from billing.ifm.models import NetworkLine, NetworkPolicy
from illdesk import dates, events, money, notices
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed, Stale
from requests_app import lifecycle, references
from requests_app.models import ILLRequest
from requests_app.search import exactly

_UNDECIDED = (NetworkLine.OPEN, NetworkLine.READY, NetworkLine.ASIDE)
_COLUMNS = ["ill", "library", "dummy", "result", "agreed", "before", "instead", "state"]


def link(line: NetworkLine, number: str, *, actor: Actor, now: datetime, dummy: bool = False) -> NetworkLine:
    """The number belongs to this request of ours (or, `dummy`, carries money of that loan): kept with it for good, and
    every line with the number is compared again."""
    ill = _request(number, lifecycle.BORROWING if line.is_cost else lifecycle.LENDING)
    if not line.number:
        raise BadAnswer(_("This line has no number to link."), field="request")
    with transaction.atomic():
        _decide(line, NetworkLine.OPEN, actor, now)
        references.enter(ill, NUMBERS_OF[line.system], line.number, actor=actor, now=now, dummy=dummy)
        NetworkLine.objects.filter(pk=line.pk).update(decided=None, decided_by=None, reason="")
        again(NetworkLine.objects.filter(number=line.number, system=line.system))
    line.refresh_from_db()
    return line


def _request(number: str, kind: str) -> ILLRequest:
    found = list(exactly(number)[:2]) if number.strip() else []
    if len(found) != 1:
        raise BadAnswer(_("No request of ours has this number."), field="request")
    if found[0].kind != kind:
        raise BadAnswer(_("%(number)s is not one of %(kind)s.") % {
            "number": found[0].number, "kind": lifecycle.KINDS[kind]}, field="request")
    return found[0]


def accept(line: NetworkLine, reason: str, *, actor: Actor, now: datetime) -> None:
    """It will be booked as the report has it, and the reason stays with it."""
    _with_reason(line, NetworkLine.READY, reason, actor, now)


def aside(line: NetworkLine, reason: str, *, actor: Actor, now: datetime) -> None:
    """It is not booked: what the network charged is claimed back, or comes by an invoice."""
    _with_reason(line, NetworkLine.ASIDE, reason, actor, now)


def _with_reason(line: NetworkLine, state: str, reason: str, actor: Actor, now: datetime) -> None:
    if not reason.strip():
        raise BadAnswer(_("Say why: it stays with the line."), field="reason")
    with transaction.atomic():
        _decide(line, state, actor, now, reason=reason.strip()[:300])


def replace(line: NetworkLine, *, actor: Actor, now: datetime) -> None:
    """The amount is the right one; what the earlier report had is undone where it was booked."""
    with transaction.atomic():
        old = line.instead
        if old is None:
            raise NotAllowed(_("No earlier report has another amount for this."))
        _decide(line, NetworkLine.READY, actor, now)
        fresh = NetworkLine.objects.select_related("booked").get(pk=old.pk)
        if fresh.booked is not None and fresh.state == NetworkLine.BOOKED:
            costs.undo(fresh.booked, key=f"{fresh.key}:replaced", day=_day(now), actor=actor, now=now)
        NetworkLine.objects.filter(pk=old.pk).update(state=NetworkLine.REPLACED)


def reopen(line: NetworkLine, *, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        _decide(line, NetworkLine.OPEN, actor, now)
        NetworkLine.objects.filter(pk=line.pk).update(decided=None, decided_by=None, reason="")
        again(NetworkLine.objects.filter(pk=line.pk))


def ask(line: NetworkLine, text: str, *, actor: Actor, now: datetime, network: bool = False) -> str:
    """A letter to the library (or to the network), once a day; to whom it went. The line waits as it is."""
    if network:
        to = NetworkPolicy.current().ask_email
    else:
        contact = line.library.contacts.filter(kind="billing").exclude(email="").first() if line.library else None
        to = contact.email if contact else line.library.email if line.library else ""
    if not to:
        raise BadAnswer(_("No e-mail address is known: it stands in the rules of fee management.") if network else
                        _("No e-mail address of this library is known."), field="text")
    with transaction.atomic():
        _decide(line, NetworkLine.OPEN, actor, now, keep=True)
        values = {
            "network_number": line.written or "—", "our_number": line.ill.number if line.ill else "—",
            "charged_on": dates.in_words(line.day), "charged": money.shown(line.amount, line.currency),
            "network_line": f"{line.get_kind_display()}. {line.get_result_display()}.", "text": text.strip()[:2000],
        }
        notices.letter(
            "network_question", to=to, language="en", values=values, now=now,
            key=f"network:{line.pk}:{'network' if network else 'library'}:{_day(now)}",
            subject=("network_line", line.pk))
        NetworkLine.objects.filter(pk=line.pk).update(asked=now)
    return to


def undo(line: NetworkLine, reason: str, *, actor: Actor, now: datetime) -> None:
    """A booked line was wrong: its entry is reversed."""
    if not reason.strip():
        raise BadAnswer(_("Say why: it stays with the line."), field="reason")
    with transaction.atomic():
        row = NetworkLine.objects.select_related("booked").get(pk=line.pk)
        if row.state != NetworkLine.BOOKED or row.booked is None:
            raise Stale(_("This line is not booked any more. Look at it again."))
        costs.undo(row.booked, key=f"{row.booked.key}:undone", day=_day(now), actor=actor, now=now)
        NetworkLine.objects.filter(pk=row.pk, state=NetworkLine.BOOKED).update(
            state=NetworkLine.OPEN, result="undone", reason=reason.strip()[:300], booked=None, decided=now,
            decided_by=actor.user)


def _decide(
    line: NetworkLine, state: str, actor: Actor, now: datetime, *, reason: str = "", keep: bool = False
) -> None:
    """`keep`: only looks whether it may be decided."""
    mine = NetworkLine.objects.filter(pk=line.pk, state__in=_UNDECIDED, result=line.result)
    changes = {"state": state, "decided": now, "decided_by": actor.user, "reason": reason}
    if not (mine.update(**changes) if not keep else mine.exists()):
        raise Stale(_("Somebody decided on this line already, or it is booked. Look at it again."))
    if not keep:
        events.record("network.line_decided", subject=("network_line", line.pk), actor=actor, now=now,
                      data={"state": state, "result": line.result})


def compare_month(system: str, month: date) -> int:
    """Compare a month's lines anew; how many stand otherwise now."""
    with transaction.atomic():
        return again(NetworkLine.objects.filter(system=system, month=month))


def again(lines) -> int:
    """Compare lines anew on which nobody decided; how many stand otherwise now."""
    mine = list(lines.filter(state__in=[NetworkLine.OPEN, NetworkLine.READY], decided=None).select_related(
        "ill", "library"))
    before = {line.pk: _standing(line) for line in mine}
    matching.compare(mine)
    # Somebody may book or decide on one at this moment: then it stays as they left it.
    waiting = NetworkLine.objects.filter(state__in=[NetworkLine.OPEN, NetworkLine.READY], decided=None)
    return sum(waiting.filter(pk=line.pk).update(**{name: getattr(line, name) for name in _COLUMNS})
               for line in mine if before[line.pk] != _standing(line))


def _standing(line: NetworkLine) -> tuple:
    return (line.ill_id, line.library_id, line.dummy, line.result, line.agreed, line.before_id, line.instead_id,
            line.state)


def _day(now: datetime) -> date:
    return timezone.localtime(now).date()
