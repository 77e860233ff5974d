"""Copies: ground, arrival, delivery, a bad one again, expiry. Files themselves: tests/requests_app/scans."""

from datetime import timedelta

import pytest

from illdesk import actors
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import Institution, OutboxMessage
from requests_app.actions import copies, perform
from requests_app.copyright import audit
from requests_app.models import Delivery, ILLRequest
from tests import factories as f

pytestmark = pytest.mark.django_db


def _letters(row: ILLRequest) -> list[str]:
    found = OutboxMessage.objects.filter(channel="mail", subject_id=row.pk, recipient=row.patron.email)
    return list(found.order_by("pk").values_list("what", flat=True))


def test_a_copy_is_not_sent_before_somebody_answers_for_its_ground():
    row = f.ill("borrowing.copyright_review")
    with pytest.raises(NotAllowed):
        perform(row, "send", actor=f.staff(), now=f.NOW)
    clerk = f.staff()
    f.searched(row)
    perform(row, "decide_copyright", actor=clerk, now=f.NOW, compliance="US-CCG", text="One chapter is not enough.")
    assert (row.state, row.compliance, row.compliance_by) == ("borrowing.ready_to_send", "US-CCG", clerk.user)


@pytest.mark.parametrize(("answers", "field"), [
    ({}, "compliance"), ({"compliance": "UK"}, "compliance"), ({"compliance": "US-CCL"}, "text"),
    ({"compliance": "US-CCG"}, "text"), ({"compliance": "US-CCG", "text": "Nobody looked for it."}, "text"),
])
def test_the_ground_is_one_of_two_and_other_lawful_ground_has_words(answers, field):
    row = f.ill("borrowing.copyright_review")
    with pytest.raises(BadAnswer) as refused:
        perform(row, "decide_copyright", actor=f.staff(), now=f.NOW, **answers)
    assert refused.value.field == field


def test_a_loan_states_nothing():
    assert f.ill("borrowing.sent").compliance == ""


def test_the_file_is_delivered_by_itself_and_the_time_begins_then():
    row = f.ill("borrowing.shipped", service="copy")
    perform(row, "file_arrived", actor=actors.SYSTEM, now=f.NOW, file=f.stored())
    assert row.state == "borrowing.delivered"
    delivery = copies.current(row)
    assert (delivery.until, delivery.most, delivery.fetched) == (f.NOW + timedelta(days=30), 10, 0)
    assert row.respond_by == delivery.until
    assert _letters(row)[-1] == "delivered"


def test_where_the_department_looks_first_a_person_delivers():
    f.by_hand()
    row = f.ill("borrowing.shipped", service="copy")
    perform(row, "file_arrived", actor=actors.SYSTEM, now=f.NOW, file=f.stored())
    assert (row.state, "delivered" in _letters(row)) == ("borrowing.received", False)
    perform(row, "deliver", actor=f.staff(), now=f.later(days=3))
    assert copies.current(row).until == f.later(days=33)


def test_what_was_to_be_cancelled_is_not_delivered_by_itself():
    row = f.ill("borrowing.sent", service="copy")
    perform(row, "ask_cancel", actor=f.staff(), now=f.NOW, text="Bought.")
    perform(row, "lender_sent_copy", actor=actors.partner("HIL"), now=f.NOW)
    perform(row, "file_arrived", actor=actors.SYSTEM, now=f.NOW, file=f.stored())
    assert (row.state, row.attention_why) == ("borrowing.received", "cancel_refused")


def test_a_link_is_fetched_after_the_commit_and_paper_is_not():
    row = f.ill("borrowing.sent", service="copy")
    perform(row, "lender_sent_copy", actor=actors.partner("HIL"), now=f.NOW, url="https://hil.example/x")
    fetch = OutboxMessage.objects.get(channel="fetch")
    assert (fetch.recipient, fetch.subject_id) == ("https://hil.example/x", row.pk)
    paper = f.ill("borrowing.sent", service="copy")
    event = perform(paper, "lender_sent_copy", actor=actors.partner("HIL"), now=f.NOW)
    assert event.data["on_paper"] is True
    assert OutboxMessage.objects.filter(channel="fetch").count() == 1


