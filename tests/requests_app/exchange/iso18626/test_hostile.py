"""Bytes of people who mean harm, and of programs that are broken: `Unreadable`, and nothing else, ever."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.exchange.iso18626.xml import Envelope, Unreadable, blank_secrets, read

from .samples import LOANED, RECEIVED, REQUEST, wrapped

pytestmark = pytest.mark.nodb

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))
MEBIBYTE = 1024 * 1024


def with_doctype(doctype, note="x"):
    return doctype.encode() + wrapped(REQUEST.replace("Middlemarch", note))


@pytest.mark.parametrize(
    "body",
    [
        with_doctype(f"<!DOCTYPE ISO18626Message [{LAUGHS}]>", "&l9;"),
        with_doctype('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', "&e;"),
        with_doctype('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/evil.dtd">'),
        with_doctype('<?xml version="1.0"?><!-- - --><?pi ?>\n<!DOCTYPE x>'),
        with_doctype('<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>')
        .decode()
        .encode("utf-16"),
    ],
    ids=["billion laughs", "external entity", "external DTD", "after a comment", "in UTF-16"],
)
def test_a_document_with_a_doctype_is_refused(body):
    with pytest.raises(Unreadable, match="DOCTYPE"):
        read(body)


def test_the_word_doctype_in_a_note_is_no_doctype():
    body = wrapped(REQUEST.replace("Middlemarch", "<![CDATA[<!DOCTYPE html>]]>"))
    assert read(body).message.bibliographic_info.title == "<!DOCTYPE html>"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "is empty"),
        (b" \r\n\t", "is empty"),
        (b"<?xml version='1.0'?>", "not well-formed"),
        (b"\x00", "not well-formed"),
        (wrapped(REQUEST.replace("Middlemarch", "a\x00b")), "not well-formed"),
        (wrapped(REQUEST.replace("Middlemarch", "a&#0;b")), "not well-formed"),
        (wrapped(REQUEST).replace(b"Middlemarch", b"\xff\xfe\xfa"), "not in its encoding"),
        (wrapped(REQUEST)[:-40], "not well-formed"),
        (b"\xff\xfe<\x00\x00", "not in its encoding"),
        (b"<?xml version='1.0' encoding='UTF-7'?><request/>", "encoding utf-7"),
        (b"not XML at all", "not well-formed"),
        (b"{}", "not well-formed"),
        (wrapped("<request>&nbsp;</request>"), "not well-formed"),
        (b"<r>" * (MEBIBYTE // 3), "not well-formed"),
        (b"<r>" * (MEBIBYTE // 7) + b"</r>" * (MEBIBYTE // 7), "not well-formed"),
        (wrapped("<request>" + "<a/>" * 30_000 + "</request>"), "more than 20000 elements"),
        (wrapped(" " * MEBIBYTE), "bytes"),
    ],
)
def test_unreadable_with_a_sentence_and_quickly(body, why):
    start = time.monotonic()
    with pytest.raises(Unreadable, match=why):
        read(body)
    assert time.monotonic() - start < 5


def test_unreadable_is_a_value_error_with_a_storable_sentence():
    with pytest.raises(ValueError, match="well-formed") as caught:
        read(b"<a\x01b></c>")
    assert "\x00" not in str(caught.value) and len(str(caught.value)) < 300


def check(body):
    try:
        assert isinstance(read(body), Envelope)
    except Unreadable as error:
        assert str(error)
    shown = blank_secrets(body)
    assert "\x00" not in shown


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes(body):
    check(body)


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("<>/!?-[]&;\"'= \nxrequestISO18626Messagehdé\x00\ufeff"), max_size=80))
def test_random_markup(text):
    check(text.encode())
    check(text.encode("utf-16"))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_mutated_messages(data):
    body = bytearray(wrapped(data.draw(st.sampled_from([LOANED, RECEIVED, REQUEST]))))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(body)))
        end = data.draw(st.integers(start, min(len(body), start + 40)))
        body[start:end] = data.draw(
            st.one_of(
                st.binary(max_size=6),
                st.just(bytes(body[end : end + 30])),
                st.sampled_from([b"<", b"&", b"9" * 50]),
            )
        )
    check(bytes(body))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["12:00:00Z", "39001", "Loaned", "StatusChange", "2026-04-01"]), st.text(max_size=20))
def test_any_text_in_any_place(place, text):
    escaped = text.encode("utf-8", "replace").decode().replace("&", "&amp;").replace("<", "&lt;")
    check(wrapped(LOANED.replace(place, escaped)))
