"""Coverage as catalogues put it in words, against the year of an article."""

import time
from datetime import date

import pytest

from requests_app.verification.coverage import NO, UNKNOWN, YES
from requests_app.verification.coverage_words import covers, read
from requests_app.verification.records import Record

pytestmark = pytest.mark.nodb
TODAY = date(2024, 5, 15)
EMBARGO = "Available from 1998. Most recent 1 year(s) 6 month(s) not available."


@pytest.mark.parametrize(("text", "year", "volume", "answer"), [
    ("Available from 1998 until 2010", "2005", "", YES), ("Available from 1998 until 2010", "2015", "", NO),
    ("Available from 1998 until 2010.", "1997", "", NO), ("Available from 1998", "2023", "", YES),
    ("Available until 1990", "1991", "", NO), ("Available in 2005", "2006", "", NO),
    ("Available in 2005", "2005", "", YES), ("Available from 1998 volume: 3 issue: 2 until 2010 volume: 15", "2010",
                                             "16", NO),
    ("Available from 1998 volume: 3 until 2010 volume: 15 issue: 4.", "2010", "15", YES),
    ("Available from 01/01/1998 until 12/31/2010", "2010", "", YES),
    ("Available from 1998-01-01 until 2010-06-30", "2010", "", UNKNOWN),
    ("Available from 1998 until 2000; Available from 2005", "2003", "", NO),
    ("Available from 1998 until 2000<br>Available from 2005", "2006", "", YES),
    (EMBARGO, "2015", "", YES), (EMBARGO, "2024", "", NO), (EMBARGO, "2022", "", UNKNOWN),
    ("Most recent 5 year(s) available", "2010", "", NO), ("Most recent 1 year not available", "2010", "", YES),
    ("1998-2010", "2011", "", NO), ("1998 - present", "2011", "", YES), ("1998-", "2011", "", YES),
    ("1998 to 2010", "2011", "", NO), ("2005", "2006", "", NO), ("Full text available from 1998", "1990", "", NO),
    ("1998 (vol. 3) - 2010 (vol. 15)", "2011", "", NO), ("v.1 (1998)-v.13 (2010)", "2011", "14", NO),
    ("v.1 (1998)-v.13 (2010)", "2005", "", YES), ("Available from 1998 until 2010", "", "", UNKNOWN),
    # Not read rather than misread.
    ("Some articles from 1998", "1990", "", None), ("Selected years", "1990", "", None), ("", "1990", "", None),
    ("Available from Jan 1998", "1990", "", None), ("1998-2010 on CD-ROM", "2011", "", None),
    ("9" * 999, "1", "", None),
])
def test_a_year_is_inside_or_not(text, year, volume, answer):
    covered = covers(text, Record(kind="article", year=year, volume=volume), today=TODAY)
    assert (covered and covered.answer) == answer


def test_hostile_lengths_are_read_in_no_time():
    began = time.thread_time()
    for text in ("Available from 1998 until 2010. ", "from ", "available ", "most recent 1 year ", "1998 - ", "1", " "):
        for count in (1999 // len(text), 50_000):
            read(text * count)
            read(text * count + "x")
    assert time.thread_time() - began < 3
    assert read("Available from 1998 until 2010. " * 5000) == [], "the rest of it might say more"
