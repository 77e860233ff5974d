"""What a check said, taken over and put back; a link that ends a request."""

from datetime import timedelta

import pytest

from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import Event, OutboxMessage
from requests_app import search
from requests_app.actions import perform
from requests_app.models import Check, CitationChange, ILLRequest
from requests_app.verification import matching
from requests_app.verification.asking import FAILED, FOUND, LATE, NOTHING, Asked
from requests_app.verification.check import Checked
from requests_app.verification.records import Access, Held, Record
from tests import factories as f

pytestmark = pytest.mark.django_db

FOUND_RECORD = {
    "title": "Tides and currents of the northern Gulf", "author": "Okafor, N.", "year": "2024", "isbn": "9780306406157",
    "source": "worldcat",
}


def checked(outcome="probable", **more) -> Checked:
    return Checked(Record(title="Tides"), outcome, **({"asked": (Asked("worldcat", FOUND, 300),)} | more))


def row_with_found(state="borrowing.in_review", **record):
    row = f.ill(state)
    found = {"record": FOUND_RECORD | record, "origins": {"title": "worldcat", "year": "crossref"}, "score": 0.8}
    Check.objects.create(ill=row, made=f.NOW, outcome="probable", found=[found])
    return row


def fresh(row) -> ILLRequest:
    return ILLRequest.objects.select_related("citation").get(pk=row.pk)


def test_a_check_is_kept_and_its_outcome_stands_with_the_request():
    row = f.ill("borrowing.in_review")
    perform(row, "check", actor=f.staff(), now=f.NOW, checked=checked())
    assert (fresh(row).outcome, fresh(row).check_due) == ("probable", None)
    kept = row.checks.get()
    assert kept.asked == [{"code": "worldcat", "state": "found", "ms": 300, "words": "", "kept": False}]
    assert Event.objects.get(name="request.check").data["outcome"] == "probable"


def test_a_check_makes_nobody_elses_page_stale():
    row = f.ill("borrowing.in_review")
    seen = row.version
    perform(row, "check", actor=f.staff(), now=f.NOW, checked=checked())
    perform(fresh(row), "choose_lenders", actor=f.staff(), now=f.NOW, seen_version=seen, libraries=[f.library()])


def test_who_did_not_answer_is_asked_again_ever_more_seldom_and_then_no_more():
    row, waits = f.ill("borrowing.in_review"), []
    for _time in range(5):
        perform(row, "check", actor=f.staff(), now=f.NOW,
                checked=checked("not_found", asked=(Asked("worldcat", LATE), Asked("crossref", NOTHING))))
        waits.append(fresh(row).check_due)
    assert waits[0] == f.NOW + timedelta(minutes=5) and waits[-1] is None
    assert waits[:4] == sorted(waits[:4])


def test_when_nobody_answers_an_older_outcome_stays():
    row = f.ill("borrowing.in_review")
    perform(row, "check", actor=f.staff(), now=f.NOW, checked=checked("verified"))
    perform(row, "check", actor=f.staff(), now=f.NOW, checked=checked("", asked=(Asked("worldcat", FAILED),)))
    assert fresh(row).outcome == "verified" and fresh(row).check_due is not None


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ({"held": (Held("Main", ours=True, available=True),)}, "owned"),
        ({"held": (Held("Main", ours=True, available=False),)}, ""),
        ({"held": (Held("Elsewhere"),)}, ""),
        ({"access": (Access("https://a.example/x.pdf", "free"),)}, "online"),
        ({"access": (Access("https://a.example/x", "free", limited=True),)}, ""),
    ],
)
def test_what_spares_a_loan_is_marked_while_no_lender_is_asked(found, why):
    row = f.ill("borrowing.in_review")
    perform(row, "check", actor=f.staff(), now=f.NOW, checked=checked(**found))
    assert fresh(row).attention_why == why
    sent = f.ill("borrowing.sent")
    perform(sent, "check", actor=f.staff(), now=f.NOW, checked=checked(**found))
    assert fresh(sent).attention_why == ""


@pytest.mark.parametrize(("summary", "why"), [
    ("v.1(1990)-v.6(1995)", ""), ("v.1(1990)-", "owned"), ("1990-1995", ""), ("incomplete", "owned"),
])
def test_a_run_that_ended_before_the_article_is_not_ours(summary, why):
    wanted = Record(kind="article", title="Marine Letters", part_title="Tides", volume="30", year="2020")
    row = f.ill("borrowing.in_review")
    found = Checked(wanted, "probable", held=(Held("Main", ours=True, available=True, volumes=summary),))
    perform(row, "check", actor=f.staff(), now=f.NOW, checked=found)
    assert fresh(row).attention_why == why


def test_the_volume_that_was_found_counts_where_the_patron_named_none():
    found = Record(kind="article", title="Marine Letters", part_title="Tides", volume="30", year="2020")
    wanted = Record(part_title="Tides", title="Marine Letters", issn="2345-6787")
    row = f.ill("borrowing.in_review")
    perform(row, "check", actor=f.staff(), now=f.NOW, checked=Checked(
        wanted, "verified", candidates=tuple(matching.conclude(wanted, [found]).candidates),
        held=(Held("Main", ours=True, volumes="v.1-v.6"),),
    ))
    assert fresh(row).attention_why == ""


