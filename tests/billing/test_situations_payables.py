"""Cards of SITUATIONS.md about invoices from libraries, as tests of their whole story."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from billing.approval import actions as approval
from billing.batches.payable import KINDS
from billing.costs import actions as costs
from billing.costs.actions import Booking
from billing.costs.models import Booked, Rate
from billing.ledger import queries as books
from billing.ledger.actions import Where
from billing.ledger.models import Entry
from billing.payables import actions, letter
from billing.payables.models import PayableInvoice
from illdesk.errors import NotAllowed
from illdesk.models import Event, OutboxMessage
from requests_app.actions import perform
from requests_app.models import Contact, ILLRequest
from tests import factories as f
from tests.billing.payables.cast import DAY, Cast, line

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return Cast()


def test_situation_08_the_invoice_for_a_wrong_item_is_not_approved_without_a_word(cast):
    f.by_hand()
    ill = f.ill("borrowing.delivered", partner=cast.delta, service="copy")
    ILLRequest.objects.filter(pk=ill.pk).update(cost=Decimal("15.00"))
    perform(ill, "report_problem", actor=f.actors.patron(ill.patron.user), now=f.NOW, problem="wrong_item")
    invoice = cast.invoice(line("15.00", ill.number))
    with pytest.raises(NotAllowed, match="1 line needs an answer"):
        actions.ask(invoice, actor=cast.clerk, now=f.NOW)
    row = invoice.lines.get()
    subject, body = letter.filled(invoice, [row], language="en")
    assert "not the item we asked for" in body and "88213" in subject
    assert books.balance(Where("payable", cast.delta.pk)) == 0


def test_situation_43_invoice_in_euros_for_a_request_cancelled_before_shipping(client, cast):
    cast.delta.country = "ES"
    cast.delta.save()
    Contact.objects.create(library=cast.delta, kind="billing", name="Cuentas", email="cuentas@delta.example")
    Rate.objects.create(currency="EUR", on=DAY, rate=Decimal("1.0853"))
    ill = f.ill("borrowing.cancelled", partner=cast.delta, title="Señales de humo")
    ILLRequest.objects.filter(pk=ill.pk).update(cost=Decimal("20.00"), currency="EUR")
    invoice = cast.invoice(line("20.00", ill.number), currency="EUR")
    row = invoice.lines.get()
    assert (row.ill, row.result, row.amount == row.agreed) == (ill, "cancelled", True), "though the amount fits"
    event = Event.objects.get(pk=row.found["event"])
    assert event.name == "request.lender_cancelled" and event.subject_id == ill.pk
    client.force_login(cast.clerk.user)
    page = client.get(reverse("payable_line", args=[invoice.pk, row.pk])).content.decode()
    assert "Cancelled before it was shipped" in page and "Nothing is owed for it" in page
    page = client.get(reverse("payable_dispute", args=[invoice.pk])).content.decode()
    assert "cuentas@delta.example" in page and "No podemos pagar estas líneas" in page
    assert f"{ill.number}  EUR 20.00" in page
    assert ill.citation.title not in page.split("<form")[-1], "no title in the letter"
    actions.dispute(invoice, {row.pk: Decimal(0)}, to="cuentas@delta.example", subject="Su factura 88213", body="…",
                    actor=cast.clerk, now=f.NOW, key="43")
    with pytest.raises(NotAllowed, match="Nothing of this invoice is to be paid"):
        actions.ask(invoice, actor=cast.clerk, now=f.NOW)
    assert OutboxMessage.objects.filter(recipient="cuentas@delta.example").count() == 1
    assert Entry.objects.count() == Booked.objects.count() == 0, "nothing owed is booked"


def test_situation_44_lender_bills_by_ifm_in_march_and_on_paper_in_may(cast):
    ill = cast.ill(cost="15.00")
    costs.book("ifm:2026-03:17", Booking(
        side="cost", way="ifm", what="charge", source=("ifm_line", 17), day=date(2026, 3, 11),
        amount=Decimal("15.00"), ill=ill.pk, library=cast.delta.pk, number="198765432"), actor=cast.clerk,
        now=f.later(days=30))
    year, count = ill.number.split("-")[1:]
    paper = cast.invoice(line("15.00", f"b{year} {count.replace('0', 'O')}"), dated=date(2026, 5, 4),
                         now=f.later(days=70))
    row = paper.lines.get()
    assert (row.ill, row.result) == (ill, "twice")
    assert (row.found["before"]["way"], row.found["before"]["day"]) == ("OCLC Fee Management", "2026-03-11")
    with pytest.raises(NotAllowed, match="needs an answer"):
        actions.ask(paper, actor=cast.clerk, now=f.NOW)
    _subject, body = letter.filled(paper, [row], language="en")
    assert "charged before (OCLC Fee Management, 11 Mar 2026)" in body
    actions.dispute(paper, {row.pk: Decimal(0)}, to="", subject="", body="", actor=cast.clerk, now=f.NOW, key="44")
    actions.settle_dispute(paper.lines.get(), Decimal("15.00"), "they withdrew it", actor=cast.clerk, now=f.NOW)
    assert books.balance(Where("payable", cast.delta.pk)) == 0 and Booked.objects.count() == 1, "paid once, by IFM"


def test_situation_46_coordinator_who_entered_it_tries_every_door(client, cast):
    invoice = actions.enter(cast.head("15.00"), [line(number=cast.ill().number)], key="k", actor=cast.chen, now=f.NOW)
    actions.ask(invoice, actor=cast.chen, now=f.NOW)
    client.force_login(cast.chen.user)
    page = client.get(reverse("payable", args=[invoice.pk])).content.decode()
    assert "You entered this." in page and "/approve/" not in page, "the page offers no button"
    answer = client.post(reverse("payable_step", args=[invoice.pk, "approve"]), follow=True)
    assert "somebody else approves it" in answer.content.decode()
    with pytest.raises(NotAllowed):  # what the API calls
        actions.approve(invoice, actor=cast.chen, now=f.NOW)
    assert Event.objects.filter(name="approval.refused", subject_id=invoice.pk, actor=cast.chen.user).count() == 2
    invoice.refresh_from_db()
    assert invoice.state == "asked" and Booked.objects.count() == 0
    ortiz = f.staff("supervisor", first_name="L.", last_name="Ortiz")
    approval.lend(cast.clerk.user, "approve_payables", begins=f.NOW.date(), ends=f.NOW.date(), why="away",
                  actor=ortiz, now=f.NOW)
    assert actions.approve(invoice, actor=cast.clerk, now=f.NOW).approved_by == cast.clerk.user


def test_situation_47_one_line_of_a_batch_has_the_wrong_fund(cast):
    cheap = cast.ill(cost="9.00").number
    invoice = cast.approved(line("15.00", cast.ill("A secret title").number), line("9.00", cheap))
    office = f.staff("budget")
    wrong = invoice.lines.get(place=2)
    KINDS["payable"].back(invoice.pk, [str(wrong.pk)], "fund ILL-X, please", office, f.NOW)
    rest = KINDS["payable"].read([invoice.pk])[invoice.pk]
    assert (rest.amount, len(rest.parts)) == (Decimal("15.00"), 1)
    assert "secret" not in repr(rest).lower(), "no title crosses"
    part = PayableInvoice.objects.get(part_of=invoice)
    actions.change_line(part.lines.get(), fund=cast.other_fund, actor=cast.clerk, now=f.NOW)
    cast.approve(part)
    payables = KINDS["payable"].waiting()
    assert sum(one.amount for one in payables) == Decimal("24.00") == books.balance(Where("payable", cast.delta.pk))
    assert {row.fund for one in payables for row in one.parts} == {"ILL-B", "ILL-X"}
