"""When a walk is complete, and what is still to do: facts only, never what was written.

Each fact holds the walk first: of two last facts at once the second sees the first, so that one completes the walk.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from school.models import Person

from . import approval, holding
from .models import State, Stop, Walk


def praise_to_send_count(person: Person) -> int:
    """How many colleagues still wait for the person's thanks (the badge)."""
    return Stop.objects.filter(walk__walker=person).owed_thanks().count()


def is_complete(walk: Walk) -> bool:
    """Every visited host thanked **and** a takeaway (product.md, section 3)."""
    return walk.takeaway_at is not None and not walk.stops.visited().filter(thanked_at__isnull=True).exists()


@transaction.atomic
def mark_thanked(stop: Stop, *, by: Person, now: dt.datetime) -> None:
    """A host has been thanked, by e-mail or in person; this may complete the walk."""
    holding.hold(stop.walk)
    Stop.objects.filter(pk=stop.pk).update(thanked_at=now)
    check(stop.walk, by=by, now=now)


@transaction.atomic
def mark_not_thanked(stop: Stop, *, by: Person, now: dt.datetime) -> None:
    """Thanks were taken back within the 30 seconds, or marked by mistake."""
    holding.hold(stop.walk)
    Stop.objects.filter(pk=stop.pk).update(thanked_at=None)
    check(stop.walk, by=by, now=now)


@transaction.atomic
def mark_takeaway(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """The walker wrote what they will try; this may complete the walk."""
    holding.hold(walk)
    Walk.objects.filter(pk=walk.pk).update(takeaway_at=now)
    check(walk, by=by, now=now)


def check(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Complete the walk, or open it again, as its facts now say."""
    walk.refresh_from_db()
    done = is_complete(walk)
    if done and walk.state == State.WALKED:
        approval.complete(walk, by=by, now=now)
    elif not done and walk.state == State.COMPLETE:
        approval.reopen(walk, by=by, now=now)
