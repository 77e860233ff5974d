from email.message import EmailMessage

import pytest

from illdesk import smtp_sink


@pytest.fixture
def demo(settings, tmp_path, db):
    settings.DEMO, settings.MAIL_FOLDER = True, str(tmp_path)
    return tmp_path


def _mail(folder, subject: str, body: str = "Hello", to: str = "rosa@a.example"):
    message = EmailMessage()
    message["From"] = "Aldermere Library, Interlibrary Loan <ill@a.example>"
    message["To"], message["Subject"] = to, subject
    message.set_content(body)
    smtp_sink.store(folder, sender="ill@a.example", recipients=[to], content=message.as_bytes())


def test_mail_is_read_without_signing_in_and_links_work(demo, client):
    _mail(demo, "Contraseña", "Choose: http://127.0.0.1:8000/accounts/password/reset/key/1-abc/ now")
    page = client.get("/mailbox/").content.decode()
    assert "Contraseña" in page
    assert "Interlibrary Loan" in page
    assert 'href="http://127.0.0.1:8000/accounts/password/reset/key/1-abc/"' in page


def test_the_newest_stands_first_and_old_ones_on_the_next_page(demo, client):
    for number in range(25):
        _mail(demo, f"Letter {number}")
    first = client.get("/mailbox/").context["mails"]
    assert [mail.subject for mail in first[:2]] == ["Letter 24", "Letter 23"]
    assert client.get("/mailbox/?page=2").context["mails"][-1].subject == "Letter 0"


def test_a_mail_cannot_bring_markup(demo, client):
    _mail(demo, "<b>x</b>", "<script>alert(1)</script> javascript:alert(1)")
    page = client.get("/mailbox/").content.decode()
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


def test_broken_files_break_nothing(demo, client):
    (demo / "20260101T000000.000000Z-aa.eml").write_bytes(b"Content-Type: text/plain; charset=klingon\r\n\r\n\xff\xfe")
    (demo / "odd.eml").write_bytes(b"")
    (demo / ".half.eml.part").write_bytes(b"x")
    assert len(client.get("/mailbox/").context["mails"]) == 2


@pytest.mark.parametrize("folder", ["", "/nowhere/at/all"])
def test_an_empty_mailbox_says_what_would_be_here(demo, client, settings, folder):
    settings.MAIL_FOLDER = folder
    assert "No mail yet" in client.get("/mailbox/").content.decode()


def test_outside_a_demo_there_is_no_mailbox(demo, client, settings):
    settings.DEMO = False
    _mail(demo, "Secret")
    assert client.get("/mailbox/").status_code == 404


def test_the_sign_in_page_offers_the_demo_accounts_in_a_demo_alone(demo, client, settings):
    page = client.get("/accounts/login/").content.decode()
    assert 'href="/mailbox/"' in page
    assert 'name="login" value="supervisor"' in page
    settings.DEMO = False
    page = client.get("/accounts/login/").content.decode()
    assert "mailbox" not in page
    assert 'value="supervisor"' not in page
