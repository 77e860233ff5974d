"""What partners' systems say otherwise is understood from all, and said to those that need it."""

from decimal import Decimal

import pytest

from illdesk import actors
from illdesk.models import OutboxMessage
from requests_app.actions import perform
from requests_app.exchange.iso18626 import dialects
from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.xml import read
from requests_app.models import Dialogue, ILLRequest, Library, LibrarySymbol
from tests import factories as f

from .partner import as_requester, as_supplier, fresh, new_request, refused, tell
from .samples import assert_valid

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent():
    f.institution(), f.library()
    return f.ill("borrowing.sent")


@pytest.fixture
def asked():
    """A condition of ours that waits for its answer."""
    f.institution(), f.library()
    return f.ill("lending.conditional")


def _id(row) -> str:
    return f.dialogue(row).request_id


def _last(row) -> m.Statement:
    body = OutboxMessage.objects.filter(subject_id=row.pk, channel="iso18626").order_by("-pk")[0].payload["xml"]
    assert_valid(body.encode())
    return read(body).message


def _speaks(dialect: str) -> Library:
    f.institution()
    return f.library(dialect=dialect)


# --- read -------------------------------------------------------------------------------------------

CONDITIONS = {
    "the standard": {"status": "RetryPossible", "reason": "RequestResponse", "reason_retry": "LoanCondition"},
    "Alma": {
        "status": "WillSupply", "reason": "Notification",
        "note": "Condition: LibraryUseOnly, Cost: 10.00 USD, Conditions pending approval, please respond `ACCEPT` or "
                "`REJECT`",
    },
    "Alma, empty status": {
        "status": "", "reason": "Notification",
        "note": "Conditions pending approval, please respond `ACCEPT` or `REJECT`",
    },
    "ReShare": {"status": "RequestReceived", "reason": "Notification",
                "note": "#ReShareAddLoanCondition# For use in the library#seq:3#"},
    "ReShare waits": {"status": "RequestReceived", "reason": "Notification",
                      "note": "#ReShareSupplierAwaitingConditionConfirmation#"},
}


@pytest.mark.parametrize("said", CONDITIONS.values(), ids=CONDITIONS)
def test_a_condition_is_understood_however_it_is_said(client, sent, said):
    said = dict(said)
    tell(client, as_supplier(_id(sent), said.pop("status"), at=f.later(hours=1), **said))
    row = fresh(sent)
    assert row.state == "borrowing.conditional"
    assert not any("#" in note.text for note in row.notes.all())


def test_what_alma_writes_into_its_note_is_read(client, sent):
    tell(client, as_supplier(_id(sent), "WillSupply", at=f.later(hours=1), **{
        key: value for key, value in CONDITIONS["Alma"].items() if key != "status"
    }))
    row = fresh(sent).conditions.get()
    assert (row.cost, row.currency, row.loan_condition) == (Decimal("10.00"), "USD", "LibraryUseOnly")


def test_costs_and_days_of_the_standard_are_read(client, sent):
    tell(client, as_supplier(
        _id(sent), "RetryPossible", reason="RequestResponse", at=f.later(hours=1), reason_retry="CostExceedsMaxCost",
        offered_costs=m.Money("EUR", Decimal("12.5")), retry_before=f.later(days=103), retry_after=f.later(days=101),
    ))
    row = fresh(sent)
    asked = row.conditions.get()
    assert (asked.reason, asked.cost, asked.currency) == ("CostExceedsMaxCost", Decimal("12.50"), "EUR")
    assert (row.respond_by, asked.retry_after) == (f.later(days=103), f.later(days=101))


@pytest.mark.parametrize("cost", [Decimal("-1"), Decimal("99999999")])
def test_a_sum_that_cannot_be_meant_is_left_out(client, sent, cost):
    tell(client, as_supplier(_id(sent), "RetryPossible", at=f.later(hours=1), reason_retry="CostExceedsMaxCost",
                             offered_costs=m.Money("USD", cost)))
    assert fresh(sent).conditions.get().cost is None


@pytest.mark.parametrize("note", ["ACCEPT", "accept", " `Accept`. ", "#ReShareLoanConditionAgreeResponse##seq:4#"])
def test_an_acceptance_by_note_is_understood(client, asked, note):
    tell(client, as_requester(_id(asked), "Notification", at=f.later(hours=1), note=note))
    assert fresh(asked).state == "lending.searching"


@pytest.mark.parametrize("note", ["REJECT", "reject!", "#ReShareLoanConditionRejectResponse#"])
def test_a_rejection_by_note_is_understood(client, asked, note):
    tell(client, as_requester(_id(asked), "Notification", at=f.later(hours=1), note=note))
    assert fresh(asked).state == "lending.cancelled"


@pytest.mark.parametrize("note", ["We accept your condition gladly.", "Acceptance test", "Please RESEND", "Lost? No."])
def test_words_of_people_move_nothing(client, asked, note):
    tell(client, as_requester(_id(asked), "Notification", at=f.later(hours=1), note=note))
    row = fresh(asked)
    assert (row.state, row.attention_why) == ("lending.conditional", "partner_wrote")
    assert note in [one.text for one in row.notes.all()]


