"""Batches: forwarded once, sent back whole or by line, paid by somebody who had no hand in it, undone by reversal."""

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from billing.approval.rule import NeedsAnother
from billing.batches import actions, payable, queries
from billing.batches.models import Batch, BatchLine, BatchSettings, BatchStep
from billing.ledger import queries as books
from billing.ledger.actions import Where
from billing.models import Entry, Thread
from illdesk.errors import BadAnswer, NotAllowed, Stale
from illdesk.models import Event, OutboxMessage
from requests_app.models import Library
from tests import factories as f
from tests.billing.batches import bills

DAY = f.NOW.date()
BANK = Where("bank")


def forward(*pks, key="k1", actor=None, now=f.NOW):
    return actions.forward([("bill", pk) for pk in pks], key=key, actor=actor or f.staff("coordinator"), now=now)


def pay(batch, reference="55120", *, actor=None, version=None, day=DAY):
    return actions.pay(batch, day=day, reference=reference, version=batch.version if version is None else version,
                       actor=actor or f.staff("budget"), now=f.NOW)


def back(batch, lines=None, why="Wrong fund", *, version=None):
    return actions.send_back(batch, lines, why, version=batch.version if version is None else version,
                             actor=f.staff("budget"), now=f.NOW)


@pytest.mark.django_db
def test_what_is_approved_is_forwarded_by_payee_with_numbers_without_gaps_and_the_office_is_written_to():
    BatchSettings.objects.create(pk=1, email="budget@riverside.example")
    bills.bill(1, ("ILL-B", "12.00"), ("ILL-S", "8.50"))
    bills.bill(2, ("ILL-B", "5.00"))
    bills.bill(3, ("ILL-B", "30.00"), payee="OAK")
    made = forward(1, 2, 3)
    assert [row.number for row in made] == ["PB-2026-00001", "PB-2026-00002"]
    assert [(row.payee, actions.total(row)) for row in made] == [
        ("College HIL", Decimal("25.50")), ("College OAK", Decimal("30.00"))]
    assert str(made[0].period) == "2026-03" and made[0].period.year.label == "2025–26"
    assert queries.waiting() == []
    letters = OutboxMessage.objects.filter(recipient="budget@riverside.example", what="batch_forwarded")
    assert letters.count() == 2 and "USD" in letters[0].payload["body"]


@pytest.mark.django_db
def test_the_same_form_sent_twice_is_one_batch_and_another_form_is_told():
    bills.bill(1, ("ILL-B", "12.00"))
    assert forward(1) == forward(1)
    with pytest.raises(NotAllowed, match="in a batch already"):
        forward(1, key="k2")
    assert Batch.objects.count() == 1


@pytest.mark.django_db
def test_what_is_nothing_to_forward_takes_no_number():
    bills.bill(1, ("ILL-B", "12.00"))
    for wanted in ([], [("gold", 1)], [("bill", 1), ("bill", 99)]):
        with pytest.raises((BadAnswer, NotAllowed)):
            actions.forward(wanted, key="k", actor=f.staff("coordinator"), now=f.NOW)
    assert forward(1)[0].number == "PB-2026-00001"


@pytest.mark.django_db
def test_the_database_knows_that_a_part_lives_in_one_batch():
    bills.bill(1, ("ILL-B", "12.00"))
    line = forward(1)[0].lines.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        BatchLine.objects.create(batch=line.batch, invoice=line.invoice, kind="bill", payable=1, part=line.part,
                                 fund="X", amount=1)


@pytest.mark.django_db
def test_paid_with_reference_and_day_is_entered_in_the_books_once():
    bills.bill(1, ("ILL-B", "12.00"), ("ILL-S", "8.50"))
    batch = forward(1)[0]
    done = pay(batch)
    assert (done.state, done.reference, done.paid_on, done.version) == ("paid", "55120", DAY, 1)
    assert books.balance(BANK) == Decimal("-20.50")
    assert books.balance(Where("payable", Library.objects.get(symbol="HIL").pk)) == 0
    assert set(done.lines.values_list("state", flat=True)) == {"paid"}
    assert pay(batch).version == 1, "the same again"
    assert books.balance(BANK) == Decimal("-20.50")
    with pytest.raises(Stale, match="Paid"):
        pay(batch, "another")


