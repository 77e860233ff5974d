"""What the steps of a request do to the ledger, told as they happen at the desk."""

from datetime import UTC, date, datetime

import pytest

from illdesk import actors
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import Event
from requests_app import lifecycle
from requests_app.actions import Doing, Elsewhere, perform
from requests_app.copyright import clearance, corrections, ledger, steps
from requests_app.models import CopyrightDecision, CopyrightTitle, CopyrightUse, ILLRequest, RuleSet
from tests import factories as f
from tests.requests_app.copyright.stories import ISSN, ONLINE, OTHER, article, by_hand, place_of, ready, sent, use_of

pytestmark = pytest.mark.django_db
HIL = actors.partner("HIL")


def states() -> list[str]:
    return list(CopyrightUse.objects.order_by("pk").values_list("state", flat=True))


# --- a copy is decided by itself, leaves, comes --------------------------------------------------------------


def test_an_article_without_doubt_is_cleared_by_the_rules_and_takes_its_place_when_it_leaves():
    ill = ready()
    assert (ill.state, ill.compliance, ill.compliance_by) == ("borrowing.ready_to_send", "US-CCG", None)
    decided = CopyrightDecision.objects.get(ill=ill)
    assert (decided.by, decided.code, decided.verdict, decided.rules) == (None, "US-CCG", "within", "us-contu/1")
    assert "title_new" in [code for code, _values in decided.lines]
    assert not CopyrightUse.objects.exists(), "clearing only forecasts"
    event = perform(ill, "send", actor=f.staff(), now=f.NOW)
    use = use_of(ill)
    assert (use.place, use.year, use.asked_on, use.state) == (1, 2026, date(2026, 3, 2), "held")
    assert (use.title.name, use.article[:8], use.published_last) == ("Marine Letters", "On tides", date(2024, 12, 31))
    assert (event.data["place"], event.data["use"]) == (1, use.pk)
    perform(ill, "lender_sent_copy", actor=HIL, now=f.later(days=2))
    use.refresh_from_db()
    assert (use.state, use.filled, use.place) == ("used", f.later(days=2), 1)


def test_a_pdf_added_by_hand_uses_the_place():
    ill = sent()
    perform(ill, "receive_copy", actor=f.staff(), now=f.NOW, file=f.stored())
    assert use_of(ill).state == "used"


def test_a_bad_scan_sent_again_is_no_second_use():
    ill = sent()
    perform(ill, "lender_sent_copy", actor=HIL, now=f.NOW)
    perform(ill, "file_arrived", actor=actors.SYSTEM, now=f.NOW, file=f.stored())
    perform(ill, "ask_resend", actor=f.staff(), now=f.NOW, problem="unreadable")
    perform(ill, "lender_sent_copy", actor=HIL, now=f.NOW)
    perform(ill, "resend_given_up", actor=f.staff(), now=f.NOW)
    perform(ill, "expire_delivery", actor=actors.CLOCK, now=f.later(days=60))
    perform(ill, "ask_resend", actor=f.staff(), now=f.later(days=61), problem="unreadable")
    assert ill.state == "borrowing.sent" and states() == ["used"]


def test_an_old_article_is_sent_as_ccl_and_kept_outside():
    ill = sent(year="1998")
    use = use_of(ill)
    assert (ill.compliance, use.state, use.ground, use.place) == ("US-CCL", "outside", "older", None)


def test_a_loan_and_what_we_own_are_not_counted():
    f.ill("borrowing.sent"), f.ill("documents.delivered"), f.ill("lending.finished", service="copy")
    assert not CopyrightUse.objects.exists()


@pytest.mark.parametrize("fields", [
    {"issn": ""}, {"issn": "1234-5678"}, {"part_title": "", "pages": ""}, {"note": "For my class"},
])
def test_what_is_in_doubt_waits_for_a_person(fields):
    ill = ready(**fields)
    assert (ill.state, ill.compliance) == ("borrowing.copyright_review", "")
    if "pages" in fields:
        f.searched(ill)
    by_hand(ill)
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    assert place_of(ill) == 1 and use_of(ill).by == ill.compliance_by


