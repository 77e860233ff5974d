"""Invoices of the demo's libraries in every state, with their paper, for a first look."""

import io
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone
from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

from billing.budget.models import Fund
from billing.costs.models import CostPolicy, Rate
from billing.payables import actions, kept
from billing.payables.actions import Head, Part, Typed
from billing.payables.models import PayableInvoice
from illdesk import actors
from illdesk.models import User
from requests_app.models import Dialogue, ILLRequest, Library

FUND = "ILL-B"


def load(now: datetime) -> None:
    """Once: what is there stays."""
    if PayableInvoice.objects.exists():
        return
    staff = User.objects.filter(username="staff").first() or _with("work_payables")
    chen = _with("approve_payables", but=staff)
    if staff is None or chen is None:
        return
    fund, _made = Fund.objects.get_or_create(code=FUND, defaults={"name": "Interlibrary loan, charges of libraries"})
    if not CostPolicy.objects.filter(pk=1).exists():
        CostPolicy.objects.create(pk=1, borrowing_fund=fund, lost_fund=fund)
    clerk, boss, today = actors.staff(staff), actors.staff(chen), timezone.localtime(now).date()
    Rate.objects.get_or_create(currency="EUR", on=today - timedelta(days=40), defaults={
        "rate": Decimal("1.0853"), "source": "Central bank"})
    lenders = list(Library.objects.filter(pk__in=Dialogue.objects.filter(role=Dialogue.REQUESTER, ill__kind="borrowing")
                                          .values("library")).order_by("pk")[:3])
    for place, library in enumerate(lenders):
        ills = list(ILLRequest.objects.filter(
            Q(partner=library), kind="borrowing", booked=None).exclude(state="borrowing.cancelled").order_by("pk")[:6])
        if not ills:
            continue
        for ill in ills:
            if ill.cost is None:
                ILLRequest.objects.filter(pk=ill.pk, cost=None).update(cost=Decimal("15.00"), currency="USD")
                ill.cost = Decimal("15.00")
        dated = today - timedelta(days=12 + 60 * place)
        typed = [Typed(amount=ill.cost or Decimal("15.00"), number=ill.number, title="", what="charge")
                 for ill in ills[:3]]
        if place == 0:
            earlier = _enter(library, f"{87950 + place}", dated - timedelta(days=30), typed[:1], clerk, now)
            _approve(earlier, clerk, boss, now)
            first = ills[-1]
            typed = [typed[0], *typed[1:2], Typed(amount=Decimal("18.00"), number=first.number.lower()),
                     Typed(amount=Decimal("94.00"), title="Ordinances Trieste, rush")]
            _enter(library, "88213", dated, typed, clerk, now)
        elif place == 1:
            asked = _enter(library, f"INV-{2026_0400 + place}", dated, typed, clerk, now)
            for line in asked.lines.all():
                if line.needs_answer:
                    actions.general(line, "as agreed by telephone", actor=clerk, now=now)
            actions.ask(asked, actor=clerk, now=now)
        else:
            actions.from_mail(f"{library.name} <{library.email or 'billing@library.example'}>", "Invoice 2026/77",
                              [Part("invoice-77.pdf", paper(library.name, "2026/77", typed))], key="demo-77", now=now)


def _with(right: str, *, but: User | None = None) -> User | None:
    rows = User.objects.filter(is_active=True).order_by("pk")
    return next((user for user in rows if user.may(right) and user != but), None)


def _enter(library: Library, number: str, dated, typed: list[Typed], by: actors.Actor, now: datetime) -> PayableInvoice:
    total = sum((line.amount for line in typed), Decimal(0))
    invoice = actions.enter(Head(library=library.pk, number=number, dated=dated, due=dated + timedelta(days=30),
                                 currency="USD", total=total), typed, key=f"demo:{number}", actor=by, now=now)
    drawn = paper(library.name, number, typed)
    stored = kept.keep(invoice.subject, f"invoice-{number}.pdf", drawn, by=by.user, now=now)
    PayableInvoice.objects.filter(pk=invoice.pk).update(paper=stored)
    return invoice


def _approve(invoice: PayableInvoice, clerk: actors.Actor, boss: actors.Actor, now: datetime) -> None:
    for line in invoice.lines.all():
        if line.needs_answer and line.ill_id:
            actions.accept(line, "as agreed by telephone", actor=clerk, now=now)
        elif line.needs_answer:
            actions.general(line, "postage", actor=clerk, now=now)
    actions.ask(invoice, actor=clerk, now=now)
    actions.approve(invoice, actor=boss, now=now)


def paper(name: str, number: str, typed: list[Typed]) -> bytes:
    """An invoice as a library would send it."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=letter, invariant=True)
    canvas.setFont("Helvetica-Bold", 14)
    canvas.drawString(60, 720, name.upper()[:50])
    canvas.drawString(430, 720, f"INVOICE {number}")
    canvas.setFont("Helvetica", 12)
    canvas.drawString(60, 690, "Resource Sharing")
    canvas.line(60, 676, 552, 676)
    for place, line in enumerate(typed, start=1):
        height = 676 - place * 24
        canvas.drawString(60, height, f"{place}   {line.title or 'Interlibrary loan'}, {line.number}"[:70].rstrip(", "))
        canvas.drawRightString(552, height, f"{line.amount:.2f}")
    canvas.setFont("Helvetica-Bold", 12)
    canvas.drawString(60, 640 - len(typed) * 24, "Total USD")
    canvas.drawRightString(552, 640 - len(typed) * 24, f"{sum(line.amount for line in typed):.2f}")
    canvas.save()
    return out.getvalue()
