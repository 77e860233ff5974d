"""Mail fetched from a real IMAP server: each message once, whatever dies in between."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection

from illdesk import clock, registry, status
from illdesk.errors import AdapterError
from illdesk.mailboxes import actions, imap
from illdesk.mailboxes.models import Mail, Mailbox
from illdesk.models import Attachment, Event
from tests import factories as f

pytestmark = pytest.mark.django_db


def message(number: int = 1, *, subject: str = "Invoice", body: str = "Please pay.", name: str = "invoice.pdf",
            content: bytes = b"", message_id: bool = True) -> bytes:
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["From"], mail["To"] = "Hill College <billing@hill.example>", "invoices@riverside.example"
    mail["Subject"], mail["Date"] = f"{subject} {number}", "Mon, 02 Mar 2026 10:00:00 -0500"
    if message_id:
        mail["Message-ID"] = f"<{number}@hill.example>"
    mail.set_content(body)
    mail.add_attachment(content or f.pdf(), maintype="application", subtype="pdf", filename=name)
    return mail.as_bytes()


@pytest.fixture
def handled(monkeypatch):
    """Somebody who takes invoices, and notes what came."""
    came: list[tuple[str, list]] = []

    def take(mail, now):
        came.append((mail.subject, [(part.name, part.content[:5]) for part in actions.parts_of(mail)]))

    monkeypatch.setitem(registry.MAIL, "invoices", take)
    return came


@pytest.fixture
def nobody(monkeypatch):
    monkeypatch.delitem(registry.MAIL, "invoices", raising=False)


def test_a_message_is_kept_as_it_came_with_its_pdf_and_handed_on_once(post, mailbox, handled):
    post.put(message())
    assert actions.fetch(mailbox, now=f.NOW) == 1
    row = Mail.objects.get()
    assert (row.subject, row.sender, row.state) == ("Invoice 1", "Hill College <billing@hill.example>", "handled")
    assert row.raw is not None and row.settled == f.NOW
    with row.raw.file.open("rb") as file:
        assert file.read().replace(b"\r\n", b"\n") == message_lines(row)
    assert Attachment.objects.get(pk=row.parts[0]["file"]).content_type == "application/pdf"
    assert handled == [("Invoice 1", [("invoice.pdf", b"%PDF-")])]
    assert actions.fetch(mailbox, now=f.NOW) == 0 and len(handled) == 1
    assert post.seen() == (1, 1)


def message_lines(row: Mail) -> bytes:
    """The raw message again, read from the row's own attachment (MIME boundaries are random)."""
    with row.raw.file.open("rb") as file:
        return file.read().replace(b"\r\n", b"\n")


def test_what_was_taken_in_is_moved_where_a_folder_is_named(post, mailbox, handled):
    Mailbox.objects.filter(pk=mailbox.pk).update(done_folder="Done")
    mailbox.refresh_from_db()
    post.put(message())
    actions.fetch(mailbox, now=f.NOW)
    assert post.seen() == (0, 0) and post.seen("Done")[0] == 1


def test_without_somebody_who_handles_it_mail_waits_for_a_person(post, mailbox, nobody):
    post.put(message())
    actions.fetch(mailbox, now=f.NOW)
    assert Mail.objects.get().state == "waiting" and post.seen() == (1, 1)


def test_what_a_handler_refuses_waits_with_the_reason_and_keeps_nothing_of_it(post, mailbox, monkeypatch):
    def take(mail, now):
        f.library("NEW")
        raise ValueError("no number\x00")

    monkeypatch.setitem(registry.MAIL, "invoices", take)
    post.put(message())
    actions.fetch(mailbox, now=f.NOW)
    row = Mail.objects.get()
    assert (row.state, row.outcome) == ("failed", "ValueError: no number")
    from requests_app.models import Library

    assert not Library.objects.filter(symbol="NEW").exists() and post.seen() == (1, 1)


class Died(BaseException):
    """As a worker that is killed."""


@pytest.mark.parametrize("where", ["mailboxes.before_commit", "mailboxes.before_handled", "mailboxes.before_settled"])
def test_a_worker_that_dies_in_between_loses_nothing_and_doubles_nothing(post, mailbox, handled, monkeypatch, where):
    def die(name):
        if name == where:
            raise Died

    post.put(message())
    monkeypatch.setattr("illdesk.crash.point", die)
    with pytest.raises(Died):
        actions.fetch(mailbox, now=f.NOW)
    assert post.seen() == (1, 0), "the server is told only after our commit"
    monkeypatch.setattr("illdesk.crash.point", lambda name: None)
    handled.clear() if where == "mailboxes.before_handled" else None
    actions.fetch_due(now=f.later(minutes=20))
    assert Mail.objects.count() == 1 and post.seen() == (1, 1)
    assert Mail.objects.get().state == "handled" and len(handled) == 1
    assert Event.objects.filter(name="mail.came").count() == 1


def test_numbered_anew_by_the_server_the_same_message_is_the_same(post, mailbox, handled):
    post.put(message())
    actions.fetch(mailbox, now=f.NOW)
    post.number_anew()
    Mailbox.objects.filter(pk=mailbox.pk).update(folder="Old")
    mailbox.refresh_from_db()
    for _time in range(2):
        actions.fetch(mailbox, now=f.NOW)
    assert Mail.objects.count() == 1 and len(handled) == 1
    assert post.seen("Old") == (1, 1)


