"""What the database itself refuses, whoever writes."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from requests_app.models import CopyrightTitle, CopyrightUse
from tests import factories as f

pytestmark = pytest.mark.django_db


def title() -> CopyrightTitle:
    return CopyrightTitle.objects.create(
        kind=CopyrightTitle.PERIODICAL, name="Marine Letters", name_key="marine letters", made=f.NOW
    )


def use(of: CopyrightTitle, **fields) -> CopyrightUse:
    given = {
        "title": of, "year": 2026, "place": 1, "limit": 5, "rules": "us-contu/1", "asked_on": date(2026, 3, 2),
        "state": CopyrightUse.HELD, "made": f.NOW,
    }
    return CopyrightUse.objects.create(**given | fields)


def refused(of: CopyrightTitle, **fields) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        use(of, **fields)


def test_a_place_is_one_uses_alone_and_free_again_after_it():
    mine = title()
    first = use(mine)
    refused(mine)
    use(mine, year=2027), use(mine, place=2), use(title())
    CopyrightUse.objects.filter(pk=first.pk).update(state=CopyrightUse.FREED)
    use(mine)
    assert CopyrightUse.objects.filter(title=mine, year=2026, place=1).count() == 2, "the former row remains"


@pytest.mark.parametrize("place", [0, 6])
def test_places_go_from_one_to_the_limit(place):
    refused(title(), place=place)


def test_the_limit_is_the_one_of_the_rules_that_counted_it():
    use(title(), place=6, limit=6)


@pytest.mark.parametrize("fields", [
    {"place": None}, {"place": 3, "over": True}, {"state": "outside"},
    {"state": "outside", "place": None, "over": True},
])
def test_what_counts_has_a_place_or_is_over_and_nothing_else_has_either(fields):
    refused(title(), **fields)


def test_any_number_may_be_over_or_outside():
    mine = title()
    for _time in range(3):
        use(mine, place=None, over=True)
        use(mine, place=None, state=CopyrightUse.OUTSIDE)


def test_a_request_counts_once():
    ill, mine = f.asked(), title()
    first = use(mine, ill=ill)
    refused(mine, ill=ill, place=2)
    CopyrightUse.objects.filter(pk=first.pk).update(state=CopyrightUse.FREED)
    use(mine, ill=ill, place=2)
