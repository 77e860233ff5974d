"""The rules of choosing lenders on their page: shown as sentences, tried, stored with what changed."""

import pytest
from django.utils import translation
from lxml import html

from illdesk.models import Event
from requests_app.forms.lender_rules import RulesForm
from requests_app.lenders import rota, rules, stored
from requests_app.models import LenderRule
from tests import factories as f
from tests.requests_app.lenders import cast

pytestmark = pytest.mark.django_db
URL = "/settings/lenders/"


@pytest.fixture
def admin(client):
    f.institution()
    row = f.user("coordinator", last_name="Chen")
    client.force_login(row)
    return row


def opened(client) -> tuple[str, dict[str, str]]:
    page = client.get(URL).content.decode()
    form = next(form for form in html.fromstring(page).forms if "share-weight" in form.fields)
    return page, {name: value or "" for name, value in form.form_values()}


def text(page) -> str:
    return " ".join(html.fromstring(page if isinstance(page, str) else page.content.decode()).text_content().split())


def test_every_rule_is_a_sentence_with_what_can_be_set(client, admin):
    page, sent = opened(client)
    for kind in rules.KINDS:
        first = str(kind.sentence).partition("{")[0].strip()
        assert first in text(page)
        assert (f"{kind.code}-on" in sent) is not kind.locked
        assert (f"{kind.code}-weight" in sent) is (kind.weight is not None)
        assert all(f"{kind.code}-{one.name}" in sent for one in kind.parameters)
    every = html.fromstring(page).xpath("//form//input[not(@type='hidden')]|//form//select")
    unnamed = [one.get("name") for one in every if "-" in (one.get("name") or "") and not one.get("aria-label")]
    assert unnamed == []


def test_what_is_stored_unchanged_is_nothing(client, admin):
    _page, sent = opened(client)
    page = client.post(URL, sent | {"save": "1"}, follow=True)
    assert "Nothing was different; nothing was stored." in text(page)
    assert not LenderRule.objects.exists() and stored.current() == rules.defaults()


def test_a_change_is_stored_recorded_and_shown(client, admin):
    _page, sent = opened(client)
    del sent["retained-on"]
    sent |= {"share-weight": "35", "share-many": "5", "near-words": "courier, Lieferdienst", "group-which": "any"}
    page = text(client.post(URL, sent | {"save": "1"}, follow=True))
    assert "Being asked … times in … days takes … points, fewer times fewer: points 20 → 35" in page
    assert "which groups a consortium → any group" in page and "R. Chen" in page
    now = {rule.code: rule for rule in stored.current()}
    assert (now["share"].weight, now["share"].parameters) == (35, {"many": 5, "days": 30})
    assert not now["retained"].on and now["near"].parameters["words"] == "courier, Lieferdienst"
    event = Event.objects.get(name="lender_rules.changed")
    assert ["share", "weight", 20, 35] in event.data["changed"]
    assert ["near", "words", None, None] in event.data["changed"]
    assert "Lieferdienst" not in str(event.data), "words stand in their own row, not in events"
    assert sorted(LenderRule.objects.values_list("code", flat=True)) == ["group", "near", "retained", "share"]


def test_a_locked_rule_cannot_be_switched_off(client, admin):
    _page, sent = opened(client)
    client.post(URL, sent | {"ourselves-on": "", "save": "1"})
    assert all(rule.on for rule in stored.current() if rules.BY_CODE[rule.code].locked)


@pytest.mark.parametrize(("field", "value"), [
    ("share-weight", ""), ("share-weight", "-1"), ("share-weight", "1001"), ("share-weight", "many"),
    ("share-many", "0"), ("fills-months", "61"), ("group-which", "all"), ("near-words", "x" * 501), ("seen", "x"),
])
def test_what_cannot_be_is_told_and_kept(client, admin, field, value):
    _page, sent = opened(client)
    page = client.post(URL, sent | {field: value, "save": "1"})
    assert page.status_code == 422 and not LenderRule.objects.exists()
    assert "needs another look" in text(page)


def test_two_people_saving_the_second_is_told_and_keeps_what_was_typed(client, admin):
    _page, mine = opened(client)
    stored.save(
        [stored.Rule(one.code, one.on, 99 if one.code == "fast" else one.weight, one.parameters)
         for one in stored.current()], actor=f.staff("coordinator"), now=f.NOW, seen=0,
    )
    page = client.post(URL, mine | {"share-weight": "77", "save": "1"})
    assert page.status_code == 409 and "A colleague saved these rules meanwhile" in text(page)
    assert 'value="77"' in page.content.decode() and not LenderRule.objects.filter(code="share").exists()
    form = next(form for form in html.fromstring(page.content.decode()).forms if "share-weight" in form.fields)
    again = {name: value or "" for name, value in form.form_values()}
    assert client.post(URL, again | {"save": "1"}).status_code == 302
    assert LenderRule.objects.get(code="share").weight == 77


def test_trying_lists_whose_first_lender_would_change_and_stores_nothing(client, admin):
    hil, oak = f.library("HIL", name="A Hill"), f.library("OAK", name="B Oak")
    cast.group("consortium", oak, name="Northern Lights")
    ills = [f.ill("borrowing.sent", partner=hil) for _turn in range(2)]
    _page, sent = opened(client)
    page = text(client.post(URL, sent | {"try": "1"}))
    assert "Of the last 2 requests 0 would have another first lender." in page
    assert "These are the rules as they are stored." in page
    for rule in ("group-on", "share-on"):
        del sent[rule]
    page = text(client.post(URL, sent | {"try": "1"}))
    assert "Of the last 2 requests 2 would have another first lender." in page
    assert all(ill.number in page for ill in ills) and "B Oak in Northern Lights +40" in page
    assert not LenderRule.objects.exists() and not Event.objects.filter(name="lender_rules.changed").exists()
    assert rota.propose(ills[0], now=f.NOW, as_if_new=True).rota[0].lender.symbol == "OAK"


def test_it_stands_beside_the_settings_for_those_who_may(client, admin):
    assert f'href="{URL}"' in client.get("/settings/policy/").content.decode()
    client.force_login(f.user("borrowing staff"))
    assert client.get(URL).status_code == 403


def test_how_many_are_proposed_stands_in_the_loan_policy(client, admin):
    page = client.get("/settings/policy/").content.decode()
    assert "Lenders proposed for a request" in page


@pytest.mark.parametrize("language", ["en", "es"])
def test_each_sentence_has_its_fields_in_every_language(client, admin, language):
    with translation.override(language):
        form = RulesForm(rules=stored.current(), seen=0)
        rows = [row for _heading, some in form.groups() for row in some]
        assert [row.kind.code for row in rows] != [] and {row.kind for row in rows} == set(rules.KINDS)
        for row in rows:
            names = sorted(piece.name for piece in row.pieces if not isinstance(piece, str))
            own = [f"{row.kind.code}-{one.name}" for one in row.kind.parameters]
            assert names == sorted(own + ([f"{row.kind.code}-weight"] if row.kind.weight is not None else []))
