"""Keeping and deleting in the browser: a dry run, holds, and a job that a person starts."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from illdesk.models import Job
from requests_app.models import CopyrightUse, LegalHold, RecordDeletion, RecordPolicy
from tests import factories as f
from tests.requests_app.copyright.stories import ISSN, sent

pytestmark = pytest.mark.django_db
PAGE = "/copyright/records/"
OLD = datetime(timezone.now().year - 4, 3, 2, 15, tzinfo=UTC)  # its time is over, whenever this runs
YEAR = OLD.year


@pytest.fixture
def boss(client):
    row = f.user("coordinator")
    client.force_login(row)
    return row


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_dry_run_then_a_job_then_the_record_on_the_years_report(client, boss):
    sent(now=OLD), sent(now=OLD, year="1990"), sent(now=timezone.now())
    assert f"Records of {YEAR} may be deleted" in text(client.get("/"))
    assert f'href="{PAGE}{YEAR}/"' in text(client.get(PAGE))
    page = text(client.get(f"{PAGE}{YEAR}/"))
    assert f"Delete these 2 rows of {YEAR} for good" in page and "2 rows of the ledger and 2 decisions" in page
    assert CopyrightUse.objects.count() == 3
    started = client.post(f"{PAGE}{YEAR}/")
    assert started["Location"] == f"/jobs/{Job.objects.get().pk}/"
    assert CopyrightUse.objects.count() == 1 and RecordDeletion.objects.get().by == boss
    report = text(client.get("/copyright/report/", {"year": YEAR}))
    assert f"by {boss.short_name}" in report and "2 rows. What they added up to stays" in report
    assert "<dt>Requests sent</dt><dd>2</dd>" in report
    again = client.post(f"{PAGE}{YEAR}/")
    assert again.status_code == 409 and "nothing is left" in text(again)
    assert "Nothing of this year is left" in text(again)
    assert f"Records of {YEAR}" not in text(client.get("/"))


def test_before_its_time_there_is_no_button_and_a_post_is_refused(client, boss):
    sent(now=timezone.now())
    year = timezone.localdate().year
    page = client.get(f"{PAGE}{year}/")
    assert "cannot be deleted before" in text(page) and "for good" not in text(page)
    assert client.post(f"{PAGE}{year}/").status_code == 409
    assert CopyrightUse.objects.count() == 1 and not Job.objects.exists()


def test_a_year_of_which_nothing_was_ever_recorded_says_so(client, boss):
    page = text(client.get(f"{PAGE}{YEAR}/"))
    assert "Nothing was recorded for this year" in page
    assert "Nothing of this year is left" not in page and "what was deleted" not in page


def test_the_last_day_of_keeping_has_its_year(client, boss):
    """Also where that year is this one."""
    sent(now=datetime(timezone.localdate().year - 3, 3, 2, 15, tzinfo=UTC))
    last = f"31 Dec {timezone.localdate().year}"
    assert last in text(client.get(PAGE))
    assert f"Kept through {last}" in text(client.get(f"{PAGE}{timezone.localdate().year - 3}/"))


def test_a_hold_is_placed_by_title_and_lifted(client, boss):
    sent(now=OLD)
    placed = client.post(f"{PAGE}holds/new/", {"title_is": ISSN, "reason": "Case 7"})
    assert placed.status_code == 302
    page = text(client.get(f"{PAGE}{YEAR}/"))
    assert "Marine Letters" in page and "Case 7" in page and "for good" not in page
    assert client.post(f"{PAGE}{YEAR}/").status_code == 409
    hold = LegalHold.objects.get()
    assert (hold.by, hold.title.name) == (boss, "Marine Letters")
    client.post(f"{PAGE}holds/{hold.pk}/lift/")
    hold.refresh_from_db()
    assert hold.lifted_by == boss and "Lifted" in text(client.get(PAGE))
    assert "lifted already" in text(client.post(f"{PAGE}holds/{hold.pk}/lift/", follow=True))
    assert "for good" in text(client.get(f"{PAGE}{YEAR}/"))


def test_a_hold_by_name_and_by_number(client, boss):
    ill = sent(now=OLD)
    assert client.post(f"{PAGE}holds/new/", {"title_is": "marine letters", "reason": "x"}).status_code == 302
    assert client.post(f"{PAGE}holds/new/", {"number": ill.number.lower(), "reason": "x"}).status_code == 302
    assert LegalHold.objects.filter(number=ill.number).exists()


@pytest.mark.parametrize(("typed", "said"), [
    ({"reason": "x"}, "one of them at least"), ({"first_year": "2020", "reason": "x"}, "Enter the last year too"),
    ({"last_year": "2020", "reason": "x"}, "Enter the first year too"),
    ({"first_year": "2021", "last_year": "2020", "reason": "x"}, "lies before the first"),
    ({"title_is": "Nobody asked of it", "reason": "x"}, "No copy was ever asked"),
    ({"number": "B-1999-1", "reason": "x"}, "No copy request with this number"),
    ({"first_year": "2020", "last_year": "2021"}, "Reason"), ({"first_year": "99999", "last_year": "2021"}, "first"),
])
def test_a_hold_that_says_too_little_is_told_what_is_missing(client, boss, typed, said):
    answer = client.post(f"{PAGE}holds/new/", typed)
    assert answer.status_code == 422 and said in text(answer) and not LegalHold.objects.exists()


def test_fewer_than_three_years_are_refused(client, boss):
    assert client.post(PAGE, {"keep_years": 2}).status_code == 422
    assert client.post(PAGE, {"keep_years": ""}).status_code == 422
    assert client.post(PAGE, {"keep_years": 7}).status_code == 302
    assert RecordPolicy.objects.get().keep_years == 7 and "7 complete calendar years" in text(client.get(PAGE))
    assert "nothing was stored" in text(client.post(PAGE, {"keep_years": 7}, follow=True))


def test_only_who_manages_copyright_comes_here(client):
    sent(now=OLD)
    client.force_login(f.user("borrowing staff"))
    for method, address in (("get", PAGE), ("get", f"{PAGE}{YEAR}/"), ("post", f"{PAGE}{YEAR}/"),
                            ("get", f"{PAGE}holds/new/"), ("post", f"{PAGE}holds/1/lift/")):
        assert getattr(client, method)(address).status_code == 403
    assert CopyrightUse.objects.count() == 1 and "may be deleted" not in text(client.get("/"))
