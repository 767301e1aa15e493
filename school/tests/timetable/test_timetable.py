"""Who teaches where and when, and which rooms are closed."""

import datetime as dt

import pytest

from school.models import DayType, Period, Room, RoomClosure, Semester
from school.tests.factories import THURSDAY
from school.text.semester_words import guess_word
from school.timetable import timetable


@pytest.fixture
def slot(school):
    """Thursday, period 3."""
    thursday = DayType.objects.get(school=school, weekday=3)
    return Semester.objects.get(school=school), thursday, Period.objects.get(school=school, position=3)


def rooms(slot):
    """Return the rooms in which a class can be visited on that Thursday."""
    return [lesson.room.code for lesson in timetable.open_classes(*slot, THURSDAY)]


def test_classes_are_listed_by_room(slot, host, second_host):
    found = timetable.open_classes(*slot, THURSDAY)
    assert [(lesson.room.code, lesson.teacher) for lesson in found] == [("204", host), ("206", second_host)]


def test_people_who_left_have_no_lessons(slot, host):
    host.is_active = False
    host.save()
    assert rooms(slot) == []


def test_a_teacher_teaches_or_is_free(slot, host, walker):
    assert timetable.lesson_of(host, *slot).title == "7A Maths"
    assert timetable.lesson_of(walker, *slot) is None


@pytest.mark.parametrize(
    ("position", "days", "closed"), [(None, 0, True), (3, 0, True), (2, 0, False), (None, 1, False)]
)
def test_a_room_is_closed_all_day_or_for_a_period(position, days, closed, slot, school, host):
    room = Room.objects.get(school=school, code="204")
    closed_period = Period.objects.filter(school=school, position=position).first()
    RoomClosure.objects.create(room=room, date=THURSDAY + dt.timedelta(days=days), period=closed_period, reason="Test")
    assert rooms(slot) == ([] if closed else ["204"])


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