def test_a_message_that_came_twice_is_one(post, mailbox, handled):
    raw = message()
    post.put(raw)
    post.put(raw)
    for _time in range(2):
        actions.fetch(mailbox, now=f.NOW)
    assert Mail.objects.count() == 1 and len(handled) == 1 and post.seen() == (2, 2)


def test_two_without_a_message_id_are_two_unless_they_are_the_same(post, mailbox, handled):
    one, other = message(1, message_id=False), message(2, message_id=False)
    for raw in (one, other, one):
        post.put(raw)
    actions.fetch(mailbox, now=f.NOW)
    assert Mail.objects.count() == 2


def test_older_mail_than_the_first_day_stays_where_it_is(post, mailbox, handled):
    Mailbox.objects.filter(pk=mailbox.pk).update(since=date(2026, 3, 20))
    mailbox.refresh_from_db()
    post.put(message())
    assert actions.fetch(mailbox, now=f.NOW) == 0 and post.seen() == (1, 0)


def test_a_message_of_thirty_megabytes_comes_whole(post, mailbox, handled):
    post.put(message(content=b"%PDF-" + bytes(22_000_000)))
    actions.fetch(mailbox, now=f.NOW)
    assert Mail.objects.get().size > 29_000_000 and len(handled) == 1


def test_one_that_is_too_large_is_named_and_stays_on_the_server(post, mailbox, handled, monkeypatch):
    monkeypatch.setattr(actions, "MOST_BYTES", 1000)
    post.put(message())
    for _time in range(2):
        actions.fetch(mailbox, now=f.NOW)
    row = Mail.objects.get()
    assert (row.state, row.problems, row.raw) == ("waiting", ["large"], None) and handled == []


@pytest.mark.parametrize(("change", "said"), [
    ({"password": "wrong"}, "user or the password"), ({"folder": "Nowhere"}, "no such folder"),
    ({"port": 9}, "does not answer"), ({"security": "tls"}, "encryp"), ({"security": "starttls"}, "unexpected"),
    ({"host": "no.such.host.invalid"}, "not known"),
])
def test_a_mailbox_that_cannot_be_opened_says_why_and_is_tried_more_and_more_seldom(mailbox, change, said):
    Mailbox.objects.filter(pk=mailbox.pk).update(**{name: value for name, value in change.items()
                                                    if name != "password"})
    row = Mailbox.objects.get(pk=mailbox.pk)
    if "password" in change:
        row.password = change["password"]
        row.save()
    with pytest.raises(AdapterError, match=said):
        actions.fetch(row, now=f.NOW)
    row.refresh_from_db()
    assert row.failures == 1 and row.why and row.next_try == f.later(minutes=2) and row.claimed is None
    assert any(one.name == "Invoices" and one.family == "trouble" for one in status.systems(now=f.NOW))
    assert clock.run("mailboxes", now=f.NOW) == (0, 0), "not before its turn"
    assert clock.run("mailboxes", now=f.later(minutes=3)) == (0, 1)
    row.refresh_from_db()
    assert row.next_try == f.later(minutes=7) and row.failing_since == f.NOW


def test_when_it_answers_again_all_is_well(post, mailbox, handled):
    Mailbox.objects.filter(pk=mailbox.pk).update(failures=3, failing_since=f.NOW, why="x", next_try=f.NOW)
    post.put(message())
    assert clock.run("mailboxes", now=f.later(minutes=1)) == (1, 0)
    assert all(one.family == "ended_ok" for one in status.systems(now=f.NOW) if one.name == "Mailboxes")
    mailbox.refresh_from_db()
    assert (mailbox.failures, mailbox.failing_since, mailbox.why) == (0, None, "")


def test_the_test_button_takes_nothing_in(post, mailbox, handled):
    post.put(message())
    worked, words = actions.test(mailbox, now=f.NOW)
    assert worked and "1" in words and not Mail.objects.exists() and post.seen() == (1, 0)


def test_a_demo_looks_into_its_own_machine_only(settings, mailbox):
    settings.DEMO = True
    mailbox.host = "imap.example.org"
    with pytest.raises(AdapterError, match="own machine"), imap.opened(mailbox):
        pass


def test_one_that_another_worker_looks_into_is_left_alone_until_that_one_must_be_dead(post, mailbox, handled):
    post.put(message())
    Mailbox.objects.filter(pk=mailbox.pk).update(claimed=f.NOW)
    assert actions.fetch(mailbox, now=f.later(minutes=1)) == 0
    assert actions.fetch(mailbox, now=f.NOW + timedelta(minutes=16)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_take_each_message_in_once(post, mailbox, handled):
    for number in range(4):
        post.put(message(number))
    failed: list[BaseException] = []

    def go() -> None:
        try:
            actions.fetch(mailbox, now=f.NOW)
        except BaseException as failure:
            failed.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _one in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    actions.fetch(mailbox, now=f.NOW)
    assert failed == [] and Mail.objects.count() == 4 and len(handled) == 4
