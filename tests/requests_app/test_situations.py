"""Situations of a normal and a bad week, as far as two desks go; the numbers are those of the list."""

import re
import socket

import pytest

from illdesk import actors
from illdesk.models import OutboxMessage
from requests_app.actions import perform
from requests_app.models import Citation, ILLRequest
from tests import factories as f
from tests.illdesk.paper import lines_as_seen

pytestmark = pytest.mark.django_db


def _form(client, kind: str) -> dict:
    page = client.get(f"/my/new/?kind={kind}").content.decode()
    key = re.search(r'name="form_key" value="(\w+)"', page)
    return {"kind": kind, "form_key": key[1]}


@pytest.mark.parametrize("kind", ["book", "article"])
def test_situation_2_a_form_sent_while_every_source_is_down_is_stored_and_numbered(client, kind, monkeypatch):
    """Nothing outside is asked before it is stored: with no network at all the number is shown."""
    asked = []
    look_up = socket.getaddrinfo

    def no_network(host, *args, **kwargs):
        if host in ("127.0.0.1", "localhost"):  # the desk's own Redis
            return look_up(host, *args, **kwargs)
        asked.append(host)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    f.institution()
    patron = f.patron()
    client.force_login(patron.user)
    sent = _form(client, kind) | {"title": "Marine Letters", "part_title": "Tides", "year": "2024",
                                  "branch": patron.pickup_id}
    page = client.post("/my/new/", sent, follow=True)
    row = ILLRequest.objects.get()
    assert row.number in page.content.decode()
    assert (row.state, row.citation.typed["title"]) == ("borrowing.submitted", "Marine Letters")
    # The page is loaded again: the same form is the same request.
    again = client.post("/my/new/", sent, follow=True)
    assert row.number in again.content.decode()
    assert ILLRequest.objects.count() == 1
    assert not asked


def test_situation_4_one_sends_and_the_other_cancels_ten_seconds_later(client):
    """The second is told what happened, with the text kept; no cancelled letter beside a live request."""
    row = f.ill("borrowing.ready_to_send")
    first, second = f.user("borrowing staff", last_name="First"), f.user("borrowing staff", last_name="Second")
    client.force_login(second)
    page = client.get(f"/requests/{row.number}/act/cancel/").content.decode()
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    perform(row, "send", actor=actors.staff(first), now=f.NOW)
    answer = client.post(f"/requests/{row.number}/act/cancel/", {
        "version": version, "reason": "own_it", "text": "We have it in the annex after all.",
    })
    said = answer.content.decode()
    assert answer.status_code == 409
    assert "R. First was faster" in said and "Send to HIL" in said
    assert "We have it in the annex after all." in said
    assert ILLRequest.objects.get(pk=row.pk).state == "borrowing.sent"
    assert not OutboxMessage.objects.filter(what="cancelled").exists()


ARABIC = {
    "kind": "article", "title": "مجلة دراسات الخليج", "part_title": "تاريخ الملاحة في بحر القلزم",
    "part_author": "الحسيني، ليلى",
    "volume": "12", "issue": "3", "pages": "41–58", "year": "2019",
}


def _arabic(state: str, **more) -> ILLRequest:
    row = f.ill(state, service="copy", **more)
    Citation.objects.filter(pk=row.citation_id).update(**ARABIC)
    return ILLRequest.objects.get(pk=row.pk)


def test_situation_22_an_arabic_article_reads_rightly_on_page_mail_slip_and_cover(client):
    """Right-to-left title, Latin numbers: the page range is never turned around."""
    f.institution(email="ill@riverside.example")
    lent = _arabic("lending.searching")
    client.force_login(f.user("lending staff"))
    page = client.get(f"/requests/{lent.number}/").content.decode()
    assert ARABIC["part_title"] in page
    assert '<bdi class="ill-nowrap" dir="ltr">41–58</bdi>' in page, "isolated from the Arabic around it"
    _reads_rightly(client.get(f"/requests/{lent.number}/pull-slip.pdf").content)

    paper = f.library("PAP", endpoint="", email="ill@paper.example")
    row = _arabic("borrowing.ready_to_send", partner=paper)
    perform(row, "send", actor=f.staff(), now=f.NOW)
    letter = OutboxMessage.objects.get(recipient="ill@paper.example").payload["body"]
    assert f"Article or chapter: {ARABIC['part_title']}" in letter and "Pages: 41–58" in letter

    from requests_app.scans.covers import cover_of

    _reads_rightly(cover_of(row, now=f.NOW))


def _reads_rightly(paper: bytes) -> None:
    """As the eye meets it from left to right on the paper."""
    seen = " ".join(lines_as_seen(paper))
    assert "41–58" in seen and "58–41" not in seen and "85–14" not in seen


def test_situation_22_the_message_carries_it_as_it_was_typed():
    f.institution()
    row = _arabic("borrowing.ready_to_send")
    perform(row, "send", actor=f.staff(), now=f.NOW)
    sent = OutboxMessage.objects.get(what="Request").payload["xml"]
    for part in ("part_title", "title", "part_author", "volume", "issue", "pages"):
        assert f">{ARABIC[part]}<" in sent
