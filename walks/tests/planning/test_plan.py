"""A plan's length, and everything that prevents sending it."""

import datetime as dt
from dataclasses import replace

import pytest

from school.calendar import Calendar
from school.models import DayOff, Room, School
from school.tests.factories import NOW, THURSDAY, a_bell_schedule, a_hallway, a_lesson
from walks.planning import clashes
from walks.planning.plan import even_minutes, plan_of, planned_stops_of, problems
from walks.tests.factories import a_plan, a_walk, nine_rooms


def problem_words(plan, now=NOW):
    semester = Calendar(plan.walker.school).semester_on(plan.date) if plan.date else None
    return [p.words for p in problems(plan, calendar=Calendar(plan.walker.school), semester=semester, now=now)]


def with_minutes(plan, *minutes):
    return replace(plan, stops=tuple(replace(s, minutes=m) for s, m in zip(plan.stops, minutes, strict=True)))


def test_a_good_plan_has_no_problems(walker, hosts):
    assert problem_words(a_plan(walker)) == []


def test_one_minute_is_counted_between_two_rooms(walker, hosts):
    assert with_minutes(a_plan(walker), 5, 4, 3).minutes == 14


def test_the_way_to_another_hallway_or_building_takes_longer(school, walker, hosts):
    school.minutes_between_buildings = walker.school.minutes_between_buildings = 6
    for code, hallway in [("206", a_hallway(school, "Upper")), ("208", a_hallway(school, building="Annex"))]:
        Room.objects.filter(school=school, code=code).update(hallway=hallway)
    stops = a_walk(walker, hosts).stops.select_related("room__hallway__building")
    plan = replace(a_plan(walker), stops=planned_stops_of(stops))
    assert with_minutes(plan, 5, 4, 3).minutes == 5 + 2 + 4 + 6 + 3


def test_a_walk_stays_on_one_campus(school, walker, hosts):
    Room.objects.filter(code="208").update(hallway=a_hallway(school, building="Villa", campus="Hill campus"))
    rooms = {room.code: room for room in Room.objects.select_related("hallway__building")}
    plan = a_plan(walker)
    plan = replace(plan, stops=tuple(replace(stop, room=rooms[stop.room.code]) for stop in plan.stops))
    assert problem_words(plan) == [
        "Room 208 is on another campus, and a walk stays on one. Remove it, or make it two walks."
    ]


@pytest.mark.parametrize(
    ("rooms", "minutes"), [(1, 5), (2, 5), (3, 5), (4, 5), (5, 4), (6, 4), (7, 3), (8, 2), (16, 1)]
)
def test_equal_minutes_add_up_to_a_good_length(rooms, minutes):
    assert even_minutes([Room(hallway_id=1)] * rooms, school=School()) == minutes


@pytest.mark.parametrize(
    ("focus", "own", "words"),
    [
        (0, "", ["Choose one or two things to look for"]),
        (0, "  ", ["Choose one or two things to look for"]),
        (1, "", []),
        (0, "My own", []),
        (1, "My own", []),
        (2, "", []),
        (2, "My own", ["That’s more than two. Which two matter most?"]),
        (3, "", ["That’s more than two. Which two matter most?"]),
    ],
)
def test_a_plan_needs_one_or_two_things_to_look_for(focus, own, words, walker, hosts):
    assert problem_words(a_plan(walker, focus=focus, own_focus=own)) == words


def test_a_plan_needs_a_day_and_a_period(walker, hosts):
    plan = a_plan(walker)
    assert problem_words(replace(plan, date=None)) == ["Choose a day"]
    assert problem_words(replace(plan, period=None)) == ["Choose a period"]


@pytest.mark.parametrize(
    ("date", "words"),
    [
        (dt.date(2026, 11, 10), "Choose a day that hasn’t passed"),
        (dt.date(2026, 8, 31), "Choose a day in the semester, from 1 September to 18 December"),
        (dt.date(2026, 12, 19), "Choose a day in the semester, from 1 September to 18 December"),
        (dt.date(2026, 11, 14), "There’s no school on 14 November"),
        (dt.date(2026, 11, 23), "There’s no school on 23 November"),
    ],
)
def test_the_day_must_be_a_future_school_day_of_a_semester(date, words, walker, hosts):
    DayOff.objects.create(school=walker.school, date=dt.date(2026, 11, 23))
    assert problem_words(replace(a_plan(walker), date=date)) == [words]


def test_the_last_day_of_the_semester_can_be_chosen(walker, hosts):
    assert problem_words(replace(a_plan(walker), date=dt.date(2026, 12, 18))) == []


BEGUN = "That time has passed. Choose a later period, or another day"


@pytest.mark.parametrize(("minute", "words"), [(9, []), (10, [BEGUN])])
def test_a_period_that_has_begun_cannot_be_chosen(minute, words, walker, hosts):
    now = dt.datetime(2026, 11, 12, 10, minute, tzinfo=dt.UTC)
    assert problem_words(a_plan(walker), now=now) == words


