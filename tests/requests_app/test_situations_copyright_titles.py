"""Situations 29 and 31: a journal that changed its title, and a subscription that was entered in June."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from requests_app.copyright import clearance
from requests_app.models import CopyrightTitle, CopyrightUse, Subscription
from tests import factories as f
from tests.requests_app.copyright.stories import ISSN, OTHER, article, place_of, ready, sent, use_of

pytestmark = pytest.mark.django_db


def on(month: int, day: int = 1) -> datetime:
    return datetime(2026, month, day, 15, tzinfo=UTC)


def signed_in(client, role: str):
    client.force_login(f.user(role), backend="illdesk.accounts.backend.RoleBackend")
    return client


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_situation_29_a_journal_that_changed_its_title(client):
    """Three under the old name and three under the new: the merge shows six, the last becomes over, a ground is asked;
    nothing is refused, lost, or renumbered unsaid."""
    old = [sent(now=on(month)) for month in (1, 3, 6)]
    new = [sent(now=on(month), issn=OTHER, title="Marine Letters and Reports") for month in (2, 4, 5)]
    browser = signed_in(client, "borrowing staff")
    keep = CopyrightTitle.objects.get(numbers__key=f"issn:{OTHER}")
    gone = CopyrightTitle.objects.get(numbers__key=f"issn:{ISSN}")
    where = reverse("copyright_merge", args=[keep.pk])
    forecast = text_of(browser.get(where, {"with": gone.pk}))
    assert all(ill.number in forecast for ill in (*old, *new)) and "becomes over" in forecast
    assert CopyrightUse.objects.count() == 6, "looking changes nothing"
    told = text_of(browser.post(where, {"with": gone.pk}, follow=True))
    assert old[2].number in told and "beyond the limit" in told
    assert [place_of(ill) for ill in new] == [1, 2, 3] and [place_of(ill) for ill in old] == [4, 5, None]
    assert CopyrightUse.objects.exclude(state="freed").count() == 6 and CopyrightUse.objects.count() == 9
    listed = text_of(browser.get(reverse("copyright_over")))
    assert old[2].number in listed and old[0].number not in listed
    settle = reverse("copyright_settle", args=[use_of(old[2]).pk])
    assert browser.post(settle, {"ground": "fair_use", "reason": "Three pages for one reader."}).status_code == 302
    use = use_of(old[2])
    assert (use.ground, use.state, use.by.groups.get().name) == ("fair_use", "outside", "borrowing staff")
    assert "Nothing is beyond the limit" in text_of(browser.get(reverse("copyright_over")))
    assert ready(now=on(12), issn=OTHER).state == "borrowing.copyright_review"


def test_situation_31_acquisitions_enters_a_subscription_in_june(client):
    """New requests are exempt from the day of the order; what was counted before stays as it was."""
    before = [sent(now=on(month)) for month in (1, 2, 3, 4, 5)]
    rows = list(CopyrightUse.objects.order_by("pk").values())
    assert ready(now=on(5, 20)).state == "borrowing.copyright_review", "all places are taken"
    browser = signed_in(client, "coordinator")
    form = {"kind": "periodical", "name": "Marine Letters", "numbers": ISSN, "form": "print", "ordered": "2026-06-10"}
    assert browser.post(reverse("copyright_subscription_new"), form).status_code == 302
    assert Subscription.objects.get().ordered == date(2026, 6, 10)
    assert ready(now=on(6, 9)).state == "borrowing.copyright_review", "a day before the order"
    after = ready(now=on(6, 10))
    found = clearance.look(after, now=on(6, 10)).decision
    assert (after.state, after.compliance, found.ground) == ("borrowing.ready_to_send", "US-CCL", "held")
    assert "ordered" in found.why
    assert list(CopyrightUse.objects.order_by("pk").values()) == rows and [place_of(ill) for ill in before] == [
        1, 2, 3, 4, 5]
    listed = text_of(browser.get(reverse("copyright_subscriptions")))
    assert "Marine Letters" in listed and article().citation.issn in listed
