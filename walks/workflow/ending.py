"""End a walk whose walker forgot to press Finish, and correct the times of a walk (docs/adr/0010)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Greatest

from school.models import Person

from .. import status
from ..activity import activity_on, ended_at
from ..errors import AlreadyDecidedError
from ..mail import schedule
from ..models import Stop, Walk
from . import approval, locks, transitions

A_DAY = dt.timedelta(days=1)


def count_rooms_with_activity(walk: Walk) -> None:
    """If no room counts as visited, mark the rooms with a note or photo as visited, even skipped ones."""
    assert walk.started_at is not None
    if walk.stops.visited().exists():
        return
    first_activity: dict[int, dt.datetime] = {}
    for stop, at in activity_on(walk):
        first_activity[stop] = min(at, first_activity.get(stop, at))
    for stop, at in first_activity.items():
        arrived = max(at, walk.started_at)
        room = walk.stops.filter(pk=stop).values("room")
        walk.stops.filter(room__in=room, arrived_at__isnull=True).update(arrived_at=arrived, skipped_at=None)


def close_rooms(walk: Walk, *, at: dt.datetime) -> None:
    """Set when the walker left the room they are still in, and mark rooms that were not entered as skipped."""
    left = Greatest(F("arrived_at"), Value(at, output_field=DateTimeField()))
    walk.stops.visited().filter(left_at__isnull=True).update(left_at=left)
    walk.stops.filter(arrived_at__isnull=True, skipped_at__isnull=True).update(skipped_at=at)


def is_due(walk: Walk, *, now: dt.datetime) -> bool:
    """Whether the system should end this walk now.

    It ends a walk a day after it should have been over; or an hour after, if no room was visited and nothing was noted.
    """
    if not status.is_forgotten(walk, now):
        return False
    return now >= status.expected_end(walk) + A_DAY or ended_at(walk, now=now) is None


@transaction.atomic
def end_forgotten(walk: Walk, *, now: dt.datetime) -> None:
    """Finish a walk whose walker forgot to press Finish.

    If no room was visited, rooms with a note or photo count as visited, so that no note is lost. If there is none, the
    walk counts as missed.
    """
    locks.lock_walk(walk)
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
def cancel_missed_visit(walk: Walk, *, now: dt.datetime) -> None:
    """Cancel a visit through an open door whose visitor did not come, or did not press Start, a day after it."""
    transitions.move(
        walk, "not_visited", by=None, now=now, cancelled_at=now, calendar_sequence=walk.calendar_sequence + 1
    )
    schedule.drop_reminders(walk, now=now)


def may_correct_times(person: Person, walk: Walk) -> bool:
    """Whether the person may correct when this finished walk began and ended, also once it is complete."""
    return transitions.may(person, "correct", walk) or transitions.may(person, "correct_complete", walk)


@transaction.atomic
def correct_times(
    walk: Walk, *, started_at: dt.datetime, finished_at: dt.datetime, by: Person, now: dt.datetime
) -> None:
    """Correct when the walk began and ended, and move the times in the rooms into that time."""
    locks.lock_walk(walk)
    approval.correct(walk, started_at=started_at, finished_at=finished_at, by=by, now=now)
    stops = list(walk.stops.visited())
    for stop in stops:
        assert stop.arrived_at is not None
        stop.arrived_at = min(max(stop.arrived_at, started_at), finished_at)
        stop.left_at = min(max(stop.left_at or finished_at, stop.arrived_at), finished_at)
    Stop.objects.bulk_update(stops, ["arrived_at", "left_at"])
