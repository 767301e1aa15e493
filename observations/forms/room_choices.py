"""Checkboxes of a form for the rooms with a class at one time, grouped by hallway."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from school.models import Hallway, Lesson, Room
from school.models.people import full_names
from school.text.typed import whole_numbers
from walks.availability.taught_lessons import joined_title

SHOWN_AT_ONCE = 12  # with more classes, only hallways with a ticked room are unfolded


@dataclass(frozen=True)
class RoomChoice:
    """A room with a class at one time: the lessons of all who teach there then."""

    lessons: list[Lesson]
    is_ticked: bool = False

    @property
    def value(self) -> int:
        """The id of the first lesson, which the browser sends."""
        return self.lessons[0].pk

    @property
    def room(self) -> Room:
        return self.lessons[0].visited_room

    @property
    def host_names(self) -> str:
        """The full names of all who teach there."""
        return full_names(lesson.teacher for lesson in self.lessons)

    @property
    def title(self) -> str:
        """The title of the class or, without one, what its teacher teaches."""
        return joined_title([lesson.title for lesson in self.lessons]) or self.lessons[0].teacher.teaching


@dataclass(frozen=True)
class HallwayRooms:
    """The rooms of one hallway. If the walk's time overlaps two periods, the title names the period too."""

    title: str
    rooms: list[RoomChoice]
    is_unfolded: bool


def by_hallway(lessons: Iterable[Lesson], *, unfolded_hallway: Hallway | None) -> list[HallwayRooms]:
    """Group lessons, which must be in the order of hallways. Unfold one hallway, or all of them if it is None."""
    groups = groupby(lessons, key=lambda lesson: lesson.visited_room.hallway)
    return [
        HallwayRooms(hallway.full_name, _by_room(of_hallway), is_unfolded=unfolded_hallway in (None, hallway))
        for hallway, of_hallway in groups
    ]


def _by_room(lessons: Iterable[Lesson], *, ticked: Collection[Lesson] = ()) -> list[RoomChoice]:
    """Group lessons, which must be in the order of rooms."""
    groups = [list(group) for _place, group in groupby(lessons, key=_place)]
    return [RoomChoice(group, is_ticked=group[0] in ticked) for group in groups]


def _place(lesson: Lesson) -> tuple[int, int | None]:
    return lesson.period_id, lesson.room_id


class RoomChoices:
    """The rooms that may be ticked, and those that are. `chosen` has a lesson for each teacher of a ticked room."""

    def __init__(self, lessons: Iterable[Lesson], ticked: Iterable[str], *, without: Collection[int] = ()) -> None:
        """`ticked` are ids of lessons, as the browser sent them. `without` are ids of rooms to leave out."""
        self.lessons = [lesson for lesson in lessons if lesson.room_id not in without]
        ticked_ids = set(whole_numbers(ticked))
        found = [lesson for lesson in self.lessons if lesson.pk in ticked_ids]
        places = {_place(lesson) for lesson in found}
        self.chosen = [lesson for lesson in self.lessons if _place(lesson) in places]
        self.is_one_missing = len(ticked_ids) > len(found)  # a ticked lesson does not take place at this time

    @property
    def groups(self) -> list[HallwayRooms]:
        """The rooms by period and hallway."""
        by_hallway = groupby(self.lessons, key=lambda lesson: (lesson.period_id, lesson.visited_room.hallway_id))
        return [self._group(list(lessons)) for _key, lessons in by_hallway]

    def _group(self, lessons: Sequence[Lesson]) -> HallwayRooms:
        first = lessons[0]
        title = first.visited_room.hallway.full_name
        if len({lesson.period_id for lesson in self.lessons}) > 1:
            title = f"{first.period}, {title}"
        is_unfolded = len(self.lessons) <= SHOWN_AT_ONCE or any(lesson in self.chosen for lesson in lessons)
        return HallwayRooms(title, _by_room(lessons, ticked=self.chosen), is_unfolded)
