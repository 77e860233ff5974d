"""The page on which a person decides how a copy may be got."""

import re
from decimal import Decimal

import pytest
from django.utils import timezone

from requests_app.actions import perform
from requests_app.copyright import collection, fair_price, prices, waits
from requests_app.models import (
    Check,
    CollectionNote,
    ILLRequest,
    LibraryPolicy,
    OverLimitSettings,
    Royalty,
)
from tests import factories as f
from tests.peers.web import peer
from tests.requests_app.copyright import beyond
from tests.requests_app.copyright.stories import article, ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client):
    row = f.user("borrowing staff")
    client.force_login(row)
    return row


@pytest.fixture
def sixth():
    now = timezone.now()
    beyond.fund("2000.00", day=timezone.localdate())
    beyond.five(now=now)
    return beyond.sixth(now=now)


def act(ill, action="decide_copyright") -> str:
    return f"/requests/{ill.number}/act/{action}/"


def post(client, ill, **sent):
    version = sent.pop("version", ILLRequest.objects.get(pk=ill.pk).version)
    return client.post(act(ill), {"version": version} | sent)


def pay(client, ill, price="38.00", **more):
    return post(client, ill, **({"how": "pay", "price": price, "currency": "USD", "fund": "ILL-R",
                                 "seen": f"{price} USD"} | more))


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


def fresh(ill) -> ILLRequest:
    return ILLRequest.objects.get(pk=ill.pk)


def listed(price="38.00") -> None:
    row = prices.load(f"issn,per_copy,currency\n1234-5679,{price},USD\n".encode(), "p.csv", actor=f.staff(), now=f.NOW)
    prices.confirm(row, actor=f.staff(), now=timezone.now())


def test_the_total_stands_on_the_button_before_it_is_pressed(client, clerk, sixth):
    listed()
    page = client.get(act(sixth)).content.decode()
    assert "USD 38.00" in page and "Price list" in page
    assert re.search(r"Record decision<span[^>]*> and pay USD 38\.00</span>", page)
    assert "ILL-R · USD 2,000.00 left of USD 2,000.00" in page
    answer = pay(client, sixth, seen=hidden(page, "seen"), offered=hidden(page, "offered"))
    assert answer.status_code == 302
    row = Royalty.objects.get()
    assert (row.source, row.price, row.by) == ("list", 38, clerk)


def test_nothing_is_charged_that_was_not_shown(client, clerk, sixth):
    answer = pay(client, sixth, seen="")
    page = answer.content.decode()
    assert answer.status_code == 422 and "The total is USD 38.00 now. Nothing was charged" in page
    assert hidden(page, "seen") == "38.00 USD" and not Royalty.objects.exists()
    assert pay(client, sixth, seen=hidden(page, "seen")).status_code == 302
    assert Royalty.objects.get().source == "entered"


def test_a_price_that_changed_since_it_was_shown_is_told(client, clerk, sixth):
    listed()
    page = client.get(act(sixth)).content.decode()
    listed("41.50")
    answer = pay(client, sixth, seen=hidden(page, "seen"), offered=hidden(page, "offered"))
    page = answer.content.decode()
    assert answer.status_code == 422 and "it is USD 41.50 now. Nothing was charged" in page
    assert not Royalty.objects.exists() and hidden(page, "offered") == "41.50 USD list"


def test_the_rights_service_is_asked_and_its_price_taken(client, clerk, sixth):
    with peer() as there:
        OverLimitSettings.objects.create(pk=1, service_on=True, url=there.url)
        there.says("/v1/quotes", {"price": "38.00", "currency": "USD", "terms": "For one patron."})
        assert there.seen == []  # the page itself asks nobody
        answer = post(client, sixth, look="price")
        page = answer.content.decode()
        assert answer.status_code == 200 and "Rights service" in page and "For one patron." in page
        assert hidden(page, "offered") == "38.00 USD service" and fresh(sixth).state.endswith("copyright_review")
        there.says("/v1/quotes", {"price": "40.00", "currency": "USD"})
        answer = pay(client, sixth, offered="38.00 USD service")
        assert answer.status_code == 422 and "it is USD 40.00 now" in answer.content.decode()
        assert pay(client, sixth, "40.00", offered="40.00 USD service").status_code == 302
    assert Royalty.objects.get().source == "service"


def test_a_service_that_does_not_answer_leaves_the_price_to_the_person(client, clerk, sixth):
    with peer() as there:
        OverLimitSettings.objects.create(pk=1, service_on=True, url=there.url, seconds=2)
        there.behaves("/v1/quotes", "broken")
        page = post(client, sixth, look="price").content.decode()
    assert "It answered 500" in page
    assert pay(client, sixth).status_code == 302 and Royalty.objects.get().source == "entered"


def test_a_licence_of_ours_becomes_the_ground(client, clerk, sixth):
    with peer() as there:
        OverLimitSettings.objects.create(pk=1, service_on=True, url=there.url)
        there.says("/v1/quotes", {"licence": {"name": "Annual License"}})
        post(client, sixth, look="price")
    page = client.get(act(sixth)).content.decode()
    assert "The licence “Annual License” covers it" in page
    assert post(client, sixth, how="ground", ground="licence", text="Annual License").status_code == 302
    assert fresh(sixth).compliance == "US-CCL" and not Royalty.objects.exists()


