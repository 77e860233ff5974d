"""The staff page of a request says what its lender charged, how that stands, and in which batch."""

from decimal import Decimal

from billing.batches import actions as batches
from billing.costs import actions as costs
from billing.costs.actions import Booking
from billing.models import Booked, PayableInvoice
from billing.payables import actions
from tests import factories as f
from tests.billing.payables.cast import DAY, line


def page(client, actor, ill) -> str:
    client.force_login(actor.user, backend="illdesk.accounts.backend.RoleBackend")
    return client.get(ill.get_absolute_url()).content.decode().partition("<main")[2]


def test_from_the_first_line_to_the_payment(client, cast):
    ill, office = cast.ill(), f.staff("budget")
    assert "What the lender charged" not in page(client, cast.chen, ill)
    invoice = cast.invoice(line(number=ill.number), number="SV-7781")
    found = page(client, cast.chen, ill)
    assert "Invoice SV-7781" in found and f"/billing/payables/{invoice.pk}/" in found
    assert "Ready to ask for approval" in found and "In the books for this request: USD 0.00" in found
    cast.approve(invoice)
    batch = batches.forward([("payable", invoice.pk)], key="f", actor=cast.chen, now=f.NOW)[0]
    found = page(client, cast.chen, ill)
    assert "Approved" in found and batch.number in found and "In the books for this request: USD 15.00" in found
    batches.pay(batch, day=f.NOW.date(), reference="55121", version=0, actor=office, now=f.NOW)
    found = page(client, cast.chen, ill)
    assert "Paid" in found and "reference 55121" in found
    found = page(client, cast.clerk, ill)
    assert batch.number in found and f"/billing/batches/{batch.number}/" not in found, "borrowing sees no batches"


def test_a_refused_invoice_charges_nothing(client, cast):
    ill = cast.ill()
    invoice = cast.invoice(line(number=ill.number))
    actions.reject(PayableInvoice.objects.get(pk=invoice.pk), "not ours", actor=cast.clerk, now=f.NOW)
    assert "What the lender charged" not in page(client, cast.chen, ill)


def test_what_came_by_fee_management_stands_there_until_it_is_undone(client, cast):
    ill = cast.ill()
    row = costs.book("ifm:1", Booking(
        side=Booked.COST, way="ifm", what="charge", source=("ifm_line", 1), day=DAY, amount=Decimal("20.00"),
        ill=ill.pk, library=cast.delta.pk), actor=cast.chen, now=f.NOW)
    found = page(client, cast.clerk, ill)
    assert "OCLC Fee Management" in found and "In the books for this request: USD 20.00" in found
    costs.undo(row, key="ifm:1:undo", day=DAY, actor=cast.chen, now=f.NOW)
    assert "What the lender charged" not in page(client, cast.clerk, ill)


def test_who_sees_no_invoices_from_libraries_reads_nothing_of_it(client, cast):
    ill = cast.ill()
    cast.invoice(line(number=ill.number), number="SV-7781")
    for role in ("lending staff", "student", "budget"):
        assert "SV-7781" not in page(client, f.staff(role), ill)


def test_only_a_loan_is_returned(client, cast):
    loan, copy = cast.ill(), f.ill("borrowing.shipped", partner=cast.delta, title="An article", service="copy")
    assert "Patron says it was returned" in page(client, cast.chen, loan)
    assert "Patron says it was returned" not in page(client, cast.chen, copy)