def test_a_library_may_want_a_person_for_each():
    RuleSet.objects.create(code="us-own", version=2, name="Ours", valid_from=date(2026, 1, 1),
                           settings={"automatic": False})
    assert ready().state == "borrowing.copyright_review"


def test_rules_count_from_the_day_they_are_valid():
    RuleSet.objects.create(code="us-own", name="Ours", valid_from=date(2026, 3, 3), settings={"limit": 1})
    sent(), sent()
    with pytest.raises(Elsewhere):
        perform(_cleared_before(now=f.later(days=1)), "send", actor=f.staff(), now=f.later(days=1))


def _cleared_before(**fields) -> ILLRequest:
    """Decided by rule when there still was a place."""
    ill = ready(**fields)
    ILLRequest.objects.filter(pk=ill.pk).update(state="borrowing.ready_to_send", compliance="US-CCG")
    ill.refresh_from_db()
    return ill


# --- never six ------------------------------------------------------------------------------------------------


def test_the_sixth_goes_back_to_copyright_review_with_the_explanation():
    waiting = [ready() for _time in range(6)]
    assert {ill.state for ill in waiting} == {"borrowing.ready_to_send"}, "each was cleared while places were left"
    for ill in waiting[:5]:
        perform(ill, "send", actor=f.staff(), now=f.NOW)
    sixth = waiting[5]
    with pytest.raises(NotAllowed) as refused:
        perform(sixth, "send", actor=f.staff(), now=f.NOW)
    assert "Nothing was sent" in str(refused.value) and "No place is left in 2026: 5 of 5" in str(refused.value)
    assert "Pending among them: 5" in str(refused.value)
    stored = ILLRequest.objects.get(pk=sixth.pk)
    assert (stored.state, stored.compliance, stored.dialogues.count()) == ("borrowing.copyright_review", "", 0)
    assert (sixth.state, sixth.version) == (stored.state, stored.version), "as in memory"
    assert [place_of(ill) for ill in waiting] == [1, 2, 3, 4, 5, None]
    assert f.events_of(sixth)[-1] == "request.back_to_copyright"
    with pytest.raises(BadAnswer) as refused:
        by_hand(sixth)
    assert refused.value.field == "compliance" and "5 of 5" in str(refused.value)
    by_hand(sixth, "US-CCL")
    perform(sixth, "send", actor=f.staff(), now=f.NOW)
    use = use_of(sixth)
    assert (use.state, use.ground, use.by) == ("outside", "fair_use", sixth.compliance_by)


def test_a_person_who_decided_when_a_place_was_left_sends_no_sixth_either():
    ill = by_hand(ready(issn=""))
    for _time in range(5):
        perform(by_hand(ready(issn="")), "send", actor=f.staff(), now=f.NOW)
    with pytest.raises(Elsewhere):
        perform(ill, "send", actor=f.staff(), now=f.NOW)
    assert ill.state == "borrowing.copyright_review" and CopyrightUse.objects.count() == 5


def test_a_seventh_is_not_even_cleared():
    for _time in range(5):
        sent()
    assert ready().state == "borrowing.copyright_review"


def test_places_of_the_next_year_are_new():
    for _time in range(5):
        sent()
    new_year = datetime(2027, 1, 4, 15, tzinfo=UTC)
    assert place_of(sent(now=new_year)) == 1


def test_a_next_lender_that_would_be_a_sixth_does_not_get_it():
    """Sent before uses were counted, unfilled, and taken up again while all places are gone."""
    ill = sent()
    CopyrightUse.objects.all().delete()
    for _time in range(5):
        sent()
    perform(ill, "lender_unfilled", actor=HIL, now=f.later(days=1), reason="NotHeld")
    assert (ill.state, ill.compliance) == ("borrowing.copyright_review", "")
    assert ILLRequest.objects.get(pk=ill.pk).state == "borrowing.copyright_review"
    assert ill.dialogues.filter(library__symbol="OAK").count() == 0


# --- the first sending fixes it for good -----------------------------------------------------------------------


