"""Situations of SITUATIONS.md, as far as fee management is about them."""

import threading
from decimal import Decimal

import pytest
from django.db import connection

from billing.costs import queries as costs
from billing.ifm import actions, queries
from billing.ifm.models import NetworkLine
from billing.ledger import queries as ledger
from billing.ledger.actions import Where
from billing.ledger.models import Entry
from illdesk.errors import Stale
from illdesk.models import JobItem
from requests_app import references
from tests import factories as f
from tests.billing.ifm import cast as c


@pytest.mark.django_db
def test_44_a_lender_that_was_paid_by_ifm_in_march_is_found_when_its_invoice_comes_in_may():
    """By the number however it is retyped on the paper; what was charged stands there with its way and day."""
    c.books()
    ours = c.known("198765432")
    c.read(c.line("198765432"))
    c.book()
    for typed in ("ILL# 0198 765 432", "198765432.0", "OCLC:198765432"):
        found = references.find([typed])[references.plain(typed)]
        assert [row.ill for row in found] == [ours]
    charged = costs.charged([ours.pk])[ours.pk]
    assert [(row.way, row.amount, row.library) for row in charged] == [("ifm", Decimal("15.00"), ours.partner)]


@pytest.mark.django_db
def test_44_and_the_other_way_round_what_an_invoice_paid_is_not_paid_by_ifm():
    from billing.costs import actions as booking

    c.books()
    ours = c.known("198765432")
    booking.book("payable:7", booking.Booking(
        side="cost", way="invoice", what="charge", source=("payable_line", 7), day=f.NOW.date(),
        amount=Decimal("15.00"), ill=ours.pk, library=ours.partner_id), actor=f.staff(), now=f.NOW)
    c.read(c.line("198765432"))
    assert NetworkLine.objects.get().result == "twice"
    assert c.book().count == 0 and ledger.balance(Where("ifm")) == 0


@pytest.mark.django_db
def test_60_the_figures_of_a_month_made_twice_are_the_same():
    c.books()
    for number in ("1001", "1002"):
        c.known(number)
    lines = [c.line("1001"), c.line("1002"), c.line("1002", "0.26", c.FEE)]
    c.read(*lines)
    c.book()
    first = queries.months("ifm", only=c.MARCH)[0]
    c.read(*reversed(lines))
    assert c.book().count == 0
    second = queries.months("ifm", only=c.MARCH)[0]
    assert (second.net, second.count, second.booked) == (first.net, first.count, first.booked)
    assert Entry.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_who_book_a_month_at_once_book_each_line_once():
    c.books()
    for number in range(1001, 1009):
        c.known(str(number))
    c.read(*(c.line(str(number)) for number in range(1001, 1009)))
    seen, failed = actions.totals(actions.ready("ifm", c.MARCH)).seen, []
    actors = [f.staff(), f.staff(), f.staff("coordinator"), f.staff("coordinator")]

    def go(actor) -> None:
        try:
            actions.book("ifm", c.MARCH, seen=seen, actor=actor, now=c.APRIL)
        except Stale:
            pass
        except BaseException as failure:
            failed.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[actor]) for actor in actors]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    assert failed == [] and JobItem.objects.filter(words="Booked").count() == 8
    assert NetworkLine.objects.filter(state=NetworkLine.BOOKED).count() == 8
    assert ledger.balance(Where("ifm")) == Decimal("-120.00")
