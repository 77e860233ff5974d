"""The two doors to a copy: how long, how often, for whom; and that it is gone afterwards."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils import timezone

from illdesk import actors, secrets
from illdesk.models import Attachment, Event
from requests_app import sweeps
from requests_app.actions import perform
from requests_app.models import Delivery, ILLRequest
from tests import factories as f

pytestmark = pytest.mark.django_db
TOKEN = "only-hill-college-knows-it"


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"default": files}
    return tmp_path


def open_to(who: str, *, most: int = 2, days: int = 9) -> Delivery:
    """A copy that can be fetched from now on."""
    f.institution()
    row = f.ill("lending.finished" if who == Delivery.LIBRARY else "borrowing.delivered", service="copy")
    delivery = Delivery.objects.get(ill=row, to=who)
    delivery.until, delivery.most = timezone.now() + timedelta(days=days), most
    if who == Delivery.LIBRARY:
        delivery.token_hash = secrets.hashed(TOKEN)
    delivery.save()
    return delivery


def door(delivery: Delivery, client) -> str:
    if delivery.to == Delivery.LIBRARY:
        return f"/scan/{TOKEN}/"
    client.force_login(delivery.ill.patron.user)
    return f"/my/{delivery.ill.number}/pdf/"


BOTH = pytest.mark.parametrize("who", [Delivery.LIBRARY, Delivery.PATRON])


@BOTH
def test_it_is_fetched_as_often_as_was_said_and_counted(client, who):
    delivery = open_to(who, most=2)
    url, name = door(delivery, client), "scan_fetched" if who == Delivery.LIBRARY else "downloaded"
    for times in (1, 2):
        answer = client.get(url)
        assert answer.status_code == 200 and b"".join(answer.streaming_content).startswith(b"%PDF")
        assert answer["Content-Type"] == "application/pdf" and "no-store" in answer["Cache-Control"]
        assert answer["Content-Disposition"] == f'attachment; filename="{delivery.ill.number}.pdf"'
        assert answer["X-Content-Type-Options"] == "nosniff"
        delivery.refresh_from_db()
        assert delivery.fetched == times
        assert Event.objects.filter(name=f"request.{name}").latest("pk").data == {"times": times}
    assert client.get(url).status_code == 410
    delivery.refresh_from_db()
    assert delivery.fetched == 2


@BOTH
def test_a_look_at_the_head_counts_nothing(client, who):
    delivery = open_to(who, most=1)
    url = door(delivery, client)
    for _n in range(3):
        answer = client.head(url)
        assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    delivery.refresh_from_db()
    assert delivery.fetched == 0
    assert client.get(url).status_code == 200
    assert client.head(url).status_code == 410


@BOTH
def test_after_its_days_it_is_410_and_then_erased(client, who, store):
    delivery = open_to(who, days=-1)
    url = door(delivery, client)
    assert client.get(url).status_code == 410
    path = delivery.attachment.file.name
    assert default_storage.exists(path)
    done, failed = sweeps.erase_expired(now=timezone.now())
    assert (done, failed) == (1, 0)
    assert not default_storage.exists(path) and not Attachment.objects.filter(pk=delivery.attachment_id).exists()
    delivery.refresh_from_db()
    assert delivery.erased and delivery.attachment is None  # the row stays and says that there was one
    assert client.get(url).status_code == 410
    assert sweeps.erase_expired(now=timezone.now()) == (0, 0)


@pytest.mark.parametrize("token", ["another", "", "x" * 500, "%00", "..", secrets.hashed(TOKEN)])
def test_another_link_is_404_and_says_nothing(client, token):
    open_to(Delivery.LIBRARY)
    assert client.get(f"/scan/{token}/").status_code in (404, 400)
    assert Delivery.objects.filter(fetched=0).count() == 1


def test_the_link_works_without_sign_in_and_for_nobody_else(client):
    mine, other = open_to(Delivery.PATRON), open_to(Delivery.PATRON)
    url = door(mine, client)
    client.force_login(other.ill.patron.user)
    assert client.get(url).status_code == 404
    client.force_login(f.user("borrowing staff", "patron"))  # who sees the request has the staff's door to files
    assert client.get(url).status_code == 404
    client.logout()
    assert client.get(url).url.startswith("/accounts/login/")


@pytest.mark.django_db(transaction=True)
@BOTH
def test_two_at_once_cannot_take_the_last(who):
    delivery = open_to(who, most=1)
    first = Client()
    url = door(delivery, first)
    answers: list[int] = []
    ready = threading.Barrier(4)

    def take():
        browser = Client()
        browser.cookies = first.cookies
        ready.wait()
        try:
            answer = browser.get(url)
            answers.append(answer.status_code)
            answer.close()
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 410, 410, 410]
    assert Delivery.objects.get(pk=delivery.pk).fetched == 1


def test_a_file_that_cannot_be_read_costs_nobody_a_download(client):
    delivery = open_to(Delivery.PATRON)
    default_storage.delete(delivery.attachment.file.name)
    answer = client.get(door(delivery, client))
    assert answer.status_code == 409 and "cannot be read on our side" in answer.content.decode()
    delivery.refresh_from_db()
    assert delivery.fetched == 0 and not Event.objects.filter(name="request.downloaded").exists()


def test_the_first_file_stays_until_the_second_is_here(client, store):
    delivery = open_to(Delivery.PATRON)
    ill = ILLRequest.objects.get(pk=delivery.ill_id)
    perform(ill, "report_problem", actor=actors.patron(ill.patron.user), problem="unreadable")
    much_later = timezone.now() + timedelta(days=400)
    assert sweeps.erase_expired(now=much_later) == (0, 0)  # however long the lender takes
    assert default_storage.exists(delivery.attachment.file.name)
    perform(ill, "file_arrived", actor=actors.SYSTEM, file=f.stored(f.pdf("better")))
    assert sweeps.erase_expired(now=timezone.now() + timedelta(seconds=1)) == (1, 0)
    assert not default_storage.exists(delivery.attachment.file.name)
    second = Delivery.objects.filter(ill=ill, erased=None).get()
    assert second.pk != delivery.pk
    answer = client.get(door(second, client))
    assert answer.status_code == 200 and b"".join(answer.streaming_content) == second.attachment.file.open().read()


def test_one_file_that_cannot_be_erased_does_not_stop_the_others():
    first, second = open_to(Delivery.PATRON, days=-2), open_to(Delivery.PATRON, days=-1)
    # Where the file should lie stands a folder with something in it: no system removes that as a file.
    path = Path(first.attachment.file.path)
    path.unlink()
    path.mkdir()
    (path / "kept").touch()
    assert sweeps.erase_expired(now=timezone.now()) == (1, 1)
    assert Delivery.objects.get(pk=second.pk).erased and not Delivery.objects.get(pk=first.pk).erased
    (path / "kept").unlink()
    assert sweeps.erase_expired(now=timezone.now()) == (1, 0)


def test_the_clock_ends_the_request_when_the_download_is_over():
    delivery = open_to(Delivery.PATRON)
    ILLRequest.objects.filter(pk=delivery.ill_id).update(respond_by=timezone.now() - timedelta(minutes=1))
    Delivery.objects.update(until=timezone.now() - timedelta(minutes=1))
    assert sweeps.take_due(now=timezone.now()) == (1, 0)
    assert ILLRequest.objects.get(pk=delivery.ill_id).state == "borrowing.finished"
    assert sweeps.erase_expired(now=timezone.now()) == (1, 0)


def test_more_days_and_downloads_are_from_now_on(client):
    delivery = open_to(Delivery.PATRON, most=1)
    url = door(delivery, client)
    client.get(url)
    assert client.get(url).status_code == 410
    ill = ILLRequest.objects.get(pk=delivery.ill_id)
    day = timezone.localdate() + timedelta(days=20)
    perform(ill, "extend_delivery", actor=f.staff(), until=day, most=2)
    assert [client.get(url).status_code for _n in range(3)] == [200, 200, 410]
    assert not Delivery.objects.filter(fetched__gt=F("most")).exists()
