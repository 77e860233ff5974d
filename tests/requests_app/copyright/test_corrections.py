"""Merges that are forecast as they come, and uses beyond the limit that get their ground."""

import time
from decimal import Decimal
from threading import Thread

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from illdesk import actors
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import Event
from requests_app.actions import perform
from requests_app.copyright import corrections, forecast, ledger, royalties
from requests_app.models import CollectionNote, CopyrightTitle, CopyrightUse, ILLRequest, Royalty
from tests import factories as f
from tests.requests_app.copyright.stories import OTHER, by_hand, place_of, sent, use_of
from tests.requests_app.copyright.test_ledger import merged, on, title

pytestmark = pytest.mark.django_db
LIVE = CopyrightUse.objects.exclude(state="freed")


def made_over() -> CopyrightUse:
    """Five of one title and a sixth of another that turns out to be the same."""
    for month in (2, 3, 4, 5, 6):
        sent(now=on(month), issn=OTHER)
    late = sent(now=on(7))
    merged()
    return use_of(late)


# --- merging, before and after ------------------------------------------------------------------------------------

USES = st.lists(st.tuples(
    st.sampled_from(["keep", "gone"]), st.integers(1, 28), st.sampled_from([2025, 2026]),
    st.sampled_from(["held", "used", "outside", "over"]),
), max_size=24)


class Merging(TestCase):
    """Whatever two titles had: nothing is lost, no place is two uses', at most five count, the rest in date order."""

    @settings(max_examples=40, deadline=None)
    @given(USES)
    def test_any_two_titles(self, uses):
        rows = {name: CopyrightTitle.objects.create(kind="periodical", name=name, name_key=name, made=f.NOW)
                for name in ("keep", "gone")}
        places: dict = {}
        for name, day, year, state in uses:
            place = None
            if state in ("held", "used"):
                place = places[name, year] = places.get((name, year), 0) + 1
                if place > 5:
                    continue
            CopyrightUse.objects.create(
                title=rows[name], year=year, place=place, limit=5, rules="us-contu/1", over=state == "over",
                asked_on=on(3, day, year).date(), state="held" if state == "over" else state, made=f.NOW,
            )
        before = list(LIVE.all())
        told = forecast.years(LIVE.filter(title=rows["keep"]), LIVE.filter(title=rows["gone"]))
        over = ledger.merge(rows["keep"], rows["gone"], by=None, now=f.NOW)
        after = list(LIVE.all())
        assert len(after) == len(before) and {use.title_id for use in after} <= {rows["keep"].pk}
        for year in (2025, 2026):
            placed = sorted(use.place for use in after if use.year == year and use.place)
            assert placed == sorted(set(placed)) and len(placed) <= 5
            within = [use.asked_on for use in after if use.year == year and use.place]
            beyond = [use.asked_on for use in over if use.year == year]
            assert not beyond or (len(within) == 5 and max(within) <= min(beyond))
        # As it was told before anything was done.
        now_stands = {(use.instead_of_id or use.pk): (use.place, use.over) for use in after}
        for stand in (one for year in told.values() for one in year):
            assert now_stands[stand.use.pk] == (stand.place, stand.over)


def test_a_merge_is_recorded_and_the_second_person_is_told():
    sent(), sent(issn=OTHER)
    keep, gone, who = title("1234-5679"), title(OTHER), f.staff()
    corrections.merge(keep, gone, actor=who, now=on(12))
    event = Event.objects.get(name="copyright.merged")
    assert (event.subject_id, event.actor, event.data) == (keep.pk, who.user, {"gone": gone.pk, "over": []})
    with pytest.raises(NotAllowed, match="one already"):
        corrections.merge(keep, gone, actor=f.staff(), now=on(12))
    assert Event.objects.filter(name="copyright.merged").count() == 1


def test_what_was_moved_meanwhile_is_told():
    ill = sent()
    other = use_of(sent(issn=OTHER)).title
    mine = use_of(ill)
    assert corrections.move([mine], other, actor=f.staff(), now=on(12)) == (1, [])
    with pytest.raises(NotAllowed, match="elsewhere by now"):
        corrections.move([mine], other, actor=f.staff(), now=on(12))
    gone = use_of(sent(issn="2049-3630")).title
    corrections.merge(other, gone, actor=f.staff(), now=on(12))
    with pytest.raises(NotAllowed, match="merged with another"):
        corrections.move([use_of(ill)], gone, actor=f.staff(), now=on(12))


# --- what belongs to a title follows it -------------------------------------------------------------------------


def proposed(title: CopyrightTitle, *numbers: str, **fields) -> CollectionNote:
    given = {"year": 2026, "kind": "subscription", "made": f.NOW} | fields
    return CollectionNote.objects.create(title=title, numbers=list(numbers), **given)