def test_the_fifths_second_lender_keeps_the_place_that_another_clerk_wants():
    """Card 28."""
    first = [sent() for _time in range(5)]
    fifth = first[4]
    perform(fifth, "lender_unfilled", actor=HIL, now=f.later(days=1), reason="NotHeld")
    assert (fifth.state, fifth.partner.symbol, place_of(fifth)) == ("borrowing.sent", "OAK", 5)
    with pytest.raises(Elsewhere):
        perform(_cleared_before(), "send", actor=f.staff(), now=f.later(days=1))
    perform(fifth, "lender_unfilled", actor=actors.partner("OAK"), now=f.later(days=2), reason="NotHeld")
    assert (fifth.state, place_of(fifth)) == ("borrowing.unfilled", 5), "nobody is left to ask, and it goes on"
    perform(fifth, "cancel", actor=f.staff(), now=f.later(days=3), reason="not_found")
    assert place_of(fifth) is None and place_of(sent(now=f.later(days=3))) == 5


def test_submitted_in_december_sent_in_january_filled_in_january():
    """Card 30: the year of the first sending, and the doubtful date shown as such."""
    december, january = datetime(2026, 12, 30, 15, tzinfo=UTC), datetime(2027, 1, 2, 15, tzinfo=UTC)
    ill = sent_later(ready(now=december, year="Winter 2021–22"), january)
    use = use_of(ill)
    assert (use.year, use.asked_on, use.place) == (2027, date(2027, 1, 2), 1)
    assert (use.published, use.published_first, use.certainty) == ("Winter 2021–22", date(2021, 10, 1), "season")
    assert "doubtful" in use.why
    perform(ill, "receive_copy", actor=f.staff(), now=datetime(2027, 1, 5, 15, tzinfo=UTC), file=f.stored())
    use.refresh_from_db()
    assert (use.year, use.state) == (2027, "used")


def sent_later(ill: ILLRequest, now: datetime) -> ILLRequest:
    perform(ill, "send", actor=f.staff(), now=now)
    return ill


def test_sent_in_december_and_filled_by_the_second_lender_in_january_counts_in_december():
    ill = sent(now=datetime(2026, 12, 30, 15, tzinfo=UTC))
    perform(ill, "lender_unfilled", actor=HIL, now=datetime(2027, 1, 3, 15, tzinfo=UTC), reason="NotHeld")
    perform(ill, "lender_sent_copy", actor=actors.partner("OAK"), now=datetime(2027, 1, 5, 15, tzinfo=UTC))
    use = use_of(ill)
    assert (use.year, use.asked_on, use.state) == (2026, date(2026, 12, 30), "used")


@pytest.mark.parametrize(("zone", "year"), [("America/New_York", 2026), ("UTC", 2027), ("Pacific/Auckland", 2027)])
def test_the_day_is_the_librarys_own(settings, zone, year):
    settings.TIME_ZONE = zone
    from django.utils import timezone

    timezone.get_default_timezone.cache_clear()
    try:
        with timezone.override(zone):
            assert use_of(sent(now=datetime(2027, 1, 1, 3, 30, tzinfo=UTC))).year == year
    finally:
        timezone.get_default_timezone.cache_clear()


def test_what_left_before_uses_were_counted_counts_on_the_day_it_left():
    ill = sent(now=datetime(2026, 12, 30, 15, tzinfo=UTC))
    CopyrightUse.objects.all().delete()
    perform(ill, "lender_unfilled", actor=HIL, now=datetime(2027, 1, 3, 15, tzinfo=UTC), reason="NotHeld")
    assert (use_of(ill).year, use_of(ill).asked_on) == (2026, date(2026, 12, 30))


# --- a place is free again (C5) --------------------------------------------------------------------------------


def test_cancelled_without_a_copy_frees_the_place_and_the_row_remains():
    ill, other = sent(), sent()
    perform(ill, "ask_cancel", actor=f.staff(), now=f.NOW, text="Bought.")
    assert place_of(ill) == 1, "the lender has not answered"
    perform(ill, "lender_cancelled", actor=HIL, now=f.NOW)
    row = CopyrightUse.objects.get(ill=ill)
    assert (row.state, row.place, row.freed_why, row.freed) == ("freed", 1, "unfilled", f.NOW)
    assert [place_of(other), place_of(sent())] == [2, 1]


def test_one_lenders_no_frees_nothing():
    ill = sent(rota=("HIL",))
    perform(ill, "lender_unfilled", actor=HIL, now=f.NOW, reason="NotHeld")
    assert (ill.state, place_of(ill)) == ("borrowing.unfilled", 1)


