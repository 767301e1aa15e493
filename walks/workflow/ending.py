"""When a walk ended, if Finish was never pressed; and its times, corrected by its walker (docs/adr/0010)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from django.db import transaction
from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Greatest

from school.models import Person

from .. import status
from ..errors import AlreadyDecidedError
from ..models import Stop, Walk
from . import approval, locks

A_DAY = dt.timedelta(days=1)
LONGEST_STAY = dt.timedelta(minutes=30)  # what is noted later than this after the last door was noted afterwards

Activity = tuple[int, dt.datetime]  # at which stop, by id, and when
ActivitySource = Callable[[Walk], Iterable[Activity]]
_sources: list[ActivitySource] = []


def activity_source(function: ActivitySource) -> ActivitySource:
    """Register what else the walker did on a walk: apps above know of notes and photos."""
    _sources.append(function)
    return function


def activity(walk: Walk) -> list[Activity]:
    """What the walker noted and photographed on the walk, skipped rooms included."""
    return [found for source in _sources for found in source(walk)]


def ended_at(walk: Walk, *, now: dt.datetime) -> dt.datetime | None:
    """The last thing that happened on the walk; None when no room was visited and nothing was noted.

    A room that was left, or one that was entered and its planned minutes; a note or photo made there. Never before the
    start, never later than now.
    """
    assert walk.started_at is not None
    visited = [stop for stop in walk.stops.all() if stop.visited]
    noted = sorted(at for _stop, at in activity(walk))
    arrivals = [stop.arrived_at for stop in visited if stop.arrived_at] or noted[:1]
    if not arrivals:
        return None
    until = max(arrivals) + LONGEST_STAY
    left = [stop.left_at or _planned_leave(stop) for stop in visited]
    return min(max(*left, *(at for at in noted if at <= until), walk.started_at), now)


def _planned_leave(stop: Stop) -> dt.datetime:
    assert stop.arrived_at is not None
    return stop.arrived_at + dt.timedelta(minutes=stop.minutes)


def count_rooms_with_activity(walk: Walk) -> None:
    """Who noted something in a room was in it, whatever was pressed afterwards; used when no other was visited."""
    assert walk.started_at is not None
    if walk.stops.visited().exists():
        return
    first: dict[int, dt.datetime] = {}
    for stop, at in activity(walk):
        first[stop] = min(at, first.get(stop, at))
    for stop, at in first.items():
        arrived = max(at, walk.started_at)
        walk.stops.filter(pk=stop, arrived_at__isnull=True).update(arrived_at=arrived, skipped_at=None)


def close_rooms(walk: Walk, *, at: dt.datetime) -> None:
    """Leave the room the walker is in; rooms never entered count as skipped."""
    left = Greatest(F("arrived_at"), Value(at, output_field=DateTimeField()))
    walk.stops.visited().filter(left_at__isnull=True).update(left_at=left)
    walk.stops.filter(arrived_at__isnull=True, skipped_at__isnull=True).update(skipped_at=at)


def is_due(walk: Walk, *, now: dt.datetime) -> bool:
    """Whether the system ends this walk: a day after it should have been over, or soon if nothing happened on it."""
    if not status.is_forgotten(walk, now):
        return False
    return now >= status.expected_end(walk) + A_DAY or ended_at(walk, now=now) is None


@transaction.atomic
def end_forgotten(walk: Walk, *, now: dt.datetime) -> None:
    """Finish a walk whose Finish was forgotten.

    If no room was visited, the rooms with a note or photo count as visited, so that nothing written is lost. Without
    any, nobody walked: the slot was missed.
    """
    locks.hold(walk)
    if not is_due(walk, now=now):
        raise AlreadyDecidedError
    end = ended_at(walk, now=now)
    if end is None:
        approval.mark_not_walked(walk, now=now)
        return
    count_rooms_with_activity(walk)
    close_rooms(walk, at=end)
    approval.finish_forgotten(walk, now=now, ended_at=end)


@transaction.atomic
def correct_times(
    walk: Walk, *, started_at: dt.datetime, finished_at: dt.datetime, by: Person, now: dt.datetime
) -> None:
    """The walker says when the walk began and ended; times in the rooms are moved inside it."""
    locks.hold(walk)
    approval.correct(walk, started_at=started_at, finished_at=finished_at, by=by, now=now)
    stops = list(walk.stops.visited())
    for stop in stops:
        assert stop.arrived_at is not None
        stop.arrived_at = min(max(stop.arrived_at, started_at), finished_at)
        stop.left_at = min(max(stop.left_at or finished_at, stop.arrived_at), finished_at)
    Stop.objects.bulk_update(stops, ["arrived_at", "left_at"])
