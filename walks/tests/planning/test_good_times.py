"""Three good walks, the next free slots, and another time for a plan that clashes."""

import datetime as dt
from urllib.parse import parse_qs

import pytest

from school.calendar import Calendar
from school.directory import directory_of
from school.models import DayOff, Lesson, RoomClosure, Team
from school.tests.factories import NOW, THURSDAY, a_lesson, a_person
from walks.planning import good_times
from walks.tests.factories import a_plan, a_walk

FRIDAY = THURSDAY + dt.timedelta(days=1)
MONDAY = THURSDAY + dt.timedelta(days=4)


@pytest.fixture
def four_hosts(hosts):
    """Four rooms of the hallway have a class in period 3."""
    school = hosts[0].school
    fourth = a_person(school, "Tom", "Becker")
    a_lesson(fourth, "210")
    return [*hosts, fourth]


def other_time(plan, now=NOW):
    moved = good_times.other_time(plan, calendar=Calendar(plan.walker.school), now=now, for_person=plan.walker)
    return (moved.date, moved.period.position) if moved else None


def test_three_walks_are_offered_on_the_next_school_days(walker, four_hosts):
    found = good_times.next_good_times(walker, now=NOW)
    assert [(good_time.date, good_time.period.position, good_time.codes) for good_time in found] == [
        (day, 3, ["204", "206", "208", "210"]) for day in (THURSDAY, FRIDAY, MONDAY)
    ]


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


def test_nothing_is_offered_after_the_semester(walker, four_hosts):
    assert good_times.next_good_times(walker, now=dt.datetime(2026, 12, 18, 16, tzinfo=dt.UTC)) == []


def test_offers_take_the_same_number_of_queries_in_a_larger_school(walker, four_hosts, django_assert_num_queries):
    directory_of(walker.school)
    with django_assert_num_queries(9):
        good_times.next_good_times(walker, now=NOW)
    for n in range(3):
        a_lesson(a_person(walker.school, f"More{n}", "People"), ["204", "206", "208"][n], period=2)
    with django_assert_num_queries(9):
        good_times.next_good_times(walker, now=NOW)


def test_the_next_free_periods_are_periods_in_which_others_teach(walker, hosts):
    availability = good_times.availability_ahead(walker, now=NOW, calendar=Calendar(walker.school))
    slots = good_times.next_free_periods(walker, availability=availability, now=NOW, count=2)
    assert [(date, p.position) for date, p in slots] == [(NOW.date(), 3), (THURSDAY, 3)]


def test_another_period_of_the_same_day_is_preferred(walker, hosts):
    for host, code in zip(hosts, ["204", "206", "208"], strict=True):
        a_lesson(host, code, period=2)
    assert other_time(a_plan(walker)) == (THURSDAY, 2)


def test_otherwise_the_same_period_of_another_day_is_offered(walker, hosts):
    assert other_time(a_plan(walker)) == (FRIDAY, 3)


def test_another_time_is_offered_only_if_every_room_is_open(walker, hosts):
    room = walker.school.rooms.get(code="206")
    RoomClosure.objects.create(room=room, date=FRIDAY)
    assert other_time(a_plan(walker)) == (MONDAY, 3)


def test_another_time_is_offered_only_if_the_walker_is_free(walker, hosts):
    a_lesson(walker, "210", period=3, days=[4])
    assert other_time(a_plan(walker)) == (MONDAY, 3)


def test_another_time_is_offered_only_in_the_future(walker, hosts):
    plan = a_plan(walker, date=THURSDAY - dt.timedelta(days=3))
    now = dt.datetime(2026, 11, 12, 10, 30, tzinfo=dt.UTC)
    assert other_time(plan, now=now) == (FRIDAY, 3)


def test_no_other_time_is_offered_without_a_class_in_every_room(walker, hosts):
    Lesson.objects.filter(room__code="206").delete()
    assert other_time(a_plan(walker)) is None
    assert other_time(a_plan(walker, [])) is None


def test_a_plan_keeps_its_minutes_when_it_moves(walker, hosts):
    plan = a_plan(walker, minutes=3)
    moved = good_times.other_time(plan, calendar=Calendar(walker.school), now=NOW, for_person=walker)
    assert [(s.room.code, s.hosts, s.minutes) for s in moved.stops] == [
        ("204", (hosts[0],), 3),
        ("206", (hosts[1],), 3),
        ("208", (hosts[2],), 3),
    ]


def test_a_walk_being_changed_does_not_block_its_own_time(walker, hosts, head):
    walk = a_walk(walker, hosts, date=FRIDAY)
    assert other_time(a_plan(walker, walk=walk)) == (FRIDAY, 3)