@pytest.mark.parametrize(("action", "answers", "why"), [
    ("give_link", {"url": "https://doi.org/10.5555/free"}, "online"), ("to_documents", {}, None),
    ("cancel", {"reason": "not_found"}, "unfilled"),
])
def test_free_online_held_or_given_up_after_all(action, answers, why):
    ill = sent(rota=("HIL",))
    perform(ill, "lender_unfilled", actor=HIL, now=f.NOW, reason="NotHeld")
    if action == "to_documents":
        why = "held"
    event = perform(ill, action, actor=f.staff(), now=f.NOW, **answers)
    assert (states(), event.data["freed"]) == (["freed"], why)


def test_another_ground_frees_the_place_when_the_next_lender_is_asked():
    ill = sent(rota=("HIL",))
    perform(ill, "lender_unfilled", actor=HIL, now=f.NOW, reason="NotHeld")
    by_hand(ill, "US-CCL", ground="royalty")
    assert place_of(ill) == 1, "nothing left yet"
    perform(ill, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library("OAK")])
    perform(ill, "send", actor=f.staff(), now=f.later(days=400))
    assert states() == ["freed", "outside"]
    assert (use_of(ill).ground, use_of(ill).year) == ("royalty", 2026), "the year of the first sending stays"


def test_cancelled_and_asked_again_is_a_new_request():
    patron = f.patron()
    ill = sent(patron=patron, part_title="Once")
    perform(ill, "lender_sent_copy", actor=HIL, now=f.NOW)
    again = sent(patron=patron, part_title="Once", volume="77")
    assert [place_of(ill), place_of(again)] == [1, 2]
    assert "again" in use_of(again).why


# --- one title (C4) --------------------------------------------------------------------------------------------


def test_print_and_online_are_one_title_when_a_source_says_so():
    from requests_app.models import Check

    sent()
    ill = article(issn=ONLINE)
    Check.objects.create(ill=ill, made=f.NOW, outcome="verified", found=[
        {"record": {"title": "Marine Letters", "issn": ISSN, "issns": [ISSN, ONLINE]}}])
    perform(ill, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library()])
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    assert place_of(ill) == 2 and CopyrightTitle.objects.count() == 1
    assert place_of(sent(issn=ONLINE)) == 3, "from now on both numbers lead there"


def test_a_supplement_with_its_own_number_is_another_title():
    sent()
    assert place_of(sent(issn=OTHER, title="Marine Letters. Supplement")) == 1
    assert CopyrightTitle.objects.count() == 2


def test_editions_of_a_work_are_one_by_any_number_they_share():
    chapter = {"kind": "chapter", "title": "A handbook of tides", "issn": "", "year": "2001", "volume": "", "issue": ""}
    first = sent(**chapter, isbn="9780141439549", oclc="12345")
    second = sent(**chapter, isbn="9780000000002", oclc="0012345")
    assert [place_of(first), place_of(second)] == [1, 2]
    third = sent(**chapter, isbn="9780000000002")
    assert place_of(third) == 3


def test_one_of_the_same_name_without_a_number_asks_a_person():
    perform(by_hand(ready(issn="")), "send", actor=f.staff(), now=f.NOW)
    ill = ready()
    assert ill.state == "borrowing.copyright_review"


def test_a_name_alone_counts_for_the_numbered_title_of_that_name():
    for _time in range(4):
        sent()
    ill = by_hand(ready(issn=""))
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    assert place_of(ill) == 5
    with pytest.raises(BadAnswer):
        by_hand(ready(issn=""))


def test_two_articles_of_one_issue_for_one_patron_and_not_for_two():
    patron = f.patron()
    sent(patron=patron, volume="9", issue="1")
    assert ready(patron=patron, volume="9", issue="1").state == "borrowing.copyright_review"
    assert ready(volume="9", issue="1").state == "borrowing.ready_to_send"
    assert ready(patron=patron, volume="9", issue="2").state == "borrowing.ready_to_send"


