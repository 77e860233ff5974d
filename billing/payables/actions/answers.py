"""What a person says of a line whose result needs an answer."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.budget.models import Fund
from billing.payables import assess, lifecycle, results
from billing.payables.actions.entry import finish
from billing.payables.actions.moving import move
from billing.payables.models import PayableInvoice, PayableLine
from illdesk import events, money
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed, Stale
from requests_app.models import ILLRequest

UNANSWERED: dict[str, Any] = {
    "answer": "", "why": "", "answered": None, "answered_by": None, "owed": None, "dispute": "", "disputed": None,
    "credited": None}


def accept(line: PayableLine, why: str, *, actor: Actor, now: datetime) -> PayableLine:
    """It is paid as billed, all the same. With a reason."""
    if line.result in (results.NOT_FOUND, results.CANDIDATES):
        raise NotAllowed(_("Say first which request it is, or that it is for none."))
    if not why.strip():
        raise BadAnswer(_("Say why it is paid all the same: it stays with the line."), field="why")
    return _answer(line, PayableLine.ACCEPTED, why, actor=actor, now=now, owed=line.amount)


def general(line: PayableLine, why: str, *, actor: Actor, now: datetime) -> PayableLine:
    """It belongs to no request: postage of the year, a membership. With a reason."""
    if not why.strip():
        raise BadAnswer(_("Say what it is for: it stays with the line."), field="why")
    return _answer(line, PayableLine.GENERAL, why, actor=actor, now=now, owed=line.amount, ill=None, chosen=False)


def _answer(
    line: PayableLine, answer: str, why: str, *, actor: Actor, now: datetime, **changes: Any,
) -> PayableLine:
    with transaction.atomic():
        move(line.invoice, "answer", actor=actor, now=now, data={"line": line.pk, "answer": answer})
        done = PayableLine.objects.filter(pk=line.pk, booked=None, answer=line.answer, result=line.result).update(
            answer=answer, why=why.strip()[:300], answered=now, answered_by=actor.user, **changes)
        if not done:
            raise Stale(_("Somebody answered this line at the same moment. Look at it again."))
    return PayableLine.objects.select_related("invoice").get(pk=line.pk)


def withdraw(line: PayableLine, *, actor: Actor, now: datetime) -> PayableLine:
    """Take the answer back; a letter that has left cannot be taken back."""
    if line.dispute in (PayableLine.TOLD, PayableLine.ENDED):
        raise NotAllowed(_("The letter has left: enter what they answered."))
    with transaction.atomic():
        move(line.invoice, "answer", actor=actor, now=now, data={"line": line.pk, "answer": ""})
        PayableLine.objects.filter(pk=line.pk, booked=None).update(**UNANSWERED)
    return PayableLine.objects.select_related("invoice").get(pk=line.pk)


def match_to(line: PayableLine, number: str, *, actor: Actor, now: datetime) -> PayableLine:
    """It is for this request of ours; what it says is compared anew."""
    from billing.payables.matching import ours

    wanted = [number.strip(), *ours(number)]
    ill = ILLRequest.objects.filter(number__in=wanted, kind="borrowing").first()
    if ill is None:
        raise BadAnswer(_("There is no borrowing request with the number %(number)s.") % {"number": number[:30]},
                        field="number")
    with transaction.atomic():
        invoice = move(line.invoice, "answer", actor=actor, now=now, data={"line": line.pk, "ill": ill.pk})
        row = PayableLine.objects.get(pk=line.pk)
        if row.booked_id or row.dispute in (PayableLine.TOLD, PayableLine.ENDED):
            raise NotAllowed(_("This line is booked or disputed already."))
        row.ill, row.chosen = ill, True
        assess.assess([row], assess.Assessing(invoice))
        for name, value in UNANSWERED.items():
            setattr(row, name, value)
        row.save()
        finish(invoice)
    return PayableLine.objects.select_related("invoice").get(pk=line.pk)


def rematch(invoice: PayableInvoice, *, actor: Actor, now: datetime) -> PayableInvoice:
    """Look at all lines again: requests, costs and rates may have come since. Answers to what is the same stay."""
    with transaction.atomic():
        row = move(invoice, "match", actor=actor, now=now)
        look_again(row)
        finish(row)
        assess.forget_titles()
    return row


def look_again(row: PayableInvoice) -> None:
    """In the caller's transaction."""
    about = assess.Assessing(row)
    after = 0
    while lines := list(row.lines.filter(place__gt=after, booked=None).order_by("place")[:assess.A_SLICE]):
        after = lines[-1].place
        before = [(line.result, line.ill_id, line.agreed, dict(line.found)) for line in lines]
        assess.assess([line for line in lines if not line.answer or line.answer == PayableLine.ACCEPTED], about)
        otherwise = []
        for line, was in zip(lines, before, strict=True):
            if line.answer == PayableLine.ACCEPTED and (line.result, line.ill_id) != was[:2]:
                for name, value in UNANSWERED.items():
                    setattr(line, name, value)
            if (line.result, line.ill_id, line.agreed, line.found) != was:
                otherwise.append(line)
        PayableLine.objects.bulk_update(
            otherwise, ["ill", "agreed", "result", "found", *UNANSWERED], batch_size=200)


