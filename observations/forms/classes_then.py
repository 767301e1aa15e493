"""The classes of a time that a form asks for, by hallway, and which of them are ticked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from school.models import Lesson
from school.text.typed import whole_numbers

SHOWN_AT_ONCE = 12  # with more classes, only hallways with a ticked room are open


@dataclass(frozen=True)
class HallwayClasses:
    """The classes of one hallway; with two periods in view, also named after the period."""

    title: str
    lessons: list[Lesson]
    is_open: bool


class ClassesThen:
    """Which classes ran then, and which of them were ticked."""

    def __init__(self, classes: Iterable[Lesson], ticked: Iterable[str], *, but: Collection[int] = ()) -> None:
        """`but`: rooms, by id, that are listed elsewhere."""
        self.classes = [lesson for lesson in classes if lesson.room_id not in but]
        wanted = set(whole_numbers(ticked))
        self.chosen = [lesson for lesson in self.classes if lesson.pk in wanted]
        self.is_one_missing = len(wanted) > len(self.chosen)  # one that was ticked does not run at this time

    @property
    def groups(self) -> list[HallwayClasses]:
        """The classes in the order of the rooms."""
        by_hallway = groupby(self.classes, key=lambda lesson: (lesson.period_id, lesson.room.hallway_id))
        return [self._group(list(lessons)) for _key, lessons in by_hallway]

    def _group(self, lessons: Sequence[Lesson]) -> HallwayClasses:
        first = lessons[0]
        title = first.room.hallway.full_name
        if len({lesson.period_id for lesson in self.classes}) > 1:
            title = f"{first.period}, {title}"
        is_open = len(self.classes) <= SHOWN_AT_ONCE or any(lesson in self.chosen for lesson in lessons)
        return HallwayClasses(title, list(lessons), is_open)
