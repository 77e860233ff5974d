"""Places are freed while others free some, and while somebody acts on the request that waits for one."""

import threading
import time

import pytest
from django.db import connection, transaction

from illdesk import actors
from requests_app.actions import perform
from requests_app.copyright import waits
from requests_app.models import ILLRequest
from tests import factories as f
from tests.requests_app.copyright.beyond import five
from tests.requests_app.copyright.test_waits import fresh, waiting

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls) -> list[BaseException]:
    """What failed of calls that began together."""
    gate, failed = threading.Barrier(len(calls)), []

    def run(call) -> None:
        try:
            gate.wait(timeout=20)
            call()
        except BaseException as failure:
            failed.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    return failed


def freeing(row: ILLRequest, *, pause: float = 0):
    """The lender cancels; what frees the place is committed a moment later."""

    def free() -> None:
        with transaction.atomic():
            perform(row, "lender_cancelled", actor=actors.partner("HIL"), now=f.later(days=1))
            time.sleep(pause)

    return free


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only on PostgreSQL: SQLite has one writer")
def test_two_places_freed_at_once_are_told_to_two():
    """Neither freeing sees the other's place before it is committed."""
    places, rows = five(), [waiting() for _time in range(3)]
    assert at_once(*(freeing(row, pause=0.4) for row in places[3:])) == []
    assert [fresh(row).attention_why for row in rows] == ["place_free", "place_free", ""]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only on PostgreSQL: SQLite has one writer")
def test_a_place_freed_while_somebody_acts_on_who_waits_stops_nobody():
    places, first, second = five(), waiting(), waiting()
    first, staff = fresh(first), f.staff()

    def acts() -> None:
        with transaction.atomic():
            ILLRequest.objects.select_for_update().get(pk=first.pk)  # as the step itself, which then takes a while
            time.sleep(0.8)
            perform(first, "other_version", actor=staff, now=f.later(days=1), text="A preprint")

    def frees() -> None:
        time.sleep(0.3)
        freeing(places[4])()

    assert at_once(acts, frees) == []
    assert waits.of(first) is None and fresh(first).attention_why == ""
    assert fresh(second).attention_why == "place_free"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only on PostgreSQL: SQLite has one writer")
def test_requests_that_wait_and_pass_on_to_each_other_stop_nobody():
    """Both were told; both go at the same moment, and a third and a fourth are told."""
    places, rows, staff = five(), [waiting() for _time in range(4)], f.staff()
    for row in places[3:]:
        perform(row, "lender_cancelled", actor=actors.partner("HIL"), now=f.later(days=1))

    def goes(row: ILLRequest):
        def go() -> None:
            with transaction.atomic():
                perform(row, "cancel", actor=staff, now=f.later(days=1), reason="copyright")
                time.sleep(0.4)

        return go

    assert at_once(*(goes(fresh(row)) for row in rows[:2])) == []
    assert [fresh(row).attention_why for row in rows[2:]] == ["place_free", "place_free"]
