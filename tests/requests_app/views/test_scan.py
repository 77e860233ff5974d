"""What a scanner sends, from any page and at the station."""

import pytest

from illdesk.models import Event
from requests_app.models import ILLRequest
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client):
    factories.institution()
    row = factories.user("borrowing staff", "lending staff")
    client.force_login(row)
    return row


def _scan(client, code, **more):
    page = client.post("/scan/", {"code": code, "mode": "", "bands": "on"} | more, headers={"X-Piece": "scan"})
    assert page.status_code == 200
    return page.context["results"][0], page.content.decode()


def test_a_code_scanned_anywhere_opens_the_item_with_the_step_that_is_due(client, clerk):
    shipped = factories.ill("borrowing.shipped")
    for code in (shipped.number, shipped.number.lower(), factories.dialogue(shipped).request_id):
        assert client.get("/scan/", {"code": code}).url == f"/requests/{shipped.number}/act/receive/"
    lent = factories.ill("lending.shipped")
    assert client.get("/scan/", {"code": lent.barcode}).url == f"/requests/{lent.number}/#due"
    shelved = factories.ill("borrowing.on_hold_shelf")
    assert client.get("/scan/", {"code": shelved.shelf_code}).url == f"/requests/{shelved.number}/#due"


def test_an_old_loan_of_the_same_book_does_not_stand_in_the_way(client, clerk):
    old, now = factories.ill("lending.finished"), factories.ill("lending.shipped")
    ILLRequest.objects.update(barcode="39031001234567")
    assert client.get("/scan/", {"code": "39031001234567"}).url == f"/requests/{now.number}/#due"
    ILLRequest.objects.filter(pk=now.pk).update(barcode="")
    assert client.get("/scan/", {"code": "39031001234567"}).url == f"/requests/{old.number}/"


def test_several_are_listed_and_none_is_told_with_what_to_try(client, clerk):
    ills = [factories.ill("lending.shipped") for _row in range(2)]
    ILLRequest.objects.update(barcode="39031001234567")
    page = client.get("/scan/", {"code": "39031001234567"}).content.decode()
    assert all(ill.number in page for ill in ills)
    none = client.get("/scan/", {"code": "000111"})
    assert none.status_code == 404 and "Nothing has this code" in none.content.decode()
    assert "/search/?q=000111" in none.content.decode()


def test_by_state_takes_what_is_due_where_nothing_is_asked(client, clerk):
    lent = factories.ill("lending.shipped")
    result, text = _scan(client, lent.barcode)
    lent.refresh_from_db()
    assert lent.state == "lending.return_received" and result["verdict"] == "done" and "Return received" in text
    assert "1</b> done, <b>0</b> to look at" in text


def test_a_second_beep_takes_no_second_step(client, clerk):
    lent = factories.ill("lending.shipped")
    _scan(client, lent.barcode)
    result, text = _scan(client, lent.number)
    lent.refresh_from_db()
    assert lent.state == "lending.return_received" and result["headline"] == "Scanned twice"
    assert "act/reshelve/" in text


def test_receive_asks_only_for_what_is_not_known(client, clerk):
    known, unknown = factories.ill("borrowing.shipped"), factories.ill("borrowing.sent")
    ILLRequest.objects.filter(pk=known.pk).update(barcode="39001", due_lender=factories.DUE)
    result, text = _scan(client, known.number)
    known.refresh_from_db()
    assert known.state == "borrowing.received" and "Print 1 book band" in text
    result, text = _scan(client, unknown.number)
    unknown.refresh_from_db()
    assert unknown.state == "borrowing.sent" and result["verdict"] == "asks"
    assert f"/requests/{unknown.number}/act/receive/?next=/scan/" in text


def test_a_scan_decides_nothing(client, clerk):
    asked, answered = factories.ill("lending.received"), factories.ill("borrowing.in_review")
    for ill in (asked, answered):
        result, text = _scan(client, ill.number)
        assert result["verdict"] == "not_done" and "no step of handling the item is due" in text
        assert result["step"]["action"] in text
    assert not Event.objects.filter(name__in=["request.will_supply", "request.choose_lenders"]).filter(
        subject_id=asked.pk).exists()


def test_a_mode_takes_its_own_step_and_explains_a_wrong_state(client, clerk):
    shelved = factories.ill("borrowing.on_hold_shelf")
    result, text = _scan(client, shelved.number, mode="receive")
    assert result["verdict"] == "not_done" and "“receive” does not fit" in text and "act/check_out/" in text
    _scan(client, shelved.number, mode="return")
    shelved.refresh_from_db()
    assert shelved.state == "borrowing.returned_by_patron"
    assert _scan(client, shelved.number, mode="no such mode")[0]["headline"] == "Scanned twice"


def test_an_ended_request_and_an_unknown_code_are_to_be_looked_at(client, clerk):
    over = factories.ill("lending.finished")
    assert "Finished" in _scan(client, over.number)[1]
    result, text = _scan(client, "<b>nothing</b>")
    assert result["verdict"] == "unknown" and "&lt;b&gt;nothing" in text and "0</b> done, <b>2</b>" in text


def test_the_last_ten_stand_newest_first_and_finishing_begins_anew(client, clerk):
    for place in range(12):
        client.post("/scan/", {"code": f"code-{place}"})
    page = client.get("/scan/")
    assert [row["code"] for row in page.context["results"]] == [f"code-{place}" for place in range(11, 1, -1)]
    assert page.context["to_look"] == 12
    assert client.get("/scans/finish/").status_code == 405
    assert client.post("/scans/finish/").url == "/scan/" and client.get("/scan/").context["results"] == []


def test_without_script_the_page_comes_back_with_the_field_in_focus(client, clerk):
    lent = factories.ill("lending.shipped")
    page = client.post("/scan/", {"code": lent.number, "mode": "return"}, follow=True)
    text = page.content.decode()
    assert "autofocus" in text and 'value="return" selected' in text and lent.number in text


@pytest.mark.parametrize("code", ["", " ", "'", "%", "x" * 5000, "🎼", "B-", "\x00"])
def test_no_code_breaks_the_station(client, clerk, code):
    assert client.post("/scan/", {"code": code}, headers={"X-Piece": "scan"}).status_code == 200
    assert client.get("/scan/", {"code": code.replace("\x00", "")}).status_code in (200, 404)


def test_a_scan_can_be_taken_back_while_nothing_came_after_it(client, clerk):
    back = factories.ill("lending.return_received")
    result, text = _scan(client, back.number)
    assert result["undo"] and f"/requests/{back.number}/act/undo/" in text
    back.refresh_from_db()
    client.post(f"/requests/{back.number}/act/undo/", {"version": back.version, "next": "/scan/"})
    back.refresh_from_db()
    assert back.state == "lending.return_received"
    assert client.get("/scan/").context["results"][0]["undo"] is None
    told = factories.ill("lending.shipped")
    assert _scan(client, told.number)[0]["undo"] is None


def test_what_one_may_not_see_is_unknown(client, clerk):
    ill = factories.ill("borrowing.shipped")
    client.force_login(factories.user("lending staff"))
    assert client.get("/scan/", {"code": ill.number}).status_code == 404
    assert _scan(client, ill.number)[0]["verdict"] == "unknown"
    client.force_login(factories.user("patron"))
    assert client.get("/scan/").status_code == client.post("/scan/", {"code": ill.number}).status_code == 403


def test_a_student_checks_in_what_comes_back(client):
    factories.institution()
    lent = factories.ill("lending.shipped")
    client.force_login(factories.user("student"))
    assert _scan(client, lent.barcode)[0]["verdict"] == "done"