def test_a_bad_copy_is_asked_for_again_and_the_first_stays():
    row = f.ill("borrowing.delivered")
    first = copies.current(row)
    patron = actors.patron(row.patron.user)
    perform(row, "report_problem", actor=patron, now=f.NOW, problem="pages_missing", pages="40–41", text="My thesis!")
    assert (row.state, row.resend_asked, row.attention_why) == ("borrowing.delivered", f.NOW, "bad_copy")
    assert copies.current(row) == first
    told = OutboxMessage.objects.get(what="Resend").payload["xml"]
    assert "RESEND: pages are missing (40–41). Please send it again" in told and "thesis" not in told
    with pytest.raises(NotAllowed):
        perform(row, "report_problem", actor=patron, now=f.NOW, problem="pages_missing")
    perform(row, "file_arrived", actor=actors.SYSTEM, now=f.later(days=1), file=f.stored(f.pdf("better")))
    assert copies.current(row) != first
    assert (row.resend_asked, _letters(row)[-1]) == (None, "delivered_again")


def test_a_file_that_waits_for_a_better_one_does_not_expire():
    row = f.ill("borrowing.delivered")
    perform(row, "ask_resend", actor=f.staff(), now=f.NOW, problem="unreadable")
    with pytest.raises(NotAllowed):
        perform(row, "expire_delivery", actor=actors.CLOCK, now=f.later(days=40))
    perform(row, "resend_given_up", actor=f.staff(), now=f.later(days=40))
    perform(row, "expire_delivery", actor=actors.CLOCK, now=f.later(days=40))
    assert row.state == "borrowing.finished"


def test_a_bad_copy_is_asked_for_again_after_it_was_erased_without_a_new_request():
    row = f.ill("borrowing.finished", service="copy")
    perform(row, "ask_resend", actor=f.staff(), now=f.NOW, problem="cut_off")
    assert (row.state, row.dialogues.count()) == ("borrowing.sent", 1)
    perform(row, "lender_sent_copy", actor=actors.partner("HIL"), now=f.NOW, url="https://hil.example/y")
    assert row.state == "borrowing.shipped"


def test_staff_extend_by_days_and_by_downloads():
    row = f.ill("borrowing.delivered")
    Delivery.objects.update(fetched=10)
    perform(row, "extend_delivery", actor=f.staff(), now=f.NOW, until=f.NOW.date() + timedelta(days=90), most=2)
    delivery = copies.current(row)
    assert (delivery.until, delivery.most - delivery.fetched) == (f.NOW + timedelta(days=90), 2)
    for wrong in (f.NOW.date(), f.NOW.date() + timedelta(days=500)):
        with pytest.raises(BadAnswer):
            perform(row, "extend_delivery", actor=f.staff(), now=f.NOW, until=wrong, most=2)


def test_a_copy_request_from_the_united_states_without_its_statement_is_not_filled():
    """CONTU 3; the question is one click away."""
    row = f.ill("lending.preparing", service="copy", compliance="")
    with pytest.raises(NotAllowed, match="states neither CCG nor CCL"):
        perform(row, "deliver_scan", actor=f.staff(), now=f.NOW, file=f.stored(), notice="included")
    perform(row, "ask_condition", actor=f.staff(), now=f.NOW, reason="compliance")
    perform(row, "borrower_accepts", actor=actors.partner("HIL"), now=f.NOW, compliance="US-CCL")
    perform(row, "deliver_scan", actor=f.staff(), now=f.NOW, file=f.stored(), notice="included")
    assert row.state == "lending.finished"


def test_a_library_abroad_states_nothing():
    abroad = f.library("LIN", country="AT")
    row = f.ill("lending.preparing", service="copy", compliance="", partner=abroad)
    perform(row, "deliver_scan", actor=f.staff(), now=f.NOW, file=f.stored(), notice="included")
    assert row.state == "lending.finished"


