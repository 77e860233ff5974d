"""The six ISO 18626 messages and what can be wrong with one.

`unknown` names what a sender wrote that we do not understand, as paths below the message element: an element
we do not know (`bibliographicInfo/colour`), or a value we cannot read, with the value
(`statusInfo/dueDate: soon`). Neither is an error; the raw XML is kept elsewhere.
"""

# The calls below make dataclass fields; none of them runs per instance.
# ruff: noqa: RUF009

from dataclasses import dataclass
from datetime import datetime

from .codes import Action, ErrorType, ReasonForMessage, RequestType, Status, listed
from .elements import closed, further, part, text
from .parts import (
    Address,
    AgencyId,
    BibliographicInfo,
    BibliographicItemId,
    BibliographicRecordId,
    BillingInfo,
    ConfirmationHeader,
    DeliveryInfo,
    ElectronicAddress,
    ErrorData,
    Header,
    MessageInfo,
    Money,
    PatronInfo,
    PhysicalAddress,
    PublicationInfo,
    RequestedDeliveryInfo,
    RequestingAgencyAuthentication,
    RequestingAgencyInfo,
    RetryInfo,
    ReturnInfo,
    ServiceInfo,
    ShippingInfo,
    StatusInfo,
    SupplierInfo,
)
from .values import Code

__all__ = [
    "MESSAGES",
    "Address",
    "AgencyId",
    "BibliographicInfo",
    "BibliographicItemId",
    "BibliographicRecordId",
    "BillingInfo",
    "Code",
    "Confirmation",
    "ConfirmationHeader",
    "DeliveryInfo",
    "ElectronicAddress",
    "ErrorData",
    "Header",
    "Message",
    "MessageInfo",
    "Money",
    "PatronInfo",
    "PhysicalAddress",
    "PublicationInfo",
    "Request",
    "RequestConfirmation",
    "RequestedDeliveryInfo",
    "RequestingAgencyAuthentication",
    "RequestingAgencyInfo",
    "RequestingAgencyMessage",
    "RequestingAgencyMessageConfirmation",
    "RetryInfo",
    "ReturnInfo",
    "ServiceInfo",
    "ShippingInfo",
    "Statement",
    "StatusInfo",
    "SupplierInfo",
    "SupplyingAgencyMessage",
    "SupplyingAgencyMessageConfirmation",
    "problems",
]


@dataclass(frozen=True, kw_only=True)
class Request:
    header: Header = part(Header, required=True)
    bibliographic_info: BibliographicInfo = part(BibliographicInfo, required=True)
    publication_info: PublicationInfo | None = part(PublicationInfo)
    service_info: ServiceInfo | None = part(ServiceInfo)
    supplier_info: tuple[SupplierInfo, ...] = part(SupplierInfo, many=True)
    requested_delivery_info: tuple[RequestedDeliveryInfo, ...] = part(RequestedDeliveryInfo, many=True)
    requesting_agency_info: RequestingAgencyInfo | None = part(RequestingAgencyInfo)
    patron_info: PatronInfo | None = part(PatronInfo)
    billing_info: BillingInfo | None = part(BillingInfo)
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SupplyingAgencyMessage:
    header: Header = part(Header, required=True)
    message_info: MessageInfo = part(MessageInfo, required=True)
    status_info: StatusInfo = part(StatusInfo, required=True)
    delivery_info: DeliveryInfo | None = part(DeliveryInfo)
    return_info: ReturnInfo | None = part(ReturnInfo)
    # 2021
    retry_info: RetryInfo | None = part(RetryInfo, only_2021=True)
    shipping_info: ShippingInfo | None = part(ShippingInfo, only_2021=True)
    unknown: tuple[str, ...] = ()

    @property
    def offered_costs(self) -> tuple[Money, ...]:
        """Wherever the sender's edition puts them."""
        old = self.message_info.offered_costs
        new = self.retry_info.offered_costs if self.retry_info else ()
        return (old, *new) if old else new

    @property
    def retry_after(self) -> datetime | None:
        return self.message_info.retry_after or (self.retry_info.retry_after if self.retry_info else None)

    @property
    def retry_before(self) -> datetime | None:
        return self.message_info.retry_before or (self.retry_info.retry_before if self.retry_info else None)


