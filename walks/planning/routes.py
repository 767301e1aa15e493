"""Ready-made routes along a hallway, through a building, or to a team or grade; and which of them a page shows."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, prefetch_related_objects

from school.models import Grade, Hallway, Period, Person, Room, School, Team
from school.places import hallways_of, room_order, rooms_of

from ..availability.availability import Availability
from ..availability.taught_lessons import TaughtLesson
from ..models import Walk
from .fair_rooms import fair_rooms, turn_of
from .way import campus_of, on_one_campus

MOST_ROUTES = 60  # a school with more routes shows only the first ones; walkers find the others by name
FIRST_ROUTES = 12


@dataclass(frozen=True)
class Route(ABC):
    """A ready-made route: its name, its rooms and its lessons."""

    pk: int
    name: str
    near: bool = True  # shown at once; the other routes are under "More routes"
    repeats: bool = False  # a grade whose people are exactly those of a team; the page shows only the team
    kind: ClassVar[str]

    @property
    def key(self) -> str:
        """The route's name in buttons and addresses, for example "hallway-3"."""
        return f"{self.kind}-{self.pk}"

    @abstractmethod
    def lessons(self) -> Q:
        """Return the filter for the route's lessons."""

    @abstractmethod
    def has(self, room: Room, hosts: Collection[Person]) -> bool:
        """Whether the room is on the route while `hosts` teach there. Without hosts, a route to people has no room."""

    def rooms(self, school: School) -> list[Room]:
        """Return the rooms of the route, with or without a lesson; no rooms for a route to people."""
        return [room for room in rooms_of(school).values() if self.has(room, ())]

    def lessons_in(self, availability: Availability, date: dt.date, period: Period) -> list[TaughtLesson]:
        """Return the route's lessons in that period, in walking order."""
        availability.read_period(date, period, self.lessons(), self.key)
        found = [
            taught for taught in availability.lessons_in(date, period).values() if self.has(taught.room, taught.hosts)
        ]
        return sorted(found, key=lambda taught: room_order(taught.room))

    def on_one_campus(self, lessons: Sequence[TaughtLesson], own_campuses: Collection[int]) -> Sequence[TaughtLesson]:
        """Return those of the route's lessons that one walk can visit."""
        return lessons

    def best_rooms(
        self,
        availability: Availability,
        date: dt.date,
        period: Period,
        *,
        visitor: Person,
        excluding: Walk | None = None,
    ) -> Sequence[TaughtLesson]:
        """Return up to five open rooms in walking order, as `fair_rooms` chooses them."""
        lessons = self.lessons_in(availability, date, period)
        open_rooms = availability.open_rooms(date, period, visitor=visitor, excluding=excluding)
        open_lessons = [taught for taught in lessons if taught.room.pk in open_rooms]
        return fair_rooms(
            self.on_one_campus(open_lessons, availability.known_lessons.campuses_of(visitor)),
            visitors=availability.visitor_counts(availability.longest_walk_times(date, period), excluding=excluding),
            visits=availability.visits_in_semester(date),
            turn=turn_of(visitor, date, period),
        )


@dataclass(frozen=True)
class PlaceRoute(Route):
    """A route through a place. `campus_name` is empty if the school has one campus."""

    campus: int = 0
    campus_name: str = ""


@dataclass(frozen=True)
class HallwayRoute(PlaceRoute):
    """Along one hallway."""

    kind = "hallway"
    building: int = 0

    def lessons(self) -> Q:
        return Q(room__hallway=self.pk)

    def has(self, room: Room, hosts: Collection[Person]) -> bool:
        return room.hallway_id == self.pk


@dataclass(frozen=True)
class BuildingRoute(PlaceRoute):
    """Through one building with more than one hallway."""

    kind = "building"

    def lessons(self) -> Q:
        return Q(room__hallway__building=self.pk)

    def has(self, room: Room, hosts: Collection[Person]) -> bool:
        return room.hallway.building_id == self.pk


@dataclass(frozen=True)
class PeopleRoute(Route):
    """A route to the rooms of some people. They may teach on several campuses."""

    def on_one_campus(self, lessons: Sequence[TaughtLesson], own_campuses: Collection[int]) -> Sequence[TaughtLesson]:
        return on_one_campus(lessons, own_campuses)


