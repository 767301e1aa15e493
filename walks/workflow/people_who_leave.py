"""What happens to walks when a person leaves the school."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from django.db.models import Exists, OuterRef

from school.errors import RuleError
from school.models import Person
from school.people import hooks

from ..models import Stop, Walk
from . import approval, cover_changes, locks, shared_rooms


@hooks.on_leaving
def cancel_walks(person: Person, *, by: Person | None, now: dt.datetime) -> None:
    """Cancel the person's walks that have not begun, and send mails about walks that they were to cover."""
    for walk in Walk.objects.of(person).not_begun().order_by("pk"):
        with suppress(RuleError):  # it began meanwhile, so it cannot be cancelled
            approval.cancel(walk, by=by, now=now)
    cover_changes.send_cover_needed_mails(Walk.objects.filter(cover=person).upcoming(now), now=now)


@hooks.on_leaving
def leave_rooms_to_other_hosts(person: Person, *, by: Person | None, now: dt.datetime) -> None:
    """Take the person off walks that have not begun, in rooms where a colleague teaches, too."""
    colleagues = Stop.objects.filter(walk=OuterRef("walk"), room=OuterRef("room"), host__is_active=True)
    shared = Stop.objects.filter(Exists(colleagues), host=person, walk__in=Walk.objects.not_begun())
    for left in shared.select_related("walk").order_by("walk_id"):
        locks.lock_walk(left.walk)
        if left.walk.started_at is None:
            stops = list(left.same_room)
            shared_rooms.keep_only([stop for stop in stops if stop.host_id != person.pk], stops)
