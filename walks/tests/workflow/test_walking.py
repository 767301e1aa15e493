"""From room to room, including back buttons and double taps."""

import datetime as dt

import pytest

from school.errors import NotAllowedError, RuleError
from school.models import Period, Room, RoomClosure
from school.tests.factories import a_hallway, a_lesson, a_person, row_of
from walks.models import Walk
from walks.tests.factories import TEN_PAST_TEN, a_second_teacher, a_walk
from walks.tests.workflow.steps import minute, room_states
from walks.workflow import walking


def test_entering_the_first_room_starts_the_walk(live):
    assert live.is_live
    assert live.started_at == TEN_PAST_TEN
    assert room_states(live) == ["in", "ahead", "ahead"]


def test_arriving_twice_keeps_the_first_time(live, stops, walker):
    walking.arrive(stops[0], by=walker, now=minute(1))
    assert stops[0].arrived_at == TEN_PAST_TEN


def test_a_double_tap_on_the_first_room_starts_once(walk, stops, walker):
    stale = walk.stops.select_related("walk__walker__school").first()  # read before the first tap was through
    walking.arrive(stops[0], by=walker, now=TEN_PAST_TEN)
    walking.arrive(stale, by=walker, now=minute(1))
    assert [event.action for event in walk.events.all()] == ["start"]


def test_entering_the_next_room_leaves_the_one_before(live, stops, walker):
    walking.arrive(stops[1], by=walker, now=minute(4))
    assert room_states(live) == ["left", "in", "ahead"]
    assert live.stops.first().left_at == minute(4)


def test_an_old_page_does_not_reopen_a_room(live, stops, walker):
    walking.leave(stops[0], by=walker, now=minute(3))
    walking.arrive(stops[1], by=walker, now=minute(4))
    walking.arrive(stops[0], by=walker, now=minute(5))
    assert room_states(live) == ["left", "in", "ahead"]


def test_leaving_twice_keeps_the_first_time(live, stops, walker):
    walking.leave(stops[0], by=walker, now=minute(3))
    walking.leave(stops[0], by=walker, now=minute(5))
    assert stops[0].left_at == minute(3)


def test_leaving_a_room_never_entered_changes_nothing(live, stops, walker):
    walking.leave(stops[1], by=walker, now=minute(3))
    assert room_states(live) == ["in", "ahead", "ahead"]


def test_with_a_slow_clock_a_room_is_not_left_before_it_was_entered(live, stops, walker):
    walking.leave(stops[0], by=walker, now=minute(-1))
    assert stops[0].left_at == TEN_PAST_TEN


def test_a_room_with_two_teachers_is_entered_left_skipped_and_finished_as_one(live, stops, colleague, walker):
    second = [a_second_teacher(stop, colleague) for stop in stops]
    walking.leave(second[0], by=walker, now=minute(3))
    walking.skip(second[1], by=walker, now=minute(4))
    walking.arrive(stops[2], by=walker, now=minute(5))
    assert room_states(live) == ["left", "left", "skipped", "skipped", "in", "in"]
    walking.unskip(stops[1], by=walker, now=minute(6))
    walking.arrive(second[1], by=walker, now=minute(7))
    assert room_states(live) == ["left", "left", "in", "in", "left", "left"]
    walking.finish(live, by=walker, now=minute(9))
    assert len({(stop.arrived_at, stop.left_at) for stop in live.stops.all()}) == 3


def test_a_room_that_was_not_planned_is_added_with_both_teachers_unless_one_is_the_walker(live, walker, school):
    for name in ("Tom", "Ann"):
        a_lesson(a_person(school, name, "Baker"), "210", title="7D Art")
    room = school.rooms.get(code="210")
    found = walking.lessons_now(live, now=minute(4), words="tom")
    assert [lesson.teacher.given_name for lesson in found] == ["Ann", "Tom"]
    stop = walking.add_room(live, room=room, by=walker, now=minute(4))
    assert [(host.given_name, stop.position) for host in stop.hosts] == [("Ann", 4), ("Tom", 4)]
    live.stops.filter(room=room).delete()
    a_lesson(walker, "210")
    assert walking.lessons_now(live, now=minute(4)) == []


def test_skipping_needs_no_reason_and_does_not_start_the_walk(walk, stops, walker):
    walking.skip(stops[0], by=walker, now=TEN_PAST_TEN)
    walk.refresh_from_db()
    assert not walk.is_live
    assert room_states(walk) == ["skipped", "ahead", "ahead"]


def test_a_room_that_is_skipped_after_entering_it_was_not_visited(live, stops, walker):
    walking.skip(stops[0], by=walker, now=minute(1))
    assert not stops[0].visited
    assert stops[0].arrived_at is None


def test_a_visited_room_stays_visited_when_an_old_page_skips_it(live, stops, walker):
    walking.leave(stops[0], by=walker, now=minute(3))
    walking.skip(stops[0], by=walker, now=minute(4))
    assert stops[0].visited


