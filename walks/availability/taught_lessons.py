"""What was read of the timetable, and what takes place at one time: classes to visit, and who is busy."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from school.calendar import Calendar, local_date
from school.models import Building, Lesson, Period, Person, Room
from school.models.people import full_names
from school.places import room_order, rooms_of
from school.text.typed import comparable
from school.timetable import hours

from .occupancy import TimeRange

HALF_A_WALK = dt.timedelta(minutes=15)  # so much of an overlapping period makes its classes worth a visit
LONGEST_TITLE = 60  # of a stop
Slot = tuple[int, int, int]  # the ids of semester, day type and period


@dataclass(frozen=True)
class TaughtLesson:
    """A class to visit: its room, its teachers in order of name, and its title, such as "7A + 7B Maths"."""

    room: Room
    hosts: tuple[Person, ...]
    title: str

    @property
    def host(self) -> Person:
        """The first of the teachers."""
        return self.hosts[0]

    @property
    def host_names(self) -> str:
        """The full names of the teachers."""
        return full_names(self.hosts)

    @property
    def search_text(self) -> str:
        """The text that the planner's search looks through."""
        people = [words for host in self.hosts for words in (host.full_name, host.teaching)]
        return comparable(" ".join([*people, self.title, self.room.code]))


@dataclass(frozen=True)
class LessonsAtOneTime:
    """The classes to visit by room id, and what keeps teachers busy by their id."""

    in_rooms: dict[int, TaughtLesson]
    of_teachers: dict[int, Lesson]


class KnownLessons:
    """The lessons, duties and meetings that were read so far."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.rooms: dict[int, Room] = {}
        self.teachers: dict[int, Person] = {}
        self._lessons: dict[Slot, dict[int, Lesson]] = defaultdict(dict)  # by slot, then by id
        self._of_teachers: dict[int, dict[int, Lesson]] = defaultdict(dict)  # by id of the teacher, then by id
        self._at: dict[tuple[dt.date, int], LessonsAtOneTime] = {}  # by date and id of the period

    def read(self, lessons: QuerySet[Lesson]) -> None:
        """Add these lessons, except those of teachers who have left (two queries)."""
        rooms = rooms_of(self.calendar.school)
        teachers = Prefetch("teacher", Person.objects.select_related("grade"))
        for lesson in lessons.filter(teacher__is_active=True).order_by("pk").prefetch_related(teachers):
            if lesson.room_id is not None and lesson.room_id in rooms:
                lesson.room = rooms[lesson.room_id]
            self._lessons[lesson.semester_id, lesson.day_type_id, lesson.period_id][lesson.pk] = lesson
            self._of_teachers[lesson.teacher_id][lesson.pk] = lesson
            self.teachers[lesson.teacher_id] = lesson.teacher
            if lesson.room is not None:
                self.rooms[lesson.room.pk] = lesson.room
        self._at.clear()

    def at(self, date: dt.date, period: Period) -> LessonsAtOneTime:
        """Return what takes place while this period runs on the date.

        Whoever has a lesson, duty or meeting in an overlapping period is busy. A room has a class to visit if there is
        one in a visited period.
        """
        key = date, period.pk
        if key not in self._at:
            in_rooms: dict[int, TaughtLesson] = {}
            for one in self.visited_periods(date, period):
                in_rooms = _classes_by_room(self._lessons_in(date, one)) | in_rooms
            own, *others = self.calendar.overlapping(date, period)
            busy = [lesson for one in [*others, own] for lesson in self._lessons_in(date, one)]
            self._at[key] = LessonsAtOneTime(in_rooms, {lesson.teacher_id: lesson for lesson in busy})
        return self._at[key]

    def visited_periods(self, date: dt.date, period: Period) -> list[Period]:
        """Return this period and the overlapping ones that fill more than half of a walk."""
        own, *others = self.calendar.overlapping(date, period)
        return [own, *(other for other in others if self._fills_half_a_walk(date, period, other))]

    def busy_during(self, times: TimeRange) -> dict[int, Lesson]:
        """Return what keeps teachers busy at a part of these times, by their id; for each, the first lesson."""
        date = local_date(self.calendar.school, times[0])
        periods = reversed(self.calendar.periods_during(*times))
        return {lesson.teacher_id: lesson for period in periods for lesson in self._lessons_in(date, period)}

    def hours_of(self, person: Person, date: dt.date, *, teaches: bool | None = None) -> TimeRange | None:
        """Return from when to when the person is at school on the date, or None if they are away.

        `teaches`: whether they have any lesson in the semester, if not all of their lessons were read.
        """
        semester = self.calendar.semester_on(date)
        day_type = self.calendar.day_type(date)
        own = [lesson for lesson in self.of_teacher(person) if semester and lesson.semester_id == semester.pk]
        that_day = [
            lesson for lesson in own if day_type and lesson.day_type_id == day_type.pk and lesson.is_valid_on(date)
        ]
        teaches = bool(own) if teaches is None else teaches
        return hours.hours_at_school(person.pk, date, that_day, teaches=teaches, calendar=self.calendar)

    def times_of(self, person: Person, date: dt.date) -> list[tuple[dt.datetime, dt.datetime]]:
        """Return start and end of each of the person's lessons, duties and meetings on the date."""
        return [
            self.calendar.times(date, period)
            for period in self.calendar.periods_on(date)
            if any(lesson.teacher_id == person.pk for lesson in self._lessons_in(date, period))
        ]

    def of_teacher(self, person: Person) -> list[Lesson]:
        """Return the lessons, duties and meetings of the person that were read."""
        return list(self._of_teachers[person.pk].values())

    def buildings_of(self, person: Person) -> set[int]:
        """Return the ids of the buildings in which the person teaches, according to the lessons that were read."""
        return {building.pk for building in self._buildings_of(person)}

    def campuses_of(self, person: Person) -> set[int]:
        """Return the ids of the campuses on which the person teaches, according to the lessons that were read."""
        return {building.campus_id for building in self._buildings_of(person)}

    def _buildings_of(self, person: Person) -> set[Building]:
        rooms = (lesson.room for lesson in self.of_teacher(person))
        return {room.hallway.building for room in rooms if room is not None}

    def _lessons_in(self, date: dt.date, period: Period) -> list[Lesson]:
        semester = self.calendar.semester_on(date)
        day_type = self.calendar.day_type(date)
        if semester is None or day_type is None:
            return []
        lessons = self._lessons.get((semester.pk, day_type.pk, period.pk), {})
        return [lesson for lesson in lessons.values() if lesson.is_valid_on(date)]

    def _fills_half_a_walk(self, date: dt.date, period: Period, other: Period) -> bool:
        starts_at = self.calendar.times(date, period)[0]
        begins, ends = self.calendar.times(date, other)
        return min(ends, starts_at + 2 * HALF_A_WALK) - max(begins, starts_at) > HALF_A_WALK


