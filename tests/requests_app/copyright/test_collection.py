"""Notes to collection development, and the search for a fair price."""

from decimal import Decimal

import pytest

from illdesk.errors import BadAnswer, NotAllowed, Stale
from illdesk.models import OutboxMessage
from requests_app.actions import perform
from requests_app.copyright import collection, fair_price
from requests_app.models import CollectionNote, FairPriceSearch, OverLimitSettings
from tests import factories as f
from tests.requests_app.copyright.beyond import five, fund, paid, sixth
from tests.requests_app.copyright.stories import article, by_hand, ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def limit():
    fund()
    five()


def test_the_sixth_proposes_a_subscription_once_a_title_and_year(limit):
    assert not CollectionNote.objects.exists()
    first = paid(sixth())
    note = CollectionNote.objects.get()
    assert (note.kind, note.year, note.state, note.title.name) == ("subscription", 2026, "proposed", "Marine Letters")
    second = by_hand(sixth(), "US-CCL")
    perform(third := sixth(), "wait_for_place", actor=f.staff(), now=f.NOW)
    note = CollectionNote.objects.get()
    assert note.numbers == [first.number, second.number, third.number]
    text = collection.text_of(note)
    assert "3 requests" in text and "1234-5679" in text and "USD 38.00" in text and "subscription" in text
    assert first.patron.last_name not in text


def test_within_the_limit_nothing_is_proposed():
    ready()
    by_hand(ready(note="For my class"), "US-CCL")
    assert not CollectionNote.objects.exists()


def test_buying_it_instead_proposes_a_purchase_and_waits(limit):
    ill = sixth()
    perform(ill, "buy_instead", actor=f.staff(), now=f.NOW, wait=True)
    assert [note.kind for note in CollectionNote.objects.all()] == ["purchase"]
    assert ill.place_waits.count() == 1 and ill.respond_by is not None


def test_it_is_sent_once_to_collection_development(limit):
    paid(sixth())
    note = CollectionNote.objects.get()
    with pytest.raises(BadAnswer, match="No address"):
        collection.send(note, "Please", actor=f.staff(), now=f.NOW)
    OverLimitSettings.objects.create(pk=1, collection_email="selectors@riverside.example")
    assert collection.send(note, "Please subscribe.", actor=f.staff(), now=f.NOW)
    assert not collection.send(note, "Please subscribe.", actor=f.staff(), now=f.NOW)
    letter = OutboxMessage.objects.get(what="collection")
    assert letter.recipient == "selectors@riverside.example" and "Please subscribe." in letter.payload["body"]
    note.refresh_from_db()
    assert note.state == "sent" and not collection.dismiss(note, "No", actor=f.staff(), now=f.NOW)


def test_dismissed_it_needs_a_reason_and_is_not_proposed_again(limit):
    paid(sixth())
    note = CollectionNote.objects.get()
    with pytest.raises(BadAnswer, match="Say why"):
        collection.dismiss(note, " ", actor=f.staff(), now=f.NOW)
    assert collection.dismiss(note, "Ceased", actor=f.staff(), now=f.NOW)
    paid(sixth())
    assert CollectionNote.objects.get().state == "dismissed"


def test_a_text_that_a_colleague_changed_is_not_overwritten(limit):
    paid(sixth())
    note = CollectionNote.objects.get()
    collection.write(note, "Mine", seen=note.version, actor=f.staff(), now=f.NOW)
    with pytest.raises(Stale):
        collection.write(note, "Yours", seen=note.version, actor=f.staff(), now=f.NOW)
    note.refresh_from_db()
    assert collection.text_of(note) == "Mine"


# --- 17 USC 108(e) -------------------------------------------------------------------------------------------


def whole():
    """A copy of a whole book is asked for."""
    ill = article(kind="book", title="A Book", part_title="", part_author="", pages="", issn="", issue="", volume="",
                  isbn="9780141439549")
    perform(ill, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library()])
    return ill


def search(ill, result="not_found", **fields):
    given = {"where": "A bookseller", "looked_on": f.NOW.date(), "price": None, "currency": "", "in_print": "out",
             "today": f.NOW.date()} | fields
    return fair_price.record(ill, result=result, actor=f.staff(), now=f.NOW, **given)


def test_a_whole_work_is_looked_for_before_another_ground_is_stated():
    ill = whole()
    with pytest.raises(BadAnswer, match=r"looked for at a fair price \(17 USC 108\(e\)\)"):
        by_hand(ill, "US-CCL")
    search(ill, "dear", price=Decimal(900), currency="USD")
    by_hand(ill, "US-CCL")
    assert ill.compliance == "US-CCL" and FairPriceSearch.objects.get().in_print == "out"


@pytest.mark.parametrize("result", ["", "found"])
def test_what_is_counted_is_no_way_around_the_search(result):
    ill = whole()
    if result:
        search(ill, result)
    with pytest.raises(BadAnswer, match="buy it" if result else "looked for at a fair price"):
        by_hand(ill, "US-CCG")
    search(ill)
    by_hand(ill, "US-CCG")
    assert ill.compliance == "US-CCG"


def test_found_at_a_fair_price_it_is_bought():
    ill = whole()
    search(ill, "found", price=Decimal(20), currency="USD")
    with pytest.raises(BadAnswer, match="buy it"):
        by_hand(ill, "US-CCL")


def test_what_does_not_stand_on_section_108_needs_no_search():
    ill = whole()
    by_hand(ill, "US-CCL", ground="permission")
    assert ill.compliance == "US-CCL"


def test_a_search_needs_a_place_and_a_day_that_was():
    ill = whole()
    with pytest.raises(BadAnswer, match="where you looked"):
        search(ill, where=" ")
    with pytest.raises(BadAnswer, match="future"):
        search(ill, looked_on=f.later(days=1).date())
    perform(ill, "cancel", actor=f.staff(), now=f.NOW, reason="copyright")
    with pytest.raises(NotAllowed, match="has ended"):
        search(ill)
