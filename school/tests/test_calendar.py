"""The calendar: periods and times of a date."""

import datetime as dt

import pytest

from school.calendar import Calendar
from school.models import DayOff
from school.tests.factories import THURSDAY

SATURDAY = THURSDAY + dt.timedelta(days=2)


def moment(hour, minute, date=THURSDAY):
    return dt.datetime.combine(date, dt.time(hour, minute), tzinfo=dt.UTC)


def test_a_school_day_has_all_periods_and_other_days_have_none(school):
    DayOff.objects.create(school=school, date=THURSDAY + dt.timedelta(days=1))
    calendar = Calendar(school)
    assert calendar.periods_on(THURSDAY) == list(school.periods.all())
    assert [calendar.periods_on(THURSDAY + dt.timedelta(days=n)) for n in (1, 2)] == [[], []]


def test_the_times_of_a_period_follow_the_schools_clock(school):
    school.time_zone = "Asia/Tokyo"
    calendar = Calendar(school)
    starts_at, ends_at = calendar.times(THURSDAY, calendar.periods[2])
    assert (starts_at, ends_at) == (moment(1, 10), moment(1, 55))


@pytest.mark.parametrize(
    ("at", "name"),
    [
        (moment(10, 9), None),
        (moment(10, 10), "Period 3"),
        (moment(10, 54), "Period 3"),
        (moment(10, 55), None),
        (moment(10, 10, SATURDAY), None),
    ],
)
def test_a_period_runs_from_its_first_minute_until_its_end_on_school_days(school, at, name):
    running = Calendar(school).period_at(at)
    assert (running and running.name) == name
