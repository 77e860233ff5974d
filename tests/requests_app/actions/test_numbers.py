"""Numbers: yearly, unique, without a gap that matters, and nobody waits for another's commit to get one."""

import threading
from datetime import date

import pytest
from django.db import connection, transaction

from requests_app.actions import intake
from requests_app.models import Counter
from tests import factories as f

DAY = date(2026, 3, 2)


@pytest.mark.django_db
def test_each_kind_and_year_counts_from_one_and_a_counter_goes_on():
    Counter.objects.create(prefix="B", year=2026, last=411)
    assert [intake.next_number("borrowing", today=DAY) for _turn in range(2)] == ["B-2026-00412", "B-2026-00413"]
    assert intake.next_number("lending", today=DAY) == "L-2026-00001"
    assert intake.next_number("borrowing", today=date(2027, 1, 1)) == "B-2027-00001"
    late = intake.next_number("borrowing", today=date(2026, 12, 31))
    assert late.startswith("B-2026-") and late > "B-2026-00413"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", [True, False], ids=["the year's first", "later ones"])
def test_many_at_once_get_different_numbers(first):
    if not first:
        intake.next_number("lending", today=DAY)
    numbers, together = [], threading.Barrier(6, timeout=20)

    def ask():
        try:
            together.wait()
            with transaction.atomic():
                numbers.extend(intake.next_number("lending", today=DAY) for _turn in range(5))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _thread in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(numbers) == len(set(numbers)) == 30


@pytest.mark.django_db(transaction=True)
def test_a_number_does_not_wait_for_another_transactions_commit():
    if connection.vendor != "postgresql":
        pytest.skip("only on PostgreSQL: SQLite has one writer at a time")
    intake.next_number("lending", today=DAY)
    got = []

    def ask():
        try:
            got.append(intake.next_number("lending", today=DAY))
        finally:
            connection.close()

    with transaction.atomic():
        mine = intake.next_number("lending", today=DAY)
        other = threading.Thread(target=ask)
        other.start()
        other.join(5)
        assert got and got[0] != mine
    other.join(30)


@pytest.mark.django_db
def test_a_request_that_is_not_stored_leaves_the_others_as_they_are():
    first = f.arrived().number
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        f.arrived()
        raise ZeroDivisionError
    assert f.arrived().number > first
