"""When teachers are at school: from the start of their first to the end of their last lesson of a day.

Duties and meetings count as lessons; lessons whose periods do not take place that day (other bells) do not count.
Without a lesson they are away that day. An administrator can set other hours on the page of a person. Nobody knows the
hours of people without any lesson, so these count as always at school.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from ..calendar import Calendar, at_local, local_date
from ..errors import RuleError
from ..models import DayType, HoursAtSchool, Lesson, Person
from ..text.typed import comparable
from . import timetable

Hours = tuple[dt.datetime, dt.datetime]
Times = tuple[dt.time, dt.time]
SetHours = Mapping[DayType, Times | None]  # None: away that day

# "8:00 to 12:00", "8-12.30", "08:00 – 12:00"
TIMES = re.compile(r"(\d{1,2})(?:[:.h](\d{2})?)?\s*(?:-|–|to|bis|a|à)\s*(\d{1,2})(?:[:.h](\d{2})?)?")


class HoursError(RuleError):
    """The typed hours cannot be read. The text says why."""


def hours_at_school(
    person_id: int, date: dt.date, lessons: Iterable[Lesson], *, teaches: bool = True, calendar: Calendar
) -> Hours | None:
    """Return from when to when the person is at school on the date, or None if they are away.

    `lessons` are the person's lessons on that date. `teaches`: whether they have any lesson in the semester.
    """
    day_type = calendar.day_type(date)
    if day_type is None:
        return None
    if (person_id, day_type.pk) in calendar.hours_set:
        times = calendar.hours_set[person_id, day_type.pk]
        return (at_local(calendar.school, date, times[0]), at_local(calendar.school, date, times[1])) if times else None
    taught = _from_first_to_last(lessons, date, calendar)
    if taught is not None:
        return taught
    tomorrow = date + dt.timedelta(days=1)
    whole_day = at_local(calendar.school, date, dt.time.min), at_local(calendar.school, tomorrow, dt.time.min)
    return None if teaches else whole_day


def _from_first_to_last(lessons: Iterable[Lesson], date: dt.date, calendar: Calendar) -> Hours | None:
    ids = {lesson.period_id for lesson in lessons}
    times = [calendar.times(date, period) for period in calendar.periods_on(date) if period.pk in ids]
    return (min(start for start, _end in times), max(end for _start, end in times)) if times else None


def covers(hours: Hours | None, times: Hours) -> bool:
    """Whether somebody with these hours is at school from the start to the end of these times."""
    return hours is not None and hours[0] <= times[0] and times[1] <= hours[1]


def at_school_then(times: Hours, *, calendar: Calendar) -> Q:
    """Return the filter for people who are at school all that time: the same rule as above, for the database."""
    starts_at, ends_at = times
    date = local_date(calendar.school, starts_at)
    day_type = calendar.day_type(date)
    semester = calendar.semester_on(date)
    if day_type is None or semester is None:
        return Q()
    set_that_day = {person for person, day in calendar.hours_set if day == day_type.pk}
    here = {person for person in set_that_day if covers(hours_at_school(person, date, (), calendar=calendar), times)}
    bells = [(bell, calendar.times(date, bell)) for bell in calendar.periods_on(date)]
    before = timetable.lessons_in(
        date, [bell for bell, (start, _end) in bells if start <= starts_at], calendar=calendar
    )
    after = timetable.lessons_in(date, [bell for bell, (_start, end) in bells if end >= ends_at], calendar=calendar)
    own = Q(teacher=OuterRef("pk"))
    between_lessons = Q(Exists(before.filter(own)), Exists(after.filter(own)))
    unknown = ~Q(Exists(Lesson.objects.filter(own, semester=semester)))
    return Q(pk__in=here) | (~Q(pk__in=set_that_day) & (between_lessons | unknown))


def by_timetable(lessons: Iterable[Lesson], day_type: DayType, *, today: dt.date, calendar: Calendar) -> str:
    """Return what these lessons of a person say about a day: "08:15 to 12:00", "away", or nothing without any lesson.

    The times are those of the next school day of this kind.
    """
    days = calendar.school_days(calendar.first_day_to_plan(today), include=True)
    date = next((date for date in days if calendar.day_type(date) == day_type), None)
    semester = calendar.semester_on(date) if date else None
    if date is None or semester is None:
        return ""
    own = [lesson for lesson in lessons if lesson.semester_id == semester.pk]
    that_day = [lesson for lesson in own if lesson.day_type_id == day_type.pk and lesson.is_valid_on(date)]
    if not own:
        return ""
    taught = _from_first_to_last(that_day, date, calendar)
    if taught is None:
        return in_words(None)
    zone = calendar.school.zone
    return in_words((taught[0].astimezone(zone).time(), taught[1].astimezone(zone).time()))


def read_hours(text: str) -> Times | None:
    """Return the times of "8:00 to 12:00", and None for "away". Raise HoursError for other texts."""
    words = comparable(text)
    if words in ("away", comparable(_("away"))):
        return None
    found = TIMES.fullmatch(words)
    if found is None:
        raise HoursError(_("Write hours such as 8:00 to 12:00, or away"))
    start_hour, start_minute, end_hour, end_minute = (int(part or 0) for part in found.groups())
    try:
        times = dt.time(start_hour, start_minute), dt.time(end_hour, end_minute)
    except ValueError as error:
        raise HoursError(_("Write hours such as 8:00 to 12:00, or away")) from error
    if times[0] >= times[1]:
        raise HoursError(_("Write a later time for the end"))
    return times


def in_words(times: Times | None) -> str:
    """Return what read_hours reads."""
    if times is None:
        return _("away")
    return _("%(start)s to %(end)s") % {"start": f"{times[0]:%H:%M}", "end": f"{times[1]:%H:%M}"}


def set_hours(person: Person, hours: SetHours) -> None:
    """Replace the hours that were set for the person. On other days the timetable tells them.

    Lock the school before people (docs/adr/0011): a change renews the version of its directory.
    """
    stored = {row.day_type_id: row.times for row in person.hours_at_school.all()}
    if stored == {day.pk: times for day, times in hours.items()}:
        return
    person.hours_at_school.all().delete()
    HoursAtSchool.objects.bulk_create(
        HoursAtSchool(
            person=person, day_type=day, starts_at=times[0] if times else None, ends_at=times[1] if times else None
        )
        for day, times in hours.items()
    )
