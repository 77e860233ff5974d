from datetime import timedelta

from django.utils import timezone

from illdesk.models import OutboxMessage
from requests_app.models import Citation, ILLRequest


def _request(state: str, **fields) -> ILLRequest:
    now, count = timezone.now(), ILLRequest.objects.count()
    return ILLRequest.objects.create(
        number=f"X-2026-{count:05}", kind=state.partition(".")[0], state=state, created=now, changed=now,
        citation=Citation.objects.create(title="Tides"), **fields,
    )


def test_staff_see_the_queues_that_hold_work(signed_in):
    _request("borrowing.in_review")
    _request("borrowing.in_review", attention=timezone.now())
    page = signed_in("borrowing staff").get("/")
    assert page.status_code == 200
    cards = {str(card.label): card.rows for card in page.context["cards"]}
    assert [(str(row["label"]), row.get("count")) for row in cards["Borrowing"]] == [
        ("In review", 2), ("New request for a patron", None)]
    assert [row["count"] for row in cards["Needs a look"]] == [1]
    assert "Lending" not in cards


def test_a_patron_is_sent_to_their_requests(signed_in):
    answer = signed_in("patron").get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/my/")


def test_somebody_without_any_role_is_a_patron_too(signed_in):
    assert signed_in().get("/")["Location"] == "/my/"


def test_the_budget_office_reads_how_many_batches_wait(signed_in):
    assert "Approved batches to pay" in signed_in("budget").get("/").content.decode()


def test_a_student_sees_lending_alone(signed_in):
    _request("lending.received")
    _request("borrowing.submitted", referred=timezone.now())
    page = signed_in("student").get("/")
    assert [str(card.label) for card in page.context["cards"]] == ["Lending"]


def test_whoever_sees_the_status_is_told_of_stuck_messages(signed_in):
    OutboxMessage.objects.create(
        channel="mail", key="k", lane="k", recipient="x@y.example", what="asked", payload={}, state="parked",
        next_try=timezone.now(), created=timezone.now(),
    )
    assert "Messages that do not leave" in signed_in("coordinator").get("/").content.decode()
    assert "Messages that do not leave" not in signed_in("borrowing staff").get("/").content.decode()


def test_the_start_page_asks_the_database_a_handful_of_times(signed_in, django_assert_max_num_queries):
    browser = signed_in("borrowing staff", "lending staff")
    for _n in range(5):
        _request("borrowing.in_review")
    with django_assert_max_num_queries(15):  # of which eight are money's: two of them ask for deputies
        browser.get("/")


def test_who_is_not_signed_in_meets_the_sign_in_page(client, db):
    assert client.get("/")["Location"].startswith("/accounts/login/")


def test_who_sees_no_request_is_offered_no_search_and_no_dead_end(signed_in):
    page = signed_in("administrator").get("/").content.decode()
    assert 'role="search"' not in page
    assert page.count('href="/status/"') >= 2, "what the roles open stands on the page itself too"


def test_the_systems_troubles_stand_last(signed_in):
    now = timezone.now()
    OutboxMessage.objects.create(
        channel="iso18626", key="stuck", lane="stuck", recipient="https://dbu.example/", partner="DBU", state="parked",
        what="Received", payload={}, next_try=now, created=now - timedelta(hours=2),
    )
    _request("borrowing.in_review", attention=timezone.now())
    _request("lending.received")
    cards = signed_in("coordinator").get("/").context["cards"]
    assert [str(card.label) for card in cards] == ["Needs a look", "Borrowing", "Lending", "Documents", "System"]
