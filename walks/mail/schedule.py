"""Which reminders a walk owes and when they are due; the words are in reminders.py (and, of praise, in observations).

Moments are computed on the school's clock and stored in UTC. A key names the agreement and the day it is for, so that
a walk that is agreed anew gets its reminder, also on a day it had before; the outbox keeps a mail from going out twice.
"""

from __future__ import annotations

import datetime as dt

from notifications import reminders
from notifications.quiet import MORNING, fit_quiet_hours, morning_after, next_morning
from school.calendar import Calendar, at_local, local_date
from school.models import Person

from .. import status
from ..models import Walk
from ..permissions import deciders

EVENING = dt.time(17)
DIGEST = "walks.approvals_digest"
TODAY = "walks.today"
MISSED = "walks.missed"
FORGOTTEN = "walks.forgotten"
AT_FINISH, FOUR_HOURS, LATE = "praise_at_finish", "praise_4h", "praise_late"  # handled in observations
OF_A_WALK = (TODAY, MISSED, FORGOTTEN, AT_FINISH, FOUR_HOURS, LATE)
A_DAY = dt.timedelta(hours=24)
BEFORE_THE_MARK = dt.timedelta(hours=4)


def after_request(walk: Walk, *, now: dt.datetime) -> None:
    """Schedule each decider's digest for the morning of the first school day more than 24 hours later."""
    calendar = Calendar(walk.walker.school)
    for person in deciders(walk):
        digest_for(person, waiting_since=now, calendar=calendar, now=now)


def digest_for(person: Person, *, waiting_since: dt.datetime, calendar: Calendar, now: dt.datetime) -> None:
    """Schedule one digest per decider and morning, whatever the number of waiting walks."""
    due_at = morning_after(calendar, waiting_since + A_DAY)
    if due_at is None:
        return
    key = f"approvals_digest:{person.pk}:{local_date(calendar.school, due_at)}"
    reminders.schedule(kind=DIGEST, key=key, person=person, about_id=person.pk, due_at=due_at, now=now)


def after_approval(walk: Walk, *, now: dt.datetime) -> None:
    """Schedule the walker's reminder on the morning of the walk, and one for a missed slot."""
    school = walk.walker.school
    calendar = Calendar(school)
    today = fit_quiet_hours(school, at_local(school, walk.date, MORNING), deadline=walk.starts_at, calendar=calendar)
    if today > now:
        _schedule(walk, TODAY, f"walk_today:{agreement(walk)}", today, now=now, deadline=walk.starts_at)
    _schedule_missed_mail(walk, calendar, now=now)


def after_slip(walk: Walk, *, now: dt.datetime) -> None:
    """Schedule the mail about a missed slot, also for a walk that was started."""
    _schedule_missed_mail(walk, Calendar(walk.walker.school), now=now)


def _schedule_missed_mail(walk: Walk, calendar: Calendar, *, now: dt.datetime) -> None:
    slipped = next_morning(calendar, max(walk.date, local_date(calendar.school, now)))
    if slipped:
        _schedule(walk, MISSED, f"walk_missed:{agreement(walk)}", slipped, now=now)


def after_start(walk: Walk, *, now: dt.datetime) -> None:
    """Schedule the question in the evening whether the walk is over; the system ends it a day later."""
    school = walk.walker.school
    end = status.expected_end(walk)
    evening = max(at_local(school, local_date(school, end), EVENING), end + status.LONGER)
    asked = fit_quiet_hours(school, evening, deadline=end + A_DAY, calendar=Calendar(school))
    if asked > now:
        _schedule(walk, FORGOTTEN, f"walk_forgotten:{agreement(walk)}", asked, now=now, deadline=end + A_DAY)


def agreement(walk: Walk) -> str:
    """Return the name of the current approval, which is part of its reminders' keys."""
    return f"{walk.pk}:{walk.calendar_sequence}:{walk.date}"


def after_finish(walk: Walk, *, now: dt.datetime) -> None:
    """Schedule the three praise reminders: at finish, 4 hours before the 24 hours end, on the next school day."""
    calendar = Calendar(walk.walker.school)
    at_finish = fit_quiet_hours(walk.walker.school, now, deadline=walk.praise_due_at, calendar=calendar)
    if at_finish >= now:
        _schedule(walk, AT_FINISH, f"{AT_FINISH}:{walk.pk}", at_finish, now=now, deadline=walk.praise_due_at)
    _before_and_after_the_mark(walk, calendar, str(walk.pk), now=now)


def after_correction(walk: Walk, *, now: dt.datetime) -> None:
    """Move reminders still to come after the walk's times were corrected."""
    _before_and_after_the_mark(walk, Calendar(walk.walker.school), str(walk.pk), now=now)


def after_reopening(walk: Walk, *, now: dt.datetime, times: int) -> None:
    """Schedule the remaining reminders again after praise was taken back; those already sent are not repeated."""
    _before_and_after_the_mark(walk, Calendar(walk.walker.school), f"{walk.pk}:{times}", now=now)


def forget(walk: Walk, *, now: dt.datetime) -> None:
    """Drop all reminders of this walk."""
    for kind in OF_A_WALK:
        reminders.drop(about_id=walk.pk, kind=kind, now=now)


def _before_and_after_the_mark(walk: Walk, calendar: Calendar, name: str, *, now: dt.datetime) -> None:
    school = walk.walker.school
    mark = walk.praise_due_at
    assert mark is not None
    before = fit_quiet_hours(school, mark - BEFORE_THE_MARK, deadline=mark, calendar=calendar)
    if before > now:
        _schedule(walk, FOUR_HOURS, f"{FOUR_HOURS}:{name}", before, now=now, deadline=mark)
    late = next_morning(calendar, local_date(school, mark))
    if late is not None and late > now:
        _schedule(walk, LATE, f"{LATE}:{name}", late, now=now)


def _schedule(
    walk: Walk, kind: str, key: str, due_at: dt.datetime, *, now: dt.datetime, deadline: dt.datetime | None = None
) -> None:
    reminders.schedule(
        kind=kind, key=key, person=walk.walker, about_id=walk.pk, due_at=due_at, deadline=deadline, now=now
    )
