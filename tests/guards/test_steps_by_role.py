"""Every step of the lifecycle table through its address, by every role.

404: not to be seen, or no step of this kind of request. 403: a step, but not this person's. 409 and 422: theirs,
but not now, or not with these answers. A refused step changes nothing.
"""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from illdesk.accounts.roles import ROLES
from illdesk.models import Event, OutboxMessage
from requests_app import lifecycle
from requests_app.actions import perform
from requests_app.copyright import texts
from requests_app.models import Delivery, ILLRequest, Note
from tests import factories as f
from tests.guards.world import OWNER, PEOPLE, ROLELESS, World, built, taken_back

# One row of the table for each action, kind, actor and right; what it is possible from is another test's affair.
ROWS = list({
    (step.action, step.by, step.permission, step.service, step.sources[0].partition(".")[0], bool(step.target)): step
    for step in lifecycle.STEPS
}.values())
TAKES_A_FILE = {"receive_copy", "deliver_scan", "deliver_copy"}
# What a form is told, beyond f.ANSWERS.
_BY_HAND = {
    "patron_cancel": {"text": "No longer needed."}, "close_lost": {"text": "Paid."},
    "accept_condition": {}, "decline_condition": {}, "shelve": {}, "ship_back": {},
}


class Signed(World):
    """The people alone: each row makes the request it needs."""

    def __init__(self):
        f.institution()
        self.people = {role: f.user(role) for role in ROLES} | {OWNER: f.user("patron"), ROLELESS: f.user()}
        self.patron = f.patron(user=self.people[OWNER])
        self.sign_in()


@pytest.fixture(scope="module")
def _world(django_db_setup, django_db_blocker):
    with built(django_db_blocker, Signed) as made:
        yield made


def _standing(world: World, step: lifecycle.Step) -> ILLRequest:
    f.by_hand()
    source = step.sources[0]
    ours = {} if source.startswith("lending.") else {"patron": world.patron}
    row = f.make_fit(f.ill(source, service=step.service, **ours), step)
    row.conditions.update(retry_after=timezone.now() + timedelta(days=9))
    return row


def _posted(step: lifecycle.Step, row: ILLRequest) -> dict:
    answers = f.ANSWERS.get(step.action, {}) | _BY_HAND.get(step.action, {})
    if step.action == "choose_lenders":
        answers = {f"place_{f.library('OAK', name='Oak Public Library').pk}": "1"}
    if step.form == "declaration":
        text = texts.fingerprint(texts.proposed("declaration", "us-contu"))
        answers = {"purpose": "private_study", "declared": "on", "signature": "Łucja Żak", "signed_text": text}
        answers |= {"signed_on": "2026-03-02"} if step.by == "staff" else {}
    if step.action == "shelve":
        answers = {"branch": f.branch().pk}
    soon = timezone.localdate() + timedelta(days=30)  # the day of the web request is today's, not the story's
    answers = {key: soon if isinstance(value, date) else value for key, value in answers.items()}
    return {key: str(value) for key, value in answers.items()} | {"version": row.version}


def _all_that_could_change(row: ILLRequest) -> tuple:
    fresh = ILLRequest.objects.filter(pk=row.pk).values().get()
    return (
        fresh, Event.objects.count(), OutboxMessage.objects.count(), Note.objects.count(), Delivery.objects.count()
    )


def _wanted(who: str, step: lifecycle.Step, row: ILLRequest) -> str:
    """What this person's POST comes to: "taken", 403 or 404."""
    rights = ROLES.get(who, frozenset()) if who != OWNER else ROLES["patron"]
    own = who == OWNER and row.patron is not None
    if f"see_{row.kind}" not in rights and not own:
        return "404"
    by = "patron" if own else "staff"
    return "taken" if step.by == by and (not step.permission or step.permission in rights) else "403"


@pytest.mark.parametrize("step", ROWS, ids=lambda step: f"{step.by}-{step.action}-{step.sources[0]}-{step.service}")
def test_a_step_is_taken_by_those_whose_it_is_and_by_nobody_else(world, step):
    row = _standing(world, step)
    url, before = f"/requests/{row.number}/act/{step.action}/", _all_that_could_change(row)
    wrong = []
    for who in PEOPLE[:-1]:
        with taken_back():
            answer = world.browser(who).post(url, _posted(step, row))
            moved = _all_that_could_change(row) != before
        wanted = _wanted(who, step, row)
        if wanted == "taken" and step.action in TAKES_A_FILE:
            right = answer.status_code == 422 and not moved  # asked for the file: the right was there
        elif wanted == "taken":
            right = answer.status_code == 302 and moved
        else:
            right = answer.status_code == int(wanted) and not moved
        if not right:
            wrong.append(f"{who}: {answer.status_code}, {'moved' if moved else 'nothing moved'}; wanted {wanted}")
    assert wrong == []


@pytest.mark.parametrize("step", [step for step in ROWS if step.by == "staff" and step.form],
                         ids=lambda step: f"{step.action}-{step.sources[0]}-{step.service}")
def test_the_form_of_a_step_is_shown_to_those_whose_it_is(world, step):
    row = _standing(world, step)
    for who in PEOPLE[:-1]:
        answer = world.browser(who).get(f"/requests/{row.number}/act/{step.action}/")
        wanted = {"taken": 200}.get(_wanted(who, step, row)) or int(_wanted(who, step, row))
        assert answer.status_code == wanted, f"{who}: {answer.status_code}"


def test_a_patron_without_the_role_keeps_the_request_and_may_not_move_it(world):
    """The account lost its role: what is under way is still to be seen, and the library decides."""
    who = world.people[ROLELESS]
    row = f.asked(patron=f.patron(user=who))
    browser = world.browser(ROLELESS)
    assert browser.get(f"/requests/{row.number}/").status_code == 200
    answer = browser.post(f"/requests/{row.number}/act/patron_cancel/", {"version": 0})
    assert answer.status_code == 403
    assert ILLRequest.objects.get(pk=row.pk).state == "borrowing.submitted"


def test_a_step_that_is_theirs_but_not_possible_now_is_409(world):
    row = _standing(world, next(step for step in ROWS if step.action == "review"))
    perform(row, "review", actor=f.staff(), now=f.NOW)
    answer = world.browser("borrowing staff").post(f"/requests/{row.number}/act/review/", {"version": row.version})
    assert answer.status_code == 409 and "is not possible while" in answer.content.decode()
