"""The rights service over real HTTP: its answers, good and bad, and what is kept of each conversation."""

import time
from datetime import date
from decimal import Decimal

import pytest

from illdesk.models import OutsideHost
from requests_app.copyright import asking
from requests_app.copyright.rights import Quote, Wanted
from requests_app.copyright.rights.paper import Paper
from requests_app.models import OverLimitSettings, RightsQuote
from tests import factories as f
from tests.peers.web import peer

pytestmark = pytest.mark.django_db
WANTED = Wanted(("issn:1234-5679",), "Marine Letters", "2024", 18)
QUOTES = "/v1/quotes"
GOOD = {"price": "38.00", "currency": "USD", "per": "copy", "terms": "One copy.", "valid_until": "2026-12-31",
        "licence": None}


@pytest.fixture
def service():
    with peer() as there:
        OverLimitSettings.objects.create(pk=1, service_on=True, url=there.url + "/", key="our key", seconds=3)
        yield there


def ask(wanted=WANTED, now=f.NOW) -> RightsQuote:
    return asking.ask(wanted, number="B-2026-00001", now=now)


def test_a_price_is_asked_for_and_the_conversation_kept(service):
    service.says(QUOTES, GOOD)
    found = ask()
    assert (found.price, found.currency, found.valid_until) == (Decimal("38.00"), "USD", date(2026, 12, 31))
    assert RightsQuote.objects.get() == found and found.worked
    seen = service.seen[0]
    assert seen.params == {"standard_number": "1234-5679", "type": "issn", "title": "Marine Letters",
                           "publication_year": "2024", "pages": "18", "copies": "1"}
    assert seen.headers["authorization"] == "Bearer our key"
    assert "our key" not in OverLimitSettings.objects.values_list("url", flat=True)[0]


def test_the_key_stands_encrypted_in_the_database(service):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM requests_app_overlimitsettings")
        assert "our key" not in cursor.fetchone()[0]


def test_a_price_a_page_is_counted_by_its_pages(service):
    service.says(QUOTES, GOOD | {"price": "1.25", "per": "page"})
    assert ask().price == Decimal("22.50")
    found = ask(Wanted(("issn:1234-5679",), "Marine Letters"))
    assert found.price is None and "how many pages it has is not known" in found.words


def test_a_licence_of_ours_covers_it(service):
    service.says(QUOTES, {"licence": {"name": "Annual Copyright License"}})
    found = ask()
    assert (found.licence, found.price, found.worked) == ("Annual Copyright License", None, True)


def test_no_price_is_an_answer(service):
    found = ask()
    assert found.worked and found.price is None and "knows no price" in found.words
    assert OutsideHost.objects.get().failures == 0


@pytest.mark.parametrize(("way", "words"), [
    ("slow", "No answer within"), ("trickling", "No answer within"), ("limited", "asks us to wait"),
    ("refusing", "refuses our key"), ("broken", "It answered 500"), ("HTML", "not JSON"), ("truncated", ""),
    ("cut", ""), ("hung up", "Cannot be reached"), ("a list", "cannot be understood"), ("null", "cannot be understood"),
    ("a number", "cannot be understood"), ("an empty object", "cannot be understood (price)"), ("garbage", ""),
    ("bomb", ""), ("redirecting", "It answered 302"), ("deep", ""), ("empty", "not JSON"),
])
def test_a_failing_service_is_a_sentence_and_blocks_nobody(service, way, words):
    service.behaves(QUOTES, way)
    begun = time.monotonic()
    found = ask()
    assert time.monotonic() - begun < 12
    assert not found.worked and found.price is None and found.words and words in found.words
    assert RightsQuote.objects.count() == 1


@pytest.mark.parametrize(("changed", "about"), [
    ({"price": "much"}, "price"), ({"price": None}, "price"), ({"price": "-3"}, "price"),
    ({"currency": "$"}, "currency"), ({"per": "year"}, "per"), ({"valid_until": "soon"}, "valid_until"),
    ({"price": "1e9"}, "price"), ({"price": {"amount": 3}}, "price"),
])
def test_an_answer_of_another_shape_is_not_guessed_at(service, changed, about):
    service.says(QUOTES, GOOD | changed)
    found = ask()
    assert not found.worked and f"({about})" in found.words


def test_a_moment_of_trouble_is_tried_again(service):
    came = []

    def once(seen):
        came.append(seen)
        from tests.peers.web import saying

        return saying(GOOD if len(came) > 1 else {}, 200 if len(came) > 1 else 500, "application/json", ())

    service.says(QUOTES, once)
    assert ask().price == Decimal("38.00") and len(came) == 2


def test_who_asks_to_be_left_alone_is_left_alone(service):
    service.behaves(QUOTES, "limited")
    ask()
    asked = len(service.seen)
    assert "asked us to wait" in ask(now=f.later(seconds=3)).words and len(service.seen) == asked
    service.forget()
    service.says(QUOTES, GOOD)
    assert ask(now=f.later(seconds=60)).price == Decimal("38.00")


def test_a_server_that_is_down_is_not_asked_by_everybody(service):
    service.behaves(QUOTES, "away")
    for _time in range(3):
        ask()
    asked = len(service.seen)
    assert "does not answer at the moment" in ask(now=f.later(seconds=1)).words and len(service.seen) == asked


def test_without_a_service_nobody_is_asked():
    OverLimitSettings.objects.create(pk=1)
    found = asking.ask(WANTED, number="B-1", now=f.NOW)
    assert not found.worked and "entered by hand" in found.words and not RightsQuote.objects.exists()
    assert Paper().quote(WANTED) is None


def test_the_test_button_says_how_it_answers(service):
    service.says(QUOTES, GOOD)
    assert asking.test(now=f.NOW) == (True, "It answers: USD 38.00 for the title of the test.")
    service.behaves(QUOTES, "refusing")
    worked, words = asking.test(now=f.NOW)
    row = OverLimitSettings.current()
    assert not worked and "refuses our key" in words and row.test_words == words and row.key == "our key"


def test_a_page_price_without_pages_has_no_total():
    assert Quote(Decimal(2), "USD", "page").total(0) is None and Quote(Decimal(2), "USD").total(0) == 2
