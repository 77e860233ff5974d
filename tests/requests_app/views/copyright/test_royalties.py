"""The pages of royalties: lists, payment, statement; waiting; notes; Settings → Royalty prices."""

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from illdesk.models import OutboxMessage
from requests_app.models import (
    CollectionNote,
    OverLimitSettings,
    PriceList,
    Royalty,
    RoyaltyList,
    StatementLine,
)
from tests import factories as f
from tests.peers.web import peer
from tests.requests_app.copyright import beyond

pytestmark = pytest.mark.django_db
URL = "/copyright/royalties/"


@pytest.fixture
def year():
    row = beyond.fund(day=timezone.localdate())
    beyond.five(now=timezone.now())
    return row


@pytest.fixture
def clerk(client):
    row = f.user("borrowing staff")
    client.force_login(row)
    return row


def owed(**fields):
    return beyond.owed(now=timezone.now(), **fields)


def make(client) -> RoyaltyList:
    page = client.get(URL).content.decode()
    key = re.search(r'name="key" value="([0-9a-f-]{36})"', page)[1]
    day = timezone.localdate()
    client.post(f"{URL}lists/make/", {"key": key, "first": day.replace(month=1, day=1), "last": day})
    return RoyaltyList.objects.get()


def upload(text: str, name="statement.csv"):
    return SimpleUploadedFile(name, text.encode(), "text/csv")


def test_from_owed_to_paid(client, clerk, year):
    ill = owed()
    page = client.get(URL).content.decode()
    assert ill.number in page and "USD 38.00" in page and "Make a payment list" in page
    row = make(client)
    page = client.get(f"{URL}lists/{row.number}/").content.decode()
    assert ill.number in page and "Mark 1 line as paid" in page
    line = Royalty.objects.get()
    sent = {"paid_on": timezone.localdate(), "reference": "Check 17", f"amount_{line.pk}": "38.00", "total": "40"}
    answer = client.post(f"{URL}lists/{row.number}/pay/", sent)
    assert answer.status_code == 422 and "which is another amount" in answer.content.decode()
    assert client.post(f"{URL}lists/{row.number}/pay/", sent | {"total": "38"}).status_code == 302
    assert Royalty.objects.get().state == "paid"
    again = client.post(f"{URL}lists/{row.number}/pay/", sent | {"total": ""}, follow=True)
    assert "marked as paid already" in again.content.decode()
    year.refresh_from_db()
    assert year.spent == 38


