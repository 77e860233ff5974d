import pytest

from requests_app.exchange.iso18626.messages import ErrorData, problems
from requests_app.exchange.iso18626.xml import read

from .samples import LOANED, RECEIVED, REQUEST, wrapped

pytestmark = pytest.mark.nodb
NUMBER = "B-2026-00412-2"


def found(inner):
    return problems(read(wrapped(inner)).message)


@pytest.mark.parametrize(
    "inner",
    [
        REQUEST,
        REQUEST.replace(">New<", ">Reminder<"),
        REQUEST.replace("<requestType>New</requestType>", ""),
        LOANED,
        RECEIVED,
        RECEIVED.replace("Received", "Lost"),
        LOANED.replace("Loaned", "").replace("StatusChange", "Notification"),
        LOANED.replace("Loaned", "Whatever").replace("StatusChange", "Notification"),
        "<requestConfirmation/>",
    ],
)
def test_nothing_wrong(inner):
    assert found(inner) == []


@pytest.mark.parametrize(
    ("inner", "error"),
    [
        (
            REQUEST.replace(NUMBER, ""),
            ErrorData("UnrecognisedDataValue", "requestingAgencyRequestId: cannot be empty"),
        ),
        (
            REQUEST.replace(">New<", ">Old<"),
            ErrorData("UnrecognisedDataValue", "requestType: unsupported value"),
        ),
        (RECEIVED.replace("Received", "received"), ErrorData("UnsupportedActionType", "received")),
        (LOANED.replace("StatusChange", "Gossip"), ErrorData("UnsupportedReasonForMessageType", "Gossip")),
        (LOANED.replace("Loaned", "Gone"), ErrorData("UnrecognisedDataValue", "status: Gone")),
        (LOANED.replace("Loaned", ""), ErrorData("UnrecognisedDataValue", "status: ")),
    ],
)
def test_one_thing_wrong(inner, error):
    assert found(inner) == [error]


def test_everything_wrong_at_once():
    errors = found("<supplyingAgencyMessage/>")
    assert [error.error_type for error in errors] == [
        "UnrecognisedDataValue",
        "UnsupportedReasonForMessageType",
        "UnrecognisedDataValue",
    ]
