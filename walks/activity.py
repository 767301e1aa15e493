"""What a walker did on a walk, as far as it was recorded, and when the walk ended according to that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from .models import Stop, Walk

LONGEST_STAY = dt.timedelta(minutes=30)  # notes later than this after the last room do not belong to the visit

Activity = tuple[int, dt.datetime]  # id of the stop, and when
ActivitySource = Callable[[Walk], Iterable[Activity]]
_sources: list[ActivitySource] = []


def activity_source(function: ActivitySource) -> ActivitySource:
    """Register another source of activity: apps above know of notes and photos."""
    _sources.append(function)
    return function


def activity_on(walk: Walk) -> list[Activity]:
    """What the walker noted and photographed on the walk, skipped rooms included."""
    return [found for source in _sources for found in source(walk)]


def ended_at(walk: Walk, *, now: dt.datetime) -> dt.datetime | None:
    """Return the time of the last activity, or None if no room was visited and nothing was noted.

    Counts rooms that were left, rooms that were entered (plus their planned minutes), notes and photos. Never before
    the start, never later than now.
    """
    assert walk.started_at is not None
    visited = [stop for stop in walk.stops.all() if stop.visited]
    noted = sorted(at for _stop, at in activity_on(walk))
    arrivals = [stop.arrived_at for stop in visited if stop.arrived_at] or noted[:1]
    if not arrivals:
        return None
    until = max(arrivals) + LONGEST_STAY
    left = [stop.left_at or _planned_leave(stop) for stop in visited]
    return min(max(*left, *(at for at in noted if at <= until), walk.started_at), now)


def _planned_leave(stop: Stop) -> dt.datetime:
    assert stop.arrived_at is not None
    return stop.arrived_at + dt.timedelta(minutes=stop.minutes)
