"""Checkboxes of a form for the rooms with a class at one time, grouped by hallway."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from school.models import Hallway, Lesson
from school.text.typed import whole_numbers

SHOWN_AT_ONCE = 12  # with more classes, only hallways with a ticked room are unfolded


@dataclass(frozen=True)
class HallwayRooms:
    """The lessons of one hallway. If the walk's time overlaps two periods, the title names the period too."""

    title: str
    lessons: list[Lesson]
    is_unfolded: bool


def by_hallway(lessons: Iterable[Lesson], *, unfolded_hallway: Hallway | None) -> list[HallwayRooms]:
    """Group lessons, which must be in the order of hallways. Unfold one hallway, or all of them if it is None."""
    groups = groupby(lessons, key=lambda lesson: lesson.visited_room.hallway)
    return [
        HallwayRooms(hallway.full_name, list(of_hallway), is_unfolded=unfolded_hallway in (None, hallway))
        for hallway, of_hallway in groups
    ]


class RoomChoices:
    """The lessons that may be ticked, and those that are."""

    def __init__(self, lessons: Iterable[Lesson], ticked: Iterable[str], *, without: Collection[int] = ()) -> None:
        """`ticked` are ids of lessons, as the browser sent them. `without` are ids of rooms to leave out."""
        self.lessons = [lesson for lesson in lessons if lesson.room_id not in without]
        ticked_ids = set(whole_numbers(ticked))
        self.chosen = [lesson for lesson in self.lessons if lesson.pk in ticked_ids]
        self.is_one_missing = len(ticked_ids) > len(self.chosen)  # a ticked lesson does not take place at this time

    @property
    def groups(self) -> list[HallwayRooms]:
        """The lessons by period and hallway."""
        by_hallway = groupby(self.lessons, key=lambda lesson: (lesson.period_id, lesson.visited_room.hallway_id))
        return [self._group(list(lessons)) for _key, lessons in by_hallway]

    def _group(self, lessons: Sequence[Lesson]) -> HallwayRooms:
        first = lessons[0]
        title = first.visited_room.hallway.full_name
        if len({lesson.period_id for lesson in self.lessons}) > 1:
            title = f"{first.period}, {title}"
        is_unfolded = len(self.lessons) <= SHOWN_AT_ONCE or any(lesson in self.chosen for lesson in lessons)
        return HallwayRooms(title, list(lessons), is_unfolded)