def test_a_skipped_room_can_still_be_entered(live, stops, walker):
    walking.skip(stops[1], by=walker, now=minute(4))
    walking.arrive(stops[1], by=walker, now=minute(9))
    assert stops[1].visited
    assert stops[1].arrived_at == minute(9)


def test_skipping_a_room_can_be_undone(live, stops, walker):
    walking.skip(stops[1], by=walker, now=minute(4))
    walking.unskip(stops[1], by=walker, now=minute(5))
    assert room_states(live) == ["in", "ahead", "ahead"]


def test_rooms_can_be_entered_out_of_order(live, stops, walker):
    walking.leave(stops[0], by=walker, now=minute(4))
    walking.arrive(stops[2], by=walker, now=minute(5))
    assert room_states(live) == ["left", "ahead", "in"]


@pytest.mark.parametrize("days", [-1, 1])
def test_a_walk_cannot_start_on_another_day(stops, walker, days):
    with pytest.raises(walking.OtherDayError, match="Thursday 12 November"):
        walking.arrive(stops[0], by=walker, now=TEN_PAST_TEN + dt.timedelta(days=days))


@pytest.mark.parametrize("hour", [0, 7, 23])
def test_a_walk_can_start_at_any_hour_of_its_day(stops, walker, hour):
    walking.arrive(stops[0], by=walker, now=TEN_PAST_TEN.replace(hour=hour))
    assert stops[0].walk.is_live


def test_the_next_room_can_be_entered_hours_later(live, stops, walker):
    walking.arrive(stops[1], by=walker, now=TEN_PAST_TEN + dt.timedelta(hours=5))
    assert room_states(live) == ["left", "in", "ahead"]


@pytest.mark.parametrize("state", ["draft", "requested", "changes_asked", "cancelled"])
def test_a_walk_that_is_not_approved_cannot_start(walker, hosts, head, state):
    stop = a_walk(walker, hosts, state=state).stops.first()
    with pytest.raises(RuleError, match="This walk isn’t approved yet"):
        walking.arrive(stop, by=walker, now=TEN_PAST_TEN)


@pytest.mark.parametrize("rule", [walking.arrive, walking.leave, walking.skip, walking.unskip])
def test_only_the_walker_can_enter_leave_and_skip_rooms(stops, host, rule):
    with pytest.raises(NotAllowedError):
        rule(stops[0], by=host, now=TEN_PAST_TEN)


def test_only_the_walker_can_finish_the_walk(live, head):
    with pytest.raises(NotAllowedError):
        walking.finish(live, by=head, now=minute(20))


# --- A room on the way ------------------------------------------------------------------------
def room(school, code):
    return Room.objects.get(school=school, code=code)


@pytest.fixture
def short_walk(walker, hosts, head):
    """A walk to the first two rooms, the walker in the first."""
    walk = a_walk(walker, hosts[:2])
    walking.arrive(walk.stops.first(), by=walker, now=TEN_PAST_TEN)
    return Walk.objects.get(pk=walk.pk)


def test_a_class_next_door_can_be_added(short_walk, walker, third_host, school):
    added = walking.add_room(short_walk, room=room(school, "208"), by=walker, now=minute(9))
    assert (added.host, added.lesson_title, added.position, added.added_on_the_way) == (
        third_host,
        "7C English",
        3,
        True,
    )


def test_an_added_room_gets_the_class_that_runs_now_first_of_all_that_of_the_walks_period(short_walk, walker, school):
    """A double period from 8:15 to 9:50 overlaps with the first and the second period."""
    Period.objects.create(school=school, name="Double", position=9, starts_at=dt.time(8, 15), ends_at=dt.time(9, 50))
    for period, name in [(1, "First"), (2, "Second"), (9, "Double")]:
        a_lesson(a_person(school, name), "208", period=period)
    school.refresh_from_db()
    second, double = (row_of(school, Period, position=position) for position in (2, 9))
    added = []
    for of_walk, time in [(double, (8, 30)), (second, (9, 15)), (double, (9, 15))]:
        Walk.objects.update(period=of_walk)
        short_walk.stops.filter(room__code="208").delete()
        walk = Walk.objects.get()
        now = TEN_PAST_TEN.replace(hour=time[0], minute=time[1])
        found = {lesson.teacher.given_name for lesson in walking.lessons_now(walk, now=now)}
        added.append((found, walking.add_room(walk, room=room(school, "208"), by=walker, now=now).host.given_name))
    assert added == [
        ({"First", "Double"}, "Double"),
        ({"Second", "Double"}, "Second"),
        ({"Second", "Double"}, "Double"),
    ]


def test_adding_a_room_twice_makes_one_stop(short_walk, walker, school):
    first = walking.add_room(short_walk, room=room(school, "208"), by=walker, now=minute(9))
    again = walking.add_room(short_walk, room=room(school, "208"), by=walker, now=minute(9))
    assert (first, short_walk.stops.count()) == (again, 3)


