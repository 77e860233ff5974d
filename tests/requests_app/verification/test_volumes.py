"""Summaries of holdings as catalogues write them."""

import pytest

from requests_app.verification.records import Held, Record
from requests_app.verification.volumes import covers, is_named, standing

pytestmark = pytest.mark.nodb


@pytest.mark.parametrize(("summary", "volume", "year", "held"), [
    ("v.1(1990)-v.12(2001)", "12", "", True), ("v.1(1990)-v.12(2001)", "13", "", False),
    ("v.2", "12", "", False), ("v.12", "v. 12", "", True), ("v1-v12", "7", "", True),
    ("1.1990 - 12.2001", "5", "", True), ("1.1990 -", "500", "", True), ("Bd. 3-7", "2", "", False),
    ("v.1-3, v.5; v.9-", "4", "", False), ("v.1-3, v.5; v.9-", "30", "", True), ("Vol. 1–3", "3", "", True),
    ("1990-2001", "12", "1995", True), ("1990-2001", "12", "2002", False), ("1990-95", "", "1996", False),
    ("1990-95", "", "1994", True), ("2001", "", "2001", True), ("t. 5", "Tomo 5", "", True),
    # No answer rather than a wrong one.
    ("", "12", "", None), ("incomplete", "12", "", None), ("v.1:no.1(1990)-v.5:no.4(1995)", "3", "", None),
    ("v.12-3", "5", "", None), ("v.1-12", "XII", "", None), ("1990-2001", "12", "", None), ("v.3-1990", "7", "", None),
    ("all published", "1", "1990", None), ("9" * 400, "1", "", None),
])
def test_a_volume_is_within_the_summary_or_not(summary, volume, year, held):
    assert covers(summary, volume, year) is held


ARTICLE = Record(kind="article", title="Tides", volume="30", year="2020")


def test_a_run_that_ended_is_not_on_our_shelf():
    summaries = ("v.1(1990)-v.6(1995)", "v.1-", "incomplete")
    ended, going_on, unread = (Held("Main", ours=True, volumes=text) for text in summaries)
    bare = Held("Main", ours=True)
    assert standing((ended, going_on, unread, bare), ARTICLE) == (going_on, unread, bare)
    assert standing((ended,), ARTICLE.with_(volume="")) == ()
    # A book's year is that of its edition.
    years = Held("Main", ours=True, volumes="1990-1995")
    assert standing((years,), Record(kind="book", year="2001")) == (years,)
    assert standing((years,), ARTICLE) == ()


@pytest.mark.parametrize(("text", "volume", "year", "named"), [
    ("v.12 1990", "12", "1990", True), ("v.12", "12", "1990", True), ("1990", "12", "1990", True),
    ("v.1-3 (1890-92)", "2", "1891", True), ("v.1-3 (1890-92)", "", "1892", True), ("Bd. 7 1901", "7", "1901", True),
    ("v.12:no.1-6(1990:Jan.-June)", "12", "1990", True), ("ser.2:v.12 (1990)", "12", "1990", True),
    ("v.12 1990", "13", "1990", False), ("v.12 1890", "12", "1990", False), ("ser.2:v.12", "12", "1990", False),
    ("n.s. v.12", "12", "1990", False), ("v.12:no.7-12(1990)", "12", "1990", False), ("", "12", "1990", False),
    ("index", "12", "1990", False), ("v.12", "", "", False), ("v.1990", "", "1990", True), ("copy 12", "12", "", False),
])
def test_the_back_of_a_volume_says_that_it_is_the_one(text, volume, year, named):
    assert is_named(text, Record(kind="article", volume=volume, issue="3", year=year)) is named


def test_of_a_set_the_volume_counts_and_not_the_year():
    assert is_named("v.2 (1905)", Record(kind="book", volume="2", year="1904"))
    assert not is_named("1904", Record(kind="book", volume="2", year="1904"))