def test_a_library_that_names_no_country_is_read_as_one_of_ours():
    """As the audit reads it: what may leave is never a fault afterwards."""
    row = f.ill("lending.preparing", service="copy", compliance="", partner=f.library("OAK", country=""))
    with pytest.raises(NotAllowed, match="states neither CCG nor CCL"):
        perform(row, "deliver_scan", actor=f.staff(), now=f.NOW, file=f.stored(), notice="included")
    assert row.lacks_compliance
    Institution.objects.update(country="GB")
    assert not ILLRequest.objects.get(pk=row.pk).lacks_compliance
    perform(row, "deliver_scan", actor=f.staff(), now=f.NOW, file=f.stored(), notice="included")
    assert [one.count for one in audit.findings(f.NOW.year) if one.check.code == "lending"] == [0]
    Institution.objects.update(country="US")
    assert [one.count for one in audit.findings(f.NOW.year) if one.check.code == "lending"] == [1]


def test_the_link_stands_in_the_message_and_its_key_nowhere_else():
    row = f.ill("lending.finished", service="copy")
    delivery = row.deliveries.get(to=Delivery.LIBRARY)
    told = OutboxMessage.objects.get(what="CopyCompleted", subject_id=row.pk).payload["xml"]
    token = told.partition("/scan/")[2].partition("/")[0]
    from illdesk.secrets import hashed

    assert len(token) > 40 and hashed(token) == delivery.token_hash
    assert "<sentVia>URL</sentVia>" in told


def test_a_resend_reopens_the_request_and_the_new_scan_replaces_the_old():
    row = f.ill("lending.finished", service="copy")
    old = row.deliveries.get()
    perform(row, "borrower_wants_resend", actor=actors.partner("HIL"), now=f.NOW, note="pages are missing")
    assert (row.state, row.attention_why, row.resend_asked) == ("lending.preparing", "bad_copy", f.NOW)
    perform(row, "deliver_scan", actor=f.staff(), now=f.later(days=1), file=f.stored(), notice="included")
    old.refresh_from_db()
    assert old.until == f.later(days=1), "its time is over"
    assert (row.resend_asked, row.attention) == (None, None)


def test_document_delivery_of_a_copy_and_a_better_scan():
    row = f.ill("documents.delivered")
    perform(row, "report_problem", actor=actors.patron(row.patron.user), now=f.NOW, problem="cut_off")
    perform(row, "deliver_copy", actor=f.staff(), now=f.NOW, file=f.stored(), notice="included")
    assert (row.state, row.resend_asked, row.attention, _letters(row)[-1]) == (
        "documents.delivered", None, None, "delivered_again",
    )


@pytest.mark.parametrize(("state", "action", "answers"), [
    ("lending.preparing", "deliver_scan", {"file": "a file"}), ("lending.preparing", "mail_copy", {}),
    ("documents.scanning", "deliver_copy", {"file": "a file"}), ("documents.delivered", "deliver_copy", {"file": "x"}),
])
def test_every_copy_that_is_made_says_what_became_of_the_notice_of_copyright(state, action, answers):
    """17 USC 108(a)(3): by every door, the second time too."""
    row = f.ill(state, service="copy")
    if state.endswith("delivered"):
        perform(row, "report_problem", actor=actors.patron(row.patron.user), now=f.NOW, problem="cut_off")
    given = {name: f.stored() for name in answers}
    for wrong in ({}, {"notice": ""}, {"notice": "perhaps"}):
        with pytest.raises(BadAnswer) as refused:
            perform(row, action, actor=f.staff(), now=f.NOW, **given, **wrong)
        assert refused.value.field == "notice"
    event = perform(row, action, actor=f.staff(), now=f.NOW, **given, notice="none")
    assert event.data["notice"] == "none"
    if given:
        assert row.deliveries.latest("pk").notice == "none"
