"""Runs: what was shipped becomes drafts, once; lines are verified; a second person approves; then there is a number."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from billing.invoices import actions, billable, sending
from billing.invoices.models import Invoice, InvoiceLine
from billing.ledger import queries as books
from billing.ledger.actions import Where
from billing.models import Booked, Entry, Series
from illdesk.errors import BadAnswer, NotAllowed, Stale
from illdesk.models import Event, OutboxMessage
from tests import factories as f
from tests.billing.invoices import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def first():
    return f.staff("lending staff")


@pytest.fixture
def second():
    return f.staff("coordinator")


def test_what_was_shipped_becomes_a_draft_for_each_library(first):
    cast.agreed()
    oak = f.library("OAK", name="Oak Public Library")
    loans = [cast.shipped(), cast.shipped(oak), cast.shipped(oak)]
    f.ill("lending.finished", service="copy", partner=oak)
    f.ill("lending.searching", partner=oak)
    planned = billable.plan(*cast.MARCH)
    assert {one.outcome for one in planned} == {"invoice"} and len(planned) == 4 and not Invoice.objects.exists()
    drafts = cast.run(first)
    found = [(row.library.symbol, row.lines.count(), row.number) for row in drafts]
    assert found == [("HIL", 1, None), ("OAK", 3, None)]
    line = InvoiceLine.objects.get(ill=loans[0])
    assert (line.amount, line.words, line.day) == (
        Decimal("15.00"), [["Flat rate, agreement of 1 Jul 2025", "15.00"]], date(2026, 3, 2))
    assert not Entry.objects.exists() and not Series.objects.exists(), "a draft stands in no book and has no number"


def test_run_again_it_takes_only_what_came_since(first):
    cast.agreed()
    cast.shipped()
    [draft] = cast.run(first)
    assert [row.pk for row in cast.run(first)] == [draft.pk] and draft.lines.count() == 1
    cast.shipped()
    cast.run(first)
    assert draft.lines.count() == 2
    actions.run(date(2026, 2, 1), date(2026, 3, 31), actor=first, now=cast.APRIL)
    assert InvoiceLine.objects.count() == 2, "nor does a run of other days bill it again"


def test_what_costs_nothing_or_is_paid_elsewhere_stands_on_no_invoice(first):
    cast.agreed("HIL", library=f.library(), reciprocal=True, threshold=1)
    ifm = f.library("OAK", name="Oak Public Library")
    cast.agreed("OAK", library=ifm, pay_way="ifm")
    cast.shipped()
    cast.shipped()
    cast.shipped(ifm)
    cast.shipped(f.library("ELM", name="Elm"))
    outcomes = sorted((one.ill.partner.symbol, one.outcome) for one in billable.plan(*cast.MARCH))
    assert outcomes == [("ELM", "unknown"), ("HIL", "free"), ("HIL", "invoice"), ("OAK", "elsewhere")]
    [draft] = cast.run(first)
    assert draft.library.symbol == "HIL" and draft.lines.count() == 1
    assert sorted(InvoiceLine.objects.values_list("state", flat=True)) == ["elsewhere", "free", "open"]
    cast.agreed("Elm")  # now there is one: the run finds what it left
    assert {row.library.symbol for row in cast.run(first)} == {"HIL", "ELM"}


@pytest.mark.parametrize("begins, ends", [
    (date(2026, 4, 1), date(2026, 4, 2)), (date(2026, 3, 31), date(2026, 3, 1)), (date(2020, 1, 1), date(2026, 1, 1)),
])
def test_a_period_that_is_none_is_refused(first, begins, ends):
    with pytest.raises(BadAnswer):
        actions.run(begins, ends, actor=first, now=cast.APRIL)


def test_each_line_is_answered_before_a_second_person_approves(first, second):
    cast.agreed()
    kept, left, dear = cast.shipped(), cast.shipped(), cast.shipped()
    [draft] = cast.run(first)
    lines = {line.ill_id: line for line in draft.lines.all()}
    with pytest.raises(NotAllowed, match="not verified yet"):
        actions.approve(Invoice.objects.get(), seen=Invoice.objects.get().version, actor=second, now=cast.APRIL)
    assert not Series.objects.exists(), "a refusal takes no number"
    actions.verify(lines[kept.pk], actor=first, now=cast.APRIL)
    with pytest.raises(BadAnswer, match="why"):
        actions.verify(lines[dear.pk], amount=Decimal("99.00"), actor=first, now=cast.APRIL)
    actions.verify(lines[dear.pk], amount=Decimal("12.50"), why="As we wrote to them", actor=first, now=cast.APRIL)
    with pytest.raises(BadAnswer, match="left out"):
        actions.leave_out(lines[left.pk], " ", actor=first, now=cast.APRIL)
    actions.leave_out(lines[left.pk], "Wrong volume was sent", actor=first, now=cast.APRIL)
    done = cast.finish(draft, second)
    assert (done.number, done.total, done.due, done.approved_by) == (
        "IL-2026-00001", Decimal("27.50"), date(2026, 5, 2), second.user)
    assert books.balance(Where("library", done.library_id)) == Decimal("27.50") == books.balance(Where("lending"))
    rows = Booked.objects.filter(side="income", way="invoice").order_by("amount")
    assert [(row.amount, row.ill_id, row.source_kind) for row in rows] == [
        (Decimal("12.50"), dear.pk, "invoice_line"), (Decimal("15.00"), kept.pk, "invoice_line")]
    with pytest.raises(NotAllowed, match="nothing in it is edited"):
        actions.verify(lines[kept.pk], amount=Decimal(1), why="x", actor=first, now=cast.APRIL)


def test_rush_is_priced_as_agreed(first):
    cast.agreed()
    cast.shipped()
    [draft] = cast.run(first)
    line = actions.verify(draft.lines.get(), rush=True, actor=first, now=cast.APRIL)
    assert (line.amount, line.words[-1]) == (Decimal("20.00"), ["rush", "5.00"]) and line.state == "verified"
    back = actions.verify(line, rush=False, actor=first, now=cast.APRIL)
    assert back.amount == Decimal("15.00")


def test_who_made_or_verified_it_does_not_approve_it(second):
    other = f.staff("supervisor")
    cast.agreed()
    cast.shipped()
    [draft] = cast.run(second)
    actions.verify_all(draft, actor=other, now=cast.APRIL)
    for who, why in ((second, "You entered this"), (other, "You entered this"), (f.staff("lending staff"), "may not")):
        with pytest.raises(NotAllowed, match=why):
            cast.finish(draft, who)
    assert Invoice.objects.get().state == Invoice.DRAFT and not Series.objects.exists()
    assert Event.objects.filter(name="approval.refused").count() == 3, "what is refused is recorded"
    third = f.staff("supervisor")
    assert cast.finish(draft, third).number == "IL-2026-00001"


def test_a_draft_that_changed_meanwhile_is_looked_at_again(first, second):
    cast.agreed()
    cast.shipped()
    [draft] = cast.run(first)
    actions.verify_all(draft, actor=first, now=cast.APRIL)
    seen = Invoice.objects.get().version
    actions.verify(draft.lines.get(), amount=Decimal("999.00"), why="A slip", actor=first, now=cast.APRIL)
    with pytest.raises(Stale, match="changed this draft"):
        actions.approve(Invoice.objects.get(), seen=seen, actor=second, now=cast.APRIL)


def test_it_goes_to_the_billing_contact_once_with_its_files(first, second):
    from requests_app.models import Contact

    Contact.objects.create(library=f.library(), kind="billing", name="Hugo", email="bills@hill.example")
    done = cast.bill(first=first, second=second)
    letter = OutboxMessage.objects.get(what="library_invoice")
    assert letter.recipient == "bills@hill.example" and len(letter.payload["files"]) == 2
    assert "IL-2026-00001" in letter.payload["subject"] and "USD 30.00" in letter.payload["body"]
    sending.send(done, actor=second, now=cast.APRIL)
    assert OutboxMessage.objects.filter(what="library_invoice").count() == 1 and done.how == "mail"


def test_a_library_without_mail_gets_it_on_paper(first, second):
    done = cast.bill(library=f.library("OAK", name="Oak", email=""), first=first, second=second)
    assert (done.state, done.how) == (Invoice.SENT, "paper") and not OutboxMessage.objects.filter(
        what="library_invoice").exists()


def test_interrupted_before_the_letter_the_clock_sends_it(first, second):
    from billing.invoices import reminders

    line = actions.add_line(f.library(), kind="other", amount=Decimal(9), why="x", key="x", actor=first, now=cast.APRIL)
    actions.verify(line, actor=first, now=cast.APRIL)
    draft = Invoice.objects.get()
    actions.approve(draft, seen=draft.version, actor=second, now=cast.APRIL)
    later = cast.APRIL.replace(hour=16)
    assert reminders.send_left(now=later) == (1, 0) and reminders.send_left(now=later) == (0, 0)
    assert OutboxMessage.objects.filter(what="library_invoice").count() == 1


def test_a_discarded_draft_gives_its_requests_back(first):
    cast.agreed()
    cast.shipped()
    [draft] = cast.run(first)
    actions.discard(draft, "Wrong agreement", actor=first, now=cast.APRIL)
    with pytest.raises(NotAllowed, match="no draft"):
        actions.discard(draft, "Again", actor=first, now=cast.APRIL)
    [again] = cast.run(first)
    assert again.pk != draft.pk and again.lines.count() == 1


def test_an_invoice_in_euros_needs_the_rate_of_its_day(first, second):
    with pytest.raises(BadAnswer, match="No rate of EUR"):
        cast.bill("20.00", currency="EUR", first=first, second=second)
    assert not Series.objects.exists()
    cast.rate()
    done = cast.finish(Invoice.objects.get(), second)
    assert (done.total, done.own, done.number) == (Decimal("20.00"), Decimal("22.00"), "IL-2026-00001")
    entry = Entry.objects.get()
    assert (entry.amount, entry.foreign, entry.foreign_currency) == (Decimal("22.00"), Decimal("20.00"), "EUR")


def _at_once(*steps):
    failed, done = [], []

    def go(step):
        try:
            done.append(step())
        except BaseException as failure:
            failed.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[step]) for step in steps]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    return done, failed


@pytest.mark.django_db(transaction=True)
def test_two_runs_of_one_month_bill_each_request_once():
    people = [f.staff("coordinator"), f.staff("supervisor")]
    cast.agreed()
    ills = [cast.shipped() for _place in range(3)]
    _done, failed = _at_once(*(lambda who=who: actions.run(*cast.MARCH, actor=who, now=cast.APRIL) for who in people))
    assert failed == [] and Invoice.objects.count() == 1
    assert sorted(InvoiceLine.objects.values_list("ill", flat=True)) == sorted(ill.pk for ill in ills)


@pytest.mark.django_db(transaction=True)
def test_two_approvals_of_one_draft_draw_one_number():
    first, people = f.staff("lending staff"), [f.staff("coordinator"), f.staff("supervisor")]
    cast.agreed()
    cast.shipped()
    [draft] = cast.run(first)
    actions.verify_all(draft, actor=first, now=cast.APRIL)
    draft = Invoice.objects.get()
    done, failed = _at_once(*(
        lambda who=who: actions.approve(draft, seen=draft.version, actor=who, now=cast.APRIL) for who in people))
    assert len(done) == 1 and [type(failure) for failure in failed] == [Stale]
    assert Series.objects.get().last == 1 and Entry.objects.count() == 1
