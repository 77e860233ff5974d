"""What becomes of batches: forwarded, sent back whole or by line, paid, and not paid after all.

Each step changes the batch by its state and version, so that of two at the same moment one is told; the rooms whose
invoices it holds are told in the same transaction.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.approval import rule
from billing.batches import payable
from billing.batches.models import Batch, BatchInvoice, BatchLine, BatchStep
from billing.fiscal import refuse_far
from billing.ledger import actions as ledger
from billing.ledger.models import Period
from billing.numbers.actions import draw
from illdesk import events, money, rows
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, DeskError, NotAllowed, Stale
from requests_app.models import LoanPolicy

PREFIX = "PB"
# (batch, step): who writes to the other side about it; called in the transaction of the step.
TOLD: list[Callable[[Batch, BatchStep], None]] = []


# --- forwarding ----------------------------------------------------------------------------------------------


def forward(wanted: Iterable[tuple[str, int]], *, key: str, actor: Actor, now: datetime) -> list[Batch]:
    """Invoices (kind and key) that are approved and wait go to the budget office, a batch for each payee. Once per
    `key`: again it gives the batches that were made. All or nothing: NotAllowed or Stale where one of them is not
    waiting any more, BadAnswer where its parts are no money of a fund."""
    if done := _made_with(key):
        return done
    try:
        with transaction.atomic():
            return _forward(list(dict.fromkeys(wanted)), key=key, actor=actor, now=now)
    except (NotAllowed, Stale):
        if done := _made_with(key):  # the same form, sent twice at once
            return done
        raise


def _made_with(key: str) -> list[Batch]:
    return list(Batch.objects.filter(key__startswith=f"{key}:").order_by("pk"))


def _forward(wanted: list[tuple[str, int]], *, key: str, actor: Actor, now: datetime) -> list[Batch]:
    if not wanted:
        raise BadAnswer(_("Tick what is to be forwarded."), field="tick")
    by_payee: dict[str, list[payable.Payable]] = {}
    for one in _waiting(wanted):
        _checked(one)
        by_payee.setdefault(one.payee, []).append(one)
    today = timezone.localtime(now).date()
    ledger.year_of(today)
    period = Period.objects.get(begins__lte=today, ends__gte=today)
    made = []
    for place, payee in enumerate(sorted(by_payee), start=1):
        batch = Batch(
            number=draw(PREFIX, today), payee=payee[:200], period=period, currency=LoanPolicy.current().currency,
            forwarded=now, forwarded_by=actor.user, key=f"{key}:{place}",
        )
        if not rows.insert(batch, unless_there=True):
            raise Stale(_("This was forwarded already at the same moment."))
        for one in by_payee[payee]:
            _take(batch, one)
        step = _step(batch, "forwarded", list(batch.lines.all()), actor=actor, now=now)
        _tell(batch, step, actor=actor, now=now)
        made.append(batch)
    return made


def _waiting(wanted: list[tuple[str, int]]) -> list[payable.Payable]:
    kinds = {kind for kind, _pk in wanted}
    if unknown := kinds - set(payable.KINDS):
        raise BadAnswer(_("There is no kind of invoice “%(kind)s”.") % {"kind": sorted(unknown)[0]}, field="tick")
    there = {(kind, one.pk): one for kind in kinds for one in payable.KINDS[kind].waiting()}
    if any(one not in there for one in wanted):
        raise NotAllowed(_("One of them is in a batch already, or not approved any more. Nothing was forwarded; look "
                           "at the list again."))
    return [there[one] for one in wanted]


def _checked(one: payable.Payable) -> None:
    name = one.number or one.ours
    if not one.parts or sum(part.amount for part in one.parts) != one.amount:
        raise BadAnswer(_("The lines of %(invoice)s do not add up to its amount.") % {"invoice": name})
    for part in one.parts:
        if not part.fund:
            raise BadAnswer(_("A line of %(invoice)s has no fund.") % {"invoice": name})
        if not part.amount or abs(part.amount) > money.MOST or part.amount != part.amount.quantize(money.CENT):
            raise BadAnswer(_("A line of %(invoice)s is no amount to the cent.") % {"invoice": name})


def _take(batch: Batch, one: payable.Payable) -> None:
    invoice = BatchInvoice.objects.create(
        batch=batch, kind=one.kind, payable=one.pk, number=one.number[:100], ours=one.ours[:40], day=one.day,
        due=one.due, foreign=one.foreign, currency=one.currency if one.foreign is not None else "",
        approved=one.approved, approved_by=one.approved_by[:200], hands=sorted(set(one.hands)),
        files=sorted(set(one.files)),
    )
    months = {day: Period.objects.filter(begins__lte=day, ends__gte=day).first()
              for day in {part.entered for part in one.parts} if day is not None}
    for part in one.parts:
        line = BatchLine(
            batch=batch, invoice=invoice, kind=one.kind, payable=one.pk, part=part.key, fund=part.fund,
            amount=part.amount, what=part.what[:100], number=part.number[:60],
            period=months[part.entered] if part.entered else None,
        )
        # The database knows whether it lives in another batch, also in one that is made at this moment.
        if not rows.insert(line, unless_there=True):
            raise Stale(_("%(invoice)s was forwarded by somebody else at the same moment. Nothing was forwarded; look "
                          "at the list again.") % {"invoice": one.number or one.ours})


# --- sent back -----------------------------------------------------------------------------------------------


def send_back(
    batch: Batch, lines: Iterable[int] | None, why: str, *, version: int, actor: Actor, now: datetime
) -> Batch:
    """These lines (keys; None: the whole batch) return to the department with the reason; the others stay approved.
    Said again with the same lines and reason, nothing happens."""
    why = why.strip()[:300]
    if not why:
        raise BadAnswer(_("Say why it goes back: the department reads it."), field="why")
    with transaction.atomic():
        live = {line.pk: line for line in BatchLine.objects.filter(batch=batch, state=BatchLine.FORWARDED)}
        chosen = set(live) if lines is None else set(lines)
        if lines is not None and _back_already(batch, chosen, why):
            return Batch.objects.get(pk=batch.pk)
        # The whole batch without a live line was paid or sent back a moment ago: the version says so below.
        if lines is not None and not chosen:
            raise BadAnswer(_("Tick the lines that go back."), field="lines")
        whole = chosen >= set(live)
        _move(batch, Batch.FORWARDED, version=version, state=Batch.BACK if whole else Batch.FORWARDED)
        changed = BatchLine.objects.filter(batch=batch, pk__in=chosen, state=BatchLine.FORWARDED).update(
            state=BatchLine.BACK, why=why)
        if changed != len(chosen):
            raise Stale(_("A line of %(batch)s is not there any more. Nothing was changed; look at it again.") % {
                "batch": batch.number})
        gone = [live[pk] for pk in sorted(chosen)]
        for kind, pk, parts in _by_invoice(gone):
            payable.KINDS[kind].back(pk, parts, why, actor, now)
        step = _step(batch, "back", gone, actor=actor, now=now, why=why)
        return _tell(batch, step, actor=actor, now=now)


def _back_already(batch: Batch, chosen: set[int], why: str) -> bool:
    return bool(chosen) and BatchLine.objects.filter(
        batch=batch, pk__in=chosen, state=BatchLine.BACK, why=why).count() == len(chosen)


# --- paid ----------------------------------------------------------------------------------------------------


def pay(batch: Batch, *, day: date, reference: str, version: int, actor: Actor, now: datetime) -> Batch:
    """All its live lines are paid. Not by who entered, approved or forwarded any of it (NeedsAnother). Said again with
    the same reference and day, nothing happens."""
    reference = reference.strip()[:60]
    _payable_on(batch, day, reference, now=now)
    refuse_own(batch, actor=actor, now=now)
    with transaction.atomic():
        found = Batch.objects.get(pk=batch.pk)
        if found.state == Batch.PAID and (found.reference, found.paid_on) == (reference, day):
            return found
        _move(batch, Batch.FORWARDED, version=version, state=Batch.PAID, paid=now, paid_by=actor.user, paid_on=day,
              reference=reference)
        paid = list(BatchLine.objects.filter(batch=batch, state=BatchLine.FORWARDED))
        BatchLine.objects.filter(pk__in=[line.pk for line in paid]).update(state=BatchLine.PAID)
        for kind, pk, parts in _by_invoice(paid):
            payable.KINDS[kind].paid(pk, parts, day, reference, actor, now)
        step = _step(batch, "paid", paid, actor=actor, now=now, reference=reference, day=day)
        return _tell(batch, step, actor=actor, now=now)


def _payable_on(batch: Batch, day: date, reference: str, *, now: datetime) -> None:
    if not reference:
        raise BadAnswer(_("Enter the reference of the payment of %(batch)s.") % {"batch": batch.number},
                        field="reference")
    refuse_far(day, now=now)
    if day < timezone.localtime(batch.forwarded).date():
        raise BadAnswer(_("%(batch)s was forwarded after this day.") % {"batch": batch.number}, field="day")


def hands(batch: Batch) -> set[int]:
    """Keys of who forwarded, entered or approved something of it."""
    found = {pk for row in batch.invoices.all() for pk in row.hands}
    return found | ({batch.forwarded_by_id} if batch.forwarded_by_id else set())


def refuse_own(batch: Batch, *, actor: Actor, now: datetime) -> None:
    rule.check(actor, "pay_batches", entered_by=hands(batch), subject=("batch", batch.pk), now=now)


@dataclass(frozen=True)
class Result:
    """Of one batch of many: `refusal` says why it was not paid; with `asks` it is the question whether its reference is
    right."""

    batch: Batch
    refusal: str = ""
    asks: bool = False


def pay_many(
    wanted: Sequence[tuple[Batch, int, str]], *, day: date, actor: Actor, now: datetime, same: bool = False
) -> list[Result]:
    """Batches with the version seen and the reference of each; each by itself, so that one refused stops no other. A
    reference that a batch paid before bears is asked about, unless it is said to be the `same` payment; among those
    that are paid together it is not."""
    found = []
    together = [batch.pk for batch, _version, _reference in wanted]
    for batch, version, reference in wanted:
        other = None if same else _paid_with(reference, together)
        if other is not None:
            found.append(Result(batch, _("%(reference)s is the reference of %(batch)s already. Correct it, or tick "
                                         "that one payment settled both.") % {
                "reference": reference.strip(), "batch": other.number}, asks=True))
            continue
        try:
            found.append(Result(pay(batch, day=day, reference=reference, version=version, actor=actor, now=now)))
        except DeskError as refusal:
            found.append(Result(batch, str(refusal)))
    return found


def _paid_with(reference: str, leave_out: Sequence[int]) -> Batch | None:
    return Batch.objects.filter(state=Batch.PAID, reference__iexact=reference.strip()[:60]).exclude(
        pk__in=leave_out).order_by("-pk").first()


def unpay(batch: Batch, why: str, *, version: int, actor: Actor, now: datetime) -> Batch:
    """It was marked paid by mistake: what was entered is reversed, and it stands as approved again."""
    why = why.strip()[:300]
    if not why:
        raise BadAnswer(_("Say why it is not paid after all."), field="why")
    refuse_own(batch, actor=actor, now=now)
    with transaction.atomic():
        _move(batch, Batch.PAID, version=version, state=Batch.FORWARDED, paid=None, paid_by=None, paid_on=None,
              reference="")
        lines = list(BatchLine.objects.filter(batch=batch, state=BatchLine.PAID))
        BatchLine.objects.filter(pk__in=[line.pk for line in lines]).update(state=BatchLine.FORWARDED)
        for kind, pk, parts in _by_invoice(lines):
            take_back = payable.KINDS[kind].unpaid
            if take_back is None:
                raise NotAllowed(_("A payment of this kind of invoice cannot be taken back here."))
            take_back(pk, parts, why, actor, now)
        step = _step(batch, "unpaid", lines, actor=actor, now=now, why=why)
        return _tell(batch, step, actor=actor, now=now)


# --- shared by the steps -------------------------------------------------------------------------------------


def _move(batch: Batch, before: str, *, version: int, **changes) -> None:
    if Batch.objects.filter(pk=batch.pk, state=before, version=version).update(version=F("version") + 1, **changes):
        return
    found = Batch.objects.get(pk=batch.pk)
    raise Stale(_("%(batch)s was changed by somebody else: it is “%(state)s” now. Nothing was changed; look at it "
                  "again.") % {"batch": found.number, "state": found.get_state_display()})


def _by_invoice(lines: Iterable[BatchLine]) -> list[tuple[str, int, list[str]]]:
    found: dict[tuple[str, int], list[str]] = {}
    for line in lines:
        found.setdefault((line.kind, line.payable), []).append(line.part)
    return [(kind, pk, parts) for (kind, pk), parts in sorted(found.items())]


def _step(batch: Batch, what: str, lines: Sequence[BatchLine], *, actor: Actor, now: datetime, **more) -> BatchStep:
    return BatchStep.objects.create(
        batch=batch, what=what, lines=len(lines), amount=sum((line.amount for line in lines), Decimal(0)), at=now,
        by=actor.user, **more)


def _tell(batch: Batch, step: BatchStep, *, actor: Actor, now: datetime) -> Batch:
    events.record(f"batch.{step.what}", subject=("batch", batch.pk), actor=actor, now=now,
                  data={"lines": step.lines, "amount": str(step.amount)})
    batch.refresh_from_db()
    for tell in TOLD:
        tell(batch, step)
    return batch


def total(batch: Batch) -> Decimal:
    """Of its live lines."""
    live = BatchLine.objects.filter(batch=batch, state__in=BatchLine.LIVE)
    return money.cents(live.aggregate(sum=Sum("amount"))["sum"]) or Decimal("0.00")
