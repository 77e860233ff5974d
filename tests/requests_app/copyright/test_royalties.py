"""The royalty of one copy, from the decision to the payment; and what happens when no copy comes."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from billing.budget.models import Commitment
from illdesk import actors, budgets
from illdesk.errors import BadAnswer, NotAllowed, Stale
from illdesk.models import Event
from requests_app.actions import perform
from requests_app.copyright import corrections, payment, royalties
from requests_app.models import CopyrightDecision, CopyrightUse, ILLRequest, Royalty
from tests import factories as f
from tests.requests_app.copyright.beyond import five, fund, offer, owed, paid, sixth
from tests.requests_app.copyright.stories import by_hand, ready, sent, use_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def year():
    row = fund()
    five()
    return row


def left(year) -> Decimal:
    year.refresh_from_db()
    return year.left


def test_paid_sent_filled_it_is_owed_once(year):
    ill = paid(sixth())
    row = Royalty.objects.get()
    assert (ill.state, ill.compliance, row.state) == ("borrowing.ready_to_send", "US-CCL", "agreed")
    assert (row.price, row.fund, row.fund_year, row.commitment) == (38, "ILL-R", "2025–26", f"royalty:{ill.number}:1")
    assert (row.title, row.standard_number) == ("Marine Letters", "1234-5679")
    assert left(year) == Decimal("1962.00")
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    use = use_of(ill)
    assert (use.state, use.ground, use.royalty, use.currency, use.place) == ("outside", "royalty", 38, "USD", None)
    perform(ill, "lender_sent_copy", actor=actors.partner("HIL"), now=f.later(days=1))
    row.refresh_from_db()
    assert row.state == "agreed", "sent is not here"
    perform(ill, "receive_copy", actor=f.staff(), now=f.later(days=2), file=f.stored())
    row.refresh_from_db()
    assert (row.state, row.used_on, row.use) == ("owed", f.later(days=2).date(), use)
    # A better scan of the same copy: nothing more is owed (C5).
    perform(ill, "receive_copy", actor=f.staff(), now=f.later(days=3), file=f.stored())
    perform(ill, "ask_resend", actor=f.staff(), now=f.later(days=4), problem="unreadable")
    perform(ill, "lender_sent_copy", actor=actors.partner("HIL"), now=f.later(days=5))
    row.refresh_from_db()
    assert Royalty.objects.count() == 1 and row.used_on == f.later(days=2).date()


def test_cancelled_before_it_came_it_is_released_with_its_money(year):
    ill = paid(sixth())
    perform(ill, "cancel", actor=f.staff(), now=f.later(days=1), reason="patron_wish")
    row = Royalty.objects.get()
    assert (row.state, row.released_why) == ("released", "unfilled")
    assert left(year) == Decimal("2000.00") and Commitment.objects.get().state == "released"


def test_the_lender_says_no_and_it_was_to_be_cancelled(year):
    ill = paid(sixth())
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    perform(ill, "ask_cancel", actor=f.staff(), now=f.NOW, text="Bought")
    perform(ill, "lender_unfilled", actor=actors.partner("HIL"), now=f.NOW, reason="NotHeld")
    assert ill.state == "borrowing.cancelled" and Royalty.objects.get().state == "released"
    assert left(year) == Decimal("2000.00")


def test_the_next_lender_keeps_what_was_agreed(year):
    ill = paid(sixth())
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    perform(ill, "lender_unfilled", actor=actors.partner("HIL"), now=f.NOW, reason="NotHeld")
    assert ill.state == "borrowing.sent" and ill.partner.symbol == "OAK"
    assert Royalty.objects.get().state == "agreed" and CopyrightUse.objects.filter(ill=ill).count() == 1


@pytest.mark.parametrize("way", ["document delivery", "online"])
def test_it_turns_out_to_be_ours_or_online(year, way):
    ill = paid(sixth())
    if way == "online":
        perform(ill, "give_link", actor=f.staff(), now=f.NOW, url="https://doi.org/10.5555/free")
    else:
        perform(ill, "to_documents", actor=f.staff(), now=f.NOW)
    assert Royalty.objects.get().state == "released" and left(year) == Decimal("2000.00")


def test_another_ground_after_all_frees_the_money(year):
    ill = paid(sixth())
    by_hand(ill, "US-CCL", ground="fair_use")
    assert Royalty.objects.get().state == "released" and left(year) == Decimal("2000.00")
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    assert use_of(ill).ground == "fair_use"


def test_the_ground_changed_after_sending_stands_in_the_ledger(year):
    ill = paid(sixth())
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    ill.rota.filter(state="waiting").delete()
    perform(ill, "lender_unfilled", actor=actors.partner("HIL"), now=f.NOW, reason="NotHeld")
    by_hand(ill, "US-CCL", ground="fair_use")
    perform(ill, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library("OAK")])
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    assert use_of(ill).ground == "fair_use" and Royalty.objects.get().state == "released"


def unfilled(ill) -> ILLRequest:
    """Sent to its only lender, which says no."""
    ill.rota.filter(state="waiting").exclude(library=ill.partner).delete()
    ILLRequest.objects.filter(pk=ill.pk).update(rota_left=1)
    ill.refresh_from_db()
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    perform(ill, "lender_unfilled", actor=actors.partner("HIL"), now=f.NOW, reason="NotHeld")
    assert ill.state == "borrowing.unfilled"
    return ill


def late_copy(ill) -> CopyrightUse:
    perform(ill, "receive_copy", actor=f.staff(), now=f.later(days=3), file=f.stored())
    return use_of(ill)


def test_an_including_lender_instead_leaves_no_price_in_the_ledger(year):
    ill = unfilled(paid(sixth()))
    perform(ill, "decide_copyright", actor=f.staff("borrowing staff"), now=f.NOW, lender=_supplier())
    assert Royalty.objects.get().state == "agreed", "the first lender's copy may still come"
    perform(ill, "next_lender", actor=f.staff(), now=f.NOW)
    use = use_of(ill)
    assert (use.ground, use.royalty, use.currency) == ("royalty", None, "")
    assert Royalty.objects.get().state == "released" and left(year) == Decimal("2000.00")


def test_the_first_lenders_copy_comes_after_another_ground_was_chosen_and_is_paid(year):
    ill = unfilled(paid(sixth()))
    by_hand(ill, "US-CCL", ground="fair_use")
    use = late_copy(ill)
    row = Royalty.objects.get()
    assert (use.ground, use.royalty, row.state, row.use) == ("royalty", 38, "owed", use)
    assert left(year) == Decimal("1962.00")


def test_sent_on_the_other_ground_nothing_is_owed(year):
    ill = unfilled(paid(sixth()))
    by_hand(ill, "US-CCL", ground="fair_use")
    perform(ill, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library("OAK")])
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    use = late_copy(ill)
    assert (use.ground, use.royalty) == ("fair_use", None)
    assert Royalty.objects.get().state == "released" and left(year) == Decimal("2000.00")


def test_ended_after_another_ground_was_chosen_the_money_is_free(year):
    ill = unfilled(paid(sixth()))
    by_hand(ill, "US-CCL", ground="fair_use")
    perform(ill, "cancel", actor=f.staff(), now=f.NOW, reason="copyright")
    assert Royalty.objects.get().state == "released" and left(year) == Decimal("2000.00")


def test_a_new_price_while_unfilled_is_what_the_late_copy_costs(year):
    ill = unfilled(paid(sixth()))
    paid(ill, "41.50")
    assert use_of(ill).royalty == Decimal("41.50")
    use = late_copy(ill)
    live = Royalty.objects.exclude(state="released").get()
    assert (use.royalty, live.price, live.state, live.use) == (Decimal("41.50"), Decimal("41.50"), "owed", use)


def test_a_late_copy_of_the_sending_within_the_guidelines_owes_nothing():
    year = fund()
    ill = paid(unfilled(ready()))
    use = late_copy(ill)
    assert (use.state, use.place, use.royalty) == ("used", 1, None)
    assert Royalty.objects.get().state == "released" and left(year) == Decimal("2000.00")


def test_waiting_for_a_place_instead_leaves_no_price_in_the_ledger(year):
    ill = unfilled(paid(sixth()))
    perform(ill, "wait_for_place", actor=f.staff(), now=f.NOW)
    assert use_of(ill).royalty is None and Royalty.objects.get().state == "released"


# --- not owed after all --------------------------------------------------------------------------------------


def test_somebody_says_why_it_is_not_owed_and_the_money_is_free(year):
    ill = owed()
    row, who = Royalty.objects.get(), f.staff()
    with pytest.raises(BadAnswer, match="Write the reason"):
        royalties.waive(row, " ", actor=who, now=f.NOW)
    royalties.waive(row, " The owner waives it. ", actor=who, now=f.NOW)
    row.refresh_from_db()
    assert (row.state, row.released_why, row.reason) == ("released", "waived", "The owner waives it.")
    assert left(year) == Decimal("2000.00") and Commitment.objects.get().state == "released"
    assert (use_of(ill).royalty, use_of(ill).ground) == (None, "royalty")
    assert Event.objects.get(name="royalties.waived").actor == who.user
    with pytest.raises(NotAllowed, match="not owed any more"):
        royalties.waive(row, "Again", actor=who, now=f.NOW)


def test_what_is_agreed_or_in_a_list_is_not_waived(year):
    paid(sixth())
    with pytest.raises(NotAllowed):
        royalties.waive(Royalty.objects.get(), "No", actor=f.staff(), now=f.NOW)
    ill = owed()
    payment.make(f.NOW.date(), f.NOW.date(), key="form", actor=f.staff(), now=f.NOW)
    with pytest.raises(NotAllowed, match="in a list"):
        royalties.waive(Royalty.objects.get(number=ill.number), "No", actor=f.staff(), now=f.NOW)


# --- lost in the mail ----------------------------------------------------------------------------------------


def lost(ill) -> ILLRequest:
    """The lender said that it was sent."""
    perform(ill, "lender_sent_copy", actor=actors.partner("HIL"), now=f.NOW)
    perform(ill, "never_came", actor=f.staff(), now=f.later(days=9), text="Two weeks, and the lender knows nothing.")
    return ill


def test_what_never_came_goes_on_to_the_next_lender_and_owes_nothing(year):
    ill = paid(sixth())
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    lost(ill)
    use = use_of(ill)
    assert (ill.state, ill.partner.symbol, use.filled, use.royalty) == ("borrowing.sent", "OAK", None, 38)
    assert [(row.state, row.reason) for row in ill.rota.order_by("place")] == [
        ("unfilled", "never_came"), ("asked", "")]
    assert Royalty.objects.get().state == "agreed"
    perform(ill, "ask_cancel", actor=f.staff(), now=f.later(days=9), text="Too late")
    perform(ill, "record_cancelled", actor=f.staff(), now=f.later(days=9))
    assert Royalty.objects.get().state == "released" and left(year) == Decimal("2000.00")


def test_a_place_stays_held_until_the_request_ends_without_its_copy():
    ill = ready(rota=("HIL",))
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    lost(ill)
    use = use_of(ill)
    assert (ill.state, ill.reason, use.state, use.place, use.filled) == (
        "borrowing.unfilled", "never_came", "held", 1, None)
    perform(ill, "cancel", actor=f.staff(), now=f.later(days=9), reason="not_found")
    assert use_of(ill) is None, "no copy was made: its place is free"


def test_a_second_scan_that_never_came_changes_nothing_of_the_first():
    ill = ready(rota=("HIL",))
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    perform(ill, "receive_copy", actor=f.staff(), now=f.NOW, file=f.stored())
    ILLRequest.objects.filter(pk=ill.pk).update(state="borrowing.finished")
    ill.refresh_from_db()
    perform(ill, "ask_resend", actor=f.staff(), now=f.NOW, problem="unreadable")
    lost(ill)
    assert (use_of(ill).state, use_of(ill).place) == ("used", 1)


def test_that_it_never_came_is_said_with_words_and_of_copies_only():
    ill = ready()
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    with pytest.raises(NotAllowed):
        perform(ill, "never_came", actor=f.staff(), now=f.NOW, text="Not even sent")
    perform(ill, "lender_sent_copy", actor=actors.partner("HIL"), now=f.NOW)
    with pytest.raises(BadAnswer, match="Write something"):
        perform(ill, "never_came", actor=f.staff(), now=f.NOW, text=" ")
    loan = f.ill("borrowing.shipped")
    with pytest.raises(NotAllowed):
        perform(loan, "never_came", actor=f.staff(), now=f.NOW, text="Lost")


def test_decided_twice_there_is_one_and_the_newer_price_counts(year):
    ill = paid(sixth())
    paid(ill, "41.50")
    live = Royalty.objects.exclude(state="released").get()
    assert (live.price, live.commitment) == (Decimal("41.50"), f"royalty:{ill.number}:2")
    assert left(year) == Decimal("1958.50")


def test_the_decision_can_be_taken_back_while_nobody_was_told(year):
    ill = paid(sixth())
    perform(ill, "undo", actor=f.staff(), now=f.NOW)
    assert (ill.state, ill.compliance, ill.compliance_by) == ("borrowing.copyright_review", "", None)
    assert Royalty.objects.get().released_why == "undone" and left(year) == Decimal("2000.00")


def test_more_than_the_fund_has_is_refused_and_nothing_happened(year):
    ill = sixth()
    with pytest.raises(BadAnswer, match=r"USD 2,000\.00 left") as refused:
        paid(ill, "2000.01")
    assert refused.value.field == "fund" and isinstance(refused.value.__cause__, budgets.NotEnough)
    assert ILLRequest.objects.get(pk=ill.pk).compliance == "" and not CopyrightDecision.objects.filter(ill=ill).exists()
    assert not Royalty.objects.exists() and left(year) == Decimal("2000.00")


def test_a_stale_form_charges_nothing(year):
    ill = sixth()
    other = ILLRequest.objects.get(pk=ill.pk)
    by_hand(other, "US-CCL")
    with pytest.raises(Stale):
        paid(ill)
    assert not Commitment.objects.exists() and not Royalty.objects.exists()


def test_a_price_in_another_currency_asks_for_the_funds_own(year):
    ill = sixth()
    with pytest.raises(BadAnswer, match="The price is in EUR and the fund in USD"):
        paid(ill, "30.00", currency="EUR")
    paid(ill, "30.00", currency="EUR", fund_amount=Decimal("34.12"))
    row = Royalty.objects.get()
    assert (row.price, row.currency, row.fund_amount, row.fund_currency) == (30, "EUR", Decimal("34.12"), "USD")
    assert left(year) == Decimal("1965.88")


def test_where_a_fund_has_money_one_is_chosen(year):
    ill = sixth()
    with pytest.raises(BadAnswer, match="Choose the fund"):
        paid(ill, fund="")
    assert not Royalty.objects.exists()


def test_without_billing_it_is_kept_without_a_fund(year, monkeypatch):
    monkeypatch.setattr(budgets, "_answering", [])
    paid(sixth(), fund="")
    row = Royalty.objects.get()
    assert (row.state, row.fund, row.commitment) == ("agreed", "", "")


def test_the_database_itself_keeps_one_live_royalty_a_request(year):
    row = Royalty.objects.get(number=paid(sixth()).number)
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_what_is_owed_is_not_agreed_again(year):
    ill = owed()
    with pytest.raises(NotAllowed, match="owed or paid already"):
        royalties.agree(ill, offer(), None, actor=f.staff(), now=f.NOW)


# --- a supplier whose price includes it ----------------------------------------------------------------------


def _supplier(symbol="DOC", **terms):
    from requests_app.models import LibraryPolicy

    row = f.library(symbol, name="Document Supply")
    LibraryPolicy.objects.create(library=row, royalty_included=True, charge_copy=Decimal("41.50"), **terms)
    return row


def test_a_supplier_whose_price_includes_it_is_asked_first_and_nothing_is_owed(year):
    ill, supplier = sixth(), _supplier()
    perform(ill, "decide_copyright", actor=f.staff("borrowing staff"), now=f.NOW, lender=supplier)
    assert ill.partner == supplier and ill.state == "borrowing.ready_to_send"
    assert [row.library.symbol for row in ill.rota.order_by("place")] == ["DOC", "HIL", "OAK"]
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    perform(ill, "lender_sent_copy", actor=actors.partner("DOC"), now=f.NOW)
    assert use_of(ill).ground == "royalty" and not Royalty.objects.exists() and left(year) == Decimal("2000.00")


def test_the_next_lender_whose_price_does_not_include_it_is_not_asked_on_that_ground(year):
    ill = sixth()
    perform(ill, "decide_copyright", actor=f.staff("borrowing staff"), now=f.NOW, lender=_supplier())
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    perform(ill, "lender_unfilled", actor=actors.partner("DOC"), now=f.NOW, reason="NotHeld")
    ill.refresh_from_db()
    assert ill.state == "borrowing.copyright_review"
    assert ill.rota.filter(state="asked").count() == 0 and ill.rota.filter(state="waiting").count() == 2


def test_taken_back_the_lenders_wait_as_before(year):
    ill, supplier = sixth(), _supplier()
    was = ill.partner
    perform(ill, "decide_copyright", actor=f.staff("borrowing staff"), now=f.NOW, lender=supplier)
    perform(ill, "undo", actor=f.staff(), now=f.NOW)
    ill.refresh_from_db()
    assert [row.library.symbol for row in ill.rota.order_by("place")] == ["HIL", "OAK"]
    assert (ill.rota_left, ill.partner) == (2, was) and ill.state == "borrowing.copyright_review"
    # Decided on another ground now, the supplier is not asked.
    by_hand(ill, "US-CCL")
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    assert ill.partner.symbol == "HIL"


def test_words_of_ones_own_do_not_make_it_our_royalty(year):
    ill = sixth()
    perform(ill, "decide_copyright", actor=f.staff("borrowing staff"), now=f.NOW, lender=_supplier(), text="Rush.")
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    perform(ill, "lender_unfilled", actor=actors.partner("DOC"), now=f.NOW, reason="NotHeld")
    ill.refresh_from_db()
    assert ill.state == "borrowing.copyright_review"


def test_a_use_settled_beyond_the_limit_goes_on_to_its_next_lender():
    """It was paid with an invoice: no decision on the request says that a lender's price includes it."""
    ill = sent()
    CopyrightUse.objects.filter(ill=ill).update(place=None, over=True)
    corrections.settle(use_of(ill), "royalty", reason="With the invoice.", actor=f.staff(), now=f.NOW)
    perform(ill, "lender_unfilled", actor=actors.partner("HIL"), now=f.NOW, reason="NotHeld")
    ill.refresh_from_db()
    assert (ill.state, ill.partner.symbol, ill.compliance) == ("borrowing.sent", "OAK", "US-CCL")


def test_a_library_without_it_or_suspended_cannot_be_chosen(year):
    ill = sixth()
    with pytest.raises(BadAnswer, match="does not include the royalty"):
        perform(ill, "decide_copyright", actor=f.staff(), now=f.NOW, lender=f.library("HIL"))
    with pytest.raises(BadAnswer, match="does not take requests"):
        perform(ill, "decide_copyright", actor=f.staff(), now=f.NOW, lender=_supplier(takes_requests=False))


def test_within_the_guidelines_nothing_is_paid():
    fund()
    ill = ready()
    assert (ill.state, ill.compliance) == ("borrowing.ready_to_send", "US-CCG") and not Royalty.objects.exists()
