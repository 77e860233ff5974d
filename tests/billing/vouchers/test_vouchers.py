"""Vouchers: in stock both ways, never spent twice, counted, and always what the books say."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum

from billing.invoices import payments
from billing.invoices.models import Invoice
from billing.invoices.payments import Received
from billing.ledger import queries as books
from billing.ledger.actions import Where
from billing.models import Booked, CostPolicy, Fund, VoucherHolder, VoucherMovement, VoucherStock, VoucherTerms
from billing.vouchers import actions, stock
from billing.vouchers.models import HALF, WHOLE
from billing.vouchers.stock import NotEnough
from illdesk.errors import BadAnswer, NotAllowed
from tests import factories as f
from tests.billing.invoices import cast

pytestmark = pytest.mark.django_db
DAY = date(2026, 4, 2)


@pytest.fixture
def clerk():
    cast.rate(worth="1.00")
    CostPolicy.objects.create(pk=1, borrowing_fund=Fund.objects.create(code="ILL-B", name="Borrowing"))
    return f.staff("lending staff")


def done(actor, key="k", **more) -> dict:
    return {"day": DAY, "key": key, "actor": actor, "now": cast.APRIL} | more


def buy(actor, wholes=2, halves=0, key="bought"):
    return actions.buy(wholes, halves, **done(actor, key))


def counts() -> tuple[int, int]:
    """In stock; the books hold what the stock stands for, the holders what the stock has, the movements their sum."""
    found = {row.kind: row for row in VoucherStock.objects.all()}
    assert books.balance(Where("vouchers")) == sum((row.book for row in found.values()), Decimal(0))
    for kind, row in found.items():
        assert row.count == VoucherMovement.objects.filter(kind=kind).aggregate(n=Sum("quantity"))["n"]
        assert row.count == sum(one.count for holder in VoucherHolder.objects.all()
                                for one in holder.holdings.filter(kind=kind))
    return tuple(found[kind].count if kind in found else 0 for kind in (WHOLE, HALF))


def test_bought_with_the_fee_of_the_scheme(clerk):
    assert buy(clerk, 10, 5) == Decimal("25.00"), "EUR 21 and 4 % of EUR 100"
    assert counts() == (10, 5) and buy(clerk, 10, 5) == Decimal("25.00") and counts() == (10, 5)
    assert books.balance(Where("bank")) == Decimal("-125.00") and books.balance(Where("vouchers_used")) == 25


def test_what_they_are_worth_has_a_day(clerk):
    VoucherTerms.objects.create(begins=date(2026, 6, 1), whole=Decimal(9), half=Decimal("4.50"), fee=Decimal(30))
    assert stock.face(1, 1, date(2026, 5, 31)) == Decimal("12.00")
    assert stock.face(1, 1, date(2026, 6, 1)) == Decimal("13.50")
    assert stock.fee(Decimal(100), date(2026, 6, 1)) == Decimal("34.00")


def test_spent_for_a_request_exactly(clerk):
    buy(clerk, 1, 1)
    assert actions.spend(f.library(), Decimal("12.00"), wholes=1, halves=1, **done(clerk)) is None
    assert counts() == (0, 0)
    row = Booked.objects.get()
    assert (row.side, row.way, row.amount) == ("cost", "voucher", Decimal("12.00"))
    actions.spend(f.library(), Decimal("12.00"), wholes=1, halves=1, **done(clerk))
    assert Booked.objects.count() == 1, "entered twice it is one"


@pytest.mark.parametrize("asked, wholes, halves", [("8.00", 3, 0), ("0", 1, 0), ("9.00", 1, 0), ("8.001", 2, 0)])
def test_what_cannot_be_spent_is_refused_and_nothing_moves(clerk, asked, wholes, halves):
    buy(clerk)
    with pytest.raises((NotAllowed, BadAnswer)):
        actions.spend(f.library(), Decimal(asked), wholes=wholes, halves=halves, **done(clerk))
    assert counts() == (2, 0) and not Booked.objects.exists()


def test_the_database_itself_lets_no_stock_fall_below_nothing(clerk):
    buy(clerk)
    with pytest.raises(DatabaseError), transaction.atomic():
        VoucherStock.objects.update(count=-1)


def test_vouchers_pay_an_invoice_and_come_into_stock(clerk):
    invoice = cast.bill("12.00", first=clerk, second=f.staff("coordinator"))
    row = payments.enter(
        invoice.library, Received(kind="voucher", day=DAY, wholes=2), key="p", settles=[(invoice, Decimal("12.00"))],
        actor=clerk, now=cast.APRIL)
    assert (row.amount, row.currency, row.rest, counts()) == (Decimal("16.00"), "EUR", Decimal("4.00"), (2, 0))
    assert Invoice.objects.get().open == 0 and books.balance(Where("library", invoice.library_id)) == Decimal("-4.00")
    payments.undo(row, "They were for another library", actor=clerk, now=cast.APRIL)
    assert counts() == (0, 0) and Invoice.objects.get().open == Decimal("12.00")


def test_a_payment_whose_vouchers_are_spent_cannot_be_undone(clerk):
    invoice = cast.bill("8.00", first=clerk, second=f.staff("coordinator"))
    row = payments.enter(invoice.library, Received(kind="voucher", day=DAY, wholes=1), key="p",
                         settles=[(invoice, Decimal("8.00"))], actor=clerk, now=cast.APRIL)
    actions.spend(f.library("OAK", name="Oak"), Decimal("8.00"), wholes=1, halves=0, **done(clerk))
    with pytest.raises(NotEnough):
        payments.undo(row, "x", actor=clerk, now=cast.APRIL)
    assert Invoice.objects.get().open == 0 and counts() == (0, 0)


def test_a_payment_worth_more_than_what_is_left_in_the_books_is_not_undone(clerk):
    """One came at EUR 1.30, four cheaper ones lay there; what is left of them is worth less than it came at."""
    buy(clerk, 4)
    invoice = cast.bill("8.00", first=clerk, second=f.staff("coordinator"))
    cast.rate(worth="1.30", on=date(2026, 4, 1))
    row = payments.enter(invoice.library, Received(kind="voucher", day=DAY, wholes=1), key="p",
                         settles=[(invoice, Decimal("8.00"))], actor=clerk, now=cast.APRIL)
    actions.spend(f.library("OAK", name="Oak"), Decimal("32.00"), wholes=4, halves=0, **done(clerk))
    with pytest.raises(NotEnough, match="spent or redeemed since"):
        payments.undo(row, "x", actor=clerk, now=cast.APRIL)
    assert counts() == (1, 0)


def test_vouchers_that_come_with_a_lending_request(clerk):
    ill = cast.shipped()
    actions.receive_for_request(ill, wholes=1, halves=0, **done(clerk))
    row = Booked.objects.get()
    assert (row.side, row.way, row.ill, row.amount, counts()) == ("income", "voucher", ill, Decimal("8.00"), (1, 0))


def test_redeemed_less_the_fee_and_not_for_less_than_it(clerk):
    buy(clerk, 20)
    with pytest.raises(NotAllowed, match="collect more"):
        actions.redeem(2, 0, **done(clerk, "small"))
    assert actions.redeem(10, 0, **done(clerk)) == Decimal("24.20")
    assert counts() == (10, 0)
    bank = books.balance(Where("bank"))
    assert bank == Decimal("-160.00") - Decimal("27.40") + Decimal("80.00") - Decimal("24.20")


def test_the_month_end_count_is_explained_and_booked(clerk):
    buy(clerk, 3, 2)
    drawer = stock.holder().pk
    given = {"holder": drawer, "day": DAY, "actor": clerk, "now": cast.APRIL}
    assert actions.count(HALF, 2, why="", **given).difference == 0
    with pytest.raises(BadAnswer, match="3 should be there"):
        actions.count(WHOLE, 2, why="", **given)
    assert actions.count(WHOLE, 2, why="One fell behind the drawer", **given).difference == -1
    again = actions.count(WHOLE, 2, why="", **given)
    assert again.difference == -1 and again.why == "One fell behind the drawer", "the same said again books nothing"
    assert counts() == (2, 2) and books.balance(Where("vouchers")) == Decimal("24.00")
    later = given | {"day": date(2026, 4, 1)}
    assert actions.count(WHOLE, 3, why="Found", **later).difference == 1
    assert counts() == (3, 2)


def test_lost_in_the_mail_they_are_our_cost(clerk):
    buy(clerk, 3)
    before = books.balance(Where("vouchers_used"))
    with pytest.raises(BadAnswer, match="what happened"):
        actions.lose(WHOLE, 1, holder=stock.holder().pk, note="", **done(clerk))
    actions.lose(WHOLE, 1, holder=stock.holder().pk, note="Letter to OAK never came", **done(clerk))
    actions.lose(WHOLE, 1, holder=stock.holder().pk, note="Letter to OAK never came", **done(clerk))
    assert counts() == (2, 0) and books.balance(Where("vouchers_used")) - before == Decimal("8.00")


def test_the_register_knows_who_holds_them(clerk):
    buy(clerk, 3)
    safe, drawer = VoucherHolder.objects.create(name="Safe", person=clerk.user), stock.holder()
    stock.move(WHOLE, 2, giver=drawer.pk, taker=safe.pk, **done(clerk))
    stock.move(WHOLE, 2, giver=drawer.pk, taker=safe.pk, **done(clerk))
    assert safe.holdings.get().count == 2 and counts() == (3, 0)
    with pytest.raises(NotEnough, match="does not hold"):
        stock.move(WHOLE, 2, giver=drawer.pk, taker=safe.pk, **done(clerk, "more"))
    with pytest.raises(NotEnough, match="does not hold"):
        actions.spend(f.library(), Decimal(16), wholes=2, halves=0, holder=drawer.pk, **done(clerk, "s"))
    assert counts() == (3, 0)


@pytest.mark.parametrize("asked, best", [("12.00", (1, 1)), ("8.00", (1, 0)), ("4.00", (0, 1)), ("20.00", (2, 1))])
def test_the_vouchers_that_fit_best_are_proposed(clerk, asked, best):
    buy(clerk, 3, 1)
    assert actions.enough_for(Decimal(asked), DAY) == best


def test_with_whole_ones_only_one_too_much_is_proposed(clerk):
    buy(clerk, 2)
    assert actions.enough_for(Decimal("12.00"), DAY) == (2, 0)
    with pytest.raises(NotEnough):
        actions.enough_for(Decimal("17.00"), DAY)


def test_book_value_follows_the_rates_they_came_at(clerk):
    buy(clerk, 2)
    cast.rate(worth="1.30", on=date(2026, 3, 1))
    buy(clerk, 1, key="dearer")
    assert books.balance(Where("vouchers")) == Decimal("26.40")
    actions.spend(f.library(), Decimal("8.00"), wholes=1, halves=0, **done(clerk))
    assert Booked.objects.get().amount == Decimal("8.80") and counts() == (2, 0)


@pytest.mark.django_db(transaction=True)
def test_the_last_voucher_is_spent_by_one_of_two():
    cast.rate(worth="1.00")
    CostPolicy.objects.create(pk=1, borrowing_fund=Fund.objects.create(code="ILL-B", name="Borrowing"))
    people, library, failed = [f.staff("lending staff") for _place in range(3)], f.library(), []
    buy(people[0], 1)

    def go(place):
        try:
            actions.spend(library, Decimal("8.00"), wholes=1, halves=0, **done(people[place], f"k{place}"))
        except NotAllowed as failure:
            failed.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[place]) for place in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    assert len(failed) == 2 and counts() == (0, 0) and Booked.objects.count() == 1
