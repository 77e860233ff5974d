"""Rates of exchange: entered as people write them, replaced only by who says so, not for a day far ahead."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from billing.costs.models import Rate
from tests import factories as f

pytestmark = pytest.mark.django_db


def enter(rate: str, days: int = 0, **more):
    page = Client()
    page.force_login(f.user("coordinator"), backend="illdesk.accounts.backend.RoleBackend")
    day = timezone.localdate() + timedelta(days=days)
    given = {"currency": "eur", "on": day.isoformat(), "rate": rate} | more
    return page.post("/billing/rates/add/", given, follow=True)


def test_a_comma_is_a_point_and_what_is_no_rate_is_told_in_words():
    assert enter("1,12345").status_code == 200 and Rate.objects.get().rate == Decimal("1.12345")
    for wrong in ("-2", "0", "abc", "1e-9", "1.234,5", "١"):
        answer = enter(wrong, 1)
        assert answer.status_code == 422 and "Enter what one unit costs, above nothing." in answer.content.decode()
    assert Rate.objects.count() == 1


def test_a_second_rate_of_a_day_replaces_the_first_only_where_it_is_ticked():
    enter("1.12345")
    answer = enter("1.2")
    assert answer.status_code == 422 and Rate.objects.get().rate == Decimal("1.12345")
    assert "EUR has the rate 1.12345 on this day already." in answer.content.decode()
    assert "1.2 replaces 1.12345." in enter("1.2", replace="on").content.decode()
    assert Rate.objects.get().rate == Decimal("1.2")
    assert enter("1.2").status_code == 200, "the same again is nothing new"


def test_a_day_of_next_week_is_taken_and_one_beyond_it_refused():
    assert enter("1.1", 7).status_code == 200
    assert "at most 7 days ahead" in enter("1.1", 8).content.decode() and Rate.objects.count() == 1


def test_only_money_that_is_paid_with_has_a_rate():
    """XAU is gold, QQQ nothing at all."""
    for wrong in ("XAU", "QQQ", "E", "éur"):
        answer = enter("1.1", currency=wrong)
        said = answer.content.decode()
        assert answer.status_code == 422 and "There is no currency" in said and f'value="{wrong}"' in said
    assert not Rate.objects.exists()
    assert enter("1.1", currency=" chf ").status_code == 200 and Rate.objects.get().currency == "CHF"
