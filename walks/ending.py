"""When a walk ended, if nobody pressed Finish; and its times, corrected by its walker (docs/adr/0010)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import transaction
from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Greatest

from school.models import Person

from . import approval, holding, status
from .errors import AlreadyDecidedError
from .models import Stop, Walk

A_DAY = dt.timedelta(days=1)
LONGEST_STAY = dt.timedelta(minutes=30)  # what is noted later than this after the last door was noted afterwards

# (walk, until) → the last moment before `until` at which the walker did something on the walk.
Sign = Callable[[Walk, dt.datetime], dt.datetime | None]
_signs: list[Sign] = []


def sign_of_life(function: Sign) -> Sign:
    """Register what else shows that a walk went on: apps above know of notes."""
    _signs.append(function)
    return function


def ended_at(walk: Walk, *, now: dt.datetime) -> dt.datetime | None:
    """The last thing that happened on the walk; None when no room was visited.

    A room that was left, or one that was entered and its planned minutes; a note written there. Never before the start,
    never later than now.
    """
    assert walk.started_at is not None
    visited = [stop for stop in walk.stops.all() if stop.visited]
    if not visited:
        return None
    arrivals = [stop.arrived_at for stop in visited if stop.arrived_at]
    moments = [stop.left_at or _planned_leave(stop) for stop in visited]
    noted = [sign(walk, max(arrivals) + LONGEST_STAY) for sign in _signs]
    moments += [moment for moment in noted if moment is not None]
    return min(max(*moments, walk.started_at), now)


def _planned_leave(stop: Stop) -> dt.datetime:
    assert stop.arrived_at is not None
    return stop.arrived_at + dt.timedelta(minutes=stop.minutes)


def close_rooms(walk: Walk, *, at: dt.datetime) -> None:
    """Leave the room the walker is in; rooms never entered count as skipped."""
    left = Greatest(F("arrived_at"), Value(at, output_field=DateTimeField()))
    walk.stops.visited().filter(left_at__isnull=True).update(left_at=left)
    walk.stops.filter(arrived_at__isnull=True, skipped_at__isnull=True).update(skipped_at=at)


def is_due(walk: Walk, *, now: dt.datetime) -> bool:
    """Whether the system ends this walk: a day after it should have been over, or soon if no room was visited."""
    if not status.forgotten(walk, now):
        return False
    return now >= status.expected_end(walk) + A_DAY or ended_at(walk, now=now) is None


@transaction.atomic
def end_forgotten(walk: Walk, *, now: dt.datetime) -> None:
    """Finish a walk whose Finish was forgotten. Without a visited room it was not walked: its slot was missed."""
    holding.hold(walk)
    if not is_due(walk, now=now):
        raise AlreadyDecidedError
    end = ended_at(walk, now=now)
    if end is None:
        approval.not_walked(walk, now=now)
        return
    close_rooms(walk, at=end)
    approval.finish_forgotten(walk, now=now, ended_at=end)


@transaction.atomic
def correct_times(
    walk: Walk, *, started_at: dt.datetime, finished_at: dt.datetime, by: Person, now: dt.datetime
) -> None:
    """The walker says when the walk began and ended; times in the rooms are moved inside it."""
    holding.hold(walk)
    approval.correct(walk, started_at=started_at, finished_at=finished_at, by=by, now=now)
    stops = list(walk.stops.visited())
    for stop in stops:
        assert stop.arrived_at is not None
        stop.arrived_at = min(max(stop.arrived_at, started_at), finished_at)
        stop.left_at = min(max(stop.left_at or finished_at, stop.arrived_at), finished_at)
    Stop.objects.bulk_update(stops, ["arrived_at", "left_at"])
