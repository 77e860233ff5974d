"""Whether an article lies inside what a subscription covers, with its embargoes and gaps."""

from datetime import date
from types import SimpleNamespace

import pytest

from requests_app.verification import coverage

pytestmark = pytest.mark.nodb
TODAY = date(2018, 12, 14)


def row(**more) -> SimpleNamespace:
    empty = dict.fromkeys(("first_date", "first_volume", "first_issue", "last_date", "last_volume", "last_issue",
                           "embargo"), "")
    return SimpleNamespace(**(empty | {"depth": "fulltext"} | more))


def answer(one, when="", volume="", issue="", today=TODAY) -> str:
    return coverage.covers(one, when, volume, issue, today=today).answer


@pytest.mark.parametrize(("first", "last", "when", "said"), [
    ("1998", "2005", "1997", "no"), ("1998", "2005", "1998", "yes"), ("1998", "2005", "2005", "yes"),
    ("1998", "2005", "2006", "no"), ("1998", "", "2018", "yes"), ("", "2005", "1850", "yes"), ("", "", "1850", "yes"),
    ("1998-07", "", "1998", "unknown"), ("1998-07", "", "1998-06", "no"), ("1998-07", "", "1998-07", "yes"),
    ("1998-07-15", "", "1998-07-15", "yes"), ("1998-07-15", "", "1998-07-14", "no"),
    ("", "2005-06-30", "2005", "unknown"), ("", "2005-06", "2005-06-30", "yes"), ("", "2005-06", "2005-07-01", "no"),
    ("1998", "2005", "", "unknown"), ("", "", "", "yes"), ("1998", "", "nonsense", "unknown"),
])
def test_dates_decide(first, last, when, said):
    assert answer(row(first_date=first, last_date=last), when) == said


@pytest.mark.parametrize(("volume", "issue", "said"), [
    ("2", "9", "no"), ("4", "", "yes"), ("3", "1", "no"), ("3", "2", "yes"), ("3", "", "unknown"), ("", "", "unknown"),
    ("Vol. 3", "no. 5", "yes"), ("III", "", "unknown"),
])
def test_in_the_year_in_which_it_begins_volume_and_issue_decide(volume, issue, said):
    one = row(first_date="1998", first_volume="3", first_issue="2")
    assert answer(one, "1998", volume, issue) == said
    assert answer(one, "1999", volume, issue) == "yes"


@pytest.mark.parametrize(("volume", "issue", "said"), [
    ("21", "1", "no"), ("20", "4", "yes"), ("20", "5", "no"), ("19", "99", "yes"), ("20", "", "unknown"),
])
def test_in_the_months_in_which_it_ends_too(volume, issue, said):
    one = row(last_date="2015-06", last_volume="20", last_issue="4")
    assert answer(one, "2015", volume, issue) == said
    assert answer(one, "2014", volume, issue) == "yes"


def test_without_any_date_the_volumes_decide():
    one = row(first_volume="3", last_volume="20")
    assert [answer(one, "", volume) for volume in ("2", "3", "20", "21", "")] == ["no", "yes", "yes", "no", "unknown"]
    assert answer(one, "1998") == "unknown"


@pytest.mark.parametrize(("embargo", "first", "last"), [
    ("P1Y", None, "2017-12-31"), ("P2Y", None, "2016-12-31"),
    ("R1Y", "2018-01-01", None), ("R2Y", "2017-01-01", None),
    ("R10Y", "2009-01-01", None),
    ("P6M", None, "2018-06-30"), ("P1M", None, "2018-11-30"), ("P12M", None, "2017-12-31"),
    ("P13M", None, "2017-11-30"), ("R180D", "2018-06-18", None), ("P30D", None, "2018-11-14"),
    ("R10Y;P30D", "2009-01-01", "2018-11-14"), ("r10y; p30d", "2009-01-01", "2018-11-14"),
    ("12 months", None, "2017-12-31"),
    ("P0D", None, None), ("", None, None), ("P1Y;P6M", None, "2017-12-31"),
])
def test_moving_walls_are_counted_in_calendar_units(embargo, first, last):
    wall = coverage.wall(embargo, today=TODAY)
    said = [end.isoformat() if end else None for end in (wall.first, wall.last)]
    assert wall.clear and said == [first, last]


def test_a_wall_moves_with_the_day():
    one = row(embargo="P1Y")
    assert answer(one, "2018", today=date(2018, 12, 31)) == "no"
    assert answer(one, "2018", today=date(2019, 1, 1)) == "yes"
    half = row(embargo="P6M")
    assert answer(half, "2018-06", today=date(2018, 11, 30)) == "no"
    assert answer(half, "2018-06", today=date(2018, 12, 1)) == "yes"


@pytest.mark.parametrize(("embargo", "when", "said"), [
    ("P1Y", "2017", "yes"), ("P1Y", "2018", "no"), ("P6M", "2018", "unknown"), ("P6M", "2018-06", "yes"),
    ("P6M", "2018-07", "no"), ("R10Y", "2008", "no"), ("R10Y", "2009", "yes"), ("R10Y;P30D", "2018", "unknown"),
    ("R10Y;P30D", "2018-11-14", "yes"), ("R10Y;P30D", "2018-11-15", "no"), ("R180D", "2018", "unknown"),
    ("P1Y", "", "unknown"), ("Q1Y", "1999", "unknown"), ("P9999Y", "1999", "no"), ("R9999Y", "1999", "yes"),
])
def test_embargoes(embargo, when, said):
    assert answer(row(embargo=embargo), when) == said


def test_the_stricter_of_dates_and_wall_counts():
    one = row(first_date="1998", last_date="2015", embargo="P1Y")
    assert [answer(one, when) for when in ("1997", "2014", "2016", "2018")] == ["no", "yes", "no", "no"]


def test_abstracts_are_no_text_and_selected_articles_are_uncertain():
    assert answer(row(depth="abstracts"), "1999") == "no"
    assert answer(row(depth="selected"), "1999") == "unknown"
    assert answer(row(depth="selected", last_date="1998"), "1999") == "no"


def test_between_two_rows_lies_a_gap():
    rows = [row(first_date="1998", last_date="2001"), row(first_date="2005", embargo="P1Y")]

    def asked(when):
        return coverage.covers_any(rows, when, today=TODAY)

    assert asked("2000")[0] is rows[0] and asked("2000")[1].answer == "yes"
    assert asked("2017")[0] is rows[1] and asked("2017")[1].answer == "yes"
    assert asked("2003")[1] == coverage.Covered(
        "no", "It lies outside of what we have: 1998 – 2001; from 2005 on, not this calendar year.")
    assert coverage.covers_any(rows[1:], "2018", today=TODAY)[1].words == (
        "It is too new: an embargo leaves what appeared up to 2017-12-31.")


@pytest.mark.parametrize(("one", "words"), [
    (row(first_date="1998", last_date="2015", embargo="P12M"), "1998 – 2015, not the last 12 months"),
    (row(first_date="1998", first_volume="3", first_issue="2"), "from 1998 (vol. 3, no. 2) on"),
    (row(last_date="2015"), "up to 2015"), (row(first_volume="3", last_volume="4"), "vol. 3 – vol. 4"),
    (row(first_date="2001", last_date="2001"), "2001"), (row(), "all years"),
    (row(embargo="R10Y;P30D"), "all years, only the last 10 calendar years, not the last 30 days"),
    (row(embargo="soon"), "all years, embargo “soon”"),
])
def test_coverage_in_words(one, words):
    assert coverage.words(one) == words
