"""Situations 19, 25, 32, 33 and 42: what no counting settles. The numbers are those of the list."""

import re
from datetime import date
from decimal import Decimal

import pytest

from illdesk import actors
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import Event, OutboxMessage
from requests_app.actions import perform
from requests_app.actions.single_copies import QUESTION
from requests_app.models import CopyrightDecision, ILLRequest, LoanPolicy
from tests import factories as f
from tests.requests_app.copyright.stories import article, ready, use_of

pytestmark = pytest.mark.django_db


def act(ill: ILLRequest, action: str) -> str:
    return f"/requests/{ill.number}/act/{action}/"


@pytest.mark.parametrize("note", ["For my class", "2 copies, please: one for a friend", "Para mi clase"])
def test_situation_19_a_copy_for_a_class_or_several_copies_wait_for_a_person_who_is_pointed_to_reserves(client, note):
    LoanPolicy.objects.create(pk=1, reserves_email="reserves@riverside.example")
    ill = ready(note=note)
    assert (ill.state, ill.compliance) == ("borrowing.copyright_review", "")
    client.force_login(f.user("borrowing staff"))
    page = client.get(f"/requests/{ill.number}/").content.decode()
    assert act(ill, "tell_reserves") in page and ("108(d)(1)" in page or "108(g)(1)" in page)
    answer = client.post(act(ill, "tell_reserves"), {"version": ill.version})
    assert answer.status_code == 302
    assert OutboxMessage.objects.get(what="reserves").recipient == "reserves@riverside.example"
    with pytest.raises(NotAllowed):
        perform(ill, "clear_copyright", actor=actors.CLOCK, now=f.NOW)


def test_situation_19_several_loans_of_one_title_are_no_copyright_matter():
    ill = f.ill("borrowing.ready_to_send", note="For my class, 3 copies")
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    assert (ill.state, ill.compliance, use_of(ill)) == ("borrowing.sent", "", None)


@pytest.mark.parametrize("citation", [
    {"kind": "score", "part_title": "Violin I", "issn": ""}, {"format": "full score"}, {"format": "sheet music"},
])
def test_situation_25_a_copy_of_a_violin_part_is_never_cleared_by_itself_and_a_loan_is_proposed(client, citation):
    ill = ready(**citation)
    assert (ill.state, ill.compliance) == ("borrowing.copyright_review", "")
    client.force_login(f.user("borrowing staff"))
    page = client.get(f"/requests/{ill.number}/").content.decode()
    assert "17 USC 108(i)" in page and "borrow it, propose to buy it" in page
    assert act(ill, "lend_instead") in page
    answer = client.post(act(ill, "lend_instead"), {"version": ill.version, "text": "We have a good edition in mind."})
    assert answer.status_code == 302
    ill.refresh_from_db()
    assert (ill.state, ill.service, ill.compliance, ill.rota.count()) == ("borrowing.in_review", "loan", "", 0)
    letter = OutboxMessage.objects.get(what="lend_instead").payload["body"]
    assert "the item itself to borrow" in letter and "the library buys it" in letter and "good edition" in letter


def test_situation_25_fair_use_with_a_reason_stays_possible_and_is_stated_as_ccl():
    ill = ready(kind="score", part_title="Violin I", issn="")
    perform(ill, "decide_copyright", actor=f.staff(), now=f.NOW, compliance="US-CCL", ground="fair_use",
            text="Eight bars for an analysis.")
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    assert (ill.compliance, use_of(ill).ground, use_of(ill).place) == ("US-CCL", "fair_use", None)


@pytest.mark.parametrize(("citation", "note"), [
    ({"kind": "score", "part_title": "Violin I", "issn": ""}, ""), ({}, "2 copies, please"),
])
def test_situations_19_and_25_no_person_calls_it_within_the_guidelines(client, citation, note):
    ill = ready(note=note, **citation)
    client.force_login(f.user("borrowing staff"))
    page = client.get(act(ill, "decide_copyright")).content.decode()
    assert 'value="within"' not in page and 'value="ground"' in page
    answer = client.post(act(ill, "decide_copyright"), {
        "version": ill.version, "how": "within", "within_text": "It is only one."})
    assert answer.status_code == 422 and "borrow it, or choose fair use with a reason" in answer.content.decode()
    with pytest.raises(BadAnswer) as refused:
        perform(ill, "decide_copyright", actor=f.staff(), now=f.NOW, compliance="US-CCG", text="It is only one.")
    assert refused.value.field == "compliance" and use_of(ill) is None