def paid_use(issn: str) -> tuple[CopyrightUse, Royalty]:
    """A use on the ground that its royalty is paid, and one that is agreed but has not left."""
    use = use_of(sent(issn=issn))
    given = {"year": 2026, "price": 38, "currency": "USD", "source": "entered", "source_on": f.NOW.date(),
             "agreed": f.NOW, "title": "x", "title_key": str(use.title_id)}
    Royalty.objects.create(number="B-2026-90000", **given)
    return use, Royalty.objects.create(number=use.number, use=use, **given)


def test_royalties_follow_a_title_that_is_merged():
    keep = use_of(sent()).title
    use, row = paid_use(OTHER)
    corrections.merge(keep, use.title, actor=f.staff(), now=on(12))
    row.refresh_from_db()
    assert row.use.instead_of == use and row.use.state == "held"
    assert royalties.cost_of_title(str(keep.pk), 2026) == [("USD", Decimal(76))]


def test_royalties_follow_a_use_that_is_moved():
    to = use_of(sent()).title
    use, row = paid_use(OTHER)
    corrections.move([use], to, actor=f.staff(), now=on(12))
    row.refresh_from_db()
    assert row.use.instead_of == use
    assert royalties.cost_of_title(str(to.pk), 2026) == royalties.cost_of_title(str(use.title_id), 2026) == [
        ("USD", Decimal(38))]


def test_notes_of_a_merged_title_move_or_join():
    keep, gone = use_of(sent()).title, use_of(sent(issn=OTHER)).title
    first = proposed(keep, "B-1", "B-2", text="Mine.")
    joins = proposed(gone, "B-2", "B-3", text="Theirs.")
    moves = proposed(gone, "B-4", year=2025)
    decided = proposed(gone, "B-5", kind="purchase", state="dismissed", reason="Too dear")
    waits = proposed(keep, "B-6", kind="purchase")
    corrections.merge(keep, gone, actor=f.staff(), now=on(12))
    first.refresh_from_db()
    assert (first.numbers, first.text) == (["B-1", "B-2", "B-3"], "Mine.\n\nTheirs.")
    assert not CollectionNote.objects.filter(pk__in=[joins.pk, waits.pk]).exists()
    moves.refresh_from_db(), decided.refresh_from_db()
    assert (moves.title, decided.title, decided.state, decided.numbers) == (keep, keep, "dismissed", ["B-5", "B-6"])


def test_two_notes_that_were_decided_stay_as_they_were():
    keep, gone = use_of(sent()).title, use_of(sent(issn=OTHER)).title
    ours = proposed(keep, "B-1", state="sent", text="Mine.")
    theirs = proposed(gone, "B-2", state="sent", text="Theirs.")
    corrections.merge(keep, gone, actor=f.staff(), now=on(12))
    ours.refresh_from_db(), theirs.refresh_from_db()
    assert (ours.numbers, ours.text, theirs.title, theirs.text) == (["B-1", "B-2"], "Mine.", gone, "Theirs.")


def test_the_number_of_a_moved_use_goes_to_the_note_of_its_title():
    use, other = use_of(sent(issn=OTHER)), use_of(sent(issn=OTHER))
    to = use_of(sent()).title
    row = proposed(use.title, use.number, other.number)
    corrections.move([use], to, actor=f.staff(), now=on(12))
    row.refresh_from_db()
    there = CollectionNote.objects.get(title=to)
    assert (row.numbers, there.numbers, there.kind) == ([other.number], [use.number], "subscription")
    corrections.move([other], to, actor=f.staff(), now=on(12))
    assert CollectionNote.objects.get().numbers == [use.number, other.number]


@pytest.mark.django_db(transaction=True)
def test_a_copy_that_comes_while_its_title_is_merged_is_used_all_the_same():
    """The filling waits for the merge, whose new row it could not see when it began."""
    ill = sent()
    keep = use_of(sent(issn=OTHER)).title
    failed: list[BaseException] = []

    def comes() -> None:
        try:
            with transaction.atomic():
                ledger.fill(ill, now=on(12))
        except BaseException as failure:
            failed.append(failure)
        finally:
            connection.close()

    other = Thread(target=comes)
    with transaction.atomic():
        ledger.merge(keep, title("1234-5679"), by=None, now=on(12))
        other.start()
        time.sleep(0.4)
    other.join()
    assert failed == [] and (use_of(ill).state, use_of(ill).title, use_of(ill).filled) == ("used", keep, on(12))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only on PostgreSQL: SQLite has one writer")
