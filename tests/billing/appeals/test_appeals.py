"""A patron says why a charge is wrong; somebody else decides; nothing is asked for meanwhile."""

import threading
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from billing.appeals import actions, queries
from billing.appeals.actions import Decision
from billing.appeals.days import last_day
from billing.appeals.forms import DecisionForm
from billing.appeals.models import Appeal
from billing.approval.models import Delegation
from billing.charges import actions as charges
from billing.charges import blocks, statements, sweeps
from billing.charges import queries as charge_queries
from billing.charges.models import PatronMoney
from billing.ledger.models import Entry
from illdesk import actors
from illdesk.errors import BadAnswer, NotAllowed, Stale
from illdesk.models import Attachment, OutboxMessage
from tests import factories as f
from tests.billing.charges.cast import D, charged, check, fresh, paid, policy

pytestmark = pytest.mark.django_db


def appeal(row, *, key="a", now=f.NOW, text="I returned it in May.", **more) -> Appeal:
    return actions.appeal(row, text, key=key, actor=actors.patron(row.patron.user), now=now, **more)


def decide(row, outcome, amount=None, *, by=None, now=f.NOW, words="We looked at the scans.") -> Appeal:
    decision = Decision(outcome, words, amount and D(amount))
    return actions.decide(row, decision, actor=by or f.staff("coordinator"), now=now)


def letters(what) -> list[str]:
    return [row.payload["body"] for row in OutboxMessage.objects.filter(what=what).order_by("pk")]


def test_granted_the_charge_is_reversed_and_what_was_paid_becomes_credit():
    row = charged()
    paid(row.patron, "30.00")
    mine = appeal(row)
    assert (mine.level, mine.due) == (1, date(2026, 3, 16)) and queries.count() == 1
    done = decide(mine, "granted")
    assert (done.state, done.amount, fresh(row).state, fresh(row).open) == ("granted", D(40), "undone", D(0))
    assert PatronMoney.objects.get().credit == D(30) and Entry.objects.filter(reverses__isnull=False).count() == 1
    assert "is cancelled" in letters("appeal_granted")[0] and "We looked at the scans." in letters("appeal_granted")[0]
    check(row.patron)


def test_granted_in_part_so_much_is_waived():
    row = charged()
    done = decide(appeal(row), "partly", "15.00")
    assert (done.state, done.amount, fresh(row).open, fresh(row).waived) == ("partly", D(15), D(25), D(15))
    body = letters("appeal_partly")[0]
    assert "take away USD 15.00" in body and "USD 25.00 of it is open" in body and "once more until 1 Apr" in body
    check(row.patron)


def test_granted_in_part_after_it_was_paid_the_part_becomes_credit():
    row = charged()
    paid(row.patron, "40.00")
    decide(appeal(row), "partly", "15.00")
    assert PatronMoney.objects.get().credit == D(15) and fresh(row).open == 0
    check(row.patron)


def test_denied_the_charge_stands_and_one_second_appeal_is_decided_by_another():
    first_by = f.staff("coordinator")
    row = charged()
    decide(appeal(row), "denied", by=first_by)
    assert fresh(row).open == D(40) and "appeal once more" in letters("appeal_denied")[0]
    again = appeal(row, key="b", now=f.later(days=5))
    assert again.level == 2
    with pytest.raises(NotAllowed, match="You entered this"):
        decide(again, "granted", by=first_by)
    decide(again, "denied", now=f.later(days=6))
    assert "This decision is final." in letters("appeal_denied")[1]
    with pytest.raises(NotAllowed, match="second decision is final"):
        appeal(row, key="c", now=f.later(days=7))


def test_who_charged_does_not_decide_nor_who_lacks_the_right_nor_the_patron():
    maker = f.staff("coordinator")
    row = charged(by=maker)
    mine = appeal(row)
    for nobody in (maker, f.staff("borrowing staff"), actors.SYSTEM, actors.patron(row.patron.user)):
        with pytest.raises(NotAllowed):
            decide(mine, "granted", by=nobody)
    boss = f.user("coordinator", "patron")
    other = charged(f.patron(user=boss), key="mine")
    with pytest.raises(NotAllowed, match="You entered this"):
        decide(appeal(other, key="own"), "granted", by=actors.staff(boss))
    assert fresh(row).open == D(40) and queries.count() == 2


