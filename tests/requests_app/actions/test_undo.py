"""The last step is taken back while nobody was told of it."""

import pytest

from illdesk.errors import NotAllowed
from requests_app import lifecycle
from requests_app.actions import perform
from requests_app.models import ILLRequest
from tests import factories as f

pytestmark = pytest.mark.django_db


def test_a_check_out_is_undone_with_its_place_on_the_shelf():
    row = f.ill("borrowing.on_hold_shelf")
    code, until = row.shelf_code, row.hold_until
    perform(row, "check_out", actor=f.staff(), now=f.NOW)
    assert row.undo_to == "borrowing.on_hold_shelf"
    perform(row, "undo", actor=f.staff(), now=f.NOW)
    stored = ILLRequest.objects.get(pk=row.pk)
    assert (stored.state, stored.shelf_code, stored.hold_until, stored.undo_to) == (
        "borrowing.on_hold_shelf", code, until, "",
    )
    with pytest.raises(NotAllowed):
        perform(row, "undo", actor=f.staff(), now=f.NOW)


def test_what_others_were_told_of_cannot_be_undone():
    row = f.ill("borrowing.sent")
    assert row.undo_to == ""
    assert "undo" not in {step.action for step in lifecycle.steps_for(row)}


def test_a_step_after_it_ends_the_way_back_and_a_note_does_not():
    row = f.ill("lending.searching")
    perform(row, "note", actor=f.staff(), now=f.NOW, text="Second floor.")
    assert lifecycle.find(row, "undo").target == "lending.received"
    perform(row, "refer", actor=f.staff(), now=f.NOW, text="Is it ours?")
    assert lifecycle.find(row, "undo") is None


def test_who_may_not_take_the_step_may_not_take_it_back():
    row = f.ill("borrowing.in_review")
    with pytest.raises(NotAllowed):
        perform(row, "undo", actor=f.staff("student"), now=f.NOW)


@pytest.mark.parametrize("step", [step for step in lifecycle.STEPS if step.action == "undo"],
                         ids=lambda step: f"{step.sources[0]}-{step.target}")
def test_no_way_back_leads_over_a_message(step):
    ways = [
        one for one in lifecycle.STEPS
        if one.undoable and one.target == step.sources[0] and step.target in one.sources
    ]
    assert ways and not any(one.iso_out or one.letter for one in ways)
