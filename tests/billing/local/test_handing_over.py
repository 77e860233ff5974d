"""Charges handed to the university's billing system: once, whatever fails, and both sides stay alike."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from lxml import etree

from billing.appeals import actions as appeals
from billing.appeals.actions import Decision
from billing.charges import actions as charges
from billing.charges import declared
from billing.charges.models import Charge, ChargePayment, PatronMoney
from billing.ledger import queries as ledger
from billing.ledger.actions import Where
from billing.local import actions, sweeps, systems
from billing.local.models import LocalPart, LocalSystem
from billing.local.ncip import Ncip as NcipAdapter
from billing.local.system import Known, ToCollect
from illdesk import actors
from illdesk.errors import AdapterError, NotAllowed
from illdesk.models import OutsideHost
from tests import factories as f
from tests.billing.charges.cast import TODAY, D, charged, check, check_local, fresh, paid
from tests.billing.local.servers import Alma, Ncip, serving
from tests.conftest import SAMPLES

LATER = f.later(days=20)


@pytest.fixture
def alma():
    with serving(Alma()) as one:
        yield one


@pytest.fixture
def ncip():
    with serving(Ncip()) as one:
        yield one


def use(one, kind="alma", **options) -> LocalSystem:
    return LocalSystem.objects.update_or_create(pk=1, defaults={
        "kind": kind, "url": one.url, "key": "secret", "options": options, "after_days": 14})[0]


def known(one, amount="40.00", **more) -> Charge:
    patron = f.patron()
    one.users.add(patron.card)
    return charged(patron, amount, **more)


def sweep(now=LATER):
    OutsideHost.objects.all().delete()
    return sweeps.exchange(now=now)


# --- Alma ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_charge_of_some_days_is_handed_over_once_and_the_books_follow(alma):
    use(alma)
    row = known(alma)
    assert sweep(f.later(days=13)) == (0, 0)
    sweep(), sweep()
    part = LocalPart.objects.get()
    fee = alma.fees["1000"]
    assert (part.state, part.reference, part.expected) == ("there", "1000", D(40)) and len(alma.posts()) == 1
    assert (fee["original_amount"], fee["comment"], fee["owner"]["value"]) == (40.0, row.number, "MAIN")
    assert (fresh(row).handed, fresh(row).open) == (D(40), D(40))
    assert ledger.balance(Where("patron", row.patron_id)) == 0 and ledger.balance(Where("local")) == D(40)
    check(row.patron), check_local()


@pytest.mark.django_db
@pytest.mark.parametrize("mood", ["429", "500", "broken", "endless", "threshold"])
def test_what_fails_for_now_is_sent_again_later(alma, mood):
    use(alma)
    known(alma)
    alma.mood = mood
    sweep()
    part = LocalPart.objects.get()
    assert (part.state, part.attempts) == ("waiting", 1) and part.last_error and part.next_try > LATER
    alma.mood = ""
    sweep(LATER + timedelta(hours=1))
    assert fresh(part).state == "there" and len(alma.fees) == 1
    assert ledger.balance(Where("local")) == D(40)


@pytest.mark.django_db
def test_a_slow_answer_is_given_up(alma):
    alma.users.add("C1")
    alma.mood = "slow"
    adapter = systems.of(use(alma), timeout=0.3)
    with pytest.raises(AdapterError, match="No answer within"):
        adapter.push(ToCollect("PC-1", "C1", D(5), "USD", "other", TODAY))


@pytest.mark.django_db
def test_what_was_taken_but_not_said_is_found_before_it_is_sent_again(alma):
    """The answer is lost on the way: the fee is there."""
    use(alma)
    row = known(alma)
    alma.lose = True
    sweep()
    assert LocalPart.objects.get().state == "waiting" and len(alma.fees) == 1
    alma.lose = False
    sweep(LATER + timedelta(hours=1))
    assert LocalPart.objects.get().state == "there" and len(alma.fees) == 1, "one fee, not two"
    check(row.patron), check_local()


@pytest.mark.django_db
def test_a_sender_that_died_is_taken_up_and_nothing_is_there_twice(alma):
    use(alma)
    row = known(alma)
    actions.prepare(now=LATER)
    part = LocalPart.objects.get()
    systems.of(LocalSystem.current()).push(actions._to_collect(part, row))  # and then the process was killed
    LocalPart.objects.update(state=LocalPart.SENDING, claimed=LATER, attempts=1)
    sweep(LATER + timedelta(minutes=1))
    assert fresh(part).state == "sending", "it may still be at it"
    sweep(LATER + timedelta(minutes=6))
    assert fresh(part).state == "there" and len(alma.fees) == 1


@pytest.mark.django_db
def test_an_unknown_user_is_refused_for_good_and_a_person_decides(alma):
    use(alma)
    row = charged()
    sweep()
    part = LocalPart.objects.get()
    assert part.state == "refused" and "was not found" in part.last_error and actions.differing() == [part]
    assert fresh(row).handed == 0, "still owed to us"
    sweep(LATER + timedelta(days=9))
    assert len(alma.posts()) == 1
    alma.users.add(row.patron.card)
    actions.decide(part, "again", actor=f.staff(), now=LATER)
    sweep()
    assert fresh(part).state == "there" and fresh(row).handed == D(40)
    with pytest.raises(NotAllowed, match="decided this already"):
        actions.decide(fresh(part), "again", actor=f.staff(), now=LATER)


@pytest.mark.django_db
def test_paid_there_is_entered_here_once(alma):
    use(alma)
    row = known(alma)
    sweep()
    alma.pays("1000", 15.0)
    sweep(LATER + timedelta(days=1)), sweep(LATER + timedelta(days=2))
    assert (fresh(row).paid, fresh(row).open, fresh(row).handed) == (D(15), D(25), D(25))
    assert ChargePayment.objects.get().way == "local" and actions.differing() == []
    alma.pays("1000", 25.0)
    sweep(LATER + timedelta(days=3))
    assert fresh(row).open == 0 and ledger.balance(Where("bank")) == D(40)
    check(row.patron), check_local()


@pytest.mark.django_db
def test_paid_or_waived_here_is_taken_off_there(alma):
    use(alma)
    row = known(alma)
    sweep()
    paid(row.patron, "10.00", now=LATER)
    charges.waive(row, D(5), "small", key="w", actor=f.staff(), now=LATER)
    assert (fresh(row).handed, fresh(row).open) == (D(25), D(25))
    sweep(), sweep(LATER + timedelta(days=1))
    assert alma.fees["1000"]["balance"] == 25.0 and len(alma.posts()) == 2 and actions.differing() == []
    assert ChargePayment.objects.filter(way="local").count() == 0, "what we told is no payment of theirs"
    check(row.patron), check_local()


@pytest.mark.django_db
def test_what_they_waived_there_differs_and_stands_in_the_list(alma):
    use(alma)
    row = known(alma)
    sweep()
    alma._do(alma.fees["1000"], {"op": "waive", "amount": "40"})
    sweep(LATER + timedelta(days=1))
    (part,) = actions.differing()
    assert (part.there_open, part.expected, part.there_state) == (D(0), D(40), "CLOSED")
    assert actions.count_differing() == 1 and fresh(row).open == D(40)


@pytest.mark.django_db
def test_an_appealed_charge_is_not_handed_over_and_one_that_is_there_is_disputed(alma):
    use(alma)
    row, other = known(alma), known(alma, key="b")
    appeals.appeal(row, "No.", key="a", actor=actors.patron(row.patron.user), now=f.NOW)
    sweep()
    assert [part.charge for part in LocalPart.objects.all()] == [other]
    mine = appeals.appeal(other, "No.", key="b", actor=actors.patron(other.patron.user), now=LATER)
    sweep()
    assert alma.fees["1000"]["status"]["value"] == "INDISPUTE"
    appeals.decide(mine, Decision("partly", "Well.", D(10)), actor=f.staff("coordinator"), now=LATER)
    sweep()
    assert alma.fees["1000"]["status"]["value"] == "ACTIVE" and alma.fees["1000"]["balance"] == 30.0
    check(other.patron), check_local()


@pytest.mark.django_db
def test_appealed_between_the_line_and_the_sending_it_does_not_go(alma):
    use(alma)
    row = known(alma)
    actions.prepare(now=LATER)
    appeals.appeal(row, "No.", key="a", actor=actors.patron(row.patron.user), now=LATER)
    sweep()
    assert LocalPart.objects.get().state == "ended" and alma.fees == {}


@pytest.mark.django_db
def test_provisional_searched_for_and_asked_charges_stay_here(alma):
    use(alma)
    ill = f.ill("borrowing.checked_out", patron=f.patron())
    alma.users.add(ill.patron.card)
    declared.lost(ill, "lost_by_patron", actor=f.staff(), now=f.NOW)
    held = f.ill("borrowing.checked_out", patron=f.patron())
    charged(held.patron, key="h", ill=held.pk)
    declared.hold(held, actor=f.staff(), now=f.NOW)
    sweep()
    assert not LocalPart.objects.exists()


@pytest.mark.django_db
def test_a_charge_that_grew_gets_a_second_part(alma):
    use(alma)
    ill = f.ill("borrowing.checked_out", patron=f.patron())
    alma.users.add(ill.patron.card)
    row = charged(ill.patron, "10.00", ill=ill.pk)
    sweep()
    from billing.charges.account import held
    with held(row.patron_id, actor=f.staff(), now=LATER) as mine:
        mine.move("raised", D(5), "more", charge=mine.charge(row.pk))
    sweep()
    assert sorted(fee["comment"] for fee in alma.fees.values()) == [
        f"{row.number} {ill.number}", f"{row.number}-2 {ill.number}"]
    assert fresh(row).handed == D(15)
    paid(row.patron, "12.00", now=LATER)
    sweep()
    assert [fee["balance"] for fee in alma.fees.values()] == [3.0, 0.0]
    check(row.patron), check_local()


@pytest.mark.django_db
def test_the_test_says_whether_somebody_answers(alma):
    row = use(alma)
    assert actions.test(row, actor=f.staff(), now=f.NOW).test_ok
    row.key = "wrong"
    row.save()
    assert "UNAUTHORIZED" in actions.test(row, actor=f.staff(), now=f.NOW).test_words and not fresh(row).test_ok
    assert "secret" not in str(LocalSystem.objects.values_list("test_words", flat=True)[0])


@pytest.mark.django_db
def test_the_key_lies_encrypted(alma):
    use(alma)
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM billing_localsystem")
        assert "secret" not in cursor.fetchone()[0]
    assert LocalSystem.current().key == "secret"


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_hand_it_over_once(alma):
    use(alma)
    row, failed = known(alma), []

    def run():
        try:
            sweeps.exchange(now=LATER)
        except Exception as failure:
            failed.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _n in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    assert failed == [] and len(alma.fees) == 1 and fresh(row).handed == D(40)
    check(row.patron), check_local()


@pytest.mark.django_db
def test_without_a_system_nothing_is_handed_over():
    charged()
    assert sweeps.exchange(now=LATER) == (0, 0) and not LocalPart.objects.exists()


# --- NCIP ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_ncip_takes_a_charge_once_and_shows_it(ncip):
    use(ncip, "ncip", ours="RIV", theirs="ILS")
    row = known(ncip)
    sweep(), sweep(LATER + timedelta(days=1))
    assert len(ncip.made()) == 1 and ncip.rows[0][1:] == ("Assess", row.number, "", "USD", "4000")
    assert fresh(row).handed == D(40) and actions.differing() == []
    paid(row.patron, "15.00", now=LATER)
    sweep(LATER + timedelta(days=2)), sweep(LATER + timedelta(days=3))
    assert ncip.rows[1][1:] == ("Payment", f"{row.number}/25.00", row.number, "USD", "1500") and len(ncip.rows) == 2
    assert actions.differing() == []
    check(row.patron), check_local()


@pytest.mark.django_db
def test_ncip_whose_answer_is_lost_is_looked_up_before_it_is_sent_again(ncip):
    use(ncip, "ncip")
    known(ncip)
    ncip.lose = True
    sweep()
    ncip.lose = False
    sweep(LATER + timedelta(hours=1))
    assert len(ncip.made()) == 1 and LocalPart.objects.get().state == "there"


@pytest.mark.django_db
def test_ncip_that_shows_no_accounts_is_never_repeated_unseen(ncip):
    use(ncip, "ncip")
    row = known(ncip)
    ncip.lose, ncip.shows = True, False
    sweep()
    ncip.lose = False
    sweep(LATER + timedelta(hours=1)), sweep(LATER + timedelta(hours=9))
    part = LocalPart.objects.get()
    assert part.state == "uncertain" and len(ncip.made()) == 1 and actions.differing() == [part]
    actions.decide(part, "there", actor=f.staff(), now=LATER)
    assert fresh(row).handed == D(40) and fresh(part).state == "there"


@pytest.mark.django_db
@pytest.mark.parametrize(("mood", "state"), [("500", "waiting"), ("broken", "waiting"), ("unknown", "refused")])
def test_ncip_that_fails(ncip, mood, state):
    use(ncip, "ncip")
    charged() if mood == "unknown" else known(ncip)
    ncip.mood = mood
    sweep()
    assert LocalPart.objects.get().state == state


@pytest.mark.nodb
def test_what_we_write_is_ncip():
    schema = SAMPLES / "ncip" / "xsd" / "ncip_v2_02.xsd"
    if not schema.is_file():
        pytest.skip("the schema of NCIP is not here")
    valid = etree.XMLSchema(etree.parse(schema))
    one = NcipAdapter("http://x.example", "RIV", "ILS")
    mine = Known("PC-2026-00001", "C1 & <2>", "T1", "USD")
    for message in (
        one.transaction(ToCollect("PC-2026-00001", "C1 & <2>", Decimal("12.50"), "USD", "lost", TODAY, "B-2026-00001")),
        one.transaction(ToCollect("PC-2026-00001", "C\x01", Decimal("12.50"), "USD", "other", TODAY)),
        one.less(mine, D(5), left=D(7), paid=True), one.less(mine, D(5), left=D(7), paid=False), one.lookup("C1"),
    ):
        assert valid.validate(etree.fromstring(message)), valid.error_log
    assert b"1250" in one.transaction(ToCollect("k", "c", Decimal("12.50"), "USD", "lost", TODAY))
    assert b">13<" in one.transaction(ToCollect("k", "c", Decimal("13.00"), "JPY", "lost", TODAY))


@pytest.mark.django_db
def test_credit_is_made_of_what_they_took_too_much(alma):
    use(alma)
    row = known(alma)
    sweep()
    charges.waive(row, D(30), "small", key="w", actor=f.staff(), now=LATER)
    alma.pays("1000", 40.0)  # before we told them
    sweep(LATER + timedelta(days=1))
    assert fresh(row).open == 0 and PatronMoney.objects.get().credit == D(30)
    check(row.patron), check_local()