@dataclass(frozen=True)
class TeamRoute(PeopleRoute):
    """To the people of one team. The members are read from the database unless `known_members` is given."""

    kind = "team"
    known_members: frozenset[int] | None = None

    @cached_property
    def members(self) -> frozenset[int]:
        if self.known_members is not None:
            return self.known_members
        return frozenset(Person.objects.filter(teams=self.pk).values_list("pk", flat=True))

    def lessons(self) -> Q:
        return Q(teacher__teams=self.pk)

    def has(self, room: Room, hosts: Collection[Person]) -> bool:
        return any(host.pk in self.members for host in hosts)


@dataclass(frozen=True)
class GradeRoute(PeopleRoute):
    """To the people of one grade."""

    kind = "grade"

    def lessons(self) -> Q:
        return Q(teacher__grade=self.pk)

    def has(self, room: Room, hosts: Collection[Person]) -> bool:
        return any(host.grade_id == self.pk for host in hosts)


# --- The routes of a school -----------------------------------------------------------------------
def routes_of_school(school: School, walker: Person) -> list[Route]:
    """Return all routes of the school: hallways with rooms, buildings, teams and grades with people (two queries)."""
    hallways = hallways_of(school)
    members = Team.members.through.objects.filter(team=OuterRef("pk"))
    is_active = Q(members__is_active=True)
    teams = Team.objects.filter(Exists(members), school=school).annotate(
        own=Exists(members.filter(person=walker)),
        size=Count("members", filter=is_active),
        in_grades=Count("members__grade", filter=is_active),
        lowest=Min("members__grade", filter=is_active),
        highest=Max("members__grade", filter=is_active),
    )
    grades = Grade.objects.filter(school=school).annotate(size=Count("people", filter=Q(people__is_active=True)))
    team_routes = [TeamRoute(team.pk, team.name, near=team.own) for team in teams]
    # Teams whose members are all in one grade, as pairs of that grade and the team's size.
    teams_in_one_grade = {
        (team.lowest, team.size) for team in teams if team.lowest == team.highest and team.in_grades == team.size
    }
    with_people = [grade for grade in grades if grade.size]
    repeated = {grade.pk for grade in with_people if (grade.pk, grade.size) in teams_in_one_grade}
    listed = in_page_order(hallways, team_routes, with_people, walker, repeated=repeated)
    campuses = {hallway.building.campus_id: hallway.building.campus.name for hallway in hallways}
    if len(campuses) == 1:
        return listed
    return [
        replace(route, campus_name=campuses[route.campus]) if isinstance(route, PlaceRoute) else route
        for route in listed
    ]


def known_routes(availability: Availability, walker: Person) -> list[Route]:
    """Return the routes past the lessons that were read, and to the people who teach them (one query, for teams).

    Hallways of campuses on which the walker does not teach are left out.
    """
    lessons = availability.known_lessons
    people = list(lessons.teachers.values())
    prefetch_related_objects(people, "teams")
    members: dict[Team, set[int]] = defaultdict(set)
    for person in people:
        for team in person.teams.all():
            members[team].add(person.pk)
    teams = [
        TeamRoute(team.pk, team.name, near=walker.pk in known, known_members=frozenset(known))
        for team, known in members.items()
    ]
    grades = {person.grade for person in people if person.grade}
    own = lessons.campuses_of(walker)
    known_hallways = {room.hallway_id for room in lessons.rooms.values() if not own or campus_of(room) in own}
    hallways = [hallway for hallway in hallways_of(walker.school) if hallway.pk in known_hallways]
    return in_page_order(hallways, teams, grades, walker)


def in_page_order(
    hallways: Sequence[Hallway],
    teams: Iterable[Route],
    grades: Iterable[Grade],
    walker: Person,
    *,
    repeated: Collection[int] = (),
) -> list[Route]:
    """Return the routes in the order of the page: hallways, the walker's teams and grade, buildings, other groups.

    `hallways` are in walking order. `repeated` are the ids of grades whose people are those of a team.
    """
    groups = [*sorted(teams, key=lambda team: team.name), *_grades(grades, walker, repeated)]
    near = [route for route in groups if route.near]
    return [*_hallways(hallways), *near, *_buildings(hallways), *(route for route in groups if not route.near)]


