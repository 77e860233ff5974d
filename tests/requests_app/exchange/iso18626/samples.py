"""Where the public samples and the schema lie, and the messages the tests write themselves."""

import os
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

ROOT = Path(__file__).resolve().parents[4]
SAMPLES = Path(os.environ.get("ILLDESK_SAMPLES") or ROOT.parent / "shared" / "data") / "iso18626"
NAMESPACE = "http://illtransactions.org/2013/iso18626"


@cache
def schema() -> etree.XMLSchema:
    path = SAMPLES / "xsd" / "ISO-18626-v1_2.xsd"
    if not path.exists():
        pytest.skip("the ISO 18626 schema is not here")
    return etree.XMLSchema(etree.parse(path))


def assert_valid(written: bytes) -> None:
    schema().assertValid(etree.fromstring(written))


def wrapped(inner: str, version: str = ' ill:version="1.2"') -> bytes:
    return (
        f'<ISO18626Message xmlns="{NAMESPACE}" xmlns:ill="{NAMESPACE}"{version}>{inner}</ISO18626Message>'
    ).encode()


HEADER = """<header>
  <supplyingAgencyId><agencyIdType>ISIL</agencyIdType><agencyIdValue>US-A</agencyIdValue></supplyingAgencyId>
  <requestingAgencyId><agencyIdType>ISIL</agencyIdType><agencyIdValue>US-B</agencyIdValue></requestingAgencyId>
  <multipleItemRequestId/>
  <timestamp>2026-03-01T12:00:00Z</timestamp>
  <requestingAgencyRequestId>B-2026-00412-2</requestingAgencyRequestId>
</header>"""

LOANED = f"""<supplyingAgencyMessage>{HEADER}
  <messageInfo><reasonForMessage>StatusChange</reasonForMessage><note>Handle with care</note></messageInfo>
  <statusInfo><status>Loaned</status><dueDate>2026-04-01T00:00:00Z</dueDate>
    <lastChange>2026-03-01T11:59:00Z</lastChange></statusInfo>
  <deliveryInfo><dateSent>2026-03-01T11:58:00Z</dateSent><itemId>39001</itemId></deliveryInfo>
</supplyingAgencyMessage>"""

RECEIVED = f"<requestingAgencyMessage>{HEADER}<action>Received</action></requestingAgencyMessage>"

REQUEST = f"""<request>{HEADER}
  <bibliographicInfo><title>Middlemarch</title></bibliographicInfo>
  <serviceInfo><requestType>New</requestType><serviceType>Loan</serviceType></serviceInfo>
</request>"""
