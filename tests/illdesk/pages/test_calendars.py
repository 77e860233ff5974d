from datetime import date

import pytest

from illdesk.models import Calendar, ClosedDay, Event

OCLC = {"name": "OCLC", "time_zone": "America/New_York", "counting": "today", "weekdays": ["1", "2", "3", "4", "5"]}


@pytest.fixture
def coordinator(signed_in):
    return signed_in("coordinator")


@pytest.fixture
def row(db):
    Calendar.objects.all().delete()
    return Calendar.objects.create(name="Ours", time_zone="America/New_York")


def test_a_calendar_is_added_and_says_until_when_one_must_answer(coordinator):
    Calendar.objects.all().delete()
    answer = coordinator.post("/settings/calendars/add/", OCLC, follow=True)
    row = Calendar.objects.get()
    assert (row.weekdays, row.counting) == ("12345", "today")
    page = answer.content.decode()
    assert "A request sent now" in page and "within 4 days" in page and "11:59" in page
    assert Event.objects.get(name="calendar.added").actor == coordinator.user


def test_the_desk_starts_with_calendars_to_choose_from(coordinator):
    rows = {row.name: row.closed for row in coordinator.get("/settings/calendars/").context["calendars"]}
    assert rows["OCLC (Eastern)"] == 18


def test_days_are_closed_and_opened_again(coordinator, row):
    coordinator.post(f"/settings/calendars/{row.pk}/close/", {"first": "2026-12-24", "name": "Christmas"})
    (day,) = row.closed_days.all()
    assert (day.first, day.last) == (date(2026, 12, 24), date(2026, 12, 24))
    coordinator.post(f"/settings/calendars/{row.pk}/reopen/{day.pk}/")
    assert not row.closed_days.exists()
    assert Event.objects.filter(name__in=["calendar.closed_day", "calendar.opened_day"]).count() == 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"first": "2026-12-24", "last": "2026-12-23"}, "The last day lies before the first."),
        ({"first": "2026-12-24", "last": "2056-12-24"}, "longer than ten years"),
        ({"first": "some day"}, "Enter a valid date"),
        ({"first": "2026-12-24", "name": "x" * 101}, "at most 100 characters"),
        ({"first": "2026-12-24", "name": "\x00"}, "Null characters are not allowed"),
    ],
)
def test_days_that_make_no_sense_are_refused(coordinator, row, typed, sentence):
    answer = coordinator.post(f"/settings/calendars/{row.pk}/close/", typed)
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not row.closed_days.exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [({"weekdays": []}, "Tick at least one day"), ({"time_zone": "Moon/Tranquility"}, "Select a valid choice"),
     ({"weekdays": ["8"]}, "Select a valid choice"), ({"name": "Ours"}, "already exists")],
)
def test_a_calendar_that_makes_no_sense_is_refused(coordinator, row, change, sentence):
    answer = coordinator.post("/settings/calendars/add/", OCLC | change)
    assert answer.status_code == 422 and sentence in answer.content.decode()


def test_one_that_is_closed_for_ever_says_so(coordinator, row):
    ClosedDay.objects.create(calendar=row, first=date(2000, 1, 1), last=date(9999, 12, 31))
    page = coordinator.get(f"/settings/calendars/{row.pk}/").content.decode()
    assert "has no working day for ten years" in page


def test_what_a_library_uses_is_not_removed(coordinator, row):
    from requests_app.models import Library

    Library.objects.create(name="Oak", symbol="OAK", calendar=row)
    answer = coordinator.post(f"/settings/calendars/{row.pk}/remove/")
    assert answer.status_code == 409 and "Oak (OAK)" in answer.content.decode()
    Library.objects.all().delete()
    assert coordinator.post(f"/settings/calendars/{row.pk}/remove/").status_code == 302
    assert not Calendar.objects.filter(pk=row.pk).exists()


def test_names_are_words_and_never_markup(coordinator, row):
    row.closed_days.create(first=date(2026, 1, 1), last=date(2026, 1, 1), name="<script>alert(1)</script>")
    Calendar.objects.filter(pk=row.pk).update(name='"><img src=x onerror=alert(1)>')
    for path in ("/settings/calendars/", f"/settings/calendars/{row.pk}/"):
        page = coordinator.get(path).content.decode()
        assert "<script>alert" not in page and "<img src=x" not in page


@pytest.mark.parametrize("role", ["patron", "borrowing staff", "student", "budget"])
def test_others_see_and_change_nothing(signed_in, row, role):
    browser = signed_in(role)
    for path in ("", "add/", f"{row.pk}/"):
        assert browser.get(f"/settings/calendars/{path}").status_code == 403
    for path in ("close/", "remove/", "reopen/1/"):
        assert browser.post(f"/settings/calendars/{row.pk}/{path}").status_code == 403
