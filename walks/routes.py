"""Ready-made routes (hallway, team, grade, building) and the small steps by which a route is changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.models import Hallway, Period, Person, Room, School, Team

from .models import Walk
from .outlook import Outlook, Taught, door_order
from .plans import DEFAULT_STOP_MINUTES, PlannedStop, even_minutes, planned

GOOD_ROOMS = 5  # what a ready-made route chooses; four to six are a good walk


@dataclass(frozen=True)
class Route:
    """A ready-made route: a name, and which classes belong to it."""

    key: str
    name: str
    has: Callable[[Taught], bool]
    rooms: tuple[Room, ...] = ()  # of a hallway or building: its doors, also those without a class
    near: bool = True  # shown at once; the others come after "More routes"

    def classes(self, outlook: Outlook, date: dt.date, period: Period) -> list[Taught]:
        """Its classes of that period, in the order of the doors."""
        found = [taught for taught in outlook.classes(date, period).values() if self.has(taught)]
        return sorted(found, key=lambda taught: door_order(taught.room))

    def best_rooms(
        self, outlook: Outlook, date: dt.date, period: Period, *, to: Person, but: Walk | None = None
    ) -> list[Taught]:
        """Up to five open rooms, those with the fewest visitors first, in the order of the doors."""
        open_rooms = outlook.open_rooms(date, period, to=to, but=but)
        going = outlook.going(outlook.span(date, period), but=but)
        fitting = [taught for taught in self.classes(outlook, date, period) if taught.room.pk in open_rooms]
        quiet = sorted(fitting, key=lambda taught: going.get(taught.room.pk, 0))[:GOOD_ROOMS]
        return [taught for taught in fitting if taught in quiet]


def ready_made(outlook: Outlook, walker: Person) -> list[Route]:
    """All ready-made routes of the school: hallways, own teams and grade, then the others (one query)."""
    places, groups = [*_hallways(outlook)], [*_teams(outlook.school, walker), *_grades(outlook, walker)]
    near = [route for route in groups if route.near]
    return [*places, *near, *_buildings(outlook), *(route for route in groups if not route.near)]


def _hallways(outlook: Outlook) -> Iterator[Route]:
    hallways: dict[Hallway, list[Room]] = {}
    for room in outlook.rooms.values():
        hallways.setdefault(room.hallway, []).append(room)
    names = [hallway.name for hallway in hallways]
    for hallway, rooms in hallways.items():
        name = hallway.name if names.count(hallway.name) == 1 else f"{hallway.name}, {hallway.building.name}"
        yield Route(f"hallway-{hallway.pk}", name, _in_hallway(hallway.pk), tuple(rooms))


def _in_hallway(pk: int) -> Callable[[Taught], bool]:
    return lambda taught: taught.room.hallway_id == pk


def _buildings(outlook: Outlook) -> Iterator[Route]:
    """Buildings with more than one hallway; the others are the hallway itself."""
    hallways = {room.hallway for room in outlook.rooms.values()}
    for building in dict.fromkeys(room.hallway.building for room in outlook.rooms.values()):
        if sum(1 for hallway in hallways if hallway.building_id == building.pk) > 1:
            rooms = tuple(room for room in outlook.rooms.values() if room.hallway.building_id == building.pk)
            yield Route(f"building-{building.pk}", building.name, _in_building(building.pk), rooms)


def _in_building(pk: int) -> Callable[[Taught], bool]:
    return lambda taught: taught.room.hallway.building_id == pk


def _teams(school: School, walker: Person) -> Iterator[Route]:
    members: dict[tuple[int, str], set[int]] = {}
    rows = Team.objects.filter(school=school, members__isnull=False).values_list("pk", "name", "members")
    for pk, name, person in rows.order_by("name"):
        members.setdefault((pk, name), set()).add(person)
    for (pk, name), people in members.items():
        yield Route(f"team-{pk}", name, _among(people), near=walker.pk in people)


def _among(people: set[int]) -> Callable[[Taught], bool]:
    return lambda taught: taught.host.pk in people


def _grades(outlook: Outlook, walker: Person) -> Iterator[Route]:
    grades = {person.grade for person in outlook.people.values() if person.grade}
    for grade in sorted(grades, key=lambda grade: (grade.position, grade.name)):
        yield Route(f"grade-{grade.pk}", grade.name, _of_grade(grade.pk), near=grade.pk == walker.grade_id)


def _of_grade(pk: int) -> Callable[[Taught], bool]:
    return lambda taught: taught.host.grade_id == pk


def use_route(stops: Sequence[PlannedStop], shown: Route | None, best: Sequence[Taught]) -> tuple[PlannedStop, ...]:
    """Fill the walk from a ready-made route; rooms of the route shown before give way, others stay."""
    kept = [stop for stop in stops if not (shown and _belongs(stop, shown))]
    had = {stop.room.pk for stop in kept}
    added = [taught for taught in best if taught.room.pk not in had][: max(GOOD_ROOMS - len(kept), 0)]
    return evened([*kept, *(planned(taught.room, taught, DEFAULT_STOP_MINUTES) for taught in added)])


def _belongs(stop: PlannedStop, route: Route) -> bool:
    return stop.room in route.rooms or (stop.host is not None and route.has(Taught(stop.room, stop.host, "")))


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


def swapped(stops: Sequence[PlannedStop], room_id: int, other: Taught) -> tuple[PlannedStop, ...]:
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


def neighbour(room: Room, outlook: Outlook, open_rooms: dict[int, Taught], taken: Iterable[int]) -> Taught | None:
    """An open room nearby that is not yet on the route: same hallway, else same building."""
    free = [taught for pk, taught in open_rooms.items() if pk not in set(taken)]
    free.sort(key=lambda taught: door_order(taught.room))
    here = outlook.rooms[room.pk].hallway
    same_hallway = [taught for taught in free if taught.room.hallway_id == here.pk]
    same_building = [taught for taught in free if taught.room.hallway.building_id == here.building_id]
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
