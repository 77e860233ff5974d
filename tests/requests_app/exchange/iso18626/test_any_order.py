"""A whole loan's messages, delivered in any order and more than once."""

from itertools import permutations

import pytest
from django.db import transaction

from requests_app.actions import perform
from tests import factories as f

from .partner import as_requester, as_supplier, fresh, tell

pytestmark = pytest.mark.django_db

SUPPLIERS = ("WillSupply", "Loaned", "Overdue", "LoanCompleted")


class _Undo(Exception):
    pass


@pytest.mark.parametrize("first", SUPPLIERS)
@pytest.mark.parametrize("standing", ["borrowing.sent", "borrowing.return_shipped"])
def test_a_lenders_messages_in_every_order_end_alike_or_are_marked(client, first, standing):
    """Whatever comes when: it ends where the right order ends, or somebody is asked to look."""
    f.institution(), f.library()
    row = f.ill(standing)
    request_id = f.dialogue(row).request_id
    messages = {
        status: as_supplier(request_id, status, at=f.later(days=day), due=f.later(days=40))
        for day, status in enumerate(SUPPLIERS, 1)
    }
    ends = {}
    for order in permutations(SUPPLIERS):
        if order[0] != first:
            continue
        try:
            with transaction.atomic():
                for status in (*order, *reversed(order)):  # everything comes a second time, too
                    tell(client, messages[status])
                now = fresh(row)
                ends[order] = (now.state, now.attention_why)
                raise _Undo
        except _Undo:
            pass
    for order, (state, why) in ends.items():
        if standing == "borrowing.return_shipped":
            assert state == "borrowing.finished", order
        else:
            assert state == "borrowing.shipped" or why, (order, state)
            assert state in ("borrowing.sent", "borrowing.shipped")
            assert why, f"{order}: overdue and completed before we had it must be looked at"


@pytest.mark.parametrize("order", list(permutations(("Received", "ShippedReturn", "Cancel", "Notification"))))
def test_a_borrowers_messages_in_every_order_never_move_what_has_left(client, order):
    f.institution(), f.library()
    row = f.ill("lending.shipped")
    days = {"Received": 1, "Cancel": 2, "Notification": 3, "ShippedReturn": 4}
    for action in (*order, *order):
        tell(client, as_requester(f.dialogue(row).request_id, action, at=f.later(days=days[action])))
    assert fresh(row).state == "lending.shipped"
    perform(fresh(row), "check_in", actor=f.staff(), now=f.later(days=9))
