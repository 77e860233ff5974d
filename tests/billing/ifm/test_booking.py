"""A month is booked by a job: once, whoever clicks twice or dies; what cannot be entered is told and tried again."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing.costs import actions as costs
from billing.costs.actions import Booking
from billing.costs.models import CostPolicy
from billing.ifm import actions
from billing.ifm.models import NetworkLine
from billing.ledger import queries as ledger
from billing.ledger.actions import Where
from illdesk import jobs
from illdesk.errors import NotAllowed, Stale
from illdesk.models import Event, Job
from tests import factories as f
from tests.billing.ifm import cast as c

pytestmark = pytest.mark.django_db
MONTH = "/billing/networks/ifm/202603/"


@pytest.fixture(autouse=True)
def _books():
    c.books()


@pytest.fixture
def later(settings):
    """Jobs wait for a worker, as on a real desk."""
    settings.SEND_TASKS = True


def month(many=4):
    for number in range(1001, 1001 + many):
        c.known(str(number))
    c.read(*(c.line(str(number)) for number in range(1001, 1001 + many)))


def start(actor=None, at_once=0):
    seen = actions.totals(actions.ready("ifm", c.MARCH)).seen
    return actions.book("ifm", c.MARCH, seen=seen, actor=actor or f.staff(), now=c.APRIL, at_once=at_once)


def booked() -> int:
    return NetworkLine.objects.filter(state=NetworkLine.BOOKED).count()


def test_a_job_books_line_by_line_and_one_that_died_is_gone_on_with(later):
    month()
    job = start()
    assert (job.state, job.total, booked()) == (Job.WAITING, 4, 0)
    jobs.go_on(job.pk, seconds=0, now=c.APRIL)  # one part, then it lets others have their turn
    assert booked() == 1
    # A worker holds it and dies: nobody else touches it until the minute is over.
    Job.objects.filter(pk=job.pk).update(held_until=c.APRIL + jobs.HELD)
    assert not jobs.go_on(job.pk, now=c.APRIL) and booked() == 1
    jobs.sweep(now=c.APRIL + timedelta(minutes=2))
    assert booked() == 4 and ledger.balance(Where("ifm")) == Decimal("-60.00")
    job.refresh_from_db()
    assert job.state == Job.FINISHED and Event.objects.filter(name="network.booked").count() == 4
    assert jobs.go_on(job.pk, now=c.APRIL) is False and booked() == 4


def test_who_clicks_twice_has_one_job_and_another_person_is_told_who_books(later, client):
    month()
    first = start(f.staff("borrowing staff"))
    assert start(f.staff("borrowing staff")) == first == start(f.staff("coordinator")) and Job.objects.count() == 1
    client.force_login(f.user("coordinator"))
    page = client.get(MONTH).content.decode()
    assert "is booking this month since" in page and "Book 4 lines" not in page
    answer = client.post(f"{MONTH}book/", {"seen": "4:60.00:0.00:0.00"}, follow=True)
    assert "is booking this month already" in answer.content.decode() and Job.objects.count() == 1
    client.force_login(first.started_by)
    assert f"/jobs/{first.pk}/" in client.get(MONTH).content.decode()


def test_what_was_entered_meanwhile_is_not_booked_a_second_time(later):
    month()
    job = start()
    line = NetworkLine.objects.get(number="1002")
    costs.book("payable:1", Booking(
        side="cost", way="invoice", what="charge", source=("payable_line", 1), day=f.NOW.date(),
        amount=Decimal("15.00"), ill=line.ill_id, library=line.ill.partner_id), actor=f.staff(), now=f.NOW)
    actions.aside(NetworkLine.objects.get(number="1003"), "comes by invoice", actor=f.staff(), now=f.NOW)
    jobs.go_on(job.pk, seconds=None, now=c.APRIL)
    assert booked() == 2 and ledger.balance(Where("ifm")) == Decimal("-30.00")
    said = list(job.items.filter(state="failed").order_by("pk").values_list("words", flat=True))
    assert "Charged before" in said[0] and "decided otherwise" in said[1]
    with pytest.raises(Stale):  # the page shows it as it stands now
        start()
    assert NetworkLine.objects.get(number="1002").result == "twice"


def test_what_cannot_be_entered_is_tried_again_from_the_job(client):
    month(2)
    CostPolicy.objects.all().delete()
    client.force_login(f.user("borrowing staff"))
    seen = client.get(MONTH).context["ready"].seen
    answer = client.post(f"{MONTH}book/", {"seen": seen})
    job = Job.objects.get()
    assert answer["Location"] == f"/jobs/{job.pk}/" and booked() == 0
    page = client.get(answer["Location"]).content.decode()
    assert "1001" in page and "Borrowing debit, USD 15.00" in page
    c.books()
    jobs.retry(job, by=job.started_by, now=c.APRIL)
    assert booked() == 2 and ledger.balance(Where("ifm")) == Decimal("-30.00")


def test_a_stopped_job_leaves_the_rest_to_the_next(later):
    month()
    job = start()
    jobs.go_on(job.pk, seconds=0, now=c.APRIL)
    jobs.stop(job, now=c.APRIL)
    jobs.go_on(job.pk, seconds=None, now=c.APRIL)
    assert booked() == 1 and actions.under_way("ifm", c.MARCH) is None
    jobs.go_on(start().pk, seconds=None, now=c.APRIL)
    assert booked() == 4


def test_a_refund_of_the_same_day_is_booked_behind_its_charge():
    c.known("1001")
    c.read(c.line("1001", "15.00", c.REFUND), c.line("1001", "15.00"))
    assert c.book().count == 2 and ledger.balance(Where("ifm")) == 0


def test_a_line_that_is_booked_at_this_moment_is_not_opened_again():
    month(1)
    lines = NetworkLine.objects.filter(number="1001")
    rows = list(lines)  # read by one person …
    assert c.book().count == 1  # … booked by another …

    class Read:
        """… and compared by the first with what she had read."""

        def filter(self, **_asked):
            return self

        def select_related(self, *_names):
            return rows

    actions.again(Read())
    assert booked() == 1 and lines.get().result == "matched"


def test_only_who_works_on_it_books(later):
    month(1)
    with pytest.raises(NotAllowed):
        start(f.staff("budget"))
    assert Job.objects.count() == 0
