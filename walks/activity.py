"""When a walk ended, judged by its recorded activity: rooms entered and left, notes and photos."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from .models import Stop, Walk

LONGEST_STAY = dt.timedelta(minutes=30)  # after entering the last room; a note written later does not extend the walk

Activity = tuple[int, dt.datetime]  # id of the stop, and the time
ActivitySource = Callable[[Walk], Iterable[Activity]]
_sources: list[ActivitySource] = []


def activity_source(function: ActivitySource) -> ActivitySource:
    """Register a function that returns the times of notes or photos, which the app `observations` has."""
    _sources.append(function)
    return function


def activity_on(walk: Walk) -> list[Activity]:
    """Return when the walker wrote notes and took photos on the walk, including in skipped rooms."""
    return [activity for source in _sources for activity in source(walk)]


def ended_at(walk: Walk, *, now: dt.datetime) -> dt.datetime | None:
    """Return the time of the last activity, or None if no room was visited and nothing was noted.

    A room that was entered and not left counts with its planned minutes. The result is never before the start and
    never after `now`.
    """
    assert walk.started_at is not None
    visited = [stop for stop in walk.stops.all() if stop.visited]
    noted = sorted(at for _stop, at in activity_on(walk))
    arrivals = [stop.arrived_at for stop in visited if stop.arrived_at] or noted[:1]
    if not arrivals:
        return None
    last_to_count = max(arrivals) + LONGEST_STAY
    left = [stop.left_at or _planned_leave(stop) for stop in visited]
    counted_notes = [at for at in noted if at <= last_to_count]
    return min(max([*left, *counted_notes, walk.started_at]), now)


def _planned_leave(stop: Stop) -> dt.datetime:
    assert stop.arrived_at is not None
    return stop.arrived_at + dt.timedelta(minutes=stop.minutes)
