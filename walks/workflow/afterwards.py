"""Walks recorded afterwards: a planned one that was walked without the phone (docs/adr/0010)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from school.calendar import local_date
from school.errors import NotAllowedError, RuleError
from school.models import Person

from ..models import State, Stop, Walk
from ..permissions import is_walker
from . import approval
from .walking import NothingVisitedError


@transaction.atomic
def log_planned(
    walk: Walk, *, visited: Collection[int], started_at: dt.datetime, minutes: int, by: Person, now: dt.datetime
) -> None:
    """Record afterwards that the walk took place. Stops in `visited` count as visited, the others as skipped."""
    if not is_walker(by, walk):
        raise NotAllowedError(_("Only the walker walks this walk."))
    if walk.state != State.APPROVED or walk.is_live:
        raise RuleError(_("This walk is not waiting to be walked."))
    _refuse_other_semester(walk, started_at)
    stops = list(walk.stops.all())
    chosen = [stop for stop in stops if stop.pk in set(visited)]
    if not chosen:
        raise NothingVisitedError(_("Choose at least one room you visited."))
    finished_at = started_at + dt.timedelta(minutes=minutes)
    approval.log(walk, by=by, now=now, started_at=started_at, finished_at=finished_at)
    _fill_in_times(stops, chosen, started_at, finished_at)


def _refuse_other_semester(walk: Walk, started_at: dt.datetime) -> None:
    """Refuse a date outside the walk's semester, for which it counts."""
    day = local_date(walk.walker.school, started_at)
    if not walk.semester.starts_on <= day <= walk.semester.ends_on:
        raise RuleError(_("Choose a day in %(semester)s") % {"semester": walk.semester.name})


def _fill_in_times(stops: list[Stop], chosen: list[Stop], start: dt.datetime, end: dt.datetime) -> None:
    """Share the time evenly among the visited stops, `chosen`, and mark the others as skipped."""
    share = (end - start) / len(chosen)
    for stop in stops:
        stop.arrived_at = None
        stop.left_at = None
        stop.skipped_at = end
    for index, stop in enumerate(chosen):
        stop.arrived_at = start + index * share
        stop.left_at = start + (index + 1) * share
        stop.skipped_at = None
    Stop.objects.bulk_update(stops, ["arrived_at", "left_at", "skipped_at"])
