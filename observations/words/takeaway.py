"""The takeaway: one thing that the walker will try, perhaps on a chosen day, and its outcome."""

from __future__ import annotations

import datetime as dt
from itertools import islice

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from notifications import reminders
from notifications.quiet import MORNING, fit_quiet_hours
from school.calendar import Calendar, at_local, local_date
from school.errors import NotAllowedError, RuleError
from school.models import Person, School
from school.text.typed import one_line
from walks.models import Walk
from walks.workflow import completion

from ..content import BORROW_STARTER
from ..models import Note, Takeaway
from ..permissions import may_take_away, owns_idea

DAYS_OFFERED = 10
REMINDER = "takeaway_day"


class EmptyTakeawayError(RuleError):
    """The takeaway has no text."""


def days_to_try(school: School, *, now: dt.datetime) -> list[dt.date]:
    """Return the next ten school days, from which the walker chooses one for the reminder."""
    return list(islice(Calendar(school).school_days(local_date(school, now)), DAYS_OFFERED))


def borrowed(walk: Walk) -> list[Note]:
    """Return the walker's notes that begin with "I’ll borrow", in the order they were begun."""
    begins = str(BORROW_STARTER).rstrip("…")
    fitting = Q(text__istartswith=begins) | Q(text__istartswith=begins.replace("’", "'"))
    return list(Note.objects.visible_to(walk.walker).filter(fitting, stop__walk=walk))


@transaction.atomic
def write(walk: Walk, *, text: str, remind_on: dt.date | None, by: Person, now: dt.datetime) -> Takeaway:
    """Store the takeaway, which may complete the walk. It may be changed later."""
    if not may_take_away(by, walk):
        raise NotAllowedError(_("The takeaway is written by the walker, after the walk."))
    words = one_line(text)
    if not words:
        raise EmptyTakeawayError(_("Write one line about what you will try"))
    fields = {"text": words, "remind_on": remind_on, "updated_at": now}
    takeaway, _created = Takeaway.objects.update_or_create(walk=walk, defaults=fields)
    if remind_on is not None:
        _schedule(takeaway, walk, now=now)
    if walk.takeaway_at is None:
        completion.mark_takeaway(walk, by=by, now=now)
    return takeaway


def _schedule(takeaway: Takeaway, walk: Walk, *, now: dt.datetime) -> None:
    # Each chosen day has a reminder of its own. When one is due, its handler checks whether that day is still chosen.
    assert takeaway.remind_on is not None
    school = walk.walker.school
    morning = fit_quiet_hours(school, at_local(school, takeaway.remind_on, MORNING))
    key = f"{REMINDER}:{walk.pk}:{takeaway.remind_on}"
    reminders.schedule(kind=REMINDER, key=key, person=walk.walker, about_id=walk.pk, due_at=morning, now=now)


def record_outcome(takeaway: Takeaway, *, outcome: str, by: Person, now: dt.datetime) -> None:
    """Store the outcome of the takeaway. An empty outcome removes the answer."""
    if not owns_idea(by, takeaway):
        raise NotAllowedError(_("Only you can say how your idea went."))
    at = now if outcome else None
    Takeaway.objects.filter(pk=takeaway.pk).update(outcome=outcome, outcome_at=at)
