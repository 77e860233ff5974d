"""Conversations: said once, read by both sides, whose turn it is, and letters that hold no words of it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from billing.batches import actions as batches
from billing.batches.models import BatchSettings
from billing.models import Message, Thread
from billing.talk import actions, queries
from illdesk.errors import BadAnswer
from illdesk.models import Attachment, OutboxMessage
from tests import factories as f
from tests.billing.batches import bills

KEY = "0b1c4c58-7f2f-4f0e-9a7f-0a1b2c3d4e5f"


@pytest.fixture
def batch(db):
    bills.register()
    f.institution()
    BatchSettings.objects.create(pk=1, email="budget@riverside.example")
    bills.bill(1, ("ILL-B", "12.00"))
    yield batches.forward([("bill", 1)], key="k", actor=f.staff("coordinator"), now=f.NOW)[0]
    bills.unregister()


def browser(user) -> Client:
    found = Client()
    found.force_login(user, backend="illdesk.accounts.backend.RoleBackend")
    return found


def say(batch, text="Which fund?", *, actor, key="m1", **more) -> Message:
    return actions.say(("batch", batch.pk), text, key=key, actor=actor, now=f.NOW, **more)


def test_a_message_is_said_once_and_the_other_side_gets_a_letter_without_its_words(batch):
    office, staff = f.staff("budget"), f.staff("coordinator")
    assert say(batch, actor=office) == say(batch, actor=office)
    say(batch, "ILL-B", actor=staff, key="m2")
    letters = list(OutboxMessage.objects.filter(what="talk_message").order_by("pk"))
    assert [row.recipient for row in letters] == ["ill@riverside.example", "budget@riverside.example"]
    for row in letters:
        assert batch.number in row.payload["subject"] and "Which fund" not in str(row.payload)
        assert "ILL-B" not in str(row.payload) and f"/billing/batches/{batch.number}/" in row.payload["body"]
    assert list(Message.objects.values_list("side", flat=True)) == ["budget", "ill"]


def test_whose_turn_it_is_since_when_and_by_when(batch):
    office = f.staff("budget")
    say(batch, actor=office, waiting_for="ill", until=f.DUE)
    thread = Thread.objects.get()
    assert (thread.waiting_for, thread.since, thread.until) == ("ill", f.NOW, f.DUE)
    actions.say(("batch", batch.pk), "Still?", key="m2", actor=office, now=f.later(days=3), waiting_for="ill")
    thread.refresh_from_db()
    assert (thread.since, thread.until) == (f.NOW, None), "it waits since it began to wait"
    actions.say(("batch", batch.pk), "Done", key="m3", actor=office, now=f.later(days=4), waiting_for="")
    thread.refresh_from_db()
    assert (thread.waiting_for, thread.since) == ("", None)


def test_what_others_wrote_is_unread_until_it_is_read(batch):
    office, staff = f.user("budget"), f.user("coordinator")
    say(batch, actor=f.actors.staff(office))
    assert (queries.unread(staff), queries.unread(office)) == (1, 0)
    page = browser(staff)
    assert "Mark 1 new message as read" in page.get(f"/billing/batches/{batch.number}/").content.decode()
    assert queries.unread(staff) == 1, "opening a page changes nothing"
    page.post(f"/billing/talk/batch/{batch.pk}/read/", {"next": f"/billing/batches/{batch.number}/"})
    assert queries.unread(staff) == 0
    say(batch, "More", actor=f.actors.staff(office), key="m2")
    say(batch, "I see", actor=f.actors.staff(staff), key="m3")
    assert (queries.unread(staff), queries.unread(office)) == (0, 1), "whoever answers has read"


def test_a_file_goes_along_for_both_sides_and_nobody_else(batch):
    office = f.user("budget")
    file = SimpleUploadedFile("invoice.pdf", f.pdf("x"), content_type="application/pdf")
    answer = browser(office).post(f"/billing/talk/batch/{batch.pk}/", {
        "text": "See page 2", "key": KEY, "file": file, "next": f"/billing/batches/{batch.number}/"})
    assert answer.status_code == 302
    pk = Attachment.objects.get(subject_kind="talk_message").pk
    for role, status in (("budget", 200), ("coordinator", 200), ("borrowing staff", 404), ("student", 404)):
        assert browser(f.user(role)).get(f"/files/{pk}/").status_code == status, role


def test_a_bad_message_comes_back_with_what_was_typed(batch):
    page = browser(f.user("budget"))
    for typed, words in (({"text": " "}, "message"), ({"text": "x", "until": "2026-05-01"}, "Say who is to answer"),
                         ({"text": "kept words", "file": SimpleUploadedFile("a.exe", b"MZ\x00")}, "kept words")):
        answer = page.post(f"/billing/talk/batch/{batch.pk}/", {"key": KEY} | typed)
        assert answer.status_code == 422 and words in answer.content.decode()
    assert Message.objects.count() == 0 and Attachment.objects.count() == 0
    with pytest.raises(BadAnswer):
        say(batch, "  ", actor=f.staff("budget"))


@pytest.mark.parametrize("role", ["patron", "student", "borrowing staff", "lending staff"])
def test_a_stranger_finds_no_conversation(batch, role):
    page = browser(f.user(role))
    for url in (f"/billing/talk/batch/{batch.pk}/", f"/billing/talk/batch/{batch.pk}/read/", "/billing/talk/gold/1/"):
        assert page.post(url, {"text": "x", "key": KEY}).status_code == 404
    assert Message.objects.count() == 0


def test_no_page_leads_elsewhere_after_a_message(batch):
    page = browser(f.user("budget"))
    for there in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"):
        answer = page.post(f"/billing/talk/batch/{batch.pk}/read/", {"next": there})
        assert answer.url == f"/billing/batches/{batch.number}/", there


def test_the_list_says_who_is_waited_for_and_the_home_page_what_is_new(batch):
    office, staff = f.user("budget"), f.user("coordinator")
    say(batch, actor=f.actors.staff(office), waiting_for="ill", until=f.DUE)
    page = browser(staff)
    assert batch.number in page.get("/billing/talk/?waiting=ill").content.decode()
    assert batch.number not in page.get("/billing/talk/?waiting=budget").content.decode().partition("<main")[2]
    home = page.get("/").content.decode()
    assert "Conversations about money" in home and "Waiting for us" in home


def test_what_waits_on_the_department_is_settled_when_the_line_is_corrected_and_forwarded_again(batch):
    office, staff = f.staff("budget"), f.staff("coordinator")
    batches.send_back(batch, None, "Wrong fund", version=0, actor=office, now=f.NOW)
    thread = Thread.objects.get()
    assert thread.waiting_for == "ill"
    bills.bill(1, ("ILL-C", "12.00"))
    again = batches.forward([("bill", 1)], key="again", actor=staff, now=f.later(days=1))[0]
    thread.refresh_from_db()
    assert (thread.waiting_for, thread.since) == ("", None)
    say(again, actor=office, waiting_for="ill")
    batches.pay(again, day=f.later(days=1).date(), reference="R", version=0, actor=office, now=f.later(days=1))
    assert not Thread.objects.exclude(waiting_for="").exists(), "paid: nobody has to answer any more"


def test_what_waits_on_the_payee_stays_when_it_is_paid(batch):
    office = f.staff("budget")
    say(batch, actor=office, waiting_for="payee")
    batches.pay(batch, day=f.NOW.date(), reference="R", version=0, actor=office, now=f.NOW)
    assert Thread.objects.get().waiting_for == "payee"


def offered(user, batch) -> str:
    """Whose turn the form offers."""
    form = browser(user).get(f"/billing/batches/{batch.number}/").content.decode().partition('name="waiting_for"')[2]
    chosen = [one for one in form.partition("</select>")[0].split("<option") if " selected" in one]
    return chosen[0].partition('value="')[2].partition('"')[0]


def test_whoever_was_waited_for_and_writes_is_not_waited_for_any_more_unless_they_say_so(batch):
    office, staff = f.user("budget"), f.user("coordinator")
    say(batch, actor=f.actors.staff(office), waiting_for="ill", until=f.DUE)
    assert (offered(staff, batch), offered(office, batch)) == ("", "ill")
    alone = browser(office).get(f"/billing/talk/batch/{batch.pk}/").content.decode()
    assert '<option value="ill" selected' in alone and f.DUE.isoformat() in alone, "by itself it offers the same"
    say(batch, "Done", actor=f.actors.staff(staff), key="m2", waiting_for="payee")
    assert (offered(staff, batch), offered(office, batch)) == ("payee", "payee")
