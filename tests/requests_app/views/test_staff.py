"""The staff's pages: queues, one request, steps with their sentences, paper, search."""

from datetime import timedelta

import pypdfium2
import pytest
from django.utils import timezone

from illdesk.models import Event, OutboxMessage
from requests_app import lifecycle
from requests_app.models import ILLRequest
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client):
    factories.institution()
    row = factories.user("borrowing staff", "lending staff")
    client.force_login(row)
    return row


def test_a_queue_shows_its_requests_and_all_counts(client, clerk):
    ill = factories.ill("borrowing.in_review", title="Über die Grenzen")
    page = client.get("/borrowing/in-review/").content.decode()
    assert ill.number in page and "Über die Grenzen" in page
    assert page.count('class="ill-side-item"') >= 11


@pytest.mark.parametrize("rows", [1, 60])
def test_a_queue_costs_the_same_whatever_its_length(client, clerk, rows, django_assert_max_num_queries):
    for _row in range(rows):
        factories.asked()
    client.get("/borrowing/submitted/")
    with django_assert_max_num_queries(8):
        client.get("/borrowing/submitted/")


@pytest.mark.parametrize("rows", [1, 60])
def test_the_lending_list_costs_the_same_whatever_its_length(client, clerk, rows, django_assert_max_num_queries):
    for _row in range(rows):
        factories.ill("lending.received")
    client.get("/lending/received/")
    with django_assert_max_num_queries(8):
        client.get("/lending/received/")


def test_the_most_urgent_answer_stands_first_and_those_without_a_day_last(client, clerk):
    now = timezone.now()
    ills = [factories.ill("lending.received") for _row in range(120)]
    for place, ill in enumerate(ills):
        due = None if place % 2 else now + timedelta(hours=500 - place)
        ILLRequest.objects.filter(pk=ill.pk).update(respond_by=due)
    shown, after = [], "first"
    while after:
        page = client.get("/lending/received/", {} if after == "first" else {"after": after})
        shown += [row["ill"].pk for row in page.context["rows"]]
        after = page.context["after"]
    dated = [ill.pk for place, ill in enumerate(ills) if place % 2 == 0]
    assert shown == dated[::-1] + [ill.pk for place, ill in enumerate(ills) if place % 2]


@pytest.mark.parametrize("after", ["none_", "none_x", "none_" + "9" * 30, "none_-1"])
def test_a_broken_key_of_the_undated_shows_a_page(client, clerk, after):
    factories.ill("lending.received")
    assert client.get("/lending/received/", {"after": after}).status_code == 200


@pytest.mark.parametrize(("hours", "words"), [(-3, "late"), (30 * 24, "30 d")])
def test_the_lending_list_says_what_is_left(client, clerk, hours, words):
    ill = factories.ill("lending.received")
    ILLRequest.objects.filter(pk=ill.pk).update(respond_by=timezone.now() + timedelta(hours=hours))
    assert client.get("/lending/received/").context["rows"][0]["left"]["text"] == words


def test_the_lending_list_offers_the_first_step_and_stays(client, clerk):
    ill = factories.ill("lending.received")
    page = client.get("/lending/received/")
    step = page.context["rows"][0]["step"]
    assert step["url"] in page.content.decode()
    answer = client.post(step["url"], {"version": ill.version, "next": "/lending/received/"})
    assert answer.url == "/lending/received/"
    ill.refresh_from_db()
    assert ill.state == "lending.searching"


def test_a_lending_request_opens_alone(client, clerk):
    ill = factories.ill("lending.received")
    assert client.get("/lending/received/", {"open": ill.number}).url == ill.get_absolute_url()


def test_steps_beside_the_list_lead_back_to_the_list(client, clerk):
    ill = factories.ill("borrowing.in_review")
    page = client.get("/borrowing/in-review/", {"open": ill.number})
    assert page.context["next"] == f"/borrowing/in-review/?open={ill.number}"


def test_a_student_is_told_that_a_colleague_goes_on(client):
    ill = factories.ill("lending.preparing")
    client.force_login(factories.user("student"))
    page = client.get(f"/requests/{ill.number}/").content.decode()
    assert "“Ship” comes next" in page and "We wait for the other library" not in page


def test_the_library_form_shows_every_field_once_and_names_what_is_missing(client):
    from requests_app.forms.libraries import LibraryForm

    factories.institution()
    client.force_login(factories.user("coordinator"))
    shown = [field.name for _heading, fields in LibraryForm().groups_of_fields() for field in fields]
    assert sorted(shown) == sorted(LibraryForm().fields)
    page = client.post("/settings/libraries/new/", {"name": ""}).content.decode()
    assert "Enter this: Name." in page and "Enter this: Symbol." in page


def test_pages_of_a_queue_follow_by_key(client, clerk):
    numbers = [factories.asked().number for _row in range(55)]
    first = client.get("/borrowing/submitted/")
    shown = [row["ill"].number for row in first.context["rows"]]
    second = client.get("/borrowing/submitted/", {"after": first.context["after"]})
    shown += [row["ill"].number for row in second.context["rows"]]
    assert shown == numbers and second.context["after"] == ""