def copied(**fields) -> ILLRequest:
    """Document delivery, copied and delivered."""
    ill = article(**fields)
    for action, answers in (("to_documents", {}), ("start_search", {}), ("found", {}),
                            ("deliver_copy", {"file": f.stored(), "notice": "included"})):
        perform(ill, action, actor=f.staff(), now=f.NOW, **answers)
    assert ill.state == "documents.delivered"
    return ill


def test_what_we_copied_ourselves_is_seen_by_issue_and_by_article(django_assert_max_num_queries):
    patron = f.patron()
    ours = copied(patron=patron, volume="12", issue="3", part_title="On tides")
    second = article(patron=patron, volume="12", issue="3", part_title="On storms")
    fresh = ILLRequest.objects.select_related("citation").get(pk=second.pk)
    with django_assert_max_num_queries(3):
        found = steps.clearance.look(fresh, now=f.NOW)
    assert found.facts.others.same_issue == ours.number
    other = article(patron=patron, volume="12", issue="4", part_title="On storms")
    assert not steps.clearance.look(other, now=f.NOW).facts.others.same_issue
    copied(volume="12", issue="3", part_title="On tides")
    third = article(volume="12", issue="3", part_title="On tides")
    assert steps.clearance.look(third, now=f.NOW).facts.others.patrons == 3
    assert "concerted" in [line.code for line in steps.clearance.look(third, now=f.NOW).decision.doubts]


def test_five_students_of_one_course_ask_for_one_article():
    """Card 32."""
    waiting = [article(doi="10.5555/tides") for _time in range(5)]
    for ill in waiting:
        perform(ill, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library()])
    assert {ill.state for ill in waiting} == {"borrowing.copyright_review"}
    later = article(doi="10.5555/tides", now=f.later(days=30))
    perform(later, "choose_lenders", actor=f.staff(), now=f.later(days=30), libraries=[f.library()])
    assert later.state == "borrowing.ready_to_send"


# --- what a check says ------------------------------------------------------------------------------------------


def checked(ill: ILLRequest, **said) -> ILLRequest:
    from requests_app.models import Check

    Check.objects.create(ill=ill, made=f.NOW, outcome="verified", **said)
    perform(ill, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library()])
    return ill


@pytest.mark.parametrize(("said", "state", "ground"), [
    ({"access": [{"url": "https://x.example", "way": "licensed"}]}, "borrowing.copyright_review", ""),
    ({"held": [{"name": "Ours", "ours": True, "available": True}]}, "borrowing.copyright_review", ""),
    ({"held": [{"name": "Ours", "ours": True}]}, "borrowing.copyright_review", ""),
    ({"held": [{"name": "Hill College"}]}, "borrowing.ready_to_send", ""),
    ({"access": [{"url": "https://x.example", "way": "free", "version": "published", "licence": "CC BY 4.0"}]},
     "borrowing.ready_to_send", "open_licence"),
    ({"access": [{"url": "https://x.example", "way": "free", "version": "accepted", "licence": "CC BY 4.0"}]},
     "borrowing.ready_to_send", ""),
])
def test_what_verification_found_is_a_fact_of_the_decision(said, state, ground):
    ill = checked(article(), **said)
    assert ill.state == state
    if state == "borrowing.ready_to_send":
        assert CopyrightDecision.objects.get(ill=ill).ground == ground


def test_a_book_of_ours_that_is_away_needs_no_place():
    ill = checked(article(kind="chapter", issn="", isbn="9780141439549", year="2001"),
                  held=[{"name": "Ours", "ours": True, "available": False}])
    assert (ill.state, ill.compliance) == ("borrowing.ready_to_send", "US-CCL")
    assert CopyrightDecision.objects.get(ill=ill).ground == "held"


def test_a_subscription_that_came_between_clearing_and_sending_is_seen_when_it_leaves():
    from requests_app.models import Check

    ill = ready()
    Check.objects.create(ill=ill, made=f.NOW, outcome="verified",
                         access=[{"url": "https://x.example", "way": "licensed"}])
    with pytest.raises(Elsewhere, match="ourselves"):
        perform(ill, "send", actor=f.staff(), now=f.NOW)
    assert not CopyrightUse.objects.exists()


def test_events_hold_numbers_and_codes_only():
    sent()
    data = Event.objects.get(name="request.send").data
    assert {name: data[name] for name in ("counted", "place")} == {"counted": 2026, "place": 1}
    assert "Marine" not in str(data)


