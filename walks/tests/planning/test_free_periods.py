"""The next free periods, and another time for a plan that clashes."""

import datetime as dt

from school.calendar import Calendar
from school.models import Campus, Lesson, Period, RoomClosure
from school.tests.factories import NOW, THURSDAY, a_lesson
from walks.planning import free_periods, good_times
from walks.tests.factories import a_plan, a_walk

FRIDAY = THURSDAY + dt.timedelta(days=1)
MONDAY = THURSDAY + dt.timedelta(days=4)


def other_time(plan, now=NOW):
    moved = free_periods.other_time(plan, calendar=Calendar(plan.walker.school), now=now, for_person=plan.walker)
    return (moved.date, moved.period.position) if moved else None


def test_the_next_free_periods_are_periods_in_which_others_teach(walker, hosts):
    availability = good_times.availability_ahead(walker, now=NOW, calendar=Calendar(walker.school))
    slots = free_periods.next_free_periods(walker, availability=availability, now=NOW, count=2)
    assert [(date, p.position) for date, p in slots] == [(NOW.date(), 3), (THURSDAY, 3)]


def test_a_free_period_is_one_in_which_others_teach_on_that_very_day(school, walker, hosts):
    """Here Jonas teaches until Friday, and on Mondays there is a double period that overlaps with period 2."""
    Period.objects.create(school=school, name="Double", position=9, starts_at=dt.time(8), ends_at=dt.time(10))
    Lesson.objects.filter(teacher__in=hosts).delete()
    a_lesson(hosts[0], "204", valid_until=FRIDAY)
    a_lesson(hosts[1], "206", period=9, days=[0])
    availability = good_times.availability_ahead(walker, now=NOW, calendar=Calendar(school))
    slots = free_periods.next_free_periods(walker, availability=availability, now=NOW, count=4)
    assert [(date, p.position) for date, p in slots] == [(NOW.date(), 3), (THURSDAY, 3), (FRIDAY, 3), (MONDAY, 2)]


def test_a_period_of_a_campus_on_which_the_walker_does_not_teach_is_left_out(school, walker, hosts):
    hill = Campus.objects.create(school=school, name="Hill")
    times = {"starts_at": dt.time(10), "ends_at": dt.time(10, 50)}  # overlaps with period 3
    Period.objects.create(school=school, name="Hill 3", position=0, campus=hill, **times)
    availability = good_times.availability_ahead(walker, now=NOW, calendar=Calendar(school))
    slots = free_periods.next_free_periods(walker, availability=availability, now=NOW)
    assert {period.name for _date, period in slots} == {"Period 3"}


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
    moved = free_periods.other_time(plan, calendar=Calendar(walker.school), now=NOW, for_person=walker)
    assert [(s.room.code, s.hosts, s.minutes) for s in moved.stops] == [
        ("204", (hosts[0],), 3),
        ("206", (hosts[1],), 3),
        ("208", (hosts[2],), 3),
    ]


def test_a_walk_being_changed_does_not_block_its_own_time(walker, hosts, head):
    walk = a_walk(walker, hosts, date=FRIDAY)
    assert other_time(a_plan(walker, walk=walk)) == (FRIDAY, 3)
