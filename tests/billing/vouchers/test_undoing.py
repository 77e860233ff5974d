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


def change_of(clerk, key="k") -> VoucherChange:  # noqa: F811
    change = actions.spend(f.library(), Decimal("12.00"), wholes=2, halves=0, **done(clerk, key))
    assert change is not None
    return change


def test_change_that_came_goes_back_and_the_lender_owes_it_again(clerk):  # noqa: F811
    buy(clerk)
    change = change_of(clerk)
    before = money(), books.balance(Where("payable", change.library_id))
    actions.settle_change(change, VoucherChange.RECEIVED, actor=clerk, now=cast.APRIL)
    assert counts() == (0, 1) and books.balance(Where("payable", change.library_id)) == 0
    undo(clerk, why="It was another library's")
    undo(clerk, VoucherMovement.objects.get(what="change"))
    change.refresh_from_db()
    assert counts() == (0, 0) and change.state == VoucherChange.NOTED and change.settled is None
    assert (money(), books.balance(Where("payable", change.library_id))) == before
    assert VoucherMovement.objects.get(what="back").note == "It was another library's"


def test_change_comes_again_after_it_was_undone_and_is_undone_again(clerk):  # noqa: F811
    buy(clerk)
    change = change_of(clerk)
    for time in range(1, 4):
        actions.settle_change(change, VoucherChange.RECEIVED, actor=clerk, now=cast.APRIL)
        assert counts() == (0, 1) and books.balance(Where("payable", change.library_id)) == 0
        undoing.undo_change(VoucherChange.objects.get(), "Again", actor=clerk, now=cast.APRIL)
        assert counts() == (0, 0) and VoucherChange.objects.get().undone == time
    undo(clerk, VoucherMovement.objects.filter(what="spent")[0])
    assert counts() == (2, 0) and not VoucherChange.objects.exists()


def test_change_that_was_spent_since_stays(clerk):  # noqa: F811
    buy(clerk)
    change = change_of(clerk)
    actions.settle_change(change, VoucherChange.RECEIVED, actor=clerk, now=cast.APRIL)
    actions.spend(f.library(), Decimal("4.00"), wholes=0, halves=1, **done(clerk, "second"))
    with pytest.raises(NotAllowed):
        undo(clerk, VoucherMovement.objects.get(what="change"))
    change.refresh_from_db()
    assert counts() == (0, 0) and change.state == VoucherChange.RECEIVED and change.undone == 0


def test_credit_used_for_another_request_by_mistake_is_open_again(clerk):  # noqa: F811
    buy(clerk)
    change = change_of(clerk)
    actions.settle_change(change, VoucherChange.USED, actor=clerk, now=cast.APRIL)
    cost = Booked.objects.get(key=f"change_used:{change.pk}")
    used = VoucherChange.objects.get()
    with pytest.raises(BadAnswer, match="why"):
        undoing.undo_change(used, " ", actor=clerk, now=cast.APRIL)
    undoing.undo_change(used, "It came as a voucher", actor=clerk, now=cast.APRIL)
    with pytest.raises(NotAllowed):
        undoing.undo_change(used, "Twice", actor=clerk, now=cast.APRIL)
    cost.refresh_from_db()
    assert VoucherChange.objects.get().note == "It came as a voucher"
    assert cost.undone_by is not None and books.balance(Where("payable", change.library_id)) == -cost.amount
    actions.settle_change(change, VoucherChange.RECEIVED, actor=clerk, now=cast.APRIL)
    assert counts() == (0, 1) and books.balance(Where("payable", change.library_id)) == 0


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


def test_settled_credit_is_opened_again_on_the_page(client, clerk):  # noqa: F811
    buy(clerk)
    change = change_of(clerk)
    client.force_login(clerk.user)
    page = f"/billing/vouchers/changes/{change.pk}/undo/"
    assert page not in client.get("/billing/vouchers/").content.decode()
    client.post(f"/billing/vouchers/changes/{change.pk}/received/")
    assert page in client.get("/billing/vouchers/").content.decode()
    refused = client.post(page, {"why": ""})
    assert refused.status_code == 422 and change.library.symbol in refused.content.decode()
    client.post(page, {"why": "Another drawer"})
    said = client.get("/billing/vouchers/").content.decode()
    assert counts() == (0, 0) and page not in said and "Another drawer" in said
    again = client.post(page, {"why": "Typed with care"})
    assert again.status_code == 422 and "Typed with care" in again.content.decode()
    client.force_login(f.user("borrowing staff"))
    assert client.get(page).status_code == 403
