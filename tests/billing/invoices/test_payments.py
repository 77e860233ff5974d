"""What comes in: in part, in foreign money, with bank charges, as credit; undone, written off; once each."""

import threading
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import connection

from billing.invoices import credit, payments, queries
from billing.invoices.models import Invoice
from billing.invoices.payment_models import Payment
from billing.invoices.payments import Received
from billing.ledger import queries as books
from billing.ledger.actions import Where
from billing.models import Entry
from illdesk.errors import BadAnswer, NotAllowed
from tests import factories as f
from tests.billing.invoices import cast

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 20, 15, tzinfo=f.UTC)
DAY = date(2026, 5, 20)


@pytest.fixture
def first():
    return f.staff("lending staff")


@pytest.fixture
def second():
    return f.staff("coordinator")


def received(amount="10.00", *, kind="cheque", **more) -> Received:
    return Received(kind=kind, day=DAY, amount=Decimal(amount), reference="10482", **more)


def pay(
    invoice: Invoice, amount="10.00", *, key="p", settle: str | None = None, actor=None, another=True, **more
) -> Payment:
    settles = [(invoice, Decimal(settle or amount))] if settle != "0" else []
    return payments.enter(invoice.library, received(amount, **more), key=key, settles=settles,
                          actor=actor or f.staff("lending staff"), now=MAY, another=another)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def owed(invoice: Invoice) -> Decimal:
    """What the books, the ageing and the open items say; they say the same."""
    found = books.balance(Where("library", invoice.library_id))
    assert found == sum((row.open for row in queries.ageing(DAY)), Decimal(0))
    return found


def test_a_part_is_paid_and_the_rest_stays_open(first, second):
    invoice = cast.bill("30.00", first=first, second=second)
    row = pay(invoice)
    assert (fresh(invoice).open, row.rest, owed(invoice)) == (Decimal("20.00"), 0, Decimal("20.00"))
    assert books.balance(Where("bank")) == Decimal("10.00")
    assert pay(invoice).pk == row.pk, "entered twice it is one"
    assert owed(invoice) == Decimal("20.00")


def test_what_is_too_much_stays_as_credit_and_settles_the_next(first, second):
    invoice = cast.bill("30.00", first=first, second=second)
    row = pay(invoice, "50.00", settle="30.00")
    assert (fresh(invoice).open, row.rest, owed(invoice)) == (0, Decimal("20.00"), Decimal("-20.00"))
    more = cast.bill("25.00", first=first, second=second)
    with pytest.raises(NotAllowed, match=r"Only USD 20\.00"):
        payments.allocate(row, [(more, Decimal("25.00"))], actor=first, now=MAY)
    payments.allocate(row, [(more, Decimal("20.00"))], actor=first, now=MAY)
    assert (fresh(more).open, fresh(row).rest, owed(more)) == (Decimal("5.00"), 0, Decimal("5.00"))


def test_more_than_is_open_cannot_be_settled_and_nothing_is_entered(first, second):
    invoice = cast.bill("30.00", first=first, second=second)
    with pytest.raises(NotAllowed, match="no more can be settled"):
        pay(invoice, "50.00", settle="40.00")
    assert not Payment.objects.exists() and books.balance(Where("bank")) == 0
    other = cast.bill("30.00", library=f.library("OAK", name="Oak"), first=first, second=second)
    with pytest.raises(BadAnswer, match="another library"):
        payments.enter(invoice.library, received(), key="x", settles=[(other, Decimal(1))], actor=first, now=MAY)


@pytest.mark.parametrize("wrong", [
    {"amount": "0"}, {"amount": "-1"}, {"amount": "1.005"}, {"kind": "credit"}, {"bank_charge": Decimal("10.00")},
    {"bank_charge": Decimal("-1")}, {"currency": "GBP"},
])
def test_what_is_no_payment_is_refused(first, second, wrong):
    invoice = cast.bill(first=first, second=second)
    with pytest.raises(BadAnswer):
        pay(invoice, settle="0", **wrong)
    assert not Payment.objects.exists()


def test_what_the_bank_kept_is_its_own_line(first, second):
    invoice = cast.bill("30.00", first=first, second=second)
    pay(invoice, "30.00", kind="transfer", bank_charge=Decimal("4.50"))
    assert fresh(invoice).open == 0 == owed(invoice)
    assert books.balance(Where("bank")) == Decimal("25.50") and books.balance(Where("fees")) == Decimal("4.50")


