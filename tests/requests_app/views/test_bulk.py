"""A step for all that were ticked: said before, done one by one, told afterwards."""

import pytest

from illdesk import jobs
from illdesk.models import Event, Job, JobItem, OutboxMessage
from requests_app import bulk, lifecycle
from requests_app.actions import perform
from requests_app.forms.steps import FORMS
from requests_app.models import ILLRequest
from requests_app.reasons import UNFILLED
from tests import factories

pytestmark = pytest.mark.django_db
LIST = "/borrowing/submitted/"


@pytest.fixture
def clerk(client):
    factories.institution()
    row = factories.user("borrowing staff", "lending staff")
    client.force_login(row)
    return row


def _marks(*ills) -> list[str]:
    return [f"{ill.number}@{ill.version}" for ill in ills]


def _post(client, action, ills, **more):
    return client.post(f"/bulk/{action}/", {"tick": _marks(*ills), "next": LIST} | more)


def test_what_tells_nobody_and_asks_nothing_is_done_at_once(client, clerk):
    ills = [factories.asked() for _row in range(3)]
    page = client.get(LIST).content.decode()
    assert "/bulk/review/" in page and f'value="{_marks(ills[0])[0]}"' in page
    answer = _post(client, "review", ills)
    job = Job.objects.get()
    assert answer.url == f"/jobs/{job.pk}/" and job.state == Job.FINISHED
    assert set(ILLRequest.objects.values_list("state", flat=True)) == {"borrowing.in_review"}
    assert Event.objects.filter(name="request.review").count() == 3
    text = client.get(answer.url).content.decode()
    assert "3 of 3 done" in text and LIST in text and ills[0].number in text


def test_before_others_are_told_the_page_says_who_can_and_who_cannot(client, clerk):
    ills = [factories.ill("borrowing.ready_to_send") for _row in range(2)]
    moved, other = factories.ill("borrowing.ready_to_send"), factories.asked()
    marks = _marks(*ills, moved, other)
    perform(moved, "send", actor=factories.staff(last_name="Chen"))
    sent = OutboxMessage.objects.filter(what="Request")
    before = sent.count()
    page = client.post("/bulk/send/", {"tick": [*marks, "B-1999-00001@1"], "next": LIST})
    text = page.content.decode()
    assert page.status_code == 200 and "2 requests" in text and "2 cannot" in text
    assert "R. Chen was faster" in text and "is not possible while" in text and "1 number is unknown here" in text
    assert sent.count() == before and not Job.objects.exists()
    client.post("/bulk/send/", {"tick": marks, "next": LIST, "sure": "1"})
    job = Job.objects.get()
    assert jobs.counts(job) == jobs.Counts(waiting=0, done=2, failed=2)
    assert sent.count() == before + 2
    result = client.get(f"/jobs/{job.pk}/").content.decode()
    assert result.index("R. Chen was faster") < result.index(ills[0].number)


def test_what_changed_between_the_question_and_the_answer_is_not_acted_upon(client, clerk):
    ills = [factories.ill("lending.received") for _row in range(2)]
    assert _post(client, "unfilled", ills).status_code == 200
    marks = _marks(*ills)
    perform(ills[0], "start_search", actor=factories.staff(last_name="Chen"))
    client.post("/bulk/unfilled/", {"tick": marks, "sure": "1", "reason": next(iter(UNFILLED)), "note": ""})
    states = dict(ILLRequest.objects.values_list("number", "state"))
    assert states[ills[0].number] == "lending.searching" and states[ills[1].number] == "lending.unfilled"


def test_the_form_is_asked_once_and_a_missing_answer_is_told(client, clerk):
    ills = [factories.asked() for _row in range(2)]
    assert "Asked once" in _post(client, "note", ills).content.decode()
    answer = _post(client, "note", ills, sure="1", text=" ")
    assert answer.status_code == 422 and "Write something first" in answer.content.decode()
    _post(client, "note", ills, sure="1", text="Look at the shelf.")
    assert [ill.notes.get().text for ill in ills] == ["Look at the shelf."] * 2


def test_a_lender_is_chosen_for_many(client, clerk):
    ills = [factories.asked() for _row in range(2)]
    library = factories.library("DBU")
    other = factories.library("HIL")
    page = _post(client, "choose_lenders", ills).content.decode()
    assert f'name="place_{library.pk}"' in page
    _post(client, "choose_lenders", ills, sure="1", **{f"place_{library.pk}": "1", f"place_{other.pk}": "2"})
    for ill in ills:
        assert [row.library for row in ill.rota.order_by("place")] == [library, other]


