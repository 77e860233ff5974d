"""Entries: once by their key, numbered without gaps, never edited, undone by another one."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from billing.ledger import actions, chart, queries
from billing.ledger.actions import Foreign, Transfer, Where
from billing.ledger.models import Account, Entry, FiscalYear
from illdesk.errors import BadAnswer, NotAllowed
from tests import factories as f

DAY = date(2026, 3, 2)
MARTA, OAK, LENDING, BANK = Where("patron", 17), Where("library", 4), Where("lending"), Where("bank")


def moved(amount="15.00", **more) -> Transfer:
    return Transfer(**{"debit": OAK, "credit": LENDING, "amount": Decimal(amount), "what": "charge"} | more)


def post(key="charge:1", transfer=None, *, day=DAY, **more) -> Entry:
    """On the day itself, or later."""
    now = f.NOW + max(day - f.NOW.date(), timedelta(0))
    return actions.post(key, transfer or moved(), day=day, actor=f.staff(), now=now, **more)


def numbers(label="2025–26") -> list[int]:
    return list(Entry.objects.filter(year__label=label).order_by("number").values_list("number", flat=True))


@pytest.mark.django_db
def test_what_is_charged_is_owed_and_what_is_paid_is_not():
    first = post("charge:1", moved("15.00"), day=DAY)
    post("paid:1", Transfer(BANK, OAK, Decimal("10.00"), "payment"), day=date(2026, 4, 1))
    assert (first.number, first.year.label, str(first.period)) == (1, "2025–26", "2026-03") and first.by is not None
    assert queries.balance(OAK) == Decimal("5.00") and queries.balance(OAK, upto=DAY) == Decimal("15.00")
    assert queries.balance(LENDING) == Decimal("15.00"), "income grows by what is credited"
    assert queries.balance(Where("library", 99)) == 0
    assert [entry.key for entry in queries.entries_of(OAK)] == ["paid:1", "charge:1"]


@pytest.mark.django_db
def test_said_twice_it_is_entered_once_and_another_thing_under_its_key_is_refused():
    assert post() == post()
    with pytest.raises(NotAllowed, match="Something else"):
        post(transfer=moved("16.00"))
    assert numbers() == [1]


@pytest.mark.django_db
@pytest.mark.parametrize("transfer", [
    moved("0.00"), moved("-1.00"), moved("1.005"), moved("10000000000"), moved(credit=OAK), moved(debit=Where("gold")),
    moved(debit=Where("library")), moved(credit=Where("lending", 4)),
    moved(foreign=Foreign(Decimal("15.00"), "EUR", Decimal("1.1"), DAY)),
])
def test_what_is_no_transfer_is_refused_and_takes_no_number(transfer):
    with pytest.raises(BadAnswer):
        post(transfer=transfer)
    assert post().number == 1 and Account.objects.count() == 2


@pytest.mark.django_db
def test_a_foreign_amount_stands_beside_with_the_rate_of_its_day():
    euros = Foreign(Decimal("20.00"), "EUR", Decimal("1.0853"), DAY)
    row = post(transfer=moved("21.71", foreign=euros))
    row.refresh_from_db()
    assert (row.amount, row.foreign, row.foreign_currency, row.rate, row.rate_on) == (
        Decimal("21.71"), Decimal("20.00"), "EUR", Decimal("1.08530000"), DAY)
    back = actions.reverse(row, key="undo", day=DAY, actor=f.staff(), now=f.NOW)
    assert (back.foreign, back.rate) == (Decimal("20.00"), row.rate), "at the rate at which it was entered"


@pytest.mark.django_db
def test_undone_once_by_an_entry_the_other_way_round():
    row = post()
    back = actions.reverse(row, key="undo:1", day=DAY, actor=f.staff(), now=f.NOW)
    assert (back.debit, back.credit, back.amount, back.reverses, back.number) == (
        row.credit, row.debit, row.amount, row, 2)
    assert queries.balance(OAK) == 0 == queries.balance(LENDING)
    assert actions.reverse(row, key="undo:1", day=DAY, actor=f.staff(), now=f.NOW) == back
    with pytest.raises(NotAllowed, match="reversed already, by number 2"):
        actions.reverse(row, key="undo:2", day=DAY, actor=f.staff(), now=f.NOW)
    with pytest.raises(NotAllowed, match="A reversal"):
        actions.reverse(back, key="undo:3", day=DAY, actor=f.staff(), now=f.NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("forge", [
    "UPDATE billing_entry SET amount = 1", "DELETE FROM billing_entry", "UPDATE billing_entry SET number = 9",
])
def test_the_database_lets_nobody_edit_an_entry(forge):
    post()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(forge)


@pytest.mark.django_db
def test_the_database_refuses_what_is_no_entry():
    row = post()
    for wrong in (
        {"amount": Decimal(-1)}, {"credit": row.debit}, {"number": 1}, {"rate": Decimal(1)}, {"key": row.key},
        {"reverses": row, "amount": Decimal(0)},
    ):
        other = Entry.objects.get(pk=row.pk)
        other.pk, other.number, other.key = None, 7, "other"
        for name, value in wrong.items():
            setattr(other, name, value)
        with pytest.raises(DatabaseError), transaction.atomic():
            other.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_many_who_enter_at_once_get_numbers_without_a_gap():
    """Some of them the same, some of which come to nothing."""
    actor, failed = f.staff(), []

    def go(place: int) -> None:
        try:
            for turn in range(5):
                try:
                    with transaction.atomic():
                        actions.post(f"k:{turn}:{place // 2}", moved(), day=DAY, actor=actor, now=f.NOW)
                        if (place + turn) % 4 == 0:
                            raise ZeroDivisionError
                except ZeroDivisionError:
                    continue
        except BaseException as failure:
            failed.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[place]) for place in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    assert failed == []
    found = numbers()
    assert found == list(range(1, len(found) + 1)) and 10 <= len(found) <= 15
    assert FiscalYear.objects.get().last == len(found)


@pytest.mark.nodb
def test_the_chart_says_which_way_each_family_grows():
    assert {code: family.grows_by_debit for code, family in chart.FAMILIES.items()} == {
        "bank": True, "patron": True, "library": True, "local": True, "vouchers": True, "deposit": True,
        "payable": False, "credit": False, "charges": False, "lending": False, "borrowing": True, "royalties": True,
        "lost": True, "fees": True, "written_off": True, "exchange": True, "ifm": True, "vouchers_used": True,
    }
