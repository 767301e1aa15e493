"""The walk itself: at the door, in the room, skip, add a room, finish, or log it afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from school.errors import NotAllowedError, RuleError
from school.models import Person, Room

from . import approval
from .models import State, Stop, Walk
from .permissions import is_walker

MAX_STOPS = 8


def _own_live_walk(walk: Walk, by: Person) -> None:
    if not is_walker(by, walk):
        raise NotAllowedError(_("Only the walker walks this walk."))
    if not walk.is_live:
        raise RuleError(_("This walk is not under way."))


def next_stop(walk: Walk) -> Stop | None:
    """The next door: the first stop that is neither visited to the end nor skipped."""
    return walk.stops.filter(left_at__isnull=True, skipped_at__isnull=True).first()


def current_stop(walk: Walk) -> Stop | None:
    """The room the walker is in now."""
    return walk.stops.filter(arrived_at__isnull=False, left_at__isnull=True, skipped_at__isnull=True).first()


@transaction.atomic
def arrive(stop: Stop, *, by: Person, now: dt.datetime) -> None:
    """I'm in: start the walk if this is the first door, close the room before, start this clock."""
    walk = stop.walk
    if not walk.is_live:
        approval.start(walk, by=by, now=now)
    _own_live_walk(walk, by)
    _leave_open_rooms(walk, now, but=stop)
    Stop.objects.filter(pk=stop.pk, arrived_at__isnull=True).update(arrived_at=now)
    Stop.objects.filter(pk=stop.pk).update(skipped_at=None, left_at=None)
    stop.refresh_from_db()


def _leave_open_rooms(walk: Walk, now: dt.datetime, but: Stop | None = None) -> None:
    open_rooms = walk.stops.filter(arrived_at__isnull=False, left_at__isnull=True, skipped_at__isnull=True)
    open_rooms.exclude(pk__in=[but.pk] if but else []).update(left_at=now)


@transaction.atomic
def leave(stop: Stop, *, by: Person, now: dt.datetime) -> None:
    """Done here: stop this room's clock. Leaving twice keeps the first time."""
    _own_live_walk(stop.walk, by)
    Stop.objects.filter(pk=stop.pk, arrived_at__isnull=False, left_at__isnull=True).update(left_at=now)


@transaction.atomic
def skip(stop: Stop, *, by: Person, now: dt.datetime) -> None:
    """A bad moment: pass this door. No reason is asked, and no thanks are owed."""
    if not stop.walk.is_live:
        approval.start(stop.walk, by=by, now=now)
    _own_live_walk(stop.walk, by)
    Stop.objects.filter(pk=stop.pk).update(skipped_at=now)


@transaction.atomic
def unskip(stop: Stop, *, by: Person, now: dt.datetime) -> None:
    """Put a skipped room back on the way."""
    _own_live_walk(stop.walk, by)
    Stop.objects.filter(pk=stop.pk).update(skipped_at=None)


@transaction.atomic
def add_room(walk: Walk, *, room: Room, host: Person, title: str, by: Person, now: dt.datetime) -> Stop:
    """Step into a room that was not planned."""
    _own_live_walk(walk, by)
    if host == walk.walker:
        raise RuleError(_("That is your own class."))
    if walk.stops.count() >= MAX_STOPS:
        raise RuleError(_("Eight rooms is plenty for one walk."))
    last = walk.stops.aggregate(last=Max("position"))["last"] or 0
    made, _created = Stop.objects.get_or_create(
        walk=walk,
        room=room,
        defaults={"host": host, "position": last + 1, "lesson_title": title, "added_on_the_way": True},
    )
    return made


@transaction.atomic
def finish(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """End the walk: rooms never entered count as skipped; at least one room must have been visited."""
    _own_live_walk(walk, by)
    _leave_open_rooms(walk, now)
    walk.stops.filter(arrived_at__isnull=True, skipped_at__isnull=True).update(skipped_at=now)
    if not walk.stops.visited().exists():
        raise RuleError(_("Visit at least one room, or cancel this walk."))
    approval.finish(walk, by=by, now=now)


@transaction.atomic
def log_afterwards(
    walk: Walk, *, visited: Iterable[int], started_at: dt.datetime, minutes: int, by: Person, now: dt.datetime
) -> None:
    """ "I did walk": the rooms ticked were visited, the others skipped; times are filled in evenly."""
    if walk.state != State.APPROVED or walk.is_live:
        raise RuleError(_("This walk is not waiting to be walked."))
    stops = list(walk.stops.all())
    chosen = [stop for stop in stops if stop.pk in set(visited)]
    if not chosen:
        raise RuleError(_("Choose at least one room you visited."))
    finished_at = started_at + dt.timedelta(minutes=minutes)
    approval.log(walk, by=by, now=now, started_at=started_at, finished_at=finished_at)
    share = dt.timedelta(minutes=minutes) / len(chosen)
    for index, stop in enumerate(chosen):
        stop.arrived_at, stop.left_at = started_at + index * share, started_at + (index + 1) * share
        stop.skipped_at = None
    for stop in stops:
        stop.skipped_at = None if stop in chosen else now
    Stop.objects.bulk_update(stops, ["arrived_at", "left_at", "skipped_at"])