def test_a_resend_of_what_came_before_uses_were_counted_takes_no_place():
    ill = sent()
    perform(ill, "receive_copy", actor=f.staff(), now=f.NOW, file=f.stored())
    perform(ill, "expire_delivery", actor=actors.CLOCK, now=f.later(days=60))
    CopyrightUse.objects.all().delete()
    perform(ill, "ask_resend", actor=f.staff(), now=f.later(days=61), problem="unreadable")
    assert ill.state == "borrowing.sent" and not CopyrightUse.objects.exists()


def test_a_citation_put_right_after_the_first_sending_moves_neither_the_title_nor_its_numbers():
    ill = sent(rota=("HIL",))
    perform(ill, "lender_unfilled", actor=HIL, now=f.NOW, reason="NotHeld")
    ill.citation.issn = OTHER
    ill.citation.save()
    by_hand(ill, "US-CCL")
    perform(ill, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library("OAK")])
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    assert use_of(ill).title.name == "Marine Letters"
    assert not CopyrightTitle.objects.filter(numbers__key=f"issn:{OTHER}").exists()


def test_an_article_is_the_same_with_and_without_its_doi():
    patron = f.patron()
    sent(patron=patron, part_title="Once")
    again = sent(patron=patron, part_title="Once", volume="77", doi="10.5555/once")
    assert "again" in use_of(again).why


def test_what_was_filled_once_keeps_its_place_though_its_better_copy_never_comes():
    ill = sent(rota=("HIL",))
    perform(ill, "receive_copy", actor=f.staff(), now=f.NOW, file=f.stored())
    perform(ill, "expire_delivery", actor=actors.CLOCK, now=f.later(days=60))
    perform(ill, "ask_resend", actor=f.staff(), now=f.later(days=61), problem="unreadable")
    perform(ill, "lender_unfilled", actor=HIL, now=f.later(days=62), reason="NotHeld")
    perform(ill, "cancel", actor=f.staff(), now=f.later(days=63), reason="not_found")
    assert (ill.state, place_of(ill), states()) == ("borrowing.cancelled", 1, ["used"])


def test_a_copy_that_becomes_a_loan_states_nothing_and_frees_its_place():
    """Whichever step does it."""
    ill = sent(rota=("HIL",))
    perform(ill, "lender_unfilled", actor=HIL, now=f.NOW, reason="NotHeld")
    step = lifecycle.find(ill, "choose_lenders")
    ill.service = "loan"
    before = {"state": "borrowing.unfilled", "service": "copy"}
    steps.watch(Doing(ill, step, f.staff(), f.NOW, {}, before=before))
    assert (states(), ill.compliance) == (["freed"], "")
    assert CopyrightUse.objects.get().freed_why == "loan"


# --- what was decided, and what happened since ---------------------------------------------------------------


def _of_two_titles() -> list[ILLRequest]:
    """Five of one title and a later one of another, which turn out to be the same."""
    rows = [sent(now=f.later(days=day)) for day in range(5)]
    late = sent(now=f.later(days=9), issn=OTHER)
    keep, gone = (CopyrightTitle.objects.get(numbers__key=f"issn:{issn}") for issn in (ISSN, OTHER))
    ledger.merge(keep, gone, by=f.user("coordinator"), now=f.later(days=10))
    return [*rows, late]


def test_what_is_beyond_the_limit_since_a_merge_is_not_sent_again_as_ccg():
    late = _of_two_titles()[-1]
    assert use_of(late).over
    perform(late, "lender_unfilled", actor=HIL, now=f.later(days=11), reason="NotHeld")
    assert (late.state, late.compliance) == ("borrowing.copyright_review", "")
    assert late.dialogues.filter(library__symbol="OAK").count() == 0
    by_hand(late, "US-CCL", now=f.later(days=12))
    perform(late, "send", actor=f.staff(), now=f.later(days=12))
    use = use_of(late)
    assert (use.state, use.ground, use.over) == ("outside", "fair_use", False)


