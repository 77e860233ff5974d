"""What is refused on pages of money gives back what was typed, with the reason why, as 422."""

from decimal import Decimal

import pytest

from billing.batches import actions as batches
from billing.invoices import payments
from billing.invoices.payments import Received
from billing.payables.models import PayableInvoice
from tests import factories as f
from tests.billing import royalty_lists
from tests.billing.batches import bills
from tests.billing.invoices import cast as lending
from tests.billing.payables.cast import Cast, line

pytestmark = pytest.mark.django_db
TYPED = "Typed with “care” & love"
SHOWN = "Typed with “care” &amp; love"


@pytest.fixture(autouse=True)
def bills_can_be_paid():
    bills.register()
    yield
    bills.unregister()


@pytest.fixture
def owed(db):
    return Cast()


def refused(client, url, **given):
    answer = client.post(url, given)
    said = answer.content.decode()
    assert answer.status_code == 422, answer
    return said


def test_an_invoice_returned_a_moment_too_late_keeps_the_reason(client, owed):
    invoice = owed.invoice(line("15.00", owed.ill().number))
    client.force_login(owed.chen.user)
    for what in ("return", "reject"):
        PayableInvoice.objects.update(state="approved")
        said = refused(client, f"/billing/payables/{invoice.pk}/{what}/", why=TYPED)
        assert SHOWN in said and 'role="alert"' in said
    PayableInvoice.objects.update(state="entered")
    assert 'role="alert"' in refused(client, f"/billing/payables/{invoice.pk}/reject/", why="  "), "a reason is asked"
    assert client.get(f"/billing/payables/{invoice.pk}/return/").status_code == 302, "reloaded it is the invoice"


def test_a_twin_that_is_none_is_said_beside_the_other_again(client, owed):
    ill = owed.ill()
    first = owed.invoice(line(number=ill.number), number="87950")
    second = owed.invoice(line(number=ill.number), number="087950", key="b")
    client.force_login(owed.clerk.user)
    PayableInvoice.objects.filter(pk=second.pk).update(state="approved")
    said = refused(client, f"/billing/payables/{second.pk}/no-twin/", why=TYPED, other=first.pk)
    assert f'value="{SHOWN}"' in said and "1 line stands on both" in said
    for odd in ("x", str(second.pk), "9" * 30, ""):
        assert SHOWN in refused(client, f"/billing/payables/{second.pk}/no-twin/", why=TYPED, other=odd)


def test_lines_and_a_letter_typed_while_approval_was_asked_are_kept(client, owed):
    invoice = owed.invoice(line("18.00", owed.ill().number))
    row = invoice.lines.get()
    client.force_login(owed.clerk.user)
    page = f"/billing/payables/{invoice.pk}/dispute/"
    first = client.get(page).context["form"]
    given = {name: first[name].value() or "" for name in first.fields} | {
        "line": row.pk, f"paid-{row.pk}": "15.00", "to": "a@b.example", "body": TYPED}
    PayableInvoice.objects.update(state="asked")
    assert SHOWN in refused(client, page, **given)
    edit = f"/billing/payables/{invoice.pk}/edit/"
    said = refused(client, edit, library=invoice.library_id, number="77-X", dated="2026-03-10", currency="USD",
                   total="18.00", note=TYPED, seen=invoice.version, **{
                       "lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0", "lines-0-title": "Atlas",
                       "lines-0-amount": "18.00", "lines-0-what": "charge"})
    assert "77-X" in said and "Atlas" in said and SHOWN in said
    assert client.get(edit).status_code == 302 and client.get(page).status_code == 302


def test_a_list_of_royalties_is_not_approved_for_a_reason_that_is_kept(client):
    row = royalty_lists.made("38.00")
    client.force_login(f.user("coordinator"))
    page = f"/billing/batches/waiting/royalties/{row.pk}/refuse/"
    assert "Say why it is not approved." in refused(client, page, why=" ", version=0)
    said = refused(client, page, why=TYPED, version=7)
    assert "changed by somebody else" in said and f'value="{SHOWN}"' in said
    assert client.get(page).url == "/billing/batches/waiting/"


def test_invoices_ticked_to_be_forwarded_stay_ticked(client):
    bills.bill(1, ("ILL-B", "5.00"))
    bills.bill(2, ("ILL-B", "6.00"))
    client.force_login(f.user("coordinator"))
    said = refused(client, "/billing/batches/waiting/", tick=["bill:1", "bill:77"],
                   key="0b1c4c58-7f2f-4f0e-9a7f-0a1b2c3d4e5f")
    assert 'value="bill:1" checked' in said and 'value="bill:2" checked' not in said


def test_a_batch_paid_while_its_return_was_typed_shows_the_reason(client):
    bills.bill(1, ("ILL-B", "5.00"))
    row = batches.forward([("bill", 1)], key="k", actor=f.staff("coordinator"), now=f.NOW)[0]
    batches.pay(row, day=f.NOW.date(), reference="A", version=0, actor=f.staff("budget"), now=f.NOW)
    client.force_login(f.user("budget"))
    assert SHOWN in refused(client, f"/billing/batches/{row.number}/back/", why=TYPED, version=0,
                            lines=[row.lines.get().pk])


def test_amounts_to_settle_that_cannot_be_stay_in_their_fields(client):
    first = f.staff("lending staff")
    invoice = lending.bill("12.00", first=first, second=f.staff("coordinator"))
    paid = payments.enter(invoice.library, Received(kind="cheque", day=lending.TODAY, amount=Decimal("5.00")), key="p",
                          actor=first, now=lending.APRIL)
    client.force_login(first.user)
    page = f"/billing/payments/{paid.pk}/settle/"
    for wrong in ("99.00", "five"):
        assert f'value="{wrong}"' in refused(client, page, **{f"settle_{invoice.pk}": wrong})
    assert client.get(page).url == f"/billing/payments/{paid.pk}/"


def test_a_line_answered_after_its_invoice_was_approved_keeps_the_reason(client):
    first = f.staff("lending staff")
    invoice = lending.bill("12.00", first=first, second=f.staff("coordinator"))
    client.force_login(first.user)
    row = invoice.lines.get()
    said = refused(client, f"/billing/invoices/lines/{row.pk}/leave/", why=TYPED, amount="1.00")
    assert SHOWN in said and 'role="alert"' in said
