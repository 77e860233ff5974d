"""Payment lists hold only what is owed, once; the payee's statement beside them."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from illdesk.errors import BadAnswer, NotAllowed, Stale
from requests_app.actions import perform
from requests_app.copyright import payment, statement
from requests_app.models import Royalty, RoyaltyList, StatementLine
from tests import factories as f
from tests.requests_app.copyright.beyond import five, fund, owed, paid, sixth

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)


@pytest.fixture
def year():
    row = fund()
    five()
    return row


def make(key="form", first=FIRST, last=LAST) -> RoyaltyList:
    return payment.make(first, last, key=key, actor=f.staff("borrowing staff"), now=f.NOW)


def pay(row, amounts=None, **fields):
    lines = {line.pk: line.price for line in payment.lines(row)}
    given = {"paid_on": f.NOW.date(), "reference": "Check 17", "actor": f.staff(), "now": f.NOW} | fields
    return payment.pay(row, amounts if amounts is not None else lines, **given)


def test_a_list_holds_only_what_is_owed(year):
    ours = owed()
    agreed = paid(sixth())
    gone = paid(sixth())
    perform(gone, "cancel", actor=f.staff(), now=f.NOW, reason="copyright")
    row = make()
    assert [line.number for line in payment.lines(row)] == [ours.number]
    assert Royalty.objects.get(number=agreed.number).state == "agreed"
    assert row.number == "R-2026-001"


def test_clicked_twice_it_is_one_list_and_no_line_is_in_two(year):
    owed()
    first = make("same form")
    assert make("same form") == first and RoyaltyList.objects.count() == 1
    with pytest.raises(NotAllowed, match="Nothing was owed"):
        make("another form")
    second = owed("41.50")
    other = make("a third form")
    assert other.number == "R-2026-002" and [line.number for line in payment.lines(other)] == [second.number]


def test_the_database_refuses_a_line_that_is_not_owed(year):
    row = make() if owed() else None
    agreed = Royalty.objects.get(number=paid(sixth()).number)
    with pytest.raises(IntegrityError), transaction.atomic():
        Royalty.objects.filter(pk=agreed.pk).update(list=row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Royalty.objects.filter(pk=agreed.pk).update(state="listed")


def test_days_outside_are_left_for_the_next_list(year):
    owed()
    with pytest.raises(NotAllowed):
        make(first=date(2026, 1, 1), last=date(2026, 1, 31))
    with pytest.raises(BadAnswer, match="last day lies before"):
        make(first=LAST, last=FIRST)
    assert not RoyaltyList.objects.exists()


def test_the_columns_are_the_payees_and_no_name_of_a_patron_is_among_them(year):
    ill = owed()
    [cells] = list(payment.all_cells(make()))
    assert cells == ("1234-5679", "Marine Letters", "2024", ill.citation.part_title, "Okafor, N.", "41-58", 18, 1,
                     Decimal("38.00"), "USD", ill.number, f.NOW.date())
    assert len(cells) == len(payment.COLUMNS)
    assert ill.patron.last_name not in str(cells)


def test_paid_once_the_commitment_is_spent_with_what_it_really_was(year):
    first, second = owed(), owed("20.00")
    row = make()
    amounts = {line.pk: line.price for line in payment.lines(row)}
    amounts[Royalty.objects.get(number=second.number).pk] = Decimal("22.50")
    assert pay(row, amounts) == 2
    assert pay(row, amounts) == 0
    year.refresh_from_db()
    assert (year.committed, year.spent) == (0, Decimal("60.50"))
    line = Royalty.objects.get(number=first.number)
    assert (line.state, line.paid, line.reference, line.paid_on) == ("paid", 38, "Check 17", f.NOW.date())
    row.refresh_from_db()
    assert (row.paid_on, row.reference) == (f.NOW.date(), "Check 17")


def test_a_day_in_the_future_or_a_negative_amount_pays_nothing(year):
    owed()
    row = make()
    with pytest.raises(BadAnswer, match="future"):
        pay(row, paid_on=date(2027, 1, 1))
    with pytest.raises(BadAnswer, match="before the first use of the list, on 2 Mar 2026"):
        pay(row, paid_on=date(2026, 3, 1))
    with pytest.raises(BadAnswer, match="amount of money"):
        pay(row, {payment.lines(row).get().pk: Decimal(-1)})
    assert payment.lines(row).get().state == "listed"


def test_of_another_currency_the_fund_pays_by_the_rate_that_was_entered(year):
    ill = paid(sixth(), "30.00", currency="EUR", fund_amount=Decimal("33.00"))
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    perform(ill, "receive_copy", actor=f.staff(), now=f.NOW, file=f.stored())
    row = make()
    pay(row, {payment.lines(row).get().pk: Decimal("20.00")})
    year.refresh_from_db()
    assert year.spent == Decimal("22.00")


def test_a_list_made_by_mistake_is_taken_apart_unless_something_is_paid(year):
    owed()
    row = make()
    payment.take_apart(row, actor=f.staff(), now=f.NOW)
    assert Royalty.objects.get().state == "owed" and not payment.lines(row).exists()
    again = make("again")
    pay(again)
    with pytest.raises(NotAllowed, match="paid already"):
        payment.take_apart(again, actor=f.staff(), now=f.NOW)
    assert payment.lines(again).exists()


def test_the_number_of_a_list_taken_apart_is_not_given_again(year):
    """Its file may be with the payee."""
    owed()
    row = make()
    load(row, "Our number,Amount\nB-1,7.00\n")
    payment.take_apart(row, actor=f.staff(), now=f.NOW)
    with pytest.raises(NotAllowed, match="taken apart already"):
        payment.take_apart(row, actor=f.staff(), now=f.NOW)
    with pytest.raises(NotAllowed, match="Open the page anew"):
        make()  # the same form once more
    assert make("another form").number == "R-2026-002"
    with pytest.raises(BadAnswer, match="no statement speaks of it"):
        load(row, "Our number,Amount\nB-1,7.00\n")
    assert not row.statement.exists()


# --- the statement -------------------------------------------------------------------------------------------


def load(row, text: str, seen=None):
    row.refresh_from_db()
    return statement.load(row, text.encode(), "statement.csv", seen=row.version if seen is None else seen,
                          actor=f.staff(), now=f.NOW)


def settle(line, what):
    return statement.settle(line, what, paid_on=f.NOW.date(), reference="ST-1", actor=f.staff(), now=f.NOW)


@pytest.fixture
def three(year):
    """A list of three, and one that is owed since."""
    rows = [owed("38.00"), owed("20.00"), owed("11.00")]
    return make(), rows, owed("5.00")


def test_each_line_is_compared(three):
    row, (agrees, differs, missing), later = three
    counts = load(row, "Our number,Amount\n" f"{agrees.number},38.00\n{differs.number},25.00\n{agrees.number},38.00\n"
                       f"{later.number},5.00\nB-1999-00001,7.00\n")
    assert counts == {"matched": 1, "differs": 1, "duplicate": 1, "extra": 2, "missing": 1}
    lines = {line.outcome: line for line in row.statement.all()}
    assert lines["missing"].royalty.number == missing.number
    extra = list(row.statement.filter(outcome="extra"))
    assert [there.number for there in statement.elsewhere(extra).values()] == [later.number]


def test_each_difference_has_its_next_step(three):
    row, (agrees, differs, missing), _later = three
    load(row, f"Our number,Amount\n{agrees.number},38.00\n{differs.number},25.00\n")
    assert statement.settle_matched(row, paid_on=f.NOW.date(), reference="", actor=f.staff(), now=f.NOW) == 1
    lines = {line.outcome: line for line in StatementLine.objects.select_related("royalty")}
    assert settle(lines["differs"], "pay")
    assert not settle(lines["differs"], "ours")  # a colleague spoke already
    assert settle(lines["missing"], "back")
    found = {one.number: (one.state, one.paid) for one in Royalty.objects.filter(number__in=[
        agrees.number, differs.number, missing.number])}
    assert found == {agrees.number: ("paid", 38), differs.number: ("paid", 25), missing.number: ("owed", None)}
    with pytest.raises(NotAllowed):
        settle(StatementLine.objects.filter(outcome="matched").get(), "back")


def test_what_was_marked_paid_is_put_right_by_the_statement(three, year):
    row, (_agrees, differs, _missing), _later = three
    pay(row)
    load(row, f"Our number,Amount\n{differs.number},25.00\n")
    settle(row.statement.select_related("royalty").get(outcome="differs"), "pay")
    year.refresh_from_db()
    assert Royalty.objects.get(number=differs.number).paid == 25 and year.spent == Decimal("74.00")


def test_by_the_statement_too_nothing_is_paid_before_it_was_used(three):
    row, (agrees, *_rest), _later = three
    load(row, f"Our number,Amount\n{agrees.number},38.00\n")
    with pytest.raises(BadAnswer, match="before the first use"):
        statement.settle_matched(row, paid_on=date(1999, 1, 1), reference="", actor=f.staff(), now=f.NOW)
    assert Royalty.objects.get(number=agrees.number).state == "listed"


def test_of_what_is_paid_already_neither_payment_nor_owing_is_offered(three, year):
    row, (agrees, differs, missing), _later = three
    pay(row, {Royalty.objects.get(number=one.number).pk: amount for one, amount in (
        (agrees, Decimal(38)), (differs, Decimal(20)), (missing, Decimal(11)))})
    load(row, f"Our number,Amount\n{agrees.number},38.00\n{differs.number},25.00\n")
    lines = {line.outcome: line for line in row.statement.select_related("royalty", "list")}
    offered = {outcome: [what for what, _words in statement.next_of(line)] for outcome, line in lines.items()}
    assert offered == {"matched": [], "differs": ["pay", "ours"], "missing": ["noted"]}
    assert statement.settle_matched(row, paid_on=f.NOW.date(), reference="", actor=f.staff(), now=f.NOW) == 0
    for outcome, what in (("matched", "pay"), ("missing", "back")):
        with pytest.raises(NotAllowed, match="paid already"):
            settle(lines[outcome], what)
    assert not row.statement.exclude(settled=None).exists()


def test_what_was_paid_otherwise_than_they_charge_can_be_put_right(three):
    """It agrees with what was agreed, not with what was paid."""
    row, (agrees, *_rest), _later = three
    pay(row, {Royalty.objects.get(number=agrees.number).pk: Decimal(40)})
    load(row, f"Our number,Amount\n{agrees.number},38.00\n")
    line = row.statement.select_related("royalty", "list").get(outcome="matched")
    assert settle(line, "pay") and Royalty.objects.get(number=agrees.number).paid == 38


def test_without_our_number_it_is_known_by_title_and_day_each_once(three):
    row, _rows, _later = three
    day = f.NOW.date().isoformat()
    counts = load(row, f"ISSN,Date of use,Amount\n1234-5679,{day},20.00\n12345679,03/02/2026,38\n1234-5679,{day},11\n"
                       f"1234-5679,{day},11\n1234-5679,2026-01-01,11\n")
    assert counts == {"matched": 3, "duplicate": 1, "extra": 1}


def test_loaded_again_it_takes_the_place_of_what_nobody_spoke_on(three):
    row, (agrees, *_rest), _later = three
    text = f"Our number,Amount\n{agrees.number},38.00\n"
    load(row, text)
    settle(row.statement.select_related("royalty").get(outcome="matched"), "pay")
    load(row, text)
    assert row.statement.filter(outcome="matched").count() == 1 and row.statement.count() == 3


def test_what_was_left_as_missing_is_shown_when_they_charge_it_after_all(three):
    row, (agrees, differs, missing), _later = three
    text = f"Our number,Amount\n{agrees.number},38.00\n{differs.number},20.00\n"
    load(row, text)
    settle(row.statement.select_related("royalty").get(outcome="missing"), "noted")
    assert load(row, text) == {"matched": 2}, "it is not asked again"
    assert load(row, f"{text}{missing.number},12.00\n") == {"matched": 2, "differs": 1}
    line = row.statement.select_related("royalty").get(outcome="differs")
    assert (line.royalty.number, line.amount) == (missing.number, 12)
    assert settle(line, "pay") and Royalty.objects.get(number=missing.number).paid == 12
    assert load(row, f"{text}{missing.number},13.00\n") == {"matched": 2}


@pytest.mark.parametrize(("head", "amount"), [
    ("Amount", "EUR 38.00"), ("Amount", "38.00€"), ("Amount,Currency", "38.00,eur"), ("Currency,Amount", "€,38.00"),
])
def test_another_currency_is_another_amount(three, year, head, amount):
    row, (agrees, *_rest), _later = three
    assert load(row, f"Our number,{head}\n{agrees.number},{amount}\n") == {"differs": 1, "missing": 2}
    line = row.statement.select_related("royalty").get(outcome="differs")
    assert line.currency == "EUR"
    with pytest.raises(NotAllowed):
        settle(line, "pay")  # 38 euros are not 38 dollars
    assert settle(line, "ours") and Royalty.objects.get(number=agrees.number).paid == 38


@pytest.mark.parametrize(("head", "amount"), [
    ("Amount", "USD 38.00"), ("Amount", "$38.00"), ("Currency,Amount", "USD,38"),
])
def test_our_currency_agrees(three, head, amount):
    row, (agrees, *_rest), _later = three
    assert load(row, f"Our number,{head}\n{agrees.number},{amount}\n") == {"matched": 1, "missing": 2}


def test_two_who_load_at_once_do_not_make_two(three):
    row, (agrees, *_rest), _later = three
    text = f"Our number,Amount\n{agrees.number},38.00\n"
    load(row, text, seen=0)
    with pytest.raises(Stale, match="meanwhile"):
        load(row, text, seen=0)
    assert row.statement.count() == 3


@pytest.mark.parametrize(("text", "words"), [
    ("", "empty"), ("a,b\n1,2\n", "must name"), ("Our number,Amount\nB-1,much\n", "Line 2: “much”"),
    ("Our number,Amount,Currency\nB-1,7.00,dollars\n", "Line 2: “DOLLARS” is not a currency"),
])
def test_a_statement_that_cannot_be_read_changes_nothing(three, text, words):
    row, _rows, _later = three
    with pytest.raises(BadAnswer, match=words):
        load(row, text)
    assert not row.statement.exists()