def lesson_order(lesson: Lesson) -> tuple[object, ...]:
    """The sort key for lessons in rooms: in walking order, and each room's teachers by name."""
    return room_order(lesson.visited_room), lesson.period_id, teacher_order(lesson)


def teacher_order(lesson: Lesson) -> tuple[str, str]:
    """The sort key for the teachers of one room."""
    return lesson.teacher.family_name, lesson.teacher.given_name


def _classes_by_room(lessons: Iterable[Lesson]) -> dict[int, TaughtLesson]:
    by_room: dict[int, list[Lesson]] = defaultdict(list)
    classes = [lesson for lesson in lessons if lesson.can_be_visited]
    for lesson in sorted(classes, key=lambda lesson: lesson.visited_room.code_order):
        by_room[lesson.visited_room.pk].append(lesson)
    return {room: _taught_together(of_room) for room, of_room in by_room.items()}


def _taught_together(lessons: list[Lesson]) -> TaughtLesson:
    ordered = sorted(lessons, key=teacher_order)
    hosts = tuple(dict.fromkeys(lesson.teacher for lesson in ordered))
    return TaughtLesson(ordered[0].visited_room, hosts, joined_title(lesson.title for lesson in ordered))


def joined_title(titles: Iterable[str]) -> str:
    """Return one title for classes that are taught together: "7A Maths" and "7B Maths" become "7A + 7B Maths"."""
    different = sorted(set(titles))
    words = [title.split() for title in different]
    if len(words) > 1 and len({title[-1] for title in words}) == 1 and all(len(title) > 1 for title in words):
        different = [*(" ".join(title[:-1]) for title in words[:-1]), different[-1]]
    joined = " + ".join(different)
    return joined if len(joined) <= LONGEST_TITLE else different[0]