def test_a_cancel_declines_too(client, asked):
    tell(client, as_requester(_id(asked), "Cancel", at=f.later(hours=1)))
    assert fresh(asked).state == "lending.cancelled"


def _retry(request_id: str, previous: str, **more) -> bytes:
    body = new_request(request_id, kind="Retry", at=f.later(hours=1), **more).decode()
    element = f"<requestingAgencyPreviousRequestId>{previous}</requestingAgencyPreviousRequestId>"
    return body.replace("</requestType>", f"</requestType>{element}").encode()


def test_a_retry_with_a_new_id_goes_on_under_that_id(client, asked):
    old = _id(asked)
    tell(client, _retry("HIL-NEW", old))
    row = fresh(asked)
    assert row.state == "lending.searching"
    assert [one.request_id for one in row.dialogues.order_by("attempt")] == [old, "HIL-NEW"]
    perform(row, "found", actor=f.staff(), now=f.later(hours=2))
    perform(row, "ship", actor=f.staff(), now=f.later(hours=2), due=f.DUE, barcode="1")
    assert _last(row).header.requesting_agency_request_id == "HIL-NEW"


def test_a_retry_that_keeps_the_id_goes_on(client, asked):
    tell(client, new_request(_id(asked), kind="Retry", at=f.later(hours=1)))
    assert (fresh(asked).state, Dialogue.objects.filter(ill=asked).count()) == ("lending.searching", 1)


@pytest.mark.parametrize("previous", ["nothing", ""])
def test_a_retry_of_what_is_not_known_is_refused(client, asked, previous):
    assert refused(client, _retry("HIL-X", previous)) == "UnrecognisedDataValue|requestType: Retry not possible"


def test_a_retry_where_nothing_was_asked_is_refused(client):
    f.institution(), f.library()
    row = f.ill("lending.searching")
    assert "Retry not possible" in refused(client, _retry("HIL-X", _id(row)))
    assert Dialogue.objects.count() == 1


def test_a_status_of_cancelled_answers_our_cancel(client, sent):
    perform(sent, "ask_cancel", actor=f.staff(), now=f.NOW, text="Bought.")
    tell(client, as_supplier(_id(sent), "Cancelled", at=f.later(hours=1)))
    assert fresh(sent).state == "borrowing.cancelled"


def test_a_lender_that_cancels_by_itself_is_out_of_the_rota(client, sent):
    tell(client, as_supplier(_id(sent), "Cancelled", at=f.later(hours=1)))
    assert fresh(sent).state == "borrowing.unfilled"


def test_lost_found_and_resend_are_words_between_desks(client):
    f.institution(), f.library()
    row = f.ill("lending.shipped")
    tell(client, as_requester(_id(row), "Notification", at=f.later(hours=1), note="LOST: the item is lost. On a train"))
    assert (fresh(row).state, fresh(row).attention_why) == ("lending.lost", "lost_there")
    tell(client, as_requester(_id(row), "Notification", at=f.later(hours=2), note="FOUND: it comes back"))
    assert fresh(row).state == "lending.shipped"
    copy = f.ill("lending.finished", service="copy")
    tell(client, as_requester(_id(copy), "Notification", at=f.later(hours=1), note="RESEND: pages are missing (4)"))
    assert fresh(copy).state == "lending.preparing"


@pytest.mark.parametrize(("place", "link"), [
    ({"item_id": "https://files.hil.example/a?b=1"}, "https://files.hil.example/a?b=1"),
    ({"item_id": "39001"}, ""),
])
def test_the_link_is_found_where_systems_put_it(client, place, link):
    f.institution(), f.library()
    row = f.ill("borrowing.sent", service="copy")
    message = read(as_supplier(_id(row), "CopyCompleted", at=f.later(hours=1), barcode=place["item_id"])).message
    assert dialects.file_address(message) == link


# --- written ----------------------------------------------------------------------------------------


def test_alma_hears_a_condition_as_a_notification_with_everything_in_its_note():
    row = f.ill("lending.received", partner=_speaks("alma"))
    perform(row, "ask_condition", actor=f.staff(), now=f.NOW, reason="use_only", cost=Decimal("10.00"), currency="USD")
    message = _last(row)
    assert (message.message_info.reason_for_message, message.status_info.status) == ("Notification", "WillSupply")
    assert message.message_info.note == (
        "Library use only, Condition: LibraryUseOnly, Cost: 10.00 USD, Conditions pending approval, please respond "
        "`ACCEPT` or `REJECT`"
    )


def test_alma_is_accepted_by_a_note_under_the_old_id():
    row = f.ill("borrowing.conditional", partner=_speaks("alma"))
    old = _id(row)
    perform(row, "accept_condition", actor=f.staff(), now=f.NOW)
    message = _last(row)
    assert (message.action, message.note) == ("Notification", "ACCEPT")
    assert message.header.requesting_agency_request_id == old


