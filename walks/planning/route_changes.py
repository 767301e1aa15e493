"""The small steps by which the rooms of a plan change: take a route, drop a room, move it, swap it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from school.models import Room

from ..availability.taught_lessons import TaughtLesson, room_order
from .plan import DEFAULT_STOP_MINUTES, PlannedStop, even_minutes, planned
from .routes import GOOD_ROOMS, Route


def use_route(
    stops: Sequence[PlannedStop], shown: Route | None, best: Sequence[TaughtLesson]
) -> tuple[PlannedStop, ...]:
    """Fill the walk from a ready-made route; rooms of the route shown before give way, others stay."""
    kept = [stop for stop in stops if not (shown and shown.has(stop.room, stop.host))]
    had = {stop.room.pk for stop in kept}
    added = [taught for taught in best if taught.room.pk not in had][: max(GOOD_ROOMS - len(kept), 0)]
    return evened([*kept, *(planned(taught.room, taught, DEFAULT_STOP_MINUTES) for taught in added)])


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
