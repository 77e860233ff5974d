"""What was known stays known while the one who said it is silent."""

from datetime import timedelta

import pytest

from requests_app import checked
from requests_app.lenders import rota
from requests_app.models import Check, ILLRequest
from requests_app.verification.records import Access, Answer, Held, to_json
from tests import factories as f

pytestmark = pytest.mark.django_db
HIL, OAK = Held("A Hill", symbol="HIL", source="worldcat"), Held("B Oak", symbol="OAK", source="union_catalogue")
FREE = Access("https://oa.example/1.pdf", "free", source="unpaywall")


def check(ill: ILLRequest, asked: dict[str, str], *, held=(), access=(), words="", day=0, **more) -> Check:
    """`asked`: code -> state; `words`: what each of them says of what is missing."""
    rows = to_json(Answer(held=held, access=access))
    return Check.objects.create(
        ill=ill, made=f.NOW + timedelta(days=day), outcome="verified",
        asked=[{"code": code, "state": state, "words": words} for code, state in asked.items()],
        held=rows.get("held", []), access=rows.get("access", []), **more,
    )


def symbols(ill: ILLRequest) -> list[str]:
    return [row["symbol"] for row in checked.of_one(ill).held]


def test_holders_and_links_stay_while_their_source_is_silent_and_say_from_when_they_are():
    ill = f.ill("borrowing.in_review")
    check(ill, {"worldcat": "found", "unpaywall": "found"}, held=(HIL,), access=(FREE,))
    check(ill, {"worldcat": "failed", "unpaywall": "late", "union_catalogue": "found"}, held=(OAK,), day=1)
    known = checked.of_one(ill)
    assert [(row["symbol"], row.get("as_of")) for row in known.held] == [("OAK", None), ("HIL", f.NOW)]
    assert [(row["url"], row["as_of"]) for row in known.access] == [(FREE.url, f.NOW)]


def test_who_answers_has_the_last_word():
    ill = f.ill("borrowing.in_review")
    check(ill, {"worldcat": "found"}, held=(HIL,))
    check(ill, {"worldcat": "nothing"}, day=1)
    assert symbols(ill) == []
    check(ill, {"worldcat": "failed"}, day=2)
    assert symbols(ill) == [], "what it took back does not return"


def test_an_answer_that_misses_the_holders_takes_none_back():
    ill = f.ill("borrowing.in_review")
    check(ill, {"worldcat": "found"}, held=(HIL,))
    check(ill, {"worldcat": "found"}, words="It could not be asked who holds it.", day=1)
    assert symbols(ill) == ["HIL"]


def test_after_five_checks_a_silent_source_knows_nothing_any_more():
    ill = f.ill("borrowing.in_review")
    check(ill, {"worldcat": "found"}, held=(HIL,))
    for day in range(1, checked.MOST_CHECKS):
        check(ill, {"worldcat": "failed"}, day=day)
    assert symbols(ill) == ["HIL"]
    check(ill, {"worldcat": "failed"}, day=9)
    assert symbols(ill) == []


def test_what_was_found_for_another_number_says_nothing_about_this_one():
    ill = f.ill("borrowing.in_review")
    found = [{"record": {"isbn": "9780306406157", "isbns": ["9780306406157"]}}]
    check(ill, {"worldcat": "found"}, held=(HIL,), wanted={"title": "Tides"}, found=found)
    newest = check(ill, {"worldcat": "failed"}, day=1, wanted={"title": "Tides", "isbn": "9780306406157"})
    assert symbols(ill) == ["HIL"], "the number was taken over from what was found"
    Check.objects.filter(pk=newest.pk).update(wanted={"title": "Tides", "isbn": "9780262033848"})
    assert symbols(ill) == []


def test_it_costs_two_queries_for_one_and_for_many(django_assert_num_queries):
    ills = [f.ill("borrowing.in_review") for _turn in range(3)]
    for ill in ills:
        check(ill, {"worldcat": "found"}, held=(HIL,))
        check(ill, {"worldcat": "late"}, day=1)
    with django_assert_num_queries(2):
        known = checked.of(ills)
    assert {pk: len(one.held) for pk, one in known.items()} == {ill.pk: 1 for ill in ills}


def test_never_checked_nothing_is_known():
    assert checked.of_one(f.ill("borrowing.in_review")) == checked.Known()


def test_lenders_are_proposed_although_their_source_is_down_today():
    f.institution()
    f.library("OAK", name="B Oak")
    hil = f.library("HIL", name="A Hill")
    ill = f.ill("borrowing.in_review")
    check(ill, {"worldcat": "found"}, held=(HIL,))
    check(ill, {"worldcat": "failed"}, day=1)
    proposal = rota.propose(ill, now=f.NOW)
    assert proposal.holders == 1 and [row.lender.pk for row in proposal.rota] == [hil.pk]


def test_the_tab_and_the_letter_know_it_too(client):
    f.institution()
    client.force_login(f.user("borrowing staff"))
    ill = f.ill("borrowing.in_review")
    ours = Held("Main library", ours=True, location="Main stacks", source="own_catalogue")
    check(ill, {"worldcat": "found", "unpaywall": "found", "own_catalogue": "found"}, held=(HIL, ours), access=(FREE,))
    assert "as of " not in client.get(f"/requests/{ill.number}/?tab=checks").content.decode()
    check(ill, dict.fromkeys(("worldcat", "unpaywall", "own_catalogue"), "failed"), day=1)
    page = client.get(f"/requests/{ill.number}/?tab=checks").content.decode()
    assert "HIL" in page and "Main stacks" in page and page.count("as of ") == 3 and page.count(": no answer") == 3
    assert "Send the link…" in page and "We own it: document delivery" in page
    form = client.get(f"/requests/{ill.number}/act/give_link/").content.decode()
    assert f'value="{FREE.url}"' in form