def test_alma_hears_will_supply_as_an_answer_and_loans_with_the_address():
    row = f.ill("lending.received", partner=_speaks("alma"))
    perform(row, "start_search", actor=f.staff(), now=f.NOW)
    perform(row, "ask_condition", actor=f.staff(), now=f.NOW, reason="use_only")
    perform(row, "will_supply", actor=f.staff(), now=f.NOW)
    assert _last(row).message_info.reason_for_message == "RequestResponse"
    perform(row, "found", actor=f.staff(), now=f.NOW)
    perform(row, "ship", actor=f.staff(), now=f.NOW, due=f.DUE, barcode="1")
    message = _last(row)
    assert message.message_info.reason_for_message == "StatusChange"
    assert "#RETURN_TO#\nRiverside University Library, Interlibrary Loan\n1 River Road" in message.message_info.note
    assert message.message_info.note.endswith("#RT_END#")


def test_alma_reads_the_link_and_the_delivery_address_in_notes():
    partner = _speaks("alma")
    row = f.ill("lending.finished", service="copy", partner=partner)
    assert "URL: http" in _last(row).message_info.note
    ours = f.ill("borrowing.sent", partner=partner)
    assert "#SHIP_TO#\nRiverside University Library" in _last(ours).service_info.note


def test_reshare_hears_conditions_and_answers_by_its_marks():
    partner = _speaks("reshare")
    row = f.ill("lending.received", partner=partner)
    perform(row, "ask_condition", actor=f.staff(), now=f.NOW, reason="cost", cost=Decimal(5), currency="USD")
    message = _last(row)
    assert message.message_info.note.startswith("#ReShareAddLoanCondition#")
    assert (message.delivery_info.loan_condition, message.message_info.offered_costs.monetary_value) == ("other", 5)
    yes = f.ill("borrowing.conditional", partner=partner)
    perform(yes, "accept_condition", actor=f.staff(), now=f.NOW)
    assert _last(yes).note == "#ReShareLoanConditionAgreeResponse#"
    no = f.ill("borrowing.conditional", partner=partner)
    perform(no, "decline_condition", actor=f.staff(), now=f.NOW)
    assert _last(no).action == "Cancel"


def test_the_standard_hears_a_retry_that_names_the_old_id_and_the_new_cap():
    f.institution()
    row = f.ill("borrowing.sent")
    perform(row, "lender_conditional", actor=actors.partner("HIL"), now=f.NOW, reason="CostExceedsMaxCost",
            cost=Decimal(40), currency="USD")
    perform(row, "accept_condition", actor=f.staff(), now=f.NOW, note="Please hurry.")
    message = _last(row)
    assert message.service_info.request_type == "Retry"
    assert message.service_info.requesting_agency_previous_request_id == f"{row.number}-1"
    assert message.header.requesting_agency_request_id == f"{row.number}-2"
    assert message.billing_info.maximum_costs.monetary_value == 40
    assert message.service_info.note == "Conditions accepted. Please hurry."


def test_copies_state_their_ground_and_loans_do_not():
    f.institution()
    copy = f.ill("borrowing.sent", service="copy")
    assert (_last(copy).service_info.copyright_compliance, _last(copy).service_info.service_type) == ("US-CCG", "Copy")
    assert _last(f.ill("borrowing.sent")).service_info.copyright_compliance == ""


def test_a_copy_request_arrives_with_its_ground_and_its_cap(client):
    f.institution(), f.library()
    body = new_request("HIL-C", service="Copy", at=f.NOW).decode()
    body = body.replace("</serviceType>", "</serviceType><copyrightCompliance>US-CCL</copyrightCompliance>")
    money = "<maximumCosts><currencyCode>EUR</currencyCode><monetaryValue>20</monetaryValue></maximumCosts>"
    body = body.replace("</request>", f"<billingInfo>{money}</billingInfo></request>")
    tell(client, body.encode())
    row = ILLRequest.objects.get(kind="lending")
    assert (row.service, row.compliance, row.max_cost, row.currency) == ("copy", "US-CCL", 20, "EUR")


def test_a_library_with_several_symbols_is_answered_under_the_one_it_used(client):
    f.institution()
    partner = f.library()
    LibrarySymbol.objects.create(library=partner, agency_type="ISIL", agency_value="US-HIL-LAW")
    tell(client, new_request("LAW-1", sender=m.AgencyId("ISIL", "US-HIL-LAW"), at=f.NOW))
    row = ILLRequest.objects.get(kind="lending")
    assert row.partner == partner
    perform(row, "will_supply", actor=f.staff(), now=f.NOW)
    assert _last(row).header.requesting_agency_id.value == "US-HIL-LAW"
    tell(client, new_request("HIL-1", at=f.NOW))
    other = ILLRequest.objects.exclude(pk=row.pk).get(kind="lending")
    perform(other, "will_supply", actor=f.staff(), now=f.NOW)
    assert _last(other).header.requesting_agency_id.value == "US-HIL"
