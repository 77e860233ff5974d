"""From the paper to the books: answers, two persons, sent back, paid; each once, and never by halves."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from billing.approval.models import Delegation
from billing.batches.payable import KINDS
from billing.costs.models import Booked, CostPolicy, Rate
from billing.ledger import queries as books
from billing.ledger.actions import Where
from billing.ledger.models import Entry
from billing.payables import actions, queries
from billing.payables.models import PayableInvoice, PayableLine
from illdesk.errors import BadAnswer, NotAllowed, Stale
from illdesk.models import Event, OutboxMessage
from tests import factories as f
from tests.billing.payables.cast import DAY, Cast, line


def payable(cast) -> Decimal:
    return books.balance(Where("payable", cast.delta.pk))


def trial_is_zero() -> bool:
    rows = books.trial()
    return sum(one.debited for one in rows) == sum(one.credited for one in rows)


def test_entered_answered_approved_and_paid(cast):
    ill = cast.ill()
    invoice = cast.approved(line("15.00", ill.number), line("4.00", title="Postage"))
    assert (invoice.state, payable(cast), trial_is_zero()) == ("approved", Decimal("19.00"), True)
    waiting, = KINDS["payable"].waiting()
    assert (waiting.amount, waiting.payee, waiting.number) == (Decimal("19.00"), "Delta Bay University", "88213")
    assert [(part.fund, part.amount, part.number) for part in waiting.parts] == [
        ("ILL-B", Decimal("15.00"), ill.number), ("ILL-B", Decimal("4.00"), "")]
    assert "Peat" not in str(waiting) and "peat" not in str(waiting), "no title crosses to the budget office"
    parts = [part.key for part in waiting.parts]
    for _turn in range(2):  # told twice, paid once
        KINDS["payable"].paid(invoice.pk, parts, date(2026, 4, 1), "W-77", cast.chen, f.later(days=30))
    invoice.refresh_from_db()
    assert (invoice.state, payable(cast), books.balance(Where("bank"))) == ("paid", 0, Decimal("-19.00"))
    assert KINDS["payable"].waiting() == [] and KINDS["payable"].read([invoice.pk])[invoice.pk].amount == 19
    assert trial_is_zero() and {row.reference for row in invoice.lines.all()} == {"W-77"}


def test_said_twice_it_is_one_invoice(cast):
    assert cast.invoice(line(), key="form") == cast.invoice(line(), key="form")
    assert PayableInvoice.objects.count() == PayableLine.objects.count() == 1


def test_approval_waits_until_every_line_has_its_answer_and_the_total_is_right(cast):
    ill = cast.ill()
    invoice = cast.invoice(line("18.00", ill.number), line(title="?"), total=Decimal("40.00"))
    with pytest.raises(NotAllowed, match=r"2 lines need an answer.*come to USD 33.00, the invoice says USD 40.00"):
        actions.ask(invoice, actor=cast.clerk, now=f.NOW)
    for row in invoice.lines.order_by("place"):
        with pytest.raises(BadAnswer, match="Say"):
            (actions.accept if row.ill_id else actions.general)(row, " ", actor=cast.clerk, now=f.NOW)
        (actions.accept if row.ill_id else actions.general)(row, "rush", actor=cast.clerk, now=f.NOW)
    with pytest.raises(NotAllowed, match="come to"):
        actions.ask(invoice, actor=cast.clerk, now=f.NOW)
    invoice.refresh_from_db()
    assert invoice.state == "entered"


def test_the_one_who_entered_it_cannot_approve_it_and_a_deputy_can(cast):
    """Card 46: refused, recorded, and whoever can is named."""
    invoice = actions.enter(cast.head("15.00"), [line(number=cast.ill().number)], key="k", actor=cast.chen, now=f.NOW)
    actions.ask(invoice, actor=cast.chen, now=f.NOW)
    with pytest.raises(NotAllowed, match=r"You entered this: somebody else approves it\."):
        actions.approve(invoice, actor=cast.chen, now=f.NOW)
    assert Event.objects.filter(name="approval.refused", subject_id=invoice.pk).count() == 1 and payable(cast) == 0
    ortiz = f.staff("supervisor", first_name="L.", last_name="Ortiz")
    with pytest.raises(NotAllowed, match=r"L\. Ortiz"):
        actions.approve(invoice, actor=cast.chen, now=f.NOW)
    today = timezone.localtime(f.NOW).date()
    Delegation.objects.create(of=ortiz.user, to=cast.clerk.user, right="approve_payables", begins=today, ends=today,
                              made=f.NOW, made_by=ortiz.user)
    assert actions.approve(invoice, actor=cast.clerk, now=f.NOW).state == "approved"
    with pytest.raises(NotAllowed, match=r"approved it on .+ at \d\d:\d\d\."):
        actions.approve(invoice, actor=ortiz, now=f.NOW)
    assert Booked.objects.count() == 1


def test_who_answered_a_line_does_not_approve_the_invoice(cast):
    invoice = cast.invoice(line("18.00", cast.ill().number))
    actions.accept(invoice.lines.get(), "rush", actor=cast.chen, now=f.NOW)
    actions.ask(invoice, actor=cast.clerk, now=f.NOW)
    with pytest.raises(NotAllowed, match="You entered this"):
        actions.approve(invoice, actor=cast.chen, now=f.NOW)


def test_a_page_that_is_old_approves_nothing(cast):
    invoice = cast.invoice(line(number=cast.ill().number))
    asked = actions.ask(invoice, actor=cast.clerk, now=f.NOW)
    seen = asked.version
    actions.take_back(invoice, actor=cast.clerk, now=f.NOW)
    actions.ask(invoice, actor=cast.clerk, now=f.NOW)
    with pytest.raises(Stale):
        actions.approve(invoice, actor=cast.chen, now=f.NOW, seen=seen)
    assert payable(cast) == 0 and Booked.objects.count() == 0


def test_what_is_disputed_is_not_paid_and_a_credit_closes_it(cast):
    ill = cast.ill()
    invoice = cast.invoice(line("18.00", ill.number), line("5.00", cast.ill(cost="5.00").number))
    row = invoice.lines.get(place=1)
    actions.dispute(invoice, {row.pk: Decimal("15.00")}, to="bill@delta.example", subject="Your invoice", body="3.00?",
                    actor=cast.clerk, now=f.NOW, key="form1")
    assert OutboxMessage.objects.get(recipient="bill@delta.example").payload["body"] == "3.00?"
    with pytest.raises(NotAllowed, match="booked or disputed already"):
        actions.dispute(invoice, {row.pk: Decimal(0)}, to="x@y.example", subject="s", body="b", actor=cast.clerk,
                        now=f.NOW, key="form2")
    cast.approve(invoice)
    assert payable(cast) == Decimal("20.00")
    row.refresh_from_db()
    with pytest.raises(BadAnswer, match=r"At most .* 3.00"):
        actions.settle_dispute(row, Decimal("3.01"), "credit note 5", actor=cast.clerk, now=f.NOW)
    actions.settle_dispute(row, Decimal("3.00"), "credit note 5", actor=cast.clerk, now=f.NOW)
    row.refresh_from_db()
    assert (row.dispute, row.credited, payable(cast)) == ("ended", Decimal("3.00"), Decimal("20.00"))
    with pytest.raises(NotAllowed, match="settled already"):
        actions.settle_dispute(row, Decimal(0), "again", actor=cast.clerk, now=f.NOW)


def test_a_dispute_that_we_lose_is_owed_in_a_part_that_is_approved_as_any_other(cast):
    invoice = cast.invoice(line("18.00", cast.ill().number))
    row = invoice.lines.get()
    actions.dispute(invoice, {row.pk: Decimal("15.00")}, to="", subject="", body="", actor=cast.clerk, now=f.NOW,
                    key="d")
    cast.approve(invoice)
    row.refresh_from_db()
    actions.settle_dispute(row, Decimal("1.00"), "rush was asked for", actor=cast.clerk, now=f.NOW)
    part = PayableInvoice.objects.get(part_of=invoice)
    assert (part.total, part.state, payable(cast)) == (Decimal("2.00"), "entered", Decimal("15.00"))
    cast.approve(part)
    assert payable(cast) == Decimal("17.00") and trial_is_zero()


def test_all_of_it_disputed_nothing_is_approved(cast):
    invoice = cast.invoice(line(title="?"))
    actions.dispute(invoice, {invoice.lines.get().pk: Decimal(0)}, to="", subject="", body="", actor=cast.clerk,
                    now=f.NOW, key="d")
    with pytest.raises(NotAllowed, match="Nothing of this invoice is to be paid"):
        actions.ask(invoice, actor=cast.clerk, now=f.NOW)
    actions.settle_dispute(invoice.lines.get(), Decimal("15.00"), "withdrawn", actor=cast.clerk, now=f.NOW)
    with pytest.raises(NotAllowed, match="owed any more: refuse it"):
        actions.ask(invoice, actor=cast.clerk, now=f.NOW)


def test_sent_back_the_line_leaves_and_the_rest_stays_approved(cast):
    """Card 47."""
    invoice = cast.approved(line("15.00", cast.ill().number), line("5.00", cast.ill(cost="5.00").number))
    first, second = invoice.lines.order_by("place")
    KINDS["payable"].back(invoice.pk, [str(second.pk)], "wrong fund", f.staff("budget"), f.NOW)
    part = PayableInvoice.objects.get(part_of=invoice)
    invoice.refresh_from_db()
    assert (invoice.state, invoice.total, part.state, part.total, part.why) == (
        "approved", Decimal("15.00"), "back", Decimal("5.00"), "wrong fund")
    assert part.entered == invoice.entered, "a part was entered when the whole was"
    assert payable(cast) == Decimal("15.00") and trial_is_zero()
    assert [one.amount for one in KINDS["payable"].waiting()] == [Decimal("15.00")]
    second = part.lines.get()
    assert second.booked is None
    actions.change_line(second, fund=cast.other_fund, actor=cast.clerk, now=f.NOW)
    with pytest.raises(NotAllowed, match="You may not approve"):
        actions.ask(part, actor=cast.clerk, now=f.NOW)
        actions.approve(part, actor=f.staff("borrowing staff"), now=f.NOW)
    actions.approve(part, actor=cast.chen, now=f.NOW)
    assert payable(cast) == Decimal("20.00")
    assert books.balance(Where("borrowing", cast.other_fund.pk)) == Decimal("5.00")
    assert books.balance(Where("borrowing", cast.fund.pk)) == Decimal("15.00")
    for one in KINDS["payable"].waiting():
        KINDS["payable"].paid(one.pk, [part.key for part in one.parts], DAY, "r", cast.chen, f.NOW)
    assert payable(cast) == 0 and trial_is_zero()
    assert Booked.objects.count() == 4, "what was wrong stands with what undid it"


def test_all_of_it_sent_back_is_the_invoice_itself(cast):
    invoice = cast.approved(line(number=cast.ill().number))
    key = str(invoice.lines.get().pk)
    KINDS["payable"].back(invoice.pk, [key], "not ours", f.staff("budget"), f.NOW)
    invoice.refresh_from_db()
    assert (invoice.state, payable(cast), KINDS["payable"].waiting()) == ("back", 0, [])
    with pytest.raises(NotAllowed, match="not approved"):
        KINDS["payable"].paid(invoice.pk, [key], DAY, "r", cast.chen, f.NOW)
    cast.approve(invoice)
    assert payable(cast) == Decimal("15.00")


def test_foreign_money_is_booked_at_the_rate_of_its_date_and_the_difference_when_paid(cast):
    Rate.objects.create(currency="EUR", on=DAY, rate=Decimal("1.10"))
    invoice = cast.invoice(line("20.00", cast.ill(cost="20.00", currency="EUR").number), currency="EUR")
    cast.approve(invoice)
    assert payable(cast) == Decimal("22.00")
    waiting, = KINDS["payable"].waiting()
    assert (waiting.amount, waiting.foreign, waiting.currency) == (Decimal("22.00"), Decimal("20.00"), "EUR")
    Rate.objects.create(currency="EUR", on=DAY + timedelta(days=20), rate=Decimal("1.15"))
    KINDS["payable"].paid(invoice.pk, [waiting.parts[0].key], DAY + timedelta(days=30), "r", cast.chen,
                           f.later(days=40))
    assert (payable(cast), books.balance(Where("bank")), books.balance(Where("exchange"))) == (
        0, Decimal("-23.00"), Decimal("1.00"))
    assert trial_is_zero()


def test_without_a_rate_or_a_fund_nothing_is_booked_by_halves(cast):
    invoice = cast.invoice(line("5.00", title="a"), line("6.00", title="b"), currency="EUR")
    for row in invoice.lines.all():
        actions.general(row, "postage", actor=cast.clerk, now=f.NOW)
    with pytest.raises(BadAnswer, match="No rate of EUR"):
        cast.approve(invoice)
    Rate.objects.create(currency="EUR", on=DAY, rate=Decimal("1.10"))
    CostPolicy.objects.all().delete()
    with pytest.raises(BadAnswer, match="Choose a fund"):
        actions.approve(invoice, actor=cast.chen, now=f.NOW)
    invoice.refresh_from_db()
    assert invoice.state == "asked" and Booked.objects.count() == Entry.objects.count() == 0


@pytest.mark.parametrize("again", ["number", "amount", "lines"])
def test_an_invoice_that_came_before_is_told_and_never_dropped(cast, again):
    ills = [cast.ill(cost=None).number for _turn in range(2)]
    cast.invoice(line("10.00", ills[0]), line("5.00", ills[1]), number="INV 0088213", key="first")
    typed, number, dated = {
        "number": ([line("1.00", title="x")], "inv-88213", DAY - timedelta(days=31)),
        "amount": ([line("15.00", title="x")], "other", DAY),
        "lines": ([line("5.00", ills[1].lower()), line("10.00", ills[0])], "other", DAY - timedelta(days=31)),
    }[again]
    second = cast.invoice(*typed, number=number, dated=dated, key="second")
    (twin, why), = queries.twins(second)
    assert again in why and twin.number == "INV 0088213"
    for row in second.lines.all():
        if row.needs_answer:
            (actions.accept if row.ill_id else actions.general)(row, "y", actor=cast.clerk, now=f.NOW)
    with pytest.raises(NotAllowed, match="looks like invoice INV 0088213"):
        actions.ask(second, actor=cast.clerk, now=f.NOW)
    actions.say_no_twin(second, "another month", actor=cast.clerk, now=f.NOW)
    assert actions.ask(second, actor=cast.clerk, now=f.NOW).state == "asked"


def test_answers_stay_when_the_paper_is_keyed_in_anew_and_the_line_is_the_same(cast):
    ill = cast.ill()
    invoice = cast.invoice(line("18.00", ill.number), line("2.00", title="x"))
    actions.accept(invoice.lines.get(place=1), "rush", actor=cast.clerk, now=f.NOW)
    invoice.refresh_from_db()
    head = cast.head("23.00")
    actions.change(invoice, head, [line("18.00", ill.number), line("5.00", title="x")], seen=invoice.version,
                   actor=cast.clerk, now=f.NOW)
    assert list(invoice.lines.order_by("place").values_list("amount", "answer")) == [
        (Decimal("18.00"), "accepted"), (Decimal("5.00"), "")]
    with pytest.raises(Stale):
        actions.change(invoice, head, [line()], seen=invoice.version, actor=cast.clerk, now=f.NOW)


def test_refused_it_is_no_twin_any_more_and_can_be_opened_again(cast):
    invoice = cast.invoice(line(title="x"))
    with pytest.raises(BadAnswer):
        actions.reject(invoice, "", actor=cast.clerk, now=f.NOW)
    actions.reject(invoice, "a reminder of 87950", actor=cast.clerk, now=f.NOW)
    assert queries.twins(cast.invoice(line(title="y"), key="b")) == []
    assert actions.reopen(invoice, actor=cast.clerk, now=f.NOW).state == "entered"


@pytest.mark.parametrize("role", ["lending staff", "budget", "student", "patron"])
def test_others_enter_and_answer_nothing(cast, role):
    stranger = f.staff(role)
    invoice = cast.invoice(line(title="x"))
    with pytest.raises(NotAllowed):
        actions.enter(cast.head("1"), [line("1")], key="z", actor=stranger, now=f.NOW)
    with pytest.raises(NotAllowed):
        actions.general(invoice.lines.get(), "x", actor=stranger, now=f.NOW)
    with pytest.raises(NotAllowed):
        actions.approve(invoice, actor=stranger, now=f.NOW)


def at_once(*doings):
    said: list = []

    def go(doing):
        try:
            said.append(doing())
        except Exception as failure:
            said.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[doing]) for doing in doings]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    return said


@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_once_book_it_once():
    cast = Cast()
    ortiz = f.staff("supervisor")
    invoice = actions.ask(cast.invoice(line(number=cast.ill().number)), actor=cast.clerk, now=f.NOW)
    said = at_once(*[lambda who=who: actions.approve(invoice, actor=who, now=f.NOW) for who in (cast.chen, ortiz)] * 2)
    assert len(said) == 4 and sum(isinstance(one, PayableInvoice) for one in said) == 1
    assert all(isinstance(one, (NotAllowed, Stale, PayableInvoice)) for one in said)
    assert payable(cast) == Decimal("15.00") and Booked.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_approval_while_a_line_changes_is_of_what_was_seen():
    cast = Cast()
    invoice = cast.invoice(line("18.00", cast.ill().number))
    actions.accept(invoice.lines.get(), "rush", actor=cast.clerk, now=f.NOW)
    asked = actions.ask(invoice, actor=cast.clerk, now=f.NOW)

    def change():
        actions.take_back(invoice, actor=cast.clerk, now=f.NOW)
        actions.withdraw(invoice.lines.get(), actor=cast.clerk, now=f.NOW)

    at_once(change, lambda: actions.approve(invoice, actor=cast.chen, now=f.NOW, seen=asked.version))
    invoice.refresh_from_db()
    row = invoice.lines.get()
    if invoice.state == "approved":
        assert row.answer == "accepted" and payable(cast) == Decimal("18.00")
    else:
        assert row.booked is None and payable(cast) == 0
