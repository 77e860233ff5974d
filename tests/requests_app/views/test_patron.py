"""The patron's pages: ask, follow, cancel, write; nothing typed is lost, nobody sees what is another's."""

from datetime import timedelta

import pytest
from django.utils import timezone

from illdesk.models import Event, OutboxMessage
from requests_app.models import ILLRequest
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def patron(client):
    factories.institution()
    row = factories.patron()
    client.force_login(row.user)
    return row


def fill(client, kind="book", **fields):
    page = client.get(f"/my/new/?kind={kind}")
    key = page.context["form"]["form_key"].value()
    branch = page.context["form"].fields["branch"].queryset.first()
    return {"kind": kind, "form_key": key, "title": "Middlemarch", "branch": branch.pk} | fields


def test_a_request_is_stored_with_what_was_typed(client, patron):
    data = fill(client, title="  Über die Grenzen ", author="Meyer, A.", isbn="978-0-14-143954-9")
    answer = client.post("/my/new/", data, follow=True)
    ill = ILLRequest.objects.get()
    assert ill.number in answer.content.decode()
    assert (ill.state, ill.patron, ill.citation.title) == ("borrowing.submitted", patron, "Über die Grenzen")
    assert ill.citation.isbn == "9780141439549"
    assert ill.citation.typed["title"] == "  Über die Grenzen " and ill.citation.typed["isbn"] == "978-0-14-143954-9"
    assert OutboxMessage.objects.get(channel="mail").recipient == patron.email


def test_the_same_form_sent_twice_is_one_request(client, patron):
    data = fill(client)
    first, second = client.post("/my/new/", data), client.post("/my/new/", data)
    assert first.url == second.url
    assert ILLRequest.objects.count() == 1


def test_a_second_request_for_the_same_title_is_asked_about(client, patron):
    client.post("/my/new/", fill(client))
    again = fill(client)
    answer = client.post("/my/new/", again)
    assert answer.status_code == 422 and "You already asked for this" in answer.content.decode()
    assert client.post("/my/new/", again | {"again": "on"}).status_code == 302
    assert ILLRequest.objects.count() == 2


@pytest.mark.parametrize("kind,missing", [
    ("book", "title"), ("thesis", "publisher"), ("score", "author"), ("report", "publisher"), ("film", "title"),
    ("other", "title"),
])
def test_each_kind_asks_for_what_it_needs(client, patron, kind, missing):
    data = fill(client, kind, author="Meyer", publisher="A university", year="1987") | {missing: ""}
    answer = client.post("/my/new/", data)
    assert answer.status_code == 422 and "Enter this:" in answer.content.decode()
    assert 'value="1987"' in answer.content.decode() or kind not in ("thesis", "report")
    assert client.post("/my/new/", data | {missing: "Something"}).status_code == 302


def test_where_do_i_find_this_stands_at_the_fields(client, patron):
    assert client.get("/my/new/?kind=thesis").content.decode().count("Where do I find this?") >= 4


def test_a_wrong_isbn_is_told_and_can_be_sent_as_it_is(client, patron):
    data = fill(client, isbn="9780141439548")
    answer = client.post("/my/new/", data)
    assert answer.status_code == 422 and "One digit of this ISBN is off." in answer.content.decode()
    assert "the number is 9780141439549. Check it, or send it as it is" in answer.content.decode()
    assert client.post("/my/new/", data | {"isbn_as_is": "on"}).status_code == 302
    assert ILLRequest.objects.get().citation.isbn == "9780141439548"


def test_a_number_of_ten_digits_is_stored_as_thirteen_and_as_it_was_typed(client, patron):
    client.post("/my/new/", fill(client, isbn="0 330 28498 3"))
    citation = ILLRequest.objects.get().citation
    assert (citation.isbn, citation.typed["isbn"]) == ("9780330284981", "0 330 28498 3")


def test_what_another_kind_asked_for_is_kept_when_the_kind_is_changed(client, patron):
    page = client.get("/my/new/", {"kind": "thesis", "title": "T", "isbn": "0330284983", "oclc": "ocm00012345"})
    assert 'name="isbn" value="0330284983"' in page.content.decode() and "OCLC number" in page.content.decode()
    data = fill(client, "thesis", author="A", publisher="U", year="1987", isbn="0330284983", oclc="ocm00012345",
                series="S\x00", pmid="no number", lccn="")
    assert client.post("/my/new/", data).status_code == 302
    citation = ILLRequest.objects.get().citation
    assert (citation.isbn, citation.oclc, citation.series, citation.pmid) == ("9780330284981", "12345", "S", "")
    assert (citation.typed["oclc"], citation.typed["series"]) == ("ocm00012345", "S")
    assert citation.typed["pmid"] == "no number"


