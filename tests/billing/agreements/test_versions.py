"""Versions of agreements: from which day each holds."""

from datetime import date

import pytest

from billing.agreements import actions
from tests import factories as f
from tests.billing.invoices import cast

pytestmark = pytest.mark.django_db


def test_a_version_before_the_newest_one_is_asked_after():
    who, row = f.staff("coordinator"), cast.agreed(begins=date(2026, 7, 1))
    more = {"terms": [], "why": "", "based_on": 1, "actor": who, "now": f.NOW, "begins": date(2026, 1, 1)}
    with pytest.raises(actions.Earlier, match="Version 1 holds from 1 Jul 2026"):
        actions.publish(row, **more)
    assert row.versions.count() == 1
    assert actions.publish(row, earlier=True, **more).number == 2
