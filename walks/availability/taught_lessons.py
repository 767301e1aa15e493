"""The timetable as it is read: one joined query, in which every room and every person is built once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, models

from school.models import Building, Grade, Hallway, Lesson, Person, Room, Semester, Team
from school.text.typed import plain

Slot = tuple[int, int, int]  # semester, day type, period: their ids

COLUMNS = (
    "semester_id",
    "day_type_id",
    "period_id",
    "title",
    "room_id",
    "room__code",
    "room__school_id",
    "room__hallway_id",
    "room__hallway__name",
    "room__hallway__building_id",
    "room__hallway__building__name",
    "teacher_id",
    "teacher__given_name",
    "teacher__family_name",
    "teacher__subject",
    "teacher__grade_id",
    "teacher__grade__name",
    "teacher__grade__position",
    "teacher__teams",
)
# With one table more, PostgreSQL would no longer look for the best order of joining them (its join_collapse_limit is 8)
# and would read a whole semester for a few rooms: that is why the names of teams are fetched by themselves.
SHOWN = ["id", "school_id", "given_name", "family_name", "subject", "grade_id"]  # in the order of the model


@dataclass(frozen=True)
class TaughtLesson:
    """A class that runs in a period: who teaches it, where, and what."""

    room: Room
    host: Person
    title: str

    @property
    def searched(self) -> str:
        """What the planner's search for a name looks at."""
        return plain(" ".join([self.host.full_name, self.host.teaching, self.title, self.room.code]))


class LessonRow(NamedTuple):
    """One line of the timetable, as it comes from the database."""

    semester: int
    day_type: int
    period: int
    title: str
    room: int
    code: str
    school: int
    hallway: int
    hallway_name: str
    building: int
    building_name: str
    teacher: int
    given_name: str
    family_name: str
    subject: str
    grade: int | None
    grade_name: str
    grade_position: int
    team: int | None


def lessons_matching(*parts: models.Q, semesters: Iterable[Semester]) -> models.QuerySet[Lesson]:
    """Lines of the timetable that fit one of these: each is looked up by itself, so that each has its index."""
    then = models.Q(semester__in=[semester.pk for semester in semesters])
    found = [Lesson.objects.filter(then, part).order_by().values("pk") for part in parts]
    lessons: models.QuerySet[Lesson] = Lesson.objects.filter(pk__in=found[0].union(*found[1:]))
    return lessons


@dataclass
class TaughtLessons:
    """The classes that were read so far: by slot, then by room."""

    slots: dict[Slot, dict[int, TaughtLesson]] = field(default_factory=dict)
    rooms: dict[int, Room] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    teams_of: dict[int, set[int]] = field(default_factory=dict)  # by person
    hallways: dict[int, Hallway] = field(default_factory=dict)

    def read(self, lessons: models.QuerySet[Any]) -> None:
        """Add classes of people who are still here, with the teams of these people (one query)."""
        for values in lessons.filter(teacher__is_active=True).order_by("room__code").values_list(*COLUMNS):
            line = LessonRow(*values)
            slot = self.slots.setdefault((line.semester, line.day_type, line.period), {})
            if line.room not in slot:
                slot[line.room] = TaughtLesson(self._room(line), self._person(line), line.title)
            if line.team is not None:
                self.teams_of.setdefault(line.teacher, set()).add(line.team)

    def taught_by(self, person: Person) -> list[TaughtLesson]:
        """The classes of one person that were read."""
        return [taught for slot in self.slots.values() for taught in slot.values() if taught.host.pk == person.pk]

    def team_names(self) -> dict[int, str]:
        """The teams of the people read so far, by id (one query, none when there are no teams)."""
        known = {pk for teams in self.teams_of.values() for pk in teams}
        return dict(Team.objects.filter(pk__in=known).values_list("pk", "name"))

    def _room(self, line: LessonRow) -> Room:
        if line.room not in self.rooms:
            hallway = self._hallway(line)
            self.rooms[line.room] = Room(pk=line.room, code=line.code, school_id=line.school, hallway=hallway)
        return self.rooms[line.room]

    def _hallway(self, line: LessonRow) -> Hallway:
        if line.hallway not in self.hallways:
            building = Building(pk=line.building, name=line.building_name, school_id=line.school)
            self.hallways[line.hallway] = Hallway(pk=line.hallway, name=line.hallway_name, building=building)
        return self.hallways[line.hallway]

    def _person(self, line: LessonRow) -> Person:
        """The teacher as far as a class shows them; anything else is fetched when it is asked for."""
        if line.teacher not in self.people:
            values = [line.teacher, line.school, line.given_name, line.family_name, line.subject, line.grade]
            person = Person.from_db(DEFAULT_DB_ALIAS, SHOWN, values)
            if line.grade is not None:
                person.grade = Grade(
                    pk=line.grade, name=line.grade_name, position=line.grade_position, school_id=line.school
                )
            self.people[line.teacher] = person
        return self.people[line.teacher]


def room_order(room: Room) -> tuple[str, str, str]:
    """The order in which one comes past the rooms: building, hallway, number."""
    return room.hallway.building.name, room.hallway.name, room.code