def change_line(
    line: PayableLine, *, fund: Fund | None, actor: Actor, now: datetime, seen: int | None = None,
) -> PayableLine:
    """Its fund: the one thing of a line that is ours, and that the budget office sends back."""
    with transaction.atomic():
        move(line.invoice, "answer", actor=actor, now=now, seen=seen,
             data={"line": line.pk, "fund": fund.pk if fund else None})
        PayableLine.objects.filter(pk=line.pk, booked=None).update(fund=fund)
    return PayableLine.objects.select_related("invoice").get(pk=line.pk)


def settle_dispute(
    line: PayableLine, credited: Decimal, why: str, *, actor: Actor, now: datetime,
) -> PayableLine:
    """What the library answered: `credited` of what was disputed is not owed. What is left of it becomes owed: in this
    invoice while it is not approved, else in a part of its own, which somebody approves as any other."""
    disputed = line.disputed or Decimal(0)
    if line.dispute not in (PayableLine.TO_TELL, PayableLine.TOLD):
        raise NotAllowed(_("This line is not disputed, or that is settled already."))
    if not why.strip():
        raise BadAnswer(_("Say what they answered."), field="why")
    if not 0 <= credited <= disputed or credited != credited.quantize(money.CENT):
        raise BadAnswer(_("At most the disputed amount can be credited: %(most)s.") % {"most": disputed},
                        field="credited")
    rest = disputed - credited
    with transaction.atomic():
        done = PayableLine.objects.filter(pk=line.pk, dispute=line.dispute).update(
            dispute=PayableLine.ENDED, credited=credited, why=why.strip()[:300])
        if not done:
            raise Stale(_("Somebody settled this line at the same moment. Look at it again."))
        invoice = PayableInvoice.objects.get(pk=line.invoice_id)
        if rest and lifecycle.may(invoice.state, "answer"):
            move(invoice, "answer", actor=actor, now=now, data={"line": line.pk, "credited": str(credited)})
            PayableLine.objects.filter(pk=line.pk).update(
                owed=(line.owed or 0) + rest, answered=now, answered_by=actor.user)
        elif rest and invoice.state == lifecycle.ASKED:
            raise NotAllowed(_("The invoice waits for an approval: withdraw it from approval first."))
        elif rest:
            _part_for(line, rest, why, actor=actor, now=now)
        events.record("payable.dispute_settled", subject=("payable", line.invoice_id), actor=actor, now=now,
                      data={"line": line.pk, "credited": str(credited), "owed": str(rest)})
    return PayableLine.objects.select_related("invoice").get(pk=line.pk)


def _part_for(line: PayableLine, rest: Decimal, why: str, *, actor: Actor, now: datetime) -> None:
    whole = line.invoice
    part = PayableInvoice.objects.create(
        library_id=whole.library_id, number=whole.number, number_key=whole.number_key, dated=whole.dated,
        due=whole.due, currency=whole.currency, total=rest, how=whole.how, state=lifecycle.ENTERED,
        key=f"settled:{line.pk}", entered=now, entered_by=actor.user, part_of_id=whole.part_of_id or whole.pk,
        paper_id=whole.paper_id, paper_passed=whole.paper_passed, paper_passed_by_id=whole.paper_passed_by_id,
        why=why.strip()[:300])
    PayableLine.objects.create(
        invoice=part, place=line.place, number=line.number, theirs=line.theirs, external=line.external,
        title=line.title, dated=line.dated, what=line.what, amount=rest, ill_id=line.ill_id, agreed=line.agreed,
        result=line.result, found=line.found, chosen=line.chosen, answer=PayableLine.ACCEPTED, why=why.strip()[:300],
        answered=now, answered_by=actor.user, owed=rest, fund_id=line.fund_id)