@pytest.mark.parametrize("worth, exchange", [("1.20", "-2.00"), ("1.05", "1.00"), ("1.10", "0.00")])
def test_foreign_money_counts_by_the_rate_of_its_day(first, second, worth, exchange):
    cast.rate()
    invoice = cast.bill("20.00", currency="EUR", first=first, second=second)
    cast.rate(worth=worth, on=date(2026, 5, 1))
    pay(invoice, "20.00", currency="EUR", kind="transfer")
    assert fresh(invoice).open == 0 == owed(invoice)
    assert books.balance(Where("bank")) == Decimal("20.00") * Decimal(worth)
    assert books.balance(Where("exchange")) == Decimal(exchange), "a loss is a cost, a gain the other way round"


def test_euros_for_an_invoice_in_dollars(first, second):
    cast.rate(worth="1.20")
    invoice = cast.bill("30.00", first=first, second=second)
    row = pay(invoice, "25.00", currency="EUR", kind="transfer", settle="30.00")
    assert (fresh(invoice).open, row.rest) == (0, 0) and owed(invoice) == 0
    dollars = cast.bill("12.00", first=first, second=second)
    part = pay(dollars, "20.00", currency="EUR", kind="transfer", settle="12.00", key="q")
    assert (part.rest, owed(dollars)) == (Decimal("10.00"), Decimal("-12.00"))


def test_in_three_parts_nothing_is_left_over_from_rounding(first, second):
    cast.rate(worth="1.0853")
    invoice = cast.bill("10.00", currency="EUR", first=first, second=second)
    for place, part in enumerate(("3.33", "3.33", "3.34")):
        pay(invoice, part, currency="EUR", kind="card", key=f"p{place}")
    assert fresh(invoice).open == 0 and fresh(invoice).open_own == 0 == owed(invoice)


def test_the_oldest_is_settled_first(first, second):
    old = cast.bill("30.00", first=first, second=second)
    new = cast.bill("30.00", first=first, second=second, now=MAY)
    found = payments.oldest_first(old.library, "USD", Decimal("40.00"))
    assert found == [(old, Decimal("30.00")), (new, Decimal("10.00"))]


def test_a_check_that_bounced_is_undone_once(first, second):
    invoice = cast.bill("30.00", first=first, second=second)
    row = pay(invoice, "30.00", bank_charge=Decimal("1.00"))
    with pytest.raises(BadAnswer, match="why"):
        payments.undo(row, "", actor=first, now=MAY)
    payments.undo(row, "No funds", actor=first, now=MAY)
    payments.undo(row, "No funds", actor=first, now=MAY)
    assert (fresh(invoice).open, owed(invoice), books.balance(Where("bank"))) == (Decimal("30.00"), Decimal("30.00"), 0)
    assert Entry.objects.filter(reverses__isnull=False).count() == 2
    with pytest.raises(NotAllowed, match="was undone"):
        payments.allocate(row, [(invoice, Decimal(1))], actor=first, now=MAY)


def test_an_exchange_difference_is_undone_with_its_payment(first, second):
    cast.rate()
    invoice = cast.bill("20.00", currency="EUR", first=first, second=second)
    cast.rate(worth="1.20", on=date(2026, 5, 1))
    row = pay(invoice, "20.00", currency="EUR")
    payments.undo(row, "Entered twice", actor=first, now=MAY)
    assert books.balance(Where("exchange")) == 0 and owed(invoice) == Decimal("22.00")


def test_a_small_rest_is_written_off_and_a_large_one_is_not(first, second):
    invoice = cast.bill("30.00", first=first, second=second)
    with pytest.raises(NotAllowed, match=r"More than USD 5\.00"):
        payments.write_off(invoice, "Too old", actor=first, now=MAY)
    pay(invoice, "27.00")
    row = payments.write_off(invoice, "Bank charges on their side", actor=first, now=MAY)
    assert (row.amount, fresh(invoice).open, owed(invoice)) == (Decimal("3.00"), 0, 0)
    assert books.balance(Where("written_off")) == Decimal("3.00")
    with pytest.raises(NotAllowed, match="Nothing is open"):
        payments.write_off(invoice, "Again", actor=first, now=MAY)


