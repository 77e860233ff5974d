"""Choosing lenders on the pages: the proposal and its reasons, staff's own order, searching, the dry runs."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from lxml import html

from illdesk.models import Event
from requests_app.models import Library, LibraryPolicy, RotaEntry, Suspension
from requests_app.verification.records import Held
from tests import factories as f
from tests.requests_app.lenders import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client):
    f.institution(region="NY")
    row = f.user("borrowing staff")
    client.force_login(row)
    return row


def url(ill) -> str:
    return f"/requests/{ill.number}/act/choose_lenders/"


def numbers(page: str) -> dict[str, str]:
    """Symbol → what stands beside it, in the order of the page."""
    fields = html.fromstring(page).xpath("//input[@data-symbol]")
    return {field.get("data-symbol"): field.get("value") for field in fields}


def opened(client, ill) -> tuple[str, dict[str, str]]:
    """The page, and what its form would send as it is."""
    page = client.get(url(ill)).content.decode()
    form = next(form for form in html.fromstring(page).forms if (form.get("action") or "").endswith(url(ill)))
    return page, {name: value or "" for name, value in form.form_values()}


def text(page: str) -> str:
    return " ".join(html.fromstring(page).text_content().split())


def test_the_form_comes_with_the_proposal_and_the_reasons(client, clerk):
    hil, oak, ash = (f.library(symbol, name=f"{symbol} Library") for symbol in ("HIL", "OAK", "ASH"))
    cast.group("consortium", oak, name="Northern Lights")
    LibraryPolicy.objects.create(library=hil, charge_loan=Decimal(0))
    ill = cast.checked(f.ill("borrowing.in_review"), Held("Hil", "HIL"), Held("Oak", "OAK"), Held("Us", "RIV"),
                       Held("Far Away", "FAR", region="VT"))
    page, sent = opened(client, ill)
    assert numbers(page) == {"OAK": "1", "HIL": "2", "ASH": ""}
    words = text(page)
    assert "in Northern Lights +40" in words and "no charge +30" in words
    assert "2 libraries of our directory are known to hold it." in words
    assert "Far Away FAR · VT" in words and "RIV" not in re.sub(r"Riverside", "", words.split("Hold it, but")[1])
    assert client.post(url(ill), sent).status_code == 302
    assert [row.library.symbol for row in ill.rota.order_by("place")] == ["OAK", "HIL"]
    assert ash not in [row.library for row in ill.rota.all()]


def test_staffs_own_order_wins(client, clerk):
    for symbol in ("HIL", "OAK", "ASH"):
        f.library(symbol, name=symbol)
    ill = cast.checked(f.ill("borrowing.in_review"), Held("Hil", "HIL"), Held("Oak", "OAK"))
    _page, sent = opened(client, ill)
    key = {row.symbol: f"place_{row.pk}" for row in Library.objects.all()}
    # Dropped the one, added one nobody proposed, turned the order.
    client.post(url(ill), sent | {key["ASH"]: "1", key["OAK"]: "2", key["HIL"]: ""})
    assert [row.library.symbol for row in ill.rota.order_by("place")] == ["ASH", "OAK"]
    page, _sent = opened(client, type(ill).objects.get(pk=ill.pk))
    assert numbers(page) == {"ASH": "1", "OAK": "2", "HIL": ""}, "what stands already is not proposed away"
    again = client.post(url(ill), _sent | {"look": "proposal"}).content.decode()
    assert {symbol for symbol, place in numbers(again).items() if place} == {"OAK", "HIL"}, "unless asked for"


def test_a_library_far_down_is_found_by_searching_and_added(client, clerk):
    cast.many(80)
    Library.objects.filter(symbol="M0077").update(name="Zebra Collection", locality="Quito")
    ill = f.ill("borrowing.in_review")
    page, sent = opened(client, ill)
    assert "M0077" not in numbers(page) and "more libraries are found by their names." in text(page)
    before = ill.version
    looked = client.post(url(ill), sent | {"look": "find", "find": " quito "})
    page = looked.content.decode()
    assert looked.status_code == 200 and "1 library has this in its name, symbol or town." in text(page)
    shown = numbers(page)
    assert shown["M0077"] == "" and list(shown.values())[:5] == ["1", "2", "3", "4", "5"], "what was typed stays"
    ill.refresh_from_db()
    assert (ill.version, ill.rota.count()) == (before, 0), "looking takes no step"
    # With htmx only the form comes back.
    piece = client.post(url(ill), sent | {"look": "find", "find": "zebra"}, headers={"HX-Request": "true"})
    assert piece.content.decode().lstrip().startswith("<form") and "Zebra" in piece.content.decode()
    zebra = Library.objects.get(symbol="M0077")
    assert client.post(url(ill), sent | {f"place_{zebra.pk}": "1"}).status_code == 302
    assert zebra in [row.library for row in ill.rota.all()]
    nothing = client.post(url(f.ill("borrowing.in_review")), sent | {"look": "find", "find": "no such"})
    assert "0 libraries have this" in text(nothing.content.decode())


def test_who_is_not_offered_stands_there_with_the_reason(client, clerk):
    hil, oak, us = f.library("HIL"), f.library("OAK", name="Oak"), f.library("R2", agency_value="us-riv", name="We")
    today = timezone.localdate()
    Suspension.objects.create(library=hil, first=today, last=today + timedelta(days=3))
    LibraryPolicy.objects.create(library=oak, charge_loan=Decimal(90))
    ill = f.ill("borrowing.in_review")
    page, sent = opened(client, ill)
    words = text(page).split("Not offered")[1]
    assert "suspended until" in words and "our own library" in words
    assert "charges USD 90.00, more than USD 25.00" in words
    assert list(numbers(page)) == ["OAK"], "a person may still choose what only a rule leaves out"
    assert client.post(url(ill), sent | {f"place_{hil.pk}": "1"}).status_code == 422
    refused = client.post(url(ill), sent | {f"place_{us.pk}": "1"})
    assert refused.status_code == 422 and "is our own library: nobody is asked there" in refused.content.decode()
    assert not RotaEntry.objects.filter(ill=ill).exists()
    assert client.post(url(ill), sent | {f"place_{oak.pk}": "1"}).status_code == 302


def test_one_asked_already_is_shown_with_the_outcome(client, clerk):
    ill = f.ill("borrowing.unfilled", partner=f.library("HIL"))
    f.library("OAK")
    page, _sent = opened(client, ill)
    assert numbers(page) == {"OAK": "1", "HIL": ""}
    assert "asked for this already: cannot supply" in text(page)


@pytest.mark.parametrize(("typed", "said"), [
    ({"all": ""}, "Choose a library"), ({"all": "x"}, "Number the libraries from 1 to 30."),
    ({"all": "0"}, "Number the libraries"), ({"all": "31"}, "Number the libraries"),
    ({"all": "1", "place_999999": "2"}, "One of them takes no requests any more"),
    ({"all": "1", "place_" + "9" * 15: "2"}, "One of them takes no requests any more"),
])
def test_bad_numbers_are_told_and_kept(client, clerk, typed, said):
    hil = f.library("HIL")
    ill = f.ill("borrowing.in_review")
    page = client.post(url(ill), {"version": ill.version, f"place_{hil.pk}": typed.pop("all")} | typed)
    assert page.status_code == 422 and said in page.content.decode()


def test_a_holder_that_is_no_partner_yet_is_added_with_what_the_catalogue_said(client):
    f.institution()
    client.force_login(f.user("coordinator"))
    ill = cast.checked(f.ill("borrowing.in_review"), Held("Far & Away", "FAR", region="VT", country="US"))
    page, _sent = opened(client, ill)
    link = html.fromstring(page).xpath("//a[starts-with(@href, '/settings/libraries/new/?')]/@href")[0]
    form = client.get(link).content.decode()
    for value in ("Far &amp; Away", 'value="FAR"', 'value="OCLC"', 'value="VT"'):
        assert value in form
    sent = {"name": "Far & Away", "symbol": "FAR", "agency_type": "OCLC", "agency_value": "FAR", "dialect": "plain",
            "active": "on"}
    assert client.post(link, sent).status_code == 302
    page, _sent = opened(client, ill)
    assert numbers(page)["FAR"] == "1"


def test_borrowing_staff_who_may_not_add_a_library_get_no_link(client, clerk):
    ill = cast.checked(f.ill("borrowing.in_review"), Held("Far", "FAR"))
    page, _sent = opened(client, ill)
    assert "Far FAR" in text(page) and "/settings/libraries/new/" not in page


def test_for_many_requests_nothing_is_proposed(client, clerk):
    f.library("HIL"), f.library("OAK")
    ills = [cast.checked(f.asked(), Held("Hil", "HIL")), f.asked()]
    ticks = [f"{ill.number}@{ill.version}" for ill in ills]
    page = client.post("/bulk/choose_lenders/", {"tick": ticks}).content.decode()
    assert set(numbers(page).values()) == {""} and "known to hold it" not in page
    page = client.post("/bulk/choose_lenders/", {"tick": ticks, "sure": "1", "look": "find", "find": "oak",
                                                 f"place_{f.library('HIL').pk}": "1"})
    assert page.status_code == 200 and numbers(page.content.decode())["HIL"] == "1"
    assert not RotaEntry.objects.exists()


# --- a dry run of one request -------------------------------------------------------------------------------------

def test_what_the_rules_would_give_stands_beside_what_was(client, clerk):
    hil, oak = f.library("HIL", name="Hill"), f.library("OAK", name="Oak")
    cast.group("consortium", oak, name="Northern Lights")
    ill = cast.checked(f.ill("borrowing.unfilled", partner=hil), Held("Hill", "HIL"), Held("Oak", "OAK"),
                       Held("Far Away", "FAR"))
    assert f"/requests/{ill.number}/lenders/" in client.get(f"/requests/{ill.number}/?tab=lenders").content.decode()
    events = Event.objects.count()
    words = text(client.get(f"/requests/{ill.number}/lenders/").content.decode())
    rules, was = words.split("By the rules")[1].split("As it was")
    assert re.search(r"1 ?Oak OAK ?in Northern Lights \+40.*2 ?Hill HIL · was asked", rules)
    assert re.search(r"1 ?Hill HIL ?cannot supply: not held", was), was
    assert "Far Away FAR" in words
    fresh = type(ill).objects.get(pk=ill.pk)
    assert (fresh.version, fresh.rota.count(), Event.objects.count()) == (ill.version, 1, events)


def test_where_all_holders_are_left_out_the_page_says_so(client, clerk):
    Suspension.objects.create(library=f.library("HIL"), first=timezone.localdate())
    ill = cast.checked(f.asked(), Held("Hill", "HIL"))
    words = text(client.get(f"/requests/{ill.number}/lenders/").content.decode())
    assert "Nobody: see below who is left out, and why." in words and "suspended until further notice" in words
    assert "Nobody was asked yet." in words


@pytest.mark.parametrize("state", ["lending.received", "documents.submitted"])
def test_only_what_we_borrow_has_lenders(client, state):
    f.institution()
    client.force_login(f.user("supervisor"))
    assert client.get(f"/requests/{f.ill(state).number}/lenders/").status_code == 404
