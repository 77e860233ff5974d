"""The structures inside ISO 18626 messages. Fields are in the order of the 1.2 schema, which is binding.

An absent text is "", an absent date or number None, an absent optional structure None; a required structure
that the sender forgot is there and empty. What stands after the remark "2021" is read and never written.
"""

# The calls below make dataclass fields; none of them runs per instance.
# ruff: noqa: RUF009

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from .codes import (
    ErrorType,
    MessageStatus,
    PreferredEdition,
    RequestSubType,
    RequestType,
    ServiceType,
    Status,
    YesNo,
)
from .codes import ReasonForMessage as Reason
from .elements import closed, code, decimal, flag, further, moment, part, text, whole


@dataclass(frozen=True)
class AgencyId:
    type: str = code("agencyIdType", required=True)
    value: str = text("agencyIdValue", required=True)


@dataclass(frozen=True)
class Money:
    """Currency by ISO 4217. A sum nobody can read is None, and such money is not written."""

    currency_code: str = code(required=True)
    monetary_value: Decimal | None = decimal(required=True)


@dataclass(frozen=True)
class RequestingAgencyAuthentication:
    account_id: str = text()
    security_code: str = text()


@dataclass(frozen=True, kw_only=True)
class Header:
    supplying_agency_id: AgencyId = part(AgencyId, required=True)
    requesting_agency_id: AgencyId = part(AgencyId, required=True)
    multiple_item_request_id: str = text(required=True)
    timestamp: datetime | None = moment(required=True)
    requesting_agency_request_id: str = text(required=True)
    supplying_agency_request_id: str = text()
    requesting_agency_authentication: RequestingAgencyAuthentication | None = part(
        RequestingAgencyAuthentication
    )
    # 2021
    consortial_id: AgencyId | None = part(AgencyId, only_2021=True)


@dataclass(frozen=True, kw_only=True)
class ConfirmationHeader:
    """`timestamp` is when the confirmation is made, `timestamp_received` the confirmed message's own."""

    supplying_agency_id: AgencyId | None = part(AgencyId)
    requesting_agency_id: AgencyId | None = part(AgencyId)
    timestamp: datetime | None = moment(required=True)
    requesting_agency_request_id: str = text()
    multiple_item_request_id: str = text()
    timestamp_received: datetime | None = moment(required=True, from_timestamp=True)
    message_status: str = closed(MessageStatus, required=True)


@dataclass(frozen=True)
class ErrorData:
    error_type: str = closed(ErrorType, required=True)
    error_value: str = text()


@dataclass(frozen=True)
class BibliographicItemId:
    """1.2 puts the identifier first, 2021 the code; the order does not matter when reading."""

    identifier: str = text("bibliographicItemIdentifier", required=True)
    code: str = code("bibliographicItemIdentifierCode", required=True)


@dataclass(frozen=True)
class BibliographicRecordId:
    code: str = code("bibliographicRecordIdentifierCode", required=True)
    identifier: str = text("bibliographicRecordIdentifier", required=True)


@dataclass(frozen=True, kw_only=True)
class BibliographicInfo:
    supplier_unique_record_id: str = text()
    title: str = text()
    author: str = text()
    subtitle: str = text()
    series_title: str = text()
    edition: str = text()
    title_of_component: str = text()
    author_of_component: str = text()
    volume: str = text(more="more_volumes")
    issue: str = text()
    pages_requested: str = text()
    estimated_no_pages: str = text()
    bibliographic_item_id: tuple[BibliographicItemId, ...] = part(BibliographicItemId, many=True)
    sponsor: str = text()
    information_source: str = text()
    bibliographic_record_id: tuple[BibliographicRecordId, ...] = part(BibliographicRecordId, many=True)
    # 2021
    author_id: str = text(only_2021=True)
    more_volumes: tuple[str, ...] = further()


@dataclass(frozen=True, kw_only=True)
class PublicationInfo:
    publisher: str = text()
    publication_type: str = code()
    publication_date: str = text()
    place_of_publication: str = text()
    # 2021
    publisher_id: str = text(only_2021=True)


@dataclass(frozen=True, kw_only=True)
class ServiceInfo:
    request_type: str = closed(RequestType)
    request_sub_type: tuple[str, ...] = closed(RequestSubType, many=True, most=3)
    requesting_agency_previous_request_id: str = text()
    service_type: str = closed(ServiceType, required=True)
    service_level: str = code()
    preferred_format: str = code(also=("itemFormat",))
    need_before_date: datetime | None = moment()
    copyright_compliance: str = code()
    any_edition: str = closed(YesNo)
    start_date: datetime | None = moment()
    end_date: datetime | None = moment()
    note: str = text()
    # 2021
    preferred_edition: str = closed(PreferredEdition, only_2021=True)
    loan_condition: tuple[str, ...] = code(many=True, only_2021=True)


@dataclass(frozen=True, kw_only=True)
class SupplierInfo:
    sort_order: int | None = whole()
    supplier_code: AgencyId | None = part(AgencyId)
    supplier_description: str = text()
    bibliographic_record_id: BibliographicRecordId | None = part(BibliographicRecordId)
    call_number: str = text()
    summary_holdings: str = text()
    availability_note: str = text()