def test_parts_of_a_cent_are_told_and_nothing_is_paid(client, clerk, year):
    owed()
    row, line = make(client), Royalty.objects.get()
    sent = {"paid_on": timezone.localdate(), f"amount_{line.pk}": "38.505", "total": "38.505"}
    answer = client.post(f"{URL}lists/{row.number}/pay/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422 and "“38.505” is not an amount of money" in page
    assert "This is not an amount of money" in page and Royalty.objects.get().state == "listed"
    file = upload(f"Our number,Amount\n{line.number},38.505\n")
    answer = client.post(f"{URL}lists/{row.number}/statement/", {"version": row.version, "file": file})
    assert answer.status_code == 422 and "“38.505” is not an amount" in answer.content.decode()


def test_the_list_as_a_file(client, clerk, year):
    ill = owed()
    row = make(client)
    text = b"".join(client.get(f"{URL}lists/{row.number}/export.csv").streaming_content).decode("utf-8-sig")
    [line] = list(csv.DictReader(io.StringIO(text)))
    assert (line["Standard number"], line["Our number"], line["Royalty"]) == ("1234-5679", ill.number, "38.00")
    assert line["Number of copies"] == "1" and ill.patron.last_name not in text
    assert b"".join(client.get(f"{URL}lists/{row.number}/export.xlsx").streaming_content)[:2] == b"PK"
    assert ill.number in b"".join(client.get(f"{URL}export.csv?state=listed").streaming_content).decode()


def test_nothing_owed_makes_no_list(client, clerk, year):
    day = timezone.localdate()
    sent = {"key": "6f1f64bc-7f8c-4a53-9a10-1e4c7a4c1a11", "first": day, "last": day}
    answer = client.post(f"{URL}lists/make/", sent)
    assert answer.status_code == 422 and "Nothing was owed" in answer.content.decode()
    assert "Nothing is owed." in client.get(URL).content.decode()


def test_a_statement_beside_the_list(client, clerk, year):
    ill = owed()
    row = make(client)
    url = f"{URL}lists/{row.number}/"
    text = f"Our number,Amount\n{ill.number},40.00\nB-1999-00001,5\n"
    answer = client.post(f"{url}statement/", {"version": row.version, "file": upload(text)}, follow=True)
    page = answer.content.decode()
    assert "Another amount" in page and "Pay what they charge" in page and "We know nothing of it." in page
    answer = client.post(f"{url}statement/", {"version": row.version, "file": upload(text)})
    assert answer.status_code == 409 and "loaded for this list meanwhile" in answer.content.decode()
    line = StatementLine.objects.get(outcome="differs")
    client.post(f"{url}statement/{line.pk}/pay/", {"paid_on": timezone.localdate()})
    assert Royalty.objects.get().paid == 40
    page = client.post(f"{url}statement/{line.pk}/pay/", {"paid_on": timezone.localdate()}, follow=True)
    assert "settled it already" in page.content.decode()
    assert client.post(f"{url}statement/{line.pk}/back/", {"paid_on": timezone.localdate()}).status_code == 404
    bad = client.post(f"{url}statement/", {"version": row.version + 1, "file": upload("a,b\n1,2\n")})
    assert bad.status_code == 422 and "must name the columns" in bad.content.decode()


def test_what_was_kept_of_a_statement_is_said(client, clerk, year):
    first, second, third = owed(), owed(), owed()
    row = make(client)
    url, day = f"{URL}lists/{row.number}/", {"paid_on": timezone.localdate()}
    text = f"Our number,Amount\n{first.number},38.00\n{second.number},40\nB-1999-00001,5\n"
    client.post(f"{url}statement/", {"version": row.version, "file": upload(text)})
    lines = {line.outcome: line.pk for line in StatementLine.objects.all()}

    def say(pk: int, what: str) -> str:
        return client.post(f"{url}statement/{pk}/{what}/", day, follow=True).content.decode()

    assert "1 line that agrees is marked as paid." in say(0, "pay")
    assert f"{second.number} is marked as paid with USD 40.00." in say(lines["differs"], "pay")
    assert f"{third.number} is owed again, for the next list." in say(lines["missing"], "back")
    assert "you asked about it; it is not paid." in say(lines["extra"], "noted")


def test_a_statement_after_payment_by_hand_offers_nothing_twice(client, clerk, year):
    first, second = owed(), owed()
    row = make(client)
    url, day = f"{URL}lists/{row.number}/", {"paid_on": timezone.localdate()}
    early = client.post(f"{url}pay/", {"paid_on": "1999-01-01"})
    assert early.status_code == 422 and "before the first use of the list" in early.content.decode()
    client.post(f"{url}pay/", day)
    file = upload(f"Our number,Amount\n{first.number},38.00\n")
    page = client.post(f"{url}statement/", {"version": row.version, "file": file}, follow=True).content.decode()
    assert "that agrees" not in page and "Mark as paid" not in page and "Owe it in the next list" not in page
    assert "paid already" in page and "Leave it here" in page
    missing = StatementLine.objects.get(outcome="missing")
    page = client.post(f"{url}statement/{missing.pk}/back/", day, follow=True).content.decode()
    assert "It is paid already. Nothing was changed." in page
    page = client.post(f"{url}statement/{missing.pk}/noted/", day, follow=True).content.decode()
    assert f"{second.number} is left in this list." in page


def test_who_only_reads_sees_no_buttons(client, year, clerk):
    owed()
    row = make(client)
    client.force_login(f.user("administrator"))
    page = client.get(f"{URL}lists/{row.number}/").content.decode()
    assert "as paid" not in page and "Load a statement" not in page
    assert client.post(f"{URL}lists/{row.number}/pay/", {}).status_code == 403


def test_taken_apart(client, clerk, year):
    owed()
    row = make(client)
    assert client.post(f"{URL}lists/{row.number}/apart/").status_code == 302
    assert Royalty.objects.get().state == "owed"
    assert "It was taken apart on" in client.get(f"{URL}lists/{row.number}/").content.decode()
    assert "taken apart" in client.get(URL).content.decode()


def test_not_owed_after_all_with_a_reason(client, clerk, year):
    owed()
    row = Royalty.objects.get()
    address = f"{URL}{row.pk}/waive/"
    assert address in client.get(URL).content.decode()
    refused = client.post(address, {"reason": " "})
    assert refused.status_code == 422 and "you answer for it" in refused.content.decode()
    assert client.post(address, {"reason": "The owner <waives> it"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.reason) == ("released", "The owner <waives> it")
    again = client.post(address, {"reason": "Once more"})
    assert again.status_code == 422 and "is not owed any more" in again.content.decode()
    owed()
    client.force_login(f.user("administrator"))
    assert "/waive/" not in client.get(URL).content.decode()
    assert client.post(f"{URL}{Royalty.objects.get(state='owed').pk}/waive/", {"reason": "x"}).status_code == 403


# --- notes ---------------------------------------------------------------------------------------------------


def test_a_note_is_edited_and_sent(client, clerk, year):
    owed()
    note = CollectionNote.objects.get()
    page = client.get("/copyright/collection/").content.decode()
    assert "Marine Letters" in page and '1<span class="ill-phone-only"> request</span>' in page
    url = f"/copyright/collection/{note.pk}/"
    page = client.get(url).content.decode()
    assert "USD 38.00" in page and "Send the note" not in page  # no address yet
    assert client.post(url, {"text": "Please.", "seen": note.version, "send": "1"}).status_code == 422
    OverLimitSettings.objects.create(pk=1, collection_email="selectors@riverside.example")
    assert client.post(url, {"text": "", "seen": note.version}).status_code == 422
    assert client.post(url, {"text": "Mine.", "seen": note.version}).status_code == 302
    answer = client.post(url, {"text": "Late.", "seen": note.version})
    assert answer.status_code == 409 and "Late." in answer.content.decode()
    assert client.post(url, {"text": "Please.", "seen": note.version + 1, "send": "1"}).status_code == 302
    assert OutboxMessage.objects.filter(what="collection").count() == 1
    assert "Marine Letters" in client.get("/copyright/collection/?state=sent").content.decode()


def test_a_note_is_dismissed_with_its_reason(client, clerk, year):
    owed()
    note = CollectionNote.objects.get()
    url = f"/copyright/collection/{note.pk}/dismiss/"
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "It ceased"}).status_code == 302
    assert "It ceased" in client.get(f"/copyright/collection/{note.pk}/").content.decode()