@pytest.mark.django_db
@pytest.mark.parametrize("answers", [{"reference": " "}, {"day": DAY + timedelta(days=1)}, {"day": DAY - timedelta(1)}])
def test_paid_without_a_reference_or_on_an_impossible_day_is_refused(answers):
    bills.bill(1, ("ILL-B", "12.00"))
    batch = forward(1)[0]
    with pytest.raises(BadAnswer):
        pay(batch, **answers)
    assert books.balance(BANK) == 0 and Batch.objects.get().state == "forwarded"


@pytest.mark.django_db
def test_who_forwarded_entered_or_approved_it_does_not_mark_it_paid_and_is_told_who_can():
    enters, approves, forwards = (f.staff("budget", "coordinator") for _one in range(3))
    office = f.staff("budget")
    bills.bill(1, ("ILL-B", "12.00"), hands=[enters.user.pk, approves.user.pk])
    batch = forward(1, actor=forwards)[0]
    for actor in (enters, approves, forwards, f.staff("coordinator")):
        with pytest.raises(NeedsAnother) as refusal:
            pay(batch, actor=actor)
        assert refusal.value.can and office.user.short_name in refusal.value.can
        assert actor.user.short_name not in refusal.value.can
    assert Event.objects.filter(name="approval.refused").count() == 4
    assert pay(batch, actor=office).state == "paid"


@pytest.mark.django_db
def test_a_line_sent_back_leaves_the_others_approved_and_asks_the_department():
    bills.bill(1, ("ILL-B", "12.00"), ("ILL-X", "8.50"))
    batch = forward(1)[0]
    wrong = batch.lines.get(fund="ILL-X")
    done = back(batch, [wrong.pk])
    assert done.state == "forwarded" and actions.total(done) == Decimal("12.00")
    wrong.refresh_from_db()
    assert (wrong.state, wrong.why) == ("back", "Wrong fund")
    thread = Thread.objects.get(subject_kind="batch", subject=batch.pk)
    assert thread.waiting_for == "ill" and "Wrong fund" in thread.messages.get().text
    assert back(batch, [wrong.pk], version=0).version == 1, "the same again changes nothing"
    assert BatchStep.objects.filter(what="back").count() == 1


@pytest.mark.django_db
def test_sent_back_whole_it_is_corrected_and_forwarded_again_under_a_new_number():
    bills.bill(1, ("ILL-X", "8.50"))
    first = back(forward(1)[0])
    assert first.state == "back" and actions.total(first) == 0
    assert books.balance(Where("borrowing", bills.fund("ILL-X").pk)) == 0, "it is undone in the books"
    bills.bill(1, ("ILL-B", "8.50"))
    second = forward(1, key="k2")[0]
    assert second.number == "PB-2026-00002" and second.lines.get().fund == "ILL-B"
    with pytest.raises(Stale, match="Sent back"):
        pay(first)


@pytest.mark.django_db
def test_going_back_needs_a_reason_and_lines_that_are_there():
    bills.bill(1, ("ILL-B", "12.00"))
    batch = forward(1)[0]
    with pytest.raises(BadAnswer):
        back(batch, why="  ")
    with pytest.raises(BadAnswer):
        back(batch, [])
    with pytest.raises(Stale):
        back(batch, [99999])
    assert Batch.objects.get().version == 0


@pytest.mark.django_db
def test_a_wrong_payment_is_taken_back_by_reversal_and_can_be_paid_again():
    bills.bill(1, ("ILL-B", "12.00"))
    batch = pay(forward(1)[0])
    undone = actions.unpay(batch, "Cheque was never sent", version=batch.version, actor=f.staff("budget"), now=f.NOW)
    assert (undone.state, undone.reference, undone.paid_on) == ("forwarded", "", None)
    assert books.balance(BANK) == 0 and Entry.objects.exclude(reverses=None).count() == 1
    with pytest.raises(Stale):
        actions.unpay(batch, "again", version=batch.version, actor=f.staff("budget"), now=f.NOW)
    with pytest.raises(BadAnswer):
        actions.unpay(undone, " ", version=undone.version, actor=f.staff("budget"), now=f.NOW)
    pay(undone, "55121")
    assert books.balance(BANK) == Decimal("-12.00")
    assert list(batch.steps.values_list("what", flat=True)) == ["forwarded", "paid", "unpaid", "paid"]


