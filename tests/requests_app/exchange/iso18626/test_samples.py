"""The public samples: read, with facts, and written again as valid 1.2."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.xml import read, write

from .samples import SAMPLES, assert_valid

pytestmark = [
    pytest.mark.nodb,
    pytest.mark.skipif(not (SAMPLES / "messages").is_dir(), reason="the public samples are not here"),
]
OLD = datetime(1900, 1, 1, 1, 1, 1, tzinfo=UTC)


def sample(name):
    return read((SAMPLES / "messages" / name).read_bytes())


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("messages/**/*.xml")), ids=lambda path: path.stem)
def test_every_sample_is_understood_and_written_again_as_valid_1_2(path):
    message = read(path.read_bytes()).message
    assert message.unknown == ()
    assert m.problems(message) == []
    written = write(message)
    assert_valid(written)
    assert read(written).message == message


@pytest.mark.parametrize(
    ("name", "requester", "record", "number"),
    [
        ("catalog/request-1.xml", "REQ", "(DE-627)1795329181", "eacf8b17-e89a-4d70-8576-e49077f8c4e1"),
        ("catalog/request-2.xml", "DE-6", "(DE-627)1795329181", "479931e1-3e94-467c-a04e-272ac8fcc154"),
        ("catalog/request-5.xml", "DE-6", "(DE-605)HT016336368", "11deaad0-e492-4cc7-9527-6713466cc434"),
    ],
)
def test_catalog_requests(name, requester, record, number):
    envelope = sample(name)
    request = envelope.message
    assert envelope.version == "1.2"
    assert request.header.requesting_agency_id == m.AgencyId("ISIL", requester)
    assert request.header.requesting_agency_request_id == number
    assert request.header.timestamp == datetime(2024, 11, 28, 10, 25, 11, 136000, tzinfo=UTC)
    assert request.bibliographic_info.supplier_unique_record_id == record
    assert request.bibliographic_info.bibliographic_item_id == (m.BibliographicItemId("1983", "ISBN"),)
    assert request.service_info.request_sub_type == ("PatronRequest",)
    assert request.supplier_info == (m.SupplierInfo(),)
    address = request.requested_delivery_info[0].address
    assert address.physical_address.line1 == "The Prancing Pony Inn, Bree"
    assert request.patron_info.patron_id == "123"


@pytest.mark.parametrize(
    ("name", "note"),
    [("cancel-req", "#CANCEL#"), ("renew-req", "#RENEW#"), ("req", ""), ("error-req", "")],
)
def test_prefixed_requests_of_the_mock(name, note):
    envelope = sample(f"illmock-examples/{name}.xml")
    assert envelope.version == "1.2"
    assert envelope.message.service_info.note == note
    assert envelope.message.bibliographic_info.title == "Lord of the Rings"


def test_bare_request_with_everything_in_it():
    envelope = sample("mod-rs/request.xml")
    request = envelope.message
    assert envelope.version is None
    assert request.header.timestamp == OLD, "an offset without colon"
    assert request.header.supplying_agency_request_id == "supplyingAgencyRequestId1"
    assert request.header.requesting_agency_authentication.security_code == "securityCode1"
    assert request.header.requesting_agency_id.type.scheme == "http://uri2"
    assert [info.sort_order for info in request.requested_delivery_info][-1] == 3
    assert request.requested_delivery_info[-1].address.electronic_address.data == "electronicAddressData3"
    assert request.billing_info.maximum_costs == m.Money("currencyCode1", Decimal(1))
    assert request.patron_info.send_to_patron == "Y"


def test_edition_1_0_without_the_multiple_item_request_id():
    envelope = sample("mod-rs/case1_request.xml")
    assert envelope.version == "1.0"
    assert envelope.message.header.multiple_item_request_id == ""
    assert envelope.message.header.requesting_agency_id == m.AgencyId("RESHARE", "MILL")
    assert envelope.message.service_info.any_edition == "Y"


def test_supplier_message_with_everything_in_it():
    message = sample("mod-rs/supplyingAgencyMessage.xml").message
    assert message.message_info.reason_retry == "reasonRetry1"
    assert message.offered_costs == (m.Money("currencyCode1", Decimal(1)),)
    assert message.retry_after == message.retry_before == OLD
    assert (message.status_info.status, message.status_info.due_date) == ("RequestReceived", OLD)
    assert message.delivery_info.sent_to_patron is True
    assert message.delivery_info.item_ids == ("itemId1",)
    assert message.return_info.physical_address.region == "region1"


def test_requester_message_and_the_three_confirmations():
    assert sample("mod-rs/requestingAgencyMessage.xml").message.action == "StatusRequest"
    for name in ("request", "supplyingAgencyMessage", "requestingAgencyMessage"):
        confirmation = sample(f"mod-rs/{name}Confirmation.xml").message
        assert confirmation.confirmation_header.message_status == "OK"
        assert confirmation.confirmation_header.timestamp_received == OLD
        assert confirmation.error_data == m.ErrorData("UnsupportedActionType", "errorValue1")
