"""What people do with lines of a network's reports: decide about those that do not fit, and book."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.costs import actions as costs
from billing.costs.actions import Booking
from billing.costs.models import Booked
from billing.fiscal import refuse_far
from billing.ifm import FEES, IFM, NUMBERS_OF, matching
from billing.ifm.models import NetworkLine, NetworkPolicy, NetworkStatement, NotCharged
from billing.ledger import actions as ledger
from billing.ledger.actions import Transfer, Where
from illdesk import events, notices
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, DeskError, NotAllowed, Stale
from requests_app import lifecycle, references
from requests_app.models import ILLRequest, LoanPolicy
from requests_app.search import exactly

_UNDECIDED = (NetworkLine.OPEN, NetworkLine.READY, NetworkLine.ASIDE)
_COLUMNS = ["ill", "library", "dummy", "result", "agreed", "before", "instead", "state"]
_AT_ONCE = 100


# --- about one line ------------------------------------------------------------------------------------------------


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
            "charged_on": line.day.isoformat(), "charged": f"{line.currency} {line.amount:,.2f}",
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


def again(lines) -> int:
    """Compare lines anew on which nobody decided; how many stand otherwise now."""
    mine = list(lines.filter(state__in=[NetworkLine.OPEN, NetworkLine.READY], decided=None).select_related(
        "ill", "library"))
    before = {line.pk: _standing(line) for line in mine}
    matching.compare(mine)
    changed = [line for line in mine if before[line.pk] != _standing(line)]
    for line in changed:
        line.save(update_fields=_COLUMNS)
    return len(changed)


def _standing(line: NetworkLine) -> tuple:
    return (line.ill_id, line.library_id, line.dummy, line.result, line.agreed, line.before_id, line.instead_id,
            line.state)


# --- booking -------------------------------------------------------------------------------------------------------


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


@dataclass(frozen=True)
class Done:
    count: int
    failed: list[tuple[str, str]]  # number of the line, the sentence


def book(system: str, month: date, *, seen: str, actor: Actor, now: datetime) -> Done:
    """Enter what can be booked of a month, each line once. `seen`: what stood on the page; where it is something else
    meanwhile nothing is booked (Stale). A line that cannot be entered (no fund, no rate) is told; the others go on."""
    if again(NetworkLine.objects.filter(system=system, month=month)):
        raise Stale(_("Some lines stand otherwise now than on your page, since something else was booked. Nothing was "
                      "booked: look at them again."))
    lines = ready(system, month)
    if totals(lines).seen != seen:
        raise Stale(_("Lines were decided or booked while you were looking. Nothing was booked: look again."))
    count, failed = 0, []
    for at in range(0, len(lines), _AT_ONCE):
        try:
            with transaction.atomic():
                count += sum(_book(line, actor, now) for line in lines[at:at + _AT_ONCE])
        except DeskError:  # one of them cannot be entered: each by itself, so that the others are
            for line in lines[at:at + _AT_ONCE]:
                try:
                    with transaction.atomic():
                        count += _book(line, actor, now)
                except DeskError as refusal:
                    failed.append((line.written or str(line.row), str(refusal)))
    if count:
        events.record("network.booked", subject=("network_month", int(f"{month:%Y%m}")), actor=actor, now=now,
                      data={"system": system, "count": count})
    return Done(count, failed)


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


# --- the network's own invoice of a month ---------------------------------------------------------------------------


def state_month(
    system: str, month: date, *, number: str, amount: Decimal, day: date, actor: Actor, now: datetime
) -> NetworkStatement:
    """The invoice (above nothing) or credit memo (below) of the network. The same number again is the same one; with
    another amount it is refused."""
    number = number.strip()[:60]
    if not number:
        raise BadAnswer(_("Enter the number of the invoice or credit memo."), field="number")
    if not amount:
        raise BadAnswer(_("Enter the amount; of a credit memo with a minus in front."), field="amount")
    refuse_far(day, now=now)
    with transaction.atomic():
        row, made = NetworkStatement.objects.get_or_create(
            system=system, month=month, number=number,
            defaults={"amount": amount, "day": day, "made": now, "by": actor.user})
        if not made and row.amount != amount:
            raise BadAnswer(_("This number was entered already, with another amount."), field="number")
        if made:
            events.record("network.stated", subject=("network_statement", row.pk), actor=actor, now=now,
                          data={"amount": str(amount)})
    return row


def settle_statement(
    row: NetworkStatement, *, day: date, reference: str, actor: Actor, now: datetime
) -> NetworkStatement:
    """It went through the bank: paid by us, or paid to us. Once."""
    if row.system != IFM:
        raise NotAllowed(_("EFTS is paid from the deposit account."))
    refuse_far(day, now=now)
    bank, network = Where("bank"), Where("ifm")
    debit, credit = (network, bank) if row.amount > 0 else (bank, network)
    with transaction.atomic():
        entry = ledger.post(
            f"network_statement:{row.pk}",
            Transfer(debit, credit, abs(row.amount), "payment", ("network_statement", row.pk)),
            day=day, actor=actor, now=now, or_later=True)
        mine = NetworkStatement.objects.filter(pk=row.pk, paid_on=None)
        if mine.update(paid_on=day, reference=reference.strip()[:100], entry=entry):
            events.record("network.settled", subject=("network_statement", row.pk), actor=actor, now=now)
    row.refresh_from_db()
    return row


# --- requests that no report has -------------------------------------------------------------------------------------


def no_charge(ill: ILLRequest, reason: str, *, actor: Actor, now: datetime) -> NotCharged:
    """No charge is to come for this request, and why. Once; the first reason stays."""
    if not reason.strip():
        raise BadAnswer(_("Say why no charge is to come: it stays with the request."), field="reason")
    with transaction.atomic():
        row, _made = NotCharged.objects.get_or_create(ill=ill)
        if NotCharged.objects.filter(pk=row.pk, settled=None).update(
                reason=reason.strip()[:300], settled=now, by=actor.user):
            events.record("network.not_charged", subject=ill.subject, actor=actor, now=now)
    row.refresh_from_db()
    return row


def _day(now: datetime) -> date:
    return timezone.localtime(now).date()


