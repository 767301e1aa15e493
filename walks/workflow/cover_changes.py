"""Change or release the cover of an approved walk, and mail about walks that need cover."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import groupby

from django.db import transaction
from django.utils.translation import gettext as _

from school.calendar import Calendar
from school.errors import RuleError
from school.models import Person

from ..errors import AlreadyDecidedError, TimePassedError
from ..mail import cover_emails
from ..models import Walk
from ..planning import cover_needed
from ..planning.clashes import lesson_during
from . import history, locks, transitions


@transaction.atomic
def change(walk: Walk, *, cover: Person, seen_cover: int | None, by: Person, now: dt.datetime) -> None:
    """Let another person cover. `seen_cover` is the id of the cover that the page showed.

    The previous cover, the new cover and the walker get a mail.
    """
    locks.lock_people(walk.walker, cover)
    lesson = locks.lock_lesson(walk)
    locks.lock_walk(walk)
    if walk.cover_id == cover.pk:
        return  # the button was pressed twice
    _refuse_late(walk, seen_cover, by=by, now=now)
    if lesson is None:
        raise RuleError(_("%(name)s has no class at that time.") % {"name": walk.walker.short_name})
    locks.refuse_busy_cover(cover, walk)
    transitions.move(walk, "change_cover", by=by, now=now, cover=cover, covered_lesson=lesson)
    cover_emails.send_cover_changed(walk, now=now)


@transaction.atomic
def release(walk: Walk, *, seen_cover: int | None, by: Person, now: dt.datetime) -> None:
    """Release the cover of a walk whose walker has no lesson then any more. The cover gets a mail."""
    locks.lock_walk(walk)
    if walk.cover_id is None:
        return  # the button was pressed twice
    _refuse_late(walk, seen_cover, by=by, now=now)
    if lesson_during(walk.walker, walk) is not None:
        raise RuleError(_("%(name)s has a class at that time, so it needs cover.") % {"name": walk.walker.short_name})
    transitions.move(walk, "release_cover", by=by, now=now, cover=None, covered_lesson=None)
    cover_emails.send_cover_changed(walk, now=now)


def _refuse_late(walk: Walk, seen_cover: int | None, *, by: Person, now: dt.datetime) -> None:
    """Refuse if another person changed the cover first, or the walk is over. Lock the walk before this call."""
    if walk.cover_id != seen_cover:
        raise AlreadyDecidedError(history.who_was_first(walk, by))
    if walk.ends_at <= now:
        raise TimePassedError(_("This walk is over, so its cover stays as it was."))


def sweep(now: dt.datetime) -> int:
    """Mail about each upcoming walk that needs cover. Return the number of walks."""
    return send_cover_needed_mails(Walk.objects.upcoming(now), now=now)


def send_cover_needed_mails(walks: Iterable[Walk], *, now: dt.datetime) -> int:
    """Mail the deciders and the walker of each walk that needs cover, once for each approval. Return how many walks.

    A walk that its decider approved without cover on purpose gets no mail.
    """
    found = Walk.objects.filter(pk__in=[walk.pk for walk in walks]).select_related("walker__school", "cover", "period")
    sent = 0
    for school, of_school in groupby(found.order_by("walker__school", "pk"), key=lambda walk: walk.walker.school):
        to_check = [walk for walk in of_school if not _was_approved_without_cover(walk)]
        states = cover_needed.states(to_check, calendar=Calendar(school), now=now)
        in_need = [walk for walk in to_check if walk.pk in states and states[walk.pk].why_needed]
        mailed = cover_emails.walks_already_mailed(in_need) if in_need else set()
        new = [walk for walk in in_need if walk.pk not in mailed]
        for walk in new:
            with transaction.atomic():
                cover_emails.send_cover_needed(walk, states[walk.pk], now=now)
        sent += len(new)
    return sent


def _was_approved_without_cover(walk: Walk) -> bool:
    """Whether the decider knew of the lesson and chose "Nobody yet" to cover it."""
    return walk.cover_id is None and walk.covered_lesson_id is not None
