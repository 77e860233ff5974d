"""Reading what partners really send."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.values import parse_moment
from requests_app.exchange.iso18626.xml import Unreadable, read

from .samples import HEADER, LOANED, NAMESPACE, RECEIVED, REQUEST, wrapped

pytestmark = pytest.mark.nodb
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_loan_is_read():
    envelope = read(wrapped(LOANED))
    message = envelope.message
    assert envelope.version == "1.2"
    assert isinstance(message, m.SupplyingAgencyMessage)
    assert message.header.supplying_agency_id == m.AgencyId("ISIL", "US-A")
    assert message.header.timestamp == NOON
    assert message.status_info.status == "Loaned"
    assert message.delivery_info.item_id == "39001"
    assert message.return_info is None
    assert message.unknown == ()


@pytest.mark.parametrize(
    "body",
    [
        wrapped(RECEIVED, ' version="1.2"'),
        f'<x:ISO18626Message xmlns:x="{NAMESPACE}" x:version="1.2">'.encode()
        + RECEIVED.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:").encode()
        + b"</x:ISO18626Message>",
        f'<ISO18626Message version=" 1.2 ">{RECEIVED}</ISO18626Message>'.encode(),
        b"\xef\xbb\xbf" + wrapped(RECEIVED),
        b'\n  <?xml version="1.0" encoding="UTF-8"?>\n<!-- from the broker -->' + wrapped(RECEIVED) + b"\n\n",
    ],
    ids=["version unqualified", "prefixed", "no namespace", "byte order mark", "blank before declaration"],
)
def test_every_way_to_wrap_a_message_reads_the_same(body):
    assert read(body) == read(wrapped(RECEIVED))


def test_bare_message_has_no_version():
    body = RECEIVED.replace("<requestingAgencyMessage>", f'<requestingAgencyMessage xmlns="{NAMESPACE}">', 1)
    envelope = read(body.encode())
    assert envelope.version is None
    assert envelope.message == read(wrapped(RECEIVED)).message


def test_wrapper_without_version():
    assert read(wrapped(RECEIVED, "")).version is None


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("UTF-8", "utf-8"),
        ("utf-16", "utf-16"),
        ("UTF-16", "utf-16-le"),
        ("UTF-16", "utf-16-be"),
        ("ISO-8859-1", "iso-8859-1"),
        ("windows-1252", "cp1252"),
        ("utf-16", "utf-8"),
    ],
)
def test_encodings(declared, codec):
    text = f'<?xml version="1.0" encoding="{declared}"?>' + wrapped(REQUEST).decode()
    body = text.replace("Middlemarch", "Père Goriot").encode(codec)
    assert read(body).message.bibliographic_info.title == "Père Goriot"


def test_elements_in_any_order():
    shuffled = """<supplyingAgencyMessage>
      <deliveryInfo><itemId>39001</itemId><dateSent>2026-03-01T11:58:00Z</dateSent></deliveryInfo>
      <statusInfo><lastChange>2026-03-01T11:59:00Z</lastChange><dueDate>2026-04-01T00:00:00Z</dueDate>
        <status>Loaned</status></statusInfo>
      <messageInfo><note>Handle with care</note>
        <reasonForMessage>StatusChange</reasonForMessage></messageInfo>
    """
    body = wrapped(shuffled + HEADER + "</supplyingAgencyMessage>")
    assert read(body).message == read(wrapped(LOANED)).message


@pytest.mark.parametrize("turned", [False, True])
def test_both_orders_of_the_id_structures(turned):
    parts = ["<bibliographicItemIdentifier>1983</bibliographicItemIdentifier>"]
    parts.append("<bibliographicItemIdentifierCode>ISBN</bibliographicItemIdentifierCode>")
    item = "".join(reversed(parts) if turned else parts)
    info = f"<bibliographicInfo><bibliographicItemId>{item}</bibliographicItemId></bibliographicInfo>"
    request = read(wrapped(f"<request>{info}</request>")).message
    assert request.bibliographic_info.bibliographic_item_id == (m.BibliographicItemId("1983", "ISBN"),)


def test_an_empty_message_has_all_required_parts_empty():
    message = read(wrapped("<supplyingAgencyMessage/>")).message
    assert message.header == m.Header()
    assert message.header.timestamp is None
    assert message.header.requesting_agency_id == m.AgencyId("", "")
    assert message.status_info.status == ""
    assert read(wrapped("<request/>")).message.service_info is None


def test_text_loses_the_white_space_around_it_and_nothing_else():
    title = "\u202bספר  א\u0301\u200f"
    body = wrapped(REQUEST.replace("Middlemarch", f"\n   {title}\t "))
    assert read(body).message.bibliographic_info.title == title


def test_markup_within_text_keeps_the_words():
    body = wrapped(REQUEST.replace("Middlemarch", "The <!-- ? --><i>Lord</i> <![CDATA[& Lady]]>"))
    message = read(body).message
    assert message.bibliographic_info.title == "The Lord & Lady"
    assert message.unknown == ("bibliographicInfo/title/i",)


def test_what_we_do_not_know_is_named_and_no_error():
    body = wrapped(
        REQUEST.replace(
            "</bibliographicInfo>", "<colour>red</colour><title>Again</title></bibliographicInfo>"
        )
        + '<extra xmlns="urn:x"/>'
    )
    body = body.replace(b"</serviceInfo>", b'<y:note xmlns:y="urn:y">theirs</y:note></serviceInfo>')
    message = read(body).message
    assert message.unknown == (
        "{urn:x}extra",
        "bibliographicInfo/colour",
        "bibliographicInfo/title: Again",
        "serviceInfo/{urn:y}note",
    )
    assert message.bibliographic_info.title == "Middlemarch"
    assert message.service_info.note == "", "a foreign note is not ours"
    assert m.problems(message) == []


def test_unreadable_dates_and_numbers_are_none_and_named():
    body = LOANED.replace("2026-04-01T00:00:00Z", "soon").replace(
        "</deliveryInfo>",
        "<deliveryCosts><currencyCode>EUR</currencyCode><monetaryValue>a lot</monetaryValue></deliveryCosts>"
        "<sentToPatron>maybe</sentToPatron></deliveryInfo>",
    )
    message = read(wrapped(body)).message
    assert message.status_info.due_date is None
    assert message.delivery_info.delivery_costs == m.Money("EUR", None)
    assert message.unknown == (
        "statusInfo/dueDate: soon",
        "deliveryInfo/deliveryCosts/monetaryValue: a lot",
        "deliveryInfo/sentToPatron: maybe",
    )


def test_a_flood_of_unknown_elements_is_cut():
    message = read(wrapped(f"<request>{'<x/>' * 5000}<{'y' * 5000}/></request>")).message
    assert len(message.unknown) == 100


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T12:00:00Z", NOON),
        ("2026-03-01T13:00:00+0100", NOON),
        ("2026-03-01T13:00:00+01:00", NOON),
        ("2026-03-01T07:00:00.0000000000-05", NOON),
        ("2026-03-01T12:00:00", NOON),
        ("2026-03-01 12:00", NOON),
        ("2026-03-01T12:00:00.1234567Z", NOON.replace(microsecond=123456)),
        ("2026-03-01T12:00:00,5Z", NOON.replace(microsecond=500000)),
        ("2026-03-01", NOON.replace(hour=0)),
        ("2026-02-28T24:00:00Z", NOON.replace(hour=0)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2026-02-30T12:00:00Z", None),
        ("2026-03-01T25:00:00Z", None),
        ("2026-03-01T12:61:00Z", None),
        ("2026-03-01T12:00:00+99:00", None),
        ("0001-01-01T00:00:00+02:00", None),
        ("0000-01-01T00:00:00Z", None),
        ("٢٠٢٦-03-01T12:00:00Z", None),
        ("01/03/2026", None),
    ],
)
def test_dates(text, moment):
    assert parse_moment(text) == moment


def test_a_2021_supplier_message_is_read_without_loss():
    body = wrapped(
        f"""<supplyingAgencyMessage>{HEADER}
        <messageInfo><reasonForMessage>RequestResponse</reasonForMessage><reasonRetry>OnLoan</reasonRetry>
        </messageInfo>
        <statusInfo><status>HoldReturn</status><lastChange>2026-03-01T12:00:00Z</lastChange></statusInfo>
        <retryInfo><loanCondition>NoReproduction</loanCondition><edition>2nd</edition><edition>3rd</edition>
          <itemFormat>PDF</itemFormat><serviceType>Copy</serviceType><courierName>DHL</courierName>
          <offeredCosts><currencyCode>USD</currencyCode><monetaryValue>10.00</monetaryValue></offeredCosts>
          <retryBefore>2026-05-01T00:00:00Z</retryBefore></retryInfo>
        <deliveryInfo><dateSent>2026-03-01T12:00:00Z</dateSent><itemId>1</itemId><itemId>2</itemId>
          <URL>https://files.example/1</URL><deliveryMethod>Courier</deliveryMethod>
          <loanCondition>LibraryUseOnly</loanCondition><loanCondition>SignatureRequired</loanCondition>
          <itemFormat>Printed</itemFormat><serviceType>Loan</serviceType></deliveryInfo>
        <shippingInfo><courierName>DHL</courierName><trackingId>T1</trackingId><trackingId>T2</trackingId>
          <insurance>Y</insurance></shippingInfo>
        </supplyingAgencyMessage>""",
        ' ill:version="2021-2"',
    )
    envelope = read(body)
    message = envelope.message
    assert envelope.version == "2021-2"
    assert message.unknown == ()
    assert m.problems(message) == []
    assert message.retry_info.edition == ("2nd", "3rd")
    assert message.offered_costs == (m.Money("USD", Decimal("10.00")),)
    assert message.retry_before == datetime(2026, 5, 1, tzinfo=UTC)
    assert message.delivery_info.item_ids == ("1", "2")
    assert message.delivery_info.url == "https://files.example/1"
    assert message.delivery_info.sent_via == "Courier"
    assert message.delivery_info.delivered_format == "Printed"
    assert message.delivery_info.more_loan_conditions == ("SignatureRequired",)
    assert message.shipping_info.tracking_id == ("T1", "T2")


def test_a_2021_request_is_read_without_loss():
    body = wrapped(
        f"""<request>{HEADER.replace("<multipleItemRequestId/>", "")}
        <bibliographicInfo><title>T</title><authorId>0000000121</authorId><volume>1</volume><volume>2</volume>
        </bibliographicInfo>
        <publicationInfo><publisherId>0000000122</publisherId></publicationInfo>
        <serviceInfo><serviceType>Loan</serviceType><itemFormat>Printed</itemFormat>
          <preferredEdition>AnyEdition</preferredEdition></serviceInfo>
        <requestedDeliveryInfo><deliveryMethod>Courier</deliveryMethod><courierName>UPS</courierName>
        </requestedDeliveryInfo></request>"""
    )
    request = read(body).message
    assert request.unknown == ()
    assert request.bibliographic_info.author_id == "0000000121"
    assert (request.bibliographic_info.volume, request.bibliographic_info.more_volumes) == ("1", ("2",))
    assert request.publication_info.publisher_id == "0000000122"
    assert request.service_info.preferred_format == "Printed"
    assert request.service_info.preferred_edition == "AnyEdition"
    assert request.requested_delivery_info[0].courier_name == "UPS"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (wrapped(""), "holds one message; this one holds none"),
        (wrapped(RECEIVED * 2), "holds one message; this one holds 2"),
        (b"<html><body>Bad gateway</body></html>", "its root is html"),
        (b'<request xmlns="urn:other"/>', "its root is {urn:other}request"),
    ],
)
def test_xml_that_is_no_message_is_refused_with_a_sentence(body, why):
    with pytest.raises(Unreadable, match=why):
        read(body)
