"""The takeaway: one thing that the walker will try, perhaps on a chosen day, and its outcome."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import islice

from django.db import transaction
from django.db.models import Case, Q, When
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
from ..permissions import may_write_takeaway, owns_takeaway

DAYS_OFFERED = 10
REMINDER = "takeaway_day"


class EmptyTakeawayError(RuleError):
    """The takeaway has no text."""


def days_to_try(school: School, *, now: dt.datetime) -> list[dt.date]:
    """Return the next ten school days, from which the walker chooses one for the reminder."""
    return list(islice(Calendar(school).school_days(local_date(school, now)), DAYS_OFFERED))


def suggested_days(days: Sequence[dt.date]) -> list[dt.date]:
    """Return the first of these school days, and the first one a week or more later."""
    if not days:
        return []
    a_week_later = days[0] + dt.timedelta(days=7)
    return [days[0], *islice((day for day in days if day >= a_week_later), 1)]


def notes_of_walk(walk: Walk) -> list[Note]:
    """Return the walker's notes with their rooms, those that begin with "I’ll borrow" first, then oldest first."""
    start = str(BORROW_STARTER).rstrip("…")
    to_borrow = Q(text__istartswith=start) | Q(text__istartswith=start.replace("’", "'"))
    own = Note.objects.visible_to(walk.walker).filter(stop__walk=walk).exclude(text="").select_related("stop__room")
    return list(own.order_by(Case(When(to_borrow, then=0), default=1), "created_at"))


@transaction.atomic
def write(walk: Walk, *, text: str, remind_on: dt.date | None, by: Person, now: dt.datetime) -> Takeaway:
    """Store the takeaway, which may complete the walk. The walker can change it later."""
    if not may_write_takeaway(by, walk):
        raise NotAllowedError(_("Only the walker can write the takeaway, after the walk."))
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
    # Each chosen day gets a reminder of its own. Its handler checks whether the day is still chosen.
    assert takeaway.remind_on is not None
    school = walk.walker.school
    due_at = fit_quiet_hours(school, at_local(school, takeaway.remind_on, MORNING))
    key = f"{REMINDER}:{walk.pk}:{takeaway.remind_on}"
    reminders.schedule(kind=REMINDER, key=key, person=walk.walker, about_id=walk.pk, due_at=due_at, now=now)


def record_outcome(takeaway: Takeaway, *, outcome: str, by: Person, now: dt.datetime) -> None:
    """Store the outcome of the takeaway. An empty outcome removes the answer."""
    if not owns_takeaway(by, takeaway):
        raise NotAllowedError(_("Only the walker can say how the idea went."))
    at = now if outcome else None
    Takeaway.objects.filter(pk=takeaway.pk).update(outcome=outcome, outcome_at=at)
