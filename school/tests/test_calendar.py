"""The calendar: the day of the timetable, the periods and the times of a date."""

import datetime as dt

import pytest

from school.calendar import Calendar
from school.models import DayCycle, DayOff, DayType, Period, Semester, SpecialDate
from school.tests.factories import THURSDAY, WEDNESDAY, a_bell_schedule, row_of

DAY = dt.timedelta(days=1)
FRIDAY = THURSDAY + DAY
SATURDAY = THURSDAY + 2 * DAY
MONDAY = WEDNESDAY - 2 * DAY


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


# --- Bells ---------------------------------------------------------------------------------------
def calendar_of(school):
    school.refresh_from_db()
    return Calendar(school)


def names_and_starts(calendar, date):
    return [(period.short, f"{calendar.times(date, period)[0]:%H:%M}") for period in calendar.periods_on(date)]


def test_every_friday_has_other_times_and_fewer_periods(school):
    a_bell_schedule(school, {3: ((8, 0), (8, 30)), 1: ((8, 35), (9, 5))}, weekdays=[4])
    calendar = calendar_of(school)
    assert names_and_starts(calendar, FRIDAY) == [("P3", "08:00"), ("P1", "08:35")]
    assert names_and_starts(calendar, THURSDAY) == [("P1", "08:15"), ("P2", "09:05"), ("P3", "10:10")]
    assert [calendar.day_words(day) for day in (THURSDAY, FRIDAY, SATURDAY)] == ["", "Short", ""]
    assert calendar.period_at(moment(8, 10, FRIDAY)).short == "P3"
    assert calendar.period_at(moment(9, 10, FRIDAY)) is None


def test_bells_of_a_date_count_more_than_those_of_the_weekday_and_these_more_than_those_of_the_day(school):
    row_of(school, DayType, weekday=4)
    school.day_types.filter(weekday=4).update(bells=a_bell_schedule(school, {1: ((7, 0), (8, 0))}, "Of the day"))
    assert names_and_starts(calendar_of(school), FRIDAY) == [("P1", "07:00")]
    a_bell_schedule(school, {2: ((9, 0), (9, 30))}, "Every Friday", weekdays=[4])
    assert names_and_starts(calendar_of(school), FRIDAY) == [("P2", "09:00")]
    assembly = a_bell_schedule(school, {2: ((11, 0), (11, 30))}, "Assembly")
    SpecialDate.objects.create(school=school, date=FRIDAY, bells=assembly)
    calendar = calendar_of(school)
    assert names_and_starts(calendar, FRIDAY) == [("P2", "11:00")]
    assert names_and_starts(calendar, FRIDAY + 7 * DAY) == [("P2", "09:00")]


def test_periods_overlap_by_their_times_on_that_date(school):
    """Two schools in one building have different bells."""
    Period.objects.create(school=school, name="Upper 1", position=11, starts_at=dt.time(8, 50), ends_at=dt.time(9, 30))
    a_bell_schedule(school, {1: ((8, 0), (8, 30)), 11: ((8, 30), (9, 0))}, weekdays=[4])
    calendar = calendar_of(school)
    first, second, third, upper = calendar.periods

    def overlapping(date, period):
        return {other.short for other in calendar.overlapping(date, period)}

    assert overlapping(THURSDAY, upper) == {"P1", "P2", "P11"}
    assert overlapping(THURSDAY, first) == {"P1", "P11"}
    assert overlapping(THURSDAY, third) == {"P3"}
    assert overlapping(FRIDAY, upper) == {"P11"}
    assert overlapping(FRIDAY, second) == {"P2"}
    at_nine = moment(8, 55)
    assert calendar.period_at(at_nine, preferred=upper) == upper
    assert calendar.period_at(at_nine) == calendar.period_at(at_nine, preferred=third) == first
    assert calendar.periods_at(at_nine) == [first, upper]


# --- The cycle -----------------------------------------------------------------------------------
def days_are(school, *numbers, **fields):
    """Give the school numbered days instead of weekdays. Its semester begins on this Monday."""
    school.day_types.all().delete()
    DayType.objects.bulk_create(DayType(school=school, name=f"Day {n}", number=n) for n in numbers)
    DayCycle.objects.create(school=school, **fields)
    Semester.objects.filter(school=school).update(starts_on=MONDAY)


