"""Queries that PostgreSQL plans once: the same answers, whatever happened to the connection meanwhile."""

from datetime import date

import pytest
from django.db import DataError, connection, transaction

from illdesk import prepared

pytestmark = pytest.mark.django_db
SQL = "SELECT id, day FROM (SELECT 1 AS id, CAST('2026-11-30' AS TEXT) AS day) AS o WHERE id = %s AND day <> %s"
ONLY = pytest.mark.skipif(connection.vendor != "postgresql", reason="only on PostgreSQL: SQLite plans every time")


def plans() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'illdesk_%%'")
        return cursor.fetchone()[0]


def test_values_stand_where_they_belong(django_assert_num_queries):
    with django_assert_num_queries(3):
        assert prepared.rows(SQL, [1, "x'; DROP TABLE x; --%s"]) == [(1, "2026-11-30")]
        assert prepared.rows(SQL, [2, ""]) == []
        assert prepared.rows("SELECT CAST(%s AS TEXT)", ["字 %s % $1"]) == [("字 %s % $1",)]


@ONLY
def test_it_is_planned_once_and_known_after_a_rollback():
    before = plans()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        prepared.rows(SQL + " AND 1 = 1", [1, ""])
        raise ZeroDivisionError
    assert prepared.rows(SQL + " AND 1 = 1", [1, ""]) == [(1, "2026-11-30")]
    assert plans() == before + 1


@ONLY
@pytest.mark.django_db(transaction=True)
def test_a_new_connection_is_told_again():
    for _time in range(2):
        assert prepared.rows(SQL, [1, ""]) == [(1, "2026-11-30")]
        connection.close()


@ONLY
@pytest.mark.django_db(transaction=True)
def test_many_queries_take_no_more_room_than_they_may():
    for number in range(prepared._MOST + 5):
        assert prepared.rows(f"SELECT CAST(%s AS INTEGER) + {number}", [1]) == [(number + 1,)]
    assert 0 < plans() <= prepared._MOST


@ONLY
def test_off_it_is_asked_as_it_stands(settings):
    settings.PREPARE_QUERIES = False
    before = plans()
    assert prepared.rows(SQL + " AND 2 = 2", [1, ""]) == [(1, "2026-11-30")] and plans() == before


@ONLY
def test_what_the_database_refuses_is_an_error_of_djangos():
    with pytest.raises(DataError), transaction.atomic():
        prepared.rows("SELECT CAST(%s AS DATE)", ["no day"])
    with pytest.raises(ValueError, match="no %"):
        prepared.rows("SELECT 5 %% %s", [date.today()])
