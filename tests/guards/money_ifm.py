"""One of everything of fee management, mailboxes and reports, so that every page of theirs shows something."""

from datetime import date
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile

from billing.budget.models import Fund
from billing.costs.models import CostPolicy
from billing.ifm import actions, imports
from billing.models import (
    BalanceLimit,
    Deposit,
    DepositBalance,
    NetworkLine,
    NetworkPolicy,
    NetworkStatement,
    NotCharged,
    OutgoingLine,
    OutgoingList,
    Report,
)
from illdesk import actors, attachments
from illdesk.mailboxes.models import Mail, Mailbox
from requests_app import references
from tests import factories as f

MARCH = date(2026, 3, 1)
_HEAD = "Institution Symbol,Institution Name,ILL Request Number,Transaction Date,Amount,Currency,Transaction Type"
_LINES = ("HIL,Hill,198765432,2026-03-14,15.00,USD,IFM Lib-to-Lib Borrowing Debit",
          "HIL,Hill,1999,2026-03-14,15.00,USD,IFM Lib-to-Lib Borrowing Debit",
          "HIL,Hill,1998,soon,15.00,USD,IFM Lib-to-Lib Borrowing Debit")


def build(world) -> None:
    by = world.people["coordinator"]
    actor, sent = actors.staff(by), world.ills["delivered"]
    fund, _made = Fund.objects.get_or_create(code="ILL-B", defaults={"name": "x", "note": "x"})
    CostPolicy.objects.get_or_create(pk=1, defaults={"borrowing_fund": fund})
    reference = references.add(sent, "oclc", "198765432", now=f.NOW)
    data = "\n".join([_HEAD, *_LINES, ""]).encode()
    given = {"system": "ifm", "month": MARCH, "actor": actor, "now": f.NOW}
    report = imports.take(data, name="x.csv", **given)
    imports.name_columns(report, {
        "symbol": "Institution Symbol", "name": "Institution Name", "number": "ILL Request Number",
        "day": "Transaction Date", "amount": "Amount", "currency": "Currency", "kind": "Transaction Type",
    }, actor=actor, now=f.NOW)
    unnamed = imports.take(b"A;B;C;D\n1;2;3;4\n", name="y.csv", **given)
    if ready := actions.ready("ifm", MARCH):
        actions.book("ifm", MARCH, seen=actions.totals(ready).seen, actor=actor, now=f.NOW)
    line = NetworkLine.objects.get(number="1999")
    NetworkLine.objects.filter(pk=line.pk).update(reason="x", asked=f.NOW)
    statement = NetworkStatement.objects.create(system="ifm", month=MARCH, number="INV-1", amount=Decimal(15),
                                                day=f.NOW.date(), made=f.NOW, by=by, reference="x")
    NetworkPolicy.objects.create(pk=1, ask_email="ask@oclc.example")
    NotCharged.objects.create(ill=world.ills["lending copy"], reason="x", by=by)
    deposit = Deposit.objects.create(name="EFTS", number="x")
    DepositBalance.objects.create(deposit=deposit, day=f.NOW.date(), amount=100, made=f.NOW, by=by)
    outgoing = OutgoingList.objects.create(number="E-2026-00001", state="approved", deposit=deposit, first=MARCH,
                                           last=f.NOW.date(), made=f.NOW, by=by, key="x")
    OutgoingLine.objects.create(list=outgoing, ill=world.ills["lending copy"], number="x", library=world.library,
                                day=MARCH, amount=5)
    limit = BalanceLimit.objects.create(requests=0)
    mailbox = Mailbox.objects.create(name="Invoices", host="127.0.0.1", port=9, security="none", user="x",
                                     password="x", purpose="invoices", why="x", failures=1, failing_since=f.NOW,
                                     next_try=f.NOW, tested=f.NOW, test_words="x")
    mail = Mail.objects.create(
        mailbox=mailbox, validity=1, uid=1, key="x", message_id="x", sender="x", to="x", subject="x", text="x",
        arrived=f.NOW, state="failed", outcome="x", purpose="invoices", problems=["winmail"],
        parts=[{"name": "x", "type": "x", "size": 1, "file": None}])
    mail.raw = attachments.store(("mail", mail.pk), SimpleUploadedFile("x.pdf", f.pdf()), by=None, now=f.NOW)
    mail.save()
    assert Report.objects.count() == 2
    world.values |= {
        "network report": str(report.pk), "unnamed report": str(unnamed.pk), "network line": str(line.pk),
        "network statement": str(statement.pk), "deposit": str(deposit.pk), "outgoing": outgoing.number,
        "balance limit": str(limit.pk), "mailbox": str(mailbox.pk), "mail": str(mail.pk),
        "reference": str(reference.pk), "delivered key": str(sent.pk),
    }
