from datetime import UTC, datetime

import pytest

from requests_app.exchange.iso18626 import confirm
from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.codes import ErrorType
from requests_app.exchange.iso18626.xml import read, write

from .samples import LOANED, RECEIVED, REQUEST, assert_valid, wrapped

pytestmark = pytest.mark.nodb
NOW = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)


def message(inner):
    return read(wrapped(inner)).message


@pytest.mark.parametrize(
    ("inner", "kind"),
    [
        (REQUEST, m.RequestConfirmation),
        (LOANED, m.SupplyingAgencyMessageConfirmation),
        (RECEIVED, m.RequestingAgencyMessageConfirmation),
    ],
)
def test_ok_echoes_the_ids_and_the_time_of_the_message(inner, kind):
    confirmation = confirm.ok(message(inner), now=NOW)
    assert isinstance(confirmation, kind)
    assert confirmation.confirmation_header == m.ConfirmationHeader(
        supplying_agency_id=m.AgencyId("ISIL", "US-A"),
        requesting_agency_id=m.AgencyId("ISIL", "US-B"),
        timestamp=NOW,
        requesting_agency_request_id="B-2026-00412-2",
        timestamp_received=datetime(2026, 3, 1, 12, tzinfo=UTC),
        message_status="OK",
    )
    assert confirmation.error_data is None
    assert_valid(write(confirmation))


def test_action_and_reason_are_echoed():
    assert confirm.ok(message(RECEIVED), now=NOW).action == "Received"
    assert confirm.ok(message(LOANED), now=NOW).reason_for_message == "StatusChange"


def test_an_error_names_its_type_and_value():
    received = message(RECEIVED.replace("Received", "Burnt"))
    (problem,) = m.problems(received)
    confirmation = confirm.error(received, problem.error_type, problem.error_value, now=NOW)
    assert confirmation.confirmation_header.message_status == "ERROR"
    assert confirmation.error_data == m.ErrorData("UnsupportedActionType", "Burnt")
    assert confirmation.action == "", "1.2 cannot echo a word it does not have"
    assert_valid(write(confirmation))


@pytest.mark.parametrize(
    "inner",
    [
        "<request/>",
        "<supplyingAgencyMessage/>",
        "<requestingAgencyMessage/>",
        RECEIVED.replace("Received", "Lost"),
    ],
)
def test_the_barest_message_gets_a_valid_confirmation(inner):
    confirmation = confirm.error(message(inner), ErrorType.UNRECOGNISED_DATA_VALUE, "", now=NOW)
    assert confirmation.confirmation_header.timestamp_received is not None
    assert_valid(write(confirmation))


def test_badly_formed():
    confirmation = confirm.badly_formed(NOW)
    assert confirmation.error_data == m.ErrorData("BadlyFormedMessage", "")
    assert confirmation.confirmation_header.message_status == "ERROR"
    assert_valid(write(confirmation))


def test_a_confirmation_is_not_confirmed():
    with pytest.raises(TypeError, match="RequestConfirmation"):
        confirm.ok(confirm.badly_formed(NOW), now=NOW)
