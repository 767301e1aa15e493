"""Who covers an agreed walk changes, or nobody has to; and who hears when a walk needs cover."""

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
from ..planning.clashes import lesson_taught_then
from . import history, locks, transitions


@transaction.atomic
def change(walk: Walk, *, cover: Person, instead_of: int | None, by: Person, now: dt.datetime) -> None:
    """Another person covers. `instead_of` is the id of the person who covered when the page was shown.

    The previous cover hears that they are free again; the new one and the walker get a mail.
    """
    locks.lock_people(walk.walker, cover)
    lesson = locks.lock_lesson(walk)
    locks.lock_walk(walk)
    if walk.cover_id == cover.pk:
        return  # the button was pressed twice
    _refuse_late(walk, instead_of, now)
    if lesson is None:
        raise RuleError(_("%(name)s has no class then.") % {"name": walk.walker.given_name})
    locks.refuse_busy(cover, walk)
    transitions.move(walk, "change_cover", by=by, now=now, cover=cover, covered_lesson=lesson)
    cover_emails.send_cover_changed(walk, now=now)


@transaction.atomic
def release(walk: Walk, *, instead_of: int | None, by: Person, now: dt.datetime) -> None:
    """The walker has no lesson then any more: the cover is free again, and gets a mail."""
    locks.lock_walk(walk)
    if walk.cover_id is None:
        return  # the button was pressed twice
    _refuse_late(walk, instead_of, now)
    if lesson_taught_then(walk.walker, walk) is not None:
        raise RuleError(_("%(name)s has a class then, so it needs cover.") % {"name": walk.walker.given_name})
    transitions.move(walk, "release_cover", by=by, now=now, cover=None, covered_lesson=None)
    cover_emails.send_cover_changed(walk, now=now)


def _refuse_late(walk: Walk, instead_of: int | None, now: dt.datetime) -> None:
    """Not once somebody else was first, or the walk is over. Lock the walk first."""
    if walk.cover_id != instead_of:
        raise AlreadyDecidedError(history.who_was_first(walk))
    if walk.ends_at <= now:
        raise TimePassedError(_("This walk is over, so its cover stays as it was."))


def sweep(now: dt.datetime) -> int:
    """Mail about each approved walk ahead that needs cover. Return the number of walks."""
    return send_cover_needed_mails(Walk.objects.coming(now), now=now)


def send_cover_needed_mails(walks: Iterable[Walk], *, now: dt.datetime) -> int:
    """Once an agreement, to the deciders and the walker; not of a walk that was agreed without cover knowingly."""
    found = Walk.objects.filter(pk__in=[walk.pk for walk in walks]).select_related("walker__school", "cover", "period")
    sent = 0
    for school, theirs in groupby(found.order_by("walker__school", "pk"), key=lambda walk: walk.walker.school):
        unknown = [walk for walk in theirs if not _was_agreed_knowingly(walk)]
        states = cover_needed.states(unknown, calendar=Calendar(school), now=now)
        in_need = [walk for walk in unknown if walk.pk in states and states[walk.pk].reason]
        mailed = cover_emails.were_sent(in_need) if in_need else set()
        new = [walk for walk in in_need if walk.pk not in mailed]
        for walk in new:
            with transaction.atomic():
                cover_emails.send_cover_needed(walk, states[walk.pk], now=now)
        sent += len(new)
    return sent


def _was_agreed_knowingly(walk: Walk) -> bool:
    """Whether it was approved with "Nobody yet": the lesson was known, and nobody was chosen to cover it."""
    return walk.cover_id is None and walk.covered_lesson_id is not None
