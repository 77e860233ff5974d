"""Days to answer, as OCLC, RapidILL and a library's own calendar count them."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illdesk.calendars import AFTER, HOURS, TODAY, Days, NeverOpen
from illdesk.models import Calendar, ClosedDay
from illdesk.models.calendar import days_of

EASTERN = ZoneInfo("America/New_York")
THANKSGIVING = (date(2026, 11, 26), date(2026, 11, 26))
OCLC = Days(EASTERN, counting=TODAY, closed=frozenset({THANKSGIVING}))
RAPID = Days(EASTERN, counting=HOURS)
OURS = Days(EASTERN)


def at(text: str, zone: ZoneInfo = EASTERN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def shown(moment: datetime, zone: ZoneInfo = EASTERN) -> str:
    assert moment.tzinfo is UTC
    return moment.astimezone(zone).strftime("%a %Y-%m-%d %H:%M:%S")


@pytest.mark.nodb
@pytest.mark.parametrize(
    "sent, days, until",
    [
        ("2026-11-24 09:00", 1, "Tue 2026-11-24 23:59:59"),
        ("2026-11-24 23:30", 1, "Tue 2026-11-24 23:59:59"),
        ("2026-11-24 09:00", 2, "Wed 2026-11-25 23:59:59"),
        ("2026-11-24 09:00", 4, "Mon 2026-11-30 23:59:59"),  # Thanksgiving and the week-end do not count
        ("2026-11-28 12:00", 1, "Mon 2026-11-30 23:59:59"),  # on a Saturday, Monday is the first day
        ("2026-11-26 12:00", 1, "Fri 2026-11-27 23:59:59"),
    ],
)
def test_oclc_counts_today_as_the_first_day(sent, days, until):
    assert shown(OCLC.deadline(at(sent), days)) == until


@pytest.mark.nodb
def test_it_is_today_where_the_calendar_counts_not_where_the_message_was_written():
    # 01:00 on Tuesday in Berlin is still Monday in New York.
    assert shown(OCLC.deadline(at("2026-03-03 01:00", ZoneInfo("Europe/Berlin")), 1)) == "Mon 2026-03-02 23:59:59"


@pytest.mark.nodb
@pytest.mark.parametrize(
    "sent, days, until",
    [
        ("2026-11-23 15:00", 1, "Tue 2026-11-24 15:00:00"),
        ("2026-11-20 15:00", 1, "Mon 2026-11-23 15:00:00"),
        ("2026-11-21 15:00", 1, "Tue 2026-11-24 00:00:00"),  # begins on Monday
        ("2026-10-30 15:00", 1, "Mon 2026-11-02 15:00:00"),  # clocks go back on the Sunday between
        ("2026-03-06 15:00", 1, "Mon 2026-03-09 15:00:00"),  # and forward
    ],
)
def test_rapidill_counts_24_hours_of_working_days(sent, days, until):
    assert shown(RAPID.deadline(at(sent), days)) == until


@pytest.mark.nodb
@pytest.mark.parametrize(
    "sent, days, until",
    [
        ("2026-11-23 08:00", 1, "Tue 2026-11-24 23:59:59"),
        ("2026-11-20 08:00", 1, "Mon 2026-11-23 23:59:59"),
        ("2026-11-21 08:00", 2, "Tue 2026-11-24 23:59:59"),
    ],
)
def test_else_the_next_working_day_is_the_first(sent, days, until):
    assert shown(OURS.deadline(at(sent), days)) == until


@pytest.mark.nodb
def test_a_day_on_which_clocks_change_has_23_or_25_hours():
    every_day = frozenset(range(1, 8))
    sunday = Days(EASTERN, every_day, HOURS)
    assert shown(sunday.deadline(at("2026-11-01 00:00"), 1)) == "Sun 2026-11-01 23:00:00"
    assert shown(sunday.deadline(at("2026-03-08 00:00"), 1)) == "Mon 2026-03-09 01:00:00"
    assert shown(Days(EASTERN, every_day, TODAY).deadline(at("2026-11-01 00:30"), 1)) == "Sun 2026-11-01 23:59:59"


@pytest.mark.nodb
def test_a_midnight_that_the_clocks_leave_out_and_a_day_that_a_country_left_out():
    beirut = ZoneInfo("Asia/Beirut")  # Sunday 26 March 2017 began at 01:00
    days = Days(beirut, frozenset(range(1, 8)), TODAY)
    assert shown(days.deadline(at("2017-03-25 12:00", beirut), 1), beirut) == "Sat 2017-03-25 23:59:59"
    apia = ZoneInfo("Pacific/Apia")  # there was no 30 December 2011
    days = Days(apia, frozenset(range(1, 8)), TODAY)
    assert shown(days.deadline(at("2011-12-29 12:00", apia), 1), apia) == "Thu 2011-12-29 23:59:59"
    assert shown(Days(apia, counting=HOURS).deadline(at("2011-12-29 12:00", apia), 1), apia)[:14] == "Mon 2012-01-02"


@pytest.mark.nodb
@pytest.mark.parametrize("counting", [AFTER, TODAY, HOURS])
def test_a_calendar_that_is_closed_for_ever_says_so(counting):
    never = frozenset({(date(2000, 1, 1), date(9999, 12, 31))})
    for days in (Days(EASTERN, frozenset(), counting), Days(EASTERN, counting=counting, closed=never, name="Gone")):
        with pytest.raises(NeverOpen, match="has no working day"):
            days.deadline(at("2026-11-24 09:00"), 4)


@pytest.mark.nodb
def test_a_closure_of_years_is_passed_over():
    days = Days(EASTERN, closed=frozenset({(date(2026, 1, 1), date(2031, 12, 31))}))
    assert shown(days.deadline(at("2026-11-24 09:00"), 1)) == "Thu 2032-01-01 23:59:59"


ZONES = st.sampled_from(
    ["America/New_York", "Europe/Berlin", "Asia/Kolkata", "Pacific/Apia", "America/Sao_Paulo", "Asia/Beirut",
     "Australia/Lord_Howe", "UTC"]
).map(ZoneInfo)
DATES = st.dates(date(2009, 1, 1), date(2030, 1, 1))
CLOSURES = st.frozensets(
    st.tuples(DATES, st.integers(0, 40)).map(lambda pair: (pair[0], pair[0] + timedelta(days=pair[1]))), max_size=30
)
CALENDARS = st.builds(
    Days, ZONES, st.frozensets(st.integers(1, 7), min_size=1), st.sampled_from([AFTER, TODAY, HOURS]), CLOSURES
)
MOMENTS = st.datetimes(datetime(2009, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@pytest.mark.nodb
@given(CALENDARS, MOMENTS, st.integers(1, 20))
def test_a_deadline_is_later_than_its_start_grows_with_days_and_lies_on_a_working_day(days, start, count):
    found = [days.deadline(start, n) for n in range(1, count + 1)]
    assert all(earlier < later for earlier, later in pairwise(found))
    assert found[0] >= start.replace(microsecond=0)  # the last second of a day is still that day
    for moment in found:
        # Full hours may end at the very midnight after a working day.
        assert days.is_open((moment - timedelta(microseconds=1)).astimezone(days.zone).date())


@pytest.mark.nodb
@given(CALENDARS.filter(lambda days: days.counting != HOURS), MOMENTS, st.integers(1, 20))
def test_between_start_and_deadline_lie_just_so_many_working_days(days, start, count):
    until = days.deadline(start, count).astimezone(days.zone)
    day, counted = days.today(start), 0
    if days.counting == AFTER:
        day += timedelta(days=1)
    while day <= until.date():
        counted += days.is_open(day)
        day += timedelta(days=1)
    assert counted == count
    assert until.time() == time(23, 59, 59) or days.zone.key == "Pacific/Apia"


@pytest.mark.nodb
@given(CALENDARS.filter(lambda days: days.counting == HOURS), MOMENTS, st.integers(1, 20))
def test_full_days_hold_just_so_many_working_hours(days, start, count):
    until, worked, day = days.deadline(start, count), timedelta(), days.today(start)
    while day <= days.today(until):
        if days.is_open(day):
            begin = datetime.combine(day, time(), days.zone).astimezone(UTC)
            end = datetime.combine(day + timedelta(days=1), time(), days.zone).astimezone(UTC)
            worked += max(min(end, until) - max(begin, start), timedelta())
        day += timedelta(days=1)
    assert worked == timedelta(hours=24 * count)


@pytest.mark.nodb
@given(CALENDARS, MOMENTS, MOMENTS, st.integers(1, 8))
def test_who_asks_later_is_never_due_earlier(days, one, other, count):
    first, second = sorted([one, other])
    assert days.deadline(first, count) <= days.deadline(second, count)


@pytest.mark.django_db
def test_a_stored_calendar_counts_by_its_own_zone_and_closed_days():
    row = Calendar.objects.create(name="OCLC", time_zone="America/New_York", counting=Calendar.TODAY)
    ClosedDay.objects.create(calendar=row, first=date(2026, 11, 26), last=date(2026, 11, 26), name="Thanksgiving")
    assert shown(days_of(row).deadline(at("2026-11-24 09:00"), 4)) == "Mon 2026-11-30 23:59:59"


@pytest.mark.django_db
def test_without_a_calendar_our_own_week_counts(settings):
    settings.TIME_ZONE = "America/New_York"
    assert shown(days_of(None).deadline(at("2026-11-24 09:00"), 4)) == "Mon 2026-11-30 23:59:59"


@pytest.mark.nodb
@pytest.mark.parametrize(("first", "last", "lost"), [
    (date(2026, 12, 18), date(2027, 1, 8), 8),  # the week-ends within are none that would be worked on
    (date(2026, 12, 24), date(2026, 12, 24), 1), (date(2026, 12, 26), date(2026, 12, 27), 0),
    (date(2027, 1, 5), date(2027, 1, 9), 0), (date(2026, 12, 31), date(2027, 1, 4), 3),
])
def test_closures_that_overlap_take_each_working_day_once(first, last, lost):
    closed = frozenset({(date(2026, 12, 24), date(2027, 1, 1)), (date(2026, 12, 30), date(2027, 1, 4)),
                        (date(2026, 12, 25), date(2026, 12, 25))})
    assert Days(EASTERN, closed=closed).closed_between(first, last) == lost
