"""The school's policy and lists stay consistent, and only its administrators change them."""

import datetime as dt

import pytest

from school import policy
from school.errors import NotAllowedError
from school.models import DayOff, Grade, Period, Room, RoomClosure, School, Semester
from school.tests.factories import a_lesson, a_person


def test_an_administrator_sets_the_policy(administrator, school):
    policy.change(school, {"visitor_limit": 3, "photos_on": False}, by=administrator)
    school = School.objects.get(pk=school.pk)
    assert school.visitor_limit == 3
    assert not school.photos_on


def test_only_an_administrator_sets_the_policy(head, school):
    with pytest.raises(NotAllowedError):
        policy.change(school, {"visitor_limit": 3}, by=head)


def test_a_semester_shares_no_day_with_another(administrator, school):
    row = Semester(school=school, name="Late", starts_on=dt.date(2026, 12, 18), ends_on=dt.date(2027, 2, 1))
    with pytest.raises(policy.ClashingRowError, match="Autumn 2026 has some of these days"):
        policy.save_row(row, by=administrator)


def test_a_semester_may_start_the_day_after_another(administrator, school):
    row = Semester(school=school, name="Spring", starts_on=dt.date(2026, 12, 19), ends_on=dt.date(2027, 2, 1))
    policy.save_row(row, by=administrator)
    assert Semester.objects.filter(school=school).count() == 2


def test_a_row_of_another_school_is_not_changed(stranger, school):
    elsewhere = a_person(stranger.school, "Ada", "Wolf", is_administrator=True)
    with pytest.raises(NotAllowedError):
        policy.save_row(DayOff(school=school, date=dt.date(2026, 11, 20)), by=elsewhere)


def test_a_row_in_use_is_not_removed_and_the_error_says_why(administrator, host):
    room = Room.objects.get(school=host.school, code="204")
    with pytest.raises(policy.RowInUseError, match="needed by lessons"):
        policy.remove_row(room, by=administrator)


def test_a_row_that_is_not_in_use_is_removed(administrator, school):
    policy.remove_row(Room.objects.get(school=school, code="206"), by=administrator)
    assert not Room.objects.filter(school=school, code="206").exists()


def test_time_zones_are_grouped_by_continent():
    continents = dict(policy.time_zones())
    assert ("Europe/London", "London") in continents["Europe"]
    assert "Etc" not in continents


def test_a_period_with_lessons_is_not_removed(administrator, walker):
    lesson = a_lesson(walker, "206", period=2)
    with pytest.raises(policy.RowInUseError):
        policy.remove_row(lesson.period, by=administrator)


def test_a_row_that_exists_is_not_added_again(administrator, school):
    with pytest.raises(policy.ClashingRowError, match="This entry is already in the list"):
        policy.save_row(Grade(school=school, name="Grade 7", position=1), by=administrator)
    assert Grade.objects.filter(school=school, name="Grade 7").count() == 1


@pytest.mark.parametrize("period", [None, 2])
def test_a_closure_sent_twice_is_stored_once(period, administrator, school):
    room = Room.objects.get(school=school, code="204")
    closed_period = Period.objects.filter(school=school, position=period).first()
    first, second = (RoomClosure(room=room, date=dt.date(2026, 11, 20), period=closed_period) for _again in range(2))
    policy.save_row(first, by=administrator)
    with pytest.raises(policy.ClashingRowError):
        policy.save_row(second, by=administrator)
    assert RoomClosure.objects.count() == 1
