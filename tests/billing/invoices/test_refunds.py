"""Credit of a library that settles nothing goes back by transfer: two persons, once, and the books follow."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from billing.approval.rule import NeedsAnother
from billing.invoices import credit, files, payments, queries, refunds
from billing.invoices.payment_models import Payment
from billing.invoices.payments import Received
from billing.invoices.refund_models import LibraryRefund
from billing.ledger import queries as books
from billing.ledger.actions import Where
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import Event
from tests import factories as f
from tests.billing.invoices import cast
from tests.billing.invoices.test_files import text_of
from tests.billing.invoices.test_payments import DAY, MAY, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def first():
    return f.staff("lending staff")


@pytest.fixture
def second():
    return f.staff("coordinator")


def too_much(first, amount="70.00", currency="USD", library=None) -> Payment:
    return payments.enter(library or f.library(), Received(kind="transfer", day=DAY, amount=Decimal(amount),
                                                           currency=currency, reference="77"),
                          key=f"p{amount}{currency}", actor=first, now=MAY)


def propose(payment, amount, actor, *, key="r", why="They closed their account") -> LibraryRefund:
    return refunds.propose(payment, Decimal(amount), why, key=key, actor=actor, now=MAY)


def approve(row, actor, *, day=DAY, reference="TR-9", now=MAY) -> LibraryRefund:
    return refunds.approve(row, day=day, reference=reference, actor=actor, now=now)


def balances(library) -> tuple[Decimal, Decimal]:
    """Of the library, and of the bank; the ageing says what the books say."""
    owed = books.balance(Where("library", library.pk))
    assert owed == sum((row.open for row in queries.ageing(DAY)), Decimal(0))
    return owed, books.balance(Where("bank"))


def test_credit_goes_back_by_one_who_proposes_and_one_who_approves(first, second):
    payment = too_much(first)
    row = propose(payment, "70.00", first)
    assert row.state == "proposed" and balances(payment.library) == (Decimal("-70.00"), Decimal("70.00"))
    assert propose(payment, "70.00", first).pk == row.pk, "the same form again"
    row = approve(row, second)
    assert (row.state, row.own, row.decided_by) == ("paid", Decimal("70.00"), second.user)
    assert balances(payment.library) == (0, 0) and fresh(payment).rest == 0
    approve(row, second)
    assert balances(payment.library) == (0, 0), "said again"
    with pytest.raises(NotAllowed, match="not waiting"):
        approve(row, second, reference="other")


def test_who_proposed_it_or_entered_the_money_does_not_approve_it(first, second):
    third = f.staff("coordinator")
    payment = too_much(second)
    row = propose(payment, "5.00", third)
    for wrong in (second, third, first):
        with pytest.raises(NeedsAnother):
            approve(row, wrong)
    assert Event.objects.filter(name="approval.refused").count() == 3
    assert balances(payment.library) == (Decimal("-70.00"), Decimal("70.00"))
    assert approve(row, f.staff("coordinator")).state == "paid"
    with pytest.raises(NotAllowed):
        propose(payment, "5.00", f.staff("borrowing staff"), key="other")


def test_while_an_invoice_is_open_the_credit_settles_it_first(first, second):
    payment = too_much(first)
    row = propose(payment, "70.00", first)
    invoice = cast.bill("30.00", first=first, second=second)
    with pytest.raises(NotAllowed, match=r"IL-2026-00001 has USD 30.00 open: settle it with this credit first"):
        approve(row, second)
    payments.allocate(payment, [(invoice, Decimal("30.00"))], actor=first, now=MAY)
    with pytest.raises(NotAllowed, match=r"Only USD 40.00 of this payment is left"):
        approve(row, second)
    refunds.refuse(row, "Part of it is used", actor=second, now=MAY)
    assert approve(propose(payment, "40.00", first, key="r2"), second).state == "paid"
    assert balances(payment.library)[0] == 0


@pytest.mark.parametrize(("amount", "why", "said"), [
    ("0", "x", "above nothing"), ("-1", "x", "above nothing"), ("1.001", "x", "above nothing"),
    ("70.01", "x", "Only USD 70.00"), ("5.00", "  ", "Say why"),
])
def test_what_is_no_refund_is_refused(first, amount, why, said):
    with pytest.raises(NotAllowed if "Only" in said else BadAnswer, match=said):
        propose(too_much(first), amount, first, why=why)
    assert not LibraryRefund.objects.exists()


@pytest.mark.parametrize("more", [
    {"reference": " "}, {"day": DAY + timedelta(days=1)}, {"day": DAY - timedelta(days=1)}, {"day": date(2020, 1, 1)},
])
def test_a_transfer_has_a_reference_and_a_day_that_can_be(first, second, more):
    payment = too_much(first)
    row = propose(payment, "70.00", first)
    with pytest.raises(BadAnswer):
        approve(row, second, **more)
    assert balances(payment.library) == (Decimal("-70.00"), Decimal("70.00"))


def test_only_one_refund_of_a_payment_waits(first):
    payment = too_much(first)
    propose(payment, "5.00", first)
    with pytest.raises(NotAllowed, match="waits to be approved already"):
        propose(payment, "6.00", first, key="other")


def test_foreign_money_goes_back_at_the_rate_of_its_day(first, second):
    cast.rate(worth="1.10")
    cast.rate(worth="1.20", on=DAY + timedelta(days=1))
    payment = too_much(first, "100.00", "EUR")
    assert balances(payment.library) == (Decimal("-110.00"), Decimal("110.00"))
    later = MAY + timedelta(days=2)
    row = approve(propose(payment, "50.00", first), second, day=later.date(), now=later)
    assert (row.own, fresh(payment).rest_own) == (Decimal("55.00"), Decimal("55.00"))
    assert balances(payment.library) == (Decimal("-55.00"), Decimal("50.00")) and books.balance(Where("exchange")) == 5
    refunds.undo(row, "Wrong account", actor=first, now=later)
    assert balances(payment.library) == (Decimal("-110.00"), Decimal("110.00"))
    assert books.balance(Where("exchange")) == 0


def test_a_credit_note_that_was_paid_before_goes_back(first, second):
    invoice = cast.bill("30.00", first=first, second=second)
    payments.enter(invoice.library, Received(kind="cheque", day=DAY, amount=Decimal("30.00")), key="p",
                   settles=[(invoice, Decimal("30.00"))], actor=first, now=MAY)
    note = credit.draft(invoice, {invoice.lines.get().pk: Decimal("12.00")}, "Bad copy", actor=first, now=MAY)
    cast.finish(note, second, now=MAY)
    row = propose(Payment.objects.get(kind="credit"), "12.00", first)
    assert approve(row, second).state == "paid" and balances(invoice.library) == (0, Decimal("18.00"))


def test_a_transfer_that_came_back_is_undone_once(first, second):
    payment = too_much(first)
    row = approve(propose(payment, "70.00", first), second)
    with pytest.raises(NotAllowed, match="paid back to the library: undo that first"):
        payments.undo(payment, "x", actor=first, now=MAY)
    with pytest.raises(BadAnswer):
        refunds.undo(row, " ", actor=first, now=MAY)
    for _time in range(2):
        refunds.undo(row, "Account closed", actor=first, now=MAY)
    assert balances(payment.library) == (Decimal("-70.00"), Decimal("70.00")) and fresh(row).state == "undone"
    assert approve(propose(payment, "70.00", first, key="again"), second).state == "paid"
    assert balances(payment.library) == (0, 0)


def test_a_payment_that_is_undone_takes_its_proposal_along(first, second):
    payment = too_much(first)
    row = propose(payment, "70.00", first)
    payments.undo(payment, "Bounced", actor=first, now=MAY)
    assert (fresh(row).state, fresh(row).decided_why) == ("refused", "Bounced")
    with pytest.raises(NotAllowed):
        approve(row, second)


def test_the_statement_shows_it(first, second):
    invoice = cast.bill("30.00", first=first, second=second)
    payment = payments.enter(invoice.library, Received(kind="cheque", day=DAY, amount=Decimal("100.00")), key="p",
                             settles=[(invoice, Decimal("30.00"))], actor=first, now=MAY)
    row = approve(propose(payment, "70.00", first), second)
    said = text_of(files.draw_statement(invoice.library, since=date(2026, 3, 1), day=DAY))
    assert "Paid back" in said and "TR-9" in said and "70.00" in said and "USD 0.00 open" in said
    refunds.undo(row, "x", actor=first, now=MAY)
    said = text_of(files.draw_statement(invoice.library, since=date(2026, 3, 1), day=DAY))
    assert "TR-9" not in said and "USD 70.00 to your credit" in said


@pytest.mark.django_db(transaction=True)
def test_of_two_who_approve_and_one_who_settles_at_once_the_credit_goes_once():
    first, second, third = f.staff("lending staff"), f.staff("coordinator"), f.staff("coordinator")
    payment, failed = too_much(first), []
    row = propose(payment, "70.00", first)

    def go(actor, reference):
        try:
            approve(row, actor, reference=reference)
        except NotAllowed as refusal:
            failed.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[actor, f"T{place}"]) for place, actor in enumerate((second, third))]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    assert len(failed) == 1 and balances(payment.library) == (0, 0)


def test_on_the_pages(client, first, second):
    payment = too_much(first)
    page = f"/billing/payments/{payment.pk}/"
    client.force_login(first.user)
    assert f"{page}refund/" in client.get(page).content.decode()
    refused = client.post(f"{page}refund/", {"amount": "99.00", "why": "Closed & gone", "key": "x"})
    assert refused.status_code == 422 and "Closed &amp; gone" in refused.content.decode()
    key = client.get(f"{page}refund/").context["form"]["key"].value()
    client.post(f"{page}refund/", {"amount": "70.00", "why": "Closed", "key": str(key)})
    row = LibraryRefund.objects.get()
    said = client.get(page).content.decode()
    assert "To be approved" in said and f"/billing/refunds/{row.pk}/approve/" not in said and "Closed" in said
    assert f"{page}refund/" not in said
    mine = client.post(f"/billing/refunds/{row.pk}/approve/", {"day": "2026-05-20", "reference": "TR-9"})
    assert mine.status_code == 422 and "You entered this" in mine.content.decode() and "TR-9" in mine.content.decode()
    client.force_login(second.user)
    assert "Credit to be paid back" in client.get("/billing/accounts/").content.decode()
    assert f"/billing/refunds/{row.pk}/approve/" in client.get(page).content.decode()
    client.post(f"/billing/refunds/{row.pk}/approve/", {"day": "2026-05-20", "reference": "TR-9"})
    assert fresh(row).state == "paid"
    client.post(f"/billing/refunds/{row.pk}/undo/", {"why": "Came back"})
    assert fresh(row).state == "undone" and "Came back" in client.get(page).content.decode()
    client.force_login(f.user("borrowing staff"))
    assert client.get(f"/billing/refunds/{row.pk}/refuse/").status_code == 403
