"""The demo shows each kind of charge, and a second load changes nothing."""

import pytest
from django.utils import timezone

from billing.appeals.models import Appeal
from billing.charges import demo
from billing.charges.models import Charge
from billing.ledger.models import Entry
from tests import factories as f
from tests.billing.charges.cast import check

pytestmark = pytest.mark.django_db


def test_a_second_load_changes_nothing():
    people = [f.patron() for _n in range(8)]
    type(people[3].user).objects.filter(pk=people[3].user_id).update(username="patron")
    for patron in [*people, people[3]]:
        f.ill("borrowing.checked_out", patron=patron)
    f.user("coordinator")
    for _time in range(2):
        demo.load(timezone.now())
    assert Charge.objects.count() == 7 and Appeal.objects.count() == 2
    assert {row.state for row in Charge.objects.all()} == {"final", "provisional", "asked"}
    entries = Entry.objects.count()
    demo.load(timezone.now())
    assert Entry.objects.count() == entries
    for patron in people:
        check(patron)