def test_waiting_as_a_file_and_empty_in_words(client, clerk):
    assert "Nobody waits" in client.get("/copyright/waiting/").content.decode()
    text = b"".join(client.get("/copyright/waiting/export.csv").streaming_content).decode("utf-8-sig")
    assert text.startswith("Number,")


# --- Settings → Royalty prices -------------------------------------------------------------------------------

PRICES = "/settings/prices/"


def test_a_price_list_is_looked_at_and_counts_after_a_yes(client):
    client.force_login(f.user("coordinator"))
    assert "No list was loaded yet" in client.get(PRICES).content.decode()
    answer = client.post(f"{PRICES}load/", {"file": upload("issn,per_copy\n1234-5679,38\nx,1\n", "prices.csv")})
    row = PriceList.objects.get()
    assert answer["Location"] == f"{PRICES}{row.pk}/"
    page = client.get(f"{PRICES}{row.pk}/").content.decode()
    assert "<td>1234-5679</td>" in page and "issn:" not in page
    assert "No ISSN or ISBN" in page and "Let this 1 price count" in page
    client.post(f"{PRICES}{row.pk}/confirm/")
    row.refresh_from_db()
    assert row.state == "counts"
    assert client.post(f"{PRICES}load/", {"file": upload("a,b\n")}).status_code == 422
    assert client.post(f"{PRICES}{row.pk}/nonsense/").status_code == 404


def test_the_service_is_set_and_tested_and_its_key_never_shown(client):
    client.force_login(f.user("coordinator"))
    with peer() as there:
        sent = {"service_on": "on", "url": there.url, "key": "our-secret-key", "seconds": "3",
                "collection_email": "selectors@riverside.example"}
        assert client.post(PRICES, sent).status_code == 302
        there.says("/v1/quotes", {"price": "38.00", "currency": "USD"})
        page = client.post(f"{PRICES}test/", follow=True).content.decode()
        assert "It answers: USD 38.00" in page and "our-secret-key" not in page
        client.post(PRICES, sent | {"key": ""})
        assert OverLimitSettings.current().key == "our-secret-key"
    answer = client.post(PRICES, {"service_on": "on", "url": "", "seconds": "99"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "Without an address" in page and "from 1 to 30" in page


@pytest.mark.parametrize("role", ["borrowing staff", "lending staff", "budget", "student"])
def test_prices_are_set_by_those_who_manage_copyright(client, role):
    client.force_login(f.user(role))
    assert client.get(PRICES).status_code == 403