def test_a_deputy_decides_in_the_days_of_the_deputation():
    row, boss, deputy = charged(), f.user("coordinator"), f.staff("borrowing staff")
    Delegation.objects.create(of=boss, to=deputy.user, right="decide_appeals", begins=f.NOW.date(), ends=f.NOW.date(),
                              made=f.NOW, made_by=boss)
    mine = appeal(row)
    with pytest.raises(NotAllowed):
        decide(mine, "denied", by=deputy, now=f.later(days=1))
    assert decide(mine, "denied", by=deputy).decided_by == deputy.user


def test_the_same_form_twice_is_one_appeal_and_a_decision_is_made_once():
    row = charged()
    assert appeal(row) == appeal(row) and Appeal.objects.count() == 1
    with pytest.raises(NotAllowed, match="being decided"):
        appeal(row, key="other")
    mine = Appeal.objects.get()
    decide(mine, "denied")
    with pytest.raises(Stale, match="decided this appeal already"):
        decide(mine, "granted")
    assert fresh(row).open == D(40)


def test_while_it_is_open_nothing_is_asked_for():
    policy(block_above=D(30), remind_days=5)
    row = charged()
    late = f.later(days=40)
    assert list(blocks.of(row.patron)) == [
        "You cannot request while USD 40.00 is unpaid. See the charge or appeal it."]
    mine = appeal(row)
    assert list(blocks.of(row.patron)) == [] and sweeps.remind(now=late) == (0, 0)
    with pytest.raises(NotAllowed, match="Nothing is to be paid now"):
        statements.mail(row.patron, key="s", actor=f.staff(), now=late)
    decide(mine, "denied")
    assert list(blocks.of(row.patron)) and sweeps.remind(now=late) == (1, 0) and sweeps.remind(now=late) == (0, 0)


def test_the_block_leaves_only_the_amount_that_is_appealed_out():
    policy(block_above=D(30))
    patron = f.patron()
    first, _second = charged(patron, "40.00", key="a"), charged(patron, "35.00", key="b")
    appeal(first)
    assert "USD 35.00" in next(iter(blocks.of(patron)))


def test_the_days_to_appeal_end_but_staff_may_enter_what_came_in_time():
    policy(appeal_days=10)
    row = charged()
    with pytest.raises(NotAllowed, match="days to appeal are over"):
        appeal(row, now=f.later(days=11))
    mine = actions.appeal(row, "A letter of last week.", key="p", actor=f.staff(), now=f.later(days=11),
                          came=Appeal.PAPER)
    assert mine.came == "paper"


def test_the_days_of_a_provisional_charge_begin_with_its_final_amount():
    row = charged(f.patron(), "125.00", key="lost", kind="lost", reason="lost_by_patron", provisional=True)
    assert last_day(row, policy()) is None and actions.why_not(row, now=f.later(days=90)) == ""
    mine = appeal(row, now=f.later(days=90))
    decide(mine, "denied", now=f.later(days=91))
    body = letters("appeal_denied")[0]
    assert "nothing to pay yet" in body and "You can appeal once more; somebody" in body
    final = charges.finalise(fresh(row), D(100), key="final", actor=f.staff("coordinator"), now=f.later(days=100))
    assert last_day(fresh(final), policy()) == f.later(days=130).date()


def test_a_second_appeal_has_its_days_from_the_first_decision():
    row = charged()
    decide(appeal(row, now=f.later(days=20)), "denied", now=f.later(days=29))
    assert last_day(fresh(row), policy()) == f.later(days=59).date()
    assert "once more until 30 Apr 2026" in letters("appeal_denied")[0]
    assert actions.why_not(fresh(row), now=f.later(days=59)) == ""
    assert "days to appeal are over" in actions.why_not(fresh(row), now=f.later(days=61))


