"""What the planner knows of the whole school, read at once: where its routes lead, and when anybody teaches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Value

from school.models import Building, Grade, Hallway, Person, Room, Team

from ..availability.availability import Availability, taught_slots
from ..availability.taught_lessons import Slot
from .routes import Route, arranged, fetched_members, team_route


@dataclass(frozen=True)
class Frame:
    """What the planner knows of the whole school: its hallways, teams and grades, and when anybody teaches."""

    hallways: list[Hallway] = field(default_factory=list)
    teams: list[Route] = field(default_factory=list)
    grades: list[Grade] = field(default_factory=list)
    taught: set[Slot] = field(default_factory=set)

    def routes(self, walker: Person) -> list[Route]:
        """All ready-made routes: hallways, the walker's own teams and grade, then the others."""
        return arranged(self.hallways, self.teams, self.grades, walker)


def frame_of(availability: Availability, walker: Person) -> Frame:
    """Read all of it (one query)."""
    frame, school = Frame(), availability.school
    for kind, pk, name, number, own, building, bell in _frame_rows(availability, walker):
        if kind == "hallway":
            place = Building(pk=number, name=building, school=school)
            frame.hallways.append(Hallway(pk=pk, name=name, building=place))
        elif kind == "team":
            frame.teams.append(team_route(pk, name, fetched_members(pk), near=own))
        elif kind == "grade":
            frame.grades.append(Grade(pk=pk, name=name, position=number, school=school))
        else:
            frame.taught.add((pk, number, bell))
    return frame


def _frame_rows(availability: Availability, walker: Person) -> QuerySet[Any, tuple[Any, ...]]:
    """Hallways with rooms, teams and grades with anybody in them, and the taught periods, in one query.

    Of each: kind, id, name, position (of a hallway its building's id, of a period its day's), whether it is the
    walker's own, the building, the period.
    """
    school, none, nothing, no = availability.school, Value(0), Value(""), Value(False)
    rooms = Room.objects.filter(hallway=OuterRef("pk"))
    hallways = Hallway.objects.filter(Exists(rooms), building__school=school).values_list(
        Value("hallway"), "pk", "name", "building_id", no, "building__name", none
    )
    anybody = Person.objects.active().filter(grade=OuterRef("pk"))
    grades = Grade.objects.filter(Exists(anybody), school=school).values_list(
        Value("grade"), "pk", "name", "position", no, nothing, none
    )
    members = Team.members.through.objects.filter(team=OuterRef("pk"))
    teams = Team.objects.filter(Exists(members), school=school).values_list(
        Value("team"), "pk", "name", none, Exists(members.filter(person=walker)), nothing, none
    )
    slots = taught_slots(availability.near_semesters).values_list(
        Value("slot"), "pk", nothing, "day", no, nothing, "bell"
    )
    return hallways.order_by().union(grades.order_by(), teams.order_by(), slots, all=True)
