"""Rules set by two people at one moment: the second is told."""

import threading

import pytest
from django.db import connection, transaction

from illdesk.errors import Stale
from illdesk.models import Event
from requests_app.lenders import stored
from requests_app.models import LenderRule, LoanPolicy
from tests import factories as f


def weighing(code: str, weight: int) -> list[stored.Rule]:
    return [
        stored.Rule(one.code, one.on, weight if one.code == code else one.weight, one.parameters)
        for one in stored.current()
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("policy_there", [True, False])
def test_of_two_who_save_at_one_moment_the_second_is_told(policy_there):
    """The second comes when the first has written and has not ended yet."""
    if policy_there:
        LoanPolicy.objects.create(pk=1)
    actor, seen = f.staff("coordinator"), stored.version()
    mine, theirs = weighing("share", 77), weighing("fast", 99)
    written, go_on = threading.Event(), threading.Event()
    told: dict[str, Exception] = {}

    def first():
        try:
            with transaction.atomic():
                stored.save(mine, actor=actor, now=f.NOW, seen=seen)
                written.set()
                assert go_on.wait(20)
        except Exception as failure:
            told["first"] = failure
        finally:
            connection.close()

    def second():
        try:
            stored.save(theirs, actor=actor, now=f.NOW, seen=seen)
        except Exception as failure:
            told["second"] = failure
        finally:
            connection.close()

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert written.wait(20)
    threads[1].start()
    threads[1].join(0.5)
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert list(told) == ["second"] and isinstance(told["second"], Stale), told
    assert list(LenderRule.objects.values_list("code", "weight")) == [("share", 77)]
    assert Event.objects.filter(name="lender_rules.changed").count() == 1
