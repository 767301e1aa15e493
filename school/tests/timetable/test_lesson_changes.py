"""Changes of single lessons from a date on, and lessons that are handed over to a colleague."""

import datetime as dt

import pytest

from school.errors import NotAllowedError
from school.models import DayType, Lesson, Period, Room
from school.tests.factories import THURSDAY, WEDNESDAY, a_lesson
from school.timetable import lesson_changes
from school.timetable.lesson_changes import LessonDetails

FIRST_DAY = dt.date(2026, 9, 1)
ONE_DAY = dt.timedelta(days=1)


@pytest.fixture
def lesson(host):
    """Thursday, period 3, Room 204: 7A Maths."""
    return host.lessons.get(day_type__weekday=3)


def details(lesson, **changes):
    found = {name: getattr(lesson, name) for name in ("day_type", "period", "room", "kind", "title")}
    return LessonDetails(**(found | changes))


def lines(teacher):
    """Return the teacher's lessons on Thursday, with their first and last day."""
    found = teacher.lessons.filter(day_type__weekday=3).order_by("pk")
    return [(row.title, row.room.code, row.valid_from, row.valid_until) for row in found.select_related("room")]


def test_a_changed_lesson_keeps_its_earlier_days(lesson, host, administrator):
    to = details(lesson, room=Room.objects.get(code="210"), title="7B Maths")
    lesson_changes.change_lesson(lesson, to, from_date=THURSDAY, by=administrator)
    assert lines(host) == [("7A Maths", "204", None, WEDNESDAY), ("7B Maths", "210", THURSDAY, None)]
    rows = host.lessons.filter(day_type__weekday=3).order_by("pk")
    assert [row.days_words for row in rows] == ["until 11 November", "from 12 November"]


def test_a_lesson_that_changes_from_its_first_day_on_is_one_lesson(lesson, host, administrator):
    lesson_changes.change_lesson(lesson, details(lesson, title="7B"), from_date=FIRST_DAY, by=administrator)
    assert lines(host) == [("7B", "204", None, None)]


def test_a_second_tap_on_a_lesson_that_is_gone_removes_nothing_and_changes_nothing(lesson, host, administrator):
    second_tap = Lesson.objects.get(pk=lesson.pk)
    lesson_changes.remove_lesson(lesson, from_date=FIRST_DAY, by=administrator)
    lesson_changes.remove_lesson(second_tap, from_date=FIRST_DAY, by=administrator)
    with pytest.raises(lesson_changes.LessonGoneError, match="removed meanwhile"):
        lesson_changes.change_lesson(second_tap, details(second_tap), from_date=FIRST_DAY, by=administrator)
    assert lines(host) == []


@pytest.mark.parametrize(("from_date", "left"), [(THURSDAY, [("7A Maths", "204", None, WEDNESDAY)]), (FIRST_DAY, [])])
def test_a_removed_lesson_keeps_its_earlier_days(from_date, left, lesson, host, administrator):
    lesson_changes.remove_lesson(lesson, from_date=from_date, by=administrator)
    assert lines(host) == left


def test_an_added_lesson_counts_from_its_first_day(lesson, host, administrator):
    later = details(lesson, period=Period.objects.get(position=1))
    lesson_changes.add_lesson(host, later, from_date=THURSDAY, by=administrator)
    assert lines(host)[-1] == ("7A Maths", "204", THURSDAY, None)


def test_a_second_lesson_in_the_same_place_and_a_day_outside_the_lesson_are_refused(lesson, host, administrator):
    with pytest.raises(lesson_changes.LessonExistsError, match="Jonas Lindqvist has a lesson in the same place"):
        lesson_changes.add_lesson(host, details(lesson), from_date=THURSDAY, by=administrator)
    wednesday = details(lesson, day_type=DayType.objects.get(weekday=2))
    with pytest.raises(lesson_changes.LessonExistsError):
        lesson_changes.change_lesson(lesson, wednesday, from_date=THURSDAY, by=administrator)
    with pytest.raises(lesson_changes.WrongDayError, match="ends on 18 December"):
        lesson_changes.remove_lesson(lesson, from_date=dt.date(2027, 1, 5), by=administrator)


def test_all_lessons_go_to_a_colleague_from_a_day_on(lesson, host, colleague, administrator):
    a_lesson(colleague, "204", days=[3], title="7A Maths")  # they teach it together
    assert lesson_changes.hand_over(host, to=colleague, from_date=THURSDAY, by=administrator) == 5
    assert lines(host) == [("7A Maths", "204", None, WEDNESDAY)]
    assert lines(colleague) == [("7A Maths", "204", None, None)]
    assert colleague.lessons.filter(title="7A Maths", valid_from=THURSDAY).count() == 4
    with pytest.raises(lesson_changes.WrongDayError, match="has no lessons from that day on"):
        lesson_changes.hand_over(host, to=colleague, from_date=THURSDAY, by=administrator)


def test_a_lesson_taught_together_for_some_weeks_is_handed_over_for_the_others(lesson, host, colleague, administrator):
    monday, friday = THURSDAY + dt.timedelta(days=11), THURSDAY + dt.timedelta(days=15)
    a_lesson(colleague, "204", days=[3], title="7A Maths", valid_from=monday, valid_until=friday)
    lesson_changes.hand_over(host, to=colleague, from_date=THURSDAY, by=administrator)
    assert lines(colleague) == [
        ("7A Maths", "204", monday, friday),
        ("7A Maths", "204", THURSDAY, monday - ONE_DAY),
        ("7A Maths", "204", friday + ONE_DAY, None),
    ]


def test_lessons_are_not_handed_over_to_a_colleague_who_has_another_one_there(lesson, host, colleague, administrator):
    a_lesson(colleague, "204", days=[3], title="7B Art")
    with pytest.raises(lesson_changes.LessonExistsError, match="already has 7B Art, Room 204 on Thursday, Period 3"):
        lesson_changes.hand_over(host, to=colleague, from_date=THURSDAY, by=administrator)
    assert lines(host) == [("7A Maths", "204", None, None)]


def test_only_administrators_change_lessons(lesson, host, head):
    with pytest.raises(NotAllowedError):
        lesson_changes.remove_lesson(lesson, from_date=THURSDAY, by=head)
    assert Lesson.objects.filter(pk=lesson.pk, valid_until=None).exists()