def test_a_ground_given_beyond_the_limit_is_told_to_the_next_supplier_also_after_another_merge():
    late = _of_two_titles()[-1]
    settled = corrections.settle(use_of(late), "fair_use", reason="Section 107.", actor=f.staff(), now=f.later(days=11))
    other = CopyrightTitle.objects.create(kind="periodical", name="M. L.", name_key="m l", made=f.NOW)
    ledger.merge(other, settled.title, by=f.user("coordinator"), now=f.later(days=12))
    perform(late, "lender_unfilled", actor=HIL, now=f.later(days=13), reason="NotHeld")
    assert (late.state, late.partner.symbol, late.compliance) == ("borrowing.sent", "OAK", "US-CCL")
    assert (use_of(late).ground, use_of(late).title) == ("fair_use", other)


def test_a_copy_that_came_stays_counted_whatever_is_decided_for_its_better_scan():
    ill = sent()
    perform(ill, "lender_sent_copy", actor=HIL, now=f.NOW)
    perform(ill, "file_arrived", actor=actors.SYSTEM, now=f.NOW, file=f.stored())
    perform(ill, "expire_delivery", actor=actors.CLOCK, now=f.later(days=60))
    perform(ill, "ask_resend", actor=f.staff(), now=f.later(days=61), problem="unreadable")
    ill.rota.all().delete()
    ill.rota_left = 0
    ill.save(update_fields=["rota_left"])
    perform(ill, "lender_unfilled", actor=HIL, now=f.later(days=62), reason="NotHeld")
    assert ill.state == "borrowing.unfilled"
    by_hand(ill, "US-CCL", now=f.later(days=63))
    perform(ill, "choose_lenders", actor=f.staff(), now=f.later(days=63), libraries=[f.library("OAK")])
    perform(ill, "send", actor=f.staff(), now=f.later(days=63))
    perform(ill, "lender_unfilled", actor=actors.partner("OAK"), now=f.later(days=64), reason="NotHeld")
    perform(ill, "cancel", actor=f.staff(), now=f.later(days=65), reason="not_found")
    assert states() == ["used"] and use_of(ill).place == 1


def test_a_limit_that_was_lowered_leaves_no_gap_for_one_more():
    RuleSet.objects.create(code="us-own", name="Ours", valid_from=date(2026, 1, 1), settings={"limit": 6})
    rows = [sent() for _time in range(6)]
    perform(rows[4], "ask_cancel", actor=f.staff(), now=f.NOW, text="Bought.")
    perform(rows[4], "lender_cancelled", actor=HIL, now=f.NOW)
    ill = by_hand(ready(note="For my class"))
    RuleSet.objects.create(code="us-own", version=2, name="Ours", valid_from=date(2026, 3, 2), settings={"limit": 5})
    CopyrightDecision.objects.filter(ill=ill).update(rules="us-own/2")
    with pytest.raises(Elsewhere) as refused:
        perform(ill, "send", actor=f.staff(), now=f.NOW)
    assert "5 of 5 are taken" in str(refused.value)
    found = clearance.look(ill, now=f.NOW)
    sending = ledger.Sending(title=use_of(rows[0]).title, **clearance.sending_facts(found))
    with pytest.raises(ledger.NoPlace):
        ledger.hold(ill, sending, by=None, now=f.NOW)


def test_what_a_person_decided_by_other_rules_is_decided_again():
    ill = by_hand(ready(note="For my class"))
    RuleSet.objects.create(code="us-own", name="Ours", valid_from=date(2026, 1, 1), settings={"counts": False})
    with pytest.raises(Elsewhere) as refused:
        perform(ill, "send", actor=f.staff(), now=f.NOW)
    assert "The rules changed since it was decided" in str(refused.value)
    assert (ill.state, ill.compliance) == ("borrowing.copyright_review", "")


def test_what_left_within_the_guidelines_keeps_its_place_when_the_rules_change():
    ill = ready()
    perform(ill, "send", actor=f.staff(), now=f.later(hours=1))
    RuleSet.objects.create(code="us-own", name="Ours", valid_from=date(2026, 1, 1), settings={"counts": False})
    perform(ill, "lender_unfilled", actor=HIL, now=f.later(days=1), reason="NotHeld")
    assert (ill.state, ill.partner.symbol, ill.compliance, place_of(ill)) == ("borrowing.sent", "OAK", "US-CCG", 1)