def test_made_document_delivery_the_mark_that_we_own_it_goes():
    row = f.ill("borrowing.in_review")
    perform(row, "check", actor=f.staff(), now=f.NOW, checked=checked(held=(Held("Main", ours=True),)))
    assert fresh(row).attention_why == "owned"
    perform(fresh(row), "to_documents", actor=f.staff(), now=f.NOW)
    assert (fresh(row).state, fresh(row).attention) == ("documents.submitted", None)


def test_a_field_is_taken_over_with_its_source_and_found_by_its_new_words():
    row = row_with_found()
    before = row.citation.title
    perform(row, "take_over", actor=f.staff(), now=f.NOW, fields=["title", "year"])
    citation = fresh(row).citation
    assert (citation.title, citation.year) == (FOUND_RECORD["title"], "2024")
    assert citation.origins == {"title": "worldcat", "year": "crossref"}
    assert citation.typed.get("title", before) == before, "what was typed is never lost"
    assert row.pk in search.matching("northern Gulf")


def test_all_at_once_and_put_back_again():
    row = row_with_found()
    before = {name: getattr(row.citation, name) for name in ("title", "author", "year", "isbn")}
    perform(row, "take_over", actor=f.staff(), now=f.NOW)
    assert fresh(row).citation.isbn == "9780306406157"
    perform(fresh(row), "put_back", actor=f.staff(), now=f.NOW)
    citation = fresh(row).citation
    assert {name: getattr(citation, name) for name in before} == before and citation.origins == {}
    with pytest.raises(NotAllowed, match="Nothing was taken over"):
        perform(fresh(row), "put_back", actor=f.staff(), now=f.NOW)


def test_what_was_changed_again_is_not_put_back():
    row = row_with_found()
    perform(row, "take_over", actor=f.staff(), now=f.NOW, fields=["title"])
    row = fresh(row)
    row.citation.title = "By hand"
    row.citation.save()
    with pytest.raises(NotAllowed, match="changed again"):
        perform(row, "put_back", actor=f.staff(), now=f.NOW)
    assert fresh(row).citation.title == "By hand" and CitationChange.objects.get().undone is None


def test_two_changes_are_put_back_one_by_one_to_what_was_typed():
    row = row_with_found()
    typed = row.citation.title
    perform(row, "take_over", actor=f.staff(), now=f.NOW, fields=["title"])
    Check.objects.create(ill=row, made=f.NOW, found=[{"record": {"title": "Third", "source": "crossref"}}])
    perform(fresh(row), "take_over", actor=f.staff(), now=f.NOW, fields=["title"])
    assert fresh(row).citation.origins == {"title": "crossref"}
    perform(fresh(row), "put_back", actor=f.staff(), now=f.NOW)
    assert (fresh(row).citation.title, fresh(row).citation.origins) == (FOUND_RECORD["title"], {"title": "worldcat"})
    perform(fresh(row), "put_back", actor=f.staff(), now=f.NOW)
    assert (fresh(row).citation.title, fresh(row).citation.origins) == (typed, {})


@pytest.mark.parametrize("answers", [{"candidate": 7}, {"candidate": -1}, {"check": 10**9}])
def test_a_candidate_that_is_not_there_is_a_sentence(answers):
    with pytest.raises(BadAnswer, match="Verify again"):
        perform(row_with_found(), "take_over", actor=f.staff(), now=f.NOW, **answers)


def test_nothing_to_take_over_is_a_sentence_and_a_value_longer_than_its_column_is_cut():
    row = row_with_found(publisher="P" * 900)
    perform(row, "take_over", actor=f.staff(), now=f.NOW)
    assert len(fresh(row).citation.publisher) == 300
    with pytest.raises(NotAllowed, match="nothing to take over"):
        perform(fresh(row), "take_over", actor=f.staff(), now=f.NOW)


def test_fields_that_no_citation_has_are_not_touched():
    row = row_with_found(kind="film", typed="x", language="rus")
    perform(row, "take_over", actor=f.staff(), now=f.NOW, fields=["kind", "typed", "year"])
    assert fresh(row).citation.kind == row.citation.kind and fresh(row).citation.year == "2024"


def test_a_link_ends_the_request_with_a_letter_that_holds_it():
    row = f.ill("borrowing.in_review")
    perform(row, "give_link", actor=f.staff(), now=f.NOW, url="https://arxiv.example/1", text="Fig. 3 is in colour.")
    assert (fresh(row).state, fresh(row).reason) == ("borrowing.finished", "online")
    letter = OutboxMessage.objects.filter(channel="mail").latest("pk")
    assert "https://arxiv.example/1" in str(letter.payload) and "Fig. 3" in str(letter.payload)
    assert "arxiv" not in str(Event.objects.get(name="request.give_link").data)


@pytest.mark.parametrize("url", [
    "", "javascript:alert(1)", "ftp://x.example/", "https://", "x.example/1", "https://[x", "https://a b.example/",
    "https://oa.example/a b", "https://me:hush@oa.example/", "https://oa\x01.example/",
])
def test_a_link_that_is_none_is_refused_at_its_field(url):
    row = f.ill("borrowing.in_review")
    with pytest.raises(BadAnswer, match="https://") as told:
        perform(row, "give_link", actor=f.staff(), now=f.NOW, url=url)
    assert told.value.field == "url" and fresh(row).state == "borrowing.in_review"
