"""Every row of the lifecycle table, taken, refused and out of place."""

import pytest
from django.utils import timezone

from illdesk import actors
from illdesk.accounts.roles import RIGHTS, ROLES
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import Event
from requests_app import lifecycle
from requests_app.actions import perform
from requests_app.models import ILLRequest
from tests import factories as f

pytestmark = pytest.mark.django_db

ROWS = [
    pytest.param(step, source, id=f"{step.action}-{source}")
    for step in lifecycle.STEPS
    for source in step.sources
]
STAFF_ROWS = [row for row in ROWS if row.values[0].by == "staff"]


def _standing(step: lifecycle.Step, source: str) -> ILLRequest:
    """A request in the source state that the step fits."""
    f.by_hand()  # nothing is delivered by itself: each row is looked at alone
    return f.make_fit(f.ill(source, service=step.service), step)


def _actor(step: lifecycle.Step, row: ILLRequest) -> actors.Actor:
    if step.by == "patron":
        return actors.patron(row.patron.user)
    if step.by == "partner":
        return actors.partner("HIL")
    if step.by == "clock":
        return actors.CLOCK
    role = next(role for role, rights in ROLES.items() if step.permission in rights)
    return f.staff(role)


@pytest.mark.parametrize(("step", "source"), ROWS)
def test_a_step_leads_where_the_table_says_and_is_recorded_once(step, source):
    row = _standing(step, source)
    before, seen = row.version, f.events_of(row)
    event = perform(row, step.action, actor=_actor(step, row), now=f.NOW, **f.answers_for(step.action))
    stored = ILLRequest.objects.get(pk=row.pk)
    assert stored.state == row.state == (step.target or source)
    assert stored.version == row.version == before + (0 if step.aside else 1)
    assert f.events_of(row) == [*seen, f"request.{step.action}"]
    assert event.data["from"] == source
    assert event.data["to"] == stored.state
    assert event.actor_kind == ("clock" if step.by == "clock" else step.by)


@pytest.mark.parametrize(("step", "source"), STAFF_ROWS)
def test_somebody_without_the_right_is_refused_with_a_sentence(step, source):
    row = _standing(step, source)
    others = [role for role, rights in ROLES.items() if step.permission not in rights]
    seen = f.events_of(row)
    with pytest.raises(NotAllowed, match="needs a right that your role does not have"):
        perform(row, step.action, actor=f.staff(*others[:1]), now=f.NOW, **f.answers_for(step.action))
    stored = ILLRequest.objects.get(pk=row.pk)
    assert (stored.state, stored.version, f.events_of(row)) == (source, row.version, seen)


def _takes(state: str, action: str) -> bool:
    return any(state in step.sources for step in lifecycle.STEPS if step.action == action)


@pytest.mark.parametrize("state", f.LIVE_STATES)
def test_what_the_table_does_not_have_for_a_state_is_refused_with_a_sentence(state):
    row = f.ill(state)
    actor = f.staff("supervisor", "administrator")
    before, seen = (row.state, row.version), f.events_of(row)
    for action in sorted({step.action for step in lifecycle.STEPS if not _takes(state, step.action)}):
        with pytest.raises(NotAllowed) as refused:
            perform(row, action, actor=actor, now=f.NOW, **f.answers_for(action))
        assert "is not possible while" in str(refused.value)
        assert row.number in str(refused.value)
    row.refresh_from_db()
    assert (row.state, row.version) == before
    assert f.events_of(row) == seen


@pytest.mark.parametrize("action", ["lender_shipped", "lender_unfilled", "lender_cancelled"])
def test_staff_cannot_speak_for_the_partner(action):
    row = f.ill("borrowing.sent")
    with pytest.raises(NotAllowed):
        perform(row, action, actor=f.staff("supervisor"), now=f.NOW)


def test_a_patron_moves_only_an_own_request():
    row = f.ill("borrowing.submitted")
    with pytest.raises(NotAllowed, match="somebody else's"):
        perform(row, "patron_cancel", actor=actors.patron(f.user("patron")), now=f.NOW)
    perform(row, "patron_cancel", actor=actors.patron(row.patron.user), now=f.NOW)
    assert row.state == "borrowing.cancelled"


def test_copies_are_not_received_as_loans():
    row = f.ill("borrowing.sent", service="copy")
    assert "receive" not in {step.action for step in lifecycle.steps_for(row)}
    with pytest.raises(NotAllowed):
        perform(row, "receive", actor=f.staff(), now=f.NOW, barcode="1")


def test_a_step_of_no_name_is_refused():
    with pytest.raises(NotAllowed, match="no step of that name"):
        perform(f.ill("lending.received"), "levitate", actor=f.staff(), now=f.NOW)


SECRETS = ("Zebulon", "Quibble", "xylophone")


def test_no_event_holds_names_or_free_text():
    """The whole of a loan on both sides, with telling words everywhere they can stand."""
    who = f.patron(first_name="Zebulon", last_name="Quibble")
    row = f.asked(patron=who, title="On the xylophone", note="xylophone")
    actor = f.staff("supervisor")
    hil = f.library()
    said = {
        "review": {}, "choose_lenders": {"libraries": [hil]}, "send": {}, "note": {"text": "xylophone"},
        "refer": {"text": "xylophone"}, "settle_referral": {"text": "xylophone"}, "write_patron": {"text": "xylophone"},
        "ask_cancel": {"text": "xylophone"},
    }
    for action, answers in said.items():
        perform(row, action, actor=actor, now=f.NOW, **answers)
    perform(row, "patron_message", actor=actors.patron(who.user), now=f.NOW, text="xylophone")
    perform(row, "lender_shipped", actor=actors.partner("HIL"), now=f.NOW, due=f.DUE, note="xylophone")
    perform(row, "receive", actor=actor, now=f.NOW, barcode="39001", pieces_text="xylophone")
    lent = f.ill("lending.preparing")
    perform(lent, "unfilled", actor=actor, now=f.NOW, reason="in_use", note="xylophone")
    everything = " ".join(str(event.data) for event in Event.objects.all())
    assert not [word for word in SECRETS if word.lower() in everything.lower()]
    assert {right for step in lifecycle.STEPS if (right := step.permission)} <= set(RIGHTS)


def test_the_day_of_a_step_is_the_librarys():
    """At 02:00 UTC on the third it is still the second in New York, so a due date of the third is tomorrow."""
    row = f.ill("lending.preparing")
    night = f.NOW.replace(day=3, hour=2)
    tomorrow = timezone.localtime(night).date().replace(day=3)
    perform(row, "ship", actor=f.staff(), now=night, due=tomorrow, barcode="1")
    assert row.due_lender == tomorrow


@pytest.mark.parametrize(
    ("action", "source"), [("cancel", "borrowing.in_review"), ("record_unfilled", "borrowing.sent")]
)
@pytest.mark.parametrize("reason", ["", "because", "NotHeld"])
def test_a_reason_of_no_list_is_refused(action, source, reason):
    row = f.ill(source)
    with pytest.raises(BadAnswer) as refused:
        perform(row, action, actor=f.staff(), now=f.NOW, reason=reason)
    assert refused.value.field == "reason"
    assert ILLRequest.objects.get(pk=row.pk).state == source


def test_the_shelf_place_is_free_when_the_item_is_checked_out():
    row = f.ill("borrowing.on_hold_shelf")
    assert row.shelf_code and row.hold_until
    perform(row, "check_out", actor=f.staff(), now=f.NOW)
    stored = ILLRequest.objects.get(pk=row.pk)
    assert (stored.shelf_code, stored.hold_until) == ("", None)
