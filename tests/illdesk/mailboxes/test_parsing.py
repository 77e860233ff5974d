"""Mail of strangers: nothing of it raises, nothing of it is lost."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as s

from illdesk.mailboxes import parsing

HEAD = b"From: a@b.example\r\nSubject: x\r\n"


def test_what_people_send_is_read():
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "Bücherei Nord <r@nord.example>", "Rechnung Nr. 7 für März"
    mail.set_content("Schöne Grüße")
    mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="Rechnung März.pdf")
    found = parsing.parse(mail.as_bytes())
    assert (found.sender, found.subject) == ("Bücherei Nord <r@nord.example>", "Rechnung Nr. 7 für März")
    assert found.text == "Schöne Grüße"
    assert [(part.name, part.content) for part in found.parts] == [("Rechnung März.pdf", b"%PDF-1.4")]
    assert parsing.address_of(found.sender) == "r@nord.example"


@pytest.mark.parametrize(("raw", "text"), [
    (HEAD + b"\r\nGr\xfc\xdfe", "Grüße"),  # no character set is named
    (HEAD + b"Content-Type: text/plain; charset=no-such\r\n\r\nx", "x"),
    (HEAD + b"Content-Type: text/plain; charset=\"utf-8\r\n\r\nx", "x"),
    (HEAD + b"Content-Type: text/html\r\n\r\n<style>y{}</style><p>Pay <b>12</b></p><script>z</script>", "Pay 12"),
    (HEAD + b"Content-Type: multipart/mixed\r\n\r\nno boundary", "no boundary"),
    (HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n!!!", None),
    (b"", ""), (b"\x00\xff\xfe", None), (b"\r\n\r\n", ""),
])
def test_a_message_that_is_not_as_it_should_be_is_shown_as_it_can_be(raw, text):
    found = parsing.parse(raw)
    assert found.key and "\x00" not in found.text
    if text is not None:
        assert " ".join(found.text.split()) == text


def test_no_subject_no_sender_and_a_date_of_no_day_are_nothing():
    found = parsing.parse(b"Date: Foo, 99 Bar 20201 99:99\r\n\r\nx")
    assert (found.subject, found.sender, found.sent) == ("", "", None)


@pytest.mark.parametrize("name", [
    "../../etc/passwd", "a\r\nBcc: x", "=?utf-8?q?=E2=80=AEfdp.exe?=", "x" * 5000, "\x00.pdf", '"; rm -rf /',
])
def test_hostile_names_lose_what_is_hostile_and_the_file_stays(name):
    raw = (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/pdf\r\n"
           b'Content-Disposition: attachment; filename="' + name.encode("utf-8", "replace").replace(b'"', b"'")
           + b'"\r\n\r\n%PDF-1.4\r\n--b--\r\n')
    found = parsing.parse(raw)
    assert len(found.parts) == 1 and found.parts[0].content.startswith(b"%PDF")
    kept = found.parts[0].name
    assert len(kept) <= 200 and not set(kept) & {"\x00", "\r", "\n", "\u202e"}


def test_an_invoice_in_a_forwarded_message_is_found():
    inner, outer = EmailMessage(), EmailMessage()
    inner["Subject"] = "Invoice"
    inner.set_content("x")
    inner.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="invoice.pdf")
    outer.set_content("see below")
    outer.add_attachment(inner)
    found = parsing.parse(outer.as_bytes())
    assert [part.name for part in found.parts] == ["invoice.pdf"] and found.text == "see below"


def test_winmail_is_kept_and_named():
    mail = EmailMessage()
    mail.set_content("x")
    mail.add_attachment(b"\x78\x9f\x3e\x22", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    assert parsing.parse(mail.as_bytes()).problems == ["winmail"]


def test_a_thousand_messages_within_messages_and_a_thousand_parts_are_bounded():
    deep = b""
    for _level in range(1200):
        deep = b"Content-Type: message/rfc822\r\n\r\n" + deep
    assert parsing.parse(deep).key
    many = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n" * 2000
    found = parsing.parse(many)
    assert len(found.parts) <= 100 and "many_parts" in found.problems


def test_who_uses_anothers_message_id_does_not_hide_the_others_mail():
    one = parsing.parse(b"Message-ID: <1@x>\r\nFrom: a@x.example\r\nSubject: Invoice\r\n\r\nx")
    other = parsing.parse(b"Message-ID: <1@x>\r\nFrom: b@y.example\r\nSubject: Invoice\r\n\r\nx")
    assert one.key != other.key
    again = parsing.parse(b"Received: by z\r\nMessage-ID: <1@x>\r\nFrom: a@x.example\r\nSubject: Invoice\r\n\r\nx")
    assert again.key == one.key, "another way through the network is no other message"


_PIECES = s.sampled_from([
    b"From: ", b"Subject: ", b"=?utf-8?b?", b"=?x-no?q?=zz?=", b"Content-Type: multipart/mixed; boundary=b\r\n",
    b"\r\n--b\r\n", b"--b--", b"Content-Disposition: attachment; filename*=utf-8''%zz%00", b"\r\n", b"\r\n\r\n",
    b"Content-Type: message/rfc822\r\n\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n", b"\x00", b"\xff",
    b"Content-Type: text/html; charset=utf-7\r\n", b"Date: 1\r\n", b"<", b"&#0;", b";", b'"',
    b"Content-Type: text/plain; charset*=x'y'%ff\r\n", b"Message-ID: <>\r\n", b"@", b"[", b"\\", b"From: \xff <",
])


@given(s.lists(_PIECES | s.binary(max_size=12), max_size=40))
def test_whatever_comes_is_parsed(pieces):
    found = parsing.parse(b"".join(pieces))
    for text in (found.sender, found.subject, found.to, found.text, found.message_id):
        text.encode("utf-8")
        assert "\x00" not in text
    assert len(found.key) == 64 and len(found.subject) <= 500 and len(found.sender) <= 320
