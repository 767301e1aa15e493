"""Lessons of the timetable, read with their rooms and teachers in one joined query.

Each room and each teacher becomes one object, however many lessons they have.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, models

from school.models import Building, Grade, Hallway, Lesson, Person, Room, Semester, Team
from school.text.typed import comparable

Slot = tuple[int, int, int]  # the ids of semester, day type and period

COLUMNS = (
    "semester_id",
    "day_type_id",
    "period_id",
    "title",
    "room_id",
    "room__code",
    "room__plate",
    "room__position",
    "room__code_order",
    "room__school_id",
    "room__hallway_id",
    "room__hallway__name",
    "room__hallway__position",
    "room__hallway__building_id",
    "room__hallway__building__name",
    "room__hallway__building__position",
    "room__hallway__building__campus_id",
    "teacher_id",
    "teacher__given_name",
    "teacher__family_name",
    "teacher__subject",
    "teacher__grade_id",
    "teacher__grade__name",
    "teacher__grade__position",
    "teacher__teams",
)
# The names of teams are not among these columns: with one more table, PostgreSQL stops searching for the best order of
# joins (its join_collapse_limit is 8) and reads a whole semester for a few rooms. `team_names` fetches them.
TEACHER_FIELDS = ["id", "school_id", "given_name", "family_name", "subject", "grade_id"]  # in the order of the model


@dataclass(frozen=True)
class TaughtLesson:
    """A lesson in one period: its teacher, room and title."""

    room: Room
    host: Person
    title: str

    @property
    def search_text(self) -> str:
        """The text that the planner's search looks through."""
        return comparable(" ".join([self.host.full_name, self.host.teaching, self.title, self.room.code]))


class LessonRow(NamedTuple):
    """One row of the query; its fields follow COLUMNS. A teacher in several teams has a row for each team."""

    semester: int
    day_type: int
    period: int
    title: str
    room: int
    code: str
    plate: str
    position: int
    code_order: str
    school: int
    hallway: int
    hallway_name: str
    hallway_position: int
    building: int
    building_name: str
    building_position: int
    campus: int
    teacher: int
    given_name: str
    family_name: str
    subject: str
    grade: int | None
    grade_name: str
    grade_position: int
    team: int | None


def lessons_matching(*parts: models.Q, semesters: Iterable[Semester]) -> models.QuerySet[Lesson]:
    """Return the lessons of these semesters that match at least one of `parts`.

    Each part is its own subquery in a UNION, so that the database can use an index for each.
    """
    in_semesters = models.Q(semester__in=[semester.pk for semester in semesters])
    found = [Lesson.objects.filter(in_semesters, part).order_by().values("pk") for part in parts]
    lessons: models.QuerySet[Lesson] = Lesson.objects.filter(pk__in=found[0].union(*found[1:]))
    return lessons


@dataclass
class TaughtLessons:
    """The lessons that were read so far, by slot and then by room id."""

    slots: dict[Slot, dict[int, TaughtLesson]] = field(default_factory=dict)
    rooms: dict[int, Room] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    teams_of: dict[int, set[int]] = field(default_factory=dict)  # ids of teams, by id of the teacher
    hallways: dict[int, Hallway] = field(default_factory=dict)

    def read(self, lessons: models.QuerySet[Any]) -> None:
        """Add these lessons, except those of teachers who have left, and the teams of the teachers (one query)."""
        for values in lessons.filter(teacher__is_active=True).order_by("room__code").values_list(*COLUMNS):
            line = LessonRow(*values)
            slot = self.slots.setdefault((line.semester, line.day_type, line.period), {})
            if line.room not in slot:
                slot[line.room] = TaughtLesson(self._room(line), self._person(line), line.title)
            if line.team is not None:
                self.teams_of.setdefault(line.teacher, set()).add(line.team)

    def taught_by(self, person: Person) -> list[TaughtLesson]:
        """Return the person's lessons among those that were read."""
        lessons = (taught for slot in self.slots.values() for taught in slot.values())
        return [taught for taught in lessons if taught.host.pk == person.pk]

    def team_names(self) -> dict[int, str]:
        """Return the names of the teachers' teams, by team id (one query, or none without teams)."""
        known = {pk for teams in self.teams_of.values() for pk in teams}
        return dict(Team.objects.filter(pk__in=known).values_list("pk", "name"))

    def _room(self, line: LessonRow) -> Room:
        if line.room not in self.rooms:
            self.rooms[line.room] = Room(
                pk=line.room,
                school_id=line.school,
                hallway=self._hallway(line),
                code=line.code,
                plate=line.plate,
                position=line.position,
                code_order=line.code_order,
            )
        return self.rooms[line.room]

    def _hallway(self, line: LessonRow) -> Hallway:
        if line.hallway not in self.hallways:
            building = Building(
                pk=line.building,
                school_id=line.school,
                campus_id=line.campus,
                name=line.building_name,
                position=line.building_position,
            )
            self.hallways[line.hallway] = Hallway(
                pk=line.hallway, building=building, name=line.hallway_name, position=line.hallway_position
            )
        return self.hallways[line.hallway]

    def _person(self, line: LessonRow) -> Person:
        """Return the teacher with the fields that a lesson shows; Django fetches other fields when they are read."""
        if line.teacher not in self.people:
            values = [line.teacher, line.school, line.given_name, line.family_name, line.subject, line.grade]
            person = Person.from_db(DEFAULT_DB_ALIAS, TEACHER_FIELDS, values)
            if line.grade is not None:
                person.grade = Grade(
                    pk=line.grade, name=line.grade_name, position=line.grade_position, school_id=line.school
                )
            self.people[line.teacher] = person
        return self.people[line.teacher]


def hallway_order(hallway: Hallway) -> tuple[int, int, str, int, str]:
    """The sort key for hallways: those of a building, and the buildings of a campus, are next to each other."""
    building = hallway.building
    return building.campus_id, building.position, building.name, hallway.position, hallway.name


def room_order(room: Room) -> tuple[int | str, ...]:
    """The sort key for walking order: along each hallway by position, then by code ("2" before "10")."""
    return *hallway_order(room.hallway), room.position, room.code_order
