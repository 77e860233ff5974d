"""Who asked for the same before, and what we copied ourselves: by indexes of its own, however the title was written."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from requests_app.copyright import clearance, titles
from requests_app.models import ILLRequest
from tests import factories as f
from tests.requests_app.copyright.stories import ISSN, OTHER, article
from tests.requests_app.copyright.test_steps import copied

pytestmark = pytest.mark.django_db


def others_of(ill: ILLRequest):
    fresh = ILLRequest.objects.select_related("citation").get(pk=ill.pk)
    return clearance.look(fresh, now=f.NOW).facts.others


@pytest.mark.parametrize(("written", "same"), [
    ({"title": "Mar. Lett.", "issn": ISSN}, True),
    ({"title": "Mar. Lett.", "issn": f"{ISSN} (print), {OTHER}"}, True),
    ({"title": "MARINE LETTERS", "issn": ""}, True),
    ({"title": "Marine letters of Oslo", "issn": OTHER}, False),
    ({"title": "Mar. Lett.", "issn": ""}, False),
])
def test_our_own_copy_of_this_issue_is_seen_however_its_journal_was_written(written, same):
    patron = f.patron()
    ours = copied(patron=patron, volume="12", issue="3", **written)
    second = article(patron=patron, volume="12", issue="3")
    assert others_of(second).same_issue == (ours.number if same else "")


def test_a_title_longer_than_an_index_takes_is_compared_to_its_end():
    long = "On the tides of the northern seas " * 40
    article(part_title=long + "in winter")
    article(part_title=long.upper() + "IN SUMMER")
    assert others_of(article(part_title=long + "in summer")).patrons == 2


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only on SQLite: its plan stays")
def test_each_part_goes_by_its_index():
    ill = article(doi="10.5555/tides")
    fresh = ILLRequest.objects.select_related("citation").get(pk=ill.pk)
    with CaptureQueriesContext(connection) as asked:
        clearance.look(fresh, now=f.NOW)
    assert len(asked) == 3
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked[2]['sql']}")
        plan = " / ".join(row[3] for row in cursor.fetchall())
    for index in ("citation_doi", "citation_part", "request_own_copies"):
        assert index in plan
    assert "SCAN c" not in plan  # r: our own copies of the patron, at most fifty


@pytest.mark.nodb
def test_a_title_is_known_by_a_number_or_by_its_name():
    wanted = titles.Wanted("periodical", "Marine Letters", "marine letters", (f"issn:{ISSN}",))
    assert titles.is_of(wanted, "?", ISSN) and titles.is_of(wanted, "Marine Letters", "")
    assert not titles.is_of(wanted, "", "") and not titles.is_of(wanted, "Marine", OTHER)
    work = titles.Wanted("work", "Dust", "dust", ())
    assert titles.is_of(work, "Dust: a history", "")
