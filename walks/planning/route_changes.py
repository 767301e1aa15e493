"""Changes of the rooms of a plan: use a route, drop, move or swap a room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from school.models import Room, School
from school.places import room_order

from ..availability.taught_lessons import TaughtLesson
from .fair_rooms import GOOD_ROOMS
from .plan import UNHURRIED_MINUTES, Plan, PlannedStop, even_minutes, planned_stop
from .routes import Route


def use_route(plan: Plan, *, shown: Route | None, best: Sequence[TaughtLesson]) -> Plan:
    """Fill the plan with the best rooms of a route. Rooms of the route `shown` before are dropped, other rooms stay."""
    kept = [stop for stop in plan.stops if not (shown and shown.has(stop.room, stop.hosts))]
    kept_rooms = {stop.room.pk for stop in kept}
    new = [taught for taught in best if taught.room.pk not in kept_rooms]
    added = new[: max(GOOD_ROOMS - len(kept), 0)]
    stops = [*kept, *(planned_stop(taught.room, taught, UNHURRIED_MINUTES) for taught in added)]
    return replace(plan, stops=_with_even_minutes(stops, plan.walker.school))


def moved(plan: Plan, room_id: int, by: int) -> Plan:
    """Return the plan with one room moved one place earlier (`by` -1) or later (+1), if it is not at that end."""
    order = list(plan.stops)
    index = next((n for n, stop in enumerate(order) if stop.room.pk == room_id), None)
    if index is not None and 0 <= index + by < len(order):
        order[index], order[index + by] = order[index + by], order[index]
    return with_stops(plan, order)


def without(plan: Plan, *room_ids: int) -> Plan:
    """Return the plan without these rooms. The others get more minutes, unless the walker chose minutes by hand."""
    return with_stops(plan, [stop for stop in plan.stops if stop.room.pk not in room_ids])


def swapped(plan: Plan, room_id: int, other: TaughtLesson) -> Plan:
    """Return the plan with another room in the place of one."""
    stops = [planned_stop(other.room, other, s.minutes) if s.room.pk == room_id else s for s in plan.stops]
    return with_stops(plan, stops)


def with_stops(plan: Plan, stops: Sequence[PlannedStop]) -> Plan:
    """Return the plan with these stops. Share the minutes again, unless the walker chose minutes by hand."""
    return replace(plan, stops=keep_even_minutes(plan.stops, stops, school=plan.walker.school))


def keep_even_minutes(
    before: Sequence[PlannedStop], after: Sequence[PlannedStop], *, school: School
) -> tuple[PlannedStop, ...]:
    """Share the minutes again after the rooms or their order changed, unless the walker chose minutes by hand."""
    even = even_minutes([stop.room for stop in before], school=school)
    were_even = all(stop.minutes == even for stop in before)
    return _with_even_minutes(after, school) if were_even else tuple(after)


def _with_even_minutes(stops: Sequence[PlannedStop], school: School) -> tuple[PlannedStop, ...]:
    """Return the stops with the same minutes for each, so that the walk has a good length."""
    even = even_minutes([stop.room for stop in stops], school=school)
    return tuple(replace(stop, minutes=even) for stop in stops)


def neighbour(room: Room, open_rooms: Mapping[int, TaughtLesson], taken: Iterable[int]) -> TaughtLesson | None:
    """Return an open room of the same hallway, else of the same building, that is not among the rooms `taken`."""
    taken_ids = set(taken)
    free = [taught for pk, taught in open_rooms.items() if pk not in taken_ids]
    free.sort(key=lambda taught: room_order(taught.room))
    same_hallway = [taught for taught in free if taught.room.hallway_id == room.hallway_id]
    same_building = [taught for taught in free if taught.room.hallway.building_id == room.hallway.building_id]
    return next(iter([*same_hallway, *same_building]), None)
