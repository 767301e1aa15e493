"""Three good walks for somebody who has not planned yet."""

import datetime as dt
from urllib.parse import parse_qs

import pytest

from school.directory import directory_of
from school.models import Campus, DayOff, Lesson, Period, Room, RoomClosure, Team
from school.places import rooms_of
from school.tests.factories import NOW, THURSDAY, a_lesson, a_person, at_school_all_day
from walks.planning import good_times
from walks.tests.factories import a_walk

FRIDAY = THURSDAY + dt.timedelta(days=1)
MONDAY = THURSDAY + dt.timedelta(days=4)


@pytest.fixture
def four_hosts(hosts):
    """Four rooms of the hallway have a class in period 3."""
    school = hosts[0].school
    fourth = a_person(school, "Tom", "Becker")
    a_lesson(fourth, "210")
    return [*hosts, fourth]


def test_three_walks_are_offered_on_the_next_school_days(walker, four_hosts):
    found = good_times.next_good_times(walker, now=NOW)
    assert [(good_time.date, good_time.period.position, sorted(good_time.codes)) for good_time in found] == [
        (day, 3, ["204", "206", "208", "210"]) for day in (THURSDAY, FRIDAY, MONDAY)
    ]


def test_no_time_is_offered_outside_the_walkers_hours(walker, four_hosts):
    walker.hours_at_school.filter(day_type__weekday=3).update(starts_at=None, ends_at=None)
    walker.hours_at_school.filter(day_type__weekday=4).update(ends_at=dt.time(10, 30))  # in the middle of period 3
    walker.school.refresh_from_db()
    assert [good_time.date for good_time in good_times.next_good_times(walker, now=NOW, count=1)] == [MONDAY]


def test_a_period_of_one_campus_is_offered_for_its_own_rooms_only(walker, four_hosts):
    hill = Campus.objects.create(school=walker.school, name="Hill")
    Period.objects.filter(school=walker.school).update(campus=hill)
    walker.school.refresh_from_db()
    assert good_times.next_good_times(walker, now=NOW) == []
    Period.objects.filter(school=walker.school).update(
        campus=four_hosts[0].lessons.first().room.hallway.building.campus
    )
    walker.school.refresh_from_db()
    assert len(good_times.next_good_times(walker, now=NOW)) == 3


def test_an_offered_walk_takes_twenty_to_thirty_minutes(walker, four_hosts):
    assert {good_time.minutes for good_time in good_times.next_good_times(walker, now=NOW)} == {23}


def test_the_link_of_an_offer_fills_in_the_planner(walker, four_hosts):
    good_time = good_times.next_good_times(walker, now=NOW, count=1)[0]
    query = parse_qs(good_time.query)
    assert query["date"] == ["2026-11-12"]
    assert query["stop"] == [str(pk) for pk in good_time.room_ids]


def test_each_route_is_offered_once_before_one_is_repeated(walker, four_hosts):
    team = Team.objects.get(school=walker.school)
    team.members.set(four_hosts)
    titles = [good_time.title for good_time in good_times.next_good_times(walker, now=NOW)]
    assert titles == [
        "Second floor",
        "Maths",
        "Second floor",
    ]


def test_days_off_and_lessons_are_left_out(walker, four_hosts):
    DayOff.objects.create(school=walker.school, date=THURSDAY)
    Lesson.objects.filter(teacher=walker).delete()
    a_lesson(walker, "206", period=2, days=[4])
    assert [good_time.date for good_time in good_times.next_good_times(walker, now=NOW, count=1)] == [FRIDAY]


def test_a_route_with_fewer_than_four_classes_is_not_offered(walker, four_hosts):
    Lesson.objects.filter(room__code="210").delete()
    assert good_times.next_good_times(walker, now=NOW) == []


def test_a_route_with_a_closed_room_is_offered_on_another_day(walker, four_hosts, head):
    for room in walker.school.rooms.filter(code="204"):
        RoomClosure.objects.create(room=room, date=THURSDAY)
    assert [good_time.date for good_time in good_times.next_good_times(walker, now=NOW, count=1)] == [FRIDAY]


