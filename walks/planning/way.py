"""The way from room to room: how long it takes, and why a walk stays on one campus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from school.models import Room, School

from ..availability.taught_lessons import TaughtLesson

MINUTES_IN_HALLWAY = 1
MINUTES_IN_BUILDING = 2


def minutes_on_the_way(rooms: Iterable[Room], *, school: School) -> int:
    """Return the minutes from the first room to the last, without those in the rooms."""
    return sum(_minutes_between(room, next_room, school) for room, next_room in pairwise(rooms))


def _minutes_between(room: Room, next_room: Room, school: School) -> int:
    if room.hallway_id == next_room.hallway_id:
        return MINUTES_IN_HALLWAY
    if room.hallway.building_id == next_room.hallway.building_id:
        return MINUTES_IN_BUILDING
    return school.minutes_between_buildings


def campus_of(room: Room) -> int:
    """Return the id of the room's campus."""
    return room.hallway.building.campus_id


def on_other_campus(rooms: Sequence[Room]) -> list[Room]:
    """Return the rooms that are not on the campus of most of these rooms; of the first one, if two have as many."""
    counts = Counter(campus_of(room) for room in rooms)
    main = counts.most_common(1)[0][0] if counts else None
    return [room for room in rooms if campus_of(room) != main]


def on_one_campus(lessons: Sequence[TaughtLesson], own: Collection[int]) -> list[TaughtLesson]:
    """Return the lessons on one campus: one of the walker's own, if it has lessons, and there the one with the most."""
    counts = Counter(campus_of(taught.room) for taught in lessons)
    best = max(counts, key=lambda campus: (campus in own, counts[campus], -campus), default=None)
    return [taught for taught in lessons if campus_of(taught.room) == best]