@pytest.mark.parametrize("doi", ["10.5555/tides", ""])
def test_situation_32_five_students_of_one_course_are_seen_before_the_first_copy_is_sent(client, doi):
    """With a DOI and without one; the fifth and the earlier ones that have not left."""
    LoanPolicy.objects.create(pk=1, reserves_email="reserves@riverside.example")
    asked = [article(now=f.later(hours=9 * n), part_title="On tides", doi=doi, volume="4") for n in range(5)]
    for ill in asked:
        perform(ill, "choose_lenders", actor=f.staff(), now=f.later(days=2), libraries=[f.library()])
        assert (ill.state, ill.compliance) == ("borrowing.copyright_review", ""), "not sent unseen"
    decided = ILLRequest.objects.get(pk=asked[4].pk)
    clerk = f.user("borrowing staff")
    client.force_login(clerk)
    # The page looks at the clock of the wall, the story plays in March: the days are what the sentence says.
    from requests_app.copyright import clearance

    lines = [str(line) for line in clearance.look(decided, now=f.later(days=2)).decision.doubts]
    assert any("5 patrons asked for this article within 7 days" in line and "Tell Reserves" in line for line in lines)
    perform(decided, "tell_reserves", actor=actors.staff(clerk), now=f.later(days=2))
    told = OutboxMessage.objects.get(what="reserves")
    assert told.recipient == "reserves@riverside.example"
    assert "5 patrons have asked" in told.payload["body"] and "On tides" in told.payload["body"]
    assert "On tides" not in told.payload["subject"]
    for ill in asked:
        assert ill.patron.last_name not in told.payload["body"]
    with pytest.raises(NotAllowed, match=r"told of .* already"):
        perform(decided, "tell_reserves", actor=actors.staff(clerk), now=f.later(days=2))
    assert OutboxMessage.objects.filter(what="reserves").count() == 1


def test_situation_32_without_an_address_of_reserves_it_is_said_where_to_enter_it():
    with pytest.raises(NotAllowed, match="loan policy"):
        perform(ready(note="For my class"), "tell_reserves", actor=f.staff(), now=f.NOW)


def test_situation_32_two_strangers_who_ask_for_one_article_are_no_course():
    assert [ready(part_title="On tides", doi="10.5555/two", volume="4").state for _time in range(2)] == [
        "borrowing.ready_to_send", "borrowing.ready_to_send"]


def test_situation_33_a_us_library_that_states_nothing_is_asked_at_one_click_and_not_filled(client):
    ill = f.ill("lending.received", service="copy", compliance="")
    client.force_login(f.user("lending staff"))
    page = client.get(f"/requests/{ill.number}/").content.decode()
    button = re.search(rf'<form method="post" action="{act(ill, "ask_compliance")}">', page)
    assert button, "one click: a button, no form in between"
    answer = client.post(act(ill, "ask_compliance"), {"version": ill.version})
    assert answer.status_code == 302
    ill.refresh_from_db()
    assert ill.state == "lending.conditional"
    told = OutboxMessage.objects.get(what="RetryPossible").payload["xml"]
    assert "MustMeetLoanCondition" in told and QUESTION.partition(".")[0] in told
    # Asked a second time from an old page: nothing more is sent.
    assert client.post(act(ill, "ask_compliance"), {"version": 0}).status_code == 409
    assert OutboxMessage.objects.filter(what="RetryPossible").count() == 1
    perform(ill, "borrower_accepts", actor=actors.partner("HIL"), now=f.NOW, compliance="US-CCL")
    assert (ill.state, ill.compliance) == ("lending.searching", "US-CCL")
    page = client.get(f"/requests/{ill.number}/").content.decode()
    assert act(ill, "ask_compliance") not in page


@pytest.mark.parametrize("state", ["received", "searching", "preparing"])
def test_situation_33_what_was_told_by_telephone_is_recorded_and_the_copy_may_leave(client, state):
    ill = f.ill(f"lending.{state}", service="copy", compliance="")
    client.force_login(f.user("lending staff"))
    where = act(ill, "record_statement")
    assert where in client.get(f"/requests/{ill.number}/").content.decode()
    assert "CCL: other provisions" in client.get(where).content.decode()
    bad = client.post(where, {"version": ill.version, "note": "Ms Berg, by telephone"})
    assert bad.status_code == 422 and "Choose what the library states" in bad.content.decode()
    assert "Ms Berg, by telephone" in bad.content.decode()
    with pytest.raises(BadAnswer):
        perform(ill, "record_statement", actor=f.staff(), now=f.NOW, compliance="UK-FairDealing")
    given = {"version": ill.version, "compliance": "US-CCL", "note": "Ms Berg, by telephone"}
    assert client.post(where, given).status_code == 302
    ill.refresh_from_db()
    assert (ill.state, ill.compliance) == (f"lending.{state}", "US-CCL")
    event = Event.objects.get(name="request.record_statement")
    assert event.data["compliance"] == "US-CCL" and event.actor is not None
    # The second time, and from a page that is old.
    assert client.post(where, given).status_code == 409
    if state == "preparing":
        perform(ill, "mail_copy", actor=f.staff(), now=f.NOW, notice="included")
        assert ill.state == "lending.finished"