@dataclass(frozen=True, kw_only=True)
class RequestingAgencyMessage:
    header: Header = part(Header, required=True)
    action: str = closed(Action, required=True)
    note: str = text()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RequestConfirmation:
    confirmation_header: ConfirmationHeader = part(ConfirmationHeader, required=True)
    error_data: ErrorData | None = part(ErrorData, more="more_error_data")
    # 2021
    more_error_data: tuple[ErrorData, ...] = further()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SupplyingAgencyMessageConfirmation:
    confirmation_header: ConfirmationHeader = part(ConfirmationHeader, required=True)
    reason_for_message: str = closed(ReasonForMessage)
    error_data: ErrorData | None = part(ErrorData, more="more_error_data")
    # 2021
    more_error_data: tuple[ErrorData, ...] = further()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RequestingAgencyMessageConfirmation:
    confirmation_header: ConfirmationHeader = part(ConfirmationHeader, required=True)
    action: str = closed(Action)
    error_data: ErrorData | None = part(ErrorData, more="more_error_data")
    # 2021
    more_error_data: tuple[ErrorData, ...] = further()
    unknown: tuple[str, ...] = ()


# What a partner says of its own accord, and what answers it in the same HTTP exchange.
Statement = Request | SupplyingAgencyMessage | RequestingAgencyMessage
Confirmation = RequestConfirmation | SupplyingAgencyMessageConfirmation | RequestingAgencyMessageConfirmation
Message = Statement | Confirmation

MESSAGES: dict[str, type] = {
    "request": Request,
    "requestConfirmation": RequestConfirmation,
    "supplyingAgencyMessage": SupplyingAgencyMessage,
    "supplyingAgencyMessageConfirmation": SupplyingAgencyMessageConfirmation,
    "requestingAgencyMessage": RequestingAgencyMessage,
    "requestingAgencyMessageConfirmation": RequestingAgencyMessageConfirmation,
}


def problems(message: Message) -> list[ErrorData]:
    """What an ERROR confirmation should say, gravest first; 1.2 has room for one.

    The errorData are those of the standard's 4.10: the value itself for action and reason, element name and
    value for the rest. Words of 2021 are no problem here; whether the desk supports them is its own question.
    A confirmation has no problems, since nothing answers it.
    """
    if not isinstance(message, Statement):
        return []
    found = []
    if not message.header.requesting_agency_request_id:
        found.append(_unrecognised("requestingAgencyRequestId", "cannot be empty"))
    if isinstance(message, Request):
        wanted = message.service_info.request_type if message.service_info else ""
        if wanted and not listed(RequestType, wanted):  # absent means New
            found.append(_unrecognised("requestType", "unsupported value"))
    elif isinstance(message, RequestingAgencyMessage):
        if not listed(Action, message.action):
            found.append(ErrorData(ErrorType.UNSUPPORTED_ACTION_TYPE, message.action))
    else:
        found += _supplier_problems(message)
    return found


def _supplier_problems(message: SupplyingAgencyMessage) -> list[ErrorData]:
    reason, status = message.message_info.reason_for_message, message.status_info.status
    if reason == ReasonForMessage.NOTIFICATION:
        # Alma leaves the status of a notification empty and ReShare always says RequestReceived: a
        # notification never changes the state, so its status is not looked at.
        return []
    found = []
    if not listed(ReasonForMessage, reason):
        found.append(ErrorData(ErrorType.UNSUPPORTED_REASON_FOR_MESSAGE_TYPE, reason))
    if not listed(Status, status):
        found.append(_unrecognised("status", status))
    return found


def _unrecognised(element: str, what: str) -> ErrorData:
    return ErrorData(ErrorType.UNRECOGNISED_DATA_VALUE, f"{element}: {what}")
