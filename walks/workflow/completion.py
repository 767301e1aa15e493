"""When a walk is complete: every visited host is thanked, and the walker has written a takeaway.

This module stores only times, never what was written. Each function locks the walk first: if the last two steps happen
at the same moment, the second one waits, sees the first, and completes the walk.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from school.models import Person

from ..models import State, Stop, Walk
from . import approval, locks


def praise_to_send_count(person: Person) -> int:
    """Count the colleagues whom the person still has to thank, for the badge."""
    return Stop.objects.filter(walk__walker=person).owed_thanks().count()


def is_complete(walk: Walk) -> bool:
    """Whether every visited host who is still here is thanked, and the walker has written a takeaway.

    A drop-in needs no takeaway.
    """
    has_takeaway = walk.takeaway_at is not None or walk.is_drop_in
    return has_takeaway and not walk.stops.unthanked().exists()


@transaction.atomic
def mark_thanked(stop: Stop, *, by: Person, now: dt.datetime) -> None:
    """Note that a host has been thanked, by e-mail or in person. This may complete the walk."""
    locks.lock_walk(stop.walk)
    Stop.objects.filter(pk=stop.pk).update(thanked_at=now)
    _complete_when_done(stop.walk, by=by, now=now)


@transaction.atomic
def mark_not_thanked(stop: Stop, *, by: Person, now: dt.datetime) -> None:
    """Note that thanks were taken back within 30 seconds, or marked by mistake. A complete walk is reopened."""
    locks.lock_walk(stop.walk)
    Stop.objects.filter(pk=stop.pk).update(thanked_at=None)
    walk = stop.walk
    walk.refresh_from_db()
    if walk.state == State.COMPLETE and not is_complete(walk):
        approval.reopen(walk, by=by, now=now)


@transaction.atomic
def mark_takeaway(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Note that the walker wrote what they will try. This may complete the walk."""
    locks.lock_walk(walk)
    Walk.objects.filter(pk=walk.pk).update(takeaway_at=now)
    _complete_when_done(walk, by=by, now=now)


@transaction.atomic
def host_has_left(walk: Walk, *, now: dt.datetime) -> None:
    """Check the walk after a host left, who needs no thanks. This may complete the walk."""
    locks.lock_walk(walk)
    _complete_when_done(walk, by=walk.walker, now=now)


def _complete_when_done(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Complete the walk if nothing is left to do. It stays complete even if a host who left comes back."""
    walk.refresh_from_db()
    if walk.state == State.WALKED and is_complete(walk):
        approval.complete(walk, by=by, now=now)
