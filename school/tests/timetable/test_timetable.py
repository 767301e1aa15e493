"""Who teaches where and when, and which rooms are closed."""

import datetime as dt

import pytest

from school.calendar import Calendar
from school.models import Period, Room, RoomClosure
from school.tests.factories import THURSDAY, a_lesson, row_of
from school.text.semester_words import guess_word
from school.timetable import timetable


@pytest.fixture
def period(school):
    return Period.objects.get(school=school, position=3)


def classes(period, date=THURSDAY):
    """Return the classes that can be visited in that period."""
    return timetable.open_classes(date, [period], calendar=Calendar(period.school))


def rooms(period, date=THURSDAY):
    return [lesson.room.code for lesson in classes(period, date)]


def test_classes_are_listed_by_room(period, host, second_host):
    found = classes(period)
    assert [(lesson.room.code, lesson.teacher) for lesson in found] == [("204", host), ("206", second_host)]


def test_people_who_left_have_no_lessons(period, host):
    host.is_active = False
    host.save()
    assert rooms(period) == []


def test_a_teacher_teaches_or_is_free(period, host, walker):
    calendar = Calendar(period.school)
    times = calendar.times(THURSDAY, period)
    assert timetable.lesson_of(host, times, calendar=calendar).title == "7A Maths"
    assert timetable.lesson_of(walker, times, calendar=calendar) is None


def test_only_classes_in_a_room_can_be_visited(period, host, second_host, third_host):
    host.lessons.update(kind="duty")
    second_host.lessons.update(room=None)
    assert rooms(period) == ["208"]


def test_a_lesson_counts_from_its_first_to_its_last_day(period, host):
    host.lessons.update(valid_from=THURSDAY, valid_until=THURSDAY)
    assert [rooms(period, THURSDAY + dt.timedelta(days=days)) for days in (-1, 0, 1)] == [[], ["204"], []]


@pytest.mark.parametrize(
    ("position", "days", "closed"), [(None, 0, True), (3, 0, True), (2, 0, False), (None, 1, False)]
)
def test_a_room_is_closed_all_day_or_for_a_period(position, days, closed, period, school, host):
    room = Room.objects.get(school=school, code="204")
    closed_period = Period.objects.filter(school=school, position=position).first()
    RoomClosure.objects.create(room=room, date=THURSDAY + dt.timedelta(days=days), period=closed_period, reason="Test")
    assert rooms(period) == ([] if closed else ["204"])


def test_a_room_that_is_closed_in_one_period_stays_open_in_the_next(period, school, host):
    a_lesson(host, "204", period=2)
    second = row_of(school, Period, position=2)
    RoomClosure.objects.create(room=row_of(school, Room, code="204"), date=THURSDAY, period=second)
    found = timetable.open_classes(THURSDAY, [second, period], calendar=Calendar(school))
    assert [lesson.period for lesson in found] == [period]


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("Autumn 2026", "autumn"),
        ("2026 Spring", "spring"),
        ("Fall Semester 2026", "fall"),
        ("1. Halbjahr", "semester"),
        ("2026/27", "semester"),
        ("Term 2", "semester"),
    ],
)
def test_the_word_of_a_semester_is_the_season_in_its_name(name, word):
    assert guess_word(name) == word
