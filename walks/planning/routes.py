"""Ready-made routes (hallway, team, grade, building) and the small steps by which a route is changed."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.models import Grade, Hallway, Period, Person, Room
from school.text import whole_number

from ..availability.availability import Availability
from ..availability.taught_lessons import TaughtLesson, TaughtLessons, room_order
from ..models import Walk
from .plan import DEFAULT_STOP_MINUTES, PlannedStop, even_minutes, planned

MOST_ROUTES = 60  # of a school whose routes are all shown
FIRST_ROUTES = 12  # that a larger school shows at once
GOOD_ROOMS = 5  # what a ready-made route chooses; four to six are a good walk


@dataclass(frozen=True)
class Route:
    """A ready-made route: a name, and which classes belong to it."""

    key: str
    name: str
    has: Callable[[TaughtLesson], bool]
    near: bool = True  # shown at once; the others come after "More routes"
    building: int | None = None  # of a hallway

    def rooms(self, availability: Availability) -> list[Room]:
        """Of a hallway or building: its rooms, also those without a class, as far as the availability knows them."""
        return [room for room in availability.rooms.values() if self.key in _places_of(room)]

    def lessons_in(self, availability: Availability, date: dt.date, period: Period) -> list[TaughtLesson]:
        """Its classes of that period, in walking order."""
        availability.look(date, period, within(self.key), self.key)
        found = [taught for taught in availability.lessons_in(date, period).values() if self.has(taught)]
        return sorted(found, key=lambda taught: room_order(taught.room))

    def best_rooms(
        self, availability: Availability, date: dt.date, period: Period, *, to: Person, but: Walk | None = None
    ) -> list[TaughtLesson]:
        """Up to five open rooms, those with the fewest visitors first, in walking order."""
        lessons = self.lessons_in(availability, date, period)
        open_rooms = availability.open_rooms(date, period, to=to, but=but)
        going = availability.going(availability.span(date, period), but=but)
        return quiet_ones((taught for taught in lessons if taught.room.pk in open_rooms), going=going)


@dataclass(frozen=True)
class OfferedRoutes:
    """The routes that the planner shows: at once, and after "More routes"; `many`: the others are found by name."""

    at_once: list[Route]
    more: list[Route]
    many: bool = False
    wanted: Sequence[Route] = ()  # those with what was typed in their name


def quiet_ones(lessons: Iterable[TaughtLesson], *, going: Mapping[int, int]) -> list[TaughtLesson]:
    """Up to five of these classes, those with the fewest visitors, in the order given."""
    listed = list(lessons)
    quiet = {t.room.pk for t in sorted(listed, key=lambda taught: going.get(taught.room.pk, 0))[:GOOD_ROOMS]}
    return [taught for taught in listed if taught.room.pk in quiet]


def offered(
    listed: Sequence[Route], availability: Availability, walker: Person, *, shown: str, q: str
) -> OfferedRoutes:
    """The routes to press: the near ones at once, the others after "More routes".

    Where there are too many for that, the near ones are those of one's own buildings, and the others are found by name.
    """
    at_once = [route for route in listed if route.near or route.key == shown]
    more = [route for route in listed if not route.near and route.key != shown]
    if len(listed) <= MOST_ROUTES:
        return OfferedRoutes(at_once, more)
    own = {taught.room.hallway.building_id for taught in availability.known_lessons.taught_by(walker)}
    here = [route for route in at_once if route.building is None or route.building in own]
    first = [route for route in at_once if route.key == shown] + (here or at_once)[:FIRST_ROUTES]
    wanted = [route for route in listed if q and q.casefold() in route.name.casefold()][:FIRST_ROUTES]
    return OfferedRoutes(list(dict.fromkeys([*first, *wanted])), [], many=True, wanted=wanted)


def arranged(
    hallways: Iterable[Hallway], teams: Iterable[Route], grades: Iterable[Grade], walker: Person
) -> list[Route]:
    """Routes in the order in which they are offered: hallways, own teams and grade, buildings, the others."""
    listed = sorted(hallways, key=lambda hallway: (hallway.building.name, hallway.name))
    groups = [*sorted(teams, key=lambda team: team.name), *_grades(grades, walker)]
    near = [route for route in groups if route.near]
    return [*_hallways(listed), *near, *_buildings(listed), *(route for route in groups if not route.near)]


def known_routes(availability: Availability, walker: Person) -> list[Route]:
    """The routes along the classes that were read, and among the people who teach them (one query, for teams)."""
    lessons = availability.known_lessons
    own = lessons.teams_of.get(walker.pk, set())
    teams = [team_route(pk, name, _member_of(pk, lessons), near=pk in own) for pk, name in lessons.team_names().items()]
    grades = {person.grade for person in lessons.people.values() if person.grade}
    return arranged(lessons.hallways.values(), teams, grades, walker)


def by_route(chosen: Iterable[TaughtLesson], lessons: TaughtLessons) -> dict[str, list[TaughtLesson]]:
    """These classes by the keys of the routes that they belong to, in the order given."""
    found: dict[str, list[TaughtLesson]] = defaultdict(list)
    for taught in chosen:
        keys = (*_places_of(taught.room), f"grade-{taught.host.grade_id}")
        for key in (*keys, *(f"team-{pk}" for pk in lessons.teams_of.get(taught.host.pk, ()))):
            found[key].append(taught)
    return found


def within(key: str) -> Q:
    """Which lines of the timetable belong to the route of that key."""
    kind, _dash, pk = key.partition("-")
    path = {"hallway": "room__hallway", "building": "room__hallway__building", "team": "teacher__teams"}
    known = {**path, "grade": "teacher__grade"}.get(kind)
    return Q(**{known: pk}) if known and whole_number(pk) is not None else Q(pk__in=[])


def rooms_of(key: str) -> Q:
    """Which rooms are on the route of that key, classes or not; none for people."""
    kind, _dash, pk = key.partition("-")
    path = {"hallway": "hallway", "building": "hallway__building"}.get(kind)
    return Q(**{path: pk}) if path and whole_number(pk) is not None else Q(pk__in=[])


def _places_of(room: Room) -> tuple[str, str]:
    return f"hallway-{room.hallway_id}", f"building-{room.hallway.building_id}"


def _hallways(hallways: Sequence[Hallway]) -> Iterator[Route]:
    names = Counter(hallway.name for hallway in hallways)
    for hallway in hallways:
        name = hallway.name if names[hallway.name] == 1 else f"{hallway.name}, {hallway.building.name}"
        yield Route(f"hallway-{hallway.pk}", name, _in_hallway(hallway.pk), building=hallway.building_id)


def _in_hallway(pk: int) -> Callable[[TaughtLesson], bool]:
    return lambda taught: taught.room.hallway_id == pk


def _buildings(hallways: Sequence[Hallway]) -> Iterator[Route]:
    """Buildings with more than one hallway; the others are the hallway itself."""
    counts = Counter(hallway.building_id for hallway in hallways)
    for building in dict.fromkeys(hallway.building for hallway in hallways):
        if counts[building.pk] > 1:
            yield Route(f"building-{building.pk}", building.name, _in_building(building.pk))


def _in_building(pk: int) -> Callable[[TaughtLesson], bool]:
    return lambda taught: taught.room.hallway.building_id == pk


def team_route(pk: int, name: str, among: Callable[[int], bool], *, near: bool) -> Route:
    """A team as a route; `among` says who is in it."""
    return Route(f"team-{pk}", name, lambda taught: among(taught.host.pk), near=near)


def _member_of(pk: int, lessons: TaughtLessons) -> Callable[[int], bool]:
    return lambda person: pk in lessons.teams_of.get(person, ())


def fetched_members(pk: int) -> Callable[[int], bool]:
    """Who is in the team, fetched when somebody asks."""

    @cache
    def members() -> frozenset[int]:
        return frozenset(Person.objects.filter(teams=pk).values_list("pk", flat=True))

    return lambda person: person in members()


def _grades(grades: Iterable[Grade], walker: Person) -> Iterator[Route]:
    for grade in sorted(grades, key=lambda grade: (grade.position, grade.name)):
        yield Route(f"grade-{grade.pk}", grade.name, _of_grade(grade.pk), near=grade.pk == walker.grade_id)


def _of_grade(pk: int) -> Callable[[TaughtLesson], bool]:
    return lambda taught: taught.host.grade_id == pk


def use_route(
    stops: Sequence[PlannedStop], shown: Route | None, best: Sequence[TaughtLesson]
) -> tuple[PlannedStop, ...]:
    """Fill the walk from a ready-made route; rooms of the route shown before give way, others stay."""
    kept = [stop for stop in stops if not (shown and _belongs(stop, shown))]
    had = {stop.room.pk for stop in kept}
    added = [taught for taught in best if taught.room.pk not in had][: max(GOOD_ROOMS - len(kept), 0)]
    return evened([*kept, *(planned(taught.room, taught, DEFAULT_STOP_MINUTES) for taught in added)])


def _belongs(stop: PlannedStop, route: Route) -> bool:
    in_place = route.key in _places_of(stop.room)
    return in_place or (stop.host is not None and route.has(TaughtLesson(stop.room, stop.host, "")))


def moved(stops: Sequence[PlannedStop], room_id: int, by: int) -> tuple[PlannedStop, ...]:
    """One room earlier (-1) or later (+1) on the way; at the ends nothing changes."""
    order = list(stops)
    index = next((n for n, stop in enumerate(order) if stop.room.pk == room_id), None)
    if index is not None and 0 <= index + by < len(order):
        order[index], order[index + by] = order[index + by], order[index]
    return tuple(order)


def without(stops: Sequence[PlannedStop], room_id: int) -> tuple[PlannedStop, ...]:
    """The route without a room; minutes grow with it unless they were chosen by hand."""
    return again_even(stops, [stop for stop in stops if stop.room.pk != room_id])


def swapped(stops: Sequence[PlannedStop], room_id: int, other: TaughtLesson) -> tuple[PlannedStop, ...]:
    """Another room in the place of a full or closed one."""
    return tuple(planned(other.room, other, s.minutes) if s.room.pk == room_id else s for s in stops)


def again_even(before: Sequence[PlannedStop], after: Sequence[PlannedStop]) -> tuple[PlannedStop, ...]:
    """Even minutes stay even when the number of rooms changes; minutes chosen by hand stay as they are."""
    untouched = all(stop.minutes == even_minutes(len(before)) for stop in before)
    return evened(after) if untouched else tuple(after)


def evened(stops: Iterable[PlannedStop]) -> tuple[PlannedStop, ...]:
    """The same rooms, each for the same good time."""
    listed = list(stops)
    return tuple(replace(stop, minutes=even_minutes(len(listed))) for stop in listed)


def neighbour(room: Room, open_rooms: Mapping[int, TaughtLesson], taken: Iterable[int]) -> TaughtLesson | None:
    """An open room nearby that is not yet on the route: same hallway, else same building."""
    had = set(taken)
    free = [taught for pk, taught in open_rooms.items() if pk not in had]
    free.sort(key=lambda taught: room_order(taught.room))
    same_hallway = [taught for taught in free if taught.room.hallway_id == room.hallway_id]
    same_building = [taught for taught in free if taught.room.hallway.building_id == room.hallway.building_id]
    return next(iter([*same_hallway, *same_building]), None)


def title_of(walk: Walk) -> str:
    """What a walk is called in a list: its hallway, its building, or how many rooms (fetch with `with_route`)."""
    hallways = list({stop.room.hallway for stop in walk.stops.all()})
    if len(hallways) == 1:
        return hallways[0].name
    if len({hallway.building_id for hallway in hallways}) == 1:
        return hallways[0].building.name
    count = len(walk.stops.all())
    return ngettext("%(n)s room", "%(n)s rooms", count) % {"n": count} if count else _("No rooms yet")
