"""When teachers are at school: by their timetable, or as their page says."""

import datetime as dt

import pytest

from school import people
from school.calendar import Calendar
from school.models import DayType, HoursAtSchool, Lesson, Person, School
from school.tests.factories import NOW, THURSDAY, WEDNESDAY, a_bell_schedule, a_lesson, a_person, row_of
from school.timetable import hours

EIGHT_TO_NINE = (dt.time(8), dt.time(9, 30))


@pytest.fixture
def part_timer(school):
    """Teaches on Wednesday in periods 1 and 3, and not on Thursday."""
    person = a_person(school, "Ines", "Duarte")
    a_lesson(person, "204", period=1, days=[2])
    a_lesson(person, "204", period=3, days=[2])
    return person


def periods_here(person, date):
    """Return the periods in which the person is at school, by the rule in Python and by the one in the database."""
    calendar = Calendar(School.objects.get(pk=person.school_id))
    lessons = [lesson for lesson in person.lessons.all() if lesson.day_type == calendar.day_type(date)]
    found = hours.hours_at_school(person.pk, date, lessons, teaches=person.lessons.exists(), calendar=calendar)
    bells = [(period.position, calendar.times(date, period)) for period in calendar.periods]
    in_python = [position for position, times in bells if hours.covers(found, times)]
    same = Person.objects.filter(pk=person.pk)
    in_database = [
        position for position, times in bells if same.filter(hours.at_school_then(times, calendar=calendar)).exists()
    ]
    assert in_python == in_database
    return in_python


def test_teachers_are_here_from_their_first_to_their_last_lesson(part_timer, colleague):
    assert periods_here(part_timer, WEDNESDAY) == [1, 2, 3]
    assert periods_here(part_timer, THURSDAY) == []
    assert periods_here(colleague, THURSDAY) == [1, 2, 3]  # nobody knows the hours of people without lessons


def test_lessons_that_do_not_take_place_that_day_leave_their_teachers_free_to_go(part_timer, school):
    a_bell_schedule(school, {1: ((8, 0), (9, 0)), 2: ((9, 0), (10, 0))}, weekdays=[2])
    assert periods_here(part_timer, WEDNESDAY) == [1]
    Lesson.objects.filter(teacher=part_timer, period__position=1).delete()
    assert periods_here(part_timer, WEDNESDAY) == []


def test_hours_that_were_set_are_there_when_a_person_comes_back(part_timer, administrator, school):
    HoursAtSchool.objects.create(person=part_timer, day_type=row_of(school, DayType, weekday=2))
    people.leave(part_timer, by=administrator, now=NOW)
    Calendar(School.objects.get(pk=school.pk))
    people.come_back(part_timer, by=administrator)
    assert periods_here(part_timer, WEDNESDAY) == []


def test_duties_count_and_lessons_that_are_over_do_not(part_timer, school):
    a_lesson(part_timer, "204", period=2, days=[3])
    Lesson.objects.filter(day_type__weekday=3).update(kind="duty", room=None)
    assert periods_here(part_timer, THURSDAY) == [2]


@pytest.mark.parametrize(("times", "here"), [(None, []), (EIGHT_TO_NINE, [1])])
def test_hours_that_are_set_replace_those_of_the_timetable(times, here, part_timer, school):
    for weekday in (2, 3):
        day = row_of(school, DayType, weekday=weekday)
        starts_at, ends_at = times or (None, None)
        HoursAtSchool.objects.create(person=part_timer, day_type=day, starts_at=starts_at, ends_at=ends_at)
    assert periods_here(part_timer, WEDNESDAY) == periods_here(part_timer, THURSDAY) == here


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("8:00 to 12:00", (dt.time(8), dt.time(12))),
        ("08.15 – 9.45", (dt.time(8, 15), dt.time(9, 45))),
        ("8-12", (dt.time(8), dt.time(12))),
        (" Away ", None),
    ],
)
def test_hours_are_read_as_people_write_them(text, times):
    assert hours.read_hours(text) == times


@pytest.mark.parametrize("text", ["12 to 8", "25:00 to 26:00", "mornings", "8:00"])
def test_hours_that_cannot_be_read_are_refused(text):
    with pytest.raises(hours.HoursError):
        hours.read_hours(text)


def test_an_administrator_sets_the_hours_and_empties_them_again(part_timer, administrator, sign_in):
    client = sign_in(administrator)
    url = f"/people/{part_timer.pk}/"
    page = client.get(url)
    days = {day.name: f"hours_{day.pk}" for day in DayType.objects.filter(school=part_timer.school)}
    placeholders = {field.label: field.field.widget.attrs["placeholder"] for field in page.context["form"].hours_fields}
    assert (placeholders["Wednesday"], placeholders["Thursday"]) == ("08:15 to 10:55", "away")
    same = {"given_name": "Ines", "family_name": "Duarte", "email": part_timer.email, "is_teacher": "on"}
    refused = client.post(url, same | {days["Monday"]: "sometimes"})
    assert (refused.status_code, "Monday: Write hours such as" in refused.text) == (422, True)
    client.post(url, same | {days["Monday"]: "8:00 to 12:00", days["Wednesday"]: "away"})
    assert sorted(map(str, part_timer.hours_at_school.all())) == ["Monday: 08:00–12:00", "Wednesday: –"]
    assert 'value="08:00 to 12:00"' in client.get(url).text
    client.post(url, same)
    assert not part_timer.hours_at_school.exists()


def test_hours_are_erased_with_the_person(part_timer, administrator):
    day = row_of(part_timer.school, DayType, weekday=0)
    HoursAtSchool.objects.create(person=part_timer, day_type=day)
    people.leave(part_timer, by=administrator, now=NOW)
    people.erase(part_timer, by=administrator, now=NOW)
    assert not HoursAtSchool.objects.filter(person=part_timer).exists()