def test_each_item_answers_by_itself_where_it_can(client, clerk):
    ready, unknown = factories.ill("borrowing.shipped"), factories.ill("borrowing.sent")
    ILLRequest.objects.filter(pk=ready.pk).update(barcode="39001", due_lender=factories.DUE)
    ready.refresh_from_db()
    page = _post(client, "receive", [ready, unknown]).content.decode()
    assert "Its barcode or the lender" in page
    _post(client, "receive", [ready, unknown], sure="1")
    ready.refresh_from_db()
    unknown.refresh_from_db()
    assert ready.state == "borrowing.received" and unknown.state == "borrowing.sent"
    assert _post(client, "shelve", [ready], sure="1").status_code == 302
    ready.refresh_from_db()
    assert ready.state == "borrowing.on_hold_shelf" and ready.shelf_code


def test_cancel_shows_a_letter_and_may_go_without(client, clerk):
    ills = [factories.asked() for _row in range(2)]
    page = _post(client, "cancel", ills).content.decode()
    assert "For example the letter about" in page and "Send letters and cancel 2 requests" in page
    _post(client, "cancel", ills, sure="1", reason="own_it", text="", without_letter="1")
    assert set(ILLRequest.objects.values_list("state", flat=True)) == {"borrowing.cancelled"}
    assert not OutboxMessage.objects.filter(what="cancelled").exists()


def test_a_second_click_acts_on_nothing(client, clerk):
    ills = [factories.asked() for _row in range(2)]
    marks = _marks(*ills)
    for _click in range(2):
        last = client.post("/bulk/review/", {"tick": marks, "next": LIST})
    assert last.status_code == 409 and "None of the ticked can take this step" in last.content.decode()
    assert Event.objects.filter(name="request.review").count() == 2


def test_the_failed_are_tried_again_as_they_stand_then(client, clerk):
    ill, fine = factories.asked(), factories.asked()
    marks = _marks(ill, fine)
    perform(ill, "refer", actor=factories.staff(), text="May we?")
    client.post("/bulk/review/", {"tick": marks, "next": LIST, "sure": "1"})
    job = Job.objects.get()
    assert job.items.get(name=ill.number).state == JobItem.FAILED
    client.post(f"/jobs/{job.pk}/retry/")
    ill.refresh_from_db()
    assert ill.state == "borrowing.in_review"


@pytest.mark.parametrize(("tick", "status"), [
    ([], 302), (["x"], 302), (["B-2026-00001"], 409), (["B-2026-00001@"], 409), (["B-2026-00001@x" * 50], 409),
    (["\x00@1"], 302), (["B-2026-00001@" + "9" * 40], 409),
])
def test_odd_ticks_break_nothing(client, clerk, tick, status):
    factories.asked()
    assert client.post("/bulk/review/", {"tick": tick, "next": LIST}).status_code == status
    assert not Event.objects.filter(name="request.review").exists()


def test_who_may_not_see_a_request_does_not_learn_that_it_exists(client):
    ill = factories.asked()
    client.force_login(factories.user("lending staff"))
    assert client.post("/bulk/review/", {"tick": _marks(ill), "next": "/"}).status_code == 302
    client.force_login(factories.user("patron"))
    assert client.post("/bulk/review/", {"tick": _marks(ill)}).status_code == 404
    assert client.post("/bulk/no_such_step/", {"tick": _marks(ill)}).status_code == 404
    assert client.get("/bulk/review/").status_code == 405
    ill.refresh_from_db()
    assert ill.state == "borrowing.submitted"


def test_a_right_that_is_missing_is_a_reason(client):
    ill = factories.ill("lending.received")
    client.force_login(factories.user("student"))
    answer = client.post("/bulk/will_supply/", {"tick": _marks(ill), "next": "/"})
    assert answer.status_code == 409 and "needs a right" in answer.content.decode()
    assert "/bulk/will_supply/" not in client.get("/lending/received/").content.decode()


def test_slips_and_bands_take_the_ticks_of_the_list(client, clerk):
    ill = factories.ill("lending.received")
    assert client.post("/print/slips/", {"tick": _marks(ill)})["Content-Type"] == "application/pdf"


def test_search_results_can_be_ticked_too(client, clerk):
    ills = [factories.asked(title="Reef") for _row in range(2)]
    page = client.get("/search/", {"q": "reef"}).content.decode()
    assert "/bulk/review/" in page and _marks(ills[0])[0] in page


@pytest.mark.nodb
def test_every_form_that_is_named_is_one_of_a_step():
    forms = {step.form for step in lifecycle.STEPS if step.by == "staff"}
    assert set(bulk.ASKS) <= forms and set(bulk.ASKS) <= set(FORMS) and set(bulk.KNOWN) <= set(bulk.ASKS)


def test_verifying_a_list_again_leads_to_the_job_that_verifies_it(client, clerk, settings):
    settings.SEND_TASKS = True
    for _turn in range(2):
        factories.ill("borrowing.in_review")
    where = "/borrowing/in-review/verify/"
    first = client.post(where).url
    assert client.post(where).url == first and Job.objects.count() == 1
    assert client.post(f"{where}?q=tides&sort=title").url != first, "another list"
    client.force_login(factories.user("borrowing staff", last_name="Other"))
    assert client.post(where).url != first
