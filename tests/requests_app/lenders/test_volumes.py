"""Summaries of holdings as catalogues write them."""

import pytest

from requests_app.lenders.volumes import covers

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
