"""The confirmation a message gets in the same HTTP exchange (ISO 18626 4.10).

A confirmation says that the message arrived and was understood, never what becomes of the request.
"""

from datetime import datetime

from .codes import Action, ErrorType, MessageStatus, ReasonForMessage, in_edition_1_2
from .messages import (
    AgencyId,
    Confirmation,
    ConfirmationHeader,
    ErrorData,
    Request,
    RequestConfirmation,
    RequestingAgencyMessageConfirmation,
    Statement,
    SupplyingAgencyMessage,
    SupplyingAgencyMessageConfirmation,
)


def ok(message: Statement, *, now: datetime) -> Confirmation:
    return _confirmation(message, None, now)


def error(message: Statement, error_type: str, error_value: str, *, now: datetime) -> Confirmation:
    return _confirmation(message, ErrorData(error_type, error_value), now)


def badly_formed(now: datetime) -> RequestConfirmation:
    """The answer to what nobody can read.

    A requestConfirmation, since the kind of message is unknown too: it is the only one of the three that
    has nothing to echo besides ids, and a partner's first try, where bad XML comes from, is a request.
    There is no timestamp to echo, and the schema wants one: `now` stands for when we received it.
    """
    return RequestConfirmation(
        confirmation_header=ConfirmationHeader(
            timestamp=now, timestamp_received=now, message_status=MessageStatus.ERROR
        ),
        error_data=ErrorData(ErrorType.BADLY_FORMED_MESSAGE),
    )


def _confirmation(message: Statement, error_data: ErrorData | None, now: datetime) -> Confirmation:
    if not isinstance(message, Statement):
        raise TypeError(f"Nothing confirms a {type(message).__name__}.")
    header = _header(message, error_data, now)
    if isinstance(message, Request):
        return RequestConfirmation(confirmation_header=header, error_data=error_data)
    # A word that 1.2 does not have is not echoed: the confirmation would be invalid in its turn, and the
    # errorValue names it.
    if isinstance(message, SupplyingAgencyMessage):
        reason = message.message_info.reason_for_message
        return SupplyingAgencyMessageConfirmation(
            confirmation_header=header,
            reason_for_message=reason if in_edition_1_2(ReasonForMessage, reason) else "",
            error_data=error_data,
        )
    return RequestingAgencyMessageConfirmation(
        confirmation_header=header,
        action=message.action if in_edition_1_2(Action, message.action) else "",
        error_data=error_data,
    )


def _header(message: Statement, error_data: ErrorData | None, now: datetime) -> ConfirmationHeader:
    header = message.header
    return ConfirmationHeader(
        supplying_agency_id=_known(header.supplying_agency_id),
        requesting_agency_id=_known(header.requesting_agency_id),
        timestamp=now,
        requesting_agency_request_id=header.requesting_agency_request_id,
        multiple_item_request_id=header.multiple_item_request_id,
        timestamp_received=header.timestamp or now,  # required, even if the sender gave none
        message_status=MessageStatus.ERROR if error_data else MessageStatus.OK,
    )


def _known(agency: AgencyId) -> AgencyId | None:
    return agency if agency.type or agency.value else None