def names(school, first, count):
    """Return the names of the days from this date on: "1" for Day 1, "-" without school."""
    calendar = calendar_of(school)
    found = [calendar.day_type(first + n * DAY) for n in range(count)]
    return " ".join(day.name.removeprefix("Day ") if day else "-" for day in found)


def test_numbered_days_follow_each_other_on_school_days(school):
    days_are(school, 1, 2, 3, 4, 5, 6)
    assert names(school, MONDAY, 14) == "1 2 3 4 5 - - 6 1 2 3 4 - -"
    SpecialDate.objects.create(school=school, date=THURSDAY, day_type=school.day_types.get(number=1))
    assert names(school, MONDAY, 8) == "1 2 3 1 5 - - 6"
    assert calendar_of(school).day_words(MONDAY) == "Day 1"
    SpecialDate.objects.update(starts_cycle=True)
    assert names(school, MONDAY, 8) == "1 2 3 1 2 - - 3"


@pytest.mark.parametrize(("counts", "seen"), [(False, "1 2 - 3 4 - - 5"), (True, "1 2 - 4 5 - - 6")])
def test_a_day_off_uses_up_a_day_only_if_the_school_wants_that(counts, seen, school):
    days_are(school, 1, 2, 3, 4, 5, 6, days_off_count=counts)
    DayOff.objects.create(school=school, date=WEDNESDAY)
    assert names(school, MONDAY, 8) == seen


def test_a_new_semester_begins_with_day_1(school):
    days_are(school, 1, 2, 3)
    Semester.objects.filter(school=school).update(ends_on=FRIDAY)
    Semester.objects.create(school=school, name="Next", starts_on=FRIDAY + 4 * DAY, ends_on=FRIDAY + 60 * DAY)
    assert names(school, MONDAY, 5) == "1 2 3 1 2"
    assert names(school, FRIDAY + 4 * DAY, 3) == "1 2 3"


def test_a_week_may_begin_on_sunday(school):
    days_are(school, 1, 2, 3, weekdays=[6, 0, 1, 2, 3])
    assert names(school, MONDAY, 8) == "1 2 3 1 - - 2 3"


@pytest.fixture
def two_weeks(school):
    """Each day of the week is in week A or B. The semester begins on this Wednesday."""
    for day in school.day_types.all():
        day.name = f"{day.name[:2]}A"
        day.save()
        DayType.objects.create(school=school, name=f"{day.name[:2]}B", weekday=day.weekday, week=2)
    Semester.objects.filter(school=school).update(starts_on=WEDNESDAY)
    return school


def test_two_weeks_take_turns(two_weeks):
    assert names(two_weeks, WEDNESDAY, 13) == "WeA ThA FrA - - MoB TuB WeB ThB FrB - - MoA"
    assert [day.name for day in calendar_of(two_weeks).day_types][4:7] == ["FrA", "MoB", "TuB"]


def test_the_weeks_start_anew_on_a_date(two_weeks):
    next_monday = MONDAY + 7 * DAY
    monday_a = two_weeks.day_types.get(name="MoA")
    SpecialDate.objects.create(school=two_weeks, date=next_monday, day_type=monday_a, starts_cycle=True)
    assert names(two_weeks, next_monday, 8) == "MoA TuA WeA ThA FrA - - MoB"


@pytest.mark.parametrize(("counts", "seen"), [(False, "MoB"), (True, "MoA")])
def test_a_week_off_uses_up_a_week_only_if_the_school_wants_that(counts, seen, two_weeks):
    DayCycle.objects.create(school=two_weeks, days_off_count=counts)
    days_off = [DayOff(school=two_weeks, date=MONDAY + n * DAY) for n in range(7, 12)]
    DayOff.objects.bulk_create(days_off)
    assert names(two_weeks, MONDAY + 14 * DAY, 1) == seen


def test_a_date_has_the_day_of_another_weekday(school):
    SpecialDate.objects.create(school=school, date=SATURDAY, day_type=row_of(school, DayType, weekday=0))
    assert names(school, FRIDAY, 4) == "Friday Monday - Monday"
    assert calendar_of(school).periods_on(SATURDAY) != []
    assert calendar_of(school).day_words(SATURDAY) == "Monday"


def test_outside_the_semesters_a_day_of_the_week_is_as_usual(school):
    assert names(school, MONDAY + 364 * DAY, 7) == "Monday Tuesday Wednesday Thursday Friday - -"