def test_the_warning_stands_verbatim_and_in_english(client, patron):
    from requests_app.copyright import notices

    page = client.get("/my/new/", headers={"Accept-Language": "es"}).content.decode()
    for paragraph in notices.PARAGRAPHS:
        assert paragraph in page.replace("&quot;", '"')
    assert notices.TITLE in page


@pytest.mark.parametrize("title", [
    "x" * 100_000, "nul\x00byte", "<script>alert(1)</script>",
    "تاريخ الملاحة", "近世都市の水利", "Ελλάδα", "हिन्दी", "🎼" * 50,
    "'; DROP TABLE requests_app_illrequest; --", "{{ 7*7 }} {title}", "a\u202eb", "\ud7ff\ue000",
])
def test_any_title_gets_a_clear_answer(client, patron, title):
    answer = client.post("/my/new/", fill(client, title=title))
    assert answer.status_code in (302, 422)
    if answer.status_code == 302:
        ill = ILLRequest.objects.get()
        assert ill.citation.title == title.strip()
        shown = client.get(f"/my/{ill.number}/").content.decode()
        assert "<script>alert" not in shown
        staff = factories.user("borrowing staff")
        client.force_login(staff)
        assert client.get(f"/requests/{ill.number}/").status_code == 200
        assert client.get("/borrowing/submitted/").status_code == 200
    else:
        assert ILLRequest.objects.count() == 0
        assert "needs another look" in answer.content.decode()


def test_another_patrons_request_is_not_there(client, patron):
    other = factories.asked()
    for path in (f"/requests/{other.number}/", f"/my/{other.number}/", f"/requests/{other.number}/act/patron_cancel/"):
        assert client.get(path).status_code == 404
    assert client.post(f"/requests/{other.number}/act/patron_cancel/", {"version": 0}).status_code == 404


def test_cancel_before_it_is_sent(client, patron):
    ill = factories.asked(patron=patron)
    page = client.get(f"/requests/{ill.number}/act/patron_cancel/")
    assert "We stop working on it." in page.content.decode()
    answer = client.post(f"/requests/{ill.number}/act/patron_cancel/", {"version": ill.version, "text": "found it"})
    assert answer.status_code == 302
    ill.refresh_from_db()
    assert ill.state == "borrowing.cancelled"
    assert Event.objects.get(name="request.patron_cancel").actor_kind == "patron"


def test_what_cannot_be_cancelled_says_why(client, patron):
    ill = factories.ill("borrowing.on_hold_shelf", patron=patron)
    page = client.get(f"/my/{ill.number}/").content.decode()
    assert "Not possible: it is already here" in page and ill.shelf_code in page
    answer = client.post(f"/requests/{ill.number}/act/patron_cancel/", {"version": ill.version, "text": "too late"})
    assert answer.status_code == 409 and "too late" in answer.content.decode()


def test_a_patron_cannot_take_a_step_of_the_staff(client, patron):
    ill = factories.asked(patron=patron)
    answer = client.post(f"/requests/{ill.number}/act/review/", {"version": ill.version})
    assert answer.status_code == 403
    ill.refresh_from_db()
    assert ill.state == "borrowing.submitted"


def test_a_message_reaches_the_desk(client, patron):
    ill = factories.asked(patron=patron)
    client.post(f"/requests/{ill.number}/act/patron_message/", {"version": ill.version, "text": "Is it here?"})
    ill.refresh_from_db()
    assert ill.attention_why == "patron_wrote"
    assert "Is it here?" in client.get(f"/my/{ill.number}/").content.decode()


def test_no_library_and_no_colleague_is_named_to_the_patron(client, patron):
    ill = factories.ill("borrowing.shipped", patron=patron)
    page = client.get(f"/my/{ill.number}/").content.decode()
    assert ill.partner.name not in page and "Another library sent it" in page


def test_empty_pages_offer_the_first_step(client, patron):
    assert "You have no open requests" in client.get("/my/").content.decode()
    assert "Nothing is done yet" in client.get("/my/?show=done").content.decode()


def test_what_waits_for_the_patron_stands_first(client, patron):
    today = timezone.localdate()
    ills = {}
    for name, state, dates in (
        ("ready", "borrowing.on_hold_shelf", {"hold_until": today + timedelta(days=9)}),
        ("ready sooner", "borrowing.on_hold_shelf", {"hold_until": today + timedelta(days=2)}),
        ("overdue", "borrowing.checked_out", {"due_patron": today - timedelta(days=3)}),
        ("long mine", "borrowing.checked_out", {"due_patron": today + timedelta(days=40)}),
        ("new", "borrowing.submitted", {}),
    ):
        ills[name] = factories.ill(state)
        ILLRequest.objects.filter(pk=ills[name].pk).update(patron=patron, **dates)
    shown = [card["ill"].pk for card in client.get("/my/").context["cards"]]
    order = ("ready sooner", "ready", "overdue", "new", "long mine")
    assert shown == [ills[name].pk for name in order]