def test_nothing_is_offered_on_the_day_before_a_holiday(walker, four_hosts):
    DayOff.objects.create(school=walker.school, date=MONDAY)
    assert [good_time.date for good_time in good_times.next_good_times(walker, now=NOW, count=2)] == [
        THURSDAY,
        MONDAY + dt.timedelta(days=1),
    ]


def test_the_only_free_period_around_noon_is_kept_for_lunch(walker, four_hosts):
    Period.objects.filter(school=walker.school, position=3).update(starts_at=dt.time(11), ends_at=dt.time(11, 50))
    fourth = Period.objects.create(
        school=walker.school, name="Period 4", position=4, starts_at=dt.time(11, 55), ends_at=dt.time(13, 10)
    )
    a_lesson(walker, None, period=4, kind=Lesson.Kind.DUTY)
    assert good_times.next_good_times(walker, now=NOW) == []
    Period.objects.filter(pk=fourth.pk).update(ends_at=dt.time(13, 5))  # half an hour is left
    walker.school.refresh_from_db()
    assert good_times.next_good_times(walker, now=NOW) != []


def test_a_gap_between_lessons_is_offered_before_the_edge_of_the_day(school, four_hosts):
    Period.objects.create(school=school, name="Period 4", position=4, starts_at=dt.time(14), ends_at=dt.time(14, 45))
    for host, code in zip(four_hosts, ["204", "206", "208", "210"], strict=True):
        for period in (2, 4):
            a_lesson(host, code, period=period)
    offered = set()
    for n in range(5):
        colleague = a_person(school, f"Walker{n}")
        at_school_all_day(colleague)
        for period in (1, 3):
            a_lesson(colleague, None, period=period, kind=Lesson.Kind.MEETING)
        offered |= {good_time.period.position for good_time in good_times.next_good_times(colleague, now=NOW)}
    assert offered == {2}


def test_the_walkers_own_team_comes_first(walker, four_hosts):
    Team.objects.get(school=walker.school).members.set([walker, *four_hosts])
    assert good_times.next_good_times(walker, now=NOW, count=1)[0].title == "Maths"


def test_half_of_the_walkers_begin_at_the_other_end_of_the_hallway(walker, four_hosts):
    colleagues = [a_person(walker.school, f"Walker{n}") for n in range(10)]
    first_rooms = {good_times.next_good_times(person, now=NOW, count=1)[0].codes[0] for person in colleagues}
    assert first_rooms == {"204", "210"}


def test_an_offer_says_why_it_is_good(walker, four_hosts):
    Room.objects.create(school=walker.school, hallway=Room.objects.first().hallway, code="212")
    [good_time] = good_times.next_good_times(walker, now=NOW, count=1)
    assert good_time.why == "You’re free, and four of five rooms have a lesson. Nobody else is visiting."
    a_walk(a_person(walker.school, "Nina"), four_hosts[:2])
    Team.objects.get(school=walker.school).members.set([walker, *four_hosts])
    [good_time] = good_times.next_good_times(walker, now=NOW, count=1)
    assert good_time.why == "You’re free, and four colleagues teach."


def test_nothing_is_offered_after_the_semester(walker, four_hosts):
    assert good_times.next_good_times(walker, now=dt.datetime(2026, 12, 18, 16, tzinfo=dt.UTC)) == []


def test_offers_take_the_same_number_of_queries_in_a_larger_school(walker, four_hosts, django_assert_num_queries):
    directory_of(walker.school)
    rooms_of(walker.school)
    with django_assert_num_queries(8):
        good_times.next_good_times(walker, now=NOW)
    for n in range(3):
        a_lesson(a_person(walker.school, f"More{n}", "People"), ["204", "206", "208"][n], period=2)
    with django_assert_num_queries(8):
        good_times.next_good_times(walker, now=NOW)
