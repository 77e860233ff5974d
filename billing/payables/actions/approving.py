"""Asking for approval, approving by a second person, and everything that ends an invoice without money."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from billing.approval import rule
from billing.costs import actions as costs
from billing.costs.actions import Booking, Foreign
from billing.costs.models import Booked, CostPolicy
from billing.payables import queries
from billing.payables.actions.moving import move
from billing.payables.models import PayableFile, PayableInvoice, PayableLine
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed
from requests_app.models import LoanPolicy

RIGHT = "approve_payables"


def ask(invoice: PayableInvoice, *, actor: Actor, now: datetime, seen: int | None = None) -> PayableInvoice:
    """Every line has its answer and the total is right: somebody else may approve it."""
    with transaction.atomic():
        row = move(invoice, "ask", actor=actor, now=now, seen=seen, asked=now, asked_by=actor.user, why="")
        _refuse_unready(row)
    return row


def take_back(invoice: PayableInvoice, *, actor: Actor, now: datetime, seen: int | None = None) -> PayableInvoice:
    with transaction.atomic():
        return move(invoice, "withdraw", actor=actor, now=now, seen=seen, asked=None, asked_by=None)


def _refuse_unready(invoice: PayableInvoice) -> None:
    waits = queries.waits(invoice)
    if waits:
        raise NotAllowed(" ".join(waits))


def approve(invoice: PayableInvoice, *, actor: Actor, now: datetime, seen: int | None = None) -> PayableInvoice:
    """By somebody who entered nothing of it: pages, API and tasks all come here. Each line is booked as a cost of its
    request; what is disputed is not. NotAllowed (recorded) for whoever may not, with who can."""
    rule.check(actor, RIGHT, entered_by=queries.entered_by(invoice), subject=invoice.subject, now=now)
    with transaction.atomic():
        row = move(invoice, "approve", actor=actor, now=now, seen=seen, approved=now, approved_by=actor.user)
        # Somebody may have entered more of it between our question and now.
        if actor.user is not None and actor.user.pk in set(queries.entered_by(row)):
            raise NotAllowed(_("You entered this: somebody else approves it."))
        _refuse_unready(row)
        own = LoanPolicy.current().currency
        for line in row.lines.filter(booked=None, paid=None).order_by("place", "pk"):
            _book(line, row, own, actor=actor, now=now)
        if not row.lines.exclude(booked=None).exists():
            # All of it is disputed: nothing is owed, and nothing waits for the budget office.
            raise NotAllowed(_("Nothing of this invoice is to be paid. It stays here until the library answers."))
    return row


def _book(line: PayableLine, invoice: PayableInvoice, own: str, *, actor: Actor, now: datetime) -> None:
    owed = queries.owed(line)
    if not owed:
        return
    assert invoice.dated is not None
    foreign: Foreign | None = None
    amount = owed
    if invoice.currency != own:
        foreign = costs.foreign(owed, invoice.currency, invoice.dated)
        amount = foreign.own.copy_sign(owed)
        if not amount:
            raise BadAnswer(_("At the rate of its date a line comes to nothing: correct the rate."), field="rate")
    fund = line.fund_id or default_fund(line.what)
    booked = costs.book(
        f"payable:{line.pk}:{line.round}",
        Booking(
            side=Booked.COST, way="invoice", what=line.what, source=("payable_line", line.pk), day=invoice.dated,
            amount=amount, ill=line.ill_id, library=invoice.library_id, fund=fund, number=line.number,
            foreign=foreign,
        ), actor=actor, now=now)
    PayableLine.objects.filter(pk=line.pk).update(booked=booked, fund=booked.fund_id, owed=owed)


def default_fund(what: str) -> int | None:
    """Of the settings; fees have none. BadAnswer where nobody chose one."""
    if what == "fee":
        return None
    policy = CostPolicy.current()
    fund = policy.lost_fund_id if what in ("lost", "damaged") and policy.lost_fund_id else policy.borrowing_fund_id
    if fund is None:
        raise BadAnswer(_("Choose a fund for each line, or one for all under Funds of costs."), field="fund")
    return fund


def return_(
    invoice: PayableInvoice, why: str, *, actor: Actor, now: datetime, seen: int | None = None
) -> PayableInvoice:
    """Whoever could approve it does not, and says why."""
    if not why.strip():
        raise BadAnswer(_("Say what is to be looked at again."), field="why")
    rule.check(actor, RIGHT, entered_by=(), subject=invoice.subject, now=now)
    with transaction.atomic():
        return move(invoice, "return", actor=actor, now=now, seen=seen, why=why.strip()[:300], asked=None,
                    asked_by=None)


def reject(
    invoice: PayableInvoice, why: str, *, actor: Actor, now: datetime, seen: int | None = None
) -> PayableInvoice:
    """It is not paid at all: a second copy of another, not for us. It stays in the list with its reason, and the file
    it was read from may be read again."""
    if not why.strip():
        raise BadAnswer(_("Say why it is refused."), field="why")
    with transaction.atomic():
        row = move(invoice, "reject", actor=actor, now=now, seen=seen, why=why.strip()[:300])
        if row.file_id and not PayableInvoice.objects.filter(file=row.file_id).exclude(state="rejected").exists():
            PayableFile.objects.filter(pk=row.file_id).update(state=PayableFile.DISCARDED)
        return row


def reopen(invoice: PayableInvoice, *, actor: Actor, now: datetime, seen: int | None = None) -> PayableInvoice:
    if invoice.library_id is None or not invoice.number or invoice.total is None:
        raise NotAllowed(_("It was never keyed in: enter it anew."))
    with transaction.atomic():
        return move(invoice, "reopen", actor=actor, now=now, seen=seen, why="")