@dataclass(frozen=True)
class ElectronicAddress:
    type: str = code("electronicAddressType", required=True)
    data: str = text("electronicAddressData", required=True)


@dataclass(frozen=True, kw_only=True)
class PhysicalAddress:
    line1: str = text()
    line2: str = text()
    locality: str = text()
    postal_code: str = text()
    region: str = code()
    country: str = code()


@dataclass(frozen=True, kw_only=True)
class Address:
    """Exactly one of the two when written: the electronic one of both, and nothing at all of none."""

    electronic_address: ElectronicAddress | None = part(ElectronicAddress, one_of=True)
    physical_address: PhysicalAddress | None = part(PhysicalAddress, one_of=True)


@dataclass(frozen=True, kw_only=True)
class RequestedDeliveryInfo:
    sort_order: int | None = whole()
    address: Address | None = part(Address)
    # 2021
    delivery_method: str = code(only_2021=True)
    courier_name: str = code(only_2021=True)


@dataclass(frozen=True, kw_only=True)
class RequestingAgencyInfo:
    name: str = text()
    contact_name: str = text()
    address: tuple[Address, ...] = part(Address, many=True)


@dataclass(frozen=True, kw_only=True)
class PatronInfo:
    patron_id: str = text()
    surname: str = text()
    given_name: str = text()
    patron_type: str = code()
    send_to_patron: str = closed(YesNo)
    address: tuple[Address, ...] = part(Address, many=True)


@dataclass(frozen=True, kw_only=True)
class BillingInfo:
    payment_method: str = code()
    maximum_costs: Money | None = part(Money)
    billing_method: str = code()
    billing_name: str = text()
    address: Address | None = part(Address)


@dataclass(frozen=True, kw_only=True)
class MessageInfo:
    reason_for_message: str = closed(Reason, required=True)
    answer_yes_no: str = closed(YesNo)
    note: str = text()
    reason_unfilled: str = code()
    reason_retry: str = code()
    offered_costs: Money | None = part(Money)
    retry_after: datetime | None = moment()
    retry_before: datetime | None = moment()


@dataclass(frozen=True, kw_only=True)
class StatusInfo:
    """`last_change` None is written as the message's timestamp, since the schema requires it."""

    status: str = closed(Status, required=True)
    expected_delivery_date: datetime | None = moment()
    due_date: datetime | None = moment()
    last_change: datetime | None = moment(required=True, from_timestamp=True)


@dataclass(frozen=True, kw_only=True)
class DeliveryInfo:
    """`date_sent` None is written as the message's timestamp. A 2021 deliveryMethod is read as `sent_via`,
    a 2021 itemFormat as `delivered_format`: 2021 only renamed them."""

    date_sent: datetime | None = moment(required=True, from_timestamp=True)
    item_id: str = text(more="more_item_ids")
    sent_via: str = code(also=("deliveryMethod",))
    sent_to_patron: bool | None = flag()
    loan_condition: str = code(more="more_loan_conditions")
    delivered_format: str = code(also=("itemFormat",))
    delivery_costs: Money | None = part(Money, more="more_delivery_costs")
    # 2021
    url: str = text("URL", only_2021=True)
    address: Address | None = part(Address, only_2021=True)
    service_type: str = closed(ServiceType, only_2021=True)
    payment_method: str = code(only_2021=True)
    more_item_ids: tuple[str, ...] = further()
    more_loan_conditions: tuple[str, ...] = further()
    more_delivery_costs: tuple[Money, ...] = further()

    @property
    def item_ids(self) -> tuple[str, ...]:
        """All of them, each as its own element sent it (Alma puts several into one, with commas)."""
        return (*filter(None, (self.item_id,)), *self.more_item_ids)


@dataclass(frozen=True, kw_only=True)
class ReturnInfo:
    return_agency_id: AgencyId | None = part(AgencyId)
    name: str = text()
    physical_address: PhysicalAddress | None = part(PhysicalAddress)


@dataclass(frozen=True, kw_only=True)
class RetryInfo:
    """2021 only: what the supplier would agree to. It replaces the retry fields of messageInfo."""

    loan_condition: tuple[str, ...] = code(many=True)
    edition: tuple[str, ...] = text(many=True)
    item_format: tuple[str, ...] = code(many=True)
    volume: tuple[str, ...] = text(many=True)
    service_type: str = closed(ServiceType)
    service_level: tuple[str, ...] = code(many=True)
    delivery_method: tuple[str, ...] = code(many=True)
    courier_name: tuple[str, ...] = code(many=True)
    offered_costs: tuple[Money, ...] = part(Money, many=True)
    payment_method: tuple[str, ...] = code(many=True)
    retry_before: datetime | None = moment()
    retry_after: datetime | None = moment()


@dataclass(frozen=True, kw_only=True)
class ShippingInfo:
    """2021 only."""

    courier_name: str = code()
    tracking_id: tuple[str, ...] = text(many=True)
    insurance: str = closed(YesNo)
    insurance_third_party: str = closed(YesNo)
    third_party_name: str = text()
    insurance_costs: tuple[Money, ...] = part(Money, many=True)
