"""Letters leave by a real SMTP server."""

import pytest
from aiosmtpd.smtp import AuthResult

from illdesk import notices, outbox
from illdesk.models import OutboxMessage
from tests import factories as f
from tests.illdesk.post import free_port, office

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(settings):
    with office() as post:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", post.port
        settings.BASE_URL = "https://ill.riverside.example"
        yield post


def _letter(to="ana@riverside.example", subject="It is here", body="Come.", key="k1", **more) -> OutboxMessage:
    return notices.mail(to=to, subject=subject, body=body, what="arrived", key=key, now=f.NOW, **more)


def _after(row: OutboxMessage, now=f.NOW) -> OutboxMessage:
    outbox.send(row.pk, now=now)
    row.refresh_from_db()
    return row


def test_a_letter_is_handed_over_whole(post):
    f.institution(name="Bibliothek, “Süd”")
    row = _after(_letter(subject="Ya llegó «Пиковая дама»", body="Шифр K7-27.\nDanke schön 図書館"))
    letter, = post.letters
    assert row.state == OutboxMessage.SENT
    assert letter["Subject"] == "Ya llegó «Пиковая дама»"
    assert letter.get_content().splitlines() == ["Шифр K7-27.", "Danke schön 図書館"]
    assert letter["From"].addresses[0].display_name == "Bibliothek, “Süd”, Interlibrary Loan"
    assert letter["From"].addresses[0].addr_spec == "ill@riverside.example"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.handed_to == ["ana@riverside.example"]


def test_the_same_letter_again_keeps_its_message_id(post):
    row = _letter()
    post.to_data = "451 try later"
    assert _after(row).state == OutboxMessage.WAITING
    post.to_data = "250 OK"
    assert _after(row, now=f.later(minutes=5)).state == OutboxMessage.SENT
    OutboxMessage.objects.filter(pk=row.pk).update(state=OutboxMessage.PARKED)
    outbox.send_again(row, actor=f.staff(), now=f.later(minutes=6))
    _after(row, now=f.later(minutes=6))
    one, two = post.letters
    assert one["Message-ID"] == two["Message-ID"]
    assert one["Message-ID"].endswith("@ill.riverside.example>")
    other = _after(_letter(key="k2"))
    assert other.state == OutboxMessage.SENT
    assert post.letters[2]["Message-ID"] != one["Message-ID"]


@pytest.mark.parametrize(
    ("answer", "state"), [("550 no such user", "parked"), ("450 greylisted", "waiting"), ("552 full", "parked")]
)
def test_an_address_that_is_refused_is_told_from_one_that_must_wait(post, answer, state):
    post.answers["ana@riverside.example"] = answer
    row = _after(_letter())
    assert row.state == state
    assert row.last_error == f"The mail server refuses this address ({answer[:3]})."
    assert post.letters == []


@pytest.mark.parametrize(("answer", "state"), [("554 spam", "parked"), ("451 disk full", "waiting")])
def test_a_letter_that_is_refused_is_told_from_one_that_must_wait(post, answer, state):
    post.to_data = answer
    row = _after(_letter())
    assert row.state == state
    assert row.last_error == f"The mail server answered {answer[:3]}."


def test_a_server_that_is_away_is_tried_again(settings):
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    row = _after(_letter())
    assert row.state == OutboxMessage.WAITING
    assert row.last_error.startswith("The mail server does not answer: ")


def test_our_own_wrong_password_does_not_park_letters(settings):
    """It is the desk's fault, not the letter's: once it is put right they all leave by themselves."""
    refuse = {"authenticator": lambda *_: AuthResult(success=False, handled=False), "auth_require_tls": False}
    with office(**refuse) as post:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", post.port
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "desk", "wrong"
        row = _after(_letter())
    assert row.state == OutboxMessage.WAITING
    assert row.last_error == "The mail server refuses the desk's own password (535)."
    assert post.letters == []


def test_a_server_that_is_silent_after_its_250_has_the_letter(post, settings):
    post.seconds_to_quit, settings.EMAIL_TIMEOUT = 1.0, 0.3
    assert _after(_letter()).state == OutboxMessage.SENT
    assert len(post.letters) == 1


@pytest.mark.parametrize("subject", ["It is here\nBcc: all@riverside.example", "x\r\n\r\nFree money"])
def test_nobody_smuggles_headers_in_by_a_subject(post, subject):
    row = _after(_letter(subject=subject))
    assert row.state == OutboxMessage.PARKED
    assert "cannot be written" in row.last_error
    assert post.letters == []


def test_a_patrons_name_with_line_breaks_makes_no_headers_in_a_letter(post):
    f.institution()
    row = notices.letter(
        "asked", to="ana@riverside.example", language="en", key="k", now=f.NOW,
        values={"number": "B-1\nBcc: all@riverside.example", "name": "Ana"},
    )
    assert _after(row).state == OutboxMessage.SENT
    letter, = post.letters
    assert letter["Bcc"] is None
    assert letter.handed_to == ["ana@riverside.example"]


@pytest.mark.parametrize("address", ["anä@riverside.example", "ana@bücher.example", "not an address", "a@b\nBcc: c@d"])
def test_odd_addresses_never_stop_the_sweep(post, address):
    odd, good = _letter(to=address), _letter(key="good")
    outbox.send_due(now=f.NOW)
    for row in (odd, good):
        row.refresh_from_db()
    assert good.state == OutboxMessage.SENT
    assert odd.state in (OutboxMessage.SENT, OutboxMessage.PARKED)


def test_a_password_link_is_forgotten_when_it_has_left(post):
    row = _after(_letter(body="https://…/reset/secret", confidential=True))
    assert row.payload == {}
    assert "reset/secret" in post.letters[0].get_content()


def test_a_password_link_that_shall_not_leave_is_forgotten_too(post):
    row = _letter(body="https://…/reset/secret", confidential=True)
    outbox.drop(row, actor=f.staff(), now=f.NOW)
    row.refresh_from_db()
    assert row.payload == {}