def test_adding_a_skipped_room_brings_it_back(short_walk, walker, school):
    walking.skip(short_walk.stops.last(), by=walker, now=minute(4))
    walking.add_room(short_walk, room=room(school, "206"), by=walker, now=minute(9))
    assert room_states(short_walk) == ["in", "ahead"]


def test_a_room_without_a_class_is_not_added(short_walk, walker, school):
    with pytest.raises(RuleError, match="There is no class to visit in Room 210 right now"):
        walking.add_room(short_walk, room=room(school, "210"), by=walker, now=minute(9))


def test_a_closed_room_is_not_offered(short_walk, school):
    RoomClosure.objects.create(room=room(school, "208"), date=short_walk.date)
    assert walking.lessons_now(short_walk, now=minute(9)) == []


def test_only_rooms_with_a_colleagues_class_at_that_time_are_offered(short_walk, walker, school):
    at_nine = TEN_PAST_TEN.replace(hour=8, minute=30)  # period 1, in which only the walker teaches
    assert walking.lessons_now(short_walk, now=at_nine) == []


def test_between_two_lessons_the_rooms_of_the_walks_period_are_offered(short_walk, third_host):
    at_ten = TEN_PAST_TEN.replace(minute=0)
    assert [lesson.teacher for lesson in walking.lessons_now(short_walk, now=at_ten)] == [third_host]


@pytest.fixture
def far_class(school):
    """A lesson in another building, in the room with the lowest number."""
    hallway = a_hallway(school, building="Arts")
    Room.objects.create(school=school, hallway=hallway, code="101")
    return a_lesson(a_person(school, "Pia", "Holm", subject="Art"), "101")


def test_the_nearest_classes_are_offered_first(short_walk, third_host, far_class):
    all_codes = [lesson.room.code for lesson in walking.lessons_now(short_walk, now=minute(9))]
    nearest_codes = [lesson.room.code for lesson in walking.lessons_now(short_walk, now=minute(9), most=1)]
    assert (all_codes, nearest_codes) == (["208", "101"], ["208"])


@pytest.mark.parametrize(("words", "codes"), [("HOLM 101", ["101"]), ("garden", ["101"]), ("holm 208", [])])
def test_a_search_finds_classes_with_all_of_the_words(words, codes, short_walk, third_host, far_class):
    assert [lesson.room.code for lesson in walking.lessons_now(short_walk, now=minute(9), words=words)] == codes


def test_without_school_there_is_no_room_to_add(short_walk):
    saturday = TEN_PAST_TEN + dt.timedelta(days=2)
    assert walking.lessons_now(short_walk, now=saturday) == []


def test_no_more_than_eight_rooms_can_be_added(short_walk, walker, school, monkeypatch):
    monkeypatch.setattr(walking, "MAX_STOPS", 2)
    with pytest.raises(RuleError, match="A walk has at most eight rooms"):
        walking.add_room(short_walk, room=room(school, "208"), by=walker, now=minute(9))


def test_no_room_can_be_added_before_the_walk_starts(walk, walker, school):
    with pytest.raises(RuleError, match="This walk is not under way"):
        walking.add_room(walk, room=room(school, "208"), by=walker, now=TEN_PAST_TEN)


# --- The end ------------------------------------------------------------------------------------
def test_finishing_leaves_the_room_and_skips_the_rest(live, walker):
    walking.finish(live, by=walker, now=minute(24))
    assert (live.state, room_states(live)) == ("walked", ["left", "skipped", "skipped"])
    assert live.praise_due_at == minute(24) + dt.timedelta(hours=24)


def test_a_walk_without_a_visited_room_cannot_be_finished(live, stops, walker):
    walking.skip(stops[0], by=walker, now=minute(1))
    with pytest.raises(walking.NothingVisitedError, match="Step into at least one room first"):
        walking.finish(live, by=walker, now=minute(5))
    assert room_states(live) == ["skipped", "ahead", "ahead"]


@pytest.mark.parametrize("rule", [walking.arrive, walking.leave, walking.skip, walking.unskip])
def test_rooms_of_a_finished_walk_cannot_be_changed(live, walker, rule):
    walking.finish(live, by=walker, now=minute(24))
    stop = live.stops.last()
    with pytest.raises(RuleError):
        rule(stop, by=walker, now=minute(25))


def test_a_page_older_than_the_end_of_the_walk_enters_no_room(live, stops, walker):
    stale = Walk.objects.get(pk=live.pk).stops.select_related("walk").last()
    walking.arrive(stops[0], by=walker, now=minute(0))
    walking.finish(Walk.objects.get(pk=live.pk), by=walker, now=minute(20))
    with pytest.raises(RuleError, match="finished already"):
        walking.arrive(stale, by=walker, now=minute(20))
    assert room_states(live)[-1] == "skipped"