def test_situation_33_the_answer_told_by_telephone_comes_with_its_statement(client):
    ill = f.ill("lending.received", service="copy", compliance="")
    perform(ill, "ask_compliance", actor=f.staff(), now=f.NOW)
    client.force_login(f.user("lending staff"))
    where = act(ill, "record_accepted")
    assert client.post(where, {"version": ill.version}).status_code == 422, "it was what we asked for"
    with pytest.raises(BadAnswer):
        perform(ill, "record_accepted", actor=f.staff(), now=f.NOW)
    assert client.post(where, {"version": ill.version, "compliance": "US-CCG"}).status_code == 302
    ill.refresh_from_db()
    assert (ill.state, ill.compliance) == ("lending.searching", "US-CCG")


def test_situation_33_another_condition_is_accepted_without_it_and_it_is_recorded_later(client):
    ill = f.ill("lending.received", service="copy", compliance="")
    perform(ill, "ask_condition", actor=f.staff(), now=f.NOW, reason="cost", cost=Decimal(15))
    client.force_login(f.user("lending staff"))
    where = act(ill, "record_accepted")
    assert "It has said nothing of this yet" in client.get(where).content.decode()
    assert client.post(where, {"version": ill.version, "compliance": ""}).status_code == 302
    ill.refresh_from_db()
    assert (ill.state, ill.compliance, ill.cost) == ("lending.searching", "", 15)
    perform(ill, "record_statement", actor=f.staff(), now=f.NOW, compliance="US-CCG")
    assert ill.compliance == "US-CCG"


def test_situation_33_a_loan_is_accepted_at_one_click_as_ever(client):
    ill = f.ill("lending.conditional")
    client.force_login(f.user("lending staff"))
    assert client.post(act(ill, "record_accepted"), {"version": ill.version}).status_code == 302
    assert act(ill, "record_statement") not in client.get(f"/requests/{ill.number}/").content.decode()


@pytest.mark.parametrize(("action", "answers"), [("deliver_scan", {"file": 1}), ("mail_copy", {})])
def test_situation_33_it_is_not_filled_as_it_is(action, answers):
    ill = f.ill("lending.preparing", service="copy", compliance="")
    given = {name: f.stored() for name in answers}
    with pytest.raises(NotAllowed, match="neither CCG nor CCL"):
        perform(ill, action, actor=f.staff(), now=f.NOW, notice="included", **given)
    assert ill.state == "lending.preparing"


@pytest.mark.parametrize("more", [{"compliance": "US-CCG"}, {"partner": "abroad"}, {"service": "loan"}])
def test_situation_33_who_states_it_lives_abroad_or_wants_a_loan_is_not_asked(client, more):
    given = {"service": "copy", "compliance": ""} | more
    if "partner" in given:
        given["partner"] = f.library("LIN", country="AT")
    ill = f.ill("lending.received", **given)
    client.force_login(f.user("lending staff"))
    assert act(ill, "ask_compliance") not in client.get(f"/requests/{ill.number}/").content.decode()
    assert client.post(act(ill, "ask_compliance"), {"version": ill.version}).status_code == 409


# --- 42 --------------------------------------------------------------------------------------------------------


def _own(**citation) -> ILLRequest:
    """Document delivery of a copy, found on the shelf."""
    book = {"kind": "book", "title": "A history of tides", "part_title": "", "pages": "1-300"} | citation
    ill = f.asked(service="copy", patron=f.patron(status="faculty"), citation=book)
    perform(ill, "to_documents", actor=f.staff(), now=f.NOW)
    perform(ill, "start_search", actor=f.staff(), now=f.NOW)
    return ill


@pytest.mark.parametrize("citation", [{}, {"pages": ""}, {"kind": "score", "part_title": "Violin I", "pages": "1-8"}])
def test_situation_42_a_whole_book_of_ours_is_not_scanned_because_it_is_ours(client, citation):
    ill = _own(**citation)
    for action, answers in (("found", {}), ("deliver_copy", {"file": f.stored(), "notice": "included"})):
        with pytest.raises(NotAllowed, match=r"Nothing was copied\. Lend it instead, propose to buy it"):
            perform(ill, action, actor=f.staff(), now=f.NOW, **answers)
    ill.refresh_from_db()
    assert (ill.state, ill.deliveries.count()) == ("documents.searching", 0)
    client.force_login(f.user("lending staff"))
    page = client.get(f"/requests/{ill.number}/").content.decode()
    assert "17 USC 108(" in page and act(ill, "lend_instead") in page and act(ill, "allow_copy") in page


