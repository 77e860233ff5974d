"""Who and what these stories are about: an agreement, shipped requests, two persons, a sent invoice."""

from datetime import date, datetime
from decimal import Decimal

from billing.agreements import actions as agreements
from billing.agreements.models import Agreement
from billing.costs.models import Rate
from billing.invoices import actions, sending
from billing.invoices.models import Invoice, InvoiceLine
from illdesk.actors import Actor
from requests_app.models import ILLRequest, Library
from tests import factories as f

# The requests of factories are shipped on 2 March 2026.
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
APRIL = datetime(2026, 4, 2, 15, tzinfo=f.UTC)
TODAY = date(2026, 4, 2)


def agreed(name: str = "All", *, library: Library | None = None, begins: date = date(2025, 7, 1), **term) -> Agreement:
    """With a flat amount of 15 for loans and copies, or as `term` says."""
    who = f.staff("coordinator")
    row = agreements.save(Agreement(name=name, library=library), actor=who, now=f.NOW)
    rows = [{"direction": "lending", "service": service, "flat": Decimal(15), "rush": Decimal(5)} | term
            for service in ("loan", "copy")]
    agreements.publish(row, begins=begins, terms=rows, why="", based_on=0, actor=who, now=f.NOW)
    return row


def shipped(library: Library | None = None, **more) -> ILLRequest:
    return f.ill("lending.shipped", partner=library or f.library(), **more)


def rate(currency: str = "EUR", worth: str = "1.10", on: date = date(2026, 1, 1)) -> Rate:
    return Rate.objects.create(currency=currency, on=on, rate=Decimal(worth))


def run(actor: Actor, now: datetime = APRIL) -> list[Invoice]:
    return list(actions.run(*MARCH, actor=actor, now=now).invoices.filter(state=Invoice.DRAFT).order_by("pk"))


def bill(
    amount: str = "30.00", *, library: Library | None = None, key: str = "", currency: str = "USD", first: Actor,
    second: Actor, now: datetime = APRIL,
) -> Invoice:
    """A sent invoice with one line by hand."""
    line = actions.add_line(library or f.library(), kind=InvoiceLine.OTHER, amount=Decimal(amount), why="Copies",
                            key=key or f"bill {Invoice.objects.count()}", currency=currency, actor=first, now=now)
    actions.verify(line, actor=first, now=now)
    return finish(Invoice.objects.get(pk=line.invoice_id), second, now=now)


def finish(draft: Invoice, second: Actor, now: datetime = APRIL) -> Invoice:
    draft = Invoice.objects.get(pk=draft.pk)
    done = actions.approve(draft, seen=draft.version, actor=second, now=now)
    return sending.send(done, actor=second, now=now)
