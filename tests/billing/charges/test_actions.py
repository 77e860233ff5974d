"""Charges made, paid, waived and cancelled: once, by whom the rules allow, and the books follow."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from billing.charges import actions, blocks, payments, queries
from billing.charges.actions import New
from billing.charges.models import Charge, ChargeMove, ChargePayment, PatronMoney, Waiver
from billing.charges.payments import Paid
from billing.ledger import queries as ledger
from billing.ledger.actions import Where
from billing.ledger.models import Entry
from illdesk.errors import BadAnswer, NotAllowed, Stale
from illdesk.models import OutboxMessage
from tests import factories as f
from tests.billing.charges.cast import TODAY, D, charged, check, fresh, paid, policy

pytestmark = pytest.mark.django_db


def test_a_charge_is_owed_and_the_patron_is_written_to():
    patron = f.patron()
    row = charged(patron, "40.00", note="Torn cover.")
    assert (row.number, row.open, row.state, row.made_by is not None) == ("PC-2026-00001", D(40), "final", True)
    assert ledger.balance(Where("patron", patron.pk)) == D(40) == ledger.balance(Where("charges"))
    letter = OutboxMessage.objects.get(what="charge_made")
    assert letter.recipient == patron.email and "USD 40.00" in letter.payload["body"]
    assert "appeal until 1 Apr 2026" in letter.payload["body"]
    assert row.notes.get().text == "Torn cover."
    check(patron)


def test_said_twice_it_is_charged_once():
    patron = f.patron()
    assert charged(patron).pk == charged(patron).pk
    assert Entry.objects.count() == 1 and OutboxMessage.objects.filter(what="charge_made").count() == 1


@pytest.mark.parametrize(("new", "field"), [
    (New("other", D("0"), "other"), "amount"), (New("other", D("-1"), "other"), "amount"),
    (New("other", D("1.005"), "other"), "amount"), (New("other", D("99999999"), "other"), "amount"),
    (New("gold", D("1"), "other"), "kind"), (New("other", D("1"), "because"), "reason"),
    (New("lost", D("1"), "other", fee=D("2")), "fee"),
])
def test_what_is_no_charge_is_refused(new, field):
    with pytest.raises(BadAnswer) as refusal:
        actions.charge("k", f.patron().pk, new, actor=f.staff(), now=f.NOW)
    assert refusal.value.field == field and not Charge.objects.exists()


def test_a_payment_in_part_goes_to_the_oldest_first_and_what_is_too_much_becomes_credit():
    patron = f.patron()
    first, second = charged(patron, "40.00", key="a"), charged(patron, "25.00", key="b", now=f.later(days=1))
    paid(patron, "50.00", now=f.later(days=2), key="p1")
    assert (fresh(first).open, fresh(second).open) == (D(0), D(15))
    receipt = paid(patron, "20.00", now=f.later(days=3), day=f.later(days=3).date(), key="p2")
    assert receipt.number == "RC-2026-00002" and fresh(second).open == 0
    assert PatronMoney.objects.get().credit == D(5) == ledger.balance(Where("credit", patron.pk))
    body = OutboxMessage.objects.filter(what="charge_receipt").latest("pk").payload["body"]
    assert "USD 20.00" in body and "Your credit: USD 5.00" in body
    check(patron)


def test_chosen_charges_are_paid_and_others_are_not():
    patron = f.patron()
    first, second = charged(patron, "40.00", key="a"), charged(patron, "25.00", key="b")
    paid(patron, "30.00", charges=[second.pk])
    assert (fresh(first).open, fresh(second).open, PatronMoney.objects.get().credit) == (D(40), D(0), D(5))
    check(patron)


def test_credit_pays_what_comes_later_and_can_be_paid_back():
    patron = f.patron()
    paid(patron, "30.00")
    row = charged(patron, "10.00")
    payments.use_credit("c", patron.pk, actor=f.staff(), now=f.NOW)
    payments.use_credit("c", patron.pk, actor=f.staff(), now=f.NOW)
    assert fresh(row).open == 0 and PatronMoney.objects.get().credit == D(20)
    with pytest.raises(BadAnswer, match="only"):
        payments.pay_back("b", patron.pk, Paid(D(21), "cash", TODAY), actor=f.staff(), now=f.NOW)
    payments.pay_back("b", patron.pk, Paid(D(20), "cash", TODAY), actor=f.staff(), now=f.NOW)
    assert PatronMoney.objects.get().credit == 0 and ledger.balance(Where("bank")) == D(10)
    with pytest.raises(NotAllowed, match="no credit"):
        payments.use_credit("d", patron.pk, actor=f.staff(), now=f.NOW)
    check(patron)


def test_a_payment_entered_twice_is_one_and_one_entered_wrongly_is_taken_back_once():
    patron = f.patron()
    row = charged(patron)
    receipt = paid(patron, "40.00")
    assert paid(patron, "40.00") == receipt and ChargePayment.objects.count() == 1
    for _time in range(2):
        assert payments.undo(receipt, actor=f.staff(), now=f.NOW).undone == f.NOW
    assert fresh(row).open == D(40) and ledger.balance(Where("bank")) == 0
    assert Entry.objects.count() == 3, "charged, paid, and one the other way round"
    check(patron)


def test_a_payment_whose_credit_was_used_is_not_taken_back():
    patron = f.patron()
    receipt = paid(patron, "40.00")
    payments.pay_back("b", patron.pk, Paid(D(40), "cash", TODAY), actor=f.staff(), now=f.NOW)
    with pytest.raises(NotAllowed, match="used or given back"):
        payments.undo(receipt, actor=f.staff(), now=f.NOW)
    assert fresh(receipt).undone is None
    check(patron)


@pytest.mark.parametrize(("amount", "way", "day", "field"), [
    ("0", "cash", TODAY, "amount"), ("-5", "cash", TODAY, "amount"), ("5", "gold", TODAY, "way"),
    ("5", "cash", TODAY.replace(year=2027), "day"),
])
def test_what_is_no_payment_is_refused(amount, way, day, field):
    with pytest.raises(BadAnswer) as refusal:
        paid(f.patron(), amount, way=way, day=day)
    assert refusal.value.field == field and not ChargePayment.objects.exists()


def test_nothing_is_paid_before_it_was_charged():
    patron = f.patron()
    row = charged(patron, "7.00")
    with pytest.raises(BadAnswer, match=f"{row.number} was charged on 2 Mar 2026") as refusal:
        paid(patron, "7.00", day=TODAY.replace(day=1))
    assert refusal.value.field == "day" and not ChargePayment.objects.exists()
    paid(patron, "7.00", day=row.day)
    assert fresh(row).open == 0


def test_what_is_to_be_paid_now_leaves_out_what_may_change_and_what_credit_covers():
    policy(block_above=D(30))
    patron = f.patron()
    charged(patron, "125.00", key="a", kind="lost", reason="lost_by_patron", provisional=True)
    found = queries.sums(patron.pk)
    assert (found.open, found.provisional, found.in_doubt, found.to_pay) == (D(125), D(125), 0, 0)
    assert list(blocks.of(patron)) == []
    charged(patron, "71.00", key="b")
    assert queries.sums(patron.pk).to_pay == D(71) and "USD 71.00" in next(iter(blocks.of(patron)))
    PatronMoney.objects.filter(patron=patron).update(credit=D(50))
    found = queries.sums(patron.pk)
    assert (found.due, found.used, found.to_pay) == (D(71), D(50), D(21)) and list(blocks.of(patron)) == []
    PatronMoney.objects.filter(patron=patron).update(credit=D(995))
    found = queries.sums(patron.pk)
    assert (found.used, found.to_pay) == (D(71), 0)


# --- waivers -------------------------------------------------------------------------------------------------


def test_a_waiver_below_the_limit_is_done_at_once_with_its_reason():
    patron = f.patron()
    row = charged(patron)
    for _time in range(2):
        move = actions.waive(row, D(15), "first_time", key="w", actor=f.staff("borrowing staff"), now=f.NOW)
    assert isinstance(move, ChargeMove) and (fresh(row).open, fresh(row).waived) == (D(25), D(15))
    assert ledger.balance(Where("written_off")) == D(15)
    check(patron)
    with pytest.raises(BadAnswer, match="is open"):
        actions.waive(row, D(26), "first_time", key="w2", actor=f.staff(), now=f.NOW)


def test_a_waiver_of_a_charge_above_the_limit_needs_somebody_else():
    policy(waive_above=D(50))
    patron, maker, clerk, boss = f.patron(), f.staff("coordinator"), f.staff("borrowing staff"), f.staff("coordinator")
    row = charged(patron, "125.00", by=maker)
    waiver = actions.waive(row, D(100), "hardship", key="w", actor=clerk, now=f.NOW)
    assert isinstance(waiver, Waiver) and fresh(row).open == D(125)
    for not_them in (clerk, maker, f.staff("borrowing staff")):
        with pytest.raises(NotAllowed, match="can do it"):
            actions.decide_waiver(waiver, granted=True, actor=not_them, now=f.NOW)
    assert fresh(row).open == D(125)
    actions.decide_waiver(waiver, granted=True, actor=boss, now=f.NOW)
    assert fresh(row).open == D(25)
    with pytest.raises(Stale):
        actions.decide_waiver(waiver, granted=False, actor=boss, now=f.NOW)
    check(patron)


def test_a_charge_that_is_cancelled_is_reversed_and_what_was_paid_becomes_credit():
    patron = f.patron()
    row = charged(patron)
    paid(patron, "30.00")
    actions.waive(row, D(10), "small", key="w", actor=f.staff(), now=f.NOW)
    for _time in range(2):
        actions.cancel(row, "mistake", key="c", actor=f.staff(), now=f.NOW)
    row = fresh(row)
    assert (row.state, row.amount, row.open, row.paid, row.waived) == ("undone", D(0), D(0), D(0), D(0))
    assert PatronMoney.objects.get().credit == D(30)
    assert Entry.objects.filter(reverses__isnull=False).count() == 1
    assert ledger.balance(Where("charges")) == 0 == ledger.balance(Where("written_off"))
    check(patron)


def test_a_charge_becomes_final_with_the_lenders_amount_by_a_second_entry():
    patron = f.patron()
    more = charged(patron, "125.00", key="a", kind="lost", reason="lost_by_patron", fee=D(25), provisional=True)
    less = charged(patron, "125.00", key="b", kind="lost", reason="lost_by_patron", fee=D(25), provisional=True)
    paid(patron, "125.00", charges=[less.pk])
    for _time in range(2):
        actions.finalise(more, D("140.00"), key="i", actor=f.staff(), now=f.NOW)
        actions.finalise(less, D("60.00"), key="i", actor=f.staff(), now=f.NOW)
    assert (fresh(more).amount, fresh(more).state) == (D(165), "final")
    assert (fresh(less).amount, fresh(less).paid, PatronMoney.objects.get().credit) == (D(85), D(85), D(40))
    assert [move.what for move in more.moves.order_by("pk")] == ["charged", "raised"]
    assert OutboxMessage.objects.filter(what="charge_final").count() == 2
    check(patron)


def test_nothing_is_ever_edited():
    charged()
    for forge in ("UPDATE billing_chargemove SET amount = 1", "DELETE FROM billing_chargemove"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(forge)


# --- two at once ---------------------------------------------------------------------------------------------


def at_once(*deeds) -> list:
    failed = []

    def run(deed):
        try:
            deed()
        except Exception as failure:
            failed.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    return failed


@pytest.mark.django_db(transaction=True)
def test_of_two_payments_at_once_both_count_and_what_is_too_much_becomes_credit():
    patron = f.patron()
    row = charged(patron)
    failed = at_once(*(lambda n=n: paid(patron, "30.00", key=f"p{n % 3}") for n in range(6)))
    assert failed == [] and ChargePayment.objects.count() == 3
    assert fresh(row).open == 0 and PatronMoney.objects.get().credit == D(50)
    check(patron)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_waive_the_same_rest_at_once_one_is_told():
    patron, actor = f.patron(), f.staff("coordinator")
    row = charged(patron)
    failed = at_once(*(lambda n=n: actions.waive(row, D(40), "small", key=f"w{n}", actor=actor, now=f.NOW)
                       for n in range(3)))
    assert len(failed) == 2 and all(isinstance(one, BadAnswer) for one in failed)
    assert fresh(row).open == 0 and fresh(row).waived == D(40)
    check(patron)
