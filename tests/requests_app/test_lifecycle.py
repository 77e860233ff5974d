from dataclasses import replace

import pytest

from illdesk.accounts.roles import RIGHTS
from requests_app import lifecycle
from requests_app.actions import FUNCTIONS
from requests_app.exchange.mail import SAYS
from requests_app.lifecycle import STATES, STEPS, State, Step, problems

pytestmark = pytest.mark.nodb


def _row(action: str, target: str = "") -> Step:
    return next(step for step in STEPS if step.action == action and (not target or step.target == target))


def _without(*actions: str) -> tuple[Step, ...]:
    return tuple(step for step in STEPS if step.action not in actions)


def test_the_table_has_no_problems():
    assert problems() == []


def test_every_step_names_a_right_that_exists_and_tells_what_happens():
    for step in STEPS:
        assert step.permission in RIGHTS or (step.by in ("partner", "clock") and not step.permission), step
        assert str(step.label) and str(step.then), step


def test_functions_belong_to_steps_of_the_table():
    assert set(FUNCTIONS) <= {step.action for step in STEPS}


def test_every_message_that_leaves_has_words_for_a_letter_too():
    assert {step.iso_out for step in STEPS if step.iso_out} <= set(SAYS)


def test_a_state_nobody_leads_to_is_found():
    found = problems(steps=_without("check_out"))
    assert "State borrowing.checked_out cannot be reached." in found


def test_a_state_that_only_leads_round_in_a_circle_is_a_dead_end():
    found = problems(steps=_without("reshelve"))
    assert found == ["State lending.return_received is a dead end."]


def test_a_message_that_two_steps_take_in_one_state_is_ambiguous():
    twin = replace(_row("lender_will_supply"), action="lender_promises")
    assert problems(steps=(*STEPS, twin)) == ["Message status:WillSupply is ambiguous in borrowing.sent."]


def test_an_action_that_stands_twice_for_one_state_is_found():
    twin = replace(_row("review"), target="borrowing.ready_to_send")
    assert problems(steps=(*STEPS, twin)) == ["Action review stands twice for borrowing.submitted."]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"service": "loan"}, {"service": "copy"}),
        ({"unless": "answered_at"}, {"only": "answered_at"}),
    ],
)
def test_rows_that_never_fit_the_same_request_do_not_clash(one, other):
    row = _row("review")
    rest = _without("review")
    assert problems(steps=(*rest, replace(row, **one), replace(row, **other))) == []


def test_a_state_that_does_not_exist_is_found():
    odd = replace(_row("review"), sources=("borrowing.submited",))
    assert "Step review names the state borrowing.submited, which does not exist." in problems(steps=(*STEPS, odd))


def test_a_state_of_the_future_cannot_be_used_yet():
    odd = replace(_row("cancel"), action="ask_patron", target="borrowing.awaiting_patron")
    found = problems(steps=(*STEPS, odd))
    assert found == ["Step ask_patron uses borrowing.awaiting_patron, which is marked as coming later."]


def test_a_new_state_without_steps_is_both_unreachable_and_a_dead_end():
    states = STATES | {"lending.at_bindery": State("lending.at_bindery", "At bindery", "ours", "")}
    assert problems(states) == [
        "State lending.at_bindery cannot be reached.", "State lending.at_bindery is a dead end.",
    ]


def test_addresses_of_queues_lead_back_to_their_states():
    for code, state in STATES.items():
        found = lifecycle.state_for(state.side, state.slug)
        assert (found is None) == state.later
        assert found is None or found.code == code
    assert lifecycle.state_for("borrowing", "nowhere") is None
