import time

import pytest

from requests_app.exchange.iso18626.xml import blank_secrets, read

from .samples import RECEIVED, wrapped

pytestmark = pytest.mark.nodb

SECRET = (
    "<requestingAgencyAuthentication><accountId>us-b</accountId>"
    "<securityCode>hunter2</securityCode></requestingAgencyAuthentication></header>"
)
MESSAGE = wrapped(RECEIVED.replace("</header>", SECRET))


def test_only_the_secret_is_blanked_and_the_rest_stays_as_it_came():
    shown = blank_secrets(MESSAGE)
    assert shown == MESSAGE.decode().replace("hunter2", "•••")
    assert "<accountId>us-b</accountId>" in shown
    assert read(shown.encode()).message.header.requesting_agency_authentication.security_code == "•••"


def test_blanking_twice_changes_nothing():
    assert blank_secrets(blank_secrets(MESSAGE)) == blank_secrets(MESSAGE)


def test_a_message_without_a_secret_stays_as_it_is():
    assert blank_secrets(wrapped(RECEIVED)) == wrapped(RECEIVED).decode()
    empty = MESSAGE.decode().replace("<securityCode>hunter2</securityCode>", "<securityCode/>")
    assert blank_secrets(empty) == empty
    broken = empty[:-5].replace("<securityCode/>", "<securityCode />")
    assert blank_secrets(broken) == broken


@pytest.mark.parametrize(
    "code",
    [
        "<x:securityCode>hunter2</x:securityCode>",
        "<securityCode\n a='b' >\n hunter2\n</securityCode >",
        "<securityCode><![CDATA[hunter2]]></securityCode>",
        "<securityCode><![CDATA[</securityCode>hunter2]]></securityCode>",
        "<securityCode a='>'>hunter2</securityCode>",
        "<securityCode><b>hunter2</b>hunter2</securityCode>",
        "<securityCode><!-- </securityCode> -->hunter2</securityCode>",
        "<SecurityCode>hunter2</SecurityCode>",
        "<!-- <securityCode>hunter2</securityCode> -->",
        "<securityCode/><securityCode>hunter2</securityCode>",
        "<securityCode><securityCode>hunter2</securityCode>hunter2</securityCode>",
        "<securityCode>hunter2",
        "<securityCode>hunter2</",
        "<securityCode>hunter2</secu",
        "<securityCode>hunter2 & co</securityCode><open>",
        "<securityCode>hun\x00ter2</securityCode>",
    ],
)
def test_however_it_is_written(code):
    text = MESSAGE.decode().replace("<securityCode>hunter2</securityCode>", code)
    text = text.replace(
        "<ISO18626Message ", '<ISO18626Message xmlns:x="http://illtransactions.org/2013/iso18626" '
    )
    for xml in (text, text.encode(), text.encode("utf-16"), text[: text.index(code) + len(code)]):
        shown = blank_secrets(xml)
        assert "hunter2" not in shown
        assert "us-b" in shown


def test_bytes_of_no_encoding_are_shown_too():
    shown = blank_secrets(b"<securityCode>hunter2</securityCode>\xff\xfe<a>")
    assert shown == "<securityCode>•••</securityCode>\ufffd\ufffd<a>"
    assert blank_secrets(b"<?xml version='1.0' encoding='klingon'?><a/>").endswith("<a/>")


@pytest.mark.parametrize(
    "piece", ["<securityCode ", "<securityCode>", "<securityCode></", "<a:", "</securityCode"]
)
def test_a_megabyte_of_opening_tags_takes_no_minutes(piece):
    start = time.monotonic()
    blank_secrets(piece * (1024 * 1024 // len(piece)))
    assert time.monotonic() - start < 5