@pytest.mark.parametrize(("sent", "words"), [
    ({"price": ""}, "Enter the price"), ({"price": "much"}, "not an amount of money"),
    ({"currency": "Dollar", "seen": "x"}, "three letters"), ({"fund": ""}, "Choose the fund"),
    ({"fund": "NONE"}, ""), ({"price": "2001.00"}, "ILL-R has USD 2,000.00 left"),
])
def test_what_is_missing_comes_back_with_what_was_typed(client, clerk, sixth, sent, words):
    price = sent.get("price", "38.00")
    answer = pay(client, sixth, **({"seen": f"{price} USD"} | sent))
    assert answer.status_code in (422, 409) and words in answer.content.decode()
    assert not Royalty.objects.exists() and fresh(sixth).compliance == ""


def test_who_may_change_budgets_goes_beyond_with_a_reason(client, sixth):
    client.force_login(f.user("coordinator"))
    assert "Why beyond the budget" in client.get(act(sixth)).content.decode()
    assert pay(client, sixth, "2001.00", over_reason="End of the year").status_code == 302


def test_clerks_see_no_field_to_go_beyond(client, clerk, sixth):
    assert "Why beyond the budget" not in client.get(act(sixth)).content.decode()
    answer = pay(client, sixth, "2001.00", over_reason="Please")
    assert "somebody who may change budgets" in answer.content.decode() and not Royalty.objects.exists()


def test_a_lender_whose_price_includes_it(client, clerk, sixth):
    supplier = f.library("DOC", name="Document Supply")
    LibraryPolicy.objects.create(library=supplier, royalty_included=True, charge_copy=Decimal("41.50"))
    assert post(client, sixth, how="included").status_code == 422
    assert post(client, sixth, how="included", lender=str(supplier.pk)).status_code == 302
    assert fresh(sixth).partner == supplier


def test_another_version_goes_back_to_review_with_a_note_and_can_be_undone(client, clerk, sixth):
    Check.objects.create(ill=sixth, made=timezone.now(), access=[{"way": "free", "version": "accepted", "url": "x"}])
    assert "A manuscript was found on" in client.get(act(sixth)).content.decode()
    assert post(client, sixth, how="version", version_text="").status_code == 422
    assert post(client, sixth, how="version", version_text="The manuscript will do").status_code == 302
    row = fresh(sixth)
    assert row.state == "borrowing.in_review" and row.notes.filter(text="The manuscript will do").exists()
    client.post(act(sixth, "undo"), {"version": row.version})
    assert fresh(sixth).state == "borrowing.copyright_review"


def test_waiting_is_shown_on_the_page_and_in_the_list(client, clerk, sixth):
    assert post(client, sixth, how="wait").status_code == 302
    assert waits.of(sixth) is not None
    assert "It waits for a place since" in client.get(act(sixth)).content.decode()
    page = client.get("/copyright/waiting/").content.decode()
    assert sixth.number in page and "Marine Letters" in page


def test_bought_and_cancelled_opens_the_letter(client, clerk, sixth):
    answer = post(client, sixth, how="buy", then="cancel")
    assert answer.status_code == 302 and answer["Location"] == act(sixth, "cancel")
    assert {note.kind for note in CollectionNote.objects.all()} == {"purchase"}
    assert fresh(sixth).state == "borrowing.copyright_review"


def test_cancelling_opens_the_letter_and_does_nothing_yet(client, clerk, sixth):
    answer = post(client, sixth, how="cancel", next="/borrowing/copyright-review/")
    assert answer["Location"] == f"{act(sixth, 'cancel')}?next=%2Fborrowing%2Fcopyright-review%2F"
    assert fresh(sixth).version == sixth.version
    assert "Copyright allows no copy this year" in client.get(answer["Location"]).content.decode()


def test_referred_the_request_stays(client, clerk, sixth):
    assert post(client, sixth, how="refer").status_code == 422
    assert post(client, sixth, how="refer", refer_text="Is it fair use?").status_code == 302
    row = fresh(sixth)
    assert row.referred and row.state == "borrowing.copyright_review"
    assert "Refer to the supervisor" not in client.get(act(sixth)).content.decode()


def test_a_stale_form_is_told_and_nothing_is_charged(client, clerk, sixth):
    answer = pay(client, sixth, version=sixth.version - 1)
    assert answer.status_code == 409 and not Royalty.objects.exists()


def test_a_choice_that_is_none_is_refused(client, clerk, sixth):
    for how in ("", "everything"):
        answer = post(client, sixth, how=how)
        assert answer.status_code == 422 and "Choose how the copy may be got." in answer.content.decode()