def test_a_period_that_does_not_take_place_cannot_be_chosen(walker, hosts):
    a_bell_schedule(walker.school, {1: ((8, 0), (8, 30))}, weekdays=[THURSDAY.weekday()])
    walker.school.refresh_from_db()
    assert problem_words(a_plan(walker)) == ["Period 3 doesn’t take place on 12 November. Choose another"]


def test_a_day_without_school_is_reported_before_a_past_period(walker, hosts):
    """On a Sunday evening every period has passed, but the day is the mistake."""
    sunday = dt.datetime(2026, 11, 15, 20, 0, tzinfo=dt.UTC)
    plan = replace(a_plan(walker), date=sunday.date())
    assert problem_words(plan, now=sunday) == ["There’s no school on 15 November"]


def test_a_plan_needs_two_rooms(walker, hosts):
    assert problem_words(a_plan(walker, ["204"])) == ["Choose at least two rooms"]
    assert problem_words(a_plan(walker, ["204", "206"])) == []


def test_a_plan_has_at_most_eight_rooms(walker, hosts):
    rooms = nine_rooms(walker.school)
    assert problem_words(a_plan(walker, rooms, minutes=1)) == [
        "A walk has at most eight rooms. Remove a few, or make it two walks."
    ]
    assert problem_words(a_plan(walker, rooms[:8], minutes=1)) == []


def test_a_plan_takes_at_most_thirty_minutes(walker, hosts):
    plan = a_plan(walker, nine_rooms(walker.school)[:6], minutes=4)
    assert problem_words(with_minutes(plan, 4, 4, 4, 4, 4, 5)) == []
    assert problem_words(with_minutes(plan, 4, 4, 4, 4, 5, 5)) == [
        "Six rooms take 31 minutes; 30 is the most. Remove one, or make it two walks."
    ]


@pytest.mark.parametrize(
    ("in_a_room", "in_all", "rooms", "minutes"),
    [(10, 60, 5, 8), (10, 60, 6, 8), (10, 30, 5, 5), (20, 90, 3, 16), (3, 30, 5, 3), (1, 20, 4, 1), (5, 20, 4, 4)],
)
def test_the_school_decides_how_long_a_walk_is(in_a_room, in_all, rooms, minutes):
    school = School(room_minutes_max=in_a_room, walk_minutes_max=in_all)
    assert even_minutes([Room(hallway_id=1)] * rooms, school=school) == minutes


def test_a_longer_walk_is_refused_by_the_schools_own_number_unless_it_was_sent_before(walker, hosts):
    walker.school.walk_minutes_max = 45
    plan = a_plan(walker, minutes=14)
    assert problem_words(plan) == []
    walker.school.walk_minutes_max = 40
    assert "Three rooms take 44 minutes; 40 is the most." in problem_words(plan)[0]
    walk = a_walk(walker, hosts, state="requested")
    walk.ends_at = walk.starts_at + dt.timedelta(minutes=44)
    assert problem_words(replace(plan, walk=walk)) == []


def test_a_walk_that_lasts_into_the_next_period_needs_cover_there(walker, hosts):
    a_lesson(walker, "210", period=3)
    walker.school.walk_minutes_max = 90
    plans = [a_plan(walker, period=2, minutes=each) for each in (5, 25)]
    found = [clashes.find_clashes(plan, calendar=Calendar(walker.school)) for plan in plans]
    assert ["teaching" in {clash.kind for clash in of_plan} for of_plan in found] == [False, True]


def test_a_short_plan_may_be_sent(walker, hosts):
    assert problem_words(with_minutes(a_plan(walker), 1, 1, 1)) == []


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (["204", "206", "210"], "Nobody teaches in Room 210 at that time. Remove it, or choose another period."),
        (
            ["204", "206", "207", "210"],
            "Nobody teaches in Rooms 207 and 210 at that time. Remove them, or choose another period.",
        ),
    ],
)
def test_a_room_without_a_class_cannot_be_visited(codes, words, walker, hosts):
    Room.objects.create(school=walker.school, hallway=walker.school.rooms.first().hallway, code="207")
    assert problem_words(a_plan(walker, codes)) == [words]


def test_the_walker_cannot_visit_their_own_class(walker, hosts):
    plan = a_plan(walker, ["204", "206"])
    own = replace(plan.stops[0], hosts=(walker,))
    assert problem_words(replace(plan, stops=(own, *plan.stops))) == ["You teach in Room 204 at that time. Remove it."]


def test_a_stored_walk_can_be_read_as_a_plan(walker, hosts, head):
    plan = plan_of(a_walk(walker, hosts))
    assert [s.hosts for s in plan.stops] == [(host,) for host in hosts]
    assert (plan.date, plan.period.position, plan.focus_count) == (THURSDAY, 3, 1)