def test_situation_42_the_professor_is_refused_kindly_and_gets_it_as_a_loan(client):
    ill = _own()
    client.force_login(f.user("lending staff"))
    preview = client.get(act(ill, "lend_instead")).content.decode()
    assert "If a chapter or an article of it is enough" in preview, "the letter is seen before it goes"
    client.post(act(ill, "lend_instead"), {"version": ill.version})
    ill.refresh_from_db()
    assert (ill.state, ill.service, ill.branch) == ("documents.searching", "loan", f.branch())
    assert OutboxMessage.objects.get(what="lend_instead").recipient == ill.patron.email
    perform(ill, "shelve", actor=f.staff(), now=f.NOW)
    assert ill.state == "documents.on_hold_shelf"


def test_situation_42_a_chapter_is_copied_without_a_question():
    ill = _own(kind="chapter", part_title="Spring tides", pages="41-58")
    perform(ill, "found", actor=f.staff(), now=f.NOW)
    perform(ill, "deliver_copy", actor=f.staff(), now=f.NOW, file=f.stored(), notice="included")
    assert ill.state == "documents.delivered"
    assert not CopyrightDecision.objects.exists() and use_of(ill) is None, "our own copies are not counted (C19)"


def test_situation_42_after_an_investigation_a_named_person_may_let_it_be_copied(client):
    """17 USC 108(e): where looked, when, result and price are kept."""
    ill = _own()
    clerk = f.user("lending staff")
    client.force_login(clerk)
    given = {"version": ill.version, "ground": "other", "text": "108(e): the author agrees too."}
    answer = client.post(act(ill, "allow_copy"), given)
    assert answer.status_code == 422 and "Write where you looked" in answer.content.decode()
    assert "the author agrees too" in answer.content.decode()
    given |= {"looked": "Publisher and three dealers", "looked_on": "2026-03-01", "in_print": "no", "price": "",
              "result": "not_found"}
    assert client.post(act(ill, "allow_copy"), given).status_code == 302
    row = CopyrightDecision.objects.get(ill=ill)
    assert (row.by, row.ground, row.code) == (clerk, "other", "")
    assert "Publisher and three dealers, 2026-03-01; out of print" in row.note.text
    ill.refresh_from_db()
    perform(ill, "found", actor=f.staff(), now=f.NOW)
    assert ill.state == "documents.scanning"


def test_situation_42_a_decision_covers_what_was_known_and_nothing_that_came_later():
    ill = _own()
    perform(ill, "allow_copy", actor=f.staff(), now=f.NOW, ground="other", text="Agreed.", looked="Dealers",
            looked_on=date(2026, 3, 1), in_print="no", result="not_found")
    ILLRequest.objects.filter(pk=ill.pk).update(asker_note="For my class")
    ill.refresh_from_db()
    with pytest.raises(NotAllowed, match="For my class"):
        perform(ill, "found", actor=f.staff(), now=f.NOW)


def test_situation_42_what_was_looked_for_is_kept_and_answers_alike_for_both():
    ill = _own()
    f.searched(ill, "found")
    given = {"ground": "other", "text": "Agreed."}
    with pytest.raises(BadAnswer, match="buy it"):
        perform(ill, "allow_copy", actor=f.staff(), now=f.NOW, **given)
    perform(ill, "allow_copy", actor=f.staff(), now=f.NOW, **given, looked="Three dealers",
            looked_on=date(2026, 3, 1), in_print="no", result="not_found")
    row = ill.fair_price_searches.order_by("-pk").first()
    assert (row.where, row.result, row.in_print) == ("Three dealers", "not_found", "out")
    other = _own()
    perform(other, "allow_copy", actor=f.staff(), now=f.NOW, ground="permission", text="The author agrees.")
    assert not other.fair_price_searches.exists(), "what is not by 108 needs no search"


@pytest.mark.parametrize(("wrong", "field"), [
    ({"ground": "because"}, "ground"), ({"text": " "}, "text"), ({"looked": ""}, "looked"),
    ({"looked_on": date(2027, 1, 1)}, "looked_on"), ({"in_print": "perhaps"}, "in_print"),
    ({"result": ""}, "result"), ({"result": "found"}, "ground"),
])
def test_situation_42_half_an_investigation_is_none(wrong, field):
    ill = _own()
    given = {"ground": "other", "text": "Agreed.", "looked": "Dealers", "looked_on": date(2026, 3, 1), "in_print": "no",
             "result": "dear"}
    with pytest.raises(BadAnswer) as refused:
        perform(ill, "allow_copy", actor=f.staff(), now=f.NOW, **given | wrong)
    assert refused.value.field == field
    assert not CopyrightDecision.objects.exists()
