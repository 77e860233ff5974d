"""Invoices from libraries for the guards: one to answer with its paper, one that looks like it, a mail, a file."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from billing.approval.models import Delegation
from billing.payables import actions, kept
from billing.payables.actions import Head, Part, Typed
from billing.payables.models import PayableFile, PayableInvoice, PayableLayout
from illdesk import actors
from tests import factories as f


def build(world) -> None:
    clerk, boss = actors.staff(world.people["borrowing staff"]), world.people["supervisor"]
    day = f.NOW.date()

    def invoice(number: str, *typed: Typed) -> PayableInvoice:
        head = Head(world.library.pk, number, day, "USD", sum((one.amount for one in typed), Decimal(0)), day, "x")
        return actions.enter(head, typed, key=number, actor=clerk, now=f.NOW)

    sent = world.ills["sent"].number
    first = invoice("88213", Typed(Decimal(15), sent, "x", "x", "x"), Typed(Decimal(94), title="Middlemarch"))
    second = invoice("088213", Typed(Decimal(15), sent), Typed(Decimal(3), title="x"))
    stored = kept.keep(first.subject, "a.pdf", f.pdf("x"), by=boss, now=f.NOW)
    PayableInvoice.objects.update(
        paper=stored, twin_answer="x", why="x", mail_from="x", mail_subject="x", note="x")
    line, other = first.lines.order_by("place")
    first.lines.update(why="x", reference="x")
    actions.dispute(second, {second.lines.first().pk: Decimal(0)}, to="x@example.org", subject="x", body="x", key="x",
                    actor=clerk, now=f.NOW)
    asked = invoice("3", Typed(Decimal(5), title="x"))
    actions.general(asked.lines.get(), "x", actor=clerk, now=f.NOW)
    actions.ask(asked, actor=clerk, now=f.NOW)
    actions.from_mail("x@example.org", "x", [Part("a.pdf", f.pdf("x"))], key="x", now=f.NOW)
    text = f"Reference;Title;Amount\n{sent};x;15,00\nx;y;z\nTotal;;16,00\n"
    file = actions.look_at(text.encode(), name="a.csv", library=world.library.pk, actor=clerk, now=f.NOW,
                           given={"number": "9", "dated": day.isoformat(), "due": "", "currency": "", "total": ""})
    PayableLayout.objects.create(library=world.library, signature="x", chosen={}, used=f.NOW)
    today = timezone.localdate()
    lent = Delegation.objects.create(
        of=boss, to=world.people["borrowing staff"], right="approve_payables", begins=today,
        ends=today + timedelta(days=3), why="x", made=f.NOW, made_by=boss)
    assert PayableFile.objects.get() == file
    world.values |= {
        "payable": str(first.pk), "payable other": str(second.pk), "payable line": str(line.pk),
        "payable file": str(file.pk), "delegation": str(lent.pk),
    }
    assert other.result in ("candidates", "not_found")
