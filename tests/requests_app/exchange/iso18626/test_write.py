"""Writing strict 1.2."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.values import as_uri
from requests_app.exchange.iso18626.xml import Envelope, read, write

from .samples import LOANED, NAMESPACE, RECEIVED, assert_valid, wrapped
from .strategies import messages

pytestmark = pytest.mark.nodb
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEADER = m.Header(
    supplying_agency_id=m.AgencyId("ISIL", "US-A"),
    requesting_agency_id=m.AgencyId("ISIL", "US-B"),
    timestamp=NOON,
    requesting_agency_request_id="B-2026-00412-2",
)


def supplier_message(**more):
    return m.SupplyingAgencyMessage(
        header=HEADER,
        message_info=m.MessageInfo(reason_for_message="StatusChange", **more.pop("message_info", {})),
        status_info=m.StatusInfo(status="Loaned"),
        **more,
    )


def test_the_envelope_is_qualified_and_the_namespace_the_default():
    written = write(m.RequestingAgencyMessage(header=HEADER, action="Received"))
    assert written.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<ISO18626Message xmlns=")
    root = etree.fromstring(written)
    assert root.get(f"{{{NAMESPACE}}}version") == "1.2"
    assert b'ill:version="1.2"' in written
    assert b"ISO-18626-v1_2.xsd" in written
    assert b"<action>Received</action>" in written
    assert_valid(written)
    assert read(written).message == read(wrapped(RECEIVED)).message


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(messages)
def test_whatever_1_2_can_say_is_written_valid_and_read_again(message):
    written = write(message)
    assert_valid(written)
    assert read(written) == Envelope(message, "1.2")


@settings(max_examples=100, deadline=None)
@given(
    st.text(st.characters(), max_size=30),
    st.one_of(st.text(st.characters(), max_size=30), st.text("ab:/#?%[]@!1 \\", max_size=10)),
)
def test_no_text_stops_the_writer(note, scheme):
    costs = m.Money(m.Code("USD", scheme), Decimal(1))
    written = write(supplier_message(message_info={"note": note, "offered_costs": costs}))
    assert_valid(written)
    assert read(written).message.message_info.offered_costs == costs


def test_what_xml_cannot_carry_is_left_out():
    written = write(supplier_message(message_info={"note": "a\x00b\x1b[31mc\ud800d\uffffe\r\nf"}))
    assert_valid(written)
    assert read(written).message.message_info.note == "ab[31mcde\r\nf"


def test_schemes_come_back():
    message = read(
        wrapped(RECEIVED.replace("<agencyIdType>", '<agencyIdType ill:scheme="http://x/y z">'))
    ).message
    written = write(message)
    assert_valid(written)
    assert b'ill:scheme="http://x/y%20z"' in written
    assert read(written).message.header.requesting_agency_id.type.scheme == "http://x/y%20z"


@pytest.mark.parametrize(
    ("scheme", "written"),
    [
        ("http://illtransactions.org/opencodes/2017/", "http://illtransactions.org/opencodes/2017/"),
        ("urn:iso:std:iso:3166:-1", "urn:iso:std:iso:3166:-1"),
        ("ISIL-list", "ISIL-list"),
        ("http://lists.example:8080/a#b", "http://lists.example:8080/a#b"),
        ("100%", ""),
        ("http://[", ""),
    ],
)
def test_a_scheme_that_is_no_uri_is_not_written(scheme, written):
    assert as_uri(scheme) == written


def test_dates_are_written_in_utc_and_naive_ones_taken_as_utc():
    east = datetime(2026, 3, 1, 13, tzinfo=timezone(timedelta(hours=1)))
    written = write(
        supplier_message(
            delivery_info=m.DeliveryInfo(date_sent=east), message_info={"retry_after": datetime(2026, 3, 1)}
        )
    )
    assert b"<dateSent>2026-03-01T12:00:00Z</dateSent>" in written
    assert b"<retryAfter>2026-03-01T00:00:00Z</retryAfter>" in written


def test_required_dates_nobody_gave_are_those_of_the_message():
    written = write(supplier_message(delivery_info=m.DeliveryInfo()))
    assert_valid(written)
    message = read(written).message
    assert message.status_info.last_change == message.delivery_info.date_sent == NOON


@pytest.mark.parametrize("value", [None, Decimal("NaN"), Decimal("Infinity"), Decimal("1E+5000")])
def test_money_without_a_sum_is_left_out_rather_than_invented(value):
    written = write(supplier_message(message_info={"offered_costs": m.Money("USD", value)}))
    assert_valid(written)
    assert b"offeredCosts" not in written


def test_money_is_written_without_exponent():
    written = write(supplier_message(message_info={"offered_costs": m.Money("USD", Decimal("1E+2"))}))
    assert b"<monetaryValue>100</monetaryValue>" in written


def test_an_address_is_one_of_the_two():
    both = m.Address(
        electronic_address=m.ElectronicAddress("Email", "ill@b.example"),
        physical_address=m.PhysicalAddress(line1="Main Street 1"),
    )
    info = m.RequestingAgencyInfo(name="B", address=(m.Address(), both))
    written = write(m.Request(header=HEADER, requesting_agency_info=info))
    assert_valid(written)
    assert read(written).message.requesting_agency_info.address == (
        m.Address(electronic_address=both.electronic_address),
    )


def test_at_most_three_sub_types():
    service = m.ServiceInfo(service_type="Loan", request_sub_type=("PatronRequest",) * 5)
    assert_valid(write(m.Request(header=HEADER, service_info=service)))


def test_what_only_2021_has_is_not_written():
    message = supplier_message(
        delivery_info=m.DeliveryInfo(item_id="1", more_item_ids=("2",), url="https://x.example"),
        retry_info=m.RetryInfo(edition=("2nd",)),
        shipping_info=m.ShippingInfo(courier_name="DHL"),
        unknown=("colour",),
    )
    written = write(message)
    assert_valid(written)
    assert b"<itemId>1</itemId>" in written
    for word in (b"URL", b"retryInfo", b"shippingInfo", b"<itemId>2", b"colour"):
        assert word not in written


def test_writing_twice_gives_the_same_bytes():
    message = read(wrapped(LOANED)).message
    assert write(message) == write(read(write(message)).message)
