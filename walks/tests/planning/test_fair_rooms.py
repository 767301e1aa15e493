"""Which rooms are proposed: neighbours, the least visited first, so that every room has its turn."""

from collections import Counter

import pytest

from school.models import Person, Room
from walks.availability.taught_lessons import TaughtLesson
from walks.planning.fair_rooms import GOOD_ROOMS, fair_rooms

HALLWAY = [TaughtLesson(Room(pk=n, code=str(n)), Person(pk=n), "") for n in range(1, 16)]


def proposed(*, visitors=None, visits=None, turn=0, lessons=HALLWAY):
    found = fair_rooms(lessons, visitors=visitors or {}, visits=visits or {}, turn=turn)
    return [taught.room.pk for taught in found]


def test_before_the_first_walk_colleagues_are_sent_to_different_ends():
    assert [proposed(turn=turn) for turn in range(3)] == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [11, 12, 13, 14, 15]]
    assert proposed(turn=3) == proposed(turn=0)


def test_the_least_visited_neighbours_come_first():
    assert proposed(visits=dict.fromkeys(range(1, 11), 2)) == [11, 12, 13, 14, 15]
    assert proposed(visits={3: 1, 9: 1, 15: 1}, turn=6) == [4, 5, 6, 7, 8]


def test_a_room_with_a_visitor_at_that_time_is_passed_by_while_others_are_left():
    assert proposed(visitors={3: 1}) == [1, 2, 4, 5, 6]
    assert proposed(visitors={3: 1}, lessons=HALLWAY[:5]) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("rooms", [5, 6, 7, 11, 13, 15])
def test_over_a_semester_every_room_has_its_turn(rooms):
    visits = Counter()
    for walker in range(60):
        found = proposed(visits=visits, turn=walker * 7, lessons=HALLWAY[:rooms])
        assert found == list(range(found[0], found[0] + GOOD_ROOMS))
        visits.update(found)
    assert len(visits) == rooms
    assert min(visits.values()) >= 60 * GOOD_ROOMS / rooms / 2


def test_a_short_hallway_is_proposed_whole():
    assert (proposed(lessons=HALLWAY[:3]), proposed(lessons=[])) == ([1, 2, 3], [])
