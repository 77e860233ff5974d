"""Settings of mailboxes, and mail that waits for a person."""

import pytest

from illdesk import registry
from illdesk.errors import NotAllowed
from illdesk.mailboxes import actions
from illdesk.mailboxes.models import Mail, Mailbox
from tests import factories as f
from tests.illdesk.mailboxes.test_fetching import message

pytestmark = pytest.mark.django_db
GIVEN = {"name": "Invoices", "purpose": "invoices", "host": "imap.library.edu", "port": "993", "security": "tls",
         "user": "ill", "new_password": "s3cret word", "folder": "INBOX", "done_folder": "", "since": "2026-01-01",
         "active": "on"}


def as_(client, *roles):
    client.force_login(f.user(*(roles or ("coordinator",))))
    return client


@pytest.fixture
def came() -> Mail:
    box = Mailbox.objects.create(name="Invoices", host="imap.library.edu", user="ill", purpose="other")
    row = actions.keep(box, message(), validity=1, uid=1, now=f.NOW)
    assert row is not None
    actions.hand_on(row, now=f.NOW)
    row.refresh_from_db()
    return row


def test_a_mailbox_is_added_and_its_password_never_shown_again(client):
    as_(client)
    page = client.post("/settings/mailboxes/add/", GIVEN, follow=True).content.decode()
    row = Mailbox.objects.get()
    assert row.password == "s3cret word" and "s3cret word" not in page
    with_raw = Mailbox.objects.raw("SELECT id, password AS kept FROM illdesk_mailbox")[0]
    assert "s3cret" not in with_raw.kept, "encrypted in the database"
    client.post(f"/settings/mailboxes/{row.pk}/", GIVEN | {"new_password": "", "folder": "ILL"})
    row.refresh_from_db()
    assert (row.password, row.folder) == ("s3cret word", "ILL")


def test_a_stored_password_goes_to_no_other_server(client):
    as_(client)
    client.post("/settings/mailboxes/add/", GIVEN)
    row = Mailbox.objects.get()
    page = client.post(f"/settings/mailboxes/{row.pk}/", GIVEN | {"new_password": "", "host": "imap.evil.example"})
    assert page.status_code == 422 and "again for another server" in page.content.decode()


@pytest.mark.parametrize(("change", "said"), [
    ({"host": "https://x/"}, "name of the server only"), ({"port": "0"}, "1 to 65535"), ({"name": ""}, "Enter this"),
    ({"done_folder": "INBOX"}, "cannot be moved"), ({"purpose": "gold"}, ""), ({"since": "x"}, ""),
])
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, change, said):
    page = as_(client).post("/settings/mailboxes/add/", GIVEN | change)
    assert page.status_code == 422 and said in page.content.decode() and not Mailbox.objects.exists()


def test_the_test_button_says_what_it_found(client):
    as_(client)
    row = Mailbox.objects.create(name="Invoices", host="127.0.0.1", port=9, security="none", user="x", purpose="other")
    page = client.post(f"/settings/mailboxes/{row.pk}/test/", follow=True).content.decode()
    assert "does not answer at this port" in page
    row.refresh_from_db()
    assert not row.test_worked and row.tested


@pytest.mark.parametrize("role", ["patron", "student", "borrowing staff", "budget"])
def test_only_who_changes_settings_changes_mailboxes(client, role):
    assert as_(client, role).get("/settings/mailboxes/").status_code == 403


def test_mail_that_waits_is_listed_read_and_set_aside(client, came):
    as_(client, "borrowing staff")
    assert "Invoice 1" in client.get("/mail/").content.decode()
    page = client.get(f"/mail/{came.pk}/").content.decode()
    assert "Please pay." in page and "invoice.pdf" in page and "The message as it came" in page
    client.post(f"/mail/{came.pk}/aside/")
    assert "Invoice 1" not in client.get("/mail/").content.decode()
    assert "Invoice 1" in client.get("/mail/?all=1").content.decode()
    again = client.post(f"/mail/{came.pk}/aside/", follow=True).content.decode()
    assert "already" in again


def test_a_person_hands_it_on_once(client, came, monkeypatch):
    took = []
    monkeypatch.setitem(registry.MAIL, "invoices", lambda mail, now: took.append(mail.pk))
    as_(client, "borrowing staff")
    for _time in range(2):
        client.post(f"/mail/{came.pk}/assign/", {"purpose": "invoices"})
    came.refresh_from_db()
    assert took == [came.pk] and came.state == "handled"
    assert client.post(f"/mail/{came.pk}/assign/", {"purpose": "gold"}, follow=True).status_code == 200
    assert client.post(f"/mail/{came.pk}/dance/").status_code == 404


def test_what_cannot_be_handed_on_says_why(came, monkeypatch):
    def take(mail, now):
        raise NotAllowed("There is no PDF.")

    monkeypatch.setitem(registry.MAIL, "invoices", take)
    with pytest.raises(NotAllowed, match="no PDF"):
        actions.assign(came, "invoices", actor=f.staff(), now=f.NOW)


@pytest.mark.parametrize("role", ["patron", "student", "lending staff", "budget", "administrator"])
def test_others_read_no_mail_and_fetch_none_of_its_files(client, came, role):
    as_(client, role)
    for url in ("/mail/", f"/mail/{came.pk}/"):
        assert client.get(url).status_code == 403
    assert client.get(f"/files/{came.raw_id}/").status_code == 404
