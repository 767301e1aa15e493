"""Which reminders a walk needs, and when they are due. `reminders.py` writes their mails; observations those of praise.

Due times are computed in the school's time zone and stored in UTC. The key of a reminder contains the approval and the
day, so that a walk that is approved again gets new reminders, even for the same day.
"""

from __future__ import annotations

import datetime as dt

from notifications import reminders
from notifications.quiet import MORNING, fit_quiet_hours, morning_after, next_morning
from school.calendar import Calendar, at_local, local_date
from school.models import Person

from .. import status
from ..models import Walk
from ..permissions import who_decides

EVENING = dt.time(17)
DIGEST = "walks.approvals_digest"
TODAY = "walks.today"
MISSED = "walks.missed"
FORGOTTEN = "walks.forgotten"
# The handlers of these three are in observations.
AT_FINISH = "praise_at_finish"
FOUR_HOURS = "praise_4h"
LATE = "praise_late"
REMINDERS_OF_A_WALK = (TODAY, MISSED, FORGOTTEN, AT_FINISH, FOUR_HOURS, LATE)
A_DAY = dt.timedelta(hours=24)
BEFORE_DEADLINE = dt.timedelta(hours=4)


def after_request(walk: Walk, *, now: dt.datetime) -> None:
    """Schedule each decider's digest for the morning of the first school day more than 24 hours later."""
    calendar = Calendar(walk.walker.school)
    for person in who_decides(walk):
        schedule_digest(person, waiting_since=now, calendar=calendar, now=now)


def schedule_digest(person: Person, *, waiting_since: dt.datetime, calendar: Calendar, now: dt.datetime) -> None:
    """Schedule the decider's digest for the first school morning after the walk has waited a day.

    There is one digest for each decider and morning, however many walks wait.
    """
    due_at = morning_after(calendar, waiting_since + A_DAY)
    if due_at is None:
        return
    key = f"approvals_digest:{person.pk}:{local_date(calendar.school, due_at)}"
    reminders.schedule(kind=DIGEST, key=key, person=person, about_id=person.pk, due_at=due_at, now=now)


def after_approval(walk: Walk, *, now: dt.datetime) -> None:
    """Schedule the mail on the morning of the walk, and the mail that is sent if the walk is missed."""
    calendar = Calendar(walk.walker.school)
    _schedule_mail_of_the_day(walk, calendar, now=now)
    _schedule_missed_mail(walk, calendar, now=now)


def after_drop_in(walk: Walk, *, now: dt.datetime) -> None:
    """Schedule the mail on the morning of a visit through an open door. Nobody is reminded of one they missed."""
    _schedule_mail_of_the_day(walk, Calendar(walk.walker.school), now=now)


def _schedule_mail_of_the_day(walk: Walk, calendar: Calendar, *, now: dt.datetime) -> None:
    school = walk.walker.school
    due_at = fit_quiet_hours(school, at_local(school, walk.date, MORNING), deadline=walk.starts_at, calendar=calendar)
    if due_at > now:
        _schedule(walk, TODAY, f"walk_today:{approval_key(walk)}", due_at, now=now, deadline=walk.starts_at)


def after_missed_walk(walk: Walk, *, now: dt.datetime) -> None:
    """Schedule the mail about a missed walk, for a walk that was started but not walked."""
    _schedule_missed_mail(walk, Calendar(walk.walker.school), now=now)


def _schedule_missed_mail(walk: Walk, calendar: Calendar, *, now: dt.datetime) -> None:
    due_at = next_morning(calendar, max(walk.date, local_date(calendar.school, now)))
    if due_at:
        _schedule(walk, MISSED, f"walk_missed:{approval_key(walk)}", due_at, now=now)


def after_start(walk: Walk, *, now: dt.datetime) -> None:
    """Schedule the mail that asks in the evening whether the walk is over. A day later, the system ends the walk."""
    school = walk.walker.school
    end = status.expected_end(walk)
    evening = max(at_local(school, local_date(school, end), EVENING), end + status.FORGOTTEN_AFTER)
    due_at = fit_quiet_hours(school, evening, deadline=end + A_DAY, calendar=Calendar(school))
    if due_at > now:
        _schedule(walk, FORGOTTEN, f"walk_forgotten:{approval_key(walk)}", due_at, now=now, deadline=end + A_DAY)


def approval_key(walk: Walk) -> str:
    """Return what identifies the current approval in the keys of its reminders."""
    return f"{walk.pk}:{walk.calendar_sequence}:{walk.date}"


def after_finish(walk: Walk, *, now: dt.datetime) -> None:
    """Schedule the three praise reminders: at the finish, 4 hours before praise is due, and on the next school day."""
    calendar = Calendar(walk.walker.school)
    at_finish = fit_quiet_hours(walk.walker.school, now, deadline=walk.praise_due_at, calendar=calendar)
    if at_finish >= now:
        _schedule(walk, AT_FINISH, f"{AT_FINISH}:{walk.pk}", at_finish, now=now, deadline=walk.praise_due_at)
    _schedule_around_deadline(walk, calendar, str(walk.pk), now=now)


def after_correction(walk: Walk, *, now: dt.datetime) -> None:
    """Move the praise reminders that are not due yet, after the walker corrected the times of the walk."""
    _schedule_around_deadline(walk, Calendar(walk.walker.school), str(walk.pk), now=now)


def after_reopening(walk: Walk, *, now: dt.datetime, times: int) -> None:
    """Schedule the remaining praise reminders again, after praise was taken back.

    `times` is how often the walk was reopened; it makes the keys differ from the earlier ones.
    """
    _schedule_around_deadline(walk, Calendar(walk.walker.school), f"{walk.pk}:{times}", now=now)


def drop_reminders(walk: Walk, *, now: dt.datetime) -> None:
    """Drop all reminders of this walk."""
    for kind in REMINDERS_OF_A_WALK:
        reminders.drop(about_id=walk.pk, kind=kind, now=now)


def _schedule_around_deadline(walk: Walk, calendar: Calendar, key_end: str, *, now: dt.datetime) -> None:
    """Schedule the praise reminders before and after the deadline; `key_end` is the end of their keys."""
    school = walk.walker.school
    deadline = walk.praise_due_at
    assert deadline is not None
    before = fit_quiet_hours(school, deadline - BEFORE_DEADLINE, deadline=deadline, calendar=calendar)
    if before > now:
        _schedule(walk, FOUR_HOURS, f"{FOUR_HOURS}:{key_end}", before, now=now, deadline=deadline)
    late = next_morning(calendar, local_date(school, deadline))
    if late is not None and late > now:
        _schedule(walk, LATE, f"{LATE}:{key_end}", late, now=now)


def _schedule(
    walk: Walk, kind: str, key: str, due_at: dt.datetime, *, now: dt.datetime, deadline: dt.datetime | None = None
) -> None:
    reminders.schedule(
        kind=kind, key=key, person=walk.walker, about_id=walk.pk, due_at=due_at, deadline=deadline, now=now
    )
