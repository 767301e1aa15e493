"""Quiet hours: reminders are sent only on school days, and only between the hours that the school set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from school.calendar import SEARCH_DAYS, Calendar, at_local, local_date
from school.models import School

MARGIN = dt.timedelta(minutes=15)  # a reminder that is moved earlier is sent this long before quiet hours begin
MORNING = dt.time(7, 30)  # when reminders about a whole day are sent
MIDNIGHT = dt.time(0, 0)
Window = tuple[dt.datetime, dt.datetime]


def fit_quiet_hours(
    school: School, moment: dt.datetime, *, deadline: dt.datetime | None = None, calendar: Calendar | None = None
) -> dt.datetime:
    """Return when to send a reminder that is planned for this moment.

    On a school day outside quiet hours the moment stays. Otherwise it moves to the end of the quiet hours or, if that
    is not before the deadline, to 15 minutes before they began. That may be in the past: then the caller drops the
    reminder. If no school day is near, the moment stays too.
    """
    calendar = calendar or Calendar(school)
    later = _next_allowed(calendar, moment)
    if later is None or (deadline is not None and later >= deadline > moment):
        return _last_allowed(calendar, moment) or moment
    return later


def morning_after(calendar: Calendar, moment: dt.datetime) -> dt.datetime | None:
    """Return the first school morning at or after the moment, outside quiet hours."""
    school = calendar.school
    mornings = (
        _allowed_morning(calendar, date) for date in calendar.school_days(local_date(school, moment), include=True)
    )
    return next((morning for morning in mornings if morning >= moment), None)


def next_morning(calendar: Calendar, date: dt.date) -> dt.datetime | None:
    """Return the morning of the first school day after the date."""
    return next((_allowed_morning(calendar, day) for day in calendar.school_days(date)), None)


def _allowed_morning(calendar: Calendar, date: dt.date) -> dt.datetime:
    school: School = calendar.school
    return fit_quiet_hours(school, at_local(school, date, MORNING), calendar=calendar)


def _next_allowed(calendar: Calendar, moment: dt.datetime) -> dt.datetime | None:
    today = local_date(calendar.school, moment)
    for offset in range(SEARCH_DAYS):
        for start, end in _allowed_windows(calendar, today + dt.timedelta(days=offset)):
            if moment < end:
                return max(moment, start)
    return None


def _last_allowed(calendar: Calendar, moment: dt.datetime) -> dt.datetime | None:
    today = local_date(calendar.school, moment)
    for offset in range(SEARCH_DAYS):
        for start, end in reversed(list(_allowed_windows(calendar, today - dt.timedelta(days=offset)))):
            if start <= moment:
                return max(start, end - MARGIN)
    return None


def _allowed_windows(calendar: Calendar, date: dt.date) -> Iterator[Window]:
    """Yield the times of a date when reminders may be sent: one span, or two if quiet hours lie within the day."""
    if not calendar.is_school_day(date):
        return
    school = calendar.school
    begin = at_local(school, date, MIDNIGHT)
    end = at_local(school, date + dt.timedelta(days=1), MIDNIGHT)
    quiet_from = at_local(school, date, school.quiet_from)
    quiet_until = at_local(school, date, school.quiet_until)
    if school.quiet_until < school.quiet_from:  # quiet overnight, for example from 18:00 to 7:00
        yield quiet_until, quiet_from
    elif school.quiet_from == school.quiet_until:  # never quiet
        yield begin, end
    else:
        if begin < quiet_from:
            yield begin, quiet_from
        if quiet_until < end:
            yield quiet_until, end