@pytest.mark.django_db
def test_of_many_marked_paid_one_refused_stops_no_other():
    bills.bill(1, ("ILL-B", "12.00"))
    bills.bill(2, ("ILL-B", "7.00"))
    one, two = forward(1, key="a")[0], forward(2, key="b")[0]
    results = actions.pay_many([(one, 7, "A"), (two, 0, "B")], day=DAY, actor=f.staff("budget"), now=f.NOW)
    assert ["changed by somebody" in result.refusal for result in results] == [True, False]
    assert Batch.objects.get(pk=two.pk).reference == "B" and books.balance(BANK) == Decimal("-7.00")


@pytest.mark.django_db
def test_what_a_room_offers_although_it_lives_in_a_batch_is_not_forwarded_again_and_takes_no_number():
    """As somebody sees it whose list was read before the other forwarded."""
    bills.bill(1, ("ILL-B", "12.00"))
    seen = bills.waiting()
    forward(1)
    payable.register(replace(bills.KIND, waiting=lambda: seen))
    with pytest.raises(Stale, match="by somebody else at the same moment"):
        forward(1, key="k2")
    bills.register()
    bills.bill(2, ("ILL-B", "1.00"))
    assert forward(2, key="k3")[0].number == "PB-2026-00002" and BatchLine.objects.count() == 2


def _at_once(*doings):
    """What each came to: its result, or the error."""
    found, gate = [], threading.Barrier(len(doings))

    def run(doing):
        gate.wait(10)
        try:
            found.append(doing())
        except (Stale, NotAllowed) as refusal:
            found.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(doing,)) for doing in doings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


@pytest.mark.django_db(transaction=True)
def test_two_who_forward_the_same_invoice_at_once_make_one_batch():
    bills.bill(1, ("ILL-B", "12.00"), ("ILL-S", "3.00"))
    one, two = f.staff("coordinator"), f.staff("coordinator")
    found = _at_once(lambda: forward(1, key="a", actor=one), lambda: forward(1, key="b", actor=two))
    assert sorted(isinstance(each, Exception) for each in found) == [False, True]
    assert [row.number for row in Batch.objects.all()] == ["PB-2026-00001"] and BatchLine.objects.count() == 2
    bills.bill(2, ("ILL-B", "1.00"))
    assert forward(2, key="c")[0].number == "PB-2026-00002", "who was refused took no number"


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_twice_at_once_gives_both_the_one_batch():
    bills.bill(1, ("ILL-B", "12.00"))
    actor = f.staff("coordinator")
    found = _at_once(*[lambda: forward(1, actor=actor)] * 2)
    assert found[0] == found[1] == list(Batch.objects.all())


@pytest.mark.django_db(transaction=True)
def test_paid_and_sent_back_at_the_same_moment_is_one_of_both():
    bills.bill(1, ("ILL-B", "12.00"), ("ILL-S", "3.00"))
    batch = forward(1)[0]
    office, other = f.staff("budget"), f.staff("budget")
    found = _at_once(
        lambda: pay(batch, actor=office),
        lambda: actions.send_back(batch, None, "No", version=0, actor=other, now=f.NOW))
    assert sum(isinstance(each, Stale) for each in found) == 1
    batch.refresh_from_db()
    states = set(batch.lines.values_list("state", flat=True))
    with pytest.raises(Stale):  # also when the payment was there before the other had read one line
        actions.send_back(batch, None, "No", version=0, actor=other, now=f.NOW)
    assert states == {batch.state} and books.balance(BANK) == (Decimal("-15.00") if batch.state == "paid" else 0)