@pytest.mark.parametrize("after", ["x", "2026-01-01_1", "9999-99-99_5", "_", "2026-01-01T00:00:00+00:00_" + "9" * 30])
def test_a_broken_page_key_shows_the_first_page(client, clerk, after):
    factories.asked()
    assert client.get("/borrowing/submitted/", {"after": after}).status_code == 200


@pytest.mark.parametrize("state", factories.LIVE_STATES)
def test_the_request_page_offers_what_the_table_says(client, clerk, state):
    ill = factories.ill(state)
    page = client.get(f"/requests/{ill.number}/").content.decode()
    for step in lifecycle.steps_for(ill):
        if not step.permission or clerk.may(step.permission):
            assert f"/requests/{ill.number}/act/{step.action}/" in page, step.action
    assert str(ill.state_row.label) in page


@pytest.mark.parametrize("state", factories.LIVE_STATES)
def test_every_step_form_opens(client, clerk, state):
    ill = factories.ill(state)
    for step in lifecycle.steps_for(ill):
        if step.form and clerk.may(step.permission):
            answer = client.get(f"/requests/{ill.number}/act/{step.action}/")
            assert answer.status_code == 200, step.action
            piece = client.get(f"/requests/{ill.number}/act/{step.action}/", headers={"HX-Request": "true"})
            assert "<html" not in piece.content.decode()