def _hallways(hallways: Sequence[Hallway]) -> Iterator[Route]:
    """Yield the hallways. The rooms of a building without a hallway are found on the route of the building."""
    in_building = Counter(hallway.building_id for hallway in hallways)
    listed = [hallway for hallway in hallways if hallway.name or in_building[hallway.building_id] == 1]
    names = Counter(hallway.title for hallway in listed)
    for hallway in listed:
        building = hallway.building
        name = hallway.title if names[hallway.title] == 1 else f"{hallway.title}, {building.name}"
        yield HallwayRoute(hallway.pk, name, campus=building.campus_id, building=building.pk)


def _buildings(hallways: Sequence[Hallway]) -> Iterator[Route]:
    """Yield the buildings with more than one hallway; with one hallway, its route is the same."""
    counts = Counter(hallway.building_id for hallway in hallways)
    for building in dict.fromkeys(hallway.building for hallway in hallways):
        if counts[building.pk] > 1:
            yield BuildingRoute(building.pk, building.name, campus=building.campus_id)


def _grades(grades: Iterable[Grade], walker: Person, repeated: Collection[int]) -> Iterator[Route]:
    for grade in sorted(grades, key=lambda grade: (grade.position, grade.name)):
        yield GradeRoute(grade.pk, grade.name, near=grade.pk == walker.grade_id, repeats=grade.pk in repeated)


@dataclass(frozen=True)
class LessonsByRoute:
    """Sorts lessons by route. It remembers the routes of each room and its hosts, because they recur every day."""

    routes: Sequence[Route]
    _keys: dict[tuple[Room, tuple[Person, ...]], list[str]] = field(default_factory=dict)

    def sort(self, lessons: Iterable[TaughtLesson]) -> dict[str, list[TaughtLesson]]:
        """Return these lessons by the keys of their routes, each list in the given order."""
        found: dict[str, list[TaughtLesson]] = defaultdict(list)
        for taught in lessons:
            for key in self._keys_of(taught):
                found[key].append(taught)
        return found

    def _keys_of(self, taught: TaughtLesson) -> list[str]:
        place = taught.room, taught.hosts
        if place not in self._keys:
            self._keys[place] = [route.key for route in self.routes if route.has(taught.room, taught.hosts)]
        return self._keys[place]


# --- The routes on the planning page --------------------------------------------------------------
@dataclass(frozen=True)
class ShownRoutes:
    """The routes that the page shows at once, and those under "More routes".

    `are_too_many`: the page cannot list all routes, so walkers find the others by name.
    """

    at_once: list[Route]
    more: list[Route]
    are_too_many: bool = False
    found_by_name: Sequence[Route] = ()


def shown_routes(
    listed: Sequence[Route], availability: Availability, walker: Person, *, shown: str, q: str
) -> ShownRoutes:
    """Return the near routes to show at once, and the others for "More routes".

    In a school with too many routes, the near hallways are those of the buildings in which the walker teaches, and the
    text `q` finds other routes by name. Routes on a campus where the walker does not teach are not near.
    """
    own = availability.known_lessons.campuses_of(walker)
    listed = [_seen_from(own, route) for route in listed if not route.repeats or route.key == shown]
    at_once = [route for route in listed if route.near or route.key == shown]
    more = [route for route in listed if not route.near and route.key != shown]
    if len(listed) <= MOST_ROUTES:
        return ShownRoutes(at_once, more)
    own_buildings = availability.known_lessons.buildings_of(walker)
    near = [route for route in at_once if not isinstance(route, HallwayRoute) or route.building in own_buildings]
    first = [route for route in at_once if route.key == shown] + (near or at_once)[:FIRST_ROUTES]
    found_by_name = [route for route in listed if q and q.casefold() in route.name.casefold()][:FIRST_ROUTES]
    return ShownRoutes(
        list(dict.fromkeys([*first, *found_by_name])), [], are_too_many=True, found_by_name=found_by_name
    )


def _seen_from(own: Collection[int], route: Route) -> Route:
    """Return the route as it is shown to a walker of these campuses: a route elsewhere is not near, and says where."""
    if not isinstance(route, PlaceRoute) or not route.campus_name or route.campus in own:
        return route
    return replace(route, name=f"{route.name}, {route.campus_name}", near=not own)
