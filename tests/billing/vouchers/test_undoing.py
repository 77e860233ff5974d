"""A movement of vouchers that was entered wrong is undone; a drawer is counted again."""

from decimal import Decimal

import pytest

from billing.costs.models import Booked
from billing.ledger import queries as books
from billing.ledger.actions import Where
from billing.vouchers import actions, stock, undoing
from billing.vouchers.models import VoucherChange, VoucherCount, VoucherHolder, VoucherMovement
from illdesk.errors import BadAnswer, NotAllowed
from tests import factories as f
from tests.billing.invoices import cast
from tests.billing.vouchers.test_vouchers import buy, clerk, counts, done  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db


def undo(actor, movement=None, why="Typed wrong"):
    undoing.undo(movement or VoucherMovement.objects.order_by("-pk")[0], why, actor=actor, now=cast.APRIL)


def money() -> set[Decimal]:
    return {books.balance(Where(name)) for name in ("vouchers", "vouchers_used", "bank", "exchange")}


def test_what_was_bought_goes_back_with_its_fee_once(clerk):  # noqa: F811
    buy(clerk, 2, 1)
    with pytest.raises(BadAnswer, match="why"):
        undo(clerk, why=" ")
    first = VoucherMovement.objects.order_by("pk")[0]
    undo(clerk, first)
    undo(clerk, first)
    assert counts() == (0, 0) and money() == {Decimal(0)}
    assert VoucherMovement.objects.filter(what="back", note="Typed wrong").count() == 2, "both kinds"


def test_what_was_spent_comes_back_and_nobody_owes_us_change(clerk):  # noqa: F811
    buy(clerk)
    lender = f.library()
    actions.spend(lender, Decimal("12.00"), wholes=2, halves=0, **done(clerk))
    undo(clerk)
    assert counts() == (2, 0) and not VoucherChange.objects.exists()
    assert books.balance(Where("payable", lender.pk)) == 0
    assert sum(row.amount for row in Booked.objects.all()) == 0


def test_what_is_gone_meanwhile_is_not_undone(clerk):  # noqa: F811
    buy(clerk)
    first = VoucherMovement.objects.get()
    actions.spend(f.library(), Decimal("16.00"), wholes=2, halves=0, **done(clerk))
    with pytest.raises(NotAllowed):
        undo(clerk, first)
    assert counts() == (0, 0)


def test_what_was_redeemed_lost_or_handed_over_is_undone(clerk):  # noqa: F811
    buy(clerk, 10)
    before, drawer = money(), VoucherHolder.objects.get()
    actions.redeem(4, 0, **done(clerk))
    undo(clerk)
    actions.lose("whole", 1, holder=drawer.pk, note="x", **done(clerk))
    undo(clerk)
    other = VoucherHolder.objects.create(name="Desk")
    stock.move("whole", 3, giver=drawer.pk, taker=other.pk, **done(clerk, "moved:m"))
    undo(clerk)
    assert counts() == (10, 0) and money() == before and other.holdings.get().count == 0


def test_a_count_again_books_only_what_differs_from_the_first(clerk):  # noqa: F811
    buy(clerk, 10)
    drawer = VoucherHolder.objects.get()
    more = {"holder": drawer.pk, "day": cast.TODAY, "why": "x", "actor": clerk, "now": cast.APRIL}
    actions.count("whole", 8, **more)
    row = actions.count("whole", 9, **more)
    assert counts() == (9, 0) and VoucherCount.objects.count() == 1
    assert (row.expected, row.counted, row.difference) == (10, 9, -1)
    undo(clerk)
    assert counts() == (8, 0), "only the second"
    row = actions.count("whole", 10, **more)
    assert counts() == (10, 0) and (row.expected, row.difference) == (10, 0)


def test_on_the_page_with_a_reason(client, clerk):  # noqa: F811
    buy(clerk)
    client.force_login(clerk.user)
    row = VoucherMovement.objects.get()
    page = f"/billing/vouchers/movements/{row.pk}/undo/"
    assert page in client.get("/billing/vouchers/").content.decode()
    assert client.post(page, {"why": ""}).status_code == 422
    client.post(page, {"why": "Twice"})
    said = client.get("/billing/vouchers/").content.decode()
    assert counts() == (0, 0) and page not in said and "Twice" in said
    client.force_login(f.user("borrowing staff"))
    assert client.get(page).status_code == 403
