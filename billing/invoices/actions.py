"""What happens to an invoice until it has left: made by a run or by hand, verified line by line, approved, sent."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.agreements.models import Term
from billing.agreements.queries import explain
from billing.approval import rule
from billing.costs import actions as costs
from billing.costs.actions import Booking
from billing.costs.models import Booked
from billing.fiscal import refuse_far
from billing.invoices import billable
from billing.invoices.models import Invoice, InvoiceLine, InvoicePolicy, InvoiceRun
from billing.ledger.actions import Foreign
from billing.numbers.actions import draw
from illdesk import events, rows
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed, Stale
from requests_app.exchange.mail import LANGUAGE_OF
from requests_app.models import ILLRequest, Library, LoanPolicy

RIGHT = "approve_invoices"
PREFIXES = {Invoice.INVOICE: "IL", Invoice.CREDIT: "CN"}
# What a line of an invoice is in the books.
_WHATS = {InvoiceLine.LOST: "lost", InvoiceLine.DAMAGED: "damaged"}
NOTHING = Decimal("0.00")


# --- made ----------------------------------------------------------------------------------------------------


def run(begins: date, ends: date, *, actor: Actor, now: datetime) -> InvoiceRun:
    """Drafts for what became billable in the period, one for each library and currency. Again: what came since. Of two
    at once the second finds what the first has left, which is nothing."""
    if not begins <= ends or (ends - begins).days > 400:
        raise BadAnswer(_("The last day comes after the first, within a year."), field="ends")
    if ends >= timezone.localtime(now).date():
        raise BadAnswer(_("The period is not over yet."), field="ends")
    with transaction.atomic():
        row = InvoiceRun(begins=begins, ends=ends, made=now, made_by=actor.user)
        if not rows.insert(row, unless_there=True):
            row = InvoiceRun.objects.get(begins=begins, ends=ends)
        InvoiceRun.objects.filter(pk=row.pk).update(begins=begins)  # whoever runs it at this moment waits here
        planned = [one for one in billable.plan(begins, ends) if one.outcome != billable.UNKNOWN]
        drafts: dict[tuple[int, str], Invoice] = {}
        added = sum(_planned_line(row, one, drafts, actor=actor, now=now) for one in planned)
        for draft in drafts.values():  # another run, of other days, was faster with all of it
            if not draft.lines.exists():
                draft.delete()
        if added:
            events.record("invoices.run", subject=("invoice_run", row.pk), actor=actor, now=now, data={"lines": added})
        return row


def _planned_line(
    row: InvoiceRun, one: billable.Planned, drafts: dict[tuple[int, str], Invoice], *, actor: Actor, now: datetime
) -> bool:
    library, found = one.ill.partner, one.found
    assert library is not None
    line = InvoiceLine(
        run=row, library=library, ill=one.ill, day=one.day, service=one.ill.service, amount=found.total,
        proposed=found.total, currency=found.currency, agreement_id=found.version, pay_way=found.pay_way,
        words=[[words, str(amount)] for words, amount in found.lines], title=one.ill.citation.shown_title[:200],
    )
    if one.outcome == billable.INVOICE:
        key = (library.pk, found.currency)
        if key not in drafts:
            drafts[key] = _draft(row, library, found.currency, actor=actor, now=now)
        line.invoice = drafts[key]
        Invoice.objects.filter(pk=drafts[key].pk).update(version=F("version") + 1)
    else:
        line.state = InvoiceLine.FREE if one.outcome == billable.FREE else InvoiceLine.ELSEWHERE
    return rows.insert(line, unless_there=True)


def _draft(
    row: InvoiceRun | None, library: Library, currency: str, *, actor: Actor, now: datetime, **more
) -> Invoice:
    draft = Invoice(run=row, library=library, currency=currency, made=now, made_by=actor.user,
                    language=LANGUAGE_OF.get(library.country, "en"), **more)
    if not rows.insert(draft, unless_there=True):
        draft = Invoice.objects.get(run=row, library=library, currency=currency, state=Invoice.DRAFT)
    return draft


def add_line(
    library: Library, *, kind: str, amount: Decimal, why: str, key: str, actor: Actor, now: datetime,
    ill: ILLRequest | None = None, day: date | None = None, currency: str = "",
) -> InvoiceLine:
    """A lost or damaged item, or something else, entered by hand on the library's draft without a run (made where there
    is none). Once per `key`. A loss is billed only where the item is lost, or overdue as long as the rules say."""
    today = timezone.localtime(now).date()
    currency = currency or LoanPolicy.current().currency
    if amount <= 0:
        raise BadAnswer(_("Enter an amount above nothing, to the cent."), field="amount")
    if not why.strip():
        raise BadAnswer(_("Say what it is for: it stands on the invoice."), field="why")
    refuse_far(day or today, now=now)
    if kind == InvoiceLine.LOST:
        _may_bill_loss(ill, today)
    with transaction.atomic():
        Library.objects.select_for_update().get(pk=library.pk)  # of two on PostgreSQL one waits; SQLite has one writer
        there = InvoiceLine.objects.filter(key=key).first()
        if there is not None:
            return there
        draft = Invoice.objects.filter(run=None, of=None, library=library, currency=currency,
                                       state=Invoice.DRAFT).first()
        if draft is None:
            draft = Invoice.objects.create(
                library=library, currency=currency, made=now, made_by_id=who(actor),
                language=LANGUAGE_OF.get(library.country, "en"))
        line = InvoiceLine(
            invoice=draft, library=library, kind=kind, ill=ill, day=day or today, amount=amount, proposed=amount,
            currency=currency, why=why.strip()[:300], words=[[why.strip()[:300], str(amount)]], made_by=actor.user,
            key=key, service=ill.service if ill else "", title=ill.citation.shown_title[:200] if ill else "",
        )
        if not rows.insert(line, unless_there=True):
            raise NotAllowed(_("This was billed already: %(number)s stands on an invoice.") % {
                "number": ill.number if ill else ""})
        Invoice.objects.filter(pk=draft.pk).update(version=F("version") + 1)
        events.record("invoice.line_added", subject=("invoice", draft.pk), actor=actor, now=now,
                      data={"line": line.pk, "kind": kind})
        return line


def _may_bill_loss(ill: ILLRequest | None, today: date) -> None:
    if ill is None or ill.kind != "lending":
        raise BadAnswer(_("Choose the lending request whose item is lost."), field="ill")
    days = InvoicePolicy.current().lost_after
    late = (today - ill.due_lender).days if ill.due_lender and ill.state == "lending.shipped" else 0
    if ill.state != "lending.lost" and late < days:
        raise NotAllowed(_("It is not lost: by the rules it can be billed %(days)s days after it was due.") % {
            "days": days})


def who(actor: Actor) -> int:
    """Drafts and their answers are people's work, never the clock's."""
    if actor.user is None:
        raise NotAllowed(_("Somebody who is signed in does this."))
    return actor.user.pk


def discard(invoice: Invoice, why: str, *, actor: Actor, now: datetime) -> Invoice:
    """A draft that is not wanted; its requests can be billed again. Nothing is deleted."""
    if not why.strip():
        raise BadAnswer(_("Say why: it stays with the draft."), field="why")
    with transaction.atomic():
        row = Invoice.objects.filter(pk=invoice.pk, state=Invoice.DRAFT)
        if not row.update(state=Invoice.DISCARDED, reason=why.strip(), version=F("version") + 1):
            raise NotAllowed(_("This is no draft any more."))
        InvoiceLine.objects.filter(invoice=invoice).update(live=False)
        events.record("invoice.discarded", subject=("invoice", invoice.pk), actor=actor, now=now)
    return Invoice.objects.get(pk=invoice.pk)


# --- verified ------------------------------------------------------------------------------------------------


def verify(
    line: InvoiceLine, *, actor: Actor, now: datetime, amount: Decimal | None = None, why: str = "",
    rush: bool | None = None,
) -> InvoiceLine:
    """It is right as it stands, or with another amount and a reason. `rush`: it was sent as rush (or was not): then the
    amount is what the agreement says for that."""
    with transaction.atomic():
        row = _held_line(line)
        if rush is not None and rush != row.rush and row.ill is not None and row.kind == InvoiceLine.CHARGE:
            found = explain(row.ill, direction=Term.LENDING, day=row.day, rush=rush,
                            earlier=billable.earlier_than(row))
            if found.version is not None and found.currency == row.currency:
                row.rush, row.proposed, row.agreement_id = rush, found.total, found.version
                row.words = [[words, str(some)] for words, some in found.lines]
                amount = found.total if amount in (None, row.amount) else amount
        amount = row.amount if amount is None else amount
        if amount < 0 or amount != amount.quantize(Decimal("0.01")):
            raise BadAnswer(_("Enter an amount of money."), field="amount")
        if amount != row.proposed and not (why.strip() or row.why):
            raise BadAnswer(_("Say why it differs from what was agreed."), field="why")
        row.amount, row.why = amount, (why.strip() or row.why)[:300]
        row.state, row.verified_by = row.VERIFIED, actor.user
        row.save()
        return row


def verify_all(invoice: Invoice, *, actor: Actor, now: datetime) -> int:
    """Those that nobody answered yet, as they stand."""
    done = 0
    for line in invoice.lines.filter(state=InvoiceLine.OPEN):
        verify(line, actor=actor, now=now)
        done += 1
    return done


def leave_out(line: InvoiceLine, why: str, *, actor: Actor, now: datetime) -> InvoiceLine:
    """It is not billed, now or later."""
    if not why.strip():
        raise BadAnswer(_("Say why it is left out: it stays with the line."), field="why")
    with transaction.atomic():
        row = _held_line(line)
        row.state, row.why, row.verified_by = row.LEFT_OUT, why.strip()[:300], actor.user
        row.save()
        return row


def _held_line(line: InvoiceLine) -> InvoiceLine:
    """The line, while its invoice is a draft that waits for us; who approves it now finds another version."""
    draft = Invoice.objects.filter(pk=line.invoice_id or 0, state=Invoice.DRAFT)
    if not draft.update(version=F("version") + 1):
        raise NotAllowed(_("This invoice is approved: nothing in it is edited any more. A credit note takes it back."))
    return InvoiceLine.objects.select_related("ill__citation", "ill__partner", "ill__patron").get(pk=line.pk)


# --- approved ------------------------------------------------------------------------------------------------


def entered_by(invoice: Invoice) -> set[int | None]:
    """Everybody who made it or answered for a line of it."""
    found: set[int | None] = {invoice.made_by_id}
    for made, verified in invoice.lines.values_list("made_by", "verified_by"):
        found |= {made, verified}
    return found - {None}


def approve(invoice: Invoice, *, seen: int, actor: Actor, now: datetime) -> Invoice:
    """By a second person. Only now it gets its number and stands in the books. `seen`: the version that was looked at.
    A refusal changes nothing; of two who approve at once the second is told (Stale)."""
    rule.check(actor, RIGHT, entered_by=entered_by(invoice), subject=("invoice", invoice.pk), now=now)
    if invoice.kind == Invoice.CREDIT:
        from billing.invoices import credit

        return credit.approve(invoice, seen=seen, actor=actor, now=now)
    with transaction.atomic():
        row = hold_draft(invoice, seen=seen, actor=actor)
        lines = list(row.lines.select_related("ill"))
        if any(line.state == InvoiceLine.OPEN for line in lines):
            raise NotAllowed(_("Some lines are not verified yet: each needs an answer first."))
        billed = [line for line in lines if line.state == InvoiceLine.VERIFIED]
        total = sum((line.amount for line in billed), NOTHING)
        if total <= 0:
            raise NotAllowed(_("Nothing is left to bill: discard this draft."))
        day = timezone.localtime(now).date()
        # Rates first: where one is missing, no number is taken.
        worth = {line.pk: foreign_of(line.amount, row.currency, day) for line in billed}
        number = draw(PREFIXES[row.kind], day)
        own = NOTHING
        for line in billed:
            if line.amount:
                foreign = worth[line.pk]
                booked = _book(line, number, foreign.own if foreign else line.amount, foreign, day=day, actor=actor,
                               now=now)
                own += booked.amount
                InvoiceLine.objects.filter(pk=line.pk).update(booked=booked)
        approved(row, number=number, day=day, total=total, own=own, actor=actor, now=now,
                 due=day + timedelta(days=InvoicePolicy.current().due_days))
        return Invoice.objects.get(pk=row.pk)


def hold_draft(invoice: Invoice, *, seen: int, actor: Actor) -> Invoice:
    """In a transaction: the draft as it was seen, ours until the commit."""
    if not Invoice.objects.filter(pk=invoice.pk, state=Invoice.DRAFT, version=seen).update(version=seen + 1):
        row = Invoice.objects.select_related("approved_by").get(pk=invoice.pk)
        if row.state == Invoice.DRAFT:
            raise Stale(_("Somebody changed this draft after you opened it. Look at it again."))
        raise Stale(_("%(who)s was faster: this is %(state)s already.") % {
            "who": row.approved_by.short_name if row.approved_by else _("Somebody"), "state": row.get_state_display()})
    row = Invoice.objects.select_related("library", "of").get(pk=invoice.pk)
    if actor.user is not None and actor.user.pk in entered_by(row):
        raise NotAllowed(_("You entered this: somebody else approves it."))
    return row


def approved(
    row: Invoice, *, number: str, day: date, total: Decimal, own: Decimal, due: date, actor: Actor, now: datetime
) -> None:
    Invoice.objects.filter(pk=row.pk).update(
        state=Invoice.APPROVED, number=number, day=day, due=due, total=total, own=own, approved=now,
        approved_by=actor.user)
    events.record("invoice.approved", subject=("invoice", row.pk), actor=actor, now=now,
                  data={"number": number, "total": str(total)})


def foreign_of(amount: Decimal, currency: str, day: date) -> Foreign | None:
    """With the rate of the day; None for our own currency, and for nothing."""
    if currency == LoanPolicy.current().currency:
        return None
    return costs.foreign(amount, currency, day)


def _book(
    line: InvoiceLine, number: str, own: Decimal, foreign: Foreign | None, *, day: date, actor: Actor, now: datetime
) -> Booked:
    return costs.book(f"invoice_line:{line.pk}", Booking(
        side=Booked.INCOME, way="invoice", what=_WHATS.get(line.kind, "charge"), source=("invoice_line", line.pk),
        day=day, amount=own, ill=line.ill_id, library=line.library_id,
        number=line.ill.number if line.ill else number, foreign=foreign,
    ), actor=actor, now=now)


def waiting_for(invoice: Invoice, *, day: date) -> str:
    """Who else can approve it, in a sentence."""
    return rule.others_in_words(RIGHT, entered_by(invoice), day=day)


def by_number(numbers: Iterable[str]) -> dict[str, Invoice]:
    return {row.number: row for row in Invoice.objects.filter(number__in=set(numbers)) if row.number}
