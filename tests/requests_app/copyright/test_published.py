"""What words about a date say: between which two days."""

from datetime import date

import pytest

from requests_app.copyright.published import free_before, read, years_before

pytestmark = pytest.mark.nodb


@pytest.mark.parametrize(("text", "first", "last", "certainty"), [
    ("2021", "2021-01-01", "2021-12-31", "year"),
    ("2021-03-15", "2021-03-15", "2021-03-15", "day"),
    ("15 March 2021", "2021-03-15", "2021-03-15", "day"),
    ("March 15th, 2021", "2021-03-15", "2021-03-15", "day"),
    ("2021 Mar 15", "2021-03-15", "2021-03-15", "day"),
    ("4. März 1929", "1929-03-04", "1929-03-04", "day"),
    ("2024-02-29", "2024-02-29", "2024-02-29", "day"),
    ("2021-02-29", "2021-02-01", "2021-02-28", "month"),
    ("Mar. 2021", "2021-03-01", "2021-03-31", "month"),
    ("marzo de 2021", "2021-03-01", "2021-03-31", "month"),
    ("03/2021", "2021-03-01", "2021-03-31", "month"),
    ("2021 Mar-Apr", "2021-03-01", "2021-04-30", "month"),
    ("March/April 2021", "2021-03-01", "2021-04-30", "month"),
    ("Dec 2021/Jan 2022", "2021-12-01", "2022-01-31", "month"),
    ("December/January 2022", "2021-12-01", "2022-01-31", "month"),
    ("2nd quarter 2021", "2021-04-01", "2021-06-30", "month"),
    ("Winter 2021–22", "2021-10-01", "2022-04-30", "season"),
    ("Winter 2021", "2021-01-01", "2022-03-31", "season"),
    ("Herbst 2021", "2021-01-01", "2021-12-31", "season"),
    ("2020-21", "2020-01-01", "2021-12-31", "years"),
    ("1999/2000", "1999-01-01", "2000-12-31", "years"),
    ("1925 (reprinted 2021)", "1925-01-01", "2021-12-31", "years"),
    ("ca. 2021", "2020-01-01", "2022-12-31", "year"),
    ("Early view, 2021", "2021-01-01", "2022-12-31", "early"),
    ("٢٠٢١", "2021-01-01", "2021-12-31", "year"),
    ("2021年3月15日", "2021-03-15", "2021-03-15", "day"),
])
def test_dates(text, first, last, certainty):
    found = read(text)
    assert (str(found.first), str(found.last), found.certainty) == (first, last, certainty)


@pytest.mark.parametrize("text", ["", "n.d.", "forthcoming soon", "12", "9999", "vol. 20211"])
def test_what_says_no_year_is_unknown(text):
    assert not read(text).is_known


def test_windows_and_ages():
    assert years_before(date(2028, 2, 29), 5) == date(2023, 2, 28), "the longer window"
    assert years_before(date(2026, 3, 2), 5) == date(2021, 3, 2)
    assert (free_before(date(2026, 12, 31)), free_before(date(2027, 1, 1))) == (date(1931, 1, 1), date(1932, 1, 1))
