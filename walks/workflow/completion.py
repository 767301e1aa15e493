"""When a walk is complete, and what is still to do: facts only, never what was written.

Each rule locks the walk first, so that of two concurrent last facts the second sees the first and completes the walk.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from school.models import Person

from ..models import State, Stop, Walk
from . import approval, locks


def praise_to_send_count(person: Person) -> int:
    """Count the colleagues whom the person still has to thank (the badge)."""
    return Stop.objects.filter(walk__walker=person).owed_thanks().count()


def is_complete(walk: Walk) -> bool:
    """Every visited host thanked, but for those who have left, **and** a takeaway."""
    return walk.takeaway_at is not None and not walk.stops.waiting_to_hear().exists()


@transaction.atomic
def mark_thanked(stop: Stop, *, by: Person, now: dt.datetime) -> None:
    """A host has been thanked, by e-mail or in person; this may complete the walk."""
    locks.lock_walk(stop.walk)
    Stop.objects.filter(pk=stop.pk).update(thanked_at=now)
    _complete_when_done(stop.walk, by=by, now=now)


@transaction.atomic
def mark_not_thanked(stop: Stop, *, by: Person, now: dt.datetime) -> None:
    """Thanks were taken back within the 30 seconds, or marked by mistake."""
    locks.lock_walk(stop.walk)
    Stop.objects.filter(pk=stop.pk).update(thanked_at=None)
    walk = stop.walk
    walk.refresh_from_db()
    if walk.state == State.COMPLETE and not is_complete(walk):
        approval.reopen(walk, by=by, now=now)


@transaction.atomic
def mark_takeaway(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """The walker wrote what they will try; this may complete the walk."""
    locks.lock_walk(walk)
    Walk.objects.filter(pk=walk.pk).update(takeaway_at=now)
    _complete_when_done(walk, by=by, now=now)


@transaction.atomic
def host_has_left(walk: Walk, *, now: dt.datetime) -> None:
    """A host left and is owed no thanks; this may complete the walk."""
    locks.lock_walk(walk)
    _complete_when_done(walk, by=walk.walker, now=now)


def _complete_when_done(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """A host who comes back opens no complete walk again."""
    walk.refresh_from_db()
    if walk.state == State.WALKED and is_complete(walk):
        approval.complete(walk, by=by, now=now)
