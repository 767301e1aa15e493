"""Changes of the rooms of a plan: use a route, drop, move or swap a room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from school.models import Room

from ..availability.taught_lessons import TaughtLesson, room_order
from .fair_rooms import GOOD_ROOMS
from .plan import DEFAULT_STOP_MINUTES, PlannedStop, even_minutes, planned_stop
from .routes import Route


def use_route(
    stops: Sequence[PlannedStop], *, shown: Route | None, best: Sequence[TaughtLesson]
) -> tuple[PlannedStop, ...]:
    """Fill the plan with the best rooms of a route. Rooms of the route `shown` before are dropped, other rooms stay."""
    kept = [stop for stop in stops if not (shown and shown.has(stop.room, stop.hosts))]
    kept_rooms = {stop.room.pk for stop in kept}
    new = [taught for taught in best if taught.room.pk not in kept_rooms]
    added = new[: max(GOOD_ROOMS - len(kept), 0)]
    return with_even_minutes([*kept, *(planned_stop(taught.room, taught, DEFAULT_STOP_MINUTES) for taught in added)])


def moved(stops: Sequence[PlannedStop], room_id: int, by: int) -> tuple[PlannedStop, ...]:
    """Return the stops with one room moved one place earlier (`by` -1) or later (+1), if it is not at that end."""
    order = list(stops)
    index = next((n for n, stop in enumerate(order) if stop.room.pk == room_id), None)
    if index is not None and 0 <= index + by < len(order):
        order[index], order[index + by] = order[index + by], order[index]
    return tuple(order)


def without(stops: Sequence[PlannedStop], *room_ids: int) -> tuple[PlannedStop, ...]:
    """Return the stops without these rooms. The others get more minutes, unless the walker chose minutes by hand."""
    return keep_even_minutes(stops, [stop for stop in stops if stop.room.pk not in room_ids])


def swapped(stops: Sequence[PlannedStop], room_id: int, other: TaughtLesson) -> tuple[PlannedStop, ...]:
    """Return the stops with another room in the place of one."""
    return tuple(planned_stop(other.room, other, stop.minutes) if stop.room.pk == room_id else stop for stop in stops)


def keep_even_minutes(before: Sequence[PlannedStop], after: Sequence[PlannedStop]) -> tuple[PlannedStop, ...]:
    """Share the minutes again after the number of rooms changed, unless the walker chose minutes by hand."""
    were_even = all(stop.minutes == even_minutes(len(before)) for stop in before)
    return with_even_minutes(after) if were_even else tuple(after)


def with_even_minutes(stops: Iterable[PlannedStop]) -> tuple[PlannedStop, ...]:
    """Return the stops with the same minutes for each, so that the walk has a good length."""
    listed = list(stops)
    return tuple(replace(stop, minutes=even_minutes(len(listed))) for stop in listed)


def neighbour(room: Room, open_rooms: Mapping[int, TaughtLesson], taken: Iterable[int]) -> TaughtLesson | None:
    """Return an open room of the same hallway, else of the same building, that is not among the rooms `taken`."""
    taken_ids = set(taken)
    free = [taught for pk, taught in open_rooms.items() if pk not in taken_ids]
    free.sort(key=lambda taught: room_order(taught.room))
    same_hallway = [taught for taught in free if taught.room.hallway_id == room.hallway_id]
    same_building = [taught for taught in free if taught.room.hallway.building_id == room.hallway.building_id]
    return next(iter([*same_hallway, *same_building]), None)