def test_the_page_of_a_charge_offers_an_appeal_only_while_one_can_be_made(client):
    row = charged()
    client.force_login(f.user("borrowing staff"))
    assert "Enter an appeal" in client.get(row.get_absolute_url()).content.decode()
    for key in ("a", "b"):
        decide(appeal(row, key=key), "denied")
    page = client.get(row.get_absolute_url()).content.decode()
    assert "Enter an appeal" not in page and "Can be appealed until" not in page


def test_files_stay_with_the_appeal_and_a_bad_one_is_refused_with_all_of_it(tmp_path, settings):
    settings.STORAGES = settings.STORAGES | {"default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}}
    row = charged()
    bad = SimpleUploadedFile("run.exe", b"MZ\x00\x01\x02")
    with pytest.raises(BadAnswer) as refusal:
        appeal(row, files=[SimpleUploadedFile("a.pdf", f.pdf()), bad])
    assert refusal.value.field == "files" and not Appeal.objects.exists() and not Attachment.objects.exists()
    appeal(row, files=[SimpleUploadedFile("receipt.pdf", f.pdf())])
    assert Attachment.objects.get().name == "receipt.pdf"


@pytest.mark.parametrize(("outcome", "amount", "words", "field"), [
    ("granted", None, " ", "words"), ("maybe", None, "x", "outcome"), ("partly", None, "x", "amount"),
    ("partly", "40.00", "x", "amount"), ("partly", "-1", "x", "amount"), ("partly", "0.001", "x", "amount"),
])
def test_what_is_no_decision_is_refused(outcome, amount, words, field):
    row = charged()
    with pytest.raises(BadAnswer) as refusal:
        decide(appeal(row), outcome, amount, words=words)
    assert refusal.value.field == field and queries.count() == 1 and fresh(row).open == D(40)


def test_the_queue_shows_the_soonest_first():
    rows = [charged(key=str(n)) for n in range(3)]
    for turn, days in enumerate((5, 1, 3)):
        appeal(rows[turn], key=str(turn), now=f.later(days=days))
    assert [one.due - f.NOW.date() for one in queries.waiting()] == [timedelta(days=n + 14) for n in (1, 3, 5)]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_is_told():
    row, people, failed = charged(), [f.staff("coordinator") for _n in range(3)], []
    mine = appeal(row)

    def run(person, outcome):
        try:
            decide(mine, outcome, by=person)
        except Exception as failure:
            failed.append(failure)
        finally:
            connection.close()

    pairs = zip(people, ("granted", "denied", "granted"), strict=True)
    threads = [threading.Thread(target=run, args=pair) for pair in pairs]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    assert len(failed) == 2 and all(isinstance(one, Stale) for one in failed)
    assert sum(OutboxMessage.objects.filter(what__startswith="appeal_").exclude(what="appeal_received").values_list(
        "attempts", flat=True)) == 0
    assert OutboxMessage.objects.filter(what__in=["appeal_granted", "appeal_denied"]).count() == 1
    check(row.patron)


def test_a_decided_appeal_names_the_amount_that_was_appealed():
    row = charged()
    mine = appeal(row, now=f.later(days=1))
    decide(mine, "granted", now=f.later(days=2))
    assert fresh(row).amount == 0 and charge_queries.charged_at(fresh(row), mine.made) == D(40)
    assert charge_queries.cancelled_amounts([fresh(row)]) == {row.pk: D(40)}


@pytest.mark.parametrize(("amount", "said"), [("-3", "Enter 0 or more."),
                                              ("25.005", "Enter at most 2 places after the point."),
                                              ("1234567890", "This number is too large.")])
def test_what_is_no_amount_is_refused_in_our_words(amount, said):
    form = DecisionForm({"outcome": "partly", "amount": amount, "words": "So much."})
    assert form.errors["amount"] == [said]