def test_a_credit_note_takes_back_a_line_with_a_second_person(first, second):
    invoice = cast.bill("30.00", first=first, second=second)
    line = invoice.lines.get()
    with pytest.raises(BadAnswer, match=r"At most USD 30\.00"):
        credit.draft(invoice, {line.pk: Decimal("30.01")}, "Twice", actor=first, now=MAY)
    note = credit.draft(invoice, {line.pk: Decimal("30.00")}, "Billed twice", actor=first, now=MAY)
    assert owed(invoice) == Decimal("30.00"), "a draft changes nothing"
    with pytest.raises(NotAllowed, match="You entered this"):
        cast.finish(note, first, now=MAY)
    done = cast.finish(note, second, now=MAY)
    assert (done.number, done.total, fresh(invoice).open, owed(invoice)) == ("CN-2026-00001", Decimal("-30.00"), 0, 0)
    assert line.booked.undone_by is not None and books.balance(Where("lending")) == 0


def test_parts_come_to_the_whole_and_never_to_more(first, second):
    cast.rate(worth="1.0853")
    invoice = cast.bill("10.00", currency="EUR", first=first, second=second)
    line = invoice.lines.get()
    notes = [credit.draft(invoice, {line.pk: Decimal(part)}, "Part", actor=first, now=MAY)
             for part in ("3.33", "3.33", "3.34", "3.33")]
    for note in notes[:3]:
        cast.finish(note, second, now=MAY)
    with pytest.raises(NotAllowed, match="meanwhile"):
        cast.finish(notes[3], second, now=MAY)
    assert fresh(invoice).open == 0 == fresh(invoice).open_own == owed(invoice) == books.balance(Where("lending"))


def test_what_was_paid_and_is_credited_becomes_their_credit(first, second):
    invoice = cast.bill("30.00", first=first, second=second)
    pay(invoice, "30.00")
    note = credit.draft(invoice, {invoice.lines.get().pk: Decimal("12.00")}, "Bad copy", actor=first, now=MAY)
    cast.finish(note, second, now=MAY)
    row = Payment.objects.get(kind="credit")
    assert (row.rest, owed(invoice), row.reference) == (Decimal("12.00"), Decimal("-12.00"), "CN-2026-00001")
    with pytest.raises(NotAllowed, match="credit note is not undone"):
        payments.undo(row, "x", actor=first, now=MAY)


def test_open_items_are_aged_by_the_day_of_the_invoice(first, second):
    library = f.library()
    for days, amount in ((0, "1"), (30, "2"), (31, "4"), (60, "8"), (61, "16"), (90, "32"), (91, "64")):
        cast.bill(amount, first=first, second=second, now=MAY - f.timedelta(days=days))
    [row] = queries.ageing(DAY)
    assert row.library == library and [str(one) for one in row.buckets] == ["3.00", "12.00", "48.00", "64.00"]


@pytest.mark.django_db(transaction=True)
def test_two_who_settle_one_invoice_settle_it_once():
    first, second = f.staff("lending staff"), f.staff("coordinator")
    invoice, failed = cast.bill("30.00", first=first, second=second), []

    def go(place):
        try:
            pay(invoice, "30.00", key=f"p{place}", actor=first)
        except NotAllowed as failure:
            failed.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[place]) for place in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    assert len(failed) == 2 and Payment.objects.count() == 1 and owed(invoice) == 0


def test_money_from_before_the_invoice_did_not_pay_it(first, second):
    invoice = cast.bill("30.00", first=first, second=second)
    early = Received(kind="cheque", day=date(2026, 1, 2), amount=Decimal("30.00"))
    with pytest.raises(BadAnswer, match="is dated 2 Apr 2026"):
        payments.enter(invoice.library, early, key="p", settles=[(invoice, Decimal("30.00"))], actor=first, now=MAY)
    assert not Payment.objects.exists() and fresh(invoice).open == Decimal("30.00")


def test_one_like_it_is_asked_after(first, second):
    invoice = cast.bill("30.00", first=first, second=second)
    pay(invoice, key="p")
    with pytest.raises(payments.Twice, match="entered for 20 May 2026 already"):
        pay(invoice, key="q", another=False)
    pay(invoice, key="q")
    again = pay(invoice, key="p", another=False)
    assert Payment.objects.count() == 2 and again.key == "p", "the same said twice is no question"
