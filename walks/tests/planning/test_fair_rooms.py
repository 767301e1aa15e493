"""Which rooms of a hallway are offered: neighbours, most often those with the fewest visits."""

import tracemalloc
from collections import Counter

import pytest

from school.models import Person, Room
from school.tests.factories import THURSDAY
from walks.availability.taught_lessons import TaughtLesson
from walks.planning.fair_rooms import GOOD_ROOMS, fair_rooms, take_turns, turn_of

HALLWAY = [TaughtLesson(Room(pk=n, code=str(n)), (Person(pk=n),), "") for n in range(1, 16)]


def proposed(*, visitors=None, visits=None, turn=0, lessons=HALLWAY):
    found = fair_rooms(lessons, visitors=visitors or {}, visits=visits or {}, turn=turn)
    return [taught.room.pk for taught in found]


def test_before_the_first_walk_each_colleague_is_offered_different_rooms():
    assert [proposed(turn=turn) for turn in range(3)] == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [11, 12, 13, 14, 15]]
    assert [proposed(turn=turn, lessons=HALLWAY[:7]) for turn in range(2)] == [[1, 2, 3, 4, 5], [3, 4, 5, 6, 7]]
    assert proposed(turn=3) == proposed(turn=0)


def test_neighbours_with_fewer_visits_are_offered_more_often():
    visits = dict.fromkeys(range(1, 6), 3) | dict.fromkeys(range(6, 11), 1)
    first_rooms = [proposed(visits=visits, turn=turn)[0] for turn in range(14)]
    assert Counter(first_rooms) == {11: 9, 6: 4, 1: 1}


def test_turns_among_many_options_need_little_memory():
    tracemalloc.start()
    chosen = [take_turns(range(200), range(200), turn) for turn in (0, 40_000, 200 * 201 * 401 // 6 - 1)]
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (chosen, most < 100_000) == ([0, 1, 199], True)


def test_a_room_with_a_visitor_is_left_out_while_there_are_enough_others():
    assert proposed(visitors={3: 1}) == [1, 2, 4, 5, 6]
    assert proposed(visitors={3: 1}, lessons=HALLWAY[:5]) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("rooms", [5, 6, 7, 11, 13, 15])
def test_over_a_semester_all_rooms_are_offered_about_equally_often(rooms):
    visits = Counter()
    for walker in range(120):
        found = proposed(visits=visits, turn=turn_of(Person(pk=walker), THURSDAY), lessons=HALLWAY[:rooms])
        assert found == list(range(found[0], found[0] + GOOD_ROOMS))
        visits.update(found)
    assert len(visits) == rooms
    assert min(visits.values()) >= 120 * GOOD_ROOMS / rooms / 2


def test_all_rooms_of_a_short_hallway_are_offered():
    assert (proposed(lessons=HALLWAY[:3]), proposed(lessons=[])) == ([1, 2, 3], [])
