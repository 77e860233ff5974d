"""What patrons are written."""

import pytest

from illdesk.models import OutboxMessage
from requests_app.actions import intake, perform
from tests import factories as f

pytestmark = pytest.mark.django_db


def _letter(code: str) -> dict:
    return OutboxMessage.objects.get(channel="mail", what=code).payload


def test_who_asked_is_told_where_to_follow_it(settings):
    settings.BASE_URL = "https://ill.riverside.example"
    row = f.asked()
    letter = _letter("asked")
    assert letter["subject"] == f"We have your request {row.number}"
    assert f"Your request: https://ill.riverside.example/requests/{row.number}/\n" in letter["body"]
    assert "Riverside University Library" in letter["body"]


def test_the_same_form_sent_twice_is_one_request_and_one_letter():
    who = f.patron()
    one, two = f.asked(patron=who, form_key="abc"), f.asked(patron=who, form_key="abc")
    assert one == two
    assert OutboxMessage.objects.filter(what="asked").count() == 1


def test_no_letter_is_left_with_a_gap():
    """Every placeholder of the house's wording is filled by the step that sends it."""
    row = f.ill("borrowing.received")
    perform(row, "shelve", actor=f.staff(), now=f.NOW)
    perform(row, "write_patron", actor=f.staff(), now=f.NOW, text="{number} is not a placeholder here")
    gone = f.ill("borrowing.in_review")
    perform(gone, "cancel", actor=f.staff(), now=f.NOW, reason="own_it", text="It stands upstairs.")
    for code, words in {
        "arrived": [row.citation.title, "Main desk", row.shelf_code, "24 Apr 2026"],
        "message": ["{number} is not a placeholder here", row.number],
        "cancelled": ["We own it.", "It stands upstairs."],
    }.items():
        letter = _letter(code)
        for word in words:
            assert word in letter["body"], code
        assert "Dear Łucja Żak" in letter["body"]
        for gap in (" .", ": \n", "by .", "at  ", "Dear ,"):
            assert gap not in letter["body"], (code, gap)
        assert row.citation.title not in letter["subject"]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "It is due back on 24 Apr 2026."), ("es", "Debe devolverlo el 24 de abril de 2026.")],
)
def test_the_arrived_letter_names_the_due_date_only_when_there_is_one(language, words):
    row = f.ill("borrowing.received", patron=f.patron(language=language))
    perform(row, "shelve", actor=f.staff(), now=f.NOW)
    assert words in _letter("arrived")["body"]
    OutboxMessage.objects.all().delete()
    row = f.ill("borrowing.sent", patron=f.patron(language=language))
    perform(row, "receive", actor=f.staff(), now=f.NOW, barcode="1")
    perform(row, "shelve", actor=f.staff(), now=f.NOW)
    body = _letter("arrived")["body"]
    assert words.split()[0] + " " + words.split()[1] not in body
    assert " ." not in body and "\n\n\n" not in body


def test_a_letter_speaks_the_patrons_language():
    f.asked(patron=f.patron(language="es"))
    assert _letter("asked")["subject"].startswith("Hemos recibido su solicitud")


def test_who_has_no_address_gets_no_letter_and_the_request_goes_on():
    row = f.asked(patron=f.patron(email=""))
    assert row.state == "borrowing.submitted"
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_numbers_of_their_own():
    import threading

    from django.db import connection

    who, numbers, barrier = f.patron(), [], threading.Barrier(5, timeout=20)
    f.institution()

    def ask():
        try:
            barrier.wait()
            numbers.append(f.asked(patron=who).number)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(numbers) == [f"B-2026-0000{place}" for place in range(1, 6)]


def test_numbers_begin_again_with_the_librarys_year():
    """At four in the morning of the first of January in UTC it is still New Year's Eve in New York."""
    eve = f.NOW.replace(year=2027, month=1, day=1, hour=4)
    from django.db import transaction
    from django.utils import timezone

    with transaction.atomic():
        old = intake.next_number("lending", today=timezone.localtime(eve).date())
        new = intake.next_number("lending", today=timezone.localtime(eve.replace(hour=6)).date())
    assert (old, new) == ("L-2026-00001", "L-2027-00001")
