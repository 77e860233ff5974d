"""Reminders: each level once, at its distance, none while it is disputed; disputes decided either way."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing.invoices import disputes, payments, reminders
from billing.invoices.dispute_models import InvoiceReminder
from billing.invoices.models import Invoice, InvoicePolicy
from billing.invoices.payments import Received
from billing.ledger import queries as books
from billing.ledger.actions import Where
from illdesk import notices
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import OutboxMessage
from tests import factories as f
from tests.billing.invoices import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def first():
    return f.staff("lending staff")


@pytest.fixture
def second():
    return f.staff("coordinator")


@pytest.fixture
def invoice(first, second):
    """Due on 2 May 2026."""
    return cast.bill(first=first, second=second)


def on(days: int):
    """So many days after it was due."""
    return cast.APRIL + timedelta(days=30 + days)


def levels() -> list[int]:
    return list(InvoiceReminder.objects.order_by("pk").values_list("level", flat=True))


def dispute(invoice, actor, **more):
    given = {"reason": "twice", "text": "We paid this in March.", "asked_on": date(2026, 5, 3), "lines": []} | more
    return disputes.open_dispute(invoice, actor=actor, now=on(3), **given)


def test_each_level_goes_once_at_its_day(invoice):
    assert reminders.remind_all(now=on(6)) == (0, 0)
    assert reminders.remind_all(now=on(7)) == (1, 0) and reminders.remind_all(now=on(7)) == (0, 0)
    assert reminders.remind_all(now=on(29)) == (0, 0)
    for days in (30, 31, 60, 90, 400):
        reminders.remind_all(now=on(days))
    assert levels() == [1, 2, 3]
    letters = OutboxMessage.objects.filter(what__startswith="library_reminder").order_by("pk")
    assert [row.what for row in letters] == [f"library_reminder_{level}" for level in (1, 2, 3)]
    assert "IL-2026-00001" in letters[0].payload["subject"] and "USD 30.00" in letters[0].payload["body"]
    assert letters[0].payload["files"], "with the invoice"


def test_after_a_long_pause_they_do_not_come_all_at_once(invoice):
    reminders.remind_all(now=on(100))
    reminders.remind_all(now=on(101))
    assert levels() == [1]
    reminders.remind_all(now=on(123))
    assert levels() == [1, 2]


def test_of_what_is_paid_nobody_is_reminded(invoice, first):
    payments.enter(invoice.library, Received(kind="cheque", day=date(2026, 5, 3), amount=Decimal("30.00")), key="p",
                   settles=[(invoice, Decimal("30.00"))], actor=first, now=on(2))
    assert reminders.remind_all(now=on(99)) == (0, 0)
    assert not reminders.remind(invoice, 1, now=on(99)), "nor when it was found due a moment before"


def test_a_reminder_names_the_credit_the_invoice_and_how_to_pay(invoice, first):
    policy = InvoicePolicy.current()
    policy.how_to_pay = "By check to the library."
    policy.save()
    reminders.remind_all(now=on(7))
    payments.enter(invoice.library, Received(kind="cheque", day=date(2026, 5, 20), amount=Decimal("8.64")), key="p",
                   settles=[], actor=first, now=on(20))
    reminders.remind_all(now=on(30))
    before, after = (row.payload["body"] for row in OutboxMessage.objects.filter(
        what__startswith="library_reminder").order_by("pk"))
    assert "credit" not in before and "due on 2 May 2026" in before
    assert "You have a credit of USD 8.64 with us" in after and "USD 21.36 of it would be left" in after
    assert "The invoice is attached once more. By check to the library." in after


def test_the_same_reminder_started_twice_is_one(invoice):
    assert reminders.remind(invoice, 1, now=on(7)) and not reminders.remind(invoice, 1, now=on(7))
    assert OutboxMessage.objects.filter(what="library_reminder_1").count() == 1


def test_while_it_is_disputed_nobody_is_reminded_and_then_it_goes_on(invoice, first):
    row = dispute(invoice, first)
    assert row.settle_by == date(2026, 11, 2), "six months"
    with pytest.raises(NotAllowed, match="disputed already"):
        dispute(invoice, first)
    assert reminders.remind_all(now=on(40)) == (0, 0)
    disputes.note(row, "We find no payment.", theirs=False, actor=first, now=on(5))
    with pytest.raises(BadAnswer, match="why"):
        disputes.reject(row, "", actor=first, now=on(9))
    disputes.reject(row, "Nothing came in March.", actor=first, now=on(9))
    with pytest.raises(NotAllowed, match="decided already"):
        disputes.reject(row, "Again", actor=first, now=on(9))
    assert reminders.remind_all(now=on(40)) == (1, 0)
    assert [note.theirs for note in row.notes.all()] == [True, False]


def test_upheld_it_is_credited_by_a_second_person(invoice, first, second):
    row = dispute(invoice, first, lines=list(invoice.lines.all()))
    note = disputes.uphold(row, {invoice.lines.get().pk: Decimal("30.00")}, "They are right", actor=first, now=on(9))
    assert books.balance(Where("library", invoice.library_id)) == Decimal("30.00")
    cast.finish(note, second, now=on(10))
    row.refresh_from_db()
    assert (row.state, row.credit_note.number) == ("upheld", "CN-2026-00001")
    assert Invoice.objects.get(pk=invoice.pk).open == 0 and reminders.remind_all(now=on(99)) == (0, 0)


@pytest.mark.parametrize("wrong", [{"reason": "whim"}, {"text": " "}, {"asked_on": date(2027, 1, 1)}])
def test_what_is_no_dispute_is_refused(invoice, first, wrong):
    with pytest.raises(BadAnswer):
        dispute(invoice, first, **wrong)


def test_letters_can_be_edited_and_are_there_in_spanish(invoice, first, second):
    notices.save_wording("library_reminder_1", "en", subject="About {invoice}", body="Please look: {left}.",
                         by=second.user, based_on=0, now=on(1))
    reminders.remind_all(now=on(7))
    assert OutboxMessage.objects.get(what="library_reminder_1").payload["subject"] == "About IL-2026-00001"
    madrid = f.library("MAD", name="Biblioteca de Madrid", country="ES")
    cast.bill(library=madrid, first=first, second=second)
    letter = OutboxMessage.objects.filter(what="library_invoice").latest("pk")
    assert letter.payload["subject"] == "Factura IL-2026-00002"
