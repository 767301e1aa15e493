"""Reminders keep the school's evenings, weekends and holidays free, without missing a deadline."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from notifications.quiet import fit_quiet_hours
from school.models import DayOff, DayType

pytestmark = pytest.mark.django_db


def at(text, zone="Europe/London"):
    """Return the moment at which a clock in the zone shows this time."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


# 11 November 2026 is a Wednesday.
CASES = [
    pytest.param("2026-11-11 10:34", None, "2026-11-11 10:34", id="during the day it stays"),
    pytest.param("2026-11-11 07:00", None, "2026-11-11 07:00", id="07:00 is day"),
    pytest.param("2026-11-11 06:59", None, "2026-11-11 07:00", id="06:59 waits a minute"),
    pytest.param("2026-11-11 17:59", None, "2026-11-11 17:59", id="17:59 is day"),
    pytest.param("2026-11-11 18:00", None, "2026-11-12 07:00", id="18:00 waits for the morning"),
    pytest.param("2026-11-13 19:00", None, "2026-11-16 07:00", id="Friday evening waits for Monday"),
    pytest.param("2026-11-14 12:00", None, "2026-11-16 07:00", id="Saturday noon waits for Monday"),
    pytest.param(
        "2026-11-12 06:34", "2026-11-12 10:34", "2026-11-12 07:00", id="early morning, deadline later that day"
    ),
    pytest.param(
        "2026-11-12 02:00", "2026-11-12 06:00", "2026-11-11 17:45", id="early morning, deadline before the day begins"
    ),
    pytest.param(
        "2026-11-12 03:00",
        "2026-11-12 07:00",
        "2026-11-11 17:45",
        id="a deadline at the start of the day moves it to the day before",
    ),
    pytest.param("2026-11-11 18:30", "2026-11-11 22:30", "2026-11-11 17:45", id="evening, deadline the same evening"),
    pytest.param(
        "2026-11-14 10:00",
        "2026-11-14 14:00",
        "2026-11-13 17:45",
        id="a deadline on Saturday moves it to Friday before quiet hours",
    ),
    pytest.param(
        "2026-11-16 05:00",
        "2026-11-16 09:00",
        "2026-11-16 07:00",
        id="a deadline on Monday after 07:00 moves it to Monday at 07:00",
    ),
    pytest.param(
        "2026-11-14 10:00",
        "2026-11-13 10:00",
        "2026-11-16 07:00",
        id="a deadline in the past does not move it to an earlier time",
    ),
]


@pytest.mark.parametrize(("moment", "deadline", "expected"), CASES)
def test_a_reminder_is_moved_out_of_quiet_hours_and_weekends(school, moment, deadline, expected):
    fitted = fit_quiet_hours(school, at(moment), deadline=deadline and at(deadline))
    assert fitted == at(expected)


def test_holidays_are_quiet_too(school):
    for day in (12, 13):
        DayOff.objects.create(school=school, date=dt.date(2026, 11, day))
    assert fit_quiet_hours(school, at("2026-11-12 10:00")) == at("2026-11-16 07:00")
    early = fit_quiet_hours(school, at("2026-11-13 10:00"), deadline=at("2026-11-13 14:00"))
    assert early == at("2026-11-11 17:45")


ZONES = [
    # zone, and the Sunday when its clocks change
    ("Europe/London", "2027-03-28"),
    ("Europe/London", "2026-10-25"),
    ("America/New_York", "2027-03-14"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Australia/Lord_Howe", "2027-04-04"),
]


@pytest.mark.parametrize(("zone", "sunday"), ZONES)
def test_the_wall_clock_counts_across_a_clock_change(school, zone, sunday):
    school.time_zone = zone
    friday = dt.date.fromisoformat(sunday) - dt.timedelta(days=2)
    monday = dt.date.fromisoformat(sunday) + dt.timedelta(days=1)
    evening = at(f"{friday} 19:00", zone)
    assert fit_quiet_hours(school, evening) == at(f"{monday} 07:00", zone)
    before = fit_quiet_hours(school, at(f"{sunday} 12:00", zone), deadline=at(f"{sunday} 16:00", zone))
    assert before == at(f"{friday} 17:45", zone)


def test_the_school_sets_its_quiet_hours(school):
    school.quiet_from, school.quiet_until = dt.time(16, 30), dt.time(8, 15)
    assert fit_quiet_hours(school, at("2026-11-11 16:30")) == at("2026-11-12 08:15")


def test_quiet_hours_may_be_in_the_middle_of_the_day(school):
    school.quiet_from, school.quiet_until = dt.time(0, 0), dt.time(15, 0)
    assert fit_quiet_hours(school, at("2026-11-11 14:00")) == at("2026-11-11 15:00")
    assert fit_quiet_hours(school, at("2026-11-11 23:30")) == at("2026-11-11 23:30")


def test_without_quiet_hours_only_weekends_are_quiet(school):
    school.quiet_from = school.quiet_until = dt.time(0, 0)
    assert fit_quiet_hours(school, at("2026-11-11 03:00")) == at("2026-11-11 03:00")
    assert fit_quiet_hours(school, at("2026-11-14 03:00")) == at("2026-11-16 00:00")


def test_a_school_without_school_days_keeps_the_time(school):
    DayType.objects.filter(school=school).delete()
    assert fit_quiet_hours(school, at("2026-11-11 03:00")) == at("2026-11-11 03:00")


def test_a_long_holiday_with_a_deadline_in_it_keeps_the_last_school_day(school):
    for offset in range(40):
        DayOff.objects.create(school=school, date=dt.date(2026, 11, 12) + dt.timedelta(days=offset))
    fitted = fit_quiet_hours(school, at("2026-11-25 10:00"), deadline=at("2026-11-26 10:00"))
    assert fitted == at("2026-11-11 17:45")
