"""Numbers of documents: one after the other, none lost, each year from one."""

import threading
from datetime import date

import pytest
from django.db import connection, transaction

from billing.numbers import actions
from billing.numbers.models import Series

DAY = date(2026, 3, 2)


def drawn(prefix="IL", day=DAY) -> str:
    with transaction.atomic():
        return actions.draw(prefix, day)


@pytest.mark.django_db
def test_each_series_and_year_counts_from_one():
    assert [drawn(), drawn(), drawn("CN"), drawn(day=date(2027, 1, 1)), drawn()] == [
        "IL-2026-00001", "IL-2026-00002", "CN-2026-00001", "IL-2027-00001", "IL-2026-00003"]


@pytest.mark.django_db
def test_what_is_rolled_back_gives_its_number_back():
    drawn()

    class Broken(Exception):
        pass

    with pytest.raises(Broken), transaction.atomic():
        assert actions.draw("IL", DAY) == "IL-2026-00002"
        raise Broken
    assert drawn() == "IL-2026-00002"


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_none_is_drawn():
    with pytest.raises(transaction.TransactionManagementError):
        actions.draw("IL", DAY)
    assert not Series.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_each_another_one():
    found, start = [], threading.Barrier(6)

    def draw_some():
        start.wait()
        try:
            found.extend(drawn() for _turn in range(5))
        finally:
            connection.close()

    threads = [threading.Thread(target=draw_some) for _turn in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [f"IL-2026-{number:05d}" for number in range(1, 31)]