def test_a_stale_page_is_told_what_happened_and_keeps_the_text(client, clerk):
    ill = factories.ill("borrowing.in_review")
    from requests_app.actions import perform

    colleague = factories.staff("borrowing staff", last_name="Chen")
    seen = ill.version
    perform(ill, "choose_lenders", actor=colleague, libraries=[factories.library()])
    answer = client.post(
        f"/requests/{ill.number}/act/cancel/", {"version": seen, "reason": "own_it", "text": "my careful words"}
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "R. Chen was faster" in page and "my careful words" in page
    ill.refresh_from_db()
    assert ill.state == "borrowing.ready_to_send"


def test_cancel_shows_the_letter_and_may_go_without(client, clerk):
    ill = factories.asked()
    page = client.get(f"/requests/{ill.number}/act/cancel/").content.decode()
    assert ill.patron.email in page and "Send letter and cancel request" in page
    client.post(f"/requests/{ill.number}/act/cancel/",
                {"version": ill.version, "reason": "own_it", "text": "", "without_letter": "1"})
    ill.refresh_from_db()
    assert ill.state == "borrowing.cancelled"
    assert not OutboxMessage.objects.filter(what="cancelled").exists()


def test_a_bad_form_keeps_what_was_typed(client, clerk):
    ill = factories.ill("lending.preparing")
    answer = client.post(f"/requests/{ill.number}/act/ship/",
                         {"version": ill.version, "barcode": "39001", "due": "yesterday", "pieces": "2"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Enter a date" in page and 'value="39001"' in page and 'value="yesterday"' in page


def test_a_due_date_in_the_past_is_refused_in_a_sentence(client, clerk):
    ill = factories.ill("lending.preparing")
    answer = client.post(f"/requests/{ill.number}/act/ship/",
                         {"version": ill.version, "barcode": "39001", "due": "2020-01-01", "pieces": "1"})
    assert answer.status_code == 422 and "must lie in the future" in answer.content.decode()


def test_notes_refer_and_answer(client, clerk):
    ill = factories.asked()
    client.post(f"/requests/{ill.number}/act/note/", {"version": ill.version, "text": "<b>bold</b> idea"})
    assert "&lt;b&gt;bold" in client.get(f"/requests/{ill.number}/").content.decode()
    client.post(f"/requests/{ill.number}/act/refer/", {"version": ill.version, "text": "May we buy it?"})
    assert client.get("/borrowing/referred/").context["count"] == 1
    assert client.get(f"/requests/{ill.number}/act/settle_referral/").status_code in (200, 403)
    client.force_login(factories.user("supervisor"))
    ill.refresh_from_db()
    client.post(f"/requests/{ill.number}/act/settle_referral/", {"version": ill.version, "text": "Yes."})
    ill.refresh_from_db()
    assert ill.referred is None


def test_the_slip_can_be_read_back(client, clerk):
    ill = factories.ill("lending.received")
    body = client.get(f"/requests/{ill.number}/pull-slip.pdf").content
    text = pypdfium2.PdfDocument(body)[0].get_textpage().get_text_range()
    assert ill.number in text and "Walden" in text


def test_the_band_names_no_patron(client, clerk):
    ill = factories.ill("borrowing.on_hold_shelf")
    body = client.get(f"/requests/{ill.number}/band.pdf").content
    text = pypdfium2.PdfDocument(body)[0].get_textpage().get_text_range()
    assert ill.shelf_code in text and ill.number in text
    assert ill.patron.last_name not in text and ill.patron.first_name not in text


def test_ticked_slips_print_and_move_to_searching(client, clerk):
    ills = [factories.ill("lending.received") for _row in range(4)]
    answer = client.post("/print/slips/", {"tick": [ill.number for ill in ills]})
    assert answer["Content-Type"] == "application/pdf"
    assert len(pypdfium2.PdfDocument(answer.content)) == 2
    assert Event.objects.filter(name="request.start_search").count() == 4
    assert client.post("/print/slips/", {}).status_code == 409


@pytest.mark.parametrize("text", ["middlemarch", "Elio", "Żak", "zak"])
def test_search_finds_by_words_and_name(client, clerk, text):
    ill = factories.asked()
    assert ill.number in client.get("/search/", {"q": text}).content.decode()


def test_search_opens_what_a_scanner_sends(client, clerk):
    ill = factories.ill("borrowing.on_hold_shelf")
    for text in (ill.number, ill.number.lower(), ill.barcode, ill.shelf_code):
        assert client.get("/search/", {"q": text}).url == ill.get_absolute_url(), text


@pytest.mark.parametrize("text", ["", " ", "%", "'", '"', "*",
                                  "a* OR b", "NEAR(", "\\", ":*", "x" * 5000, "🎼", "أ", "()&|!"])
def test_no_search_fails(client, clerk, text):
    factories.asked()
    assert client.get("/search/", {"q": text}).status_code in (200, 302)


def test_lending_staff_do_not_see_borrowing(client):
    ill = factories.asked()
    client.force_login(factories.user("lending staff"))
    assert client.get("/borrowing/submitted/").status_code == 403
    assert client.get(f"/requests/{ill.number}/").status_code == 404
    assert f"/requests/{ill.number}/" not in client.get("/search/", {"q": ill.number}).content.decode()


def test_a_student_pulls_but_decides_nothing(client):
    ill = factories.ill("lending.received")
    client.force_login(factories.user("student"))
    page = client.get(f"/requests/{ill.number}/").content.decode()
    assert "start_search" in page and "act/unfilled" not in page and "act/will_supply" not in page
    answer = client.post(f"/requests/{ill.number}/act/will_supply/", {"version": ill.version})
    assert answer.status_code == 403 and "needs a right" in answer.content.decode()


def test_the_poll_answers_204_while_nothing_changed(client, clerk):
    factories.asked()
    headers = {"X-Requested-With": "poll"}
    assert client.get("/borrowing/submitted/", {"version": "1"}, headers=headers).status_code == 204
    factories.asked()
    assert client.get("/borrowing/submitted/", {"version": "1"}, headers=headers).json()["text"] == "1 new"


def test_a_partner_library_is_added_and_its_secrets_are_kept_but_not_shown(client):
    factories.institution()
    client.force_login(factories.user("coordinator"))
    secret = "a-very-long-secret-of-theirs-0815"
    data = {"name": "Delta", "symbol": "del", "agency_type": "ISIL", "agency_value": "US-DEL", "country": "US",
            "dialect": "plain", "active": "on", "secret_from_them": secret, "secret_to_them": "ours-to-them-0815-4711"}
    assert client.post("/settings/libraries/new/", data).status_code == 302
    from requests_app.models import Library

    library = Library.objects.get(symbol="DEL")
    assert library.secret_expected and library.secret_sent == "ours-to-them-0815-4711"
    for path in ("/settings/libraries/DEL/", "/settings/libraries/DEL/edit/"):
        page = client.get(path).content.decode()
        assert secret not in page and "ours-to-them" not in page
    data |= {"secret_from_them": "", "secret_to_them": "", "name": "Delta Two"}
    client.post("/settings/libraries/DEL/edit/", data)
    library.refresh_from_db()
    assert library.name == "Delta Two" and library.secret_sent == "ours-to-them-0815-4711"


def test_borrowing_staff_see_libraries_but_do_not_change_them(client, clerk):
    factories.library("HIL")
    assert client.get("/settings/libraries/HIL/").status_code == 200
    assert client.get("/settings/libraries/HIL/edit/").status_code == 403


def test_a_new_desk_gets_its_first_administrator(client):
    from illdesk.models import User

    client.force_login(User.objects.create_superuser("first", "first@riverside.example", "a long password"))
    assert client.get("/settings/people/").status_code == 200
    assert client.get("/borrowing/submitted/").status_code == 403


def test_without_a_symbol_of_our_own_nothing_is_sent(client, clerk):
    from illdesk.models import Institution

    ill = factories.ill("borrowing.ready_to_send")
    Institution.objects.all().delete()
    answer = client.post(f"/requests/{ill.number}/act/send/", {"version": ill.version})
    assert answer.status_code == 409 and "no ISO 18626 symbol" in answer.content.decode()
    ill.refresh_from_db()
    assert ill.state == "borrowing.ready_to_send"
