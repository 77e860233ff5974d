"""The rules by version: in force as sentences, tried before they are stored, and the past as it was."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from illdesk.errors import BadAnswer
from illdesk.models import Event
from requests_app.copyright import clearance, rule_sets
from requests_app.copyright.rules import DEFAULT
from requests_app.models import CopyrightUse, RuleSet
from tests import factories as f
from tests.requests_app.copyright.stories import ready, sent, use_of

pytestmark = pytest.mark.django_db
PAGE = "/copyright/rules/"


@pytest.fixture
def admin(client):
    row = f.user("administrator")
    client.force_login(row)
    return row


def given(client, url: str = PAGE, **changed) -> dict:
    """What the form would send as it stands; `changed`: None takes a tick away."""
    form = client.get(url).context["form"]
    sent_along = {}
    for field in form:
        value = field.value()
        if value is True:
            sent_along[field.name] = "on"
        elif value is not False and value is not None:
            sent_along[field.name] = str(value)
    sent_along |= {name: str(value) for name, value in changed.items() if value is not None}
    return {name: value for name, value in sent_along.items() if changed.get(name, "") is not None}


def test_the_rules_stand_there_as_sentences_with_their_clause(client, admin):
    page = client.get(PAGE).content.decode()
    assert "At most 5 filled requests of one title in a calendar year." in page
    assert "CONTU 1(a): six or more are too many." in page
    assert "Older articles are not counted, and stated as CCL." in page
    assert "us-contu/1" in page and "built in" in page


@pytest.mark.parametrize("role", ["borrowing staff", "lending staff", "student", "patron", "budget"])
def test_only_who_manages_copyright_opens_it(client, role):
    client.force_login(f.user(role))
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"save": "1"}).status_code == 403


def test_a_new_version_holds_from_its_day_and_what_was_counted_keeps_its_limit(client, admin):
    before = use_of(sent(now=timezone.now()))
    answer = client.post(PAGE, given(client, limit=3, older_counts="on") | {"save": "1"})
    assert answer.status_code == 302
    row = RuleSet.objects.get()
    assert (row.code, row.version, row.settings, row.by) == (
        "us-contu", 2, {"limit": 3, "older_counts": True}, admin)
    assert clearance.rules_on(timezone.localdate()).limit == 3
    before.refresh_from_db()
    assert (before.limit, before.rules) == (5, "us-contu/1")
    assert use_of(sent(now=timezone.now())).limit == 3
    event = Event.objects.get(name="copyright_rules.changed")
    assert (event.actor, event.data["settings"]["limit"]) == (admin, 3)


def test_rules_that_say_nothing_else_are_no_new_version(client, admin):
    answer = client.post(PAGE, given(client) | {"save": "1"})
    assert answer.status_code == 422 and "Nothing differs from the rules" in answer.content.decode()
    assert not RuleSet.objects.exists()
    assert client.post(PAGE, given(client, limit=4) | {"save": "1"}).status_code == 302
    answer = client.post(PAGE, given(client) | {"save": "1"})
    assert answer.status_code == 422 and RuleSet.objects.count() == 1
    later = timezone.localdate() + timedelta(days=30)
    assert client.post(PAGE, given(client, limit=6, valid_from=later) | {"save": "1"}).status_code == 302
    again = client.post(PAGE, given(client, valid_from=later) | {"save": "1"})
    assert again.status_code == 302, "by then the planned one would hold"


def test_the_dry_run_says_what_would_be_decided_otherwise_and_writes_nothing(client, admin):
    for _time in range(2):
        sent(now=timezone.now())
    waiting = ready(now=timezone.now())
    rows = CopyrightUse.objects.count()
    answer = client.post(PAGE, given(client, limit=1) | {"try": "1"})
    page = " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())
    assert answer.status_code == 200
    assert "Of 3 copy requests that wait or were sent last, 2 would be decided otherwise" in page
    assert waiting.number in page and "beyond the limit" in page
    assert "more than 1 are counted" in page and "Marine Letters: 2" in page
    assert not RuleSet.objects.exists() and CopyrightUse.objects.count() == rows
    answer = client.post(PAGE, given(client) | {"try": "1"})
    assert "These are the rules in force." in answer.content.decode()


def test_the_past_is_not_changed_and_bad_numbers_are_told_with_what_was_typed(client, admin):
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    for wrong in ({"valid_from": yesterday}, {"limit": 0}, {"limit": "many"}, {"concerted_days": 999},
                  {"dated_by": "someday"}, {"valid_from": ""}):
        answer = client.post(PAGE, given(client, window_years=7) | {name: str(value) for name, value in wrong.items()}
                             | {"save": "1"})
        assert answer.status_code == 422, wrong
        assert 'name="window_years" value="7"' in answer.content.decode()
    assert not RuleSet.objects.exists()


def test_the_second_of_two_who_saved_is_told_and_can_save_again(client, admin):
    mine = given(client, limit=4)
    theirs = given(client, limit=6)
    assert client.post(PAGE, theirs | {"save": "1"}).status_code == 302
    answer = client.post(PAGE, mine | {"save": "1"})
    page = answer.content.decode()
    assert answer.status_code == 409 and "A colleague stored a version" in page
    assert 'name="limit" value="4"' in page
    mine["seen"] = re.search(r'name="seen" value="(\d+)"', page)[1]
    assert client.post(PAGE, mine | {"save": "1"}).status_code == 302
    assert [row.settings["limit"] for row in RuleSet.objects.order_by("pk")] == [6, 4]


def test_the_database_itself_takes_one_successor_of_a_version(client, admin, monkeypatch):
    """Both looked before either stored."""
    actor = f.staff("administrator")
    rule_sets.save(DEFAULT, valid_from=timezone.localdate(), seen=0, actor=actor, now=timezone.now())
    monkeypatch.setattr(rule_sets, "newest", lambda: 0)
    with pytest.raises(rule_sets.Stale):
        rule_sets.save(DEFAULT, valid_from=timezone.localdate(), seen=0, actor=actor, now=timezone.now())
    assert RuleSet.objects.count() == 1


def test_another_countrys_set_is_chosen_and_copies_state_its_code(client, admin):
    page = client.get(f"{PAGE}?preset=uk").content.decode()
    assert "did not check the law of this country" in page
    answer = client.post(PAGE, given(client, f"{PAGE}?preset=uk", part_percent=8, declaration_needed=None)
                         | {"save": "1"})
    assert answer.status_code == 302
    row = RuleSet.objects.get()
    assert (row.code, row.version, row.country, row.settings) == (
        "uk", 1, "GB", {"part_percent": 8, "declaration_needed": False})
    ill = ready(now=timezone.now())
    assert (ill.state, ill.compliance) == ("borrowing.ready_to_send", "UK-FairDealing")
    # Of two that begin on one day the one stored last holds, whatever its number.
    client.post(PAGE, given(client, f"{PAGE}?preset=uk", part_percent=9) | {"save": "1"})
    client.post(PAGE, given(client, f"{PAGE}?preset=other") | {"save": "1"})
    assert clearance.rules_on(timezone.localdate()).label == "other/1"
    # And back: the guidelines begin again as they were.
    assert client.post(PAGE, given(client, f"{PAGE}?preset=us-contu") | {"save": "1"}).status_code == 302
    rules = clearance.rules_on(timezone.localdate())
    assert (rules.label, rules.counts, rules.limit) == ("us-contu/2", True, 5)
    client.force_login(f.user("borrowing staff"))
    form = client.get(f"/requests/{ill.number}/act/decide_copyright/").context["form"]
    assert [code for code, _label in form.fields["compliance"].choices] == ["US-CCG", "US-CCL"]


def test_counting_that_is_turned_off_and_on_again_counts_what_is_stated_as_ccg(client, admin):
    assert client.post(PAGE, given(client, counts=None) | {"save": "1"}).status_code == 302
    off = clearance.rules_on(timezone.localdate())
    assert (off.counts, off.takes_a_place("US-CCL")) == (False, False)
    assert client.post(PAGE, given(client, counts="on", outside="US-CCL") | {"save": "1"}).status_code == 302
    on = clearance.rules_on(timezone.localdate())
    assert (on.counts, on.inside, on.outside) == (True, "US-CCG", "US-CCL")
    assert on.takes_a_place("US-CCG") and not on.takes_a_place("US-CCL")
    assert use_of(sent(now=timezone.now())).place == 1


def test_one_code_for_what_is_counted_and_what_is_not_is_refused_with_a_sentence(client, admin):
    answer = client.post(PAGE, given(client, f"{PAGE}?preset=uk", counts="on") | {"save": "1"})
    assert answer.status_code == 422 and "one code for copies that are counted" in answer.content.decode()
    draft = replace(DEFAULT, inside="US-CCL")
    with pytest.raises(BadAnswer) as refused:
        rule_sets.save(draft, valid_from=timezone.localdate(), seen=0, actor=f.staff("administrator"),
                       now=timezone.now())
    assert refused.value.field == "counts" and not RuleSet.objects.exists()


def test_the_form_of_the_decision_offers_the_codes_of_the_country(client, admin):
    client.post(PAGE, given(client, f"{PAGE}?preset=au") | {"save": "1"})
    ill = ready(now=timezone.now())
    client.force_login(f.user("borrowing staff"))
    url = f"/requests/{ill.number}/act/decide_copyright/"
    form = client.get(url).context["form"]
    assert next(iter(form.fields["compliance"].choices))[0] == "AU-CopyrightActS49"
    assert client.post(url, {"version": ill.version, "compliance": "US-CCG"}).status_code == 422
    wrong = client.post(url, {"version": ill.version, "compliance": "AU-CopyrightCleared"})
    assert wrong.status_code == 422 and "Write the ground" in wrong.content.decode()
    usual = {"version": ill.version, "compliance": "AU-CopyrightActS49"}
    wrong = client.post(url, usual)  # the declaration is not signed yet
    assert wrong.status_code == 422 and "There is a doubt about it" in wrong.content.decode()
    assert client.post(url, usual | {"text": "Signed on paper, on its way."}).status_code == 302


def test_a_planned_version_can_be_withdrawn_until_it_begins(client, admin):
    later = timezone.localdate() + timedelta(days=30)
    client.post(PAGE, given(client, limit=9, valid_from=later) | {"save": "1"})
    row = RuleSet.objects.get()
    assert clearance.rules_on(timezone.localdate()) == DEFAULT and clearance.rules_on(later).limit == 9
    assert f"Version {row} begins on" in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}{row.pk}/withdraw/").status_code == 302
    assert clearance.rules_on(later) == DEFAULT
    client.post(f"{PAGE}{row.pk}/withdraw/")
    assert Event.objects.filter(name="copyright_rules.withdrawn").count() == 1
    client.post(PAGE, given(client, limit=8) | {"save": "1"})
    begun = RuleSet.objects.latest("pk")
    client.post(f"{PAGE}{begun.pk}/withdraw/")
    assert clearance.rules_on(timezone.localdate()).limit == 8, "what has begun stays"


def test_two_versions_are_compared_sentence_by_sentence(client, admin):
    client.post(PAGE, given(client, limit=3) | {"save": "1"})
    row = RuleSet.objects.get()
    page = client.get(f"{PAGE}?a=0&b={row.pk}").content.decode()
    assert "At most 5 filled requests" in page and "At most 3 filled requests" in page
    assert "They say the same." in client.get(f"{PAGE}?a=0&b=0").content.decode()
    assert client.get(f"{PAGE}?a=x&b=999").status_code == 200
