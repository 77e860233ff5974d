"""Two persons: who entered it does not approve it; a right that is lent for some days; a refusal names who can."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing.approval import rule
from billing.approval.models import Delegation
from illdesk import actors
from illdesk.errors import NotAllowed
from illdesk.models import Event
from tests import factories as f

pytestmark = pytest.mark.django_db
RIGHT, DAY = "approve_payables", timezone.localtime(f.NOW).date()


def lend(of, to, *, days=(0, 3), **more) -> Delegation:
    return Delegation.objects.create(
        of=of, to=to, right=RIGHT, begins=DAY + timedelta(days[0]), ends=DAY + timedelta(days[1]), made=f.NOW,
        made_by=of, **more)


def ask(user, *entered_by) -> None:
    rule.check(actors.staff(user), RIGHT, entered_by=[one.pk for one in entered_by], subject=("payable", 7), now=f.NOW)


def test_somebody_else_with_the_right_approves():
    chen, ortiz = f.user("coordinator", last_name="Chen"), f.user("supervisor", last_name="Ortiz")
    ask(ortiz, chen)
    with pytest.raises(NotAllowed, match=r"You entered this: somebody else approves it\. R\. Ortiz can do it\."):
        ask(chen, chen)
    assert Event.objects.filter(name="approval.refused", subject_kind="payable", subject_id=7, actor=chen).count() == 1


def test_without_the_right_nobody_does_and_is_told_who_could():
    f.user("coordinator", last_name="Chen")
    with pytest.raises(NotAllowed, match=r"You may not approve this\. R\. Chen can do it\."):
        ask(f.user("borrowing staff"))
    with pytest.raises(NotAllowed):
        rule.check(actors.CLOCK, RIGHT, entered_by=[], subject=("payable", 7), now=f.NOW)


def test_a_deputy_approves_while_the_right_is_lent_and_never_what_is_his_own():
    chen, deputy = f.user("coordinator", last_name="Chen"), f.user("borrowing staff", last_name="Deputy")
    row = lend(chen, deputy)
    ask(deputy, chen)
    assert rule.others(RIGHT, [chen.pk], day=DAY) == [deputy]
    with pytest.raises(NotAllowed, match=r"R\. Chen can do it"):
        ask(deputy, deputy)
    Delegation.objects.filter(pk=row.pk).update(ended=f.NOW)
    with pytest.raises(NotAllowed):
        ask(deputy, chen)


@pytest.mark.parametrize("days", [(-3, -1), (1, 3)])
def test_before_and_after_its_days_it_is_not_lent(days):
    chen, deputy = f.user("coordinator"), f.user("borrowing staff")
    lend(chen, deputy, days=days)
    assert not rule.has(deputy, RIGHT, day=DAY) and rule.others(RIGHT, [chen.pk], day=DAY) == []


def test_nobody_lends_what_is_not_his_any_more():
    chen, deputy = f.user("coordinator"), f.user("borrowing staff")
    lend(chen, deputy)
    chen.groups.clear()
    assert not rule.has(deputy, RIGHT, day=DAY)
    assert "Nobody else has this right now" in rule.others_in_words(RIGHT, [], day=DAY)