@pytest.mark.django_db(transaction=True)
def test_who_gives_up_a_use_for_another_ground_waits_for_a_merge_before_it_holds_the_use():
    """Else the merge, which holds the title, waits for the use, and the use's holder for the title."""
    ill, who = sent(rota=("HIL",)), f.staff()
    perform(ill, "lender_unfilled", actor=actors.partner("HIL"), now=on(3), reason="NotHeld")
    by_hand(ill, "US-CCL", ground="royalty")
    perform(ill, "choose_lenders", actor=who, now=on(3), libraries=[f.library("OAK")])
    use = use_of(ill)
    failed: list[BaseException] = []

    def leaves() -> None:
        try:
            perform(ill, "send", actor=who, now=on(4))
        except BaseException as failure:
            failed.append(failure)
        finally:
            connection.close()

    other = Thread(target=leaves)
    with transaction.atomic():  # as a merge begins
        list(CopyrightTitle.objects.select_for_update().filter(pk=use.title_id))
        other.start()
        time.sleep(0.6)
        assert use_of(ill) == use, "it waits"
        list(CopyrightUse.objects.select_for_update(nowait=True).filter(title=use.title_id))
    other.join(timeout=20)
    assert failed == [] and use_of(ill).ground == "royalty"


# --- beyond the limit -----------------------------------------------------------------------------------------------


def test_what_is_over_gets_a_ground_from_a_named_person_as_a_new_row():
    over, who = made_over(), f.staff()
    new = corrections.settle(over, "royalty", reason=" Paid with the invoice. ", actor=who, now=on(12),
                             royalty=offer())
    over.refresh_from_db()
    assert (over.state, over.freed_why, over.over) == ("freed", "settled", True), "the former row stays as it was"
    assert (new.state, new.over, new.place, new.ground, new.reason) == (
        "outside", False, None, "royalty", "Paid with the invoice.")
    assert (new.royalty, new.currency, new.by, new.instead_of, new.year) == (
        Decimal("38.00"), "USD", who.user, over, 2026)
    event = Event.objects.get(name="copyright.settled")
    assert event.data == {"use": new.pk, "former": over.pk, "ground": "royalty", "royalty": "38.00", "currency": "USD"}


def offer(**more) -> royalties.Offer:
    return royalties.Offer(Decimal("38.00"), "USD", "entered", on(12).date(), **more)


def test_what_was_paid_with_the_lenders_invoice_is_not_owed():
    corrections.settle(made_over(), "royalty", reason="With the invoice.", actor=f.staff(), now=on(12),
                       royalty=offer())
    assert not Royalty.objects.exists()


def test_what_is_still_to_be_paid_is_owed_when_its_copy_came():
    owed = made_over()
    new = corrections.settle(owed, "royalty", reason="To the owner.", actor=f.staff(), now=on(12), royalty=offer(),
                             owed=True)
    row = Royalty.objects.get()
    assert (row.number, row.use, row.state, row.price, row.title) == (
        owed.number, new, "agreed", Decimal("38.00"), "Marine Letters")
    ill = ILLRequest.objects.get(pk=owed.ill_id)
    perform(ill, "lender_sent_copy", actor=actors.partner("HIL"), now=on(12, 1))
    row.refresh_from_db()
    assert row.state == "agreed", "it is in the mail"
    perform(ill, "receive_copy", actor=f.staff(), now=on(12, 2), file=f.stored())
    row.refresh_from_db()
    assert (row.state, row.used_on) == ("owed", on(12, 2).date())


def test_it_is_settled_once_with_a_ground_and_a_reason():
    over = made_over()
    with pytest.raises(BadAnswer, match="from the list"):
        corrections.settle(over, "because", reason="x", actor=f.staff(), now=on(12))
    with pytest.raises(BadAnswer, match="Write the reason"):
        corrections.settle(over, "fair_use", reason=" ", actor=f.staff(), now=on(12))
    corrections.settle(over, "fair_use", reason="Three pages.", actor=f.staff(), now=on(12))
    for again in (lambda: corrections.settle(over, "held", reason="x", actor=f.staff(), now=on(12)),
                  lambda: corrections.take_place(over, actor=f.staff(), now=on(12))):
        with pytest.raises(NotAllowed, match="settled already"):
            again()
    assert LIVE.count() == 6


def test_a_place_that_became_free_can_be_taken_and_none_else():
    over = made_over()
    with pytest.raises(ledger.NoPlace, match="5 of 5"):
        corrections.take_place(over, actor=f.staff(), now=on(12))
    over.refresh_from_db()
    assert over.state == "held" and over.over, "nothing was changed"
    first = LIVE.get(place=1)
    perform(first.ill, "ask_cancel", actor=f.staff(), now=on(12), text="Bought.")
    perform(first.ill, "record_cancelled", actor=f.staff(), now=on(12))
    new = corrections.take_place(over, actor=f.staff(), now=on(12))
    assert (new.place, new.over, new.state, place_of(over.ill)) == (1, False, "held", 1)


def test_the_next_supplier_is_told_the_ground_that_was_given():
    over, who = made_over(), f.staff()
    corrections.settle(over, "fair_use", reason="Three pages.", actor=who, now=on(12))
    ill = over.ill
    perform(ill, "lender_unfilled", actor=actors.partner("HIL"), now=on(12), reason="NotHeld")
    ill.refresh_from_db()
    assert (ill.state, ill.compliance, ill.compliance_by) == ("borrowing.sent", "US-CCL", who.user)
    assert use_of(ill).ground == "fair_use" and use_of(ill).by == who.user