def test_where_there_is_room_it_is_offered_within_the_guidelines(client, clerk):
    ill = ready(now=timezone.now(), note="For my class")
    page = client.get(act(ill)).content.decode()
    assert "Takes place 1 of 5" in page and "Wait for a place</b>" not in page
    wrong = post(client, ill, how="within", ground="", text="")
    assert wrong.status_code == 422 and "There is a doubt about it" in wrong.content.decode()
    assert wrong.context["form"].errors.keys() == {"within_text"} and fresh(ill).compliance == ""
    assert post(client, ill, how="within", within_text="Read alone, for her own paper.").status_code == 302
    assert fresh(ill).compliance == "US-CCG"


def test_a_whole_work_is_looked_for_from_the_page(client, clerk):
    from requests_app.actions import perform

    ill = article(kind="book", title="A Book", part_title="", part_author="", pages="", issn="", issue="", volume="",
                  isbn="9780141439549", now=timezone.now())
    perform(ill, "choose_lenders", actor=f.staff(), libraries=[f.library()])
    page = client.get(act(ill)).content.decode()
    assert "Nobody has looked yet" in page and f"/requests/{ill.number}/fair-price/" in page
    assert post(client, ill, how="ground", ground="fair_use", text="One chapter").status_code == 422
    url = f"/requests/{ill.number}/fair-price/"
    looked = client.get(url).content.decode()
    assert "---------" not in looked and not re.search(r'name="result"[^>]*checked', looked), "nothing is chosen yet"
    assert client.post(url, {"where": "", "looked_on": timezone.localdate(), "result": "dear"}).status_code == 422
    answer = client.post(url, {"where": "A bookseller", "looked_on": timezone.localdate(), "result": "dear",
                               "price": "900", "currency": "usd", "in_print": "in"})
    assert answer.status_code == 302
    page = client.get(act(ill)).content.decode()
    assert "A bookseller" in page and "USD 900.00" in page
    assert post(client, ill, how="ground", ground="fair_use", text="One chapter").status_code == 302


def test_the_page_costs_as_many_queries_whatever_was_counted(client, clerk, sixth, django_assert_max_num_queries):
    with django_assert_max_num_queries(45):
        client.get(act(sixth))


def test_more_than_the_fund_has_comes_back_with_the_form_and_what_was_typed(client, clerk, sixth):
    answer = pay(client, sixth, price="2000.01")
    page = answer.content.decode()
    assert answer.status_code == 422 and "USD 2,000.00 left" in page and 'value="2000.01"' in page
    assert 'name="fund"' in page and not Royalty.objects.exists()


def test_of_a_stale_form_only_what_was_written_is_shown_with_its_label(client, clerk, sixth):
    page = pay(client, sixth, version=0, over_reason="Needed for the exam").content.decode()
    shown = page.partition("What you had entered")[2].partition("<aside")[0]
    assert "Why beyond the budget (optional)" in shown and "Needed for the exam" in shown and "38.00" in shown
    assert "38.00 USD" not in shown and ">pay<" not in shown and "ILL-R<" not in shown


def test_another_ground_is_chosen_by_name(client, clerk, sixth):
    answer = post(client, sixth, how="ground", ground="", text="For his thesis")
    assert answer.status_code == 422 and "Choose the ground." in answer.content.decode()
    assert fresh(sixth).compliance == ""


def test_an_older_article_is_not_offered_within_the_guidelines(client, clerk):
    old = article(year="1990", note="For my class")
    assert old.state == "borrowing.submitted"
    perform(old, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library()])
    page = client.get(act(old)).content.decode()
    assert fresh(old).state == "borrowing.copyright_review" and 'value="ground"' in page
    assert 'value="within"' not in page and "as decided here" in page


def test_where_a_place_is_free_a_purchase_leaves_nothing_to_wait_for(client, clerk):
    ill = ready(note="For my class")
    page = client.get(act(ill)).content.decode()
    assert 'value="buy"' in page and 'value="stay"' in page and 'name="then" value="wait"' not in page
    assert post(client, ill, how="buy", then="wait").status_code == 422
    answer = client.get(post(client, ill, how="buy", then="stay").url)
    assert "a purchase is proposed to collection development" in answer.content.decode()
    assert "copies of “Marine Letters” (1234-5679) were asked for: 1 request" in collection.text_of(
        CollectionNote.objects.get())


def test_the_reason_stands_beside_what_was_decided(client, clerk, sixth):
    post(client, sixth, how="ground", ground="fair_use", text="One figure for his thesis")
    page = client.get(f"{sixth.get_absolute_url()}?tab=copyright").content.decode()
    assert "One figure for his thesis" in page.partition("Decided")[2]


def test_the_search_for_a_fair_price_is_told_in_words_on_the_timeline(client, clerk):
    ill = ready(part_title="", pages="", title="Whole", kind="book", issn="", isbn="9780141439549")
    fair_price.record(ill, where="AbeBooks", looked_on=f.NOW.date(), result="not_found", price=None, currency="",
                      in_print="", actor=f.staff(), now=f.NOW, today=f.NOW.date())
    page = client.get(ill.get_absolute_url()).content.decode()
    assert "Looked for it at a fair price" in page and "copyright.looked" not in page
